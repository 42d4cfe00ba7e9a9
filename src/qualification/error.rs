//! What can go wrong with the quiz, and how clients see it.

use super::rules::AnswerError;
use crate::chat::ChatError;
use crate::leads::LeadError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the qualification slice.
#[derive(Debug, thiserror::Error)]
pub enum QualificationError {
    /// A text of the built-in quiz is missing.
    #[error("{0}: {1}")]
    Texts(String, String),
    /// An answer of the visitor's is refused.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The consent's text was changed since the visitor saw it.
    #[error("is not the version of the text that is shown now; get the questions again")]
    ConsentTextChanged,
    /// The session id is malformed.
    #[error(transparent)]
    Session(#[from] ChatError),
    /// The lead was refused.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<QualificationError> for Problem {
    fn from(error: QualificationError) -> Self {
        match error {
            QualificationError::Texts(..) => Problem::internal(error),
            QualificationError::Answer(error) => error.into(),
            QualificationError::ConsentTextChanged => {
                Problem::field("consent_text_changed", "text_version", error)
            }
            QualificationError::Session(error) => error.into(),
            QualificationError::Lead(error) => error.into(),
            QualificationError::Db(error) => error.into(),
        }
    }
}

impl From<AnswerError> for Problem {
    fn from(error: AnswerError) -> Self {
        let code = match error {
            AnswerError::None | AnswerError::TooMany => "invalid_answers",
            AnswerError::UnknownQuestion { .. } => "unknown_question",
            AnswerError::Twice { .. } => "answered_twice",
            AnswerError::NotANumber { .. }
            | AnswerError::NotYesOrNo { .. }
            | AnswerError::NotAChoice { .. } => "invalid_answer",
        };
        Problem::field(code, &error.field(), error)
    }
}
