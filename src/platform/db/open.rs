//! Opening the store and handing closures to its threads.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, TrySendError, bounded};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::checkpoint::Checkpoints;
use super::reader::{self, ReadJob};
use super::sql_log::SqlLog;
use super::writer::{self, ClosureJob, WriteJob};
use super::{DbError, SqliteTx, Tx, migrate};
use crate::platform::folding::folded;

/// The database inside the data folder.
pub const DATABASE_FILE: &str = "novahouse.db";
/// How many closures may wait; beyond it callers are told at once that the server is overloaded.
const QUEUE_MAX: usize = 4096;
/// Distinct statements a connection keeps prepared.
const STATEMENT_CACHE: usize = 256;

/// Where the database is and how it is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The database file; created when missing.
    pub path: PathBuf,
    /// Number of read-only connections, each on its own thread.
    pub readers: usize,
    /// File that gets every distinct statement (development).
    pub sql_log_file: Option<PathBuf>,
}

/// The open database. Cheap to clone; the last clone that goes ends the threads.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writes: Option<Sender<Box<dyn WriteJob>>>,
    reads: Option<Sender<ReadJob>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Closing the queues lets the threads finish what is queued; joining waits for the last COMMIT.
        self.writes = None;
        self.reads = None;
        if let Ok(mut threads) = self.threads.lock() {
            for thread in threads.drain(..) {
                let _ = thread.join();
            }
        }
    }
}

impl Store {
    /// Opens (or creates) the database, brings it to the current schema and starts its threads.
    ///
    /// Errors: the file cannot be opened, is damaged, or was written by a newer version.
    pub fn open(options: &StoreOptions) -> Result<Self, DbError> {
        let log = options
            .sql_log_file
            .as_deref()
            .map(SqlLog::open)
            .transpose()?
            .map(Arc::new);
        let mut connection = open_writer(&options.path)?;
        // A migration that rebuilds a table must not cascade; the pragma cannot change inside its transaction.
        migrate(&mut connection)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let (writes, write_queue) = bounded::<Box<dyn WriteJob>>(QUEUE_MAX);
        let (reads, read_queue) = bounded::<ReadJob>(QUEUE_MAX);
        let mut threads = Vec::new();
        let writer_log = log.clone();
        let (checkpoints, checkpoint_thread) = Checkpoints::start(&mut connection, &options.path)?;
        threads.push(spawn("db-writer", move || {
            writer::run(&connection, &write_queue, &checkpoints, writer_log.as_ref());
        })?);
        threads.push(checkpoint_thread);
        for _ in 0..options.readers.max(1) {
            let connection = open_reader(&options.path)?;
            let queue = read_queue.clone();
            let log = log.clone();
            threads.push(spawn("db-reader", move || {
                reader::run(&connection, &queue, log.as_ref());
            })?);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                writes: Some(writes),
                reads: Some(reads),
                threads: Mutex::new(threads),
            }),
        })
    }

    /// Runs `use_case` in a transaction and returns once its changes are durable.
    ///
    /// Errors: what the closure returns (its changes are rolled back, those of others in the group are not), or
    /// [`DbError::Unavailable`] when the group could not be committed.
    pub async fn write<T, E, F>(&self, use_case: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.send_write(use_case)?.await.map_err(|_| stopped())?
    }

    /// [`Store::write`] for callers outside the async runtime (command line, start-up).
    pub fn write_blocking<T, E, F>(&self, use_case: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.send_write(use_case)?
            .blocking_recv()
            .map_err(|_| stopped())?
    }

    /// Runs `query` on a consistent snapshot.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.send_read(query)?.await.map_err(|_| stopped())?
    }

    /// [`Store::read`] for callers outside the async runtime.
    pub fn read_blocking<T, E, F>(&self, query: F) -> Result<T, E>
    where
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.send_read(query)?
            .blocking_recv()
            .map_err(|_| stopped())?
    }

    fn send_write<T, E, F>(&self, use_case: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Box<dyn WriteJob> = Box::new(ClosureJob {
            closure: Some(use_case),
            result: None,
            reply,
        });
        enqueue(self.inner.writes.as_ref(), job)?;
        Ok(answer)
    }

    fn send_read<T, E, F>(&self, query: F) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |tx| {
            let _ = reply.send(query(tx));
        });
        enqueue(self.inner.reads.as_ref(), job)?;
        Ok(answer)
    }
}

fn enqueue<J>(queue: Option<&Sender<J>>, job: J) -> Result<(), DbError> {
    match queue.map(|queue| queue.try_send(job)) {
        Some(Ok(())) => Ok(()),
        Some(Err(TrySendError::Full(_))) => {
            Err(DbError::Unavailable("too many changes are waiting".into()))
        }
        Some(Err(TrySendError::Disconnected(_))) | None => Err(stopped()),
    }
}

fn stopped() -> DbError {
    DbError::Unavailable("the store has stopped".into())
}

pub(super) fn spawn(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, DbError> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map_err(|e| DbError::Unavailable(format!("cannot start a thread: {e}")))
}

fn open_writer(path: &Path) -> Result<Connection, DbError> {
    // SQLite gives the file and its WAL the mode it finds; nobody else may read conversations.
    File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|e| DbError::Unavailable(format!("cannot open {}: {e}", path.display())))?;
    let connection = open_durable(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is erased must not stay readable in the file's free space.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -8 * 1024)?;
    // Bounds what an idle WAL keeps on disk after a burst.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    prepared(connection)
}

/// A connection that may write; the file exists.
pub(super) fn open_durable(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open(path)?;
    // The busy timeout before anything else, since switching to WAL takes a lock.
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

pub(super) fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    prepared(connection)
}

/// What every connection has: room for its statements, and the one function that SQLite lacks.
///
/// `FOLDED(text)` is the text without case and diacritics ([`folded`]). Its `LOWER` knows ASCII only; PostgreSQL has the
/// function from one line of SQL.
pub(super) fn prepared(connection: Connection) -> Result<Connection, DbError> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("folded", 1, flags, |arguments| {
        Ok(folded(arguments.get_raw(0).as_str()?))
    })?;
    Ok(connection)
}

/// Runs `query` on a database file without opening the store: beside a running server, from the command line.
///
/// Errors: the file cannot be opened, or what the closure says.
pub fn read_only<T, E: From<DbError>>(
    path: &Path,
    query: impl FnOnce(&mut dyn Tx) -> Result<T, E>,
) -> Result<T, E> {
    let connection = open_reader(path)?;
    query(&mut SqliteTx::new(&connection))
}

/// Runs `work` on an empty database that lives only as long as the call.
pub fn in_memory<T, E: From<DbError>>(
    work: impl FnOnce(&mut dyn Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut connection = prepared(Connection::open_in_memory().map_err(DbError::from)?)?;
    migrate(&mut connection)?;
    work(&mut SqliteTx::new(&connection))
}

/// Runs SQLite's own checks over the file; empty when nothing is wrong.
///
/// Errors: the file cannot be opened at all.
pub fn integrity_check(path: &Path) -> Result<Vec<String>, DbError> {
    let connection = open_reader(path)?;
    let mut findings = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    for line in lines {
        let line = line?;
        if line != "ok" {
            findings.push(line);
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let broken = statement.query_map([], |row| row.get::<_, String>(0))?;
    for table in broken {
        findings.push(format!("a row of {} refers to a row that is gone", table?));
    }
    Ok(findings)
}
