//! Whatever a model answers, nothing is let through that the evidence does not say. What is invented is known here by how
//! it was made, not by reading it back.

use proptest::prelude::*;

use super::*;
use crate::llm::sieve::Sieve;

/// What the company says. No figure, time or address stands in the inventions below.
const POLISH: &str = "Gwarancja na prace wykończeniowe trwa 36 miesięcy. Ceny zaczynają się od 949 zł/m², najwyższa to \
    1 990 zł za metr. Biuro: +48 585 004 663, kontakt@firma.example, https://firma.example/gwarancja. Od 15.10.2026 \
    przyjmujemy nowe zlecenia, odbiór trwa trzy dni. Mamy 120 realizacji w Gdańsku.";
const ENGLISH: &str = "The warranty on finishing work lasts 36 months. Prices start at PLN 949 per m² and end at PLN 1,990 \
    per metre. Office: +48 585 004 663, kontakt@firma.example, https://firma.example/gwarancja. We take new orders from \
    15 October 2026, the handover takes three days. We have completed 120 projects in Gdańsk.";
const GERMAN: &str = "Die Garantie auf den Ausbau beträgt 36 Monate. Die Preise beginnen bei 949 PLN/m² und enden bei \
    1.990 PLN. Büro: +48 585 004 663, kontakt@firma.example, https://firma.example/gwarancja. Ab dem 15. Oktober 2026 \
    nehmen wir neue Aufträge an, die Abnahme dauert drei Tage. Wir haben 120 Projekte in Danzig abgeschlossen.";
const QUOTE_TOTAL: &str = "Razem 56 940 zł.";

fn evidence(lang: Lang) -> Evidence {
    let passage = match lang {
        Lang::Pl => POLISH,
        Lang::En => ENGLISH,
        Lang::De => GERMAN,
    };
    Evidence::new(lang, [passage], [QUOTE_TOTAL], ["/oferta#standard"])
}

#[test]
fn what_the_evidence_says_may_be_said_in_other_words() {
    for (lang, texts) in [
        (
            Lang::Pl,
            &[
                "Na prace wykończeniowe dajemy 36 miesięcy gwarancji.",
                "Gwarancja to trzydzieści sześć miesięcy!",
                "Metr kosztuje od 949 do 1990 zł.",
                "Najwyższa cena to 1.990 PLN za m².",
                "Proszę dzwonić: +48 585-004-663 lub pisać na Kontakt@firma.example.",
                "Więcej: https://firma.example/gwarancja, także /oferta#standard.",
                "Nowe zlecenia od 15.10.2026, odbiór trwa 3 dni.",
                "Wycena: razem 56 940 zł.",
                "Dzień dobry! Chętnie pomożemy, trzeba tylko obejrzeć mieszkanie.",
                "Mamy ponad 120 realizacji.",
            ][..],
        ),
        (
            Lang::En,
            &[
                "You get a 36-month warranty on finishing work.",
                "Prices run from PLN 949 to PLN 1990.",
                "We take orders from 15 October 2026, and one of our people calls you first.",
                "The handover takes 3 days. Feel free to ask, you may also write to kontakt@firma.example.",
                "We'll gladly help with tiles, e.g. in the bathroom.",
            ],
        ),
        (
            Lang::De,
            &[
                "Guten Tag! Die Garantie beträgt sechsunddreißig Monate.",
                "Die Preise beginnen bei 949 PLN, ein Angebot ist schnell gemacht.",
                "Die Abnahme dauert 3 Tage, wir achten auf Qualität.",
                "Ab 15. Oktober 2026 nehmen wir Aufträge an.",
            ],
        ),
    ] {
        let evidence = evidence(lang);
        for text in texts {
            assert_eq!(evidence.check(text), Ok(()), "{text}");
        }
    }
}

/// Figures and times of no evidence above, in words.
const IN_WORDS: [(Lang, &str); 3] = [
    (
        Lang::Pl,
        "pięć lat, pięciu lat, trzyletnia gwarancja, dwa miesiące, dwadzieścia tygodni, sto procent, pół roku, \
        półtora roku, kilkanaście tysięcy złotych, kilkaset złotych, za darmo, gratis, bezpłatnie, \
        w przyszły wtorek, jutro, w marcu, pierwszego maja, co drugi poniedziałek, dożywotnia gwarancja, \
        rok gwarancji, XII 2027, MCMXC zł, lOOO zł, trzydzieści siedem miesięcy, trzydzieści sześć lat, \
        trzysta złotych, dziewięćset czterdzieści dziewięć euro, w południe, rabat, dwukrotnie taniej, \
        połowa ceny, tysiąc, 10% taniej, w weekend, lO miesięcy, firma kropka pl, w ciągu miesiąca, miesiąc, \
        za dzień, five years, kolejnych sto metrów, 15 listopada, 15 miesięcy, 949 dni",
    ),
    (
        Lang::En,
        "five years, ten years, a dozen weeks, half price, half of the price, free of charge, next Tuesday, \
        tomorrow, a year of warranty, twelve months, thirty-seven months, in March, on the first of May, \
        a lifetime warranty, two thousand zloty, a hundred euros, twice a week, fifteen percent, at noon, \
        a discount, a fortnight, in winter, a hundred and twenty metres, thirty-six years, \
        nine hundred forty-nine euros, on Fridays, within 24 hours, by Dec 5, 15 November 2026, 949 euros, \
        nova dot com, in a month, within days, pięć lat, in May",
    ),
    (
        Lang::De,
        "fünf Jahre, zweijährige Garantie, ein Jahr, kostenlos, am Freitag, zum halben Preis, \
        lebenslange Garantie, siebenunddreißig Monate, zweitausend Euro, im März, morgen, ein Dutzend Tage, \
        fünfzehn Prozent, am Wochenende, anderthalb Jahre, sechsunddreißig Jahre, einjährige Garantie, \
        im Frühling, am ersten Mai, zwei Wochen, hundert Euro, doppelt so viel, ein Rabatt, Mo–Fr, \
        in einem Monat, einen ganzen Tag, neunhundertneunundvierzig Euro, zur Hälfte, 15. November, \
        vierzehntägig, einmonatig",
    ),
];

#[test]
fn numbers_times_and_prices_in_words_are_refused() {
    for (lang, inventions) in IN_WORDS {
        let evidence = evidence(lang);
        for invention in inventions.split(", ") {
            for text in [
                invention.to_owned(),
                format!("Gwarancja, Garantie, warranty: {invention}."),
                format!("Tak {invention} oder so."),
            ] {
                assert!(evidence.check(&text).is_err(), "{text}");
            }
        }
    }
}

/// True numbers that count something else.
const TWISTED: &str = "36 zł|36 PLN|36 lat|36 years|36 Jahre|36%|949 euro|949 €|949 dni|1990 m²|120 zł|120 dni|15 zł| \
             15 dni|3 miesiące|3 zł|3 months|3 Monate|2026 zł|663 zł|56 940 euro|949 miesięcy|1 990 dni| \
             949 1990|949000 zł|949 tys. zł|cena to 36|the price is 36|15.11.2026|10.15.2026|2026-10-16| \
             1.990.000 zł|36 949|4663";

/// Prices, durations and shares around a number.
const AMOUNTS: &str = "# zł|# PLN|PLN #|zł #|#zł|# złotych|€#|# €|# euro|$#|# tys. zł|#k PLN|#%|# procent|# miesięcy| \
             # months|# Monate|#-miesięczna|# lat|# years|# Jahre|# dni|# tygodni|# m²|#,5 zł|#.50 PLN| \
             ok. # zł|od # do 1990 zł|949-# zł|949 – # zł|ab # Euro|from # zł|# zł/m²|(#) zł|# realizacji| \
             # projects|cena #|Preis: #|price #";

fn lang() -> impl Strategy<Value = Lang> {
    prop::sample::select(&Lang::ALL[..])
}

/// An amount that the evidence does not name in any unit.
fn number() -> impl Strategy<Value = u32> {
    let known = [
        949, 1990, 36, 120, 15, 10, 2026, 3, 585, 4, 663, 48, 56_940, 940, 56,
    ];
    prop_oneof![2_u32..100, 100_u32..3_000, 3_000_u32..2_000_000]
        .prop_filter("known", move |number| !known.contains(number))
}

fn grouped(number: u32, mark: &str) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(mark);
        }
        out.push(c);
    }
    out
}

/// Prices, durations and shares that nobody said.
fn invented_amount() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(&["", " ", "\u{a0}", ".", ",", "'", "\u{202f}"][..]);
    let form = prop::sample::select(AMOUNTS.split('|').map(str::trim).collect::<Vec<_>>());
    (number(), mark, form)
        .prop_map(|(number, mark, form)| form.replace('#', &grouped(number, mark)))
}

/// A true number that counts something else.
fn twisted_amount() -> impl Strategy<Value = String> {
    prop::sample::select(TWISTED.split('|').map(str::trim).collect::<Vec<_>>())
        .prop_map(str::to_owned)
}

fn invented_date() -> impl Strategy<Value = String> {
    let month = prop::sample::select(
        &[
            "marca", "maja", "March", "April", "Mai", "Dezember", "grudnia",
        ][..],
    );
    let form = prop::sample::select(
        &[
            "D.0M.2027",
            "2027-0M-D",
            "D/0M/2027",
            "D N",
            "D N 2027",
            "N D, 2027",
            "D. N",
            "N 2027",
            "D.0M",
            "D.0M.",
            "D:30",
            "18:D",
            "godz. D",
            "o D:00",
        ][..],
    );
    (11_u8..=28, 1_u8..=9, month, form)
        .prop_filter("known", |(day, ..)| *day != 15)
        .prop_map(|(day, month, name, form)| {
            let month = month.to_string();
            form.replace('D', &day.to_string())
                .replace('M', &month)
                .replace('N', name)
        })
}

fn invented_address() -> impl Strategy<Value = String> {
    let host = "[a-z]{3,9}\\.(pl|com|de|io|example|xyz)";
    prop_oneof![
        host.prop_map(|host| format!("https://{host}/a")),
        host.prop_map(|host| format!("www.{host}")),
        host.prop_map(|host| format!("[tutaj](http://{host})")),
        host.prop_map(|host| format!("<a href=\"//{host}\">")),
        host.prop_map(|host| format!("biuro@{host}")),
        host.prop_map(|host| host.replace('.', " . "))
            .prop_filter("no word", |host| host.ends_with("pl")
                || host.ends_with("com")
                || host.ends_with("de")),
        host.prop_filter("of the evidence", |host| host != "firma.example"),
        Just("https://firma.example/inna".to_owned()),
        Just("https://firma.example.evil.example/gwarancja".to_owned()),
        Just("https://kontakt@firma.example".to_owned()),
        Just("/oferta#luxury".to_owned()),
        Just("javascript://firma.example".to_owned()),
    ]
}

fn invented_phone() -> impl Strategy<Value = String> {
    let form = prop::sample::select(
        &[
            "### ### ###",
            "+48 ### ### ###",
            "## ### ## ##",
            "###-###-###",
            "#########",
            "0048 #########",
            "(0) ## #######",
            "# # # # # # # # #",
            "###.###.###",
            "## ## ## ## #",
        ][..],
    );
    (form, prop::collection::vec(0_u8..10, 9))
        .prop_filter("known", |(_, digits)| {
            !digits.starts_with(&[5, 8, 5, 0, 0]) && digits[0] > 0
        })
        .prop_map(|(form, digits)| {
            let mut digits = digits.into_iter().cycle();
            form.chars()
                .map(|c| {
                    if c == '#' {
                        char::from(b'0' + digits.next().unwrap_or(0))
                    } else {
                        c
                    }
                })
                .collect()
        })
}

/// Spells the digits of `text` in a way that people still read.
fn disguised(text: &str, how: u8) -> String {
    let shift = |base: u32| {
        text.chars()
            .map(|c| match c.to_digit(10) {
                Some(digit) => char::from_u32(base + digit).unwrap_or(c),
                None => c,
            })
            .collect()
    };
    let between = |mark: &str| {
        let mut out = String::new();
        let mut last = ' ';
        for c in text.chars() {
            if last.is_ascii_digit() && c.is_ascii_digit() {
                out.push_str(mark);
            }
            out.push(c);
            last = c;
        }
        out
    };
    match how {
        1 => shift(0xff10),
        2 => shift(0x0660),
        3 => shift(0x1d7ce),
        4 => shift(0x2080),
        5 => between("\u{200b}"),
        6 => between("\u{ad}"),
        7 => between("**"),
        8 => between("🙂"),
        9 => text.replace('0', "O").replace('1', "l"),
        // Without any digit left, "So" for 50 is a word and nobody reads a number.
        10 if text.contains(['2', '3', '4', '6', '7', '8', '9']) => {
            text.replace('0', "o").replace('1', "I").replace('5', "S")
        }
        11 => between("\u{2060}"),
        12 => between("\u{fe0f}\u{20e3}"),
        13 => text
            .replace('3', "&#51;")
            .replace('1', "&#49;")
            .replace('7', "&#55;"),
        14 => text
            .chars()
            .rev()
            .collect::<String>()
            .replace(' ', "\u{202e}"),
        _ => text.to_owned(),
    }
}

fn invention() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        3 => invented_amount(),
        2 => twisted_amount(),
        2 => invented_date(),
        2 => invented_address(),
        2 => invented_phone(),
    ];
    // A true figure in strange digits is refused too, so every disguise may be tried on everything.
    (plain, prop_oneof![2 => Just(0_u8), 1 => 1_u8..=13])
        .prop_map(|(text, how)| disguised(&text, how))
}

/// Words before and behind it, of the evidence and others.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(
        &[
            "Gwarancja",
            "cena",
            "prace",
            "wykończeniowe",
            "Prices",
            "warranty",
            "finishing",
            "Garantie",
            "Ausbau",
            "nowe",
            "zlecenia",
            "i",
            "oraz",
            "na",
            "to",
            "wynosi",
            "is",
            "the",
            "die",
            "beträgt",
            "realizacji",
            "projects",
            "za",
            "metr",
            "od",
            "do",
            "about",
            "ok.",
            "np.",
            "tylko",
        ][..],
    );
    prop::collection::vec(word, 0..4).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn nothing_invented_passes_however_it_is_spelled(
        lang in lang(),
        invention in invention(),
        (before, behind) in (words(), words()),
    ) {
        let text = tidy(&format!("{before} {invention} {behind}."));
        prop_assert!(evidence(lang).check(text.trim()).is_err(), "{text:?}");
    }

    #[test]
    fn no_sentence_with_an_invention_comes_out_however_the_answer_arrives(
        lang in lang(),
        inventions in prop::collection::vec((invention(), words()), 1..3),
        honest in 0_usize..3,
        sizes in prop::collection::vec(1_usize..9, 1..20),
    ) {
        let mut answer = String::new();
        let truth = match lang {
            Lang::Pl => "Gwarancja na prace wykończeniowe trwa 36 miesięcy! ",
            Lang::En => "The warranty on finishing work lasts 36 months! ",
            Lang::De => "Die Garantie auf den Ausbau beträgt 36 Monate! ",
        };
        answer.push_str(&truth.repeat(honest));
        for (invention, words) in &inventions {
            answer += &["Qxq ", words, " ", invention, ". "].concat();
        }
        answer.push_str(truth);
        let mut sieve = Sieve::new(evidence(lang));
        let mut letters = answer.chars().peekable();
        let mut sizes = sizes.into_iter().cycle();
        let mut failed = false;
        while letters.peek().is_some() && !failed {
            let piece: String = letters.by_ref().take(sizes.next().unwrap_or(1)).collect();
            match sieve.push(&piece) {
                Ok(shown) => {
                    let shown = shown.unwrap_or_default();
                    prop_assert!(!shown.contains("Qxq"), "{shown:?} of {answer:?}");
                }
                Err(_) => failed = true,
            }
        }
        prop_assert!(failed || sieve.finish().is_err(), "{answer:?}");
    }

    #[test]
    fn no_text_makes_the_check_panic(lang in lang(), text in "\\PC{0,200}") {
        let _ = evidence(lang).check(&tidy(&text));
        let _ = Evidence::new(lang, [text.as_str()], [text.as_str()], [text.as_str()]);
    }
}
