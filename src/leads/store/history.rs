//! What became of leads, and what the team notes on them.

use super::super::changes::{Change, FieldChange};
use super::{DbError, Tx, to_json};
use crate::params;
use crate::platform::db::Row;

/// A row of a lead's history.
pub(in super::super) struct Past {
    pub(in super::super) at_ms: i64,
    pub(in super::super) actor: String,
    pub(in super::super) kind: String,
    pub(in super::super) changes: Vec<FieldChange>,
    pub(in super::super) other_lead_id: Option<i64>,
}

/// A note as it is on disk.
pub(in super::super) struct Note {
    pub(in super::super) id: i64,
    pub(in super::super) author_id: Option<i64>,
    pub(in super::super) author_name: String,
    pub(in super::super) body: String,
    pub(in super::super) created_at_ms: i64,
}

/// Adds a row to a lead's history.
pub(in super::super) fn add(
    tx: &mut dyn Tx,
    change: &Change<'_>,
    changes: &[FieldChange],
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO lead_history (lead_id, at_ms, actor, kind, changes_json, other_lead_id) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            change.lead.id,
            now_ms,
            change.by,
            change.what.as_str(),
            &to_json(&changes)?,
            change.other_id
        ],
    )?;
    Ok(())
}

/// A lead's history, the oldest first.
pub(in super::super) fn of(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<Past>, DbError> {
    let rows = tx.query(
        "SELECT at_ms, actor, kind, changes_json, other_lead_id FROM lead_history WHERE lead_id = ?1 ORDER BY id",
        params![lead_id],
    )?;
    rows.into_iter().map(past_of).collect()
}

fn past_of(mut row: Row) -> Result<Past, DbError> {
    let changes: String = row.take(3)?;
    Ok(Past {
        at_ms: row.take(0)?,
        actor: row.take(1)?,
        kind: row.take(2)?,
        changes: changes_of(&changes)?,
        other_lead_id: row.take(4)?,
    })
}

/// The changes noted where leads were taken over from another program.
pub(in super::super) fn imports(tx: &mut dyn Tx) -> Result<Vec<Vec<FieldChange>>, DbError> {
    let rows = tx.query(
        "SELECT changes_json FROM lead_history WHERE kind = 'imported'",
        params![],
    )?;
    rows.into_iter()
        .map(|mut row| changes_of(&row.take::<String>(0)?))
        .collect()
}

fn changes_of(json: &str) -> Result<Vec<FieldChange>, DbError> {
    serde_json::from_str(json)
        .map_err(|error| DbError::Internal(format!("a lead's history is damaged: {error}")))
}

/// Adds a note; answers its number.
pub(in super::super) fn add_note(
    tx: &mut dyn Tx,
    lead_id: i64,
    author: (Option<i64>, &str),
    body: &str,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO lead_notes (lead_id, author_id, author_name, body, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![lead_id, author.0, author.1, body, now_ms],
    )
}

/// The notes on a lead, the oldest first.
pub(in super::super) fn notes(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<Note>, DbError> {
    let rows = tx.query(
        "SELECT id, author_id, author_name, body, created_at_ms FROM lead_notes WHERE lead_id = ?1 \
         ORDER BY created_at_ms, id",
        params![lead_id],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Note {
                id: row.take(0)?,
                author_id: row.take(1)?,
                author_name: row.take(2)?,
                body: row.take(3)?,
                created_at_ms: row.take(4)?,
            })
        })
        .collect()
}

/// Gives a lead what another one was noted and went through.
pub(in super::super) fn take_over(tx: &mut dyn Tx, from: i64, into: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE lead_history SET lead_id = ?2 WHERE lead_id = ?1",
        params![from, into],
    )?;
    tx.execute(
        "UPDATE lead_notes SET lead_id = ?2 WHERE lead_id = ?1",
        params![from, into],
    )?;
    Ok(())
}
