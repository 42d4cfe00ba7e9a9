//! Whom a database that is brought back must forget again.

use std::error::Error;
use std::path::Path;

use super::Failure;
use crate::backup::SECRETS_FILE;
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::secrets::Secrets;
use crate::rodo::tombstones::{self, TOMBSTONES_FILE, Tombstone};

/// A list of erasures with the key it is written under.
pub(super) struct Erased {
    tombstones: Vec<Tombstone>,
    secrets: Secrets,
}

impl Erased {
    /// Reads a list and the key beside it; `None`: there is no list.
    ///
    /// * `named`: the list, if somebody names it; else that of the first of the `folders` that has one.
    /// * Errors: a list that is named is not there, a list without its key, or one of them is damaged.
    pub(super) fn read(named: Option<&Path>, folders: [&Path; 2]) -> Result<Option<Self>, Failure> {
        let mut known = folders.iter().map(|folder| folder.join(TOMBSTONES_FILE));
        let Some(list) = named
            .map(Path::to_owned)
            .or_else(|| known.find(|list| list.exists()))
        else {
            return Ok(None);
        };
        let key = list.with_file_name(SECRETS_FILE);
        for file in [&list, &key] {
            if !file.exists() {
                return Err(format!(
                    "{} is missing: a list of erased persons needs the keys of its server beside it",
                    file.display()
                )
                .into());
            }
        }
        Ok(Some(Self {
            tombstones: tombstones::load(&list)?,
            secrets: Secrets::open(&key)?,
        }))
    }

    /// Erases them from a database; answers how many records and sessions went.
    pub(super) fn forget(&self, tx: &mut dyn Tx) -> Result<u64, Box<dyn Error + Send + Sync>> {
        let gone = tombstones::reapply(tx, &self.tombstones, &self.secrets, now_ms())?;
        Ok(gone as u64)
    }
}
