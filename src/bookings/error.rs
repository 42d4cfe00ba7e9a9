//! What can go wrong with bookings, and how clients see it.

use super::limits::ChangeRefusal;
use super::slots::Refusal;
use crate::chat::ChatError;
use crate::knowledge::KnowledgeError;
use crate::leads::LeadError;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};

/// A value from outside that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A field's value is refused.
    #[error("{field}: {why}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// Why, as a clause.
        why: String,
    },
}

impl FieldError {
    pub(super) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            why: why.into(),
        }
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        match error {
            FieldError::Text(field, why) => Problem::text(field, why),
            FieldError::Invalid { field, why } => Problem::field("invalid_value", field, why),
        }
    }
}

/// An error of the bookings slice.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// A field's value is refused.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A visit cannot begin then.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The client may not change it any more.
    #[error(transparent)]
    Change(#[from] ChangeRefusal),
    /// There is no such row.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The booking's status does not become that.
    #[error("this booking is {0} already")]
    Status(&'static str),
    /// What only becomes of a visit that has begun.
    #[error("this visit has not begun yet")]
    NotBegun,
    /// The same reminder is there.
    #[error("this booking has the same reminder already")]
    ReminderTaken,
    /// The reminder is no longer pending.
    #[error("this reminder is {0} already")]
    ReminderDone(&'static str),
    /// The client's contact is refused.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// The session is refused.
    #[error(transparent)]
    Session(#[from] ChatError),
    /// The company's facts do not go with the change.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// What another part answers.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl BookingError {
    /// Whether a time that was free once is so no more.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::NotFound(_))
    }

    /// Whether a visit cannot begin then, so that another time helps.
    pub fn is_about_time(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether others stand in the way, so that another time helps.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Refused(Refusal::Taken | Refusal::DayFull))
    }
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Field(error) => error.into(),
            BookingError::Refused(Refusal::Taken | Refusal::DayFull) => {
                Problem::conflict("slot_taken", error)
            }
            BookingError::Refused(why) => Problem::field(why.code(), "start_time", why),
            BookingError::Change(ChangeRefusal::NotOpen) => {
                Problem::conflict("booking_closed", error)
            }
            BookingError::Change(ChangeRefusal::TooLate { until_ms }) => {
                Problem::conflict("too_late", error).with_detail("until", to_rfc3339(until_ms))
            }
            BookingError::NotFound(_) => Problem::not_found("not_found", error),
            BookingError::Status(_) => Problem::conflict("booking_status", error),
            BookingError::NotBegun => Problem::conflict("not_begun", error),
            BookingError::ReminderTaken => Problem::conflict("reminder_exists", error),
            BookingError::ReminderDone(_) => Problem::conflict("reminder_done", error),
            BookingError::Lead(error) => error.into(),
            BookingError::Session(error) => error.into(),
            BookingError::Knowledge(error) => error.into(),
            BookingError::Problem(problem) => problem,
            BookingError::Db(error) => error.into(),
        }
    }
}
