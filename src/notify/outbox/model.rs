//! A message on its way.

use std::fmt;

use crate::nlu::Lang;
use crate::notify::mail::Calendar;
use crate::notify::messages::Message;
use crate::text_column;

/// By which road a message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case", rename = "DeliveryChannel")]
pub enum Channel {
    /// A letter.
    Email,
    /// A text message.
    Sms,
}

/// How far a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case", rename = "DeliveryState")]
pub enum State {
    /// It is tried, or tried again later.
    Pending,
    /// For the team: each of its addresses has a message of its own.
    HandedOn,
    /// The mail server or the provider has it.
    Sent,
    /// The provider says that the phone has it (text messages).
    Delivered,
    /// The provider says that it did not arrive (text messages).
    Undelivered,
    /// There is no way to send it: no mail server, provider or address is set.
    NotConfigured,
    /// It may have been sent or not; nobody knows, so it is not repeated by itself.
    Uncertain,
    /// It may not be sent: the person gave no consent to it, or wants no more of its kind. `last_error` says which.
    Refused,
    /// It was given up.
    Failed,
}

text_column!(Channel {
    Email = "email",
    Sms = "sms"
});
text_column!(State {
    Pending = "pending",
    HandedOn = "handed_on",
    Sent = "sent",
    Delivered = "delivered",
    Undelivered = "undelivered",
    NotConfigured = "not_configured",
    Uncertain = "uncertain",
    Refused = "refused",
    Failed = "failed"
});

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Wherever notices go when it is sent, but for whoever gets the same message by a row of their own.
    Team,
    /// A person.
    Person {
        /// E-mail address, or number in E.164 for a text message.
        address: String,
        /// May be empty.
        name: String,
    },
}

/// What a message is about: with that, it is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A lead's number.
    Lead(i64),
    /// A booking's number.
    Booking(i64),
    /// A conversation's number.
    Conversation(i64),
    /// The number of a member of the team.
    User(i64),
    /// The number of a request about somebody's own data.
    PrivacyRequest(i64),
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lead(id) => write!(f, "lead:{id}"),
            Self::Booking(id) => write!(f, "booking:{id}"),
            Self::Conversation(id) => write!(f, "conversation:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::PrivacyRequest(id) => write!(f, "privacy_request:{id}"),
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct NewDelivery<'m> {
    /// What causes it, e.g. `lead:12:team`; the same cause writes once.
    pub key: String,
    /// The message. Addresses in it that begin with `/` are of this server.
    pub message: &'m Message,
    /// `None`: the company's first language.
    pub lang: Option<Lang>,
    /// For whom.
    pub to: Recipient,
    /// What it is about.
    pub about: Option<About>,
    /// An event for the calendar of a letter's reader.
    pub calendar: Option<Calendar>,
}

/// A message in a list of what was sent about something.
#[derive(Debug, Clone)]
pub struct SentAbout {
    /// Its number in the outbox.
    pub id: i64,
    /// Name of the template.
    pub message: String,
    /// How far it came.
    pub state: State,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
}

/// A message as it is on disk.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) channel: Channel,
    pub(super) message: Message,
    pub(super) lang: Option<Lang>,
    pub(super) to: Recipient,
    pub(super) about: Option<String>,
    pub(super) calendar: Option<Calendar>,
    pub(super) state: State,
    pub(super) attempts: u32,
    pub(super) last_error: Option<String>,
    pub(super) provider_id: Option<String>,
    pub(super) created_at_ms: i64,
    pub(super) ended_at_ms: Option<i64>,
}
