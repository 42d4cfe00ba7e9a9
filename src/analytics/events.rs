//! Recording what happens.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::model::Event;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// Bytes of the digest that are kept: no two sessions share them.
const KEY_BYTES: usize = 16;

/// What the numbers know a session by: a digest, which opens nothing.
pub fn session_key(session_id: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(session_id.as_bytes())[..KEY_BYTES])
}

/// Number of a session in `analytics_sessions`, from its id; `None` when it is not known.
pub fn session_of(tx: &mut dyn Tx, session_id: &str) -> Result<Option<i64>, DbError> {
    tx.query_first(
        "SELECT id FROM analytics_sessions WHERE session_key = ?1",
        params![&session_key(session_id)],
    )?
    .map(|mut row| row.take(0))
    .transpose()
}

/// Records an event in the transaction in which it happens.
///
/// * `session`: number in `analytics_sessions`; `None`: nobody's, or of someone without a session.
pub fn record(
    tx: &mut dyn Tx,
    session: Option<i64>,
    event: &Event,
    at_ms: i64,
) -> Result<(), DbError> {
    let fault = |error: serde_json::Error| DbError::Internal(error.to_string());
    let mut details = serde_json::to_value(event).map_err(fault)?;
    let kind = match details.as_object_mut().and_then(|map| map.remove("kind")) {
        Some(Value::String(kind)) => kind,
        _ => return Err(DbError::Internal("an event without a kind".into())),
    };
    tx.insert(
        "INSERT INTO analytics_events (at_ms, session_id, kind, details_json) VALUES (?1, ?2, ?3, ?4)",
        params![at_ms, session, &kind, &details.to_string()],
    )?;
    Ok(())
}
