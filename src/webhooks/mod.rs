//! Webhooks: programs of the company that hear of leads, bookings and conversations (<https://www.standardwebhooks.com>).
//!
//! Owns the tables `webhooks` and `webhook_deliveries`. A use case tells of an event in its own transaction ([`queue`]); a
//! job of the outbox delivers it to each webhook that wants it, at least once and always under the same `webhook-id`, and
//! tries again over 28 hours. The address is the owner's, so a request goes only where [`guard`] lets it.

mod error;
mod guard;
mod http;
mod letters;
mod model;
mod rules;
mod sender;
mod service;
mod store;

use serde_json::Value;

pub use error::WebhookError;
pub use http::WebhooksApi;
pub use model::{EventKind, Standing};
pub use service::{DELIVER_JOB, WebhookParts, Webhooks};

use crate::notify::outbox::About;
use crate::platform::db::{DbError, Tx};

/// Tells every webhook that wants to hear of it; part of the caller's transaction.
///
/// * `data`: what the event says, made only when somebody hears of it. It holds no session id and no signed link: these
///   are keys to somebody's data.
pub fn queue<D>(
    tx: &mut dyn Tx,
    kind: EventKind,
    about: About,
    now_ms: i64,
    data: D,
) -> Result<(), DbError>
where
    D: FnOnce(&mut dyn Tx) -> Result<Value, DbError>,
{
    service::queue(tx, kind, about, now_ms, data)
}

/// Removes everything that was told or is to be told of something; answers how much.
pub fn forget(tx: &mut dyn Tx, about: About) -> Result<u64, DbError> {
    store::forget(tx, &about.to_string())
}

/// How all of them stand.
pub fn standing(tx: &mut dyn Tx) -> Result<Standing, DbError> {
    store::standing(tx)
}

/// Drops deliveries that ended long ago; answers how many.
pub fn purge(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    store::purge(tx, now_ms)
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Programs that hear of what happens.
    Webhooks,
}
