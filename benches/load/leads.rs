//! Lists and files of many leads: whole requests, one after the other.

use std::path::Path;
use std::time::{Duration, Instant};

use novahouse::leads::{self, Email, LeadError, NewLead, Phone, Source, Touch};
use novahouse::platform::db::{DATABASE_FILE, edit};
use reqwest::Client;

use crate::Failure;
use crate::report::{Latencies, mib};
use crate::server::{self, OWNER_KEY, Server};

const LEADS: u32 = 100_000;
const LISTED: usize = 200;
const WRITTEN: usize = 5;
/// Monday, 23 November 2026.
const NOW_MS: i64 = 1_795_424_400_000;
/// One lead a minute.
const APART_MS: i64 = 60_000;
/// Most leads share what is asked for here; one has the last, which looks at the text of every lead.
const QUERIES: [&str; 8] = [
    "page=1",
    "status=new&sort_by=score",
    "sort_by=name&sort_order=asc",
    "sort_by=budget",
    "sort_by=updated_at&page=2000",
    "package=premium&min_score=80&sort_by=score",
    "start_date=2026-10-01&end_date=2026-10-31&sort_by=budget",
    "q=osoba%2099999",
];

/// Lists them in different orders, then writes them into files.
pub(crate) async fn run() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let began = Instant::now();
    fill(folder.path())?;
    let per_s = f64::from(LEADS) / began.elapsed().as_secs_f64();
    println!("storing {LEADS} leads: {per_s:.0} a second");
    let server = Server::start(folder.path())?;
    let client = Client::builder().no_proxy().build()?;
    for query in QUERIES {
        let path = format!("/api/leads/filter?{query}");
        let (listed, _) = times(&client, &server, &path, LISTED).await?;
        print_times(&format!("list, {query}"), &listed);
    }
    for format in ["csv", "json"] {
        let path = format!("/api/leads/export?format={format}");
        let before_bytes = server.own_bytes()?;
        let (written, bytes) = times(&client, &server, &path, WRITTEN).await?;
        print_times(&format!("export as {format}, {}", mib(bytes)), &written);
        let after_bytes = server.own_bytes()?;
        println!(
            "memory before {}, after {}",
            mib(before_bytes),
            mib(after_bytes)
        );
    }
    Ok(())
}

/// What it takes to ask, and the size of the last answer.
async fn times(
    client: &Client,
    server: &Server,
    path: &str,
    runs: usize,
) -> Result<(Latencies, u64), Failure> {
    let url = format!("http://{}{path}", server.address());
    let (mut latencies, mut bytes) = (Latencies::default(), 0);
    for _ in 0..runs {
        let began = Instant::now();
        let sent = client.get(&url).header("X-API-Key", OWNER_KEY).send();
        let mut answer = sent.await?.error_for_status()?;
        bytes = 0;
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len() as u64;
        }
        latencies.add(began.elapsed());
    }
    Ok((latencies.finish(Duration::from_secs(1)), bytes))
}

fn print_times(what: &str, latencies: &Latencies) {
    println!(
        "{what}: p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms",
        latencies.percentile_ms(0.5),
        latencies.percentile_ms(0.99),
        latencies.percentile_ms(1.0)
    );
}

/// Leads of different people over 70 days.
fn fill(folder: &Path) -> Result<(), LeadError> {
    edit(&folder.join(DATABASE_FILE), |tx| {
        for number in 0..LEADS {
            let at_ms = NOW_MS - i64::from(LEADS - number) * APART_MS;
            leads::upsert(tx, &lead(number)?, at_ms)?;
        }
        Ok(())
    })
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
