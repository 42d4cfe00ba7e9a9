//! What is noted about copies away from this machine: `offsite.json` in the folder of backups. Only the job that copies
//! writes it.

use std::fs;

use serde::{Deserialize, Serialize};

use super::copy::Upload;
use super::lists::ListCopy;
use crate::backup::files::replace;
use crate::backup::model::BackupName;
use crate::backup::{BackupError, Shelf};

/// The file in the folder of backups.
const STATE_FILE: &str = "offsite.json";

/// What is known.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Of which place; what is noted of another says nothing.
    pub(super) address: String,
    /// When the first attempt began, in milliseconds UTC.
    pub(super) since_ms: Option<i64>,
    /// The newest backup that is there.
    pub(super) last_copy: Option<LastCopy>,
    /// Why the newest attempt failed; gone with the next that does not.
    pub(super) last_failure: Option<String>,
    /// Names of the complete backups there.
    pub(super) there: Vec<String>,
    /// What is there of the list of erased persons.
    pub(super) list: Option<ListCopy>,
    /// What can go on.
    pub(super) upload: Option<Upload>,
}

/// A backup that was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastCopy {
    /// Its name.
    pub(crate) filename: String,
    /// When the backup was made, in milliseconds UTC.
    pub(crate) made_at_ms: i64,
    /// When the copy was complete, in milliseconds UTC.
    pub(crate) copied_at_ms: i64,
}

impl State {
    /// Reads what is noted of a place; nothing when the file is missing, damaged or of another place: then the next attempt
    /// looks at what is there.
    pub(super) fn load(shelf: &Shelf, address: &str) -> Self {
        let noted: Option<Self> = fs::read(shelf.folder().join(STATE_FILE))
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        noted
            .filter(|state| state.address == address)
            .unwrap_or_else(|| Self {
                address: address.to_owned(),
                ..Self::default()
            })
    }

    /// Notes it.
    pub(super) fn save(&self, on: &Shelf) -> Result<(), BackupError> {
        let json = serde_json::to_vec_pretty(self)
            .map_err(|error| BackupError::Internal(error.to_string()))?;
        replace(&on.folder().join(STATE_FILE), &json)
    }

    /// The complete backups there, as last seen.
    pub(super) fn names(&self) -> Vec<BackupName> {
        let names = self.there.iter();
        names.filter_map(|name| name.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_of_one_place_says_nothing_about_another() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path()).unwrap();
        let mut state = State::load(&shelf, "/mnt/a");
        assert_eq!(state.since_ms, None);
        state.since_ms = Some(7);
        state.save(&shelf).unwrap();
        assert_eq!(State::load(&shelf, "/mnt/a").since_ms, Some(7));
        let other = State::load(&shelf, "/mnt/b");
        assert_eq!((other.since_ms, &*other.address), (None, "/mnt/b"));
    }
}
