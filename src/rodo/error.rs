//! What can go wrong with requests about personal data, and how clients see it.

use poem::http::StatusCode;
use serde_json::Value;

use crate::knowledge::KnowledgeError;
use crate::platform::blobs::BlobError;
use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};
use crate::platform::secrets::SecretsError;
use crate::search::SearchError;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum RodoError {
    /// No identifier of a person.
    #[error("must be an e-mail address, a phone number or a session id")]
    InvalidIdentifier,
    /// Who asks for themselves can only be reached by these.
    #[error("must be an e-mail address or a phone number")]
    NotReachable,
    /// Nothing is kept about such a person.
    #[error("nothing is kept under this identifier")]
    NotFound,
    /// Several people share it; the choices say what tells them apart.
    #[error("several people share this identifier; choose one of them")]
    SeveralPeople(Value),
    /// Erasing was not confirmed.
    #[error("erasing cannot be undone; confirm it")]
    NotConfirmed,
    /// The person's data must be kept for now.
    #[error("a legal hold forbids erasing this person: {0}")]
    OnHold(String),
    /// A code that is wrong, out of date, or used up.
    #[error("the code is wrong or no longer valid; ask for a new one")]
    WrongCode,
    /// A link that was used, or never was one.
    #[error("this link is not valid any more")]
    LinkGone,
    /// There is no such hold.
    #[error("there is no such hold")]
    HoldNotFound,
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A field's value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// The register does not parse.
    #[error("the register of personal data: {0}")]
    Register(String),
    /// A file cannot be read or written.
    #[error("a file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Something within failed; for the log alone.
    #[error("{0}")]
    Internal(String),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<SecretsError> for RodoError {
    fn from(error: SecretsError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<SearchError> for RodoError {
    fn from(error: SearchError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<KnowledgeError> for RodoError {
    fn from(error: KnowledgeError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<BlobError> for RodoError {
    fn from(error: BlobError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<serde_json::Error> for RodoError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<zip::result::ZipError> for RodoError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<RodoError> for Problem {
    fn from(error: RodoError) -> Self {
        match error {
            RodoError::InvalidIdentifier => {
                Problem::field("invalid_identifier", "user_identifier", error)
            }
            RodoError::NotReachable => Problem::field("invalid_identifier", "identifier", error),
            RodoError::NotFound => Problem::not_found("person_not_found", error),
            RodoError::SeveralPeople(ref choices) => {
                let choices = choices.clone();
                Problem::conflict("several_people", error).with_more("choices", choices)
            }
            RodoError::NotConfirmed => Problem::field("not_confirmed", "confirm", error),
            RodoError::OnHold(_) => Problem::conflict("legal_hold", error),
            RodoError::WrongCode => Problem::forbidden("wrong_code", error),
            RodoError::LinkGone => Problem::new(StatusCode::GONE, "link_gone", error),
            RodoError::HoldNotFound => Problem::not_found("hold_not_found", error),
            RodoError::Text(field, why) => Problem::text(field, why),
            RodoError::Field(field, why) => Problem::field("invalid_value", field, why),
            RodoError::Register(_) | RodoError::Io(_) | RodoError::Internal(_) => {
                Problem::internal(error)
            }
            RodoError::Db(error) => error.into(),
        }
    }
}
