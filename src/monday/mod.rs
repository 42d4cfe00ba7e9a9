//! monday.com: every lead is an item on a board and stays as the lead is. Only where a key and a board are configured.
//!
//! Owns the table `monday_leads`: which leads the board is to show anew. A use case marks a lead in its own transaction
//! ([`queue`]); a job asks for the item, or changes it, with what the lead is at that moment, so however many changes come
//! together, the last one stands. What cannot be done is tried again over 28 hours.

mod client;
mod columns;
mod http;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use http::MondayApi;
pub use service::{Account, FORGET_JOB, Monday, SYNC_JOB};

use crate::platform::db::{DbError, Tx};

/// Has the board show a lead as it now is; part of the transaction that changes the lead. Nothing where no board is
/// configured, which it answers.
pub fn queue(tx: &mut dyn Tx, lead_id: i64, now_ms: i64) -> Result<bool, DbError> {
    service::queue(tx, lead_id, now_ms)
}

/// Has the item of a lead removed that is gone, if it had one; part of the transaction that removes the lead.
pub fn forget(tx: &mut dyn Tx, item_id: Option<&str>, now_ms: i64) -> Result<(), DbError> {
    service::forget(tx, item_id, now_ms)
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What is copied to monday.com.
    Monday,
}
