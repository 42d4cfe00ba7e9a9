//! All SQL over `webhooks` and `webhook_deliveries`.

use super::model::{
    Delivery, Disabled, NewDelivery, Standing, State, Tried, Webhook, WebhookValues,
};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// What ended is kept this long, for looking at.
const KEEP_ENDED_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// The columns a [`Webhook`] is read from.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, url, description, events_json, is_enabled, secret_sealed, old_secret_sealed, old_secret_until_ms, \
             failures, failing_since_ms, disabled_why, disabled_at_ms, created_at_ms, updated_at_ms FROM webhooks ",
            $rest
        )
    };
}

/// The columns a [`Delivery`] is read from.
macro_rules! select_deliveries {
    ($rest:literal) => {
        concat!(
            "SELECT id, webhook_id, event_id, event, payload_json, state, attempts, next_try_at_ms, response_status, \
             response_excerpt, last_error, created_at_ms, tried_at_ms, ended_at_ms FROM webhook_deliveries ",
            $rest
        )
    };
}

/// Every webhook, the oldest first.
pub(super) fn all(tx: &mut dyn Tx) -> Result<Vec<Webhook>, DbError> {
    let rows = tx.query(select!("ORDER BY id"), params![])?;
    rows.into_iter().map(webhook_row).collect()
}

/// Id and patterns of those that are switched on.
pub(super) fn listening(tx: &mut dyn Tx) -> Result<Vec<(i64, Vec<String>)>, DbError> {
    let rows = tx.query(
        "SELECT id, events_json FROM webhooks WHERE is_enabled = 1 ORDER BY id",
        params![],
    )?;
    let rows = rows
        .into_iter()
        .map(|mut row| Ok((row.take(0)?, patterns(&row.take::<String>(1)?)?)));
    rows.collect()
}

/// One webhook.
pub(super) fn webhook(tx: &mut dyn Tx, id: i64) -> Result<Option<Webhook>, DbError> {
    let row = tx.query_first(select!("WHERE id = ?1"), params![id])?;
    row.map(webhook_row).transpose()
}

/// How many are switched on, how many of these fail, and how many were switched off for it.
pub(super) fn standing(tx: &mut dyn Tx) -> Result<Standing, DbError> {
    let row = tx.query_first(
        "SELECT COUNT(CASE WHEN is_enabled = 1 THEN 1 END), COUNT(CASE WHEN is_enabled = 1 AND failures > 0 THEN 1 END), \
         COUNT(CASE WHEN is_enabled = 0 AND disabled_at_ms IS NOT NULL THEN 1 END) FROM webhooks",
        params![],
    )?;
    row.map_or(Ok(Standing::default()), |mut row| {
        Ok(Standing {
            enabled: row.take(0)?,
            failing: row.take(1)?,
            switched_off: row.take(2)?,
        })
    })
}

/// How many there are.
pub(super) fn count(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query_value("SELECT COUNT(*) FROM webhooks", params![])
}

/// Adds a webhook, still without its secret (see [`set_secret`]); answers its id.
pub(super) fn insert(tx: &mut dyn Tx, values: &WebhookValues, now_ms: i64) -> Result<i64, DbError> {
    let none: &[u8] = &[];
    tx.insert(
        "INSERT INTO webhooks (url, description, events_json, is_enabled, secret_sealed, failures, created_at_ms, \
         updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?6)",
        params![
            &values.url,
            values.description.as_deref(),
            &json(&values.events)?,
            values.is_enabled,
            none,
            now_ms
        ],
    )
}

/// Replaces what the owner says; a webhook that is switched on begins anew.
pub(super) fn update(
    tx: &mut dyn Tx,
    id: i64,
    values: &WebhookValues,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET url = ?2, description = ?3, events_json = ?4, is_enabled = ?5, \
         failures = CASE WHEN ?5 = 1 THEN 0 ELSE failures END, \
         failing_since_ms = CASE WHEN ?5 = 1 THEN NULL ELSE failing_since_ms END, \
         disabled_why = CASE WHEN ?5 = 1 THEN NULL ELSE disabled_why END, \
         disabled_at_ms = CASE WHEN ?5 = 1 THEN NULL ELSE disabled_at_ms END, updated_at_ms = ?6 WHERE id = ?1",
        params![
            id,
            &values.url,
            values.description.as_deref(),
            &json(&values.events)?,
            values.is_enabled,
            now_ms
        ],
    )?;
    Ok(())
}

/// Gives a webhook its secret.
///
/// * `old`: the one before, and until when it signs too.
pub(super) fn set_secret(
    tx: &mut dyn Tx,
    id: i64,
    sealed: &[u8],
    old: Option<(&[u8], i64)>,
    now_ms: i64,
) -> Result<(), DbError> {
    let (old_sealed, old_until_ms) = old.unzip();
    tx.execute(
        "UPDATE webhooks SET secret_sealed = ?2, old_secret_sealed = ?3, old_secret_until_ms = ?4, updated_at_ms = ?5 \
         WHERE id = ?1",
        params![id, sealed, old_sealed, old_until_ms, now_ms],
    )?;
    Ok(())
}

/// Removes a webhook and its deliveries; false when there is none.
pub(super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM webhooks WHERE id = ?1", params![id])? > 0)
}

/// Notes that a webhook answers.
pub(super) fn works(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET failures = 0, failing_since_ms = NULL WHERE id = ?1 AND failures > 0",
        params![id],
    )?;
    Ok(())
}

/// Notes that a try failed.
pub(super) fn fails(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhooks SET failures = failures + 1, failing_since_ms = COALESCE(failing_since_ms, ?2) WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(())
}

/// Switches a webhook off; false when it is off already.
pub(super) fn disable(
    tx: &mut dyn Tx,
    id: i64,
    why: Disabled,
    now_ms: i64,
) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE webhooks SET is_enabled = 0, disabled_why = ?2, disabled_at_ms = ?3, updated_at_ms = ?3 \
         WHERE id = ?1 AND is_enabled = 1",
        params![id, why.as_str(), now_ms],
    )?;
    Ok(changed > 0)
}

/// Writes a delivery that waits; answers its id.
pub(super) fn insert_delivery(
    tx: &mut dyn Tx,
    new: &NewDelivery<'_>,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO webhook_deliveries (webhook_id, event_id, event, about, payload_json, state, attempts, \
         next_try_at_ms, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, 'pending', 0, ?6, ?6)",
        params![
            new.webhook_id,
            new.event_id,
            new.kind.as_str(),
            new.about,
            new.payload_json,
            now_ms
        ],
    )
}

/// One delivery.
pub(super) fn delivery(tx: &mut dyn Tx, id: i64) -> Result<Option<Delivery>, DbError> {
    let row = tx.query_first(select_deliveries!("WHERE id = ?1"), params![id])?;
    row.map(delivery_row).transpose()
}

/// A page of a webhook's deliveries, the newest first, and how many there are.
pub(super) fn deliveries(
    tx: &mut dyn Tx,
    webhook_id: i64,
    state: Option<State>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Delivery>, i64), DbError> {
    // An empty text stands for any: it is no state.
    let state = state.map_or("", State::as_str);
    let total = tx.query_value(
        "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = ?1 AND (?2 = '' OR state = ?2)",
        params![webhook_id, state],
    )?;
    let rows = tx.query(
        select_deliveries!(
            "WHERE webhook_id = ?1 AND (?2 = '' OR state = ?2) ORDER BY id DESC LIMIT ?3 OFFSET ?4"
        ),
        params![webhook_id, state, limit, offset],
    )?;
    let rows = rows.into_iter().map(delivery_row);
    Ok((rows.collect::<Result<_, _>>()?, total))
}

/// Notes what came of a try.
///
/// * `next_try_at_ms`: while it is pending.
pub(super) fn note_try(
    tx: &mut dyn Tx,
    id: i64,
    tried: &Tried,
    state: State,
    next_try_at_ms: Option<i64>,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhook_deliveries SET state = ?2, attempts = attempts + ?3, next_try_at_ms = ?4, response_status = ?5, \
         response_excerpt = ?6, last_error = ?7, tried_at_ms = ?8, ended_at_ms = ?9 WHERE id = ?1",
        params![
            id,
            state.as_str(),
            i64::from(tried.error.is_some()),
            next_try_at_ms,
            tried.status.map(i64::from),
            tried.excerpt.as_deref(),
            tried.error.as_deref(),
            now_ms,
            (state != State::Pending).then_some(now_ms)
        ],
    )?;
    Ok(())
}

/// Gives up what was not tried.
pub(super) fn give_up(tx: &mut dyn Tx, id: i64, why: &str, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE webhook_deliveries SET state = 'failed', next_try_at_ms = NULL, last_error = ?2, ended_at_ms = ?3 \
         WHERE id = ?1",
        params![id, why, now_ms],
    )?;
    Ok(())
}

/// Makes a delivery that ended wait again, as if it were new; false when it is on its way.
pub(super) fn reopen(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE webhook_deliveries SET state = 'pending', attempts = 0, next_try_at_ms = ?2, ended_at_ms = NULL \
         WHERE id = ?1 AND state <> 'pending'",
        params![id, now_ms],
    )?;
    Ok(changed > 0)
}

/// Removes the deliveries about something; answers how many.
pub(super) fn forget(tx: &mut dyn Tx, about: &str) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM webhook_deliveries WHERE about = ?1",
        params![about],
    )
}

/// Drops deliveries that ended long ago; answers how many.
pub(super) fn purge(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM webhook_deliveries WHERE ended_at_ms < ?1",
        params![now_ms - KEEP_ENDED_MS],
    )
}

fn json(events: &[String]) -> Result<String, DbError> {
    serde_json::to_string(events).map_err(|error| DbError::Internal(error.to_string()))
}

fn patterns(json: &str) -> Result<Vec<String>, DbError> {
    serde_json::from_str(json)
        .map_err(|error| DbError::Internal(format!("a webhook's events are damaged: {error}")))
}

fn webhook_row(mut row: Row) -> Result<Webhook, DbError> {
    let old_secret: Option<Vec<u8>> = row.take(6)?;
    let old_until_ms: Option<i64> = row.take(7)?;
    let why: Option<String> = row.take(10)?;
    let disabled_at_ms: Option<i64> = row.take(11)?;
    Ok(Webhook {
        id: row.take(0)?,
        values: WebhookValues {
            url: row.take(1)?,
            description: row.take(2)?,
            events: patterns(&row.take::<String>(3)?)?,
            is_enabled: row.take(4)?,
        },
        secret_sealed: row.take(5)?,
        old_secret: old_secret.zip(old_until_ms),
        failures: row.take(8)?,
        failing_since_ms: row.take(9)?,
        disabled: why.and_then(|why| why.parse().ok()).zip(disabled_at_ms),
        created_at_ms: row.take(12)?,
        updated_at_ms: row.take(13)?,
    })
}

fn delivery_row(mut row: Row) -> Result<Delivery, DbError> {
    Ok(Delivery {
        id: row.take(0)?,
        webhook_id: row.take(1)?,
        event_id: row.take(2)?,
        event: row.take(3)?,
        payload_json: row.take(4)?,
        state: row.word(5)?,
        attempts: row.take(6)?,
        next_try_at_ms: row.take(7)?,
        response_status: row
            .take::<Option<i64>>(8)?
            .and_then(|status| u16::try_from(status).ok()),
        response_excerpt: row.take(9)?,
        last_error: row.take(10)?,
        created_at_ms: row.take(11)?,
        tried_at_ms: row.take(12)?,
        ended_at_ms: row.take(13)?,
    })
}
