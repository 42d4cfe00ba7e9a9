//! The slice put together, and what clients do: look for a time, book, read their booking.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::calendar::{Calendar, Period};
use super::desk::{self, Ask, Desk};
use super::ics::Detail;
use super::letterhead::Letterhead;
use super::letters::Letters;
use super::links::Links;
use super::model::Service;
use super::record::{Booking, Client, Event, Feedback, Followed, Happened, NewBooking};
use super::settings::BookingSettings;
use super::slots::Slot;
use super::views::{BookingEvent, SlotView};
use super::{BookingError, FieldError, hooks, reminders, setup, store};
use crate::accounts::audit;
use crate::chat::SessionId;
use crate::knowledge::{Company, Knowledge};
use crate::leads::{self, ConsentGiven, Leads, NewLead, Saved, Source};
use crate::live::Broadcast;
use crate::nlu::Lang;
use crate::notify::outbox::{self, About};
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};
use crate::platform::link::Claim;
use crate::platform::secrets::Secrets;
use crate::webhooks::{self, EventKind};

/// Days a list of free times holds unless it is told.
const LIST_DAYS: i64 = 14;
/// What lies longer ago is not in a member's calendar.
const FEED_SINCE_MS: i64 = 30 * 86_400_000;
/// Most visits a calendar holds.
const FEED_MAX: i64 = 2_000;

/// Bookings. Cheap to clone.
#[derive(Clone)]
pub struct Bookings {
    pub(super) store: Store,
    pub(super) knowledge: Knowledge,
    pub(super) leads: Leads,
    pub(super) live: Broadcast,
    pub(super) links: Arc<Links>,
}

/// When a visit shall begin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    /// At a moment, in milliseconds UTC.
    At(i64),
    /// When the company's clock shows this.
    Wall(DateTime),
}

impl Start {
    /// Reads `2026-11-24T09:00:00+01:00`, or without an offset what the company's clock shows.
    ///
    /// Errors: neither.
    pub(super) fn parse(field: &'static str, text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::At(moment.as_millisecond()));
        }
        // A date alone would be its midnight.
        let has_time = text.len() > 10;
        match text.parse::<DateTime>() {
            Ok(wall) if has_time => Ok(Self::Wall(wall)),
            _ => Err(FieldError::invalid(
                field,
                "must be a time such as 2026-11-24T09:00:00+01:00",
            )),
        }
    }

    /// Errors: the clock is put forward over it.
    pub(super) fn moment(self, calendar: &Calendar) -> Result<i64, BookingError> {
        match self {
            Self::At(ms) => Ok(ms),
            Self::Wall(wall) => Ok(calendar.moment_of(wall)?),
        }
    }
}

/// A booking somebody asks for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) ask: Ask,
    pub(super) start: Start,
    pub(super) client: Client,
    pub(super) lang: Lang,
    pub(super) notes: Option<String>,
    pub(super) session: Option<SessionId>,
    pub(super) consent: Option<ConsentGiven>,
    /// `user:<id>` or `key:<id>`; `None`: the client.
    pub(super) by: Option<String>,
}

/// A booking with everything about it, for the team.
pub(super) struct Whole {
    pub(super) booking: Booking,
    pub(super) reminders: Vec<Followed>,
    pub(super) history: Vec<Event>,
    pub(super) feedback: Option<Feedback>,
}

/// Free times, and the zone the company counts in.
pub(super) struct FreeTimes {
    pub(super) slots: Vec<Slot>,
    pub(super) zone: TimeZone,
}

impl Bookings {
    /// Wires the slice; a new database gets something to book (blocking). That is here and not in the knowledge pack,
    /// because it is made from the company's own opening hours, whichever pack they came with.
    pub fn open(
        store: &Store,
        knowledge: &Knowledge,
        secrets: Secrets,
        leads: Leads,
        live: Broadcast,
        public_url: Option<&str>,
    ) -> Result<Self, BookingError> {
        if store.read_blocking(|tx| store::setup::is_new(tx))? {
            let snapshot = knowledge.snapshot();
            store.write_blocking(move |tx| setup::first(tx, snapshot.company()))?;
        }
        Ok(Self {
            store: store.clone(),
            knowledge: knowledge.clone(),
            leads,
            live,
            links: Arc::new(Links::new(secrets, public_url)),
        })
    }

    pub(super) fn company(&self) -> Company {
        self.knowledge.snapshot().company().clone()
    }

    pub(super) fn letterhead(&self) -> Letterhead {
        let snapshot = self.knowledge.snapshot();
        Letterhead {
            company: snapshot.company().clone(),
            links: Arc::clone(&self.links),
            team_lang: snapshot.offered().first(),
        }
    }

    /// Free times of a service.
    ///
    /// * `from`, `to`: days of the company's calendar; today and two weeks without them.
    /// * `token`: a booking that is to be moved, whose own time counts as free.
    pub(super) async fn free_times(
        &self,
        mut ask: Ask,
        from: Option<Date>,
        to: Option<Date>,
        token: Option<&str>,
        now_ms: i64,
    ) -> Result<FreeTimes, BookingError> {
        ask.moving = token.map(|token| self.id_of(token)).transpose()?;
        let company = self.company();
        let zone = company.zone()?;
        let today = zone.to_datetime(super::wall::timestamp(now_ms)).date();
        let from = from.unwrap_or(today);
        let to = to.unwrap_or_else(|| from.saturating_add((LIST_DAYS - 1).days()));
        let period = Period::new(from, to)?;
        self.store
            .read(move |tx| {
                let desk = Desk::load(tx, &company, &ask, |_| period, now_ms)?;
                Ok(FreeTimes {
                    slots: desk.availability().list(period),
                    zone: desk.calendar.zone,
                })
            })
            .await
    }

    /// Books, once an Idempotency-Key, and tells the team.
    ///
    /// * `body`: what was sent, to tell a repeat from another request under the same key.
    /// * Errors: a time that cannot be had; when others have it, with the nearest free ones.
    pub(super) async fn book<B: Serialize + Send + 'static>(
        &self,
        wanted: Wanted,
        key: IdempotencyKey,
        body: B,
        now_ms: i64,
    ) -> Result<Booking, Problem> {
        let (ask, start) = (wanted.ask.clone(), wanted.start);
        match self.book_once(wanted, key, body, now_ms).await {
            Ok(booking) => Ok(booking),
            Err(error) => Err(self.with_nearest(error, ask, start, now_ms).await),
        }
    }

    /// The same, without other times in the error.
    pub(super) async fn book_once<B: Serialize + Send + 'static>(
        &self,
        wanted: Wanted,
        key: IdempotencyKey,
        body: B,
        now_ms: i64,
    ) -> Result<Booking, BookingError> {
        let head = self.letterhead();
        let (booking, saved) = self
            .store
            .write(move |tx| {
                let mut refused = None;
                let mut saved = None;
                let booked = once(tx, &key, "create_booking", &body, |tx| {
                    match book(tx, &head, &wanted, now_ms) {
                        Ok((id, lead)) => {
                            saved = Some(lead);
                            Ok(id)
                        }
                        Err(error) => {
                            // What `once` passes on has lost its kind.
                            let problem = Problem::conflict("not_booked", &error);
                            refused = Some(error);
                            Err(problem)
                        }
                    }
                });
                match booked {
                    Ok(id) => Ok((store::booking(tx, id)?, saved)),
                    Err(problem) => Err(refused.unwrap_or(BookingError::Problem(problem))),
                }
            })
            .await?;
        if let Some(saved) = saved {
            self.leads.announce(&saved).await;
            self.announce("new_booking", &booking).await;
        }
        Ok(booking)
    }

    /// Tells which other times are free, when the one that was wanted is not.
    pub(super) async fn with_nearest(
        &self,
        error: BookingError,
        ask: Ask,
        start: Start,
        now_ms: i64,
    ) -> Problem {
        if !error.is_taken() {
            return error.into();
        }
        let company = self.company();
        let nearest = self
            .store
            .read(move |tx| {
                let start_ms = start.moment(&BookingSettings::load(tx)?.calendar(&company)?)?;
                let (desk, slots) = desk::nearest(tx, &company, &ask, start_ms, now_ms)?;
                Ok::<_, BookingError>(
                    slots
                        .iter()
                        .map(|slot| SlotView::new(slot, &desk.calendar.zone))
                        .collect::<Vec<_>>(),
                )
            })
            .await;
        match nearest {
            Ok(nearest) => Problem::from(error).with_more("nearest", json!(nearest)),
            Err(error) => error.into(),
        }
    }

    /// Tells the team that listens.
    pub(super) async fn announce(&self, event: &'static str, booking: &Booking) {
        self.live
            .tell_team(event, "booking", &BookingEvent::from(booking))
            .await;
    }

    pub(super) fn id_of(&self, token: &str) -> Result<i64, BookingError> {
        self.links
            .booking_id(token)
            .ok_or(BookingError::NotFound("booking"))
    }

    /// The booking a link opens, with the rules of its service.
    pub async fn by_token(&self, token: &str) -> Result<(Booking, Service), BookingError> {
        let id = self.id_of(token)?;
        self.store
            .read(move |tx| {
                let booking = store::booking(tx, id)?;
                let service = store::setup::service(tx, booking.service_id)?.service;
                Ok((booking, service))
            })
            .await
    }

    /// The calendar file of the booking a link opens.
    pub(super) async fn invitation(&self, token: &str) -> Result<String, BookingError> {
        let (booking, _) = self.by_token(token).await?;
        Ok(self.letterhead().invitation(&booking))
    }

    /// The calendar of a member, from 30 days ago on.
    pub(super) async fn feed(
        &self,
        token: &str,
        detail: Detail,
        now_ms: i64,
    ) -> Result<String, BookingError> {
        let none = || BookingError::NotFound("calendar");
        let claim = Claim::read(token.strip_suffix(".ics").unwrap_or(token)).ok_or_else(none)?;
        let (member, bookings) = self
            .store
            .read(move |tx| {
                let member = store::setup::member(tx, claim.id)?;
                let bookings = store::of_staff(tx, member.id, now_ms - FEED_SINCE_MS, FEED_MAX)?;
                Ok::<_, BookingError>((member, bookings))
            })
            .await
            .map_err(|error| match error {
                BookingError::NotFound(_) => none(),
                other => other,
            })?;
        if !self.links.opens_feed(&claim, member.feed_version) {
            return Err(none());
        }
        Ok(self.letterhead().feed(&member.name, &bookings, detail))
    }
}

/// Books; answers the booking's number and the client's lead.
pub(super) fn book(
    tx: &mut dyn Tx,
    head: &Letterhead,
    wanted: &Wanted,
    now_ms: i64,
) -> Result<(i64, Saved), BookingError> {
    let settings = BookingSettings::load(tx)?;
    let start_ms = wanted.start.moment(&settings.calendar(&head.company)?)?;
    let desk = Desk::load_at(tx, &head.company, &wanted.ask, start_ms, now_ms)?;
    let placed = desk.place_at(start_ms)?;
    let lead = lead(tx, wanted, now_ms)?;
    let session_id = wanted.session.as_ref().map(SessionId::as_str);
    let new = NewBooking {
        service_id: desk.service.id,
        placed: &placed,
        client: &wanted.client,
        lang: wanted.lang,
        notes: wanted.notes.as_deref(),
        area: wanted.ask.area.as_deref(),
        session_id,
        lead_id: lead.lead.id,
        created_by: wanted.by.as_deref(),
    };
    let id = store::insert(tx, &new, now_ms)?;
    let actor = wanted.by.as_deref().unwrap_or(audit::VISITOR);
    let details = json!({"start_ms": placed.start_ms, "staff_id": placed.staff_id});
    store::note(tx, id, actor, Happened::Created, &details, now_ms)?;
    reminders::make(
        tx,
        id,
        &desk,
        placed.start_ms,
        settings.quiet_hours()?,
        now_ms,
    )?;
    Letters::about(tx, head, id, now_ms)?.booked(tx)?;
    hooks::tell(tx, EventKind::BookingCreated, id, now_ms)?;
    hooks::count_new(tx, id, desk.service.id, session_id, &lead.lead, now_ms)?;
    Ok((id, lead))
}

/// The client among the leads: a new one, or the open one of the same person.
fn lead(tx: &mut dyn Tx, wanted: &Wanted, now_ms: i64) -> Result<Saved, BookingError> {
    let new = NewLead {
        email: Some(wanted.client.email.clone()),
        phone: Some(wanted.client.phone.clone()),
        location: wanted.ask.area.clone(),
        message: wanted.notes.clone(),
        consent: wanted.consent.clone(),
        ..NewLead::new(&wanted.client.name, Source::Booking).in_session(wanted.session.as_ref())
    };
    let mut saved = leads::upsert(tx, &new, now_ms)?;
    leads::consultation_booked(tx, &mut saved, now_ms)?;
    Ok(saved)
}

/// The bookings of a visitor's session, oldest first.
pub fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Booking>, DbError> {
    store::of_session(tx, session_id)
}

/// Erases the bookings of a visitor's session with their history, reminders and letters; a visit that was still to come is
/// thereby off, and its time free. Answers how many.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    for booking in store::of_session(tx, session_id)? {
        outbox::forget(tx, About::Booking(booking.id))?;
        webhooks::forget(tx, About::Booking(booking.id))?;
    }
    store::erase_session(tx, session_id)
}

/// The bookings of a lead, oldest first.
pub fn of_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<Booking>, DbError> {
    store::of_lead(tx, lead_id)
}

/// Gives the bookings of one lead to another, into which it is merged.
pub fn relink(tx: &mut dyn Tx, from_lead: i64, into_lead: i64) -> Result<(), DbError> {
    store::relink(tx, from_lead, into_lead)
}
