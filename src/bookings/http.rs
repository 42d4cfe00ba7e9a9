//! /api/booking for clients: what can be booked and when, booking, and the booking's signed link.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use super::desk::Ask;
use super::ics::Detail;
use super::record::Client;
use super::service::{Bookings, Start, Wanted};
use super::views::{ClientBooking, SlotView, at};
use super::{BookingError, FieldError, Section};
use crate::leads::{Email, LeadConsentRequest, Phone};
use crate::platform::clock::now_ms;
use crate::platform::http::{Caller, IdempotencyKey, JsonText, Problem, clean_text};

/// Longest name of a client.
pub const NAME_MAX_CHARS: usize = 100;
/// Longest city or address.
pub const AREA_MAX_CHARS: usize = 100;
/// Longest notes of a client.
pub const NOTES_MAX_CHARS: usize = 2_000;

/// The endpoints.
pub struct BookingApi(pub Bookings);

/// How a visit was.
#[derive(Debug, Object)]
#[oai(example)]
struct VisitRating {
    /// 1 to 5.
    rating: i64,
    /// At most 2,000 characters.
    comment: Option<JsonText>,
}

impl Example for VisitRating {
    fn example() -> Self {
        Self {
            rating: 5,
            comment: Some(JsonText("Punktualnie i konkretnie.".into())),
        }
    }
}

/// A booking somebody asks for.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
struct BookingRequest {
    /// One line, at most 100 characters.
    client_name: JsonText,
    client_email: JsonText,
    /// With a country code when it is not Polish.
    client_phone: JsonText,
    /// From GET /services.
    service_id: i64,
    /// A free time from GET /available-slots, e.g. `2026-11-24T09:00:00+01:00`; without an offset it is a time on the
    /// company's clock.
    start_time: JsonText,
    /// Who shall take the visit; else whoever is free.
    staff_id: Option<i64>,
    /// At most 2,000 characters.
    notes: Option<JsonText>,
    /// City or address, for visits on site.
    area: Option<JsonText>,
    /// The visitor's session, if there is one.
    session_id: Option<JsonText>,
    /// `pl`, `en` or `de`; else `Accept-Language` decides.
    lang: Option<JsonText>,
    consent: Option<LeadConsentRequest>,
}

impl Example for BookingRequest {
    fn example() -> Self {
        let text = |text: &str| JsonText(text.into());
        Self {
            client_name: text("Anna"),
            client_email: text("anna@example.com"),
            client_phone: text("600 100 200"),
            service_id: 1,
            start_time: text("2026-11-24T09:00:00+01:00"),
            staff_id: None,
            notes: Some(text("Mieszkanie 62 m², odbiór w maju.")),
            area: None,
            session_id: None,
            lang: Some(text("pl")),
            consent: None,
        }
    }
}

/// Another time for a booking.
#[derive(Debug, Serialize, Object)]
struct RescheduleRequest {
    /// As when booking.
    start_time: JsonText,
    /// Who shall take the visit; else the same member if they can, or whoever is free.
    staff_id: Option<i64>,
}

/// A booking that was made.
#[derive(Debug, Object)]
struct BookingMade {
    message: String,
    booking_id: i64,
    /// RFC 3339, with the offset of the company's zone.
    booking_time: String,
    client_email: String,
    /// The client's page; whoever has the address can move and cancel the booking.
    manage_url: String,
    /// The calendar file.
    ics_url: String,
}

#[derive(ApiResponse)]
enum CreatedBooking {
    /// Booked, or booked before under the same Idempotency-Key.
    #[oai(status = 201)]
    Created(Json<BookingMade>),
}

#[derive(Debug, Object)]
struct SlotList {
    service_id: i64,
    /// Each time once, in order.
    slots: Vec<SlotView>,
    count: usize,
}

/// A calendar file.
#[derive(ApiResponse)]
enum CalendarFile {
    /// An invitation, or the message that the visit was called off.
    #[oai(status = 200, content_type = "text/calendar; charset=utf-8")]
    File(
        PlainText<String>,
        /// Suggests a file name.
        #[oai(header = "Content-Disposition")]
        String,
        /// Not kept: the next version may be another one.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

impl CalendarFile {
    fn named(name: &str, file: String) -> Self {
        Self::File(
            PlainText(file),
            format!("attachment; filename=\"{name}\""),
            "private, no-store".into(),
        )
    }
}

#[OpenApi(prefix_path = "/api/booking", tag = "Section::Booking")]
impl BookingApi {
    /// When a service can begin.
    #[oai(
        path = "/available-slots",
        method = "get",
        operation_id = "available_slots"
    )]
    #[allow(clippy::too_many_arguments)] // the parameters of the query
    async fn available_slots(
        &self,
        caller: Caller,
        service_id: Query<i64>,
        /// Only this member.
        staff_id: Query<Option<i64>>,
        /// `YYYY-MM-DD` on the company's calendar; else today.
        date_from: Query<Option<String>>,
        /// `YYYY-MM-DD`, 60 days after `date_from` at most; else two weeks.
        date_to: Query<Option<String>>,
        /// Zone the times are written in, e.g. `Europe/London`; else the company's.
        tz: Query<Option<String>>,
        /// City or address, for visits on site.
        area: Query<Option<String>>,
        /// Of a booking's link: that booking is to be moved, so its own time counts as free.
        token: Query<Option<String>>,
    ) -> Result<Json<SlotList>, Problem> {
        let zone = tz.0.as_deref().map(named_zone).transpose()?;
        let ask = Ask {
            service_id: service_id.0,
            staff_id: staff_id.0,
            area: optional("area", area.0.as_deref(), AREA_MAX_CHARS)?,
            moving: None,
            is_team: caller.is_agent(),
        };
        let from = date_from.0.as_deref().map(|text| date("date_from", text));
        let to = date_to.0.as_deref().map(|text| date("date_to", text));
        let (from, to) = (from.transpose()?, to.transpose()?);
        let token = token.0.as_deref();
        let free = self.0.free_times(ask, from, to, token, now_ms()).await?;
        let zone = zone.unwrap_or(free.zone);
        Ok(Json(SlotList {
            service_id: service_id.0,
            count: free.slots.len(),
            slots: free
                .slots
                .iter()
                .map(|slot| SlotView::new(slot, &zone))
                .collect(),
        }))
    }

    /// Book. When others have that time: 409 `slot_taken` with `nearest`, up to 5 free times as /available-slots has them.
    #[oai(path = "/create", method = "post", operation_id = "create_booking")]
    async fn create(
        &self,
        caller: Caller,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<BookingRequest>,
    ) -> Result<CreatedBooking, Problem> {
        let wanted = self.parse(&body.0, &caller, accept.0.as_deref())?;
        let booking = self.0.book(wanted, key, body.0, now_ms()).await?;
        let zone = TimeZone::get(&booking.time_zone).unwrap_or(TimeZone::UTC);
        Ok(CreatedBooking::Created(Json(BookingMade {
            message: "The visit is booked.".into(),
            booking_id: booking.id,
            booking_time: at(booking.start_ms, &zone),
            client_email: booking.client.email.to_string(),
            manage_url: self.0.links.manage_url(booking.id),
            ics_url: self.0.links.ics_url(booking.id),
        })))
    }

    /// The booking a link opens.
    #[oai(
        path = "/m/:token",
        method = "get",
        operation_id = "get_client_booking"
    )]
    async fn client_booking(&self, token: Path<String>) -> Result<Json<ClientBooking>, Problem> {
        self.client_view(&token.0).await
    }

    /// Move the booking a link opens. When others have that time: 409 `slot_taken` with `nearest`.
    #[oai(
        path = "/m/:token/reschedule",
        method = "post",
        operation_id = "reschedule_booking"
    )]
    async fn reschedule(
        &self,
        token: Path<String>,
        body: Json<RescheduleRequest>,
    ) -> Result<Json<ClientBooking>, Problem> {
        let start = Start::parse("start_time", &body.0.start_time)?;
        self.0
            .move_by_client(&token.0, start, body.0.staff_id, now_ms())
            .await?;
        self.client_view(&token.0).await
    }

    /// Cancel the booking a link opens. Cancelling again changes nothing.
    #[oai(
        path = "/m/:token/cancel",
        method = "post",
        operation_id = "cancel_client_booking"
    )]
    async fn cancel(&self, token: Path<String>) -> Result<Json<ClientBooking>, Problem> {
        self.0.cancel_by_client(&token.0, None, now_ms()).await?;
        self.client_view(&token.0).await
    }

    /// Say how the visit a link opens was, once it has begun; saying it again replaces what was said.
    #[oai(
        path = "/m/:token/rating",
        method = "post",
        operation_id = "rate_booking"
    )]
    async fn rate(
        &self,
        token: Path<String>,
        body: Json<VisitRating>,
    ) -> Result<Json<ClientBooking>, Problem> {
        let comment = optional("comment", body.0.comment.as_deref(), NOTES_MAX_CHARS)?;
        self.0
            .rate(&token.0, body.0.rating, comment, now_ms())
            .await?;
        self.client_view(&token.0).await
    }

    /// The calendar file of the booking a link opens.
    #[oai(
        path = "/m/:token/invite.ics",
        method = "get",
        operation_id = "get_invitation"
    )]
    async fn invitation(&self, token: Path<String>) -> Result<CalendarFile, Problem> {
        let file = self.0.invitation(&token.0).await?;
        Ok(CalendarFile::named("invite.ics", file))
    }

    /// The calendar of a member, to subscribe to by its address.
    #[oai(path = "/feed/:token", method = "get", operation_id = "get_staff_feed")]
    async fn feed(
        &self,
        /// With or without `.ics` behind it.
        token: Path<String>,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        /// True: only that the member is busy.
        busy_only: Query<Option<bool>>,
    ) -> Result<CalendarFile, Problem> {
        let detail = if busy_only.0.unwrap_or(false) {
            Detail::BusyOnly(self.0.knowledge.request_lang(None, accept.0.as_deref())?)
        } else {
            Detail::Full
        };
        let file = self.0.feed(&token.0, detail, now_ms()).await?;
        Ok(CalendarFile::named("calendar.ics", file))
    }
}

impl BookingApi {
    async fn client_view(&self, token: &str) -> Result<Json<ClientBooking>, Problem> {
        let (booking, service) = self.0.by_token(token).await?;
        Ok(Json(ClientBooking::new(
            &booking,
            &service,
            &self.0.company(),
            &self.0.links,
            now_ms(),
        )))
    }

    fn parse(
        &self,
        body: &BookingRequest,
        caller: &Caller,
        accept: Option<&str>,
    ) -> Result<Wanted, Problem> {
        let session = JsonText::filled(body.session_id.as_ref())
            .map(|id| self.0.leads.session(id))
            .transpose()?;
        let lang = JsonText::filled(body.lang.as_ref());
        Ok(Wanted {
            ask: Ask {
                service_id: body.service_id,
                staff_id: body.staff_id,
                area: optional("area", body.area.as_deref(), AREA_MAX_CHARS)?,
                moving: None,
                is_team: caller.is_agent(),
            },
            start: Start::parse("start_time", &body.start_time)?,
            client: Client {
                name: client_name(&body.client_name)?,
                email: client_email(&body.client_email)?,
                phone: client_phone(&body.client_phone)?,
            },
            lang: self.0.knowledge.request_lang(lang, accept)?,
            notes: notes(body.notes.as_deref())?,
            session,
            consent: body
                .consent
                .as_ref()
                .map(LeadConsentRequest::given)
                .transpose()?,
            by: caller
                .principal
                .as_ref()
                .map(|principal| principal.actor.to_string()),
        })
    }
}

/// One line, since it stands in subjects and calendar files.
pub(super) fn client_name(text: &str) -> Result<String, FieldError> {
    one_line("client_name", text, NAME_MAX_CHARS)
}

pub(super) fn one_line(
    field: &'static str,
    text: &str,
    max_chars: usize,
) -> Result<String, FieldError> {
    let text = clean_text(text, max_chars).map_err(|why| FieldError::Text(field, why))?;
    if text.contains(['\n', '\t']) {
        return Err(FieldError::invalid(field, "must be one line"));
    }
    Ok(text)
}

pub(super) fn client_email(text: &str) -> Result<Email, Problem> {
    Email::parse(text).map_err(|error| Problem::field("invalid_email", "client_email", error))
}

pub(super) fn client_phone(text: &str) -> Result<Phone, Problem> {
    Phone::parse(text).map_err(|error| Problem::field("invalid_phone", "client_phone", error))
}

pub(super) fn notes(text: Option<&str>) -> Result<Option<String>, FieldError> {
    optional("notes", text, NOTES_MAX_CHARS)
}

/// Cleans a text that may be missing; an empty one counts as missing.
pub(super) fn optional(
    field: &'static str,
    text: Option<&str>,
    max_chars: usize,
) -> Result<Option<String>, FieldError> {
    text.filter(|text| !text.trim().is_empty())
        .map(|text| clean_text(text, max_chars))
        .transpose()
        .map_err(|why| FieldError::Text(field, why))
}

pub(super) fn date(field: &'static str, text: &str) -> Result<Date, FieldError> {
    text.trim()
        .parse()
        .ok()
        .filter(|_| text.trim().len() == 10)
        .ok_or_else(|| FieldError::invalid(field, "must be a day such as 2026-11-24"))
}

fn named_zone(name: &str) -> Result<TimeZone, BookingError> {
    TimeZone::get(name.trim())
        .map_err(|_| FieldError::invalid("tz", "must be a time zone such as Europe/Warsaw").into())
}
