//! What keeps data from being generated.

use crate::bookings::BookingError;
use crate::knowledge::KnowledgeError;
use crate::leads::LeadError;
use crate::platform::db::DbError;
use crate::platform::secrets::SecretsError;
use crate::quotes::QuoteError;

/// An error of generating data.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Somebody works with the folder.
    #[error(
        "this data folder holds conversations, leads or bookings that were not generated; give --data a folder of its own"
    )]
    InUse,
    /// It has been done before.
    #[error(
        "this data folder holds generated data already; remove it, or give --data another folder"
    )]
    AlreadyGenerated,
    /// The company answers in none of the languages visitors are made to speak.
    #[error("the company's languages have no phrases, so visitors have nothing to say")]
    NothingToSay,
    /// A time is out of range.
    #[error("the time is out of range: {0}")]
    Time(#[from] jiff::Error),
    /// A lead was refused.
    #[error(transparent)]
    Lead(#[from] LeadError),
    /// A visit was refused.
    #[error(transparent)]
    Booking(#[from] BookingError),
    /// A price could not be estimated.
    #[error(transparent)]
    Quote(#[from] QuoteError),
    /// The company's knowledge could not be read.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// No session id could be made.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}
