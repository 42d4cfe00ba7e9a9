//! /api/booking and /api/reminders for the team: bookings, their changes and reminders.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use super::changes::Edit;
use super::http::{client_email, client_name, client_phone, notes, optional};
use super::model::{BookingStatus, Channel, DAY_MIN, within};
use super::record::ReminderState;
use super::reminders::When;
use super::service::{Bookings, Start};
use super::store::Filter;
use super::views::{BookingView, ReminderView, WholeView};
use super::{FieldError, Section};
use crate::accounts::reads::{self, View};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, PageRequest, Problem};

const AREA_MAX_CHARS: usize = 100;

/// The endpoints of bookings.
pub struct TeamBookingApi(pub Bookings);

/// The endpoints of reminders.
pub struct RemindersApi(pub Bookings);

/// What changes of a booking; what is missing stays.
#[derive(Debug, Object)]
struct BookingChange {
    /// Another time, as when booking; no notice binds the team.
    start_time: Option<JsonText>,
    /// Another member.
    staff_id: Option<i64>,
    /// Another place, for visits on site.
    area: Option<JsonText>,
    client_name: Option<JsonText>,
    client_email: Option<JsonText>,
    client_phone: Option<JsonText>,
    notes: Option<JsonText>,
    /// `done`, `no_show` or `cancelled`.
    status: Option<BookingStatus>,
}

#[derive(Debug, Object)]
struct BookingCancelled {
    message: String,
    booking_id: i64,
}

#[derive(Debug, Object)]
struct BookingPage {
    bookings: Vec<BookingView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(Debug, Object)]
struct ReminderPage {
    reminders: Vec<ReminderView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

/// A further reminder.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
struct ReminderRequest {
    booking_id: i64,
    /// When it is sent, as times of bookings; either this or `offset_min`.
    reminder_time: Option<JsonText>,
    /// How long before the visit it is sent, 5 minutes to 30 days; not in quiet hours.
    offset_min: Option<u32>,
    /// `email`, `sms` or both.
    #[oai(default = "by_email")]
    channels: Vec<Channel>,
}

fn by_email() -> Vec<Channel> {
    vec![Channel::Email]
}

impl Example for ReminderRequest {
    fn example() -> Self {
        Self {
            booking_id: 1,
            reminder_time: None,
            offset_min: Some(120),
            channels: vec![Channel::Email, Channel::Sms],
        }
    }
}

#[derive(Debug, Object)]
struct ReminderList {
    reminders: Vec<ReminderView>,
}

#[derive(ApiResponse)]
enum CreatedReminders {
    /// One for each channel.
    #[oai(status = 201)]
    Created(Json<ReminderList>),
}

#[derive(ApiResponse)]
enum DeletedReminder {
    /// Called off.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(prefix_path = "/api/booking", tag = "Section::Booking")]
impl TeamBookingApi {
    /// Bookings by their beginning.
    #[oai(path = "/list", method = "get", operation_id = "list_bookings")]
    #[allow(clippy::too_many_arguments)] // the parameters of the query
    async fn list(
        &self,
        by: Agent,
        /// RFC 3339: those that begin from then on.
        from: Query<Option<String>>,
        /// RFC 3339: those that begin before.
        to: Query<Option<String>>,
        staff_id: Query<Option<i64>>,
        status: Query<Option<BookingStatus>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<BookingPage>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let filter = Filter {
            from_ms: from.0.map(|text| moment("from", &text)).transpose()?,
            to_ms: to.0.map(|text| moment("to", &text)).transpose()?,
            staff_id: staff_id.0,
            status: status.0,
        };
        let (bookings, total) = self.0.list(filter, page.limit(), page.offset()).await?;
        reads::note(&self.0.store, &by.0, View::Bookings(bookings.len())).await?;
        let info = page.info(total);
        Ok(Json(BookingPage {
            bookings: bookings.iter().map(BookingView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// One booking, with its reminders and what became of it.
    #[oai(path = "/:id", method = "get", operation_id = "get_booking")]
    async fn get(&self, by: Agent, id: Path<i64>) -> Result<Json<WholeView>, Problem> {
        let whole = self.whole(id.0).await?;
        reads::note(&self.0.store, &by.0, View::Booking(id.0)).await?;
        Ok(whole)
    }

    /// Change a booking. When others have the new time: 409 `slot_taken` with `nearest`.
    #[oai(path = "/:id", method = "put", operation_id = "update_booking")]
    async fn update(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<BookingChange>,
    ) -> Result<Json<WholeView>, Problem> {
        let edit = body.0.parse()?;
        let by = by.0.actor.to_string();
        self.0.edit(id.0, edit, by, now_ms()).await?;
        self.whole(id.0).await
    }

    /// Note that the client did not come.
    #[oai(
        path = "/:id/no-show",
        method = "post",
        operation_id = "booking_no_show"
    )]
    async fn no_show(&self, by: Agent, id: Path<i64>) -> Result<Json<WholeView>, Problem> {
        let by = by.0.actor.to_string();
        let status = BookingStatus::NoShow;
        self.0.set_status(id.0, status, by, now_ms()).await?;
        self.whole(id.0).await
    }

    /// Cancel a booking. Cancelling again changes nothing.
    #[oai(
        path = "/cancel/:booking_id",
        method = "delete",
        operation_id = "cancel_booking"
    )]
    async fn cancel(
        &self,
        by: Agent,
        booking_id: Path<i64>,
    ) -> Result<Json<BookingCancelled>, Problem> {
        let by = by.0.actor.to_string();
        let status = BookingStatus::Cancelled;
        self.0
            .set_status(booking_id.0, status, by, now_ms())
            .await?;
        Ok(Json(BookingCancelled {
            message: "The booking was cancelled.".into(),
            booking_id: booking_id.0,
        }))
    }
}

impl TeamBookingApi {
    async fn whole(&self, id: i64) -> Result<Json<WholeView>, Problem> {
        let whole = self.0.whole(id).await?;
        Ok(Json(WholeView::new(whole, &self.0.links)))
    }
}

impl BookingChange {
    fn parse(&self) -> Result<Edit, Problem> {
        Ok(Edit {
            start: JsonText::filled(self.start_time.as_ref())
                .map(|text| Start::parse("start_time", text))
                .transpose()?,
            staff_id: self.staff_id,
            area: optional("area", JsonText::filled(self.area.as_ref()), AREA_MAX_CHARS)?,
            name: (self.client_name.as_ref())
                .map(|text| client_name(text))
                .transpose()?,
            email: (self.client_email.as_ref())
                .map(|text| client_email(text))
                .transpose()?,
            phone: (self.client_phone.as_ref())
                .map(|text| client_phone(text))
                .transpose()?,
            notes: notes(JsonText::filled(self.notes.as_ref()))?,
            status: self.status,
        })
    }
}

fn moment(field: &'static str, text: &str) -> Result<i64, FieldError> {
    text.trim()
        .parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond)
        .map_err(|_| FieldError::invalid(field, "must be a time such as 2026-11-24T08:00:00Z"))
}

#[OpenApi(prefix_path = "/api/reminders", tag = "Section::Reminders")]
impl RemindersApi {
    /// Reminders by the time they are due.
    #[oai(path = "/", method = "get", operation_id = "list_reminders")]
    async fn list(
        &self,
        _by: Agent,
        booking_id: Query<Option<i64>>,
        state: Query<Option<ReminderState>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<ReminderPage>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let (reminders, total) = self
            .0
            .reminders(booking_id.0, state.0, page.limit(), page.offset())
            .await?;
        let info = page.info(total);
        Ok(Json(ReminderPage {
            reminders: reminders.into_iter().map(ReminderView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Remind a client once more.
    #[oai(path = "/", method = "post", operation_id = "create_reminders")]
    async fn create(
        &self,
        _by: Agent,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<ReminderRequest>,
    ) -> Result<CreatedReminders, Problem> {
        let when = body.0.when()?;
        let channels = body.0.channels()?;
        let id = body.0.booking_id;
        let added = self
            .0
            .add_reminders(id, when, channels, key, body.0, now_ms())
            .await?;
        Ok(CreatedReminders::Created(Json(ReminderList {
            reminders: added.into_iter().map(ReminderView::from).collect(),
        })))
    }

    /// Send a reminder now, also in quiet hours.
    #[oai(
        path = "/:id/send-now",
        method = "post",
        operation_id = "send_reminder_now"
    )]
    async fn send_now(&self, _by: Agent, id: Path<i64>) -> Result<Json<ReminderView>, Problem> {
        let reminder = self.0.send_now(id.0, now_ms()).await?;
        Ok(Json(ReminderView::from(reminder)))
    }

    /// Call a reminder off.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_reminder")]
    async fn delete(&self, _by: Agent, id: Path<i64>) -> Result<DeletedReminder, Problem> {
        self.0.cancel_reminder(id.0).await?;
        Ok(DeletedReminder::Deleted)
    }
}

impl ReminderRequest {
    fn when(&self) -> Result<When, FieldError> {
        match (
            JsonText::filled(self.reminder_time.as_ref()),
            self.offset_min,
        ) {
            (Some(time), None) => Ok(When::At(Start::parse("reminder_time", time)?)),
            (None, Some(offset_min)) => {
                within("offset_min", offset_min, 5..=30 * DAY_MIN)?;
                Ok(When::Before(offset_min))
            }
            (None, None) | (Some(_), Some(_)) => Err(FieldError::invalid(
                "reminder_time",
                "must be given, or offset_min instead",
            )),
        }
    }

    fn channels(&self) -> Result<Vec<Channel>, FieldError> {
        let mut channels = self.channels.clone();
        channels.sort_unstable();
        channels.dedup();
        if channels.is_empty() {
            return Err(FieldError::invalid(
                "channels",
                "must name email, sms or both",
            ));
        }
        Ok(channels)
    }
}
