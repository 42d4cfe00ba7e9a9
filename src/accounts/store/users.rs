//! Tables `users` and `setup_links`.

use super::role;
use crate::accounts::model::{CheckedUser, User, UserSecrets};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::http::Role;

/// Columns of [`user`], in its order; a macro, since statements are literals.
macro_rules! user_columns {
    () => {
        "id, username, email, display_name, role, is_active, totp_confirmed_at_ms, created_at_ms, \
         CASE WHEN password_hash = '' THEN 0 ELSE 1 END"
    };
}

fn user(row: &mut Row) -> Result<User, DbError> {
    Ok(User {
        id: row.take(0)?,
        username: row.take(1)?,
        email: row.take(2)?,
        display_name: row.take(3)?,
        role: role(row, 4)?,
        is_active: row.take(5)?,
        totp_enabled: row.take::<Option<i64>>(6)?.is_some(),
        created_at_ms: row.take(7)?,
        has_password: row.take(8)?,
    })
}

fn user_secrets(mut row: Row) -> Result<UserSecrets, DbError> {
    Ok(UserSecrets {
        user: user(&mut row)?,
        password_hash: row.take(9)?,
        totp_secret: row.take(10)?,
        totp_last_step: row.take(11)?,
    })
}

/// The account that signs in with this name: a username or an e-mail address, lower-case.
pub(in crate::accounts) fn user_by_login(
    tx: &mut dyn Tx,
    login: &str,
) -> Result<Option<UserSecrets>, DbError> {
    tx.query_first(
        concat!(
            "SELECT ",
            user_columns!(),
            ", password_hash, totp_secret, totp_last_step FROM users WHERE username = ?1 OR email = ?1"
        ),
        params![login],
    )?
    .map(user_secrets)
    .transpose()
}

/// An account with its secrets.
pub(in crate::accounts) fn user_secrets_by_id(
    tx: &mut dyn Tx,
    id: i64,
) -> Result<Option<UserSecrets>, DbError> {
    tx.query_first(
        concat!(
            "SELECT ",
            user_columns!(),
            ", password_hash, totp_secret, totp_last_step FROM users WHERE id = ?1"
        ),
        params![id],
    )?
    .map(user_secrets)
    .transpose()
}

/// An account.
pub(in crate::accounts) fn user_by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<User>, DbError> {
    tx.query_first(
        concat!("SELECT ", user_columns!(), " FROM users WHERE id = ?1"),
        params![id],
    )?
    .map(|mut row| user(&mut row))
    .transpose()
}

/// Every account, oldest first.
pub(in crate::accounts) fn users(tx: &mut dyn Tx) -> Result<Vec<User>, DbError> {
    tx.query(
        concat!("SELECT ", user_columns!(), " FROM users ORDER BY id"),
        params![],
    )?
    .iter_mut()
    .map(user)
    .collect()
}

/// Adds an active account; answers its id.
pub(in crate::accounts) fn insert_user(
    tx: &mut dyn Tx,
    new: &CheckedUser,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO users (username, email, display_name, role, password_hash, is_active, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6)",
        params![
            &new.username,
            &new.email,
            &new.display_name,
            new.role.as_str(),
            &new.password_hash,
            now_ms
        ],
    )
}

/// Writes every field of an account but its secrets.
pub(in crate::accounts) fn update_user(
    tx: &mut dyn Tx,
    user: &User,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET username = ?2, email = ?3, display_name = ?4, role = ?5, is_active = ?6, updated_at_ms = ?7 \
         WHERE id = ?1",
        params![
            user.id,
            &user.username,
            &user.email,
            &user.display_name,
            user.role.as_str(),
            user.is_active,
            now_ms
        ],
    )?;
    Ok(())
}

/// Replaces the password's hash.
pub(in crate::accounts) fn update_password(
    tx: &mut dyn Tx,
    id: i64,
    password_hash: &str,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET password_hash = ?2, updated_at_ms = ?3 WHERE id = ?1",
        params![id, password_hash, now_ms],
    )?;
    Ok(())
}

/// Removes an account and its sessions; true when there was one.
pub(in crate::accounts) fn delete_user(tx: &mut dyn Tx, id: i64) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM users WHERE id = ?1", params![id])? > 0)
}

/// True when somebody other than `id` can sign in as owner.
pub(in crate::accounts) fn other_active_owner(tx: &mut dyn Tx, id: i64) -> Result<bool, DbError> {
    let owners: i64 = tx.query_value(
        "SELECT COUNT(*) FROM users WHERE role = ?2 AND is_active = 1 AND password_hash <> '' AND id <> ?1",
        params![id, Role::Owner.as_str()],
    )?;
    Ok(owners > 0)
}

/// True when there is an owner. The last one can be neither removed nor deactivated, so one is always active.
pub(in crate::accounts) fn owner_exists(tx: &mut dyn Tx) -> Result<bool, DbError> {
    let owners: i64 = tx.query_value(
        "SELECT COUNT(*) FROM users WHERE role = ?1",
        params![Role::Owner.as_str()],
    )?;
    Ok(owners > 0)
}

/// Begins an enrolment of a second factor, in place of one that was not finished.
pub(in crate::accounts) fn begin_totp(
    tx: &mut dyn Tx,
    id: i64,
    sealed: &[u8],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET totp_secret = ?2, totp_confirmed_at_ms = NULL, totp_last_step = NULL, updated_at_ms = ?3 \
         WHERE id = ?1",
        params![id, sealed, now_ms],
    )?;
    Ok(())
}

/// Finishes an enrolment.
pub(in crate::accounts) fn confirm_totp(
    tx: &mut dyn Tx,
    id: i64,
    step: i64,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET totp_confirmed_at_ms = ?3, totp_last_step = ?2, updated_at_ms = ?3 WHERE id = ?1",
        params![id, step, now_ms],
    )?;
    Ok(())
}

/// Uses up the code of a time step; false when it, or a later one, was used already.
pub(in crate::accounts) fn use_totp_step(
    tx: &mut dyn Tx,
    id: i64,
    step: i64,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE users SET totp_last_step = ?2 WHERE id = ?1 AND (totp_last_step IS NULL OR totp_last_step < ?2)",
        params![id, step],
    )?;
    Ok(changed > 0)
}

/// Removes the second factor.
pub(in crate::accounts) fn clear_totp(
    tx: &mut dyn Tx,
    id: i64,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET totp_secret = NULL, totp_confirmed_at_ms = NULL, totp_last_step = NULL, updated_at_ms = ?2 \
         WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(())
}

/// Makes `token_hash` the only set-up link that works.
pub(in crate::accounts) fn replace_setup_link(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM setup_links WHERE used_at_ms IS NULL",
        params![],
    )?;
    tx.execute(
        "INSERT INTO setup_links (token_hash, created_at_ms) VALUES (?1, ?2)",
        params![token_hash, now_ms],
    )?;
    Ok(())
}

/// True when the link works.
pub(in crate::accounts) fn setup_link_works(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
) -> Result<bool, DbError> {
    let found = tx.query_first(
        "SELECT id FROM setup_links WHERE token_hash = ?1 AND used_at_ms IS NULL",
        params![token_hash],
    )?;
    Ok(found.is_some() && !owner_exists(tx)?)
}

/// Uses a link up; false when it did not work.
pub(in crate::accounts) fn use_setup_link(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
    now_ms: i64,
) -> Result<bool, DbError> {
    if owner_exists(tx)? {
        return Ok(false);
    }
    let changed = tx.execute(
        "UPDATE setup_links SET used_at_ms = ?2 WHERE token_hash = ?1 AND used_at_ms IS NULL",
        params![token_hash, now_ms],
    )?;
    Ok(changed > 0)
}
