//! Table `login_sessions`.

use super::role;
use crate::accounts::model::{Device, LoginSession};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::http::Role;

/// A session together with whose it is.
#[derive(Debug, Clone)]
pub(in crate::accounts) struct LiveSession {
    pub(in crate::accounts) id: i64,
    pub(in crate::accounts) user_id: i64,
    pub(in crate::accounts) role: Role,
    pub(in crate::accounts) display_name: String,
    pub(in crate::accounts) created_at_ms: i64,
    pub(in crate::accounts) last_seen_at_ms: i64,
    pub(in crate::accounts) expires_at_ms: i64,
}

/// The session behind a cookie, when it has not ended and its account is active.
pub(in crate::accounts) fn live_session(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    now_ms: i64,
) -> Result<Option<LiveSession>, DbError> {
    tx.query_first(
        "SELECT s.id, s.user_id, u.role, u.display_name, s.created_at_ms, s.last_seen_at_ms, s.expires_at_ms \
         FROM login_sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.token_hash = ?1 AND s.expires_at_ms > ?2 AND u.is_active = 1",
        params![token_hash, now_ms],
    )?
    .map(|mut row| {
        Ok(LiveSession {
            id: row.take(0)?,
            user_id: row.take(1)?,
            role: role(&mut row, 2)?,
            display_name: row.take(3)?,
            created_at_ms: row.take(4)?,
            last_seen_at_ms: row.take(5)?,
            expires_at_ms: row.take(6)?,
        })
    })
    .transpose()
}

/// Adds a session; answers its id.
pub(in crate::accounts) fn insert_session(
    tx: &mut dyn Tx,
    user_id: i64,
    token_hash: &[u8; 32],
    device: &Device,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO login_sessions \
         (user_id, token_hash, browser, address_truncated, created_at_ms, last_seen_at_ms, expires_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
        params![
            user_id,
            token_hash,
            &device.browser,
            &device.address_truncated,
            now_ms,
            expires_at_ms
        ],
    )
}

/// Writes that a session was used, and until when it lives now.
pub(in crate::accounts) fn touch_session(
    tx: &mut dyn Tx,
    id: i64,
    last_seen_at_ms: i64,
    expires_at_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE login_sessions SET last_seen_at_ms = ?2, expires_at_ms = ?3 WHERE id = ?1",
        params![id, last_seen_at_ms, expires_at_ms],
    )?;
    Ok(())
}

/// The sessions of an account that have not ended, newest first.
pub(in crate::accounts) fn sessions_of(
    tx: &mut dyn Tx,
    user_id: i64,
    now_ms: i64,
) -> Result<Vec<LoginSession>, DbError> {
    let session = |row: &mut Row| {
        Ok(LoginSession {
            id: row.take(0)?,
            browser: row.take(1)?,
            address_truncated: row.take(2)?,
            created_at_ms: row.take(3)?,
            last_seen_at_ms: row.take(4)?,
            expires_at_ms: row.take(5)?,
        })
    };
    tx.query(
        "SELECT id, browser, address_truncated, created_at_ms, last_seen_at_ms, expires_at_ms \
         FROM login_sessions WHERE user_id = ?1 AND expires_at_ms > ?2 ORDER BY id DESC",
        params![user_id, now_ms],
    )?
    .iter_mut()
    .map(session)
    .collect()
}

/// Ends one session of an account; false when it has none with this id.
pub(in crate::accounts) fn end_session(
    tx: &mut dyn Tx,
    user_id: i64,
    id: i64,
) -> Result<bool, DbError> {
    let ended = tx.execute(
        "DELETE FROM login_sessions WHERE id = ?1 AND user_id = ?2",
        params![id, user_id],
    )?;
    Ok(ended > 0)
}

/// Ends every session of an account but `keep`; answers how many.
pub(in crate::accounts) fn end_sessions(
    tx: &mut dyn Tx,
    user_id: i64,
    keep: Option<i64>,
) -> Result<u64, DbError> {
    // Ids begin at 1, so 0 keeps none.
    tx.execute(
        "DELETE FROM login_sessions WHERE user_id = ?1 AND id <> ?2",
        params![user_id, keep.unwrap_or(0)],
    )
}

/// Drops sessions that have ended; answers how many.
pub(in crate::accounts) fn purge_sessions(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM login_sessions WHERE expires_at_ms <= ?1",
        params![now_ms],
    )
}
