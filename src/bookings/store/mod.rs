//! All SQL over bookings.

pub(super) mod feedback;
pub(super) mod reminders;
pub(super) mod setup;

use serde_json::Value;

use super::BookingError;
use super::diary::Booked;
use super::model::{BookingStatus, GRAIN_MIN, Interval, minutes_ms};
use super::record::{Booking, Client, Event, Happened, NewBooking, Placed};
use super::slots::Refusal;
use crate::leads::{Email, Phone};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// Longer than any visit with everything around it, so that an index finds those that touch a time.
const LONGEST_MS: i64 = 4 * 86_400_000;

macro_rules! select_bookings {
    ($rest:literal) => {
        concat!(
            "SELECT b.id, b.service_id, s.names_json, s.location_kind, b.staff_id, m.name, b.client_name, \
             b.client_email, b.client_email_key, b.client_phone, b.client_phone_e164, b.lang, b.notes, b.area, \
             b.session_id, b.lead_id, b.start_ms, b.end_ms, b.busy_from_ms, b.busy_to_ms, b.wall_time, b.time_zone, \
             b.status, b.sequence, b.created_by, b.created_at_ms, b.updated_at_ms \
             FROM bookings b JOIN booking_services s ON s.id = b.service_id \
             JOIN booking_staff m ON m.id = b.staff_id ",
            $rest
        )
    };
}

/// What holds a member's time within an interval.
///
/// * `but`: a booking that is to be moved, and counts no more.
pub(super) fn booked(
    tx: &mut dyn Tx,
    staff_id: i64,
    within: Interval,
    but: Option<i64>,
) -> Result<Vec<Booked>, DbError> {
    tx.query(
        "SELECT service_id, start_ms, busy_from_ms, busy_to_ms FROM bookings \
         WHERE staff_id = ?1 AND status <> 'cancelled' AND busy_to_ms > ?2 AND busy_to_ms < ?3 AND busy_from_ms < ?4 \
         AND id <> ?5",
        params![
            staff_id,
            within.from_ms,
            within.to_ms + LONGEST_MS,
            within.to_ms,
            but.unwrap_or(0)
        ],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Booked {
            service_id: row.take(0)?,
            start_ms: row.take(1)?,
            busy: Interval {
                from_ms: row.take(2)?,
                to_ms: row.take(3)?,
            },
        })
    })
    .collect()
}

/// Stores a booking and holds its time; answers its number.
///
/// Errors: somebody holds that time, which the caller's own check should have found.
pub(super) fn insert(
    tx: &mut dyn Tx,
    new: &NewBooking<'_>,
    now_ms: i64,
) -> Result<i64, BookingError> {
    let (placed, client) = (new.placed, new.client);
    let id = tx.insert(
        "INSERT INTO bookings (service_id, staff_id, client_name, client_email, client_email_key, client_phone, \
         client_phone_e164, lang, notes, area, session_id, lead_id, start_ms, end_ms, busy_from_ms, busy_to_ms, \
         wall_time, time_zone, status, sequence, created_by, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 'booked', 0, ?19, \
         ?20, ?20)",
        params![
            new.service_id,
            placed.staff_id,
            &client.name,
            client.email.as_str(),
            client.email.key(),
            client.phone.as_str(),
            client.phone.e164(),
            new.lang.code(),
            new.notes,
            new.area,
            new.session_id,
            new.lead_id,
            placed.start_ms,
            placed.end_ms,
            placed.busy.from_ms,
            placed.busy.to_ms,
            &placed.wall_time,
            &placed.time_zone,
            new.created_by,
            now_ms
        ],
    )?;
    hold(tx, id, placed)?;
    Ok(id)
}

/// Moves a booking to another time, another member or both.
///
/// Errors: as [`insert`].
pub(super) fn place(
    tx: &mut dyn Tx,
    id: i64,
    placed: &Placed,
    area: Option<&str>,
    now_ms: i64,
) -> Result<(), BookingError> {
    tx.execute(
        "UPDATE bookings SET staff_id = ?2, start_ms = ?3, end_ms = ?4, busy_from_ms = ?5, busy_to_ms = ?6, \
         wall_time = ?7, time_zone = ?8, area = ?9, sequence = sequence + 1, updated_at_ms = ?10 WHERE id = ?1",
        params![
            id,
            placed.staff_id,
            placed.start_ms,
            placed.end_ms,
            placed.busy.from_ms,
            placed.busy.to_ms,
            &placed.wall_time,
            &placed.time_zone,
            area,
            now_ms
        ],
    )?;
    release(tx, id)?;
    hold(tx, id, placed)
}

/// Takes every 5 minutes of the widened visit.
fn hold(tx: &mut dyn Tx, id: i64, placed: &Placed) -> Result<(), BookingError> {
    for cell in cells(placed.busy) {
        tx.execute(
            "INSERT INTO booking_times (staff_id, cell, booking_id) VALUES (?1, ?2, ?3)",
            params![placed.staff_id, cell, id],
        )
        .map_err(|error| {
            if error.is_unique("booking_times.cell") {
                tracing::error!(booking = id, "the check let through a time that is taken");
                BookingError::Refused(Refusal::Taken)
            } else {
                error.into()
            }
        })?;
    }
    Ok(())
}

/// The 5 minutes an interval touches. Lengths and beginnings are multiples of 5, so intervals apart have none in common.
fn cells(busy: Interval) -> std::ops::Range<i64> {
    let grain_ms = minutes_ms(GRAIN_MIN);
    busy.from_ms.div_euclid(grain_ms)..(busy.to_ms + grain_ms - 1).div_euclid(grain_ms)
}

/// Gives back the time a booking holds.
fn release(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM booking_times WHERE booking_id = ?1",
        params![id],
    )?;
    Ok(())
}

/// Notes what became of a booking; a cancelled one gives its time back.
pub(super) fn set_status(
    tx: &mut dyn Tx,
    id: i64,
    status: BookingStatus,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE bookings SET status = ?2, sequence = sequence + 1, updated_at_ms = ?3 WHERE id = ?1",
        params![id, status.as_str(), now_ms],
    )?;
    if !status.holds_time() {
        release(tx, id)?;
    }
    Ok(())
}

/// Replaces who comes and what they said.
pub(super) fn set_client(
    tx: &mut dyn Tx,
    id: i64,
    client: &Client,
    notes: Option<&str>,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE bookings SET client_name = ?2, client_email = ?3, client_email_key = ?4, client_phone = ?5, \
         client_phone_e164 = ?6, notes = ?7, sequence = sequence + 1, updated_at_ms = ?8 WHERE id = ?1",
        params![
            id,
            &client.name,
            client.email.as_str(),
            client.email.key(),
            client.phone.as_str(),
            client.phone.e164(),
            notes,
            now_ms
        ],
    )?;
    Ok(())
}

pub(super) fn booking(tx: &mut dyn Tx, id: i64) -> Result<Booking, BookingError> {
    let row = tx.query_first(select_bookings!("WHERE b.id = ?1"), params![id])?;
    Ok(booking_of(row.ok_or(BookingError::NotFound("booking"))?)?)
}

/// Which bookings a list holds; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) from_ms: Option<i64>,
    pub(super) to_ms: Option<i64>,
    pub(super) staff_id: Option<i64>,
    pub(super) status: Option<BookingStatus>,
}

/// A page of bookings by their beginning, and how many there are.
pub(super) fn list(
    tx: &mut dyn Tx,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Booking>, i64), DbError> {
    let from_ms = filter.from_ms.unwrap_or(i64::MIN);
    let to_ms = filter.to_ms.unwrap_or(i64::MAX);
    let staff_id = filter.staff_id.unwrap_or(0);
    let status = filter.status.map_or("", BookingStatus::as_str);
    let total = tx.query_value(
        "SELECT COUNT(*) FROM bookings WHERE start_ms >= ?1 AND start_ms < ?2 AND (?3 = 0 OR staff_id = ?3) \
         AND (?4 = '' OR status = ?4)",
        params![from_ms, to_ms, staff_id, status],
    )?;
    let bookings = bookings(tx.query(
        select_bookings!(
            "WHERE b.start_ms >= ?1 AND b.start_ms < ?2 AND (?3 = 0 OR b.staff_id = ?3) \
             AND (?4 = '' OR b.status = ?4) ORDER BY b.start_ms, b.id LIMIT ?5 OFFSET ?6"
        ),
        params![from_ms, to_ms, staff_id, status, limit, offset],
    )?)?;
    Ok((bookings, total))
}

/// A member's bookings that hold time and begin from then on, the nearest first.
pub(super) fn of_staff(
    tx: &mut dyn Tx,
    staff_id: i64,
    from_ms: i64,
    limit: i64,
) -> Result<Vec<Booking>, DbError> {
    bookings(tx.query(
        select_bookings!(
            "WHERE b.staff_id = ?1 AND b.status <> 'cancelled' AND b.busy_to_ms > ?2 ORDER BY b.start_ms, b.id LIMIT ?3"
        ),
        params![staff_id, from_ms, limit],
    )?)
}

/// The bookings of a visitor's session, oldest first.
pub(super) fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Booking>, DbError> {
    bookings(tx.query(
        select_bookings!("WHERE b.session_id = ?1 ORDER BY b.id"),
        params![session_id],
    )?)
}

/// The bookings of a lead, oldest first.
pub(super) fn of_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<Booking>, DbError> {
    bookings(tx.query(
        select_bookings!("WHERE b.lead_id = ?1 ORDER BY b.id"),
        params![lead_id],
    )?)
}

/// Gives the bookings of one lead to another.
pub(super) fn relink(tx: &mut dyn Tx, from_lead: i64, into_lead: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE bookings SET lead_id = ?2 WHERE lead_id = ?1",
        params![from_lead, into_lead],
    )?;
    Ok(())
}

/// Removes the bookings of a session with everything about them; answers how many.
pub(super) fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM bookings WHERE session_id = ?1",
        params![session_id],
    )
}

/// Adds a row to a booking's history.
pub(super) fn note(
    tx: &mut dyn Tx,
    booking_id: i64,
    actor: &str,
    change: Happened,
    details: &Value,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO booking_history (booking_id, actor, change, details_json, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            booking_id,
            actor,
            change.as_str(),
            &details.to_string(),
            now_ms
        ],
    )?;
    Ok(())
}

/// What became of a booking, in order.
pub(super) fn history(tx: &mut dyn Tx, booking_id: i64) -> Result<Vec<Event>, DbError> {
    tx.query(
        "SELECT actor, change, details_json, created_at_ms FROM booking_history WHERE booking_id = ?1 ORDER BY id",
        params![booking_id],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Event {
            actor: row.take(0)?,
            change: row.word(1)?,
            details_json: row.take(2)?,
            created_at_ms: row.take(3)?,
        })
    })
    .collect()
}

fn bookings(rows: Vec<Row>) -> Result<Vec<Booking>, DbError> {
    rows.into_iter().map(booking_of).collect()
}

fn booking_of(mut row: Row) -> Result<Booking, DbError> {
    Ok(Booking {
        id: row.take(0)?,
        service_id: row.take(1)?,
        service_names: setup::from_json(&row.take::<String>(2)?)?,
        location_kind: row.word(3)?,
        staff_id: row.take(4)?,
        staff_name: row.take(5)?,
        client: Client {
            name: row.take(6)?,
            email: Email::stored(row.take(7)?, row.take(8)?),
            phone: Phone::stored(row.take(9)?, row.take(10)?),
        },
        lang: row.word(11)?,
        notes: row.take(12)?,
        area: row.take(13)?,
        session_id: row.take(14)?,
        lead_id: row.take(15)?,
        start_ms: row.take(16)?,
        end_ms: row.take(17)?,
        busy: Interval {
            from_ms: row.take(18)?,
            to_ms: row.take(19)?,
        },
        wall_time: row.take(20)?,
        time_zone: row.take(21)?,
        status: row.word(22)?,
        sequence: row.take(23)?,
        created_by: row.take(24)?,
        created_at_ms: row.take(25)?,
        updated_at_ms: row.take(26)?,
    })
}
