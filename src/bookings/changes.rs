//! What becomes of a booking: moved, edited, cancelled, done. Clients within their limits, the team without.

use serde_json::json;

use super::desk::{Ask, Desk};
use super::letterhead::Letterhead;
use super::letters::Letters;
use super::limits::{Change, client_may};
use super::model::BookingStatus;
use super::record::{Booking, Client, Happened};
use super::service::{Bookings, Start, Whole};
use super::settings::BookingSettings;
use super::store::{self, Filter};
use super::{BookingError, hooks, reminders};
use crate::accounts::audit;
use crate::analytics::Event;
use crate::leads::{Email, Phone};
use crate::platform::db::Tx;
use crate::platform::http::Problem;
use crate::webhooks::EventKind;

/// What a member of the team changes; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Edit {
    pub(super) start: Option<Start>,
    pub(super) staff_id: Option<i64>,
    pub(super) area: Option<String>,
    pub(super) name: Option<String>,
    pub(super) email: Option<Email>,
    pub(super) phone: Option<Phone>,
    pub(super) notes: Option<String>,
    pub(super) status: Option<BookingStatus>,
}

impl Bookings {
    /// A page of bookings by their beginning, and how many there are.
    pub(super) async fn list(
        &self,
        filter: Filter,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Booking>, i64), BookingError> {
        Ok(self
            .store
            .read(move |tx| store::list(tx, &filter, limit, offset))
            .await?)
    }

    /// One booking with everything about it.
    pub(super) async fn whole(&self, id: i64) -> Result<Whole, BookingError> {
        self.store
            .read(move |tx| {
                Ok(Whole {
                    booking: store::booking(tx, id)?,
                    reminders: reminders::of(tx, id)?,
                    history: store::history(tx, id)?,
                    feedback: store::feedback::of(tx, id)?,
                })
            })
            .await
    }

    /// Moves the booking a link opens. Whoever takes it keeps it, unless somebody is named or they cannot.
    ///
    /// Errors: it is too late, or the time cannot be had; when others have it, with the nearest free ones.
    pub(super) async fn move_by_client(
        &self,
        token: &str,
        start: Start,
        staff_id: Option<i64>,
        now_ms: i64,
    ) -> Result<Booking, Problem> {
        let id = self.id_of(token)?;
        let moved = self.move_once(id, start, staff_id, now_ms).await;
        self.told(id, moved, start, now_ms).await
    }

    /// The same for a booking's number, telling nobody.
    pub(super) async fn move_once(
        &self,
        id: i64,
        start: Start,
        staff_id: Option<i64>,
        now_ms: i64,
    ) -> Result<Booking, BookingError> {
        let head = self.letterhead();
        self.store
            .write(move |tx| {
                let booking = store::booking(tx, id)?;
                let service = store::setup::service(tx, booking.service_id)?.service;
                client_may(
                    Change::Reschedule,
                    &service,
                    booking.status,
                    booking.start_ms,
                    now_ms,
                )?;
                let mut wish = Wish::of(&booking, start, audit::VISITOR, false);
                wish.ask.staff_id = staff_id.or(Some(booking.staff_id));
                let result = place(tx, &head, &booking, &wish, now_ms);
                let others_may = staff_id.is_none();
                match result {
                    Err(BookingError::Refused(_) | BookingError::NotFound(_)) if others_may => {
                        wish.ask.staff_id = None;
                        place(tx, &head, &booking, &wish, now_ms)?;
                    }
                    other => {
                        other?;
                    }
                }
                store::booking(tx, id)
            })
            .await
    }

    /// Cancels the booking a link opens. Cancelling again changes nothing.
    ///
    /// * `reason`: in the client's words, for the booking's history.
    /// * Errors: it is too late.
    pub async fn cancel_by_client(
        &self,
        token: &str,
        reason: Option<String>,
        now_ms: i64,
    ) -> Result<Booking, BookingError> {
        let id = self.id_of(token)?;
        let head = self.letterhead();
        let booking = self
            .store
            .write(move |tx| {
                let booking = store::booking(tx, id)?;
                if booking.status == BookingStatus::Cancelled {
                    return Ok(booking);
                }
                let service = store::setup::service(tx, booking.service_id)?.service;
                client_may(
                    Change::Cancel,
                    &service,
                    booking.status,
                    booking.start_ms,
                    now_ms,
                )?;
                become_now(
                    tx,
                    &head,
                    &booking,
                    BookingStatus::Cancelled,
                    audit::VISITOR,
                    reason.as_deref(),
                    now_ms,
                )?;
                store::booking(tx, id)
            })
            .await?;
        self.announce("booking_updated", &booking).await;
        Ok(booking)
    }

    /// Changes a booking for the team, which no notice binds.
    ///
    /// Errors: as for clients, but for being too late; a status it cannot get.
    pub(super) async fn edit(
        &self,
        id: i64,
        edit: Edit,
        by: String,
        now_ms: i64,
    ) -> Result<Booking, Problem> {
        let head = self.letterhead();
        let start = edit.start;
        let edited = self
            .store
            .write(move |tx| {
                let booking = store::booking(tx, id)?;
                apply(tx, &head, &booking, &edit, &by, now_ms)?;
                store::booking(tx, id)
            })
            .await;
        let start = match start {
            Some(start) => start,
            None => Start::At(self.start_of(id).await),
        };
        self.told(id, edited, start, now_ms).await
    }

    /// Gives a booking another status for the team.
    pub(super) async fn set_status(
        &self,
        id: i64,
        status: BookingStatus,
        by: String,
        now_ms: i64,
    ) -> Result<Booking, BookingError> {
        let head = self.letterhead();
        let booking = self
            .store
            .write(move |tx| {
                let booking = store::booking(tx, id)?;
                if booking.status != status {
                    become_now(tx, &head, &booking, status, &by, None, now_ms)?;
                }
                store::booking(tx, id)
            })
            .await?;
        self.announce("booking_updated", &booking).await;
        Ok(booking)
    }

    /// Tells the team of a change, or the caller which times are free instead.
    async fn told(
        &self,
        id: i64,
        changed: Result<Booking, BookingError>,
        start: Start,
        now_ms: i64,
    ) -> Result<Booking, Problem> {
        match changed {
            Ok(booking) => {
                self.announce("booking_updated", &booking).await;
                Ok(booking)
            }
            Err(error) if error.is_taken() => {
                let service_id = self.whole(id).await?.booking.service_id;
                let ask = Ask {
                    service_id,
                    moving: Some(id),
                    ..Ask::default()
                };
                Err(self.with_nearest(error, ask, start, now_ms).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn start_of(&self, id: i64) -> i64 {
        let booking = self.whole(id).await;
        booking.map_or(0, |whole| whole.booking.start_ms)
    }
}

/// Where a booking shall go.
struct Wish<'a> {
    ask: Ask,
    start: Start,
    by: &'a str,
}

impl<'a> Wish<'a> {
    fn of(booking: &Booking, start: Start, by: &'a str, is_team: bool) -> Self {
        Self {
            ask: Ask {
                service_id: booking.service_id,
                staff_id: Some(booking.staff_id),
                area: booking.area.clone(),
                moving: Some(booking.id),
                is_team,
            },
            start,
            by,
        }
    }
}

/// Moves a booking with its reminders, and writes the letters; answers whether there were any.
fn place(
    tx: &mut dyn Tx,
    head: &Letterhead,
    booking: &Booking,
    wish: &Wish<'_>,
    now_ms: i64,
) -> Result<bool, BookingError> {
    let settings = BookingSettings::load(tx)?;
    let start_ms = wish.start.moment(&settings.calendar(&head.company)?)?;
    let desk = Desk::load_at(tx, &head.company, &wish.ask, start_ms, now_ms)?;
    let placed = desk.place_at(start_ms)?;
    store::place(tx, booking.id, &placed, wish.ask.area.as_deref(), now_ms)?;
    let details = json!({
        "from": {"start_ms": booking.start_ms, "staff_id": booking.staff_id},
        "to": {"start_ms": placed.start_ms, "staff_id": placed.staff_id},
    });
    store::note(tx, booking.id, wish.by, Happened::Moved, &details, now_ms)?;
    let quiet = settings.quiet_hours()?;
    reminders::follow(tx, booking.id, &desk, placed.start_ms, quiet, now_ms)?;
    hooks::tell_moved(tx, booking, &placed, wish.ask.area.as_deref(), now_ms)?;
    let by_client = wish.by == audit::VISITOR;
    Letters::about(tx, head, booking.id, now_ms)?.moved(tx, booking, by_client)
}

/// Gives a booking another status; its reminders are called off, since none of them leads back to a visit to come.
fn become_now(
    tx: &mut dyn Tx,
    head: &Letterhead,
    booking: &Booking,
    status: BookingStatus,
    by: &str,
    reason: Option<&str>,
    now_ms: i64,
) -> Result<(), BookingError> {
    if !booking.status.may_become(status) {
        return Err(BookingError::Status(booking.status.as_str()));
    }
    let happened = match status {
        BookingStatus::Booked => return Err(BookingError::Status(booking.status.as_str())),
        BookingStatus::Cancelled => Happened::Cancelled,
        BookingStatus::Done => Happened::Done,
        BookingStatus::NoShow => Happened::NoShow,
    };
    if status != BookingStatus::Cancelled && booking.start_ms > now_ms {
        return Err(BookingError::NotBegun);
    }
    store::set_status(tx, booking.id, status, now_ms)?;
    store::reminders::cancel_all(tx, booking.id)?;
    let mut details = json!({"from": booking.status.as_str()});
    if let Some(reason) = reason {
        details["reason"] = json!(reason);
    }
    store::note(tx, booking.id, by, happened, &details, now_ms)?;
    let booking_id = booking.id;
    match status {
        BookingStatus::Cancelled => {
            hooks::tell(tx, EventKind::BookingCancelled, booking_id, now_ms)?;
            hooks::count(tx, booking, &Event::BookingCancelled { booking_id }, now_ms)?;
        }
        BookingStatus::NoShow => {
            hooks::tell(tx, EventKind::BookingNoShow, booking_id, now_ms)?;
            hooks::count(tx, booking, &Event::NoShow { booking_id }, now_ms)?;
        }
        BookingStatus::Booked | BookingStatus::Done => {}
    }
    if status != BookingStatus::Cancelled {
        return Ok(());
    }
    Letters::about(tx, head, booking.id, now_ms)?.cancelled(tx, by == audit::VISITOR, reason)
}

fn apply(
    tx: &mut dyn Tx,
    head: &Letterhead,
    booking: &Booking,
    edit: &Edit,
    by: &str,
    now_ms: i64,
) -> Result<(), BookingError> {
    edit_client(tx, booking, edit, by, now_ms)?;
    let mut is_told = false;
    let moves = edit.start.is_some() || edit.staff_id.is_some() || edit.area.is_some();
    if moves {
        if booking.status != BookingStatus::Booked {
            return Err(BookingError::Status(booking.status.as_str()));
        }
        let start = edit.start.unwrap_or(Start::At(booking.start_ms));
        let mut wish = Wish::of(booking, start, by, true);
        wish.ask.staff_id = edit.staff_id.or(wish.ask.staff_id);
        wish.ask.area = edit.area.clone().or(wish.ask.area);
        is_told = place(tx, head, booking, &wish, now_ms)?;
    }
    let address = edit.email.as_ref().map(Email::as_str);
    let is_other = address.is_some_and(|address| address != booking.client.email.as_str());
    if is_other && !is_told {
        Letters::about(tx, head, booking.id, now_ms)?.confirm(tx)?;
    }
    match edit.status {
        Some(status) if status != booking.status => {
            let now = store::booking(tx, booking.id)?;
            become_now(tx, head, &now, status, by, None, now_ms)
        }
        _ => Ok(()),
    }
}

fn edit_client(
    tx: &mut dyn Tx,
    booking: &Booking,
    edit: &Edit,
    by: &str,
    now_ms: i64,
) -> Result<(), BookingError> {
    let fields: Vec<&str> = [
        ("client_name", edit.name.is_some()),
        ("client_email", edit.email.is_some()),
        ("client_phone", edit.phone.is_some()),
        ("notes", edit.notes.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, is_changed)| is_changed.then_some(field))
    .collect();
    if fields.is_empty() {
        return Ok(());
    }
    let before = &booking.client;
    let client = Client {
        name: edit.name.clone().unwrap_or_else(|| before.name.clone()),
        email: edit.email.clone().unwrap_or_else(|| before.email.clone()),
        phone: edit.phone.clone().unwrap_or_else(|| before.phone.clone()),
    };
    let notes = edit.notes.as_deref().or(booking.notes.as_deref());
    store::set_client(tx, booking.id, &client, notes, now_ms)?;
    let details = json!({"fields": fields});
    Ok(store::note(
        tx,
        booking.id,
        by,
        Happened::Edited,
        &details,
        now_ms,
    )?)
}
