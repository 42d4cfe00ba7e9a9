//! Copies of proved backups away from this machine, and beside them the list of erased persons.
//!
//! ```text
//! rules.rs    what is copied and removed: pure     settings.rs  what the owner allows and keeps
//! target.rs   a folder or a cloud                  copy.rs      one backup on its way, going on after an interruption
//! lists.rs    erased persons and their key         state.rs     what is noted: `offsite.json`
//! service.rs  the job, and how things stand        command.rs   listing and getting back     views.rs  for HTTP
//! ```

mod command;
mod copy;
mod lists;
mod rules;
mod service;
mod settings;
mod state;
mod target;
mod views;

pub use command::{Fetched, fetch, list};
pub use service::OffsiteParts;
pub(super) use service::{Offsite, OffsiteOf, Standing};
pub(super) use settings::{OffsiteSettings, save_offsite};
pub(super) use views::{BackupOffsiteAnswer, BackupOffsiteRequest, BackupOffsiteView};
