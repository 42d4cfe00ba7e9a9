//! SQL over reminders.

use super::super::BookingError;
use super::super::limits::DueReminder;
use super::super::model::Channel;
use super::super::record::{Reminder, ReminderState};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

macro_rules! select_reminders {
    ($rest:literal) => {
        concat!(
            "SELECT id, booking_id, channel, offset_min, due_at_ms, is_urgent, state, sent_at_ms, created_at_ms FROM booking_reminders ",
            $rest
        )
    };
}

pub(in super::super) fn insert_due(
    tx: &mut dyn Tx,
    booking_id: i64,
    due: DueReminder,
    now_ms: i64,
) -> Result<i64, DbError> {
    insert(
        tx,
        booking_id,
        due.channel,
        Some(due.offset_min),
        due.due_ms,
        now_ms,
    )
}

/// Adds a reminder; answers its number.
pub(in super::super) fn insert(
    tx: &mut dyn Tx,
    booking_id: i64,
    channel: Channel,
    offset_min: Option<u32>,
    due_at_ms: i64,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO booking_reminders (booking_id, channel, offset_min, due_at_ms, is_urgent, state, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, 0, 'pending', ?5)",
        params![booking_id, channel.as_str(), offset_min, due_at_ms, now_ms],
    )
}

/// The reminders of a booking by their time.
pub(in super::super) fn of(tx: &mut dyn Tx, booking_id: i64) -> Result<Vec<Reminder>, DbError> {
    reminders(tx.query(
        select_reminders!("WHERE booking_id = ?1 ORDER BY due_at_ms, id"),
        params![booking_id],
    )?)
}

pub(in super::super) fn reminder(tx: &mut dyn Tx, id: i64) -> Result<Reminder, BookingError> {
    let row = tx.query_first(select_reminders!("WHERE id = ?1"), params![id])?;
    Ok(reminder_of(row.ok_or(BookingError::NotFound("reminder"))?)?)
}

/// A page of reminders by their time, and how many there are.
///
/// * `booking_id`, `state`: `None` does not matter.
pub(in super::super) fn list(
    tx: &mut dyn Tx,
    booking_id: Option<i64>,
    state: Option<ReminderState>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Reminder>, i64), DbError> {
    let booking_id = booking_id.unwrap_or(0);
    let state = state.map_or("", ReminderState::as_str);
    let total = tx.query_value(
        "SELECT COUNT(*) FROM booking_reminders WHERE (?1 = 0 OR booking_id = ?1) AND (?2 = '' OR state = ?2)",
        params![booking_id, state],
    )?;
    let rows = tx.query(
        select_reminders!(
            "WHERE (?1 = 0 OR booking_id = ?1) AND (?2 = '' OR state = ?2) ORDER BY due_at_ms, id LIMIT ?3 OFFSET ?4"
        ),
        params![booking_id, state, limit, offset],
    )?;
    Ok((reminders(rows)?, total))
}

/// Pending ones that are due, the longest waiting first.
pub(in super::super) fn due(
    tx: &mut dyn Tx,
    now_ms: i64,
    limit: usize,
) -> Result<Vec<Reminder>, DbError> {
    reminders(tx.query(
        select_reminders!(
            "WHERE state = 'pending' AND due_at_ms <= ?1 ORDER BY due_at_ms, id LIMIT ?2"
        ),
        params![now_ms, i64::try_from(limit).unwrap_or(i64::MAX)],
    )?)
}

/// Calls off every pending reminder of a booking.
pub(in super::super) fn cancel_all(tx: &mut dyn Tx, booking_id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE booking_reminders SET state = 'cancelled' WHERE booking_id = ?1 AND state = 'pending'",
        params![booking_id],
    )?;
    Ok(())
}

pub(in super::super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM booking_reminders WHERE id = ?1", params![id])?;
    Ok(())
}

pub(in super::super) fn set_state(
    tx: &mut dyn Tx,
    id: i64,
    state: ReminderState,
    sent_at_ms: Option<i64>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE booking_reminders SET state = ?2, sent_at_ms = ?3 WHERE id = ?1",
        params![id, state.as_str(), sent_at_ms],
    )?;
    Ok(())
}

/// Lets a pending reminder wait until then.
pub(in super::super) fn set_due(
    tx: &mut dyn Tx,
    id: i64,
    due_at_ms: i64,
    is_urgent: bool,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE booking_reminders SET due_at_ms = ?2, is_urgent = ?3 WHERE id = ?1",
        params![id, due_at_ms, is_urgent],
    )?;
    Ok(())
}

fn reminders(rows: Vec<Row>) -> Result<Vec<Reminder>, DbError> {
    rows.into_iter().map(reminder_of).collect()
}

fn reminder_of(mut row: Row) -> Result<Reminder, DbError> {
    Ok(Reminder {
        id: row.take(0)?,
        booking_id: row.take(1)?,
        channel: row.word(2)?,
        offset_min: row.take(3)?,
        due_at_ms: row.take(4)?,
        is_urgent: row.take(5)?,
        state: row.word(6)?,
        sent_at_ms: row.take(7)?,
        created_at_ms: row.take(8)?,
    })
}
