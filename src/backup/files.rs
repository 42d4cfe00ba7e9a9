//! Files on their way: hashed while they are copied, private, on disk before anybody is told.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::BackupError;

/// Large enough that system calls do not count, small enough for a processor's cache.
pub(super) const BUFFER_BYTES: usize = 512 * 1024;
/// So much of a steady file waits for the disk at most.
const FLUSHED_BYTES: usize = 4 * 1024 * 1024;
/// Kept free beside what is written, so that the server beside has room to go on.
const SPARE_BYTES: u64 = 32 * 1024 * 1024;

/// A new file that only its owner may read.
///
/// Errors: it exists, or cannot be made.
pub(super) fn create_private(path: &Path) -> Result<File, BackupError> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true).mode(0o600);
    options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(path.display().to_string()),
        _ => BackupError::io(path)(error),
    })
}

/// A new file that goes to disk while it is written: one long flush at its end would hold up whoever else needs the disk,
/// the store's commits before all.
pub(super) struct Steady {
    file: File,
    waiting_bytes: usize,
}

impl Steady {
    /// As [`create_private`].
    pub(super) fn create(path: &Path) -> Result<Self, BackupError> {
        Ok(Self {
            file: create_private(path)?,
            waiting_bytes: 0,
        })
    }

    /// Makes sure that all of it outlives a power cut.
    pub(super) fn finish(self) -> io::Result<()> {
        self.file.sync_all()
    }
}

impl Write for Steady {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.waiting_bytes += written;
        if self.waiting_bytes >= FLUSHED_BYTES {
            self.file.sync_data()?;
            self.waiting_bytes = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A folder, with those above it, that only its owner may look into.
pub(super) fn create_folder(path: &Path) -> Result<(), BackupError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(BackupError::io(path))
}

/// Makes sure that the names in a folder outlive a power cut.
pub(super) fn flush_folder(path: &Path) -> Result<(), BackupError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(BackupError::io(path))
}

/// Makes sure that a file and everything below a folder outlives a power cut.
pub(super) fn flush_tree(path: &Path) -> Result<(), BackupError> {
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(BackupError::io(path))? {
            flush_tree(&entry.map_err(BackupError::io(path))?.path())?;
        }
    }
    flush_folder(path)
}

/// Replaces a small file as a whole.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    remove_file(temporary)?;
    let mut file = create_private(temporary)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(temporary, path))
        .map_err(BackupError::io(path))?;
    path.parent().map_or(Ok(()), flush_folder)
}

/// Removes a file; none there is fine.
pub(super) fn remove_file(path: &Path) -> Result<(), BackupError> {
    gone(fs::remove_file(path), path)
}

/// Removes a folder with everything in it; none there is fine.
pub(super) fn remove_folder(path: &Path) -> Result<(), BackupError> {
    gone(fs::remove_dir_all(path), path)
}

fn gone(removal: io::Result<()>, path: &Path) -> Result<(), BackupError> {
    match removal {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removal => removal.map_err(BackupError::io(path)),
    }
}

/// Size of a file; 0 when there is none.
pub(super) fn size_bytes(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// Checks that a folder's disk has room for so much more.
pub(super) fn check_room(folder: &Path, needed_bytes: u64) -> Result<(), BackupError> {
    let room = rustix::fs::statvfs(folder)
        .map_err(|error| BackupError::Io(folder.display().to_string(), error.into()))?;
    let free_bytes = room.f_bavail.saturating_mul(room.f_frsize);
    let needed_bytes = needed_bytes.saturating_add(SPARE_BYTES);
    if free_bytes < needed_bytes {
        return Err(BackupError::NoRoom {
            folder: folder.display().to_string(),
            free_bytes,
            needed_bytes,
        });
    }
    Ok(())
}

/// Copies at most `limit_bytes` and answers how many there were and their SHA-256.
///
/// * Errors of reading and of writing come apart: `Err(Ok(_))` is the reader's, `Err(Err(_))` the writer's.
pub(super) fn copy_hashed(
    from: &mut impl Read,
    to: &mut impl Write,
    limit_bytes: u64,
) -> Result<(u64, String), CopyError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut copied = 0;
    while copied < limit_bytes {
        let most = (limit_bytes - copied).min(BUFFER_BYTES as u64) as usize;
        let read = match from.read(&mut buffer[..most]) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Reading(error)),
        };
        hash.update(&buffer[..read]);
        to.write_all(&buffer[..read]).map_err(CopyError::Writing)?;
        copied += read as u64;
    }
    Ok((copied, HEXLOWER.encode(&hash.finalize())))
}

/// Which side of a copy failed.
pub(super) enum CopyError {
    /// Where it came from.
    Reading(io::Error),
    /// Where it went.
    Writing(io::Error),
}

/// SHA-256 of a file, in hexadecimal digits.
pub(super) fn sha256_of(path: &Path) -> Result<String, BackupError> {
    let mut file = File::open(path).map_err(BackupError::io(path))?;
    match copy_hashed(&mut file, &mut io::sink(), u64::MAX) {
        Ok((_, sha256)) => Ok(sha256),
        Err(CopyError::Reading(error) | CopyError::Writing(error)) => {
            Err(BackupError::io(path)(error))
        }
    }
}

/// Hashes what is written through it.
pub(super) struct Hashing<W> {
    inner: W,
    hash: Sha256,
    written: u64,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            written: 0,
        }
    }

    /// What it wrote to, how many bytes, and their SHA-256.
    pub(super) fn finish(self) -> (W, u64, String) {
        let sha256 = HEXLOWER.encode(&self.hash.finalize());
        (self.inner, self.written, sha256)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A folder that goes when it is dropped.
pub(super) struct Scratch(std::path::PathBuf);

impl Scratch {
    /// Makes it; what has the name was left by a process that died.
    pub(super) fn new(path: std::path::PathBuf) -> Result<Self, BackupError> {
        remove_folder(&path)?;
        create_folder(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove_folder(&self.0) {
            tracing::warn!(%error, "a temporary folder stays until the next backup");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_file_holds_all_that_was_written_and_lets_little_wait() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("steady");
        let bytes: Vec<u8> = (0..=FLUSHED_BYTES * 2).map(|at| (at % 251) as u8).collect();
        let mut file = Steady::create(&path).unwrap();
        for part in bytes.chunks(BUFFER_BYTES) {
            file.write_all(part).unwrap();
            assert!(file.waiting_bytes < FLUSHED_BYTES);
        }
        file.finish().unwrap();
        assert!(fs::read(&path).unwrap() == bytes);
        assert!(Steady::create(&path).is_err(), "a file was overwritten");
    }
}
