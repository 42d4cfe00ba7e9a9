//! Webhooks, what they hear of, and how far it came.

use crate::text_column;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// Somebody left a way to reach them.
    LeadCreated,
    /// They came back, or the team changed it.
    LeadUpdated,
    /// The team came further with it.
    LeadStatusChanged,
    /// It was removed or erased.
    LeadDeleted,
    /// A visit was booked.
    BookingCreated,
    /// It has another time, place or member.
    BookingRescheduled,
    /// It does not take place.
    BookingCancelled,
    /// The client did not come.
    BookingNoShow,
    /// A visitor wrote for the first time.
    ConversationStarted,
    /// It passed to the team's queue or to a person.
    ConversationHandedOver,
    /// It was closed.
    ConversationClosed,
    /// The owner tries a webhook.
    Test,
}

text_column!(EventKind {
    LeadCreated = "lead.created",
    LeadUpdated = "lead.updated",
    LeadStatusChanged = "lead.status_changed",
    LeadDeleted = "lead.deleted",
    BookingCreated = "booking.created",
    BookingRescheduled = "booking.rescheduled",
    BookingCancelled = "booking.cancelled",
    BookingNoShow = "booking.no_show",
    ConversationStarted = "conversation.started",
    ConversationHandedOver = "conversation.handed_over",
    ConversationClosed = "conversation.closed",
    Test = "webhook.test",
});

impl EventKind {
    /// What a webhook can hear of; the test is sent to any.
    pub(super) const HEARD: [Self; 11] = [
        Self::LeadCreated,
        Self::LeadUpdated,
        Self::LeadStatusChanged,
        Self::LeadDeleted,
        Self::BookingCreated,
        Self::BookingRescheduled,
        Self::BookingCancelled,
        Self::BookingNoShow,
        Self::ConversationStarted,
        Self::ConversationHandedOver,
        Self::ConversationClosed,
    ];
}

/// Why a webhook was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case", rename = "WebhookDisabled")]
pub(super) enum Disabled {
    /// It answered 410.
    Gone,
    /// Nothing but failures for five days.
    Failing,
}

text_column!(Disabled {
    Gone = "gone",
    Failing = "failing"
});

/// How far a delivery came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case", rename = "WebhookDeliveryState")]
pub(super) enum State {
    /// It is tried, or tried again later.
    Pending,
    /// It was answered with 2xx.
    Delivered,
    /// It was given up.
    Failed,
}

text_column!(State {
    Pending = "pending",
    Delivered = "delivered",
    Failed = "failed"
});

/// What the owner says about a webhook, checked.
#[derive(Debug, Clone)]
pub(super) struct WebhookValues {
    pub(super) url: String,
    pub(super) description: Option<String>,
    /// Kinds of events, or patterns like `lead.*`.
    pub(super) events: Vec<String>,
    pub(super) is_enabled: bool,
}

/// A webhook; fields as in schema.sql.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    pub(super) id: i64,
    pub(super) values: WebhookValues,
    pub(super) secret_sealed: Vec<u8>,
    /// The one before, and until when it signs too.
    pub(super) old_secret: Option<(Vec<u8>, i64)>,
    pub(super) failures: u32,
    pub(super) failing_since_ms: Option<i64>,
    pub(super) disabled: Option<(Disabled, i64)>,
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: i64,
}

/// A delivery; fields as in schema.sql.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) webhook_id: i64,
    pub(super) event_id: String,
    pub(super) event: String,
    pub(super) payload_json: String,
    pub(super) state: State,
    pub(super) attempts: u32,
    pub(super) next_try_at_ms: Option<i64>,
    pub(super) response_status: Option<u16>,
    pub(super) response_excerpt: Option<String>,
    pub(super) last_error: Option<String>,
    pub(super) created_at_ms: i64,
    pub(super) tried_at_ms: Option<i64>,
    pub(super) ended_at_ms: Option<i64>,
}

/// An event on its way to a webhook.
#[derive(Debug, Clone)]
pub(super) struct NewDelivery<'a> {
    pub(super) webhook_id: i64,
    pub(super) event_id: &'a str,
    pub(super) kind: EventKind,
    pub(super) about: Option<&'a str>,
    pub(super) payload_json: &'a str,
}

/// What came of a try.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) status: Option<u16>,
    pub(super) excerpt: Option<String>,
    /// Why it failed; `None`: it was answered with 2xx.
    pub(super) error: Option<String>,
    /// The other side asked not to come back sooner.
    pub(super) retry_after: Option<std::time::Duration>,
}

/// How the webhooks stand, all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Those that are switched on.
    pub enabled: i64,
    /// Of these, those whose last try failed.
    pub failing: i64,
    /// Those that were switched off because they failed too long.
    pub switched_off: i64,
}
