//! The load command: starts the real server and measures what the README promises.
//!
//! `cargo bench --bench load [-- chat|knowledge|sockets|idle|start|pictures|bookings|free-times|reminders|leads|backup|restore|persons|search=FOLDER|analytics=FOLDER …]`;
//! without a name, all of them but search, which needs a corpus (see `search`), and analytics, which needs a generated year
//! (see `analytics`). Each line it prints is a figure of BENCHMARKS.md. The load generator runs beside the server on the same
//! cores, in one thread.

mod analytics;
mod http_client;
mod leads;
mod messages;
#[path = "../images/photo.rs"]
mod photo;
mod pictures;
mod protect;
mod report;
mod search;
mod server;
mod socket_client;
mod visits;

use std::path::Path;
use std::time::{Duration, Instant};

use report::Latencies;
use server::Server;

type Failure = Box<dyn std::error::Error>;

/// How long each measurement runs after its warm-up.
const MEASURE: Duration = Duration::from_secs(8);
const WARM_UP: Duration = Duration::from_secs(2);

fn main() -> Result<(), Failure> {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if is_wanted("start") {
        start()?;
    }
    for clients in [64, 256] {
        if is_wanted("chat") {
            runtime.block_on(chat(clients))?;
        }
    }
    if is_wanted("knowledge") {
        runtime.block_on(knowledge())?;
    }
    if is_wanted("sockets") {
        runtime.block_on(sockets(200))?;
    }
    if is_wanted("idle") {
        runtime.block_on(idle(5_000))?;
    }
    if is_wanted("pictures") {
        runtime.block_on(pictures::run())?;
    }
    if is_wanted("bookings") {
        runtime.block_on(visits::bookings())?;
    }
    if is_wanted("free-times") {
        runtime.block_on(visits::free_times())?;
    }
    if is_wanted("reminders") {
        visits::reminders()?;
    }
    if is_wanted("leads") {
        runtime.block_on(leads::run())?;
    }
    if is_wanted("restore") {
        protect::restored()?;
    }
    if is_wanted("backup") {
        runtime.block_on(protect::backup())?;
    }
    if is_wanted("persons") {
        runtime.block_on(protect::persons())?;
    }
    for corpus in wanted.iter().filter_map(|w| w.strip_prefix("search=")) {
        runtime.block_on(search::run(Path::new(corpus)))?;
    }
    for folder in wanted.iter().filter_map(|w| w.strip_prefix("analytics=")) {
        runtime.block_on(analytics::run(Path::new(folder)))?;
    }
    Ok(())
}

/// Start to first answer with an existing data folder, memory after start, size of the executable.
fn start() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let mut times = Vec::new();
    let mut resident = 0;
    for _ in 0..10 {
        let began = Instant::now();
        let server = Server::start(folder.path())?;
        http_client::get_once(server.address(), "/api/chatbot/health")?;
        times.push(began.elapsed());
        resident = server.resident_bytes()?;
    }
    times.sort();
    println!(
        "start to first answer: median {:.0} ms, slowest {:.0} ms of 10",
        times[times.len() / 2].as_secs_f64() * 1000.0,
        times[times.len() - 1].as_secs_f64() * 1000.0
    );
    println!("resident after start: {}", report::mib(resident));
    println!("executable: {}", report::mib(server::executable_bytes()?));
    Ok(())
}

/// Full chat turns over REST: every text distinct, every turn on disk before it is answered.
async fn chat(clients: usize) -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let server = Server::start(folder.path())?;
    let latencies =
        http_client::run(server.address(), clients, WARM_UP, MEASURE, chat_turn).await?;
    print_rate(
        &format!("POST /api/chatbot/chat, {clients} clients"),
        "turns",
        &latencies,
    );
    println!(
        "resident after it: {}",
        report::mib(server.resident_bytes()?)
    );
    Ok(())
}

/// Cached knowledge against a constant body of the same stack, in one run.
async fn knowledge() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let server = Server::start(folder.path())?;
    for path in ["/api/chatbot/health", "/api/knowledge/portfolio?lang=pl"] {
        let latencies = http_client::run(server.address(), 64, WARM_UP, MEASURE, |_, _| {
            http_client::get(path)
        })
        .await?;
        print_rate(&format!("GET {path}, 64 clients"), "answers", &latencies);
    }
    Ok(())
}

/// Chat turns over WebSocket: from the event to its acknowledgement and the answer.
async fn sockets(clients: usize) -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let server = Server::start(folder.path())?;
    let latencies =
        socket_client::run(server.address(), clients, WARM_UP, MEASURE, message).await?;
    print_rate(
        &format!("Socket.IO chat_message, {clients} clients"),
        "turns",
        &latencies,
    );
    Ok(())
}

/// Memory with many idle sockets.
async fn idle(sockets: usize) -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let server = Server::start(folder.path())?;
    let open = socket_client::open_idle(server.address(), sockets).await?;
    println!(
        "resident with {} idle sockets: {}",
        open.len(),
        report::mib(server.resident_bytes()?)
    );
    Ok(())
}

fn print_rate(what: &str, unit: &str, latencies: &Latencies) {
    println!(
        "{what}: {:.0} {unit}/s, p50 {:.2} ms, p99 {:.2} ms, {} errors",
        latencies.per_second(),
        latencies.percentile_ms(0.50),
        latencies.percentile_ms(0.99),
        latencies.errors()
    );
}

/// The request of a turn.
fn chat_turn(client: usize, turn: u64) -> String {
    http_client::post(
        "/api/chatbot/chat",
        &format!(
            "{{\"message\":\"{}\",\"session_id\":\"load-{client}\"}}",
            message(client, turn)
        ),
    )
}

/// What visitors ask; a number makes every text distinct.
fn message(client: usize, turn: u64) -> String {
    const QUESTIONS: [&str; 8] = [
        "ile kosztuje wykończenie mieszkania {n} m2 w Gdańsku",
        "jak długo trwa remont pod klucz {n} metrów",
        "czy macie gwarancję na łazienkę numer {n}",
        "do you work in Sopot, building {n}?",
        "was ist im Premium Paket enthalten, Wohnung {n}",
        "chcę umówić się na spotkanie w sprawie lokalu {n}",
        "what does smart home cost in flat {n}",
        "jakie materiały są w pakiecie standard {n}",
    ];
    let number = client as u64 * 1_000_000 + turn;
    let question = QUESTIONS[(number % QUESTIONS.len() as u64) as usize];
    question.replace("{n}", &number.to_string())
}
