//! What a disk has and a cloud's storage does not: a folder to make, what killed writes left, an end. Everything here
//! blocks.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::BlobName;

/// Where our files lie within the configured folder.
const OURS: &str = "blobs";

/// The folder of our files.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Makes the folder with those above it where they are missing, so that they outlive a power cut and only we can
    /// look into ours.
    pub(super) fn open(configured: &Path) -> io::Result<Self> {
        let folder = configured.join(OURS);
        let is_new = !folder.exists();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        if fs::metadata(&folder)?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        }
        let folder = fs::canonicalize(folder)?;
        if is_new {
            for above in folder.ancestors().skip(1).take(2) {
                File::open(above)?.sync_all()?;
            }
        }
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// See [`Blobs::remove_leftovers`](super::Blobs::remove_leftovers).
    pub(super) fn remove_leftovers(&self, before_ms: i64) -> io::Result<u64> {
        remove_leftovers(&self.folder, before_ms)
    }

    /// Bytes that a process without privileges may still write.
    pub(super) fn free_bytes(&self) -> io::Result<u64> {
        let room = rustix::fs::statvfs(&self.folder)?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }
}

/// Removes what killed writes left anywhere below a folder and nobody has touched since `before_ms` (milliseconds UTC).
/// Answers how many.
pub fn remove_leftovers(folder: &Path, before_ms: i64) -> io::Result<u64> {
    let mut removed = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if is_temporary(&entry.file_name()) {
                removed += u64::from(remove_if_older(&entry.path(), before_ms)?);
            }
        }
    }
    Ok(removed)
}

/// Every stored file within a configured folder with its path, in the order of their names; none where the folder is
/// missing. What is being written is left out.
pub fn blob_files(configured: &Path) -> io::Result<Vec<(BlobName, PathBuf)>> {
    let root = configured.join(OURS);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file()
                && let Some(name) = path.strip_prefix(&root).ok().and_then(Path::to_str)
                && let Ok(name) = BlobName::parse(name)
            {
                found.push((name, path));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Whether `object_store` writes under this name before it renames: `<name>#<number>`.
fn is_temporary(name: &OsStr) -> bool {
    let number = name.to_str().and_then(|name| name.rsplit_once('#'));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Removes the file unless it is younger, or is gone because its write has just ended.
fn remove_if_older(file: &Path, before_ms: i64) -> io::Result<bool> {
    let removal = fs::symlink_metadata(file).and_then(|found| {
        let modified = Timestamp::try_from(found.modified()?).unwrap_or(Timestamp::MAX);
        let is_older = modified.as_millisecond() < before_ms;
        if is_older {
            fs::remove_file(file)?;
        }
        Ok(is_older)
    });
    match removal {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removal => removal,
    }
}
