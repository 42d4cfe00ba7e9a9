//! What can go wrong with a lead, and how clients see it.

use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};

/// An error of the leads slice.
#[derive(Debug, thiserror::Error)]
pub enum LeadError {
    /// Neither e-mail nor phone.
    #[error("an e-mail address or a phone number is needed")]
    NoContact,
    /// No e-mail address.
    #[error("must be an e-mail address such as name@example.com")]
    InvalidEmail,
    /// No phone number that can exist.
    #[error("must be a phone number; with a country code when it is not Polish")]
    InvalidPhone,
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A field's value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// There is no such lead.
    #[error("there is no such lead")]
    NotFound,
    /// A proof of work is refused.
    #[error("{0}")]
    Proof(&'static str),
    /// There is no such active member of the team.
    #[error("there is no such active member of the team")]
    NoSuchAgent,
    /// Nobody is there whose turn it could be.
    #[error("the team has no active accounts")]
    NoTeam,
    /// A file brings leads already.
    #[error("another file is being read; try again when it is done")]
    Importing,
    /// A file cannot be read at all.
    #[error("{0}")]
    File(String),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<LeadError> for Problem {
    fn from(error: LeadError) -> Self {
        match error {
            LeadError::NoContact => {
                Problem::field("contact_required", "email", &error).with_detail("phone", &error)
            }
            LeadError::InvalidEmail => Problem::field("invalid_email", "email", error),
            LeadError::InvalidPhone => Problem::field("invalid_phone", "phone", error),
            LeadError::Text(field, why) => Problem::text(field, why),
            LeadError::Field(field, why) => Problem::field("invalid_value", field, why),
            LeadError::NotFound => Problem::not_found("lead_not_found", error),
            LeadError::Proof(_) => Problem::field("invalid_proof_of_work", "altcha", error),
            LeadError::NoSuchAgent => Problem::field("no_such_agent", "agent_id", error),
            LeadError::NoTeam => Problem::conflict("no_team", error),
            LeadError::Importing => Problem::conflict("import_running", error),
            LeadError::File(why) => Problem::field("invalid_file", "file", why),
            LeadError::Db(error) => error.into(),
        }
    }
}
