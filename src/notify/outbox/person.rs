//! What the rights over personal data need of messages: those about something.

use serde_json::{Value, json};

use super::About;
use crate::params;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};

/// What was sent or is to be sent about something, the oldest first, with what each message says.
pub fn export(tx: &mut dyn Tx, about: About) -> Result<Vec<Value>, DbError> {
    let rows = tx.query(
        "SELECT channel, message, message_json, address, state, created_at_ms, ended_at_ms FROM deliveries \
         WHERE about = ?1 ORDER BY id",
        params![&about.to_string()],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let message: Option<Value> = serde_json::from_str(&row.take::<String>(2)?).ok();
            Ok(json!({
                "channel": row.take::<String>(0)?,
                "message": row.take::<String>(1)?,
                "says": message.and_then(|mut message| message.get_mut("values").map(Value::take)),
                "to": row.take::<Option<String>>(3)?,
                "state": row.take::<String>(4)?,
                "created_at": to_rfc3339(row.take(5)?),
                "ended_at": row.take::<Option<i64>>(6)?.map(to_rfc3339),
            }))
        })
        .collect()
}

/// How many there are.
pub fn count(tx: &mut dyn Tx, about: About) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM deliveries WHERE about = ?1",
        params![&about.to_string()],
    )
}
