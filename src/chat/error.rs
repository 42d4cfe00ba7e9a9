//! What can go wrong in a conversation, and how clients see it.

use crate::bookings::BookingError;
use crate::knowledge::KnowledgeError;
use crate::leads::LeadError;
use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};
use crate::platform::secrets::SecretsError;
use crate::uploads::UploadError;

/// An error of the chat slice.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// Empty, too long or with strange characters.
    #[error("a session id has 1 to 100 visible ASCII characters")]
    InvalidSessionId,
    /// The id was chosen by the client.
    #[error(
        "this session id was not handed out by the server, so nothing can be read back with it"
    )]
    WeakSessionId,
    /// A person was to answer where nobody can read the answer.
    #[error(
        "the visitor's session id was not handed out by the server, so no answer can reach them"
    )]
    WeakConversation,
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A field's value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// There is no such conversation.
    #[error("there is no such conversation")]
    NotFound,
    /// There is no such member of the team.
    #[error("there is no active member of the team with this id")]
    NoSuchAgent,
    /// The contact could not be kept.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// The visit could not be booked.
    #[error(transparent)]
    Booking(#[from] Box<BookingError>),
    /// The company's texts could not be read.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The operating system gives no randomness.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The picture was not taken.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<BookingError> for ChatError {
    fn from(error: BookingError) -> Self {
        Self::Booking(Box::new(error))
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::InvalidSessionId => {
                Problem::field("invalid_session_id", "session_id", error)
            }
            ChatError::WeakSessionId => Problem::forbidden("weak_session_id", error),
            ChatError::WeakConversation => Problem::conflict("weak_conversation", error),
            ChatError::Text(field, why) => Problem::text(field, why),
            ChatError::Field(field, why) => Problem::field("invalid_value", field, why),
            ChatError::NotFound => Problem::not_found("conversation_not_found", error),
            ChatError::NoSuchAgent => Problem::field("no_such_agent", "agent_id", error),
            ChatError::Lead(error) => error.into(),
            ChatError::Booking(error) => (*error).into(),
            ChatError::Knowledge(error) => error.into(),
            ChatError::Secrets(error) => Problem::internal(error),
            ChatError::Upload(error) => error.into(),
            ChatError::Db(error) => error.into(),
        }
    }
}
