//! The exchange of what a data folder holds, so that a crash at any point leaves the old state or the new one.
//!
//! First everything new lies complete and flushed in `.restore-new`. Then one file, the journal, says what is to be
//! exchanged; its rename is the moment of the change. Each step after it is a rename that can be told to be done or not,
//! so whoever holds the folder next finishes what was begun. The old state stays in `before-restore-<time>`.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::{create_folder, flush_folder, flush_tree, remove_file, remove_folder, replace};
use super::{BackupError, INDEX_FOLDER, Place, SECRETS_FILE, SETTINGS_FILE};
use crate::platform::db::DATABASE_FILE;

/// Says what is being exchanged; only there meanwhile.
const JOURNAL_FILE: &str = "restore.json";
/// Where the new state is put together, in the data folder and in the folder of uploads.
const STAGE: &str = ".restore-new";
/// Where the old state stays, with a time behind it.
const ASIDE: &str = "before-restore-";
/// The folder of stored files within the folder of uploads.
const BLOBS: &str = "blobs";

/// The folder something lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Base {
    Data,
    Uploads,
}

/// One file or folder of the exchange.
#[derive(Debug, Serialize, Deserialize)]
struct Item {
    base: Base,
    name: String,
    /// False: the old one goes and nothing comes.
    has_new: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    /// Names the folder of the old state.
    stamp: String,
    items: Vec<Item>,
}

impl Place {
    fn base(&self, base: Base) -> &Path {
        match base {
            Base::Data => &self.data,
            Base::Uploads => &self.uploads,
        }
    }
}

/// The new state, while it is put together. What is not exchanged goes when it is dropped.
pub(super) struct Stage<'p> {
    place: &'p Place,
}

impl<'p> Stage<'p> {
    /// Begins with nothing.
    pub(super) fn new(place: &'p Place) -> Result<Self, BackupError> {
        remove_stages(place)?;
        let stage = Self { place };
        create_folder(&stage.data())?;
        Ok(stage)
    }

    /// Takes what comes into the data folder.
    pub(super) fn data(&self) -> PathBuf {
        self.place.data.join(STAGE)
    }

    /// Takes the stored files.
    pub(super) fn blobs(&self) -> PathBuf {
        self.place.uploads.join(STAGE).join(BLOBS)
    }

    /// Puts the new state in place of the old one; answers where the old one is.
    ///
    /// * `with_uploads`: the stored files are part of it, also when there are none.
    pub(super) fn exchange(
        self,
        with_uploads: bool,
        at: Timestamp,
    ) -> Result<PathBuf, BackupError> {
        let has_new = |name: &str| self.data().join(name).exists();
        let item = |name: String, has_new| Item {
            base: Base::Data,
            name,
            has_new,
        };
        let mut items = vec![item(DATABASE_FILE.into(), true)];
        // They belong to the old database.
        items.extend(["-wal", "-shm"].map(|end| item(format!("{DATABASE_FILE}{end}"), false)));
        let files = [SECRETS_FILE, SETTINGS_FILE].into_iter();
        items.extend(
            files
                .filter(|name| has_new(name))
                .map(|name| item(name.into(), true)),
        );
        flush_tree(&self.data())?;
        if with_uploads {
            create_folder(&self.blobs())?;
            flush_tree(&self.place.uploads.join(STAGE))?;
            flush_folder(&self.place.uploads)?;
            items.push(Item {
                base: Base::Uploads,
                name: BLOBS.into(),
                has_new: true,
            });
        }
        flush_folder(&self.place.data)?;
        let journal = Journal {
            stamp: self.free_stamp(at),
            items,
        };
        let json = serde_json::to_vec(&journal)
            .map_err(|error| BackupError::Internal(error.to_string()))?;
        replace(&self.place.data.join(JOURNAL_FILE), &json)?;
        let aside = self.place.data.join(format!("{ASIDE}{}", journal.stamp));
        finish(self.place, &journal)?;
        Ok(aside)
    }
}

impl Stage<'_> {
    /// A time that names no old state yet; of several in one second, the later ones are dated ahead.
    fn free_stamp(&self, mut at: Timestamp) -> String {
        let is_taken = |stamp: &str| {
            let mut bases = [Base::Data, Base::Uploads].into_iter();
            bases.any(|base| {
                let aside = self.place.base(base).join(format!("{ASIDE}{stamp}"));
                aside.exists()
            })
        };
        while is_taken(&stamp(at)) {
            at = Timestamp::from_second(at.as_second() + 1).unwrap_or(Timestamp::MAX);
        }
        stamp(at)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // Once there is a journal, what is staged belongs to whoever finishes it.
        if !self.place.data.join(JOURNAL_FILE).exists()
            && let Err(error) = remove_stages(self.place)
        {
            tracing::warn!(%error, "what was unpacked stays until the next start");
        }
    }
}

/// Finishes an exchange that was interrupted, and removes what one left that never began. To be called by whoever has just
/// locked the data folder, before the database is opened. Answers whether an exchange was finished.
///
/// Errors: a file cannot be moved; nothing is lost, and the next call goes on.
pub fn recover(place: &Place) -> Result<bool, BackupError> {
    let path = place.data.join(JOURNAL_FILE);
    let json = match fs::read(&path) {
        Ok(json) => json,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            remove_stages(place)?;
            return Ok(false);
        }
        Err(error) => return Err(BackupError::io(&path)(error)),
    };
    let journal: Journal = serde_json::from_slice(&json)
        .map_err(|error| BackupError::Folder(format!("{} is damaged: {error}", path.display())))?;
    finish(place, &journal)?;
    Ok(true)
}

/// Does every step that is not done yet, then takes the journal away.
fn finish(place: &Place, journal: &Journal) -> Result<(), BackupError> {
    for item in &journal.items {
        let base = place.base(item.base);
        let aside = base.join(format!("{ASIDE}{}", journal.stamp));
        let (present, new, old) = (
            base.join(&item.name),
            base.join(STAGE).join(&item.name),
            aside.join(&item.name),
        );
        let is_old = present.exists() && (!item.has_new || new.exists());
        if is_old && !old.exists() {
            create_folder(&aside)?;
            rename(&present, &old)?;
        }
        if item.has_new && new.exists() {
            rename(&new, &present)?;
        }
        flush_folder(base)?;
    }
    // It is of the old state, and made anew when it is missing.
    remove_folder(&place.data.join(INDEX_FOLDER))?;
    flush_folder(&place.data)?;
    remove_file(&place.data.join(JOURNAL_FILE))?;
    flush_folder(&place.data)?;
    remove_stages(place)
}

fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::rename(from, to).map_err(BackupError::io(from))
}

fn remove_stages(place: &Place) -> Result<(), BackupError> {
    for base in [Base::Data, Base::Uploads] {
        remove_folder(&place.base(base).join(STAGE))?;
    }
    Ok(())
}

const STAMP_FORM: &str = "%Y-%m-%dT%H-%M-%SZ";

/// A time as part of a name.
pub(super) fn stamp(at: Timestamp) -> String {
    at.strftime(STAMP_FORM).to_string()
}

/// The time a name holds.
pub(super) fn stamped(text: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime(STAMP_FORM, text).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// Removes old states that were put aside before a time; answers their names.
pub(super) fn prune_aside(place: &Place, before: Timestamp) -> Result<Vec<String>, BackupError> {
    let mut removed = Vec::new();
    for base in [Base::Data, Base::Uploads] {
        let Ok(entries) = fs::read_dir(place.base(base)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            let at = name.strip_prefix(ASIDE).and_then(stamped);
            if at.is_some_and(|at| at < before) {
                remove_folder(&entry.path())?;
                removed.push(name);
            }
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn place() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::within(folder.path().to_owned());
        create_folder(&place.uploads.join(BLOBS)).unwrap();
        for (name, text) in [(DATABASE_FILE, "old"), ("novahouse.db-wal", "old log")] {
            fs::write(place.data.join(name), text).unwrap();
        }
        fs::write(place.uploads.join(BLOBS).join("a"), "old").unwrap();
        create_folder(&place.data.join(INDEX_FOLDER)).unwrap();
        (folder, place)
    }

    fn stage(place: &Place) -> Stage<'_> {
        let stage = Stage::new(place).unwrap();
        fs::write(stage.data().join(DATABASE_FILE), "new").unwrap();
        create_folder(&stage.blobs()).unwrap();
        fs::write(stage.blobs().join("b"), "new").unwrap();
        stage
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[track_caller]
    fn is_new(place: &Place) {
        assert_eq!(text(&place.database()), "new");
        assert_eq!(text(&place.uploads.join("blobs/b")), "new");
        assert!(!place.uploads.join("blobs/a").exists());
        for gone in [
            "novahouse.db-wal",
            INDEX_FOLDER,
            JOURNAL_FILE,
            STAGE,
            "uploads/.restore-new",
        ] {
            assert!(!place.data.join(gone).exists(), "{gone}");
        }
        let aside = place.data.join("before-restore-1970-01-01T00-00-00Z");
        assert_eq!(text(&aside.join(DATABASE_FILE)), "old");
        assert_eq!(text(&aside.join("novahouse.db-wal")), "old log");
        let aside = place.uploads.join("before-restore-1970-01-01T00-00-00Z");
        assert_eq!(text(&aside.join("blobs/a")), "old");
    }

    #[test]
    fn an_exchange_brings_the_new_state_and_keeps_the_old_one_aside() {
        let (_folder, place) = place();
        stage(&place).exchange(true, AT).unwrap();
        is_new(&place);
        assert!(!recover(&place).unwrap());
        is_new(&place);
        let later = Timestamp::from_second(1).unwrap();
        assert_eq!(prune_aside(&place, AT).unwrap(), Vec::<String>::new());
        assert_eq!(prune_aside(&place, later).unwrap().len(), 2);
    }

    #[test]
    fn two_exchanges_in_one_second_keep_both_old_states() {
        let (_folder, place) = place();
        stage(&place).exchange(true, AT).unwrap();
        let aside = stage(&place).exchange(true, AT).unwrap();
        assert_eq!(text(&aside.join(DATABASE_FILE)), "new");
        is_new(&place);
    }

    #[test]
    fn what_was_staged_and_never_exchanged_goes() {
        let (_folder, place) = place();
        std::mem::forget(stage(&place));
        assert!(!recover(&place).unwrap());
        assert_eq!(text(&place.database()), "old");
        assert!(!place.data.join(STAGE).exists());
        assert!(place.data.join(INDEX_FOLDER).exists());
    }

    /// The journal and the renames, as a process that dies after `steps` renames leaves them.
    fn interrupted_after(steps: usize) -> (tempfile::TempDir, Place) {
        let (folder, place) = place();
        std::mem::forget(stage(&place));
        let journal = r#"{"stamp":"1970-01-01T00-00-00Z","items":[
            {"base":"data","name":"novahouse.db","has_new":true},
            {"base":"data","name":"novahouse.db-wal","has_new":false},
            {"base":"uploads","name":"blobs","has_new":true}]}"#;
        fs::write(place.data.join(JOURNAL_FILE), journal).unwrap();
        let (data, uploads) = (&place.data, &place.uploads);
        let aside = "before-restore-1970-01-01T00-00-00Z";
        let renames = [
            (
                data.join(DATABASE_FILE),
                data.join(aside).join(DATABASE_FILE),
            ),
            (
                data.join(STAGE).join(DATABASE_FILE),
                data.join(DATABASE_FILE),
            ),
            (
                data.join("novahouse.db-wal"),
                data.join(aside).join("novahouse.db-wal"),
            ),
            (uploads.join(BLOBS), uploads.join(aside).join(BLOBS)),
            (uploads.join(STAGE).join(BLOBS), uploads.join(BLOBS)),
        ];
        for (from, to) in renames.iter().take(steps) {
            create_folder(to.parent().unwrap()).unwrap();
            fs::rename(from, to).unwrap();
        }
        (folder, place)
    }

    #[test]
    fn an_exchange_interrupted_at_any_rename_is_finished_and_again_is_nothing() {
        for steps in 0..=5 {
            let (_folder, place) = interrupted_after(steps);
            assert!(recover(&place).unwrap(), "{steps}");
            is_new(&place);
            assert!(!recover(&place).unwrap(), "{steps}");
            is_new(&place);
        }
    }

    #[test]
    fn a_damaged_journal_stops_everything_and_moves_nothing() {
        let (_folder, place) = place();
        fs::write(place.data.join(JOURNAL_FILE), "{").unwrap();
        assert!(recover(&place).is_err());
        assert_eq!(text(&place.database()), "old");
    }
}
