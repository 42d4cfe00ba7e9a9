//! What can go wrong in a review, and how clients see it.

use crate::knowledge::KnowledgeError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is no such question.
    #[error("there is no such question")]
    NotFound,
    /// Somebody was quicker.
    #[error("somebody has dealt with this question already")]
    Resolved,
    /// A field is missing, or its value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, &'static str),
    /// The phrase, the intent or its answer is refused.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::NotFound => Problem::not_found("question_not_found", error),
            ReviewError::Resolved => Problem::conflict("question_resolved", error),
            ReviewError::Field(field, why) => Problem::field("invalid_value", field, why),
            ReviewError::Knowledge(error) => error.into(),
            ReviewError::Db(error) => error.into(),
        }
    }
}
