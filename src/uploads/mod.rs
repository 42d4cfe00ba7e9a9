//! Pictures that visitors and the team send: looked at, encoded anew, stored, served.
//!
//! Owns the tables `uploads` and `upload_files`. Public face: [`Uploads`], its endpoints ([`UploadsApi`],
//! [`FilesApi`]), [`of_session`], [`attachments`] and [`erase_session`].
//!
//! ```text
//! imaging/   bytes of a stranger in, fresh pictures out: pure     clamd.rs    the malware scanner, where one is configured
//! rules.rs   names of folders and files, how much is taken        key.rs      a stored file's public name
//! service.rs use cases        store.rs   SQL        http.rs   /api/upload        files.rs   /uploads/{key}
//! form.rs    what forms hold  views.rs   what answers hold
//! ```

mod clamd;
mod error;
mod files;
mod form;
mod http;
pub mod imaging;
mod key;
mod model;
mod person;
mod rules;
mod service;
mod store;
mod views;

pub use clamd::{Admission, ScanError, Scanner, Verdict};
pub use error::UploadError;
pub use files::FilesApi;
pub use form::{FormText, SentPicture};
pub use http::{FILES_MAX, UploadsApi};
pub use key::{InvalidKey, PictureKey, UploadKey, Variant};
pub use model::{Access, NewUpload, Upload};
pub use person::sessions_after;
pub use rules::{Exceeded, Folder, InvalidFolder, Quotas, Used, clean_file_name};
pub use service::Uploads;
pub use views::Attachment;

use crate::platform::db::{DbError, Tx};

/// The job that removes files nothing refers to any more; its payload lists their names.
pub const SWEEP_JOB: &str = "uploads.sweep";

/// The pictures of a session, oldest first.
pub fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Upload>, DbError> {
    store::of_session(tx, session_id)
}

/// The pictures with these numbers that the team sent for everyone to see; others are left out.
pub fn attachments(tx: &mut dyn Tx, ids: &[i64]) -> Result<Vec<Attachment>, DbError> {
    service::attachments(tx, ids)
}

/// Names of the stored files that pictures have, in their order.
pub fn stored_files(tx: &mut dyn Tx) -> Result<Vec<String>, DbError> {
    store::stored_files(tx)
}

/// Removes the pictures of a session and asks for their files to be removed; answers how many.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    service::erase_session(tx, session_id)
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Pictures.
    Uploads,
}
