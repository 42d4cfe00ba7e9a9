//! Rights over personal data (RODO, the GDPR): what is kept where and why, finding a person, handing out and erasing what
//! is kept about them, asking for that oneself, retention, legal holds.
//!
//! Owns the tables `erasures`, `privacy_requests` and `legal_holds`, the setting `retention` and the file
//! `tombstones.log`. Each slice keeps its own SQL: what this one needs of it is in its `person.rs`. A restore calls
//! [`tombstones::load`] and [`tombstones::reapply`] before it serves.
//!
//! ```text
//! register.rs   what is kept where and why      person.rs      who is meant        export.rs, page.rs   handing out
//! consents.rs   what somebody agreed to         purpose.rs     what for
//! erase.rs      in one transaction              finish.rs      every copy          tombstones.rs        not back by a backup
//! requests.rs   asking for oneself, by a code   retention.rs   by the clock        check.rs             what still stands where
//! ```

mod check;
mod command;
mod consents;
mod erase;
mod error;
mod export;
mod finish;
mod holds;
mod http;
mod identifier;
mod page;
mod person;
mod person_http;
mod purpose;
mod register;
mod requests;
mod retention;
mod rules_http;
mod store;
pub mod tombstones;

use std::path::PathBuf;
use std::sync::Arc;

pub use command::RodoCommand;
pub use consents::has_consent;
pub use erase::{FINISH_JOB, Receipt};
pub use error::RodoError;
pub use http::RodoApi;
pub use identifier::Identifier;
pub use person::Person;
pub use person_http::RodoPeopleApi;
pub use purpose::Purpose;
pub use requests::CODE_JOB;
pub(crate) use requests::{Confirmed, Kind as RequestKind, is_receipt, is_token};
pub use retention::RETENTION_JOB;
pub use rules_http::RodoRulesApi;

use crate::knowledge::Knowledge;
use crate::platform::db::Store;
use crate::platform::db::{DbError, Tx};
use crate::platform::secrets::Secrets;
use crate::search::Search;
use crate::uploads::Uploads;

/// What the slice works with.
pub struct RodoParts {
    /// The database.
    pub store: Store,
    /// The server's own keys.
    pub secrets: Secrets,
    /// Whose index forgets, too.
    pub search: Search,
    /// Whose files go, too.
    pub uploads: Uploads,
    /// Who writes.
    pub knowledge: Knowledge,
    /// The data folder.
    pub folder: PathBuf,
    /// Where pictures lie.
    pub upload_folder: PathBuf,
    /// A server runs here, whose jobs do what may wait a moment.
    pub has_jobs: bool,
}

/// Rights over personal data. Cheap to clone.
#[derive(Clone)]
pub struct Rodo(Arc<RodoParts>);

impl Rodo {
    /// Wires the slice.
    pub fn new(parts: RodoParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Reads an identifier.
    ///
    /// Errors: it is none.
    pub fn identifier(&self, text: &str) -> Result<Identifier, RodoError> {
        Identifier::parse(text, &self.0.secrets)
    }
}

/// Writes receipt and tombstone of a session that its visitor erased in this transaction, and the job that takes the last
/// copies.
///
/// * `person`: everything that was erased.
/// * `deleted`: how many of what, by name.
pub fn note_erasure(
    tx: &mut dyn Tx,
    person: &Person,
    deleted: std::collections::BTreeMap<String, u64>,
    secrets: &Secrets,
    now_ms: i64,
) -> Result<(), DbError> {
    let removed = erase::Removed {
        deleted,
        kept_quotes: 0,
    };
    erase::note(
        tx,
        person,
        removed,
        crate::accounts::audit::VISITOR,
        secrets,
        now_ms,
    )
    .map(drop)
    .map_err(|error| DbError::Internal(error.to_string()))
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Rights over personal data (RODO).
    Rodo,
}
