//! All SQL over experiments.

pub(super) mod exposures;

use super::ExperimentError;
use super::model::{Content, Design, Experiment, Status, StopReason, Variant};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, hypothesis, element, goal, guard, method, traffic_percent, confidence_level, power, \
             baseline_rate, minimum_lift_percent, salt, status, stop_reason, result_json, created_at_ms, updated_at_ms, \
             started_at_ms, ended_at_ms FROM experiments ",
            $rest
        )
    };
}

pub(super) fn by_id(tx: &mut dyn Tx, id: i64) -> Result<Experiment, ExperimentError> {
    let row = tx.query_first(select!("WHERE id = ?1"), params![id])?;
    Ok(with_variants(tx, row.ok_or(ExperimentError::NotFound)?)?)
}

/// Those that count what visitors do, the oldest first.
pub(super) fn active(tx: &mut dyn Tx) -> Result<Vec<Experiment>, DbError> {
    let rows = tx.query(
        select!("WHERE status IN ('running', 'paused') ORDER BY id"),
        params![],
    )?;
    rows.into_iter().map(|row| with_variants(tx, row)).collect()
}

/// A page of all, the newest first, and how many there are.
///
/// * `status`: only these.
pub(super) fn page(
    tx: &mut dyn Tx,
    status: Option<Status>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Experiment>, i64), DbError> {
    let status = status.map_or("", Status::as_str);
    let total = tx.query_value(
        "SELECT COUNT(*) FROM experiments WHERE ?1 = '' OR status = ?1",
        params![status],
    )?;
    let rows = tx.query(
        select!("WHERE ?1 = '' OR status = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3"),
        params![status, limit, offset],
    )?;
    let experiments: Result<_, DbError> =
        rows.into_iter().map(|row| with_variants(tx, row)).collect();
    Ok((experiments?, total))
}

/// Adds a draft; answers its number.
pub(super) fn insert(
    tx: &mut dyn Tx,
    design: &Design,
    salt: &str,
    now_ms: i64,
) -> Result<i64, ExperimentError> {
    let id = tx.insert(
        "INSERT INTO experiments (name, hypothesis, element, goal, guard, method, traffic_percent, confidence_level, \
         power, baseline_rate, minimum_lift_percent, salt, status, created_at_ms, updated_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'draft', ?13, ?13)",
        params![
            &design.name,
            design.hypothesis.as_deref(),
            design.element.as_str(),
            design.goal.as_str(),
            design.guard.map(super::model::Guard::as_str),
            design.method.as_str(),
            design.traffic_percent,
            design.confidence_level,
            design.power,
            design.baseline_rate,
            design.minimum_lift_percent,
            salt,
            now_ms
        ],
    )?;
    insert_variants(tx, id, &design.variants)?;
    Ok(id)
}

/// Replaces what a draft is about.
pub(super) fn update(
    tx: &mut dyn Tx,
    id: i64,
    design: &Design,
    now_ms: i64,
) -> Result<(), ExperimentError> {
    tx.execute(
        "UPDATE experiments SET name = ?2, hypothesis = ?3, element = ?4, goal = ?5, guard = ?6, method = ?7, \
         traffic_percent = ?8, confidence_level = ?9, power = ?10, baseline_rate = ?11, minimum_lift_percent = ?12, \
         updated_at_ms = ?13 WHERE id = ?1",
        params![
            id,
            &design.name,
            design.hypothesis.as_deref(),
            design.element.as_str(),
            design.goal.as_str(),
            design.guard.map(super::model::Guard::as_str),
            design.method.as_str(),
            design.traffic_percent,
            design.confidence_level,
            design.power,
            design.baseline_rate,
            design.minimum_lift_percent,
            now_ms
        ],
    )?;
    tx.execute(
        "DELETE FROM experiment_variants WHERE experiment_id = ?1",
        params![id],
    )?;
    insert_variants(tx, id, &design.variants)?;
    Ok(())
}

/// Removes an experiment with all that belongs to it.
pub(super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM experiments WHERE id = ?1", params![id])?;
    Ok(())
}

/// Starts it, for the first time or again.
pub(super) fn start(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE experiments SET status = 'running', started_at_ms = COALESCE(started_at_ms, ?2), updated_at_ms = ?2 \
         WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(())
}

pub(super) fn pause(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE experiments SET status = 'paused', updated_at_ms = ?2 WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(())
}

/// Ends it with its result.
pub(super) fn end(
    tx: &mut dyn Tx,
    id: i64,
    reason: StopReason,
    result_json: &str,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE experiments SET status = 'stopped', stop_reason = ?2, result_json = ?3, ended_at_ms = ?4, \
         updated_at_ms = ?4 WHERE id = ?1",
        params![id, reason.as_str(), result_json, now_ms],
    )?;
    Ok(())
}

/// Keeps a sequential p-value if it is the smallest so far.
pub(super) fn keep_smallest(tx: &mut dyn Tx, variant_id: i64, p: f64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE experiment_variants SET sequential_p = ?2 WHERE id = ?1 AND sequential_p > ?2",
        params![variant_id, p],
    )?;
    Ok(())
}

fn insert_variants(
    tx: &mut dyn Tx,
    experiment_id: i64,
    variants: &[Variant],
) -> Result<(), DbError> {
    for (position, variant) in (0_i64..).zip(variants) {
        let content_json = serde_json::to_string(&variant.content)
            .map_err(|error| DbError::Internal(error.to_string()))?;
        tx.insert(
            "INSERT INTO experiment_variants (experiment_id, position, variant_key, name, weight, content_json, \
             sequential_p) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                experiment_id,
                position,
                &variant.key,
                &variant.name,
                variant.weight,
                &content_json,
                variant.sequential_p
            ],
        )?;
    }
    Ok(())
}

fn with_variants(tx: &mut dyn Tx, row: Row) -> Result<Experiment, DbError> {
    let mut experiment = experiment_of(row)?;
    let rows = tx.query(
        "SELECT id, variant_key, name, weight, content_json, sequential_p FROM experiment_variants \
         WHERE experiment_id = ?1 ORDER BY position",
        params![experiment.id],
    )?;
    experiment.design.variants = rows
        .into_iter()
        .map(variant_of)
        .collect::<Result<_, DbError>>()?;
    Ok(experiment)
}

fn variant_of(mut row: Row) -> Result<Variant, DbError> {
    let content: Content = serde_json::from_str(&row.take::<String>(4)?)
        .map_err(|_| DbError::Internal("a variant's content_json is damaged".into()))?;
    Ok(Variant {
        id: row.take(0)?,
        key: row.take(1)?,
        name: row.take(2)?,
        weight: row.take(3)?,
        content,
        sequential_p: row.take(5)?,
    })
}

fn experiment_of(mut row: Row) -> Result<Experiment, DbError> {
    let damaged = |what: &str| DbError::Internal(format!("an experiment's {what} is damaged"));
    let guard = row.take::<Option<String>>(5)?;
    let stop_reason = row.take::<Option<String>>(14)?;
    Ok(Experiment {
        id: row.take(0)?,
        design: Design {
            name: row.take(1)?,
            hypothesis: row.take(2)?,
            element: row.word(3)?,
            goal: row.word(4)?,
            guard: guard
                .map(|word| word.parse().map_err(|()| damaged("guard")))
                .transpose()?,
            method: row.word(6)?,
            traffic_percent: row.take(7)?,
            confidence_level: row.take(8)?,
            power: row.take(9)?,
            baseline_rate: row.take(10)?,
            minimum_lift_percent: row.take(11)?,
            variants: Vec::new(),
        },
        salt: row.take(12)?,
        status: row.word(13)?,
        stop_reason: stop_reason
            .map(|word| word.parse().map_err(|()| damaged("stop_reason")))
            .transpose()?,
        result_json: row.take(15)?,
        created_at_ms: row.take(16)?,
        updated_at_ms: row.take(17)?,
        started_at_ms: row.take(18)?,
        ended_at_ms: row.take(19)?,
    })
}
