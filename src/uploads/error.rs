//! What can go wrong with uploads, and how clients see it.

use poem::http::StatusCode;

use super::imaging::Refusal;
use super::rules::{Exceeded, InvalidFolder};
use crate::platform::blobs::BlobError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The file is not taken.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A limit would be exceeded.
    #[error("{0}")]
    Exceeded(#[from] Exceeded),
    /// The folder's name is refused.
    #[error("{0}")]
    Folder(#[from] InvalidFolder),
    /// A field is refused.
    #[error("{0}: {1}")]
    Field(&'static str, &'static str),
    /// The scanner found something.
    #[error("The file holds malware and was not taken.")]
    Infected,
    /// The scanner could not be asked, and nothing is taken without it.
    #[error("The malware scanner cannot be asked now.")]
    ScannerDown,
    /// Too many are being worked on.
    #[error("Too many pictures are being worked on.")]
    Busy,
    /// There is no such picture.
    #[error("there is no such picture")]
    NotFound,
    /// A document shows it.
    #[error("A document shows this picture; take it off there first.")]
    InUse,
    /// The storage fails or has no room.
    #[error("{0}")]
    Storage(#[from] BlobError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The request's idempotency key was used for another picture, or what stopped the one of the first use.
    #[error("{0}")]
    Repeated(Problem),
    /// A fault of the program.
    #[error("{0}")]
    Internal(String),
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Refused(refusal) => refused(refusal),
            UploadError::Exceeded(exceeded) => self::exceeded(exceeded),
            UploadError::Folder(why) => Problem::field("invalid_folder", "folder", why),
            UploadError::Field(field, why) => Problem::field("invalid_value", field, why),
            UploadError::Infected => unprocessable("infected", error),
            UploadError::ScannerDown => unavailable("scanner_down", error),
            UploadError::Busy => unavailable("busy", error),
            UploadError::NotFound => Problem::not_found("upload_not_found", error),
            UploadError::InUse => Problem::conflict("upload_in_use", error),
            UploadError::Storage(BlobError::NotFound) => {
                Problem::not_found("upload_not_found", UploadError::NotFound)
            }
            UploadError::Storage(error) => Problem::unavailable(error),
            UploadError::Db(error) => error.into(),
            UploadError::Repeated(problem) => problem,
            UploadError::Internal(why) => Problem::internal(why),
        }
    }
}

fn unprocessable(code: &'static str, why: impl std::fmt::Display) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, why)
}

fn unavailable(code: &'static str, why: impl std::fmt::Display) -> Problem {
    Problem::unavailable(why).with_code(code)
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NotAPicture | Refusal::Heic | Refusal::Avif | Refusal::Mismatch { .. } => {
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, refusal.code(), refusal)
        }
        Refusal::NotEncoded => Problem::internal(refusal),
        _ => unprocessable(refusal.code(), refusal),
    }
}

fn exceeded(exceeded: Exceeded) -> Problem {
    match exceeded {
        Exceeded::File => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", exceeded),
        Exceeded::SessionFiles => unprocessable("session_files", exceeded),
        Exceeded::SessionBytes => unprocessable("session_bytes", exceeded),
        Exceeded::TotalBytes => unavailable("no_room", exceeded),
    }
}
