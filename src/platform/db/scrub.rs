//! Getting what was deleted out of the files, too.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::DEFAULT_NAME;
use rusqlite::wal::CheckpointMode;

use super::DbError;
use super::open::open_durable;
use crate::platform::byte_search::Needles;

/// A file up to this size is always written anew: that takes less than a second.
const ALWAYS_ANEW_BYTES: u64 = 32 << 20;
/// How often the log is tried to be emptied, each time waiting for readers as long as a busy connection does.
const TRIES: u32 = 12;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Empties the write-ahead log and sees to it that nothing deleted is left in the database file (blocking).
///
/// `secure_delete` overwrites rows that are deleted, but a page that was once split can keep an old copy of one in its
/// unused middle. So a small file is written anew (`VACUUM`), a large one when it still holds one of the needles.
///
/// Errors: somebody reads or writes for longer than connections wait, or the disk is full.
pub fn scrub(path: &Path, needles: &Needles) -> Result<(), DbError> {
    let connection = open_durable(path)?;
    empty_log(&connection)?;
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let size_bytes = file.metadata().map_err(|error| unreadable(&error))?.len();
    if size_bytes <= ALWAYS_ANEW_BYTES
        || needles
            .are_read_in(file)
            .map_err(|error| unreadable(&error))?
    {
        connection.execute_batch("VACUUM")?;
        empty_log(&connection)?;
    }
    Ok(())
}

fn empty_log(connection: &rusqlite::Connection) -> Result<(), DbError> {
    let mut tries = 1;
    loop {
        match connection.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::TRUNCATE) {
            Ok(_) => return Ok(()),
            Err(error) if tries == TRIES => return Err(error.into()),
            Err(_) => {
                tries += 1;
                std::thread::sleep(BETWEEN_TRIES);
            }
        }
    }
}

fn unreadable(error: &std::io::Error) -> DbError {
    DbError::Unavailable(format!("the database file cannot be read: {error}"))
}
