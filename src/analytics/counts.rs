//! Reading counts. Callers bring them up to date first.

use super::model::Metric;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// How often something happened, and the sum of what is measured with it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// How often.
    pub count: i64,
    /// Sum of what is measured: milliseconds, money, confidence; 0 where nothing is.
    pub total: f64,
}

/// The sum of `metric` over all labels, days `from` to `to` (both included; counted from 1970-01-01 in the company's zone).
pub fn total(tx: &mut dyn Tx, metric: Metric, from: i64, to: i64) -> Result<Count, DbError> {
    let row = tx.query_first(
        "SELECT CAST(COALESCE(SUM(count), 0) AS INTEGER), CAST(COALESCE(SUM(total), 0) AS REAL) \
         FROM analytics_days WHERE metric = ?1 AND day BETWEEN ?2 AND ?3",
        params![metric.as_str(), from, to],
    )?;
    row.map_or(Ok(Count::default()), |mut row| count_at(&mut row, 0))
}

/// Sums of `metric` by label over days `from` to `to`, the most frequent first.
pub fn by_label(
    tx: &mut dyn Tx,
    metric: Metric,
    from: i64,
    to: i64,
) -> Result<Vec<(String, Count)>, DbError> {
    tx.query(
        "SELECT label, CAST(SUM(count) AS INTEGER) AS times, CAST(SUM(total) AS REAL) FROM analytics_days \
         WHERE metric = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY label HAVING SUM(count) <> 0 ORDER BY times DESC, label",
        params![metric.as_str(), from, to],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, count_at(&mut row, 1)?)))
    .collect()
}

/// Sums of `metric` by day over days `from` to `to`, oldest first; a day on which nothing happened is left out.
pub fn by_day(
    tx: &mut dyn Tx,
    metric: Metric,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, Count)>, DbError> {
    tx.query(
        "SELECT day, CAST(SUM(count) AS INTEGER), CAST(SUM(total) AS REAL) FROM analytics_days \
         WHERE metric = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY day ORDER BY day",
        params![metric.as_str(), from, to],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, count_at(&mut row, 1)?)))
    .collect()
}

fn count_at(row: &mut Row, index: usize) -> Result<Count, DbError> {
    Ok(Count {
        count: row.take(index)?,
        total: row.take(index + 1)?,
    })
}

/// Sums of `metric` by day and label over days `from` to `to`.
pub fn cells(
    tx: &mut dyn Tx,
    metric: Metric,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, String, Count)>, DbError> {
    tx.query(
        "SELECT day, label, count, total FROM analytics_days WHERE metric = ?1 AND day BETWEEN ?2 AND ?3 \
         ORDER BY day, label",
        params![metric.as_str(), from, to],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, row.take(1)?, count_at(&mut row, 2)?)))
    .collect()
}
