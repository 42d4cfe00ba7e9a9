//! The one writer: takes closures from a queue and commits them in groups.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Receiver;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoint::Checkpoints;
use super::sql_log::SqlLog;
use super::{DbError, SqliteTx, Tx};

/// The most closures one COMMIT answers; bounds how long the first of them waits.
const GROUP_MAX: usize = 256;

/// A queued closure, its result and whom to tell.
pub(super) trait WriteJob: Send {
    /// Runs the closure. `true`: keep its changes; `false`: roll them back.
    fn run(&mut self, tx: &mut dyn Tx) -> bool;
    /// Answers the caller, after the group's COMMIT or with why there was none.
    fn answer(self: Box<Self>, committed: Result<(), &str>);
}

/// [`WriteJob`] of a closure that gives `Result<T, E>`.
pub(super) struct ClosureJob<F, T, E> {
    pub(super) closure: Option<F>,
    pub(super) result: Option<Result<T, E>>,
    pub(super) reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> WriteJob for ClosureJob<F, T, E>
where
    F: FnOnce(&mut dyn Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> bool {
        let Some(closure) = self.closure.take() else {
            return false;
        };
        let result = catch_unwind(AssertUnwindSafe(|| closure(tx)))
            .unwrap_or_else(|_| Err(DbError::Internal("a use case panicked".into()).into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), &str>) {
        let result = match (self.result, committed) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(why)) => Err(DbError::Unavailable(why.to_owned()).into()),
            (None, Ok(())) => Err(DbError::Internal("a use case never ran".into()).into()),
        };
        // A caller that went away (client disconnected) is no error: its change is stored.
        let _ = self.reply.send(result);
    }
}

/// Works until every sender is gone, then commits what is left and returns.
pub(super) fn run(
    connection: &Connection,
    queue: &Receiver<Box<dyn WriteJob>>,
    checkpoints: &Checkpoints,
    log: Option<&Arc<SqlLog>>,
) {
    let mut group: Vec<Box<dyn WriteJob>> = Vec::with_capacity(GROUP_MAX);
    while let Ok(first) = queue.recv() {
        group.push(first);
        let outcome = commit_group(connection, queue, &mut group, log.map(Arc::as_ref));
        if let Err(error) = &outcome {
            tracing::error!(error = %error, jobs = group.len(), "a group of changes was not stored");
            // A failed statement may have left the transaction open; without this the next BEGIN would fail.
            if !connection.is_autocommit()
                && let Err(error) = connection.execute_batch("ROLLBACK")
            {
                tracing::error!(error = %error, "rollback failed");
            }
        }
        let why = outcome.err().map(|e| e.to_string());
        for job in group.drain(..) {
            job.answer(why.as_deref().map_or(Ok(()), Err));
        }
        checkpoints.between_groups(connection);
    }
}

/// One BEGIN … COMMIT around the queued closures. On error nothing of the group is stored.
fn commit_group(
    connection: &Connection,
    queue: &Receiver<Box<dyn WriteJob>>,
    group: &mut Vec<Box<dyn WriteJob>>,
    log: Option<&SqlLog>,
) -> Result<(), DbError> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let mut next = 0;
    while next < group.len() {
        execute(connection, "SAVEPOINT job")?;
        let keep = group[next].run(&mut SqliteTx::logged(connection, log));
        if connection.is_autocommit() {
            // SQLite rolls the whole transaction back by itself when the disk is full or an I/O error happens.
            return Err(DbError::Unavailable(
                "disk full or I/O error while writing".into(),
            ));
        }
        if !keep {
            execute(connection, "ROLLBACK TO job")?;
        }
        execute(connection, "RELEASE job")?;
        next += 1;
        if next == group.len()
            && group.len() < GROUP_MAX
            && let Ok(job) = queue.try_recv()
        {
            group.push(job);
        }
    }
    execute(connection, "COMMIT")
}

fn execute(connection: &Connection, sql: &'static str) -> Result<(), DbError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
