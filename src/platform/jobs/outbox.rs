//! The rows of the outbox: enqueue, claim, finish, retry.

use crate::params;
use crate::platform::db::{DbError, Tx};

/// A job to be done after the commit.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Names the handler.
    pub kind: &'static str,
    /// What the handler needs, as JSON; ids rather than contents.
    pub payload_json: &'a str,
    /// At most one row with this key exists; a second enqueue while it does changes nothing.
    pub dedupe_key: Option<&'a str>,
}

/// A claimed row.
#[derive(Debug, Clone)]
pub(super) struct ClaimedJob {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) payload_json: String,
    pub(super) attempts: i64,
}

/// How long a claimed job may run before another claim takes it: its worker must have died.
const CLAIM_MS: i64 = 10 * 60 * 1000;
/// After so many failed attempts a job is given up and stays as `failed`.
const ATTEMPTS_MAX: i64 = 8;
/// Finished jobs are kept this long, for looking at.
const KEEP_FINISHED_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Adds a job that is due now.
pub fn enqueue(tx: &mut dyn Tx, job: &NewJob<'_>, now_ms: i64) -> Result<(), DbError> {
    enqueue_at(tx, job, now_ms, now_ms)
}

/// Adds a job that is due at `run_at_ms`.
pub fn enqueue_at(
    tx: &mut dyn Tx,
    job: &NewJob<'_>,
    run_at_ms: i64,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO outbox_jobs (kind, payload_json, dedupe_key, state, attempts, run_at_ms, created_at_ms) \
         VALUES (?1, ?2, ?3, 'pending', 0, ?4, ?5) ON CONFLICT (dedupe_key) DO NOTHING",
        params![job.kind, job.payload_json, job.dedupe_key, run_at_ms, now_ms],
    )?;
    Ok(())
}

/// Takes the longest-due job of a kind; when none waits, one whose worker died. Both are found by the index, however many
/// wait.
pub(super) fn claim(
    tx: &mut dyn Tx,
    kind: &str,
    now_ms: i64,
) -> Result<Option<ClaimedJob>, DbError> {
    let waiting = tx.query_first(
        "SELECT id, kind, payload_json, attempts FROM outbox_jobs \
         WHERE kind = ?1 AND state = 'pending' AND run_at_ms <= ?2 ORDER BY run_at_ms, id LIMIT 1",
        params![kind, now_ms],
    )?;
    let row = match waiting {
        Some(row) => Some(row),
        None => tx.query_first(
            "SELECT id, kind, payload_json, attempts FROM outbox_jobs \
             WHERE kind = ?1 AND state = 'running' AND claimed_until_ms <= ?2 ORDER BY claimed_until_ms, id LIMIT 1",
            params![kind, now_ms],
        )?,
    };
    let Some(mut row) = row else {
        return Ok(None);
    };
    let job = ClaimedJob {
        id: row.take(0)?,
        kind: row.take(1)?,
        payload_json: row.take(2)?,
        attempts: row.take::<i64>(3)? + 1,
    };
    tx.execute(
        "UPDATE outbox_jobs SET state = 'running', attempts = ?2, claimed_until_ms = ?3 WHERE id = ?1",
        params![job.id, job.attempts, now_ms + CLAIM_MS],
    )?;
    Ok(Some(job))
}

/// When the next job of a kind can be claimed, if there is one: a pending one when it is due, a running one when its
/// claim ends.
pub(super) fn next_due_ms(tx: &mut dyn Tx, kind: &str) -> Result<Option<i64>, DbError> {
    let waiting: Option<i64> = tx.query_value(
        "SELECT MIN(run_at_ms) FROM outbox_jobs WHERE kind = ?1 AND state = 'pending'",
        params![kind],
    )?;
    let running: Option<i64> = tx.query_value(
        "SELECT MIN(claimed_until_ms) FROM outbox_jobs WHERE kind = ?1 AND state = 'running'",
        params![kind],
    )?;
    Ok(match (waiting, running) {
        (Some(waiting), Some(running)) => Some(waiting.min(running)),
        (waiting, running) => waiting.or(running),
    })
}

/// Marks a job as done; its dedupe key is free again.
pub(super) fn finish(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE outbox_jobs SET state = 'done', dedupe_key = NULL, finished_at_ms = ?2, last_error = NULL \
         WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(())
}

/// Puts a failed job back with a growing delay, or gives it up.
pub(super) fn fail(
    tx: &mut dyn Tx,
    job: &ClaimedJob,
    error: &str,
    is_final: bool,
    now_ms: i64,
) -> Result<(), DbError> {
    if is_final || job.attempts >= ATTEMPTS_MAX {
        tx.execute(
            "UPDATE outbox_jobs SET state = 'failed', dedupe_key = NULL, finished_at_ms = ?2, last_error = ?3 \
             WHERE id = ?1",
            params![job.id, now_ms, error],
        )?;
    } else {
        postpone(tx, job, error, now_ms + retry_delay_ms(job.attempts))?;
    }
    Ok(())
}

/// Puts a job back until `run_at_ms`.
pub(super) fn postpone(
    tx: &mut dyn Tx,
    job: &ClaimedJob,
    error: &str,
    run_at_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE outbox_jobs SET state = 'pending', run_at_ms = ?2, last_error = ?3 WHERE id = ?1",
        params![job.id, run_at_ms, error],
    )?;
    Ok(())
}

/// Gives back every job that was running: at start-up nobody else holds them (one server a data folder).
pub(super) fn release_all(tx: &mut dyn Tx) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE outbox_jobs SET state = 'pending' WHERE state = 'running'",
        params![],
    )
}

/// Kinds of the jobs that wait.
pub(super) fn pending_kinds(tx: &mut dyn Tx) -> Result<Vec<String>, DbError> {
    tx.query(
        "SELECT DISTINCT kind FROM outbox_jobs WHERE state = 'pending'",
        params![],
    )?
    .into_iter()
    .map(|mut row| row.take(0))
    .collect()
}

/// Gives up every job of a kind that nobody knows.
pub(super) fn give_up(tx: &mut dyn Tx, kind: &str, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE outbox_jobs SET state = 'failed', dedupe_key = NULL, finished_at_ms = ?2, \
         last_error = 'no handler for this kind' WHERE kind = ?1 AND state = 'pending'",
        params![kind, now_ms],
    )
}

/// Drops jobs that ended a week ago.
pub fn purge_finished(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM outbox_jobs WHERE finished_at_ms < ?1",
        params![now_ms - KEEP_FINISHED_MS],
    )
}

/// 10 s after the first failure, then four times as long each time, an hour at most.
fn retry_delay_ms(attempts: i64) -> i64 {
    const FIRST_MS: i64 = 10_000;
    const LONGEST_MS: i64 = 3_600_000;
    let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(0);
    FIRST_MS
        .saturating_mul(4_i64.saturating_pow(doublings))
        .min(LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::{SqliteTx, migrate};
    use rusqlite::Connection;

    fn with_tx(test: impl FnOnce(&mut dyn Tx)) {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        test(&mut SqliteTx::new(&connection));
    }

    const JOB: NewJob<'static> = NewJob {
        kind: "test",
        payload_json: "{}",
        dedupe_key: Some("only"),
    };

    #[test]
    fn a_job_is_claimed_once_and_again_only_when_its_worker_died() {
        with_tx(|tx| {
            enqueue(tx, &JOB, 1000).unwrap();
            assert!(claim(tx, JOB.kind, 999).unwrap().is_none(), "not due yet");
            assert_eq!(claim(tx, JOB.kind, 1000).unwrap().unwrap().attempts, 1);
            assert!(claim(tx, JOB.kind, 1001).unwrap().is_none());
            assert_eq!(next_due_ms(tx, JOB.kind).unwrap(), Some(1000 + CLAIM_MS));
            let again = claim(tx, JOB.kind, 1000 + CLAIM_MS).unwrap().unwrap();
            assert_eq!(again.attempts, 2);
        });
    }

    #[test]
    fn the_same_dedupe_key_waits_once_and_is_free_after_the_end() {
        with_tx(|tx| {
            enqueue(tx, &JOB, 0).unwrap();
            enqueue(tx, &JOB, 0).unwrap();
            let job = claim(tx, JOB.kind, 0).unwrap().unwrap();
            assert!(claim(tx, JOB.kind, 0).unwrap().is_none());
            finish(tx, job.id, 1).unwrap();
            enqueue(tx, &JOB, 2).unwrap();
            assert!(claim(tx, JOB.kind, 2).unwrap().is_some());
        });
    }

    #[test]
    fn a_failed_job_comes_back_later_each_time_and_is_given_up_in_the_end() {
        with_tx(|tx| {
            enqueue(tx, &JOB, 0).unwrap();
            let mut now = 0;
            for attempt in 1..=ATTEMPTS_MAX {
                let job = claim(tx, JOB.kind, now).unwrap().unwrap();
                assert_eq!(job.attempts, attempt);
                fail(tx, &job, "down", false, now).unwrap();
                now = next_due_ms(tx, JOB.kind).unwrap().unwrap_or(i64::MAX / 2);
            }
            assert!(claim(tx, JOB.kind, now).unwrap().is_none());
        });
        assert!(retry_delay_ms(1) < retry_delay_ms(2));
        assert_eq!(retry_delay_ms(100), 3_600_000);
    }
}
