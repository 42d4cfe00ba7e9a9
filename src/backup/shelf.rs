//! The folder of backups: who works in it, what lies there, what is noted about it.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::files::{create_folder, remove_file, remove_folder, replace};
use super::model::{BackupName, Format, Proof};
use super::rules::{Retention, kept};
use super::{BackupError, Place, migration, swap};

/// Held by whoever works in the folder; a process that dies gives it back.
const LOCK_FILE: &str = ".lock";
/// What is only there while somebody works begins so.
const TEMPORARY: &str = ".temporary-";
/// What is noted about the backups.
const NOTES_FILE: &str = "notes.json";

/// The folder of backups.
#[derive(Debug, Clone)]
pub struct Shelf {
    folder: PathBuf,
}

/// A backup on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    /// Its name.
    pub name: BackupName,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 as noted when it was made, in hexadecimal digits.
    pub sha256: Option<String>,
}

/// What is known beyond the files.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Notes {
    /// When somebody first asked how the backups are, in milliseconds UTC.
    pub(super) since_ms: Option<i64>,
    /// The newest proof.
    pub(super) last_proof: Option<Proof>,
    /// Backups that were unpacked and read; none of those that are gone.
    #[serde(default)]
    pub(super) proved: BTreeSet<String>,
    /// Why the newest attempt failed; gone with the next that does not.
    pub(super) last_failure: Option<String>,
}

/// What pruning took away.
#[derive(Debug, Default)]
pub struct Pruned {
    /// Names of backups, and of folders and copies that were kept aside.
    pub removed: Vec<String>,
}

/// The right to work in the folder; given back when it is dropped.
pub struct Working {
    shelf: Shelf,
    _lock: File,
}

impl Working {
    /// The folder.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// A path for what is only there meanwhile.
    pub(super) fn temporary(&self, what: &str) -> PathBuf {
        self.shelf.folder.join(format!("{TEMPORARY}{what}"))
    }
}

impl Shelf {
    /// Opens the folder, which is made (0700) when it is missing.
    pub fn open(folder: &Path) -> Result<Self, BackupError> {
        create_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Takes the right to work in the folder, and removes what somebody who died left half done.
    ///
    /// Errors: [`BackupError::Busy`] while another has it, in this process or another.
    pub fn work(&self) -> Result<Working, BackupError> {
        let path = self.folder.join(LOCK_FILE);
        let mut options = File::options();
        options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(&path).map_err(BackupError::io(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy),
            Err(TryLockError::Error(error)) => return Err(BackupError::io(&path)(error)),
        }
        for name in self.file_names()? {
            if name.starts_with(TEMPORARY) {
                let path = self.folder.join(name);
                if path.is_dir() {
                    remove_folder(&path)?;
                } else {
                    remove_file(&path)?;
                }
            }
        }
        Ok(Working {
            shelf: self.clone(),
            _lock: lock,
        })
    }

    /// The folder's path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a backup of this name lies or would lie.
    pub fn path(&self, name: &BackupName) -> PathBuf {
        self.folder.join(name.to_string())
    }

    /// Every backup, the newest first.
    pub fn list(&self) -> Result<Vec<Shelved>, BackupError> {
        let names = self.file_names()?;
        let mut names: Vec<BackupName> =
            names.iter().filter_map(|name| name.parse().ok()).collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        Ok(names
            .into_iter()
            .filter_map(|name| self.find(&name).ok())
            .collect())
    }

    /// Every zip that was proved by restoring it, the newest first.
    pub(super) fn proved(&self) -> Result<Vec<Shelved>, BackupError> {
        let proved = self.notes().proved;
        let mut all = self.list()?;
        all.retain(|one| {
            one.name.format() == Format::Zip && proved.contains(&one.name.to_string())
        });
        Ok(all)
    }

    /// One backup.
    ///
    /// Errors: [`BackupError::NotFound`].
    pub fn find(&self, name: &BackupName) -> Result<Shelved, BackupError> {
        let found = fs::symlink_metadata(self.path(name))
            .ok()
            .filter(fs::Metadata::is_file)
            .ok_or(BackupError::NotFound)?;
        let noted = fs::read_to_string(self.hash_file(name)).ok();
        Ok(Shelved {
            name: name.clone(),
            size_bytes: found.len(),
            sha256: noted.and_then(|line| Some(line.split_once(' ')?.0.to_owned())),
        })
    }

    /// Removes a backup.
    ///
    /// Errors: [`BackupError::NotFound`].
    pub fn delete(&self, _working: &Working, name: &BackupName) -> Result<(), BackupError> {
        self.find(name)?;
        remove_file(&self.path(name))?;
        remove_file(&self.hash_file(name))
    }

    /// A name nobody has yet; of several in one second, the later ones are dated ahead.
    pub(super) fn free_name(&self, at: Timestamp, format: Format, is_sealed: bool) -> BackupName {
        let mut name = BackupName::new(at, format, is_sealed);
        while self.path(&name).exists() {
            let next = Timestamp::from_second(name.at.as_second() + 1).unwrap_or(Timestamp::MAX);
            name = BackupName::new(next, format, is_sealed);
        }
        name
    }

    /// Notes a backup's hash beside it, as `sha256sum --check` reads it.
    pub(super) fn note_hash(&self, name: &BackupName, sha256: &str) -> Result<(), BackupError> {
        let line = format!("{sha256}  {name}\n");
        replace(&self.hash_file(name), line.as_bytes())
    }

    fn hash_file(&self, name: &BackupName) -> PathBuf {
        self.folder.join(format!("{name}.sha256"))
    }

    /// What is noted; nothing when the notes are missing or damaged, since the next proof writes them anew.
    pub(super) fn notes(&self) -> Notes {
        fs::read(self.folder.join(NOTES_FILE))
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default()
    }

    /// Changes what is noted.
    pub(super) fn note(
        &self,
        _working: &Working,
        change: impl FnOnce(&mut Notes),
    ) -> Result<(), BackupError> {
        let mut notes = self.notes();
        change(&mut notes);
        let json = serde_json::to_vec_pretty(&notes)
            .map_err(|error| BackupError::Internal(error.to_string()))?;
        replace(&self.folder.join(NOTES_FILE), &json)
    }

    /// Names in the folder that are UTF-8.
    pub(super) fn file_names(&self) -> Result<Vec<String>, BackupError> {
        let entries = fs::read_dir(&self.folder).map_err(BackupError::io(&self.folder))?;
        Ok(entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect())
    }

    /// Removes what need not be kept: each format is counted for itself, and the backup that was proved last stays.
    /// What restores and migrations kept aside stays as many days as backups do, one at least.
    pub fn prune(
        &self,
        working: &Working,
        place: &Place,
        zone: &TimeZone,
        retention: Retention,
        now: Timestamp,
    ) -> Result<Pruned, BackupError> {
        let mut pruned = Pruned::default();
        let all = self.list()?;
        let proved = self.notes().last_proof.map(|proof| proof.filename);
        for format in Format::ALL {
            let of_format = || all.iter().filter(|one| one.name.format() == format);
            let times: Vec<_> = of_format().map(|one| one.name.at).collect();
            let kept = kept(&times, zone, retention);
            for one in of_format() {
                let name = one.name.to_string();
                if !kept.contains(&one.name.at) && proved.as_deref() != Some(&*name) {
                    self.delete(working, &one.name)?;
                    pruned.removed.push(name);
                }
            }
        }
        let days = i64::from(retention.keep_days.max(1));
        let before =
            Timestamp::from_second(now.as_second() - days * 24 * 60 * 60).unwrap_or(Timestamp::MIN);
        pruned.removed.extend(swap::prune_aside(place, before)?);
        pruned
            .removed
            .extend(migration::prune_copies(self, before)?);
        Ok(pruned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&folder.path().join("backups")).unwrap();
        (folder, shelf)
    }

    #[test]
    fn one_works_at_a_time_and_what_a_dead_one_left_is_removed() {
        let (_folder, shelf) = shelf();
        let working = shelf.work().unwrap();
        assert!(matches!(shelf.work(), Err(BackupError::Busy)));
        let (file, folder) = (working.temporary("a"), working.temporary("b"));
        fs::write(&file, "half").unwrap();
        fs::create_dir(&folder).unwrap();
        drop(working);
        let _working = shelf.work().unwrap();
        assert!(!file.exists() && !folder.exists());
    }

    #[test]
    fn the_list_shows_backups_alone_and_a_name_is_given_once() {
        let (_folder, shelf) = shelf();
        let working = shelf.work().unwrap();
        let at: Timestamp = "2026-11-23T03:00:00Z".parse().unwrap();
        let first = shelf.free_name(at, Format::Zip, false);
        fs::write(shelf.path(&first), "1").unwrap();
        shelf.note_hash(&first, "ab12").unwrap();
        let second = shelf.free_name(at, Format::Zip, false);
        fs::write(shelf.path(&second), "22").unwrap();
        for other in ["readme.txt", "novahouse-2026.zip"] {
            fs::write(shelf.folder().join(other), "").unwrap();
        }
        std::os::unix::fs::symlink(
            "/etc/passwd",
            shelf.folder().join("novahouse-2026-01-01T00-00-00Z.zip"),
        )
        .unwrap();
        let listed = shelf.list().unwrap();
        let sizes: Vec<_> = listed.iter().map(|one| one.size_bytes).collect();
        assert_eq!(sizes, [2, 1]);
        assert_eq!(listed[1].sha256.as_deref(), Some("ab12"));
        shelf.delete(&working, &first).unwrap();
        assert!(matches!(
            shelf.delete(&working, &first),
            Err(BackupError::NotFound)
        ));
        assert_eq!(shelf.list().unwrap().len(), 1);
    }

    #[test]
    fn pruning_counts_each_format_for_itself_and_spares_what_was_proved() {
        let (folder, shelf) = shelf();
        let working = shelf.work().unwrap();
        let place = Place::within(folder.path().to_owned());
        for day in 1..=9 {
            let at: Timestamp = format!("2026-11-0{day}T03:00:00Z").parse().unwrap();
            for format in [Format::Zip, Format::Json] {
                fs::write(shelf.path(&BackupName::new(at, format, false)), "").unwrap();
            }
        }
        let proof = Proof {
            filename: "novahouse-2026-11-02T03-00-00Z.zip".into(),
            kind: super::super::ProofKind::Restored,
            at_ms: 0,
            took_ms: 0,
        };
        shelf
            .note(&working, |notes| notes.last_proof = Some(proof.clone()))
            .unwrap();
        let two_days = Retention {
            keep_days: 2,
            keep_weeks: 0,
            keep_months: 0,
        };
        let now: Timestamp = "2026-11-09T04:00:00Z".parse().unwrap();
        shelf
            .prune(&working, &place, &TimeZone::UTC, two_days, now)
            .unwrap();
        let left: Vec<_> = shelf
            .list()
            .unwrap()
            .iter()
            .map(|one| one.name.to_string())
            .collect();
        assert_eq!(left.len(), 5, "{left:?}");
        assert!(left.contains(&proof.filename));
    }
}
