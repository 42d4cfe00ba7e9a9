//! Bookings as clients and the team see them.

use jiff::tz::TimeZone;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::hours::HoursEntry;
use super::limits::{Change, change_until_ms, client_may};
use super::links::Links;
use super::model::{BookingStatus, Channel, LocationKind, ReminderRule, Service, StaffMember};
use super::record::{Booking, Event, Feedback, Followed, ReminderState};
use super::service::Whole;
use super::setup::Closure;
use super::slots::Slot;
use super::store::setup::{Away, Offer};
use super::wall::timestamp;
use crate::knowledge::{Company, PerLang};
use crate::nlu::Lang;
use crate::notify::outbox;
use crate::platform::clock::to_rfc3339;

/// A time with the offset the zone's clock has then: `2026-11-24T09:00:00+01:00`.
pub(super) fn at(time_ms: i64, zone: &TimeZone) -> String {
    timestamp(time_ms)
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// A free time.
#[derive(Debug, Clone, Serialize, Object)]
pub(super) struct SlotView {
    /// RFC 3339, with the offset of the zone that was asked for.
    start: String,
    end: String,
    /// Who would take the visit.
    staff_id: i64,
}

impl SlotView {
    pub(super) fn new(slot: &Slot, zone: &TimeZone) -> Self {
        Self {
            start: at(slot.start_ms, zone),
            end: at(slot.end_ms, zone),
            staff_id: slot.member_id,
        }
    }
}

/// What something is called in each language.
#[derive(Debug, Clone, Default, Object, Serialize, Deserialize)]
pub(super) struct Names {
    pub(super) pl: Option<String>,
    pub(super) en: Option<String>,
    pub(super) de: Option<String>,
}

impl Names {
    /// `name` where nothing of its own stands.
    pub(super) fn or(&self, name: &str) -> PerLang<String> {
        let own = |text: &Option<String>| text.clone().unwrap_or_else(|| name.to_owned());
        PerLang {
            pl: own(&self.pl),
            en: own(&self.en),
            de: own(&self.de),
        }
    }
}

impl From<&PerLang<String>> for Names {
    fn from(names: &PerLang<String>) -> Self {
        Self {
            pl: Some(names.pl.clone()),
            en: Some(names.en.clone()),
            de: Some(names.de.clone()),
        }
    }
}

/// Something that can be booked.
#[derive(Debug, Clone, Object)]
pub(super) struct ServiceView {
    id: i64,
    /// In the language of the request.
    name: String,
    names: Names,
    duration_min: u32,
    buffer_before_min: u32,
    buffer_after_min: u32,
    slot_step_min: u32,
    min_notice_min: u32,
    horizon_days: u32,
    /// Bookings a member takes on one day; null: as many as fit.
    daily_cap: Option<u32>,
    location_kind: LocationKind,
    cancel_notice_min: u32,
    reschedule_notice_min: u32,
    reminders: Vec<ReminderRule>,
    /// False: no longer offered; only the team sees it.
    is_active: bool,
}

impl ServiceView {
    pub(super) fn new(offer: &Offer, lang: Lang) -> Self {
        let service = &offer.service;
        Self {
            id: service.id,
            name: service.names.get(lang).clone(),
            names: Names::from(&service.names),
            duration_min: service.duration_min,
            buffer_before_min: service.buffer_before_min,
            buffer_after_min: service.buffer_after_min,
            slot_step_min: service.slot_step_min,
            min_notice_min: service.min_notice_min,
            horizon_days: service.horizon_days,
            daily_cap: service.daily_cap,
            location_kind: service.location_kind,
            cancel_notice_min: service.cancel_notice_min,
            reschedule_notice_min: service.reschedule_notice_min,
            reminders: service.reminders.clone(),
            is_active: offer.is_active,
        }
    }
}

/// Somebody who can be booked.
#[derive(Debug, Clone, Object)]
pub(super) struct StaffView {
    id: i64,
    name: String,
    /// Ids of the services they do.
    services: Vec<i64>,
    /// What only the team sees.
    #[oai(skip_serializing_if_is_none)]
    team: Option<StaffTeamView>,
}

#[derive(Debug, Clone, Object)]
struct StaffTeamView {
    email: String,
    is_active: bool,
    user_id: Option<i64>,
    hours: Vec<HoursEntry>,
    /// The calendar to subscribe to; whoever has the address sees it.
    feed_url: String,
}

impl StaffView {
    /// * `links`: `None` for those who are not of the team.
    pub(super) fn new(member: &StaffMember, links: Option<&Links>) -> Self {
        Self {
            id: member.id,
            name: member.name.clone(),
            services: member.service_ids.clone(),
            team: links.map(|links| StaffTeamView {
                email: member.email.clone(),
                is_active: member.is_active,
                user_id: member.user_id,
                hours: member.hours.entries(),
                feed_url: links.feed_url(member.id, member.feed_version),
            }),
        }
    }
}

/// A member's time off.
#[derive(Debug, Object)]
pub(super) struct TimeOffView {
    id: i64,
    /// RFC 3339, UTC.
    from: String,
    /// RFC 3339, UTC; no longer part of it.
    to: String,
    reason: Option<String>,
}

impl From<&Away> for TimeOffView {
    fn from(away: &Away) -> Self {
        Self {
            id: away.id,
            from: to_rfc3339(away.time.from_ms),
            to: to_rfc3339(away.time.to_ms),
            reason: away.reason.clone(),
        }
    }
}

/// A day on which the company is closed.
#[derive(Debug, Object)]
pub(super) struct ClosureView {
    /// `YYYY-MM-DD`.
    date: String,
    reason: Option<String>,
}

impl From<&Closure> for ClosureView {
    fn from(closure: &Closure) -> Self {
        Self {
            date: closure.date.to_string(),
            reason: closure.reason.clone(),
        }
    }
}

/// A booking as the team sees it.
#[derive(Debug, Clone, Serialize, Object)]
pub(super) struct BookingView {
    #[oai(flatten)]
    #[serde(flatten)]
    record: BookingRecord,
    client_name: String,
    client_email: String,
    client_phone: String,
    /// `pl`, `en` or `de`: what the client is written in.
    lang: String,
    session_id: Option<String>,
    lead_id: Option<i64>,
    /// How often it was changed.
    sequence: u32,
    /// `user:<id>` or `key:<id>`; null: the client.
    created_by: Option<String>,
    /// RFC 3339, UTC.
    updated_at: String,
}

/// A booking as live updates tell of it.
pub(super) type BookingEvent = BookingView;

impl From<&Booking> for BookingView {
    fn from(booking: &Booking) -> Self {
        Self {
            record: BookingRecord::from(booking),
            client_name: booking.client.name.clone(),
            client_email: booking.client.email.to_string(),
            client_phone: booking.client.phone.to_string(),
            lang: booking.lang.code().into(),
            session_id: booking.session_id.clone(),
            lead_id: booking.lead_id,
            sequence: booking.sequence,
            created_by: booking.created_by.clone(),
            updated_at: to_rfc3339(booking.updated_at_ms),
        }
    }
}

/// A booking among everything kept about a visitor.
#[derive(Debug, Clone, Serialize, Object)]
pub struct BookingRecord {
    /// Number of the booking.
    pub id: i64,
    /// Number of what was booked.
    pub service_id: i64,
    /// Its name, in the client's language.
    pub service_name: String,
    /// Number of who takes the visit.
    pub staff_id: i64,
    /// Their name.
    pub staff_name: String,
    /// Where it takes place.
    pub location_kind: LocationKind,
    /// How far it is.
    pub status: BookingStatus,
    /// RFC 3339, UTC.
    pub start: String,
    /// RFC 3339, UTC.
    pub end: String,
    /// The beginning as it was said: what the clock shows in `time_zone`.
    pub wall_time: String,
    /// IANA name.
    pub time_zone: String,
    /// In the client's words.
    pub notes: Option<String>,
    /// Where the visit is, when it is on site.
    pub area: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

impl From<&Booking> for BookingRecord {
    fn from(booking: &Booking) -> Self {
        Self {
            id: booking.id,
            service_id: booking.service_id,
            service_name: booking.service_names.get(booking.lang).clone(),
            staff_id: booking.staff_id,
            staff_name: booking.staff_name.clone(),
            location_kind: booking.location_kind,
            status: booking.status,
            start: to_rfc3339(booking.start_ms),
            end: to_rfc3339(booking.end_ms),
            wall_time: booking.wall_time.clone(),
            time_zone: booking.time_zone.clone(),
            notes: booking.notes.clone(),
            area: booking.area.clone(),
            created_at: to_rfc3339(booking.created_at_ms),
        }
    }
}

/// A booking among everything kept about a visitor, with the way to reach them that it holds.
#[derive(Debug, Clone, Object)]
pub struct ExportedBooking {
    #[oai(flatten)]
    booking: BookingRecord,
    client_name: String,
    client_email: String,
    client_phone: String,
}

impl From<&Booking> for ExportedBooking {
    fn from(booking: &Booking) -> Self {
        Self {
            booking: BookingRecord::from(booking),
            client_name: booking.client.name.clone(),
            client_email: booking.client.email.to_string(),
            client_phone: booking.client.phone.to_string(),
        }
    }
}

/// A booking with everything about it.
#[derive(Debug, Object)]
pub(super) struct WholeView {
    #[oai(flatten)]
    booking: BookingView,
    /// The client's page; whoever has the address can move and cancel the booking.
    manage_url: String,
    reminders: Vec<ReminderView>,
    history: Vec<EventView>,
    /// What the client said afterwards, if they did.
    feedback: Option<FeedbackView>,
}

impl WholeView {
    pub(super) fn new(whole: Whole, links: &Links) -> Self {
        Self {
            booking: BookingView::from(&whole.booking),
            manage_url: links.manage_url(whole.booking.id),
            reminders: whole
                .reminders
                .into_iter()
                .map(ReminderView::from)
                .collect(),
            history: whole.history.iter().map(EventView::from).collect(),
            feedback: whole.feedback.map(FeedbackView::from),
        }
    }
}

/// What the client said of a visit.
#[derive(Debug, Object)]
struct FeedbackView {
    /// 1 to 5.
    rating: i64,
    comment: Option<String>,
    /// RFC 3339, UTC.
    rated_at: String,
}

impl From<Feedback> for FeedbackView {
    fn from(feedback: Feedback) -> Self {
        Self {
            rating: feedback.rating,
            comment: feedback.comment,
            rated_at: to_rfc3339(feedback.rated_at_ms),
        }
    }
}

/// What became of a booking.
#[derive(Debug, Object)]
struct EventView {
    /// RFC 3339, UTC.
    at: String,
    /// `user:<id>`, `key:<id>` or `visitor`: the client.
    by: String,
    /// `created`, `moved`, `edited`, `cancelled`, `done` or `no_show`.
    change: String,
    /// Times (milliseconds UTC) and numbers before and after, names of fields.
    details: serde_json::Value,
}

impl From<&Event> for EventView {
    fn from(event: &Event) -> Self {
        Self {
            at: to_rfc3339(event.created_at_ms),
            by: event.actor.clone(),
            change: event.change.as_str().into(),
            details: serde_json::from_str(&event.details_json).unwrap_or_default(),
        }
    }
}

/// A reminder.
#[derive(Debug, Object)]
pub(super) struct ReminderView {
    id: i64,
    booking_id: i64,
    channel: Channel,
    /// How long before the visit it is meant; null: due at a time of its own.
    offset_min: Option<u32>,
    /// RFC 3339, UTC.
    due_at: String,
    state: ReminderState,
    /// When it was handed over.
    sent_at: Option<String>,
    /// How far its message came since then.
    message_state: Option<outbox::State>,
    /// Why the last try to send it failed.
    last_error: Option<String>,
    created_at: String,
}

impl From<Followed> for ReminderView {
    fn from(Followed { reminder, message }: Followed) -> Self {
        let (message_state, last_error) = message.unzip();
        Self {
            id: reminder.id,
            booking_id: reminder.booking_id,
            channel: reminder.channel,
            offset_min: reminder.offset_min,
            due_at: to_rfc3339(reminder.due_at_ms),
            state: reminder.state,
            sent_at: reminder.sent_at_ms.map(to_rfc3339),
            message_state,
            last_error: last_error.flatten(),
            created_at: to_rfc3339(reminder.created_at_ms),
        }
    }
}

/// A booking as the client sees it.
#[derive(Debug, Object)]
pub(super) struct ClientBooking {
    #[oai(flatten)]
    booking: BookingRecord,
    /// The beginning with the offset of `time_zone`.
    local_start: String,
    client_name: String,
    company: BookingCompany,
    /// The client may cancel it now.
    can_cancel: bool,
    /// Until when, RFC 3339, UTC.
    cancel_until: String,
    /// The client may move it now.
    can_reschedule: bool,
    /// Until when, RFC 3339, UTC.
    reschedule_until: String,
    ics_url: String,
}

/// Who the visit is with.
#[derive(Debug, Object)]
struct BookingCompany {
    name: String,
    email: String,
    /// E.164.
    phone: String,
    /// The same as people write it.
    phone_display: String,
}

impl ClientBooking {
    pub(super) fn new(
        booking: &Booking,
        service: &Service,
        company: &Company,
        links: &Links,
        now_ms: i64,
    ) -> Self {
        let may =
            |change| client_may(change, service, booking.status, booking.start_ms, now_ms).is_ok();
        let until = |change| to_rfc3339(change_until_ms(change, service, booking.start_ms));
        let zone = TimeZone::get(&booking.time_zone).unwrap_or(TimeZone::UTC);
        Self {
            booking: BookingRecord::from(booking),
            local_start: at(booking.start_ms, &zone),
            client_name: booking.client.name.clone(),
            company: BookingCompany {
                name: company.name.clone(),
                email: company.email.clone(),
                phone: company.phone.clone(),
                phone_display: company.phone_display.clone(),
            },
            can_cancel: may(Change::Cancel),
            cancel_until: until(Change::Cancel),
            can_reschedule: may(Change::Reschedule),
            reschedule_until: until(Change::Reschedule),
            ics_url: links.ics_url(booking.id),
        }
    }
}
