//! SQL over who wants no letters of a kind.

use crate::notify::messages::Name;
use crate::params;
use crate::platform::db::{DbError, Tx};
use crate::platform::secrets::sha256;

fn hash(address: &str) -> [u8; 32] {
    sha256(address.trim().to_lowercase())
}

/// Notes it; again changes nothing.
pub(in super::super) fn insert(
    tx: &mut dyn Tx,
    name: Name,
    address: &str,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO message_refusals (address_hash, message, created_at_ms) VALUES (?1, ?2, ?3) \
         ON CONFLICT (address_hash, message) DO NOTHING",
        params![&hash(address), name.as_str(), now_ms],
    )?;
    Ok(())
}

/// Whether an address wants none.
pub(in super::super) fn is_refused(
    tx: &mut dyn Tx,
    name: Name,
    address: &str,
) -> Result<bool, DbError> {
    let refusals: i64 = tx.query_value(
        "SELECT COUNT(*) FROM message_refusals WHERE address_hash = ?1 AND message = ?2",
        params![&hash(address), name.as_str()],
    )?;
    Ok(refusals > 0)
}
