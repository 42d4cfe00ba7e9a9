//! Faults, as the team is told of them.

use jiff::Timestamp;

use super::model::{NewDelivery, Recipient};
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::notify::messages::{Alarm, Message};
use crate::platform::db::{DbError, Tx};

/// The team's pages.
const TEAM_PAGE: &str = "/admin";

/// Writes a letter to the team about a fault; part of the caller's transaction.
///
/// * `key`: what breaks at once is told once under one key.
/// * `words`: title and details in each language.
pub fn alarm(
    tx: &mut dyn Tx,
    snapshot: &Snapshot,
    key: String,
    words: impl FnOnce(Lang) -> (&'static str, &'static str),
    now_ms: i64,
) -> Result<(), DbError> {
    let lang = snapshot.offered().first();
    let (title, details) = words(lang);
    let at = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let alarm = Message::Alarm(Alarm {
        title: title.into(),
        details: details.into(),
        at: at.to_zoned(snapshot.zone()),
        url: Some(TEAM_PAGE.into()),
    });
    let letter = NewDelivery {
        key,
        message: &alarm,
        lang: Some(lang),
        to: Recipient::Team,
        about: None,
        calendar: None,
    };
    super::queue(tx, &letter, now_ms)
}
