//! What other slices tell: something that is counted happened in a session. Part of the transaction in which it happens;
//! only who saw a variant before is counted, once an experiment.

use super::judging::JUDGE_JOB;
use super::model::{Goal, Guard};
use super::store::exposures;
use crate::analytics::session_key;
use crate::platform::db::{DbError, Tx};
use crate::platform::jobs::{NewJob, enqueue};

/// A visitor did what some experiments may count. Sessions that take part in none have no row, so any id may come.
pub fn reached(tx: &mut dyn Tx, goal: Goal, session_id: &str, now_ms: i64) -> Result<(), DbError> {
    exposures::reached(tx, goal, &session_key(session_id), now_ms)?;
    Ok(())
}

/// A visitor was befallen by what some experiments guard against; whether that is harm is judged soon.
pub fn guarded(
    tx: &mut dyn Tx,
    guard: Guard,
    session_id: &str,
    now_ms: i64,
) -> Result<(), DbError> {
    if exposures::guarded(tx, guard, &session_key(session_id), now_ms)? > 0 {
        let job = NewJob {
            kind: JUDGE_JOB,
            payload_json: "{}",
            dedupe_key: Some(JUDGE_JOB),
        };
        enqueue(tx, &job, now_ms)?;
    }
    Ok(())
}
