//! A zip that may come from anywhere, read within limits.
//!
//! Only what [`create`](super::create) writes is taken: the entries of the manifest, under names of ours, stored as they
//! are. So no entry can become larger than the file, and no name leads anywhere.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::create::upload_of;
use super::files::{BUFFER_BYTES, CopyError, copy_hashed, create_folder, create_private};
use super::model::{FORMAT_VERSION, MANIFEST_FILE, Manifest, Part};
use super::seal::{Keys, ReadSeek, open};
use super::{BackupError, SECRETS_FILE, SETTINGS_FILE};
use crate::platform::db::{DATABASE_FILE, SCHEMA_VERSION};

/// Largest manifest: one of half a million uploads.
const MANIFEST_MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Longest name that is repeated in an error.
const SHOWN_MAX_CHARS: usize = 80;

/// An opened backup whose list of contents was checked.
pub(super) struct Archive {
    zip: ZipArchive<Box<dyn ReadSeek>>,
    pub(super) manifest: Manifest,
}

impl Archive {
    /// Opens a backup.
    ///
    /// Errors: it cannot be read or decrypted, is none of ours, is damaged where the check looks, or is newer than this
    /// program.
    pub(super) fn open(path: &Path, keys: &Keys) -> Result<Self, BackupError> {
        let mut file = open(path, keys)?;
        let length = file
            .seek(SeekFrom::End(0))
            .map_err(BackupError::reading("the end"))?;
        let entries = entry_count(&mut *file, length)?;
        let mut zip = ZipArchive::new(file).map_err(refused)?;
        // The reader keeps one entry a name, so entries that are missing from it are repetitions.
        if zip.len() as u64 != entries {
            return Err(damaged("it holds a name twice"));
        }
        let manifest = read_manifest(&mut zip)?;
        let mut archive = Self { zip, manifest };
        archive.check_entries(length)?;
        Ok(archive)
    }

    /// Compares the entries with the manifest before anything is unpacked.
    fn check_entries(&mut self, length: u64) -> Result<(), BackupError> {
        let manifest = &self.manifest;
        let mut names = HashSet::new();
        for part in &manifest.parts {
            let is_ours = matches!(&*part.name, DATABASE_FILE | SETTINGS_FILE | SECRETS_FILE)
                || upload_of(&part.name).is_some();
            if !is_ours || !names.insert(&*part.name) {
                return Err(damaged(&format!("{} is no part of it", shown(&part.name))));
            }
        }
        if !names.contains(DATABASE_FILE) {
            return Err(damaged("it holds no database"));
        }
        if self.zip.len() != names.len() + 1 {
            return Err(damaged("it holds other files than its manifest says"));
        }
        let total = manifest.parts.iter().map(|part| part.size_bytes);
        let total = total.fold(0, u64::saturating_add);
        if total > length {
            return Err(damaged("its parts say they are larger than it is"));
        }
        for part in &manifest.parts {
            let entry = self
                .zip
                .by_name_raw(part.name.as_bytes())
                .map_err(|_| damaged(&format!("{} is missing", part.name)))?;
            let is_plain = !entry.encrypted()
                && !entry.is_symlink()
                && !entry.is_dir()
                && entry.compression() == CompressionMethod::Stored
                && entry.size() == part.size_bytes
                && entry.compressed_size() == part.size_bytes;
            if !is_plain {
                return Err(damaged(&format!("{} is not as it was packed", part.name)));
            }
        }
        Ok(())
    }

    /// Whether a part is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.part(name).is_some()
    }

    fn part(&self, name: &str) -> Option<Part> {
        let mut parts = self.manifest.parts.iter();
        parts.find(|part| part.name == name).cloned()
    }

    /// Unpacks one part into a new private file, and checks it against its hash.
    pub(super) fn unpack(&mut self, part: &Part, to: &Path) -> Result<(), BackupError> {
        if let Some(folder) = to.parent() {
            create_folder(folder)?;
        }
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, create_private(to)?);
        self.copy(part, &mut file, to)?;
        file.flush().map_err(BackupError::io(to))
    }

    /// Reads one part to its end for its hash alone.
    pub(super) fn check(&mut self, part: &Part) -> Result<(), BackupError> {
        self.copy(part, &mut io::sink(), Path::new("nowhere"))
    }

    /// One part's content; the caller knows that it is small.
    pub(super) fn content(&mut self, part: &Part) -> Result<Vec<u8>, BackupError> {
        let mut content = Vec::new();
        self.copy(part, &mut content, Path::new("memory"))?;
        Ok(content)
    }

    fn copy(&mut self, part: &Part, to: &mut impl Write, path: &Path) -> Result<(), BackupError> {
        let mut entry = self.zip.by_name(&part.name).map_err(refused)?;
        // One byte more than there should be, to notice that there are more.
        let copied = copy_hashed(&mut entry, to, part.size_bytes.saturating_add(1));
        let (size_bytes, sha256) = copied.map_err(|error| match error {
            CopyError::Reading(error) => BackupError::reading(&part.name)(error),
            CopyError::Writing(error) => BackupError::io(path)(error),
        })?;
        if size_bytes != part.size_bytes || sha256 != part.sha256 {
            return Err(damaged(&format!("{} is not what was packed", part.name)));
        }
        Ok(())
    }
}

/// What every version writes; a newer one may say more.
#[derive(serde::Deserialize)]
struct Versions {
    format_version: u32,
    schema_version: i64,
}

fn read_manifest(zip: &mut ZipArchive<Box<dyn ReadSeek>>) -> Result<Manifest, BackupError> {
    let mut json = Vec::new();
    let entry = zip
        .by_name(MANIFEST_FILE)
        .map_err(|_| damaged("it has no manifest"))?;
    entry
        .take(MANIFEST_MAX_BYTES)
        .read_to_end(&mut json)
        .map_err(BackupError::reading("its manifest"))?;
    let unreadable = |error: serde_json::Error| damaged(&format!("its manifest: {error}"));
    let versions: Versions = serde_json::from_slice(&json).map_err(unreadable)?;
    if versions.schema_version > SCHEMA_VERSION || versions.format_version > FORMAT_VERSION {
        return Err(BackupError::Newer {
            found: versions.schema_version,
            known: SCHEMA_VERSION,
        });
    }
    serde_json::from_slice(&json).map_err(unreadable)
}

/// How many entries the zip says it holds, by its last record, which stands at the very end.
fn entry_count(file: &mut dyn ReadSeek, length: u64) -> Result<u64, BackupError> {
    const END_BYTES: u64 = 22;
    const LOCATOR_BYTES: u64 = 20;
    const LARGE_END_BYTES: u64 = 56;
    let mut record = |from_end: u64, size: u64| -> Result<Vec<u8>, BackupError> {
        let start = length.checked_sub(from_end).ok_or_else(no_zip)?;
        let mut bytes = vec![0; size as usize];
        file.seek(SeekFrom::Start(start))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(BackupError::reading("its end"))?;
        Ok(bytes)
    };
    let end = record(END_BYTES, END_BYTES)?;
    if !end.starts_with(b"PK\x05\x06") {
        return Err(no_zip());
    }
    let large = record(
        END_BYTES + LOCATOR_BYTES + LARGE_END_BYTES,
        LARGE_END_BYTES + LOCATOR_BYTES,
    );
    if let Ok(large) = large
        && large.starts_with(b"PK\x06\x06")
        && large[LARGE_END_BYTES as usize..].starts_with(b"PK\x06\x07")
        && let Some(count) = large[32..].first_chunk()
    {
        return Ok(u64::from_le_bytes(*count));
    }
    Ok(u64::from(u16::from_le_bytes([end[10], end[11]])))
}

fn no_zip() -> BackupError {
    damaged("it is no zip, or cut off")
}

pub(super) fn refused(error: ZipError) -> BackupError {
    match error {
        ZipError::Io(error) => BackupError::reading("the zip")(error),
        error => damaged(&error.to_string()),
    }
}

pub(super) fn damaged(why: &str) -> BackupError {
    BackupError::Damaged(why.to_owned())
}

/// A stranger's name as it may be shown.
fn shown(name: &str) -> String {
    let shown: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_MAX_CHARS)
        .collect();
    format!("{shown:?}")
}

/// Whether a file is one of ours at a glance: for telling a JSON export from a zip.
pub(super) fn begins_with(path: &Path, beginning: &[u8]) -> Result<bool, BackupError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(BackupError::io(path))?;
    file.take(beginning.len() as u64)
        .read_to_end(&mut bytes)
        .map_err(BackupError::io(path))?;
    Ok(bytes == beginning)
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
