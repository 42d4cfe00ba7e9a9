//! What backups cost: `cargo bench --bench backup`. Makes a data folder with some 300 MB of messages, then prints how fast
//! it is copied into a zip, proved and restored. No server runs beside.

use std::time::Instant;

use jiff::Timestamp;

use novahouse::backup::{Format, Keys, Order, Place, Seal, Shelf, create, restore, verify};
use novahouse::params;
use novahouse::platform::db::{SCHEMA_VERSION, create_at, edit};

const CONVERSATIONS: i64 = 2_000;
const MESSAGES_EACH: i64 = 150;
/// With its keys and indexes a message takes about a kilobyte.
const BODY_CHARS: usize = 800;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let place = Place::within(folder.path().join("data"));
    std::fs::create_dir_all(&place.data)?;
    fill(&place)?;
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
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "create: {size_mb:.0} MB in {seconds:.2} s, {:.0} MB/s",
        size_mb / seconds
    );
    let began = Instant::now();
    verify(&working, &made.path, &Keys::none())?;
    println!("verify: {:.2} s", began.elapsed().as_secs_f64());
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
    println!("restore: {:.2} s", began.elapsed().as_secs_f64());
    Ok(())
}

fn fill(place: &Place) -> Result<(), Box<dyn std::error::Error>> {
    create_at(&place.database(), SCHEMA_VERSION)?;
    edit(&place.database(), |tx| {
        for conversation in 1..=CONVERSATIONS {
            let session = format!("bench-{conversation}");
            tx.insert(
                "INSERT INTO conversations (session_id, is_weak, status, handled_by, lang, last_seq, last_message, \
                 last_sender, created_at_ms, updated_at_ms) VALUES (?1, 0, 'open', 'bot', 'pl', ?2, '', 'user', 0, 0)",
                params![&session, MESSAGES_EACH],
            )?;
            for seq in 1..=MESSAGES_EACH {
                let mut body = format!("{conversation} {seq} ");
                while body.len() < BODY_CHARS {
                    body.push_str("ile kosztuje wykończenie mieszkania ");
                }
                tx.insert(
                    "INSERT INTO messages (conversation_id, seq, sender, body, lang, created_at_ms) \
                     VALUES (?1, ?2, 'user', ?3, 'pl', 0)",
                    params![conversation, seq, &body],
                )?;
            }
        }
        Ok::<_, novahouse::platform::db::DbError>(())
    })?;
    Ok(())
}
