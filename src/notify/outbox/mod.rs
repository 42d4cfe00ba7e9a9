//! What is to be sent and how far it came.
//!
//! Owns the tables `deliveries` and `message_refusals`. A use case writes a message in its own transaction ([`queue`]); a job of the outbox
//! renders and sends it. A letter that could not be sent is tried again over 28 hours ([`super::retry`]); what is given up
//! stays as `failed`, the team hears of it, and it can be tried again by hand. Of a text message the provider is asked later
//! whether it arrived. Whether a message may be sent at all ([`Ground`](crate::notify::messages::Ground)) is asked at the
//! moment of sending; one that may not ends as `refused`.

mod alarm;
mod error;
mod http;
mod leaving;
mod model;
pub mod person;
mod preview;
mod refusal;
mod service;
mod sms_status;
mod store;
mod words;
mod words_http;

pub use alarm::alarm;
pub use error::NotifyError;
pub use http::OutboxApi;
pub use model::{About, Channel, NewDelivery, Recipient, SentAbout, State};
pub use preview::preview_at;
pub use refusal::{REFUSAL_FOLDER, Refusal, Refused, refuse, refused_since};
pub use service::{DELIVER_JOB, Notify, NotifyParts};
pub use sms_status::SMS_STATUS_JOB;
pub use words_http::MessagesApi;

use crate::platform::db::{DbError, Tx};

/// Writes what is to be sent; part of the caller's transaction. The same key writes once.
pub fn queue(tx: &mut dyn Tx, new: &NewDelivery<'_>, now_ms: i64) -> Result<(), DbError> {
    service::queue(tx, new, now_ms)
}

/// How far what a cause wrote came, and why its last try failed; `None` when it wrote nothing, or long ago.
pub fn progress(tx: &mut dyn Tx, key: &str) -> Result<Option<(State, Option<String>)>, DbError> {
    store::progress(tx, key)
}

/// Removes everything that was sent or is to be sent about something; answers how many.
pub fn forget(tx: &mut dyn Tx, about: About) -> Result<u64, DbError> {
    store::forget(tx, &about.to_string())
}

/// What was sent or is to be sent about something, the oldest first.
pub fn about(tx: &mut dyn Tx, about: About) -> Result<Vec<SentAbout>, DbError> {
    store::about(tx, &about.to_string())
}

/// Makes everything about one thing be about another.
pub fn relink(tx: &mut dyn Tx, from: About, into: About) -> Result<(), DbError> {
    store::relink(tx, &from.to_string(), &into.to_string())
}

/// Drops what ended long ago; answers how many.
pub fn purge(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    store::purge(tx, now_ms)
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Letters and text messages.
    Messages,
}
