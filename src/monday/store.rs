//! All SQL over `monday_leads`.

use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// A lead the board is to show; fields as in schema.sql.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) version: i64,
    pub(super) is_uncertain: bool,
    pub(super) attempts: u32,
}

/// How far the copying is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) pending: i64,
    pub(super) synced: i64,
    pub(super) failed: i64,
}

/// Marks a lead as changed.
pub(super) fn want(tx: &mut dyn Tx, lead_id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO monday_leads (lead_id, state, version, is_uncertain, attempts, changed_at_ms) \
         VALUES (?1, 'pending', 1, 0, 0, ?2) ON CONFLICT (lead_id) DO UPDATE SET state = 'pending', \
         version = monday_leads.version + 1, attempts = 0, changed_at_ms = excluded.changed_at_ms",
        params![lead_id, now_ms],
    )?;
    Ok(())
}

/// A lead that waits.
pub(super) fn wanted(tx: &mut dyn Tx, lead_id: i64) -> Result<Option<Wanted>, DbError> {
    tx.query_first(
        "SELECT version, is_uncertain, attempts FROM monday_leads WHERE lead_id = ?1 AND state = 'pending'",
        params![lead_id],
    )?
    .map(wanted_row)
    .transpose()
}

fn wanted_row(mut row: Row) -> Result<Wanted, DbError> {
    Ok(Wanted {
        version: row.take(0)?,
        is_uncertain: row.take(1)?,
        attempts: row.take(2)?,
    })
}

/// Notes that an item is about to be asked for: until its number is known, there may be one.
pub(super) fn ask(tx: &mut dyn Tx, lead_id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE monday_leads SET is_uncertain = 1 WHERE lead_id = ?1",
        params![lead_id],
    )?;
    Ok(())
}

/// Notes that the board shows a lead as it was at `version`.
pub(super) fn synced(
    tx: &mut dyn Tx,
    lead_id: i64,
    version: i64,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE monday_leads SET state = CASE WHEN version = ?2 THEN 'synced' ELSE state END, is_uncertain = 0, \
         attempts = 0, last_error = NULL, synced_at_ms = ?3 WHERE lead_id = ?1",
        params![lead_id, version, now_ms],
    )?;
    Ok(())
}

/// Notes a failed try.
///
/// * `is_last`: it is given up.
pub(super) fn failed(
    tx: &mut dyn Tx,
    lead_id: i64,
    error: &str,
    is_last: bool,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE monday_leads SET state = CASE WHEN ?3 = 1 THEN 'failed' ELSE state END, attempts = attempts + 1, \
         last_error = ?2 WHERE lead_id = ?1",
        params![lead_id, error, is_last],
    )?;
    Ok(())
}

/// How many leads wait, are there, and were given up.
pub(super) fn counts(tx: &mut dyn Tx) -> Result<Counts, DbError> {
    let mut counts = Counts::default();
    let rows = tx.query(
        "SELECT state, COUNT(*) FROM monday_leads GROUP BY state",
        params![],
    )?;
    for mut row in rows {
        let state: String = row.take(0)?;
        let count = row.take(1)?;
        match state.as_str() {
            "pending" => counts.pending = count,
            "synced" => counts.synced = count,
            _ => counts.failed = count,
        }
    }
    Ok(counts)
}

/// Leads that were given up, the oldest first.
pub(super) fn given_up(tx: &mut dyn Tx, limit: i64) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(
        "SELECT lead_id FROM monday_leads WHERE state = 'failed' ORDER BY lead_id LIMIT ?1",
        params![limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
