//! What backups cost: `cargo bench --bench backup`. Makes a data folder with some 300 MB of messages, then prints how fast
//! it is copied into a zip, proved and restored. No server runs beside.

#[path = "messages/mod.rs"]
mod messages;

use std::time::Instant;

use jiff::Timestamp;

use novahouse::backup::{Format, Keys, Order, Place, Seal, Shelf, create, restore, verify};
use novahouse::platform::db::{SCHEMA_VERSION, create_at};

const CONVERSATIONS: i64 = 2_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
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
