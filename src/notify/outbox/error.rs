//! What can go wrong, and how clients see it.

use crate::knowledge::KnowledgeError;
use crate::notify::messages::MessageError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// There is none with that number or name.
    #[error("there is no such message")]
    NotFound,
    /// It was sent, or it is on its way.
    #[error("only a message that was not sent can be tried again")]
    NotUnsent,
    /// Words that do not render.
    #[error(transparent)]
    Words(#[from] MessageError),
    /// What the company knows cannot be read.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<NotifyError> for Problem {
    fn from(error: NotifyError) -> Self {
        match error {
            NotifyError::NotFound | NotifyError::Words(MessageError::UnknownName) => {
                Problem::not_found("message_not_found", NotifyError::NotFound)
            }
            NotifyError::NotUnsent => Problem::conflict("not_unsent", error),
            NotifyError::Words(error) => match &error {
                MessageError::Template { part, .. }
                | MessageError::UnknownValue { part, .. }
                | MessageError::Length { part, .. } => {
                    Problem::field("invalid_template", part, &error)
                }
                MessageError::SmsSubject | MessageError::UnknownName => {
                    Problem::field("invalid_template", "subject", &error)
                }
            },
            NotifyError::Knowledge(error) => error.into(),
            NotifyError::Db(error) => error.into(),
        }
    }
}
