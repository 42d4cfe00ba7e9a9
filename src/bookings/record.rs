//! A booking as it is on disk, and what belongs to it.

use super::model::{BookingStatus, Channel, Interval, LocationKind};
use crate::knowledge::PerLang;
use crate::leads::{Email, Phone};
use crate::nlu::Lang;
use crate::notify::outbox;

/// Who comes to a visit.
#[derive(Debug, Clone)]
pub struct Client {
    /// 1 to 100 characters.
    pub name: String,
    /// Where the confirmation goes.
    pub email: Email,
    /// Where they are called.
    pub phone: Phone,
}

/// A booking; fields as in schema.sql.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Booking {
    pub id: i64,
    pub service_id: i64,
    pub service_names: PerLang<String>,
    pub location_kind: LocationKind,
    pub staff_id: i64,
    pub staff_name: String,
    pub client: Client,
    pub lang: Lang,
    pub notes: Option<String>,
    pub area: Option<String>,
    pub session_id: Option<String>,
    pub lead_id: Option<i64>,
    pub start_ms: i64,
    pub end_ms: i64,
    pub busy: Interval,
    /// The beginning as it was said, in `time_zone`.
    pub wall_time: String,
    pub time_zone: String,
    pub status: BookingStatus,
    pub sequence: u32,
    /// `user:<id>` or `key:<id>`; `None`: the client.
    pub created_by: Option<String>,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
}

/// When a visit is, and whose time it takes.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) staff_id: i64,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) busy: Interval,
    pub(super) wall_time: String,
    pub(super) time_zone: String,
}

/// A booking that is about to be stored.
#[derive(Debug)]
pub(super) struct NewBooking<'a> {
    pub(super) service_id: i64,
    pub(super) placed: &'a Placed,
    pub(super) client: &'a Client,
    pub(super) lang: Lang,
    pub(super) notes: Option<&'a str>,
    pub(super) area: Option<&'a str>,
    pub(super) session_id: Option<&'a str>,
    pub(super) lead_id: i64,
    pub(super) created_by: Option<&'a str>,
}

crate::text_column!(Happened {
    Created = "created",
    Moved = "moved",
    Edited = "edited",
    Cancelled = "cancelled",
    Done = "done",
    NoShow = "no_show",
});

/// What became of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Happened {
    Created,
    Moved,
    Edited,
    Cancelled,
    Done,
    NoShow,
}

/// A row of a booking's history.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Event {
    /// `user:<id>`, `key:<id>` or `visitor`: the client.
    pub actor: String,
    pub change: Happened,
    /// Times and numbers before and after, names of fields.
    pub details_json: String,
    pub created_at_ms: i64,
}

crate::text_column!(ReminderState {
    Pending = "pending",
    Sent = "sent",
    Missed = "missed",
    Cancelled = "cancelled",
});

/// How far a reminder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case")]
pub enum ReminderState {
    /// Waits for its time.
    Pending,
    /// Was handed over.
    Sent,
    /// Its time passed while nobody was there to send it.
    Missed,
    /// Was called off, by itself or with its booking.
    Cancelled,
}

/// What a client said of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// 1 to 5.
    pub rating: i64,
    /// In their words.
    pub comment: Option<String>,
    /// Milliseconds UTC.
    pub rated_at_ms: i64,
}

/// A reminder, and how far its message came since it was handed over.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The reminder.
    pub reminder: Reminder,
    /// How far, and why the last try failed. Messages are kept for a time only.
    pub message: Option<(outbox::State, Option<String>)>,
}

/// A reminder; fields as in schema.sql.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Reminder {
    pub id: i64,
    pub booking_id: i64,
    pub channel: Channel,
    /// How long before the visit it is meant; `None`: due at a time of its own.
    pub offset_min: Option<u32>,
    pub due_at_ms: i64,
    /// A member wants it sent now, also in quiet hours.
    pub is_urgent: bool,
    pub state: ReminderState,
    pub sent_at_ms: Option<i64>,
    pub created_at_ms: i64,
}
