//! Bringing a backup back.

use std::error::Error;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::archive::Archive;
use super::create::upload_of;
use super::files::check_room;
use super::model::Manifest;
use super::seal::Keys;
use super::shelf::Shelf;
use super::swap::{Stage, recover};
use super::verify::prove;
use super::{BackupError, Place, SECRETS_FILE, SETTINGS_FILE};
use crate::accounts::audit;
use crate::platform::db::{DATABASE_FILE, Tx, edit, write_anew};

/// Removes from a database that is being restored what was erased since it was copied: gets its transaction and the time
/// of the copy (milliseconds UTC), answers how many persons it removed. An error refuses the restore.
pub type Forget<'f> = dyn FnMut(&mut dyn Tx, i64) -> Result<u64, Box<dyn Error + Send + Sync>> + 'f;

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// What the backup holds.
    pub manifest: Manifest,
    /// How many pictures were decoded to prove it.
    pub pictures: usize,
    /// Where the state before is, as far as there was one.
    pub aside: PathBuf,
    /// Persons who had been erased since and were removed again.
    pub forgotten: u64,
    /// Whether the server's own keys came with it. Without them sessions, signed links and second factors of the backup end,
    /// unless the folder has the same keys.
    pub has_secrets: bool,
}

/// Restores a zip into the data folder of `place`, whose lock the caller holds: proves it, brings it to this program's
/// schema, repeats erasures and only then exchanges it with what is there. The settings file comes back only where
/// there is none, since it belongs to the machine. Whatever is interrupted, the next start finds the old state or the new
/// one.
///
/// Errors: what is wrong with the backup, too little room, or a file cannot be written; nothing was changed then.
pub fn restore(
    place: &Place,
    file: &Path,
    keys: &Keys,
    forget: &mut Forget<'_>,
    at: Timestamp,
) -> Result<Restored, BackupError> {
    recover(place)?;
    // A backup that is taken meanwhile would hold a part of each state.
    let shelf = Shelf::open(&place.backups)?;
    let _working = shelf.work()?;
    let mut archive = Archive::open(file, keys)?;
    let stage = Stage::new(place)?;
    let has_secrets = archive.has(SECRETS_FILE);
    unpack(&mut archive, &stage, place)?;
    let pictures = prove(&mut archive, &stage.data())?;
    let created_at_ms = archive.manifest.created_at_ms;
    let details = |forgotten: u64| {
        json!({
            "backup_created_at_ms": created_at_ms,
            "schema_version": archive.manifest.schema_version,
            "persons_erased_again": forgotten,
        })
    };
    let database = stage.data().join(DATABASE_FILE);
    let forgotten = edit(&database, |tx| {
        let forgotten = forget(tx, created_at_ms).map_err(BackupError::Forget)?;
        let details = details(forgotten);
        let now_ms = at.as_millisecond();
        audit::record(tx, audit::SYSTEM, "backup_restored", None, &details, now_ms)?;
        Ok::<_, BackupError>(forgotten)
    })?;
    if forgotten > 0 {
        write_anew(&database)?;
    }
    let aside = stage.exchange(true, at)?;
    Ok(Restored {
        manifest: archive.manifest,
        pictures,
        aside,
        forgotten,
        has_secrets,
    })
}

fn unpack(archive: &mut Archive, stage: &Stage<'_>, place: &Place) -> Result<(), BackupError> {
    let parts = archive.manifest.parts.clone();
    let total = parts.iter().map(|part| part.size_bytes).sum();
    check_room(&stage.data(), total)?;
    for part in &parts {
        let to = match upload_of(&part.name) {
            Some(upload) => stage.blobs().join(upload.as_str()),
            None if part.name == SETTINGS_FILE && place.data.join(SETTINGS_FILE).exists() => {
                archive.check(part)?;
                continue;
            }
            None => stage.data().join(&part.name),
        };
        archive.unpack(part, &to)?;
    }
    Ok(())
}
