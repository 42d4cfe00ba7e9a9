//! Moving what was committed from the write-ahead log into the database file, beside the writer.
//!
//! SQLite's own checkpoint runs inside a COMMIT and makes everyone who waits for it wait longer. Here a thread with its
//! own connection moves most pages while the writer goes on; what came meanwhile the writer moves itself, between two
//! groups, so that the next one finds nothing left to move and starts the log over.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, DEFAULT_NAME};

use super::DbError;
use super::open::{open_durable, spawn};

/// Pages in the log from which it is moved: 32 MiB, so that a page that changes often is written once, not many times.
const FROM_PAGES: i32 = 8192;

/// The writer's side.
pub(super) struct Checkpoints {
    log_pages: Arc<AtomicI32>,
    /// The thread went through the log since the writer looked last.
    is_moved: Arc<AtomicBool>,
    requests: Sender<()>,
}

impl Checkpoints {
    /// Watches the log of `writer` and starts the thread. It ends when the writer's side is gone.
    pub(super) fn start(
        writer: &mut Connection,
        path: &Path,
    ) -> Result<(Self, JoinHandle<()>), DbError> {
        let log_pages = Arc::new(AtomicI32::new(0));
        let count = Arc::clone(&log_pages);
        // Registering a hook also takes SQLite's own checkpoint out of the COMMIT.
        writer.wal_hook(Some(move |_: &mut Wal, pages| {
            count.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let is_moved = Arc::new(AtomicBool::new(false));
        let (requests, queue) = bounded(1);
        let connection = open_durable(path)?;
        let done = Arc::clone(&is_moved);
        let thread = spawn("db-checkpoint", move || run(&connection, &queue, &done))?;
        let checkpoints = Self {
            log_pages,
            is_moved,
            requests,
        };
        Ok((checkpoints, thread))
    }

    /// To be called by the writer between two groups.
    pub(super) fn between_groups(&self, writer: &Connection) {
        if self.log_pages.load(Ordering::Relaxed) < FROM_PAGES {
            return;
        }
        if self.is_moved.swap(false, Ordering::Acquire) {
            move_pages(writer);
            self.log_pages.store(0, Ordering::Relaxed);
        } else {
            // A full queue means that the thread is at it.
            let _ = self.requests.try_send(());
        }
    }
}

fn run(connection: &Connection, requests: &Receiver<()>, is_moved: &AtomicBool) {
    while requests.recv().is_ok() {
        move_pages(connection);
        is_moved.store(true, Ordering::Release);
    }
}

/// Moves what no reader still needs in its old form. An error changes nothing that was committed: the log stays as it
/// is and the next attempt finds it.
fn move_pages(connection: &Connection) {
    if let Err(error) = connection.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::PASSIVE) {
        tracing::warn!(%error, "the write-ahead log could not be moved into the database file");
    }
}
