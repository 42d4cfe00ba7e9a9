//! Table `password_links`.

use crate::params;
use crate::platform::db::{DbError, Tx};

/// A link that waits to be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::accounts) struct PasswordLink {
    pub(in crate::accounts) user_id: i64,
    pub(in crate::accounts) expires_at_ms: i64,
}

/// Writes a link in place of the one the account had; answers its id, which is new.
pub(in crate::accounts) fn replace_password_link(
    tx: &mut dyn Tx,
    user_id: i64,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<i64, DbError> {
    delete_password_link(tx, user_id)?;
    tx.insert(
        "INSERT INTO password_links (user_id, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3)",
        params![user_id, now_ms, expires_at_ms],
    )
}

/// A link, also one that is over.
pub(in crate::accounts) fn password_link(
    tx: &mut dyn Tx,
    id: i64,
) -> Result<Option<PasswordLink>, DbError> {
    let row = tx.query_first(
        "SELECT user_id, expires_at_ms FROM password_links WHERE id = ?1",
        params![id],
    )?;
    row.map(|mut row| {
        Ok(PasswordLink {
            user_id: row.take(0)?,
            expires_at_ms: row.take(1)?,
        })
    })
    .transpose()
}

/// Removes the link of an account, if there is one.
pub(in crate::accounts) fn delete_password_link(
    tx: &mut dyn Tx,
    user_id: i64,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM password_links WHERE user_id = ?1",
        params![user_id],
    )?;
    Ok(())
}
