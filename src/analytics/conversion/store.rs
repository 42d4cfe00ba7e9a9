//! Sessions with what happened in them, a few at a time.

use std::collections::BTreeMap;

use super::features::{Done, Session};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// Sessions read at a time.
const BATCH: i64 = 1_000;

/// The next sessions after number `after` that began from one moment to before another, in the order of their numbers.
pub(super) fn next_sessions(
    tx: &mut dyn Tx,
    after: i64,
    from_ms: i64,
    to_ms: i64,
) -> Result<Vec<Session>, DbError> {
    let rows = tx.query(
        "SELECT id, lang, device, source, campaign, started_at_ms FROM analytics_sessions \
         WHERE id > ?1 AND started_at_ms >= ?2 AND started_at_ms < ?3 ORDER BY id LIMIT ?4",
        params![after, from_ms, to_ms, BATCH],
    )?;
    let sessions = rows.into_iter().map(session_of);
    with_events(tx, sessions.collect::<Result<_, _>>()?)
}

/// One session; `None`: it is gone.
pub(super) fn session(tx: &mut dyn Tx, id: i64) -> Result<Option<Session>, DbError> {
    let row = tx.query_first(
        "SELECT id, lang, device, source, campaign, started_at_ms FROM analytics_sessions WHERE id = ?1",
        params![id],
    )?;
    let Some(row) = row else { return Ok(None) };
    let session = session_of(row)?;
    Ok(with_events(tx, vec![session])?.pop())
}

/// The sessions, which are in the order of their numbers, with what happened in them.
fn with_events(tx: &mut dyn Tx, sessions: Vec<Session>) -> Result<Vec<Session>, DbError> {
    let (Some(first), Some(last)) = (sessions.first(), sessions.last()) else {
        return Ok(sessions);
    };
    let rows = tx.query(
        "SELECT session_id, at_ms, details_json FROM analytics_events WHERE session_id BETWEEN ?1 AND ?2 \
         AND kind IN ('turn', 'handed_off', 'lead_status', 'quote_accepted') ORDER BY id",
        params![first.id, last.id],
    )?;
    let mut by_id: BTreeMap<i64, Session> = sessions
        .into_iter()
        .map(|session| (session.id, session))
        .collect();
    for mut row in rows {
        let id: i64 = row.take(0)?;
        let Some(session) = by_id.get_mut(&id) else {
            continue;
        };
        let at_ms = row.take(1)?;
        let event = serde_json::from_str(&row.take::<String>(2)?)
            .map_err(|error| DbError::Internal(format!("an event cannot be read: {error}")))?;
        session.done.note(&event, at_ms);
    }
    Ok(by_id.into_values().collect())
}

fn session_of(mut row: Row) -> Result<Session, DbError> {
    Ok(Session {
        id: row.take(0)?,
        lang: row.take(1)?,
        device: row.take(2)?,
        source: row.take(3)?,
        campaign: row.take(4)?,
        started_at_ms: row.take(5)?,
        done: Done::default(),
    })
}
