//! Table `api_keys`.

use super::role;
use crate::accounts::model::{ApiKey, NewApiKey};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

macro_rules! key_columns {
    () => {
        "id, name, role, hint, created_at_ms, expires_at_ms, last_used_at_ms, revoked_at_ms"
    };
}

fn api_key(row: &mut Row) -> Result<ApiKey, DbError> {
    Ok(ApiKey {
        id: row.take(0)?,
        name: row.take(1)?,
        role: role(row, 2)?,
        hint: row.take(3)?,
        created_at_ms: row.take(4)?,
        expires_at_ms: row.take(5)?,
        last_used_at_ms: row.take(6)?,
        revoked_at_ms: row.take(7)?,
    })
}

/// The key with this hash, when it is neither revoked nor expired.
pub(in crate::accounts) fn live_key(
    tx: &mut dyn Tx,
    key_hash: &[u8; 32],
    now_ms: i64,
) -> Result<Option<ApiKey>, DbError> {
    tx.query_first(
        concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_keys WHERE key_hash = ?1 AND revoked_at_ms IS NULL \
             AND (expires_at_ms IS NULL OR expires_at_ms > ?2)"
        ),
        params![key_hash, now_ms],
    )?
    .map(|mut row| api_key(&mut row))
    .transpose()
}

/// One key, revoked or not.
pub(in crate::accounts) fn key_by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<ApiKey>, DbError> {
    tx.query_first(
        concat!("SELECT ", key_columns!(), " FROM api_keys WHERE id = ?1"),
        params![id],
    )?
    .map(|mut row| api_key(&mut row))
    .transpose()
}

/// Every key, revoked ones too, newest first.
pub(in crate::accounts) fn keys(tx: &mut dyn Tx) -> Result<Vec<ApiKey>, DbError> {
    tx.query(
        concat!("SELECT ", key_columns!(), " FROM api_keys ORDER BY id DESC"),
        params![],
    )?
    .iter_mut()
    .map(api_key)
    .collect()
}

/// Adds a key; answers its id.
///
/// * `created_by`: `None` for the command line and for other keys.
pub(in crate::accounts) fn insert_key(
    tx: &mut dyn Tx,
    new: &NewApiKey,
    key_hash: &[u8; 32],
    hint: &str,
    created_by: Option<i64>,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO api_keys (name, role, key_hash, hint, created_by, created_at_ms, expires_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            &new.name,
            new.role.as_str(),
            key_hash,
            hint,
            created_by,
            now_ms,
            new.expires_at_ms
        ],
    )
}

/// Writes that a key was used.
pub(in crate::accounts) fn touch_key(
    tx: &mut dyn Tx,
    id: i64,
    last_used_at_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE api_keys SET last_used_at_ms = ?2 WHERE id = ?1",
        params![id, last_used_at_ms],
    )?;
    Ok(())
}

/// Revokes a key; false when it was already.
pub(in crate::accounts) fn revoke_key(
    tx: &mut dyn Tx,
    id: i64,
    now_ms: i64,
) -> Result<bool, DbError> {
    let revoked = tx.execute(
        "UPDATE api_keys SET revoked_at_ms = ?2 WHERE id = ?1 AND revoked_at_ms IS NULL",
        params![id, now_ms],
    )?;
    Ok(revoked > 0)
}
