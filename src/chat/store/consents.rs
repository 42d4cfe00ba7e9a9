//! SQL over consents.

use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// A consent as it was given or withdrawn.
#[derive(Debug, Clone)]
pub(in crate::chat) struct ConsentRow {
    pub(in crate::chat) session_id: String,
    pub(in crate::chat) purpose: String,
    pub(in crate::chat) is_given: bool,
    pub(in crate::chat) text_version: String,
    pub(in crate::chat) lang: Lang,
    pub(in crate::chat) address_truncated: String,
    pub(in crate::chat) created_at_ms: i64,
}

pub(in crate::chat) fn insert_consent(
    tx: &mut dyn Tx,
    consent: &ConsentRow,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO consents (session_id, purpose, is_given, text_version, lang, address_truncated, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            &consent.session_id,
            &consent.purpose,
            consent.is_given,
            &consent.text_version,
            consent.lang.code(),
            &consent.address_truncated,
            consent.created_at_ms
        ],
    )?;
    Ok(())
}

/// Consents of a session, the newest first.
pub(in crate::chat) fn consents(
    tx: &mut dyn Tx,
    session_id: &str,
) -> Result<Vec<ConsentRow>, DbError> {
    tx.query(
        "SELECT session_id, purpose, is_given, text_version, lang, address_truncated, created_at_ms FROM consents \
         WHERE session_id = ?1 ORDER BY id DESC",
        params![session_id],
    )?
    .into_iter()
    .map(consent_row)
    .collect()
}

/// A page of all consents, the newest first, and how many there are.
pub(in crate::chat) fn all_consents(
    tx: &mut dyn Tx,
    limit: i64,
    offset: i64,
) -> Result<(Vec<ConsentRow>, i64), DbError> {
    let total = tx.query_value("SELECT COUNT(*) FROM consents", params![])?;
    let rows = tx.query(
        "SELECT session_id, purpose, is_given, text_version, lang, address_truncated, created_at_ms FROM consents \
         ORDER BY id DESC LIMIT ?1 OFFSET ?2",
        params![limit, offset],
    )?;
    Ok((
        rows.into_iter()
            .map(consent_row)
            .collect::<Result<_, _>>()?,
        total,
    ))
}

fn consent_row(mut row: Row) -> Result<ConsentRow, DbError> {
    Ok(ConsentRow {
        session_id: row.take(0)?,
        purpose: row.take(1)?,
        is_given: row.take(2)?,
        text_version: row.take(3)?,
        lang: row.word(4)?,
        address_truncated: row.take(5)?,
        created_at_ms: row.take(6)?,
    })
}
