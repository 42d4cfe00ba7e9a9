//! An index that follows the database.
//!
//! The index says which version of which entry it holds, so bringing it in line is always the same: compare, then write
//! what differs in one commit. That makes every way there safe to take twice, and makes a lost, damaged or older index
//! one that differs in everything. A new index is built in a folder beside the old one, which answers until it is done.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwapOption;

use super::SearchError;
use super::engine::{Change, DiskIndex, Entry, FORMAT, Key, Lexicon, Reading};
use crate::platform::clock::now_ms;

/// What an entry is called, and which version of it there is.
pub type Versioned = (Key, u64);

/// How an index differs from the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Entries it lacks.
    pub missing: Vec<Versioned>,
    /// Entries it has in another version.
    pub stale: Vec<Versioned>,
    /// Entries that are no more.
    pub gone: Vec<Key>,
}

impl Difference {
    /// True when the index holds what the database does.
    pub fn is_none(&self) -> bool {
        self.missing.is_empty() && self.stale.is_empty() && self.gone.is_empty()
    }

    fn between(wanted: &[Versioned], held: Vec<Versioned>) -> Self {
        let mut held: HashMap<Key, u64> = held.into_iter().collect();
        let mut difference = Self::default();
        for &(key, version) in wanted {
            match held.remove(&key) {
                None => difference.missing.push((key, version)),
                Some(old) if old != version => difference.stale.push((key, version)),
                Some(_) => {}
            }
        }
        difference.gone = held.into_keys().collect();
        difference.gone.sort_unstable();
        difference
    }
}

/// The index in a folder. What takes long blocks, and one such thing happens at a time.
pub struct LiveIndex {
    folder: PathBuf,
    lexicon: Arc<Lexicon>,
    reading: ArcSwapOption<Reading>,
    disk: Mutex<Option<Opened>>,
}

/// The index that is written.
struct Opened {
    disk: DiskIndex,
    /// Of this program's format; another one can only be read.
    is_current: bool,
}

impl LiveIndex {
    /// Nothing is read yet.
    pub fn new(folder: PathBuf, lexicon: Arc<Lexicon>) -> Self {
        Self {
            folder,
            lexicon,
            reading: ArcSwapOption::empty(),
            disk: Mutex::new(None),
        }
    }

    /// What can be searched now; none before there is an index.
    pub fn reading(&self) -> Option<Arc<Reading>> {
        self.reading.load_full()
    }

    /// Bytes on disk.
    pub fn size_bytes(&self) -> u64 {
        let folders = children(&self.folder).map(|(_, path)| path);
        let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        files
            .filter_map(|file| Some(file.metadata().ok()?.len()))
            .sum()
    }

    /// Opens the newest index that is whole, also one of an older format; without one nothing changes.
    pub fn open(&self) {
        let mut disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folders: Vec<(u64, PathBuf)> = children(&self.folder).collect();
        folders.sort_unstable_by(|a, b| b.cmp(a));
        for (_, path) in folders {
            let began = Instant::now();
            match self.open_one(&path) {
                Ok((opened, reading)) => {
                    tell("a search index is opened", &path, began);
                    self.reading.store(Some(Arc::new(reading)));
                    *disk = Some(opened);
                    return;
                }
                Err(error) => {
                    tracing::warn!(folder = %path.display(), %error, "a search index cannot be used");
                }
            }
        }
    }

    fn open_one(&self, path: &Path) -> Result<(Opened, Reading), SearchError> {
        let disk = DiskIndex::open(path)?;
        // Without a commit of ours its building was cut off.
        let Some(committed) = disk.committed()? else {
            return Err(SearchError::NotFound("complete index"));
        };
        let is_current = committed.format == FORMAT;
        if is_current && let Err(error) = disk.tidy() {
            tracing::warn!(folder = %path.display(), %error, "what a crash left in a search index stays for now");
        }
        let reading = Reading::open(&disk, &self.lexicon)?;
        Ok((Opened { disk, is_current }, reading))
    }

    /// How the index differs from `wanted`; without an index in everything.
    pub fn difference(&self, wanted: &[Versioned]) -> Result<Difference, SearchError> {
        let held = match self.reading() {
            Some(reading) => reading.versions()?,
            None => Vec::new(),
        };
        Ok(Difference::between(wanted, held))
    }

    /// Brings the index in line with `wanted` (blocking); answers what differed. An index that is missing, of an older
    /// format or cannot be written is built anew.
    ///
    /// * `entry`: an entry in that version, if it is still there.
    pub fn sync(
        &self,
        wanted: &[Versioned],
        entry: impl Fn(Versioned) -> Option<Entry>,
    ) -> Result<Difference, SearchError> {
        let mut disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = disk.as_ref().filter(|opened| opened.is_current) {
            match self.update(&opened.disk, wanted, &entry) {
                Ok(difference) => return Ok(difference),
                Err(error) => tracing::warn!(%error, "the search index is built anew"),
            }
        }
        self.build(&mut disk, wanted, entry)?;
        Ok(Difference {
            missing: wanted.to_vec(),
            ..Difference::default()
        })
    }

    /// Builds the index anew (blocking); the old one answers meanwhile.
    pub fn rebuild(
        &self,
        wanted: &[Versioned],
        entry: impl Fn(Versioned) -> Option<Entry>,
    ) -> Result<(), SearchError> {
        let mut disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        self.build(&mut disk, wanted, entry)
    }

    fn update(
        &self,
        disk: &DiskIndex,
        wanted: &[Versioned],
        entry: &impl Fn(Versioned) -> Option<Entry>,
    ) -> Result<Difference, SearchError> {
        let difference = self.difference(wanted)?;
        if !difference.is_none() {
            let put = difference
                .missing
                .iter()
                .chain(&difference.stale)
                .filter_map(|versioned| entry(*versioned));
            let change = Change {
                put: put.collect(),
                remove: difference.gone.clone(),
            };
            disk.commit(change, now_ms())?;
            self.reading
                .store(Some(Arc::new(Reading::open(disk, &self.lexicon)?)));
        }
        Ok(difference)
    }

    fn build(
        &self,
        current: &mut Option<Opened>,
        wanted: &[Versioned],
        entry: impl Fn(Versioned) -> Option<Entry>,
    ) -> Result<(), SearchError> {
        let number = children(&self.folder)
            .map(|(number, _)| number)
            .max()
            .unwrap_or(0)
            + 1;
        let path = self.folder.join(number.to_string());
        let began = Instant::now();
        let built = self.write_new(&path, wanted, entry);
        if built.is_err() {
            // On a full disk half an index would only make it worse.
            let _ = fs::remove_dir_all(&path);
        }
        let (disk, reading) = built?;
        tell("a search index is built", &path, began);
        self.reading.store(Some(Arc::new(reading)));
        *current = Some(Opened {
            disk,
            is_current: true,
        });
        // Whoever still searches an old one has its files open.
        for (_, old) in children(&self.folder).filter(|(other, _)| *other != number) {
            fs::remove_dir_all(old)?;
        }
        Ok(())
    }

    fn write_new(
        &self,
        path: &Path,
        wanted: &[Versioned],
        entry: impl Fn(Versioned) -> Option<Entry>,
    ) -> Result<(DiskIndex, Reading), SearchError> {
        fs::create_dir_all(path)?;
        let disk = DiskIndex::create(path)?;
        let put = wanted.iter().filter_map(|versioned| entry(*versioned));
        let change = Change {
            put: put.collect(),
            remove: Vec::new(),
        };
        disk.commit(change, now_ms())?;
        let reading = Reading::open(&disk, &self.lexicon)?;
        Ok((disk, reading))
    }
}

fn tell(what: &str, folder: &Path, began: Instant) {
    let took_ms = began.elapsed().as_millis();
    tracing::info!(folder = %folder.display(), took_ms, "{what}");
}

/// The folders of indexes, with their numbers.
fn children(folder: &Path) -> impl Iterator<Item = (u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
}

#[cfg(test)]
mod tests {
    use super::super::engine::{Filter, Kind, Typing, Wanted};
    use super::*;
    use crate::nlu::Lang;

    #[allow(clippy::unnecessary_wraps)] // as an index asks for it
    fn entry((key, version): Versioned) -> Option<Entry> {
        Some(Entry {
            key,
            version,
            title: format!("Łazienka {}", key.id()),
            tags: Vec::new(),
            body: String::new(),
        })
    }

    fn keys(ids: std::ops::Range<i64>) -> Vec<Versioned> {
        ids.map(|id| (Key::new(Kind::Faq, Lang::Pl, id), 1))
            .collect()
    }

    fn found(index: &LiveIndex) -> usize {
        let Some(reading) = index.reading() else {
            return 0;
        };
        let typing = Typing {
            is_cut: true,
            has_typos: true,
        };
        let wanted = Wanted::new(
            &["lazience"],
            typing,
            reading.vocabulary(Lang::Pl),
            &index.lexicon,
        );
        reading
            .find(&[wanted], &Filter::default(), 10)
            .unwrap()
            .total
    }

    fn index(folder: &Path) -> LiveIndex {
        LiveIndex::new(folder.to_owned(), Arc::new(Lexicon::new(&[]).unwrap()))
    }

    #[test]
    fn an_index_follows_and_bringing_it_in_line_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let index = index(folder.path());
        assert_eq!(index.sync(&keys(0..3), entry).unwrap().missing.len(), 3);
        assert_eq!(found(&index), 3);
        assert!(index.sync(&keys(0..3), entry).unwrap().is_none());
        let changed = index.sync(&keys(1..5), entry).unwrap();
        assert_eq!((changed.missing.len(), changed.gone.len()), (2, 1));
        assert_eq!(found(&index), 4);
    }

    #[test]
    fn an_index_is_there_again_after_a_restart_and_one_that_was_cut_off_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        index(folder.path()).sync(&keys(0..3), entry).unwrap();
        let cut_off = folder.path().join("7");
        fs::create_dir(&cut_off).unwrap();
        DiskIndex::create(&cut_off).unwrap();
        let index = index(folder.path());
        index.open();
        assert_eq!(found(&index), 3);
        index.rebuild(&keys(0..2), entry).unwrap();
        assert_eq!(found(&index), 2);
        assert_eq!(children(folder.path()).count(), 1);
    }

    #[test]
    fn a_damaged_index_is_not_used_and_is_built_anew() {
        let folder = tempfile::tempdir().unwrap();
        index(folder.path()).sync(&keys(0..3), entry).unwrap();
        for file in fs::read_dir(folder.path().join("1")).unwrap().flatten() {
            if file
                .path()
                .extension()
                .is_some_and(|kind| kind == "idx" || kind == "term")
            {
                let mut bytes = fs::read(file.path()).unwrap();
                bytes[0] ^= 0xff;
                fs::write(file.path(), bytes).unwrap();
            }
        }
        let index = index(folder.path());
        index.open();
        assert_eq!(found(&index), 0);
        index.sync(&keys(0..3), entry).unwrap();
        assert_eq!(found(&index), 3);
    }
}
