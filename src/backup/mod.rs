//! Backups that are proved: taken beside the running server, unpacked again, restored so that a crash leaves the old
//! state or the new one.
//!
//! Owns no table: what is known of backups lies beside them, in the folder of backups. Its settings are the rows
//! `backup_schedule` (what is done by the clock) and `backup_offsite` (what may be copied away from this machine).
//!
//! ```text
//! model.rs    names, manifest, what the folder's notes hold     rules.rs    which are kept, what is overdue: pure
//! shelf.rs    the folder: one worker at a time, list, notes      seal.rs     encryption
//! create.rs   a zip of everything      export.rs   JSON, CSV (cells.rs: what a cell stands for)
//! import.rs   JSON back into rows      csv_import.rs   CSV back into rows
//! v23/        what the predecessor, version 2.3, kept
//! archive.rs  a stranger's zip, read within limits               verify.rs   what makes a backup proved
//! restore.rs  into a data folder       swap.rs     the exchange, and finishing it after a crash
//! migration.rs  the copy before a migration, and the way back
//! schedule.rs the owner's schedule     service.rs  use cases      http.rs    /api/backup
//! watch.rs    what is looked at every minute                     offsite/   copies away from this machine
//! ```

mod archive;
mod cells;
mod create;
mod csv_import;
mod error;
mod export;
mod files;
mod http;
mod import;
mod migration;
mod model;
mod offsite;
mod restore;
mod rules;
mod schedule;
mod seal;
mod service;
mod shelf;
mod swap;
pub mod v23;
mod verify;
mod watch;

use std::path::PathBuf;

pub use create::{Created, Order, create};
pub use error::BackupError;
pub use http::BackupApi;
pub use import::import;
pub use migration::{before_migration, rollback};
pub use model::{BackupName, Format, Manifest, Proof, ProofKind};
pub use offsite::{Fetched, OffsiteParts, fetch as fetch_offsite, list as list_offsite};
pub use restore::{Forget, Restored, restore};
pub use rules::{Retention, kept};
pub use schedule::{Schedule, load_schedule};
pub use seal::{KeyPair, Keys, Seal, read_sealed};
pub use service::{BACKUP_JOB, Backups, BackupsParts, OFFSITE_JOB, queue_offsite};
pub use shelf::{Pruned, Shelf, Shelved, Working};
pub use swap::recover;
pub use verify::{Proven, Verified, prove_file, verify};

use crate::config::Config;
use crate::platform::db::DATABASE_FILE;

/// The server's own keys, in the data folder. They leave it in encrypted backups alone.
pub(crate) const SECRETS_FILE: &str = "secrets.json";
/// The owner's settings file, in the data folder.
const SETTINGS_FILE: &str = "novahouse.toml";
/// The search index, in the data folder; made anew when it is gone.
const INDEX_FOLDER: &str = "search";

/// Where everything lies that a backup holds, and the backups.
#[derive(Debug, Clone)]
pub struct Place {
    /// The data folder.
    pub data: PathBuf,
    /// Folder of uploaded files.
    pub uploads: PathBuf,
    /// Folder of backups.
    pub backups: PathBuf,
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Backups.
    Backup,
}

impl Place {
    /// As configured.
    pub fn of(config: &Config) -> Self {
        Self {
            data: config.data_dir.clone(),
            uploads: config.upload_folder.clone(),
            backups: config.backup_folder.clone(),
        }
    }

    /// Another data folder with everything in it.
    pub fn within(data: PathBuf) -> Self {
        Self {
            uploads: data.join("uploads"),
            backups: data.join("backups"),
            data,
        }
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data.join(DATABASE_FILE)
    }
}
