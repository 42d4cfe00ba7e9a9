//! What the rights over personal data need of bookings: finding a person's, and erasing them.

use poem_openapi::types::ToJSON;
use serde_json::{Value, json};

use super::views::ExportedBooking;
use super::{BookingError, store};
use crate::leads::Trace;
use crate::notify::outbox::{self, About};
use crate::params;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};
use crate::webhooks;

macro_rules! traces {
    ($tx:expr, $rest:literal, $params:expr) => {
        $tx.query(
            concat!(
                "SELECT id, client_name, client_email_key, client_phone_e164, session_id, lead_id, created_at_ms \
                 FROM bookings ",
                $rest
            ),
            $params,
        )?
        .into_iter()
        .map(Trace::of)
        .collect()
    };
}

/// Bookings with an e-mail address (lower case).
pub fn traces_by_email(tx: &mut dyn Tx, key: &str) -> Result<Vec<Trace>, DbError> {
    traces!(tx, "WHERE client_email_key = ?1 ORDER BY id", params![key])
}

/// Bookings with a phone number (E.164).
pub fn traces_by_phone(tx: &mut dyn Tx, e164: &str) -> Result<Vec<Trace>, DbError> {
    traces!(
        tx,
        "WHERE client_phone_e164 = ?1 ORDER BY id",
        params![e164]
    )
}

/// Bookings that were made in a session.
pub fn traces_by_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Trace>, DbError> {
    traces!(tx, "WHERE session_id = ?1 ORDER BY id", params![session_id])
}

/// Bookings of a lead.
pub fn traces_by_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<Trace>, DbError> {
    traces!(tx, "WHERE lead_id = ?1 ORDER BY id", params![lead_id])
}

/// One booking.
pub fn trace(tx: &mut dyn Tx, id: i64) -> Result<Option<Trace>, DbError> {
    let found: Result<Vec<Trace>, DbError> = traces!(tx, "WHERE id = ?1", params![id]);
    Ok(found?.pop())
}

/// Bookings after a number: for what a restored backup brought back.
pub fn traces_after(tx: &mut dyn Tx, after_id: i64, limit: i64) -> Result<Vec<Trace>, DbError> {
    traces!(
        tx,
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![after_id, limit]
    )
}

/// Visits that ended before a time, the oldest first.
pub fn ended(tx: &mut dyn Tx, before_ms: i64, limit: i64) -> Result<Vec<Trace>, DbError> {
    traces!(
        tx,
        "WHERE start_ms < ?1 AND end_ms < ?1 ORDER BY id LIMIT ?2",
        params![before_ms, limit]
    )
}

/// How many visits ended before a time.
pub fn ended_count(tx: &mut dyn Tx, before_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM bookings WHERE start_ms < ?1 AND end_ms < ?1",
        params![before_ms],
    )
}

/// One booking as its client may have it, with what they said of the visit.
///
/// Errors: there is none.
pub fn export(tx: &mut dyn Tx, id: i64) -> Result<Value, BookingError> {
    let booking = store::booking(tx, id)?;
    let mut shown = ExportedBooking::from(&booking)
        .to_json()
        .unwrap_or_default();
    if let Some(feedback) = store::feedback::of(tx, id)? {
        shown["feedback"] = json!({
            "rating": feedback.rating,
            "comment": feedback.comment,
            "timestamp": to_rfc3339(feedback.rated_at_ms),
        });
    }
    Ok(shown)
}

/// Erases a booking with its history, reminders and letters, and gives its time back; answers how many bookings and
/// letters went.
pub fn erase(tx: &mut dyn Tx, id: i64) -> Result<(u64, u64), DbError> {
    let letters = outbox::forget(tx, About::Booking(id))?;
    webhooks::forget(tx, About::Booking(id))?;
    let bookings = tx.execute("DELETE FROM bookings WHERE id = ?1", params![id])?;
    Ok((bookings, letters))
}
