//! What can go wrong with canned answers, and how clients see it.

use crate::knowledge::KnowledgeError;
use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum CannedError {
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A field's value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// A placeholder is unknown, or the filled text is too long.
    #[error(transparent)]
    Template(#[from] KnowledgeError),
    /// The language has an answer with this title.
    #[error("this language has a canned answer with this title already")]
    TitleTaken,
    /// There is no such canned answer.
    #[error("there is no such canned answer")]
    NotFound,
    /// The store said no.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for CannedError {
    fn from(error: DbError) -> Self {
        if error.is_unique("canned_answers.title") {
            return Self::TitleTaken;
        }
        Self::Db(error)
    }
}

impl From<CannedError> for Problem {
    fn from(error: CannedError) -> Self {
        match error {
            CannedError::Text(field, why) => Problem::field("invalid_value", field, why),
            CannedError::Field(field, why) => Problem::field("invalid_value", field, why),
            CannedError::Template(error) => error.into(),
            CannedError::TitleTaken => Problem::conflict("canned_title_taken", error),
            CannedError::NotFound => Problem::not_found("canned_not_found", error),
            CannedError::Db(error) => error.into(),
        }
    }
}
