//! Who did what to whose data. Rows are only added, here, in the transaction of the change they tell of.

use serde_json::Value;

use crate::params;
use crate::platform::db::{DbError, Tx};

/// Who acts when nobody is signed in.
pub const VISITOR: &str = "visitor";
/// Who acts from the command line or by the clock.
pub const SYSTEM: &str = "system";

/// Adds a row. Call it inside the transaction that makes the change.
///
/// * `actor`: `user:<id>`, `key:<id>` ([`Actor`](crate::platform::http::Actor) writes both), [`VISITOR`] or
///   [`SYSTEM`].
/// * `action`: what was done, in `snake_case`, e.g. `data_deleted`.
/// * `session_id`: the conversation it was about.
/// * `details`: counts and ids, never contents.
pub fn record(
    tx: &mut dyn Tx,
    actor: &str,
    action: &str,
    session_id: Option<&str>,
    details: &Value,
    now_ms: i64,
) -> Result<(), DbError> {
    let details_json = details.to_string();
    tx.execute(
        "INSERT INTO audit_log (at_ms, actor, action, session_id, details_json) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![now_ms, actor, action, session_id, &details_json],
    )?;
    Ok(())
}
