//! What understanding a message costs: `cargo bench --bench understanding`. Each line it prints is a figure of
//! BENCHMARKS.md. The built-in company, one thread, every text different, no server.

use std::path::Path;
use std::time::Instant;

use novahouse::knowledge::understanding_at;
use novahouse::nlu::Nlu;
use novahouse::nlu::entities::{Context, extract};

const MESSAGES: usize = 8_000;
const LONG_MESSAGES: usize = 200;
/// What visitors write; a number makes every text different.
const TEXTS: [&str; 10] = [
    "ile kosztuje wykończenie mieszkania {n} m2 w Gdańsku",
    "jak długo trwa remont pod klucz",
    "Dzień dobry, chciałabym zapytać o wycenę, mamy 62 metry w Sopocie i odbiór kluczy w marcu",
    "macie gwarancję?",
    "jestem Anna Nowak, proszę o telefon jutro po 17, 600 100 200",
    "do you work in Gdynia, building {n}?",
    "what does smart home cost in a flat of {n} square metres",
    "was ist im Premium Paket enthalten",
    "Wie lange dauert der Ausbau einer Wohnung mit {n} Quadratmetern?",
    "can I talk to somebody next Tuesday at 5 pm",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // No folder: the built-in company, learned now.
    let began = Instant::now();
    let (nlu, knowledge) = understanding_at(Path::new("/nonexistent"))?;
    println!(
        "reading the built-in company and training three languages side by side: {:.2} s",
        began.elapsed().as_secs_f64()
    );
    println!(
        "models in memory: {:.1} MB",
        nlu.bytes() as f64 / 1_000_000.0
    );

    let bytes = nlu.encode();
    let began = Instant::now();
    let again = Nlu::decode(&bytes, &nlu.key())?;
    println!(
        "the trained model read back: {:.1} ms",
        began.elapsed().as_secs_f64() * 1_000.0
    );

    let context = knowledge.context(1_795_000_000_000);
    let mut usual_us: Vec<f64> = TEXTS
        .iter()
        .cycle()
        .take(MESSAGES)
        .enumerate()
        .map(|(number, text)| text.replace("{n}", &number.to_string()))
        .map(|text| understanding_us(&text, &again, &context))
        .collect();
    print_times("language, intent and data of a message", &mut usual_us);

    let mut long_us: Vec<f64> = TEXTS
        .iter()
        .cycle()
        .take(LONG_MESSAGES)
        .map(|text| text.chars().cycle().take(2_000).collect::<String>())
        .map(|text| understanding_us(&text, &again, &context))
        .collect();
    print_times("the same of 2,000 characters", &mut long_us);
    Ok(())
}

/// How long it takes to understand `text`, in microseconds.
fn understanding_us(text: &str, nlu: &Nlu, context: &Context) -> f64 {
    let began = Instant::now();
    let understood = nlu.understand(text);
    let (lang, _) = understood.pick(None);
    std::hint::black_box(extract(text, lang, context));
    began.elapsed().as_secs_f64() * 1e6
}

fn print_times(what: &str, times_us: &mut [f64]) {
    times_us.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| times_us[(times_us.len() - 1) * percent / 100];
    println!(
        "{what}: p50 {:.1} µs, p99 {:.1} µs, slowest {:.1} µs",
        at(50),
        at(99),
        at(100)
    );
}
