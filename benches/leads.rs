//! What lists and files of 100,000 leads cost: `cargo bench --bench leads`. Each line it prints is a figure of
//! BENCHMARKS.md: whole requests over loopback to the real executable, one after the other.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use novahouse::leads::{self, Email, LeadError, NewLead, Phone, Source, Touch};
use novahouse::platform::db::{DATABASE_FILE, Store, StoreOptions};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const LEADS: u32 = 100_000;
const BATCH: u32 = 1_000;
const RUNS: usize = 200;
const FILE_RUNS: usize = 5;
const KEY: &str = "the-key-of-the-leads-bench";
/// Monday, 23 November 2026.
const NOW_MS: i64 = 1_795_424_400_000;
/// One lead a minute.
const APART_MS: i64 = 60_000;

fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    fill(folder.path())?;
    let per_s = f64::from(LEADS) / began.elapsed().as_secs_f64();
    println!("storing {LEADS} leads: {per_s:.0} a second");
    let server = Server::start(folder.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(&server))
}

async fn measure(server: &Server) -> Result<(), Failure> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let get = async |path: &str| -> Result<usize, Failure> {
        let request = client
            .get(format!("http://{}{path}", server.address))
            .header("X-API-Key", KEY);
        let body = request.send().await?.error_for_status()?.bytes().await?;
        Ok(body.len())
    };
    // Most leads share what is asked for here; one has the last. Only that looks at the text of every lead.
    for query in [
        "page=1",
        "status=new&sort_by=score",
        "sort_by=name&sort_order=asc",
        "sort_by=budget",
        "sort_by=updated_at&page=2000",
        "package=premium&min_score=80&sort_by=score",
        "start_date=2026-10-01&end_date=2026-10-31&sort_by=budget",
        "q=osoba%2099999",
    ] {
        let path = format!("/api/leads/filter?{query}");
        let mut times_ms = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            let began = Instant::now();
            get(&path).await?;
            times_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
        print_times(&format!("list, {query}"), &mut times_ms);
    }
    for format in ["csv", "json"] {
        let mut times_ms = Vec::with_capacity(FILE_RUNS);
        let mut bytes = 0;
        for _ in 0..FILE_RUNS {
            let began = Instant::now();
            bytes = get(&format!("/api/leads/export?format={format}")).await?;
            times_ms.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let mib = bytes as f64 / f64::from(1 << 20);
        print_times(&format!("export as {format}, {mib:.1} MiB"), &mut times_ms);
        println!("memory of the server after it: {}", server.resident()?);
    }
    Ok(())
}

/// Leads of different people over 70 days.
fn fill(folder: &Path) -> Result<(), Failure> {
    let store = Store::open(&StoreOptions {
        path: folder.join(DATABASE_FILE),
        readers: 1,
        sql_log_file: None,
    })?;
    for batch in 0..LEADS / BATCH {
        store.write_blocking(move |tx| {
            for number in batch * BATCH..(batch + 1) * BATCH {
                let at_ms = NOW_MS - i64::from(LEADS - number) * APART_MS;
                leads::upsert(tx, &lead(number)?, at_ms)?;
            }
            Ok::<_, LeadError>(())
        })?;
    }
    Ok(())
}

/// A booking's lead, since it writes no letters.
fn lead(number: u32) -> Result<NewLead, LeadError> {
    let package = ["standard", "premium", "luxury"][number as usize % 3];
    let is_known = |every: u32| number.is_multiple_of(every);
    Ok(NewLead {
        email: Some(Email::parse(&format!("osoba{number}@example.com"))?),
        phone: is_known(2)
            .then(|| Phone::parse(&format!("6{number:08}")))
            .and_then(Result::ok),
        interested_package: is_known(2).then(|| package.to_owned()),
        property_size: is_known(3).then(|| f64::from(30 + number % 120)),
        property_type: is_known(5).then(|| "flat".to_owned()),
        location: is_known(4).then(|| "Gdańsk".to_owned()),
        budget: is_known(3).then(|| i64::from(number % 1_000) * 1_000),
        message: Some("Odbiór mieszkania w maju, proszę o kontakt po 16.".repeat(3)),
        touch: Some(Touch {
            page_url: Some("https://novahouse.pl/oferta?utm_source=ulotka".into()),
            ..Touch::default()
        }),
        ..NewLead::new(&format!("Osoba {number}"), Source::Booking)
    })
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts it and waits until it listens.
    fn start(folder: &Path) -> Result<Self, Failure> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_novahouse"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("RATE_LIMITS", "off")
            .env("ADMIN_API_KEY", KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        for line in BufReader::new(stdout).lines() {
            if let Some(address) = line?.strip_prefix("listening on http://") {
                let address = address.to_owned();
                return Ok(Self { child, address });
            }
        }
        Err("the server ended before it listened".into())
    }

    /// Memory the process holds, as the kernel writes it.
    fn resident(&self) -> Result<String, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(line.ok_or("no VmRSS")?.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn print_times(what: &str, times_ms: &mut [f64]) {
    times_ms.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| times_ms[(times_ms.len() - 1) * percent / 100];
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms",
        at(50),
        at(99),
        at(100)
    );
}
