//! What the server remembers by name: one JSON value a row of the table `settings`. Each name has one slice that reads
//! and writes it; the value's type and meaning stand there.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::db::{DbError, Tx};
use crate::params;

/// The value under `name`, if one was saved.
///
/// Errors: the row holds another shape.
pub fn load<T: DeserializeOwned>(tx: &mut dyn Tx, name: &str) -> Result<Option<T>, DbError> {
    tx.query_first(
        "SELECT value_json FROM settings WHERE name = ?1",
        params![name],
    )?
    .map(|mut row| {
        serde_json::from_str(&row.take::<String>(0)?)
            .map_err(|error| DbError::Internal(format!("the setting {name} is damaged: {error}")))
    })
    .transpose()
}

/// Forgets what is under `name`, if anything is.
pub fn forget(tx: &mut dyn Tx, name: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM settings WHERE name = ?1", params![name])?;
    Ok(())
}

/// Saves `value` under `name`, replacing what was there.
pub fn save<T: Serialize>(
    tx: &mut dyn Tx,
    name: &str,
    value: &T,
    now_ms: i64,
) -> Result<(), DbError> {
    let json = serde_json::to_string(value).map_err(|e| DbError::Internal(e.to_string()))?;
    tx.execute(
        "INSERT INTO settings (name, value_json, updated_at_ms) VALUES (?1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET value_json = excluded.value_json, updated_at_ms = excluded.updated_at_ms",
        params![name, &json, now_ms],
    )?;
    Ok(())
}
