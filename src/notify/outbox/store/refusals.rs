//! SQL over who wants no more of what.

use crate::params;
use crate::platform::db::{DbError, Tx};

/// Notes it; again, it counts from now.
///
/// * `what`: a message's name, or a purpose.
pub(in super::super) fn put(
    tx: &mut dyn Tx,
    what: &str,
    address_hash: &[u8; 32],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO message_refusals (address_hash, message, created_at_ms) VALUES (?1, ?2, ?3) \
         ON CONFLICT (address_hash, message) DO UPDATE SET created_at_ms = excluded.created_at_ms",
        params![address_hash, what, now_ms],
    )?;
    Ok(())
}

/// Since when, milliseconds UTC.
pub(in super::super) fn since(
    tx: &mut dyn Tx,
    what: &str,
    address_hash: &[u8; 32],
) -> Result<Option<i64>, DbError> {
    tx.query_first(
        "SELECT created_at_ms FROM message_refusals WHERE address_hash = ?1 AND message = ?2",
        params![address_hash, what],
    )?
    .map(|mut row| row.take(0))
    .transpose()
}
