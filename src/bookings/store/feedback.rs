//! SQL over what clients say after a visit.

use super::super::record::Feedback;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// Visits that ended within a time, took place as far as anybody knows, and whose client was not asked yet; the longest
/// over first.
///
/// * `from_ms`, `to_ms`: when they ended.
pub(in super::super) fn to_be_asked(
    tx: &mut dyn Tx,
    from_ms: i64,
    to_ms: i64,
    limit: i64,
) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(
        "SELECT b.id FROM bookings b LEFT JOIN booking_feedback f ON f.booking_id = b.id \
         WHERE b.start_ms > ?1 AND b.start_ms < ?2 AND b.end_ms > ?3 AND b.end_ms <= ?2 \
         AND b.status IN ('booked', 'done') AND f.booking_id IS NULL ORDER BY b.end_ms, b.id LIMIT ?4",
        params![from_ms - super::LONGEST_MS, to_ms, from_ms, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

pub(in super::super) fn note_asked(
    tx: &mut dyn Tx,
    booking_id: i64,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO booking_feedback (booking_id, asked_at_ms) VALUES (?1, ?2)",
        params![booking_id, now_ms],
    )?;
    Ok(())
}

/// Keeps what a client says, in place of what they said before.
pub(in super::super) fn rate(
    tx: &mut dyn Tx,
    booking_id: i64,
    rating: i64,
    comment: Option<&str>,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO booking_feedback (booking_id, rating, comment, rated_at_ms) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (booking_id) DO UPDATE SET rating = excluded.rating, comment = excluded.comment, \
         rated_at_ms = excluded.rated_at_ms",
        params![booking_id, rating, comment, now_ms],
    )?;
    Ok(())
}

/// What a client said, if they did.
pub(in super::super) fn of(tx: &mut dyn Tx, booking_id: i64) -> Result<Option<Feedback>, DbError> {
    let row = tx.query_first(
        "SELECT rating, comment, rated_at_ms FROM booking_feedback WHERE booking_id = ?1 AND rating IS NOT NULL",
        params![booking_id],
    )?;
    row.map(|mut row| {
        Ok(Feedback {
            rating: row.take(0)?,
            comment: row.take(1)?,
            rated_at_ms: row.take(2)?,
        })
    })
    .transpose()
}
