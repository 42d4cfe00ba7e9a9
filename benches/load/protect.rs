//! Backups beside a busy chat, and the rights of one person among many.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use novahouse::backup::{Format, Keys, Order, Place, Seal, Shelf, create, restore, verify};
use novahouse::leads::{self, Email, LeadError, NewLead, Phone, Source};
use novahouse::platform::db::{DATABASE_FILE, SCHEMA_VERSION, create_at, edit};
use serde_json::{Value, json};

use crate::report::{Latencies, mib};
use crate::server::{self, OWNER_KEY, Server};
use crate::{Failure, MEASURE, chat_turn, http_client, messages, print_rate};

/// Visitors' messages a second beside a backup.
const TURNS_PER_S: u32 = 1_000;
const CLIENTS: u32 = 64;
/// Together a gigabyte.
const CONVERSATIONS: i64 = 7_000;
const LEADS: u32 = 100_000;
/// Persons exported and erased, one after the other.
const PERSONS: u32 = 50;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Chat at a steady rate alone, then while a gigabyte is backed up.
pub(crate) async fn backup() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    let database = folder.path().join(DATABASE_FILE);
    messages::fill(&database, CONVERSATIONS)?;
    let size_mb = std::fs::metadata(&database)?.len() as f64 / 1e6;
    let server = Server::start(folder.path())?;
    let until = Instant::now() + MEASURE;
    let alone = at_a_steady_rate(&server, move || Instant::now() < until).await?;
    print_rate(
        &format!("chat at {TURNS_PER_S} turns/s, {size_mb:.0} MB database"),
        "turns",
        &alone,
    );
    let before_bytes = server.own_bytes()?;
    let (is_done, peak_bytes) = (Arc::new(AtomicBool::new(false)), AtomicU64::new(0));
    let goes_on = {
        let is_done = Arc::clone(&is_done);
        move || !is_done.load(Ordering::Relaxed)
    };
    let took = async {
        let began = Instant::now();
        let made = post(&server, "/api/backup/export", &json!({"format": "zip"})).await;
        is_done.store(true, Ordering::Relaxed);
        made.map(|_| began.elapsed())
    };
    let watch = async {
        while !is_done.load(Ordering::Relaxed) {
            peak_bytes.fetch_max(server.own_bytes()?, Ordering::Relaxed);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok::<_, Failure>(())
    };
    let (took, beside, watched) = tokio::join!(took, at_a_steady_rate(&server, goes_on), watch);
    watched?;
    let took = took?;
    print_rate("the same while it is backed up", "turns", &beside?);
    println!(
        "backup and its proof: {:.1} s; memory {} before, {} at most",
        took.as_secs_f64(),
        mib(before_bytes),
        mib(peak_bytes.into_inner())
    );
    Ok(())
}

/// A gigabyte is backed up, proved and restored with nothing beside it.
pub(crate) fn restored() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let place = Place::within(folder.path().join("data"));
    std::fs::create_dir_all(&place.data)?;
    create_at(&place.database(), SCHEMA_VERSION)?;
    messages::fill(&place.database(), CONVERSATIONS)?;
    let size_mb = std::fs::metadata(place.database())?.len() as f64 / 1e6;
    let shelf = Shelf::open(&place.backups)?;
    let working = shelf.work()?;
    let order = Order {
        format: Format::Zip,
        seal: Seal::Open,
        out: None,
        at: Timestamp::now(),
    };
    let began = Instant::now();
    let made = create(&place, &working, &order)?;
    let took_s = began.elapsed().as_secs_f64();
    println!(
        "backup of {size_mb:.0} MB: {took_s:.1} s, {:.0} MB/s",
        size_mb / took_s
    );
    let began = Instant::now();
    verify(&working, &made.path, &Keys::none())?;
    println!("its proof: {:.1} s", began.elapsed().as_secs_f64());
    let other = Place::within(folder.path().join("restored"));
    std::fs::create_dir_all(&other.data)?;
    let began = Instant::now();
    restore(
        &other,
        &made.path,
        &Keys::none(),
        &mut |_, _| Ok(0),
        Timestamp::now(),
    )?;
    println!(
        "restore with its proof: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn at_a_steady_rate(
    server: &Server,
    goes_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<Latencies, Failure> {
    http_client::run_at(server.address(), CLIENTS, TURNS_PER_S, goes_on, chat_turn).await
}

/// Exports and erases persons among many.
pub(crate) async fn persons() -> Result<(), Failure> {
    let folder = server::prepared_folder()?;
    fill_leads(&folder.path().join(DATABASE_FILE))?;
    let server = Server::start(folder.path())?;
    let (mut exported, mut erased) = (Latencies::default(), Latencies::default());
    let mut receipts = Vec::new();
    for person in 0..PERSONS {
        let who = format!("person{}@example.com", person * (LEADS / PERSONS));
        let body = json!({"user_identifier": who, "confirm": true});
        let began = Instant::now();
        post(&server, "/api/rodo/export", &body).await?;
        exported.add(began.elapsed());
        let began = Instant::now();
        let receipt = post(&server, "/api/rodo/delete", &body).await?;
        erased.add(began.elapsed());
        receipts.push(
            receipt["receipt_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    let began = Instant::now();
    for receipt in receipts {
        while get(&server, &format!("/api/rodo/receipts/{receipt}")).await?["completed_at"]
            .is_null()
        {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    for (what, latencies) in [("export", exported), ("erasure", erased)] {
        let latencies = latencies.finish(Duration::from_secs(1));
        println!(
            "{what} of one person among {LEADS}: p50 {:.1} ms, slowest {:.1} ms of {PERSONS}",
            latencies.percentile_ms(0.5),
            latencies.percentile_ms(1.0)
        );
    }
    println!(
        "every store rid of all of them {:.1} s after the last",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn post(server: &Server, path: &str, body: &Value) -> Result<Value, Failure> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request = client.post(format!("http://{}{path}", server.address()));
    let sent = request.header("X-API-Key", OWNER_KEY).json(body).send();
    Ok(sent.await?.error_for_status()?.json().await?)
}

async fn get(server: &Server, path: &str) -> Result<Value, Failure> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request = client.get(format!("http://{}{path}", server.address()));
    let sent = request.header("X-API-Key", OWNER_KEY).send();
    Ok(sent.await?.error_for_status()?.json().await?)
}

fn fill_leads(database: &Path) -> Result<(), LeadError> {
    let now_ms = Timestamp::now().as_millisecond();
    edit(database, |tx| {
        for number in 0..LEADS {
            // A booking's lead, since it writes no letters.
            let new = NewLead {
                email: Some(Email::parse(&format!("person{number}@example.com"))?),
                phone: Phone::parse(&format!("6{number:08}")).ok(),
                message: Some("Odbiór mieszkania w maju.".into()),
                ..NewLead::new(&format!("Person {number}"), Source::Booking)
            };
            leads::upsert(tx, &new, now_ms)?;
        }
        Ok(())
    })
}
