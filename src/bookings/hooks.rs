//! What webhooks and the numbers hear of bookings.

use serde_json::{Value, json};

use super::record::{Booking, Placed};
use super::store;
use super::views::BookingView;
use crate::analytics::{self, Event};
use crate::leads::{self, Lead};
use crate::notify::outbox::About;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};
use crate::webhooks::{self, EventKind};

/// Tells of a booking as it now stands; part of the transaction that changes it.
pub(super) fn tell(tx: &mut dyn Tx, kind: EventKind, id: i64, now_ms: i64) -> Result<(), DbError> {
    webhooks::queue(tx, kind, About::Booking(id), now_ms, |tx| {
        Ok(json!({"booking": data(tx, id)?}))
    })
}

/// Tells that a booking has another time, place or member; nothing when it has none of them.
pub(super) fn tell_moved(
    tx: &mut dyn Tx,
    before: &Booking,
    placed: &Placed,
    area: Option<&str>,
    now_ms: i64,
) -> Result<(), DbError> {
    let now = (placed.start_ms, placed.end_ms, placed.staff_id, area);
    let was = (
        before.start_ms,
        before.end_ms,
        before.staff_id,
        before.area.as_deref(),
    );
    if now == was {
        return Ok(());
    }
    let (kind, about) = (EventKind::BookingRescheduled, About::Booking(before.id));
    webhooks::queue(tx, kind, about, now_ms, |tx| {
        Ok(json!({
            "booking": data(tx, before.id)?,
            "previous": {
                "start": to_rfc3339(before.start_ms),
                "end": to_rfc3339(before.end_ms),
                "staff_id": before.staff_id,
                "area": before.area,
            },
        }))
    })
}

/// Has the numbers take note of something about a booking.
pub(super) fn count(
    tx: &mut dyn Tx,
    booking: &Booking,
    event: &Event,
    now_ms: i64,
) -> Result<(), DbError> {
    let session = match &booking.session_id {
        Some(session_id) => analytics::session_of(tx, session_id)?,
        None => None,
    };
    analytics::record(tx, session, event, now_ms)
}

/// Has the numbers take note of a new booking: as of its own session, else of that of the client's lead.
pub(super) fn count_new(
    tx: &mut dyn Tx,
    booking_id: i64,
    service_id: i64,
    session_id: Option<&str>,
    lead: &Lead,
    now_ms: i64,
) -> Result<(), DbError> {
    let own = match session_id {
        Some(session_id) => analytics::session_of(tx, session_id)?,
        None => None,
    };
    let session = match own {
        Some(session) => Some(session),
        None => leads::analytics_session(tx, lead, now_ms)?,
    };
    let event = Event::Booked {
        booking_id,
        service_id,
    };
    analytics::record(tx, session, &event, now_ms)
}

/// The booking as the team's API lists it, but for its session's id, which would open the conversation.
fn data(tx: &mut dyn Tx, id: i64) -> Result<Value, DbError> {
    let fault = |error: &dyn std::error::Error| DbError::Internal(error.to_string());
    let booking = store::booking(tx, id).map_err(|error| fault(&error))?;
    let mut data =
        serde_json::to_value(BookingView::from(&booking)).map_err(|error| fault(&error))?;
    if let Some(fields) = data.as_object_mut() {
        fields.remove("session_id");
    }
    Ok(data)
}
