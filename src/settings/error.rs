//! What can go wrong with settings, and how clients see it.

use crate::knowledge::KnowledgeError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the settings slice.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A field's value is refused.
    #[error("{field}: {why}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// Why, as a clause.
        why: String,
    },
    /// A part that belongs to the knowledge slice is refused.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Invalid { field, why } => Problem::field("invalid_value", field, why),
            SettingsError::Knowledge(error) => error.into(),
            SettingsError::Db(error) => error.into(),
        }
    }
}
