//! All SQL over canned answers.

use super::CannedError;
use super::model::{CannedAnswer, CannedValues};
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// Every canned answer, by title.
pub(super) fn all(tx: &mut dyn Tx) -> Result<Vec<CannedAnswer>, DbError> {
    tx.query(
        "SELECT id, title, body, lang, tags_json, created_at_ms, updated_at_ms FROM canned_answers \
         ORDER BY FOLDED(title), id",
        params![],
    )?
    .into_iter()
    .map(row_of)
    .collect()
}

pub(super) fn by_id(tx: &mut dyn Tx, id: i64) -> Result<CannedAnswer, CannedError> {
    let row = tx.query_first(
        "SELECT id, title, body, lang, tags_json, created_at_ms, updated_at_ms FROM canned_answers WHERE id = ?1",
        params![id],
    )?;
    Ok(row_of(row.ok_or(CannedError::NotFound)?)?)
}

/// Adds an answer; answers its id.
pub(super) fn insert(
    tx: &mut dyn Tx,
    values: &CannedValues,
    now_ms: i64,
) -> Result<i64, CannedError> {
    Ok(tx.insert(
        "INSERT INTO canned_answers (title, body, lang, tags_json, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        params![
            &values.title,
            &values.body,
            values.lang.code(),
            &tags_json(values)?,
            now_ms
        ],
    )?)
}

/// Replaces an answer. Errors: there is none.
pub(super) fn update(
    tx: &mut dyn Tx,
    id: i64,
    values: &CannedValues,
    now_ms: i64,
) -> Result<(), CannedError> {
    found(tx.execute(
        "UPDATE canned_answers SET title = ?2, body = ?3, lang = ?4, tags_json = ?5, updated_at_ms = ?6 WHERE id = ?1",
        params![
            id,
            &values.title,
            &values.body,
            values.lang.code(),
            &tags_json(values)?,
            now_ms
        ],
    )?)
}

/// Removes an answer. Errors: there is none.
pub(super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), CannedError> {
    found(tx.execute("DELETE FROM canned_answers WHERE id = ?1", params![id])?)
}

fn found(rows: u64) -> Result<(), CannedError> {
    if rows == 0 {
        return Err(CannedError::NotFound);
    }
    Ok(())
}

fn tags_json(values: &CannedValues) -> Result<String, DbError> {
    serde_json::to_string(&values.tags).map_err(|error| DbError::Internal(error.to_string()))
}

fn row_of(mut row: Row) -> Result<CannedAnswer, DbError> {
    let damaged = |what: &str| DbError::Internal(format!("a canned answer's {what} is damaged"));
    Ok(CannedAnswer {
        id: row.take(0)?,
        title: row.take(1)?,
        body: row.take(2)?,
        lang: row
            .take::<String>(3)?
            .parse::<Lang>()
            .map_err(|_| damaged("language"))?,
        tags: serde_json::from_str(&row.take::<String>(4)?).map_err(|_| damaged("tags_json"))?,
        created_at_ms: row.take(5)?,
        updated_at_ms: row.take(6)?,
    })
}
