//! Read-only connections, each on a thread of its own, fed from one queue.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Receiver;
use rusqlite::Connection;

use super::sql_log::SqlLog;
use super::{SqliteTx, Tx};

/// A queued closure; it answers its caller by itself.
pub(super) type ReadJob = Box<dyn FnOnce(&mut dyn Tx) + Send>;

/// Works until every sender is gone. Each closure runs in one deferred transaction, so all its statements see the
/// same snapshot.
pub(super) fn run(connection: &Connection, queue: &Receiver<ReadJob>, log: Option<&Arc<SqlLog>>) {
    while let Ok(job) = queue.recv() {
        let begun = execute(connection, "BEGIN DEFERRED");
        let mut tx = SqliteTx::logged(connection, log.map(Arc::as_ref));
        // The caller of a closure that panics sees its channel closed and answers 503.
        let outcome = catch_unwind(AssertUnwindSafe(|| job(&mut tx)));
        if outcome.is_err() {
            tracing::error!("a read panicked");
        }
        if begun.is_ok()
            && let Err(error) = execute(connection, "COMMIT")
        {
            tracing::error!(error = %error, "a read transaction did not end");
        }
    }
}

fn execute(connection: &Connection, sql: &'static str) -> Result<(), rusqlite::Error> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}
