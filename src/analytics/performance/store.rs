//! All SQL over measured times.

use std::collections::BTreeMap;

use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::timings::Times;

/// Times of a route over some time.
pub(super) struct Stored {
    pub(super) route: String,
    pub(super) times: Times,
}

/// What the process took over some time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct ProcessLoad {
    /// How often it was looked at.
    pub(super) samples: i64,
    /// Sum of the memory found.
    pub(super) resident_bytes: i64,
    /// Processor time used, and the time that passed meanwhile.
    pub(super) processor_ms: i64,
    pub(super) passed_ms: i64,
}

/// Adds times to a route's row of the quarter or day that begins at `start_ms`.
pub(super) fn add_times(
    tx: &mut dyn Tx,
    route: &str,
    (start_ms, length_ms): (i64, i64),
    times: &Times,
) -> Result<(), DbError> {
    let row = tx.query_first(
        "SELECT route, classes_json, total_us, max_us, client_errors, server_errors FROM request_times \
         WHERE start_ms = ?1 AND route = ?2",
        params![start_ms, route],
    )?;
    let mut sum = row
        .map(stored)
        .transpose()?
        .map_or_else(Times::default, |row| row.times);
    sum.merge(times);
    let classes = serde_json::to_string(&sum.classes)
        .map_err(|error| DbError::Internal(error.to_string()))?;
    tx.execute(
        "INSERT INTO request_times (start_ms, route, length_ms, classes_json, total_us, max_us, client_errors, \
         server_errors) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (start_ms, route) DO UPDATE SET \
         length_ms = excluded.length_ms, classes_json = excluded.classes_json, total_us = excluded.total_us, \
         max_us = excluded.max_us, client_errors = excluded.client_errors, server_errors = excluded.server_errors",
        params![
            start_ms,
            route,
            length_ms,
            &classes,
            sum.total_us as i64,
            sum.max_us as i64,
            sum.client_errors as i64,
            sum.server_errors as i64
        ],
    )?;
    Ok(())
}

/// Every row whose time ends after a moment.
pub(super) fn times_since(tx: &mut dyn Tx, since_ms: i64) -> Result<Vec<Stored>, DbError> {
    let rows = tx.query(
        "SELECT route, classes_json, total_us, max_us, client_errors, server_errors FROM request_times \
         WHERE start_ms + length_ms > ?1",
        params![since_ms],
    )?;
    rows.into_iter().map(stored).collect()
}

fn stored(mut row: Row) -> Result<Stored, DbError> {
    let route = row.take(0)?;
    let classes = serde_json::from_str(&row.take::<String>(1)?)
        .map_err(|error| DbError::Internal(format!("counted times are damaged: {error}")))?;
    let mut number = |at: usize| Ok::<u64, DbError>(row.take::<i64>(at)?.max(0) as u64);
    Ok(Stored {
        route,
        times: Times {
            classes,
            total_us: number(2)?,
            max_us: number(3)?,
            client_errors: number(4)?,
            server_errors: number(5)?,
        },
    })
}

/// Makes quarters that began before a moment into days; the moment is the beginning of one.
pub(super) fn into_days(
    tx: &mut dyn Tx,
    before_ms: i64,
    (quarter_ms, day_ms): (i64, i64),
) -> Result<(), DbError> {
    let rows = tx.query(
        "SELECT route, classes_json, total_us, max_us, client_errors, server_errors, start_ms FROM request_times \
         WHERE length_ms = ?1 AND start_ms < ?2",
        params![quarter_ms, before_ms],
    )?;
    let mut days: BTreeMap<(i64, String), Times> = BTreeMap::new();
    for mut row in rows {
        let start_ms: i64 = row.take(6)?;
        let day = start_ms - start_ms.rem_euclid(day_ms);
        let Stored { route, times } = stored(row)?;
        days.entry((day, route)).or_default().merge(&times);
    }
    tx.execute(
        "DELETE FROM request_times WHERE length_ms = ?1 AND start_ms < ?2",
        params![quarter_ms, before_ms],
    )?;
    for ((day, route), times) in days {
        add_times(tx, &route, (day, day_ms), &times)?;
    }
    Ok(())
}

/// Drops what ended before a moment.
pub(super) fn drop_before(tx: &mut dyn Tx, before_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM request_times WHERE start_ms + length_ms <= ?1",
        params![before_ms],
    )?;
    tx.execute(
        "DELETE FROM process_load WHERE start_ms < ?1",
        params![before_ms],
    )?;
    Ok(())
}

/// Adds a look at the process to its quarter.
pub(super) fn add_load(tx: &mut dyn Tx, start_ms: i64, load: ProcessLoad) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO process_load (start_ms, samples, resident_bytes, processor_ms, passed_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (start_ms) DO UPDATE SET \
         samples = process_load.samples + excluded.samples, \
         resident_bytes = process_load.resident_bytes + excluded.resident_bytes, \
         processor_ms = process_load.processor_ms + excluded.processor_ms, \
         passed_ms = process_load.passed_ms + excluded.passed_ms",
        params![
            start_ms,
            load.samples,
            load.resident_bytes,
            load.processor_ms,
            load.passed_ms
        ],
    )?;
    Ok(())
}

/// What the process took in quarters that began after a moment.
pub(super) fn load_since(tx: &mut dyn Tx, since_ms: i64) -> Result<ProcessLoad, DbError> {
    let row = tx.query_first(
        "SELECT CAST(COALESCE(SUM(samples), 0) AS INTEGER), CAST(COALESCE(SUM(resident_bytes), 0) AS INTEGER), \
         CAST(COALESCE(SUM(processor_ms), 0) AS INTEGER), CAST(COALESCE(SUM(passed_ms), 0) AS INTEGER) \
         FROM process_load WHERE start_ms > ?1",
        params![since_ms],
    )?;
    let Some(mut row) = row else {
        return Ok(ProcessLoad::default());
    };
    Ok(ProcessLoad {
        samples: row.take(0)?,
        resident_bytes: row.take(1)?,
        processor_ms: row.take(2)?,
        passed_ms: row.take(3)?,
    })
}
