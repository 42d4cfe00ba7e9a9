//! A generated past: a small company's visitors, conversations, leads, quotes and visits, for trying the dashboard and for
//! measuring. Nothing of it is real, and nobody hears of it: no letter, message, webhook or board.
//!
//! Owns the setting `generated_data`, by which a server knows. What is written goes through the slices that own the tables
//! (their `past.rs`).
//!
//! ```text
//! story.rs       a visitor's story    talk.rs     its conversation     people.rs, visitors.rs   who it is
//! phrasebook.rs  what is said         rhythm.rs   when                 chance.rs                how often
//! writer.rs      stories → tables     marker.rs   the note that the data is generated
//! ```
//!
//! Everything but `writer.rs` and `marker.rs` is pure: the same seed tells the same stories, but for ids of sessions,
//! which are random because whoever holds one may read its conversation.

mod chance;
mod error;
mod marker;
mod people;
mod phrasebook;
mod rhythm;
mod story;
#[cfg(test)]
mod story_tests;
mod talk;
mod visitors;
mod writer;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

pub use error::DemoError;
pub use marker::{Generated, generated};
pub use writer::Counts;

use crate::analytics::CONVERSION_JOB;
use crate::bookings;
use crate::knowledge::{self, Knowledge};
use crate::platform::db::Store;
use crate::platform::jobs::{NewJob, enqueue};
use crate::platform::secrets::Secrets;
use phrasebook::Phrasebook;
use story::World;
use writer::Writer;

/// Fills an unused database with a past that ends now (blocking); a transaction a day.
///
/// * `progress`: hears of every month that is written: its first day, and how much there is until its end.
/// * Errors: the database is in use; the store's. What was written before an error stays, marked as generated.
pub fn generate(
    store: &Store,
    knowledge: &Knowledge,
    secrets: &Secrets,
    what: &Generated,
    now_ms: i64,
    mut progress: impl FnMut(Date, &Counts),
) -> Result<Counts, DemoError> {
    bookings::set_up(store, knowledge)?;
    let phrases = store.read_blocking(|tx| knowledge::phrases(tx))?;
    let snapshot = knowledge.snapshot();
    let (zone, prices) = (snapshot.zone(), snapshot.price_list());
    let today = zone
        .to_datetime(Timestamp::from_millisecond(now_ms)?)
        .date();
    let world = Arc::new(World {
        book: Phrasebook::new(snapshot, phrases),
        zone,
        per_day: f64::from(what.conversations_per_day),
        now_ms,
    });
    if !world.book.has_words() {
        return Err(DemoError::NothingToSay);
    }
    let marked = what.clone();
    store.write_blocking(move |tx| marker::mark(tx, &marked, now_ms))?;
    let mut writer = Writer::new(Arc::clone(&world), secrets.clone(), prices);
    let first = today.checked_sub(i64::from(what.months).months())?;
    for date in first.series(1.day()).take_while(|date| *date <= today) {
        let stories = story::of_day(&world, date, what.seed)?;
        writer = store.write_blocking(move |tx| {
            for story in stories {
                writer.write(tx, story)?;
            }
            Ok::<_, DemoError>(writer)
        })?;
        let tomorrow = date.tomorrow()?;
        if tomorrow.day() == 1 || date == today {
            progress(date.first_of_month(), &writer.counts);
        }
    }
    writer = store.write_blocking(move |tx| {
        writer.record_until(tx, i64::MAX)?;
        // The model is fitted at night; whoever tries the dashboard sees it from the first start on.
        let fit = NewJob {
            kind: CONVERSION_JOB,
            payload_json: "{}",
            dedupe_key: None,
        };
        enqueue(tx, &fit, now_ms)?;
        Ok::<_, DemoError>(writer)
    })?;
    Ok(writer.counts)
}
