//! What can go wrong with a booking.

use crate::platform::http::TextError;

/// An error of the bookings slice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookingError {
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

impl BookingError {
    pub(super) fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            why: why.into(),
        }
    }
}
