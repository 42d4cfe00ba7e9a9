//! Bringing the counts up to date, beginning them again, and what becomes of them when events go.
//!
//! Events are read and folded by a reader, so that the writer has only what is to be added, and checks that nobody else
//! has added it meanwhile.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::counts::Count;
use super::events::session_of;
use super::fold::{Fold, Key, Session, SoFar};
use super::store::{self, Recorded, State};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};

/// Events that are folded at a time, so that nobody waits long for the writer.
const BATCH: i64 = 2_000;
/// A session in which nobody did anything is kept so long: whoever only makes sessions must not fill the disk.
const EMPTY_KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// The zone before the company's is known.
const NO_ZONE: &str = "UTC";

/// What is to be done next.
pub(super) enum Next {
    /// Nothing: everything is counted.
    Nothing,
    /// Begin the counts, since there are none, or those of another zone.
    Begin,
    /// Add these.
    Add(Box<Batch>),
}

/// What some events add to the counts.
pub(super) struct Batch {
    /// How far the counts are before.
    state: State,
    /// The newest event in it.
    until: i64,
    zone: TimeZone,
    deltas: BTreeMap<Key, Count>,
    /// As they are after it.
    sessions: BTreeMap<i64, Session>,
}

fn zone(name: &str) -> Result<TimeZone, DbError> {
    TimeZone::get(name).map_err(|error| DbError::Internal(error.to_string()))
}

/// What is to be done so that everything is counted by days of `time_zone`.
pub(super) fn next(tx: &mut dyn Tx, time_zone: &str) -> Result<Next, DbError> {
    match store::state(tx)? {
        Some(state) if state.time_zone == time_zone => {
            if store::newest_event(tx)? <= state.counted_event_id {
                return Ok(Next::Nothing);
            }
            let batch = gather(tx, state)?;
            Ok(batch.map_or(Next::Nothing, |batch| Next::Add(Box::new(batch))))
        }
        _ => Ok(Next::Begin),
    }
}

/// Folds the next events; `None`: there are none.
fn gather(tx: &mut dyn Tx, state: State) -> Result<Option<Batch>, DbError> {
    let events = store::events_after(tx, state.counted_event_id, BATCH)?;
    let Some(until) = events.last().map(|event| event.id) else {
        return Ok(None);
    };
    let zone = zone(&state.time_zone)?;
    let mut sessions = BTreeMap::new();
    for id in events.iter().filter_map(|event| event.session_id) {
        if !sessions.contains_key(&id)
            && let Some(session) = store::session(tx, id)?
        {
            sessions.insert(id, session);
        }
    }
    let mut fold = Fold::new(&zone);
    for Recorded {
        at_ms,
        session_id,
        event,
        ..
    } in events
    {
        let session = session_id.and_then(|id| sessions.get_mut(&id));
        if let Some(event) = event {
            fold.event(at_ms, session, &event);
        }
    }
    let deltas = fold.deltas;
    Ok(Some(Batch {
        state,
        until,
        zone,
        deltas,
        sessions,
    }))
}

/// Adds what was folded, unless somebody else was first.
pub(super) fn commit(tx: &mut dyn Tx, batch: &Batch) -> Result<(), DbError> {
    if store::state(tx)?.as_ref() != Some(&batch.state) {
        return Ok(());
    }
    store::add(tx, &batch.deltas, &batch.zone)?;
    for session in batch.sessions.values() {
        store::save_session(tx, session)?;
    }
    store::set_counted(tx, batch.until)
}

/// Begins the counts by days of `time_zone`: with those whose events are gone.
pub(super) fn begin(tx: &mut dyn Tx, time_zone: &str) -> Result<(), DbError> {
    store::forget_counts(tx, time_zone)?;
    let kept = store::quarters(tx)?;
    store::add_days(tx, &kept, &zone(time_zone)?)
}

/// Counts what is not counted yet, in this transaction; answers the zone the days are of.
fn catch_up(tx: &mut dyn Tx) -> Result<TimeZone, DbError> {
    loop {
        let Some(state) = store::state(tx)? else {
            begin(tx, NO_ZONE)?;
            continue;
        };
        let zone = zone(&state.time_zone)?;
        match gather(tx, state)? {
            Some(batch) => commit(tx, &batch)?,
            None => return Ok(zone),
        }
    }
}

/// Erases what the numbers know of a session; the counts, which are nobody's, stay. Answers how many sessions went.
pub fn forget_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    let Some(id) = session_of(tx, session_id)? else {
        return Ok(0);
    };
    let zone = catch_up(tx)?;
    forget(tx, id, &zone)
}

/// Removes a counted session; its share of the counts is noted as one that no event tells of.
fn forget(tx: &mut dyn Tx, id: i64, zone: &TimeZone) -> Result<u64, DbError> {
    if let Some(mut session) = store::session(tx, id)? {
        session.so_far = SoFar::nothing(&session.first, session.started_at_ms);
        let mut fold = Fold::new(zone);
        for recorded in store::events_of(tx, id)? {
            if let Some(event) = recorded.event {
                fold.event(recorded.at_ms, Some(&mut session), &event);
            }
        }
        store::keep(tx, &fold.deltas)?;
    }
    store::delete_session(tx, id)
}

/// Removes sessions in which nothing happened since a time, those in which nobody ever did anything sooner, and events
/// of nobody; at most about `limit` of each. Answers how many went.
pub fn forget_older(
    tx: &mut dyn Tx,
    before_ms: i64,
    now_ms: i64,
    limit: i64,
) -> Result<u64, DbError> {
    let zone = catch_up(tx)?;
    let mut gone = 0;
    let mut sessions = store::ended_sessions(tx, before_ms, limit)?;
    sessions.extend(store::empty_sessions(tx, now_ms - EMPTY_KEPT_MS, limit)?);
    for id in sessions {
        gone += forget(tx, id, &zone)?;
    }
    let mut fold = Fold::new(&zone);
    for recorded in store::nobodys_events(tx, before_ms, limit)? {
        if let Some(event) = &recorded.event {
            fold.event(recorded.at_ms, None, event);
        }
        gone += store::delete_event(tx, recorded.id)?;
    }
    store::keep(tx, &fold.deltas)?;
    Ok(gone)
}

/// How many sessions and events of nobody are older than a time.
pub fn older_than(tx: &mut dyn Tx, before_ms: i64) -> Result<i64, DbError> {
    store::old_count(tx, before_ms)
}

/// What the numbers know of a session, for its visitor.
pub fn export_session(tx: &mut dyn Tx, session_id: &str) -> Result<Option<Value>, DbError> {
    let Some(id) = session_of(tx, session_id)? else {
        return Ok(None);
    };
    let Some(session) = store::session(tx, id)? else {
        return Ok(None);
    };
    let events = store::events_of(tx, id)?
        .into_iter()
        .map(|recorded| json!({"timestamp": to_rfc3339(recorded.at_ms), "event": recorded.event}));
    let events: Vec<Value> = events.collect();
    Ok(Some(json!({
        "session_id": session_id,
        "language": session.lang,
        "device": session.device,
        "browser": session.browser,
        "network": store::address_prefix(tx, id)?,
        "source": session.first.source,
        "campaign": session.first.campaign,
        "page": session.first.path,
        "started_at": to_rfc3339(session.started_at_ms),
        "events": events,
    })))
}

#[cfg(test)]
#[path = "counting_tests.rs"]
mod tests;
