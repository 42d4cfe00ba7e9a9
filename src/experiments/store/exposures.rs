//! Who saw what, and what they did then.

use std::collections::HashMap;

use crate::experiments::model::{Counts, Experiment, Goal, Guard};
use crate::params;
use crate::platform::db::{DbError, Tx};

/// A visitor sees a variant; nothing when they saw one of the experiment before, or it does not run any more.
pub(in crate::experiments) fn insert(
    tx: &mut dyn Tx,
    variant_id: i64,
    session_key: &str,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO experiment_exposures (experiment_id, variant_id, session_key, exposed_at_ms) \
         SELECT experiments.id, experiment_variants.id, CAST(?2 AS TEXT), CAST(?3 AS BIGINT) \
         FROM experiment_variants, experiments \
         WHERE experiment_variants.id = ?1 AND experiments.id = experiment_variants.experiment_id \
         AND experiments.status = 'running' ON CONFLICT (session_key, experiment_id) DO NOTHING",
        params![variant_id, session_key, now_ms],
    )?;
    Ok(())
}

/// Notes what some experiments count, on the rows of a session; answers on how many.
pub(in crate::experiments) fn reached(
    tx: &mut dyn Tx,
    goal: Goal,
    session_key: &str,
    now_ms: i64,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE experiment_exposures SET goal_at_ms = ?3 WHERE session_key = ?1 AND goal_at_ms IS NULL \
         AND experiment_id IN (SELECT id FROM experiments WHERE goal = ?2 AND status IN ('running', 'paused'))",
        params![session_key, goal.as_str(), now_ms],
    )
}

/// The same for what some experiments guard against.
pub(in crate::experiments) fn guarded(
    tx: &mut dyn Tx,
    guard: Guard,
    session_key: &str,
    now_ms: i64,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE experiment_exposures SET guard_at_ms = ?3 WHERE session_key = ?1 AND guard_at_ms IS NULL \
         AND experiment_id IN (SELECT id FROM experiments WHERE guard = ?2 AND status IN ('running', 'paused'))",
        params![session_key, guard.as_str(), now_ms],
    )
}

/// Whether a session saw an experiment.
pub(in crate::experiments) fn has_seen(
    tx: &mut dyn Tx,
    experiment_id: i64,
    session_key: &str,
) -> Result<bool, DbError> {
    let row = tx.query_first(
        "SELECT id FROM experiment_exposures WHERE session_key = ?1 AND experiment_id = ?2",
        params![session_key, experiment_id],
    )?;
    Ok(row.is_some())
}

/// Notes a conversion that the website reports; false when there is one.
pub(in crate::experiments) fn report(
    tx: &mut dyn Tx,
    experiment_id: i64,
    session_key: &str,
    value: Option<f64>,
    now_ms: i64,
) -> Result<bool, DbError> {
    let rows = tx.execute(
        "UPDATE experiment_exposures SET goal_at_ms = ?3, goal_value = ?4 \
         WHERE session_key = ?1 AND experiment_id = ?2 AND goal_at_ms IS NULL",
        params![session_key, experiment_id, now_ms, value],
    )?;
    Ok(rows > 0)
}

/// Notes that the visitor used the variant; false when that was noted before.
pub(in crate::experiments) fn engage(
    tx: &mut dyn Tx,
    experiment_id: i64,
    session_key: &str,
    now_ms: i64,
) -> Result<bool, DbError> {
    let rows = tx.execute(
        "UPDATE experiment_exposures SET engaged_at_ms = ?3 \
         WHERE session_key = ?1 AND experiment_id = ?2 AND engaged_at_ms IS NULL",
        params![session_key, experiment_id, now_ms],
    )?;
    Ok(rows > 0)
}

/// What was counted of each variant, in their order.
pub(in crate::experiments) fn counts(
    tx: &mut dyn Tx,
    experiment: &Experiment,
) -> Result<Vec<Counts>, DbError> {
    let rows = tx.query(
        "SELECT variant_id, COUNT(*), COUNT(goal_at_ms), CAST(COALESCE(SUM(goal_value), 0) AS REAL), \
         COUNT(engaged_at_ms), COUNT(guard_at_ms) FROM experiment_exposures WHERE experiment_id = ?1 GROUP BY variant_id",
        params![experiment.id],
    )?;
    let mut by_variant: HashMap<i64, Counts> = HashMap::new();
    for mut row in rows {
        let counts = Counts {
            visitors: row.take::<i64>(1)?.unsigned_abs(),
            goals: row.take::<i64>(2)?.unsigned_abs(),
            value: row.take(3)?,
            engaged: row.take::<i64>(4)?.unsigned_abs(),
            guarded: row.take::<i64>(5)?.unsigned_abs(),
        };
        by_variant.insert(row.take(0)?, counts);
    }
    let variants = experiment.design.variants.iter();
    Ok(variants
        .map(|variant| by_variant.get(&variant.id).copied().unwrap_or_default())
        .collect())
}

/// What is kept about a session: experiment, variant, and when it was seen, counted, used and guarded against.
pub(in crate::experiments) fn of_session(
    tx: &mut dyn Tx,
    session_key: &str,
) -> Result<Vec<Seen>, DbError> {
    let rows = tx.query(
        "SELECT experiments.name, experiment_variants.name, exposed_at_ms, goal_at_ms, goal_value, engaged_at_ms, \
         guard_at_ms FROM experiment_exposures, experiments, experiment_variants WHERE session_key = ?1 \
         AND experiments.id = experiment_exposures.experiment_id \
         AND experiment_variants.id = experiment_exposures.variant_id ORDER BY experiment_exposures.id",
        params![session_key],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Seen {
                experiment: row.take(0)?,
                variant: row.take(1)?,
                exposed_at_ms: row.take(2)?,
                goal_at_ms: row.take(3)?,
                value: row.take(4)?,
                engaged_at_ms: row.take(5)?,
                guard_at_ms: row.take(6)?,
            })
        })
        .collect()
}

/// A row of a session.
pub(in crate::experiments) struct Seen {
    pub(in crate::experiments) experiment: String,
    pub(in crate::experiments) variant: String,
    pub(in crate::experiments) exposed_at_ms: i64,
    pub(in crate::experiments) goal_at_ms: Option<i64>,
    pub(in crate::experiments) value: Option<f64>,
    pub(in crate::experiments) engaged_at_ms: Option<i64>,
    pub(in crate::experiments) guard_at_ms: Option<i64>,
}

/// Removes the rows of a session; answers how many.
pub(in crate::experiments) fn erase(tx: &mut dyn Tx, session_key: &str) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM experiment_exposures WHERE session_key = ?1",
        params![session_key],
    )
}

/// Removes the rows of an experiment that has its result.
pub(in crate::experiments) fn forget(tx: &mut dyn Tx, experiment_id: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM experiment_exposures WHERE experiment_id = ?1",
        params![experiment_id],
    )?;
    Ok(())
}
