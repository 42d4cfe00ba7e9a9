//! What can go wrong with backups, and how clients see it.

use std::io;
use std::path::Path;

use poem::http::StatusCode;

use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Only one is made, proved or removed at a time.
    #[error("another backup is being worked on; try again when it is done")]
    Busy,
    /// No backup has this name.
    #[error("there is no such backup")]
    NotFound,
    /// There is a file where one was to be written.
    #[error("{0} exists already")]
    Exists(String),
    /// A value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// The backup is encrypted, and nothing to open it with was given.
    #[error("the backup is encrypted; give the identity or passphrase it was encrypted to")]
    KeyNeeded,
    /// What was given does not open it.
    #[error("the backup is encrypted to another key or passphrase")]
    WrongKey,
    /// A file with keys or a passphrase cannot be used.
    #[error("{0}")]
    KeyFile(String),
    /// The file is no backup, or not the one that was written.
    #[error("the backup is damaged or none of ours: {0}")]
    Damaged(String),
    /// A newer version of the program wrote it.
    #[error(
        "the backup has schema version {found}, this program knows {known} at most: it was made by a newer version of \
         NovaHouse; restore it with that one"
    )]
    Newer {
        /// The backup's.
        found: i64,
        /// This program's.
        known: i64,
    },
    /// The disk has too little room.
    #[error("{folder} has {free_bytes} bytes of room, and {needed_bytes} are needed")]
    NoRoom {
        /// Where.
        folder: String,
        /// What there is.
        free_bytes: u64,
        /// What would be used.
        needed_bytes: u64,
    },
    /// The data folder is not as the command needs it.
    #[error("{0}")]
    Folder(String),
    /// What is to be taken over is nothing that version 2.3 wrote.
    #[error("this is no database and no JSON export of NovaHouse 2.3: {0}")]
    V23(String),
    /// Erasures could not be repeated on what was restored, so nothing was restored.
    #[error("erased persons could not be removed from the backup, so it was not restored: {0}")]
    Forget(Box<dyn std::error::Error + Send + Sync>),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    Io(String, io::Error),
    /// The place for copies away from this machine cannot be used.
    #[error("the copy away from this machine: {0}")]
    Offsite(String),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A fault of the program.
    #[error("{0}")]
    Internal(String),
}

impl BackupError {
    /// For `map_err`: what happened to which file.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::Io(path, error)
    }

    /// For `map_err`: reading a backup failed because of what it holds, or because of the disk.
    pub(super) fn reading(what: &str) -> impl FnOnce(io::Error) -> Self {
        let what = what.to_owned();
        move |error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
                Self::Damaged(format!("{what}: {error}"))
            }
            _ => Self::Io(what, error),
        }
    }
}

/// Longest text of another program that is repeated.
const REPEATED_MAX_CHARS: usize = 400;

impl From<object_store::Error> for BackupError {
    fn from(error: object_store::Error) -> Self {
        let text = error.to_string();
        Self::Offsite(text.chars().take(REPEATED_MAX_CHARS).collect())
    }
}

impl From<BackupError> for Problem {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Busy => Problem::conflict("backup_running", error),
            BackupError::NotFound => Problem::not_found("backup_not_found", error),
            BackupError::Exists(_) => Problem::conflict("backup_exists", error),
            BackupError::Field(field, why) => Problem::field("invalid_value", field, why),
            BackupError::KeyNeeded | BackupError::WrongKey => {
                Problem::conflict("backup_encrypted", error)
            }
            BackupError::Damaged(_) => Problem::conflict("backup_damaged", error),
            BackupError::Newer { .. } => Problem::conflict("backup_newer", error),
            BackupError::NoRoom { .. } => Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "no_room",
                "The disk has too little room; nothing was changed.",
            ),
            BackupError::Io(_, cause) if cause.kind() == io::ErrorKind::StorageFull => {
                Problem::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "no_room",
                    "The disk is full; nothing was changed.",
                )
            }
            BackupError::Io(..) | BackupError::Offsite(_) => Problem::unavailable(error),
            BackupError::Db(error) => error.into(),
            BackupError::KeyFile(_)
            | BackupError::Folder(_)
            | BackupError::V23(_)
            | BackupError::Forget(_)
            | BackupError::Internal(_) => Problem::internal(error),
        }
    }
}
