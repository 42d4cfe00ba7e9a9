//! Visits with an end of their own: what generated data is made of. Nobody hears of them, and nobody is reminded.

use serde_json::json;

use super::BookingError;
use super::desk::{self, Ask};
use super::model::BookingStatus;
use super::record::{Client, Happened, NewBooking};
use super::store;
use crate::accounts::audit::{SYSTEM, VISITOR};
use crate::knowledge::Company;
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};

/// A client says what they think of a visit this long after it.
const RATED_AFTER_MS: i64 = 20 * 3_600_000;

/// What becomes of a visit, once its time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It takes place.
    Done,
    /// The client does not come.
    NoShow,
    /// The client cancels it half-way between booking and visit.
    Cancelled,
}

/// A visit somebody asked for.
#[derive(Debug, Clone)]
pub struct PastVisit<'a> {
    /// Who.
    pub client: &'a Client,
    /// What they are written in.
    pub lang: Lang,
    /// The visitor's session.
    pub session_id: &'a str,
    /// The client among the leads.
    pub lead_id: i64,
    /// When they booked, in milliseconds UTC.
    pub asked_at_ms: i64,
    /// Near which time it shall be.
    pub wanted_ms: i64,
    /// What becomes of it.
    pub fate: Fate,
    /// What the client says of it, 1 to 5, when it took place.
    pub rating: Option<i64>,
}

/// A visit that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptVisit {
    /// Its number.
    pub id: i64,
    /// Number of the service.
    pub service_id: i64,
    /// Which status it came to and when; `None`: it is still to come.
    pub ended: Option<(BookingStatus, i64)>,
    /// When it was rated, if it was.
    pub rated_at_ms: Option<i64>,
}

/// Books the free time nearest to the wanted one, by the rules that held for whoever asked then, and writes what has become
/// of the visit by `now_ms`; `None` when nothing is offered or no time was free.
pub fn keep_past(
    tx: &mut dyn Tx,
    company: &Company,
    visit: &PastVisit<'_>,
    now_ms: i64,
) -> Result<Option<KeptVisit>, BookingError> {
    let offers = store::setup::services(tx)?;
    let Some(offer) = offers.into_iter().find(|offer| offer.is_active) else {
        return Ok(None);
    };
    let service_id = offer.service.id;
    let ask = Ask {
        service_id,
        ..Ask::default()
    };
    let (desk, slots) = desk::nearest(tx, company, &ask, visit.wanted_ms, visit.asked_at_ms)?;
    let Some(slot) = slots.first() else {
        return Ok(None);
    };
    let placed = desk.place_at(slot.start_ms)?;
    let new = NewBooking {
        service_id,
        placed: &placed,
        client: visit.client,
        lang: visit.lang,
        notes: None,
        area: None,
        session_id: Some(visit.session_id),
        lead_id: visit.lead_id,
        created_by: None,
    };
    let id = store::insert(tx, &new, visit.asked_at_ms)?;
    let details = json!({"start_ms": placed.start_ms, "staff_id": placed.staff_id});
    let asked_at_ms = visit.asked_at_ms;
    store::note(tx, id, VISITOR, Happened::Created, &details, asked_at_ms)?;
    let ended = end(tx, id, visit, (placed.start_ms, placed.end_ms), now_ms)?;
    let rated_at_ms = match ended {
        Some((BookingStatus::Done, at_ms)) if at_ms + RATED_AFTER_MS <= now_ms => visit
            .rating
            .map(|rating| {
                store::feedback::rate(tx, id, rating, None, at_ms + RATED_AFTER_MS)?;
                Ok::<_, DbError>(at_ms + RATED_AFTER_MS)
            })
            .transpose()?,
        _ => None,
    };
    Ok(Some(KeptVisit {
        id,
        service_id,
        ended,
        rated_at_ms,
    }))
}

/// Writes what became of the visit by now.
fn end(
    tx: &mut dyn Tx,
    id: i64,
    visit: &PastVisit<'_>,
    (start_ms, end_ms): (i64, i64),
    now_ms: i64,
) -> Result<Option<(BookingStatus, i64)>, DbError> {
    let (status, happened, by, at_ms) = match visit.fate {
        Fate::Done => (BookingStatus::Done, Happened::Done, SYSTEM, end_ms),
        Fate::NoShow => (BookingStatus::NoShow, Happened::NoShow, SYSTEM, end_ms),
        Fate::Cancelled => {
            let half_way_ms = visit.asked_at_ms.midpoint(start_ms);
            (
                BookingStatus::Cancelled,
                Happened::Cancelled,
                VISITOR,
                half_way_ms,
            )
        }
    };
    if at_ms > now_ms {
        return Ok(None);
    }
    store::set_status(tx, id, status, at_ms)?;
    let details = json!({"from": BookingStatus::Booked.as_str()});
    store::note(tx, id, by, happened, &details, at_ms)?;
    Ok(Some((status, at_ms)))
}
