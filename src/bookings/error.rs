//! What can be wrong with what comes from outside.

use crate::platform::http::TextError;

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
