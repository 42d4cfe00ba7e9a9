//! Whom a database that is brought back must forget again.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::backup::{Keys, SECRETS_FILE, read_sealed};
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::secrets::{Secrets, TombstoneKey};
use crate::rodo::tombstones::{self, TOMBSTONES_FILE, Tombstone};

/// A list of erasures with the key it is written under.
pub(super) struct Erased {
    tombstones: Vec<Tombstone>,
    key: TombstoneKey,
}

impl Erased {
    /// Reads a list and the key beside it; `None`: there is no list.
    ///
    /// * `named`: the list, if somebody names it; else that of the first of the `folders` that has one. Beside a list that
    ///   was copied away from its server is its key alone, mostly encrypted, which `keys` open.
    /// * Errors: a list that is named is not there, a list without its key, or one of them is damaged.
    pub(super) fn read(
        named: Option<&Path>,
        folders: [&Path; 2],
        keys: &Keys,
    ) -> Result<Option<Self>, Failure> {
        let mut known = folders.iter().map(|folder| folder.join(TOMBSTONES_FILE));
        let Some(list) = named
            .map(Path::to_owned)
            .or_else(|| known.find(|list| list.exists()))
        else {
            return Ok(None);
        };
        if !list.exists() {
            return Err(missing(&list));
        }
        Ok(Some(Self {
            tombstones: tombstones::load(&list)?,
            key: key_beside(&list, keys)?,
        }))
    }

    /// Erases them from a database; answers how many records and sessions went.
    pub(super) fn forget(&self, tx: &mut dyn Tx) -> Result<u64, Box<dyn Error + Send + Sync>> {
        let gone = tombstones::reapply(tx, &self.tombstones, &self.key, now_ms())?;
        Ok(gone as u64)
    }
}

/// The key of a list that was copied away (`NAME.key`, or `NAME.key.age`), or that of its server.
fn key_beside(list: &Path, keys: &Keys) -> Result<TombstoneKey, Failure> {
    let copied = ["key", "key.age"].map(|ending| list.with_extension(ending));
    if let Some(file) = copied.iter().find(|file| file.exists()) {
        let json =
            read_sealed(file, keys).map_err(|error| format!("{}: {error}", file.display()))?;
        return Ok(TombstoneKey::from_json(&json, &file.display().to_string())?);
    }
    let secrets: PathBuf = list.with_file_name(SECRETS_FILE);
    if !secrets.exists() {
        return Err(missing(&secrets));
    }
    Ok(Secrets::open(&secrets)?.tombstone_key().clone())
}

fn missing(file: &Path) -> Failure {
    format!(
        "{} is missing: a list of erased persons needs the keys of its server beside it",
        file.display()
    )
    .into()
}
