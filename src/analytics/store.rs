//! All SQL over the tables but recording (`events.rs`) and reading counts (`counts.rs`).

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::counts::Count;
use super::days::{Step, day_of, hour_of};
use super::fold::{Key, Session, SoFar};
use super::model::{Event, Metric};
use super::origin::Origin;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// Labels of [`Metric::Hours`].
const HOURS: [&str; 24] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23",
];

/// Adds to a row of a table of sums; removes a row in which nothing is left.
macro_rules! change_sums {
    ($table:literal, $time:literal) => {
        [
            concat!(
                "INSERT INTO ",
                $table,
                " (metric, ",
                $time,
                ", label, count, total) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (metric, ",
                $time,
                ", label) DO UPDATE SET count = ",
                $table,
                ".count + excluded.count, \
                 total = ",
                $table,
                ".total + excluded.total"
            ),
            concat!(
                "DELETE FROM ",
                $table,
                " WHERE metric = ?1 AND ",
                $time,
                " = ?2 AND label = ?3 AND count = 0 AND total = 0.0"
            ),
        ]
    };
}

/// How far the counts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) counted_event_id: i64,
    pub(super) time_zone: String,
}

/// An event as it was recorded; one that this version of the program does not know adds nothing.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) id: i64,
    pub(super) at_ms: i64,
    pub(super) session_id: Option<i64>,
    pub(super) event: Option<Event>,
}

pub(super) fn state(tx: &mut dyn Tx) -> Result<Option<State>, DbError> {
    tx.query_first(
        "SELECT counted_event_id, time_zone FROM analytics_state ORDER BY id LIMIT 1",
        params![],
    )?
    .map(|mut row| {
        Ok(State {
            counted_event_id: row.take(0)?,
            time_zone: row.take(1)?,
        })
    })
    .transpose()
}

pub(super) fn newest_event(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT CAST(COALESCE(MAX(id), 0) AS INTEGER) FROM analytics_events",
        params![],
    )
}

pub(super) fn event_count(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query_value("SELECT COUNT(*) FROM analytics_events", params![])
}

pub(super) fn set_counted(tx: &mut dyn Tx, event_id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE analytics_state SET counted_event_id = ?1",
        params![event_id],
    )?;
    Ok(())
}

/// Throws away what was counted of events that are there, so that all of them wait to be counted.
pub(super) fn forget_counts(tx: &mut dyn Tx, time_zone: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM analytics_state", params![])?;
    tx.insert(
        "INSERT INTO analytics_state (counted_event_id, time_zone) VALUES (0, ?1)",
        params![time_zone],
    )?;
    tx.execute(
        "UPDATE analytics_sessions SET messages = 0, active_ms = 0, stage = 1, first_active_day = NULL, \
         last_active_day = NULL, last_message_at_ms = NULL, last_at_ms = started_at_ms, last_source = source, \
         last_campaign = campaign, last_path = landing_path",
        params![],
    )?;
    tx.execute("DELETE FROM analytics_days", params![])?;
    tx.execute("DELETE FROM analytics_months", params![])?;
    tx.execute(
        "DELETE FROM analytics_quarters WHERE kept_count = 0 AND kept_total = 0.0",
        params![],
    )?;
    tx.execute(
        "UPDATE analytics_quarters SET count = kept_count, total = kept_total",
        params![],
    )?;
    Ok(())
}

/// Everything that is counted per quarter.
pub(super) fn quarters(tx: &mut dyn Tx) -> Result<BTreeMap<Key, Count>, DbError> {
    let rows = tx.query(
        "SELECT metric, start_ms, label, count, total FROM analytics_quarters",
        params![],
    )?;
    rows.into_iter()
        .map(|mut row| {
            let key = (row.word::<Metric>(0)?, row.take(1)?, row.take(2)?);
            let count = Count {
                count: row.take(3)?,
                total: row.take(4)?,
            };
            Ok((key, count))
        })
        .collect()
}

/// Events after a number, in order.
pub(super) fn events_after(
    tx: &mut dyn Tx,
    after: i64,
    limit: i64,
) -> Result<Vec<Recorded>, DbError> {
    let rows = tx.query(
        "SELECT id, at_ms, session_id, details_json FROM analytics_events WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![after, limit],
    )?;
    rows.into_iter().map(recorded).collect()
}

/// The events of a session, in order.
pub(super) fn events_of(tx: &mut dyn Tx, session: i64) -> Result<Vec<Recorded>, DbError> {
    let rows = tx.query(
        "SELECT id, at_ms, session_id, details_json FROM analytics_events WHERE session_id = ?1 ORDER BY id",
        params![session],
    )?;
    rows.into_iter().map(recorded).collect()
}

/// Events of nobody that are older than a time, in order.
pub(super) fn nobodys_events(
    tx: &mut dyn Tx,
    before_ms: i64,
    limit: i64,
) -> Result<Vec<Recorded>, DbError> {
    let rows = tx.query(
        "SELECT id, at_ms, session_id, details_json FROM analytics_events \
         WHERE at_ms < ?1 AND session_id IS NULL ORDER BY at_ms, id LIMIT ?2",
        params![before_ms, limit],
    )?;
    rows.into_iter().map(recorded).collect()
}

fn recorded(mut row: Row) -> Result<Recorded, DbError> {
    let (id, at_ms, session_id) = (row.take(0)?, row.take(1)?, row.take(2)?);
    let event = serde_json::from_str(&row.take::<String>(3)?);
    if let Err(error) = &event {
        tracing::warn!(%error, id, "an event is not known and not counted");
    }
    Ok(Recorded {
        id,
        at_ms,
        session_id,
        event: event.ok(),
    })
}

macro_rules! select_sessions {
    ($rest:literal) => {
        concat!(
            "SELECT id, lang, device, browser, source, campaign, landing_path, started_at_ms, last_source, \
             last_campaign, last_path, messages, active_ms, stage, first_active_day, last_active_day, \
             last_message_at_ms, last_at_ms FROM analytics_sessions ",
            $rest
        )
    };
}

pub(super) fn session(tx: &mut dyn Tx, id: i64) -> Result<Option<Session>, DbError> {
    tx.query_first(select_sessions!("WHERE id = ?1"), params![id])?
        .map(session_row)
        .transpose()
}

/// Sessions after a number, in order.
pub(super) fn sessions_after(
    tx: &mut dyn Tx,
    after: i64,
    limit: i64,
) -> Result<Vec<Session>, DbError> {
    let rows = tx.query(
        select_sessions!("WHERE id > ?1 ORDER BY id LIMIT ?2"),
        params![after, limit],
    )?;
    rows.into_iter().map(session_row).collect()
}

fn session_row(mut row: Row) -> Result<Session, DbError> {
    Ok(Session {
        id: row.take(0)?,
        lang: row.take(1)?,
        device: row.take(2)?,
        browser: row.take(3)?,
        first: Origin {
            source: row.take(4)?,
            campaign: row.take(5)?,
            path: row.take(6)?,
        },
        started_at_ms: row.take(7)?,
        so_far: SoFar {
            last: Origin {
                source: row.take(8)?,
                campaign: row.take(9)?,
                path: row.take(10)?,
            },
            messages: row.take(11)?,
            active_ms: row.take(12)?,
            stage: row.take(13)?,
            first_active_day: row.take(14)?,
            last_active_day: row.take(15)?,
            last_message_at_ms: row.take(16)?,
            last_at_ms: row.take(17)?,
        },
    })
}

/// Keeps what a session did.
pub(super) fn save_session(tx: &mut dyn Tx, session: &Session) -> Result<(), DbError> {
    let so_far = &session.so_far;
    tx.execute(
        "UPDATE analytics_sessions SET last_source = ?2, last_campaign = ?3, last_path = ?4, messages = ?5, \
         active_ms = ?6, stage = ?7, first_active_day = ?8, last_active_day = ?9, last_message_at_ms = ?10, \
         last_at_ms = ?11 WHERE id = ?1",
        params![
            session.id,
            &so_far.last.source,
            &so_far.last.campaign,
            &so_far.last.path,
            so_far.messages,
            so_far.active_ms,
            so_far.stage,
            so_far.first_active_day,
            so_far.last_active_day,
            so_far.last_message_at_ms,
            so_far.last_at_ms
        ],
    )?;
    Ok(())
}

/// Adds to the counts per quarter, and per day of `zone`.
pub(super) fn add(
    tx: &mut dyn Tx,
    deltas: &BTreeMap<Key, Count>,
    zone: &TimeZone,
) -> Result<(), DbError> {
    for ((metric, start_ms, label), delta) in deltas {
        if *delta == Count::default() {
            continue;
        }
        tx.execute(
            "INSERT INTO analytics_quarters (metric, start_ms, label, count, total, kept_count, kept_total) \
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 0.0) ON CONFLICT (metric, start_ms, label) DO UPDATE SET \
             count = analytics_quarters.count + excluded.count, total = analytics_quarters.total + excluded.total",
            params![metric.as_str(), *start_ms, label, delta.count, delta.total],
        )?;
        if delta.count < 0 {
            tx.execute(
                "DELETE FROM analytics_quarters WHERE metric = ?1 AND start_ms = ?2 AND label = ?3 AND count = 0 \
                 AND total = 0.0 AND kept_count = 0 AND kept_total = 0.0",
                params![metric.as_str(), *start_ms, label],
            )?;
        }
    }
    add_days(tx, deltas, zone)
}

/// Adds to the counts per day and month alone.
pub(super) fn add_days(
    tx: &mut dyn Tx,
    deltas: &BTreeMap<Key, Count>,
    zone: &TimeZone,
) -> Result<(), DbError> {
    let mut days: Sums<'_> = BTreeMap::new();
    for ((metric, start_ms, label), delta) in deltas {
        let day = day_of(*start_ms, zone);
        add_to(&mut days, (*metric, day, label), *delta);
        if *metric == Metric::Messages && label == "user" {
            let hour = usize::try_from(hour_of(*start_ms, zone)).unwrap_or(0);
            add_to(
                &mut days,
                (Metric::Hours, day, HOURS[hour % HOURS.len()]),
                *delta,
            );
        }
    }
    let mut months: Sums<'_> = BTreeMap::new();
    for (&(metric, day, label), delta) in &days {
        add_to(&mut months, (metric, Step::Month.of(day), label), *delta);
    }
    save_sums(tx, &days, change_sums!("analytics_days", "day"))?;
    save_sums(tx, &months, change_sums!("analytics_months", "month"))
}

/// What is to be added by metric, day or month, and label.
type Sums<'l> = BTreeMap<(Metric, i64, &'l str), Count>;

fn add_to<'l>(sums: &mut Sums<'l>, key: (Metric, i64, &'l str), delta: Count) {
    let sum = sums.entry(key).or_default();
    sum.count += delta.count;
    sum.total += delta.total;
}

fn save_sums(
    tx: &mut dyn Tx,
    sums: &Sums<'_>,
    [add, delete_empty]: [&'static str; 2],
) -> Result<(), DbError> {
    for ((metric, time, label), delta) in sums {
        if *delta == Count::default() {
            continue;
        }
        let metric = metric.as_str();
        tx.execute(
            add,
            params![metric, *time, *label, delta.count, delta.total],
        )?;
        if delta.count < 0 {
            tx.execute(delete_empty, params![metric, *time, *label])?;
        }
    }
    Ok(())
}

/// Notes the part of the counts whose events go.
pub(super) fn keep(tx: &mut dyn Tx, share: &BTreeMap<Key, Count>) -> Result<(), DbError> {
    for ((metric, start_ms, label), part) in share {
        if *part == Count::default() {
            continue;
        }
        tx.execute(
            "INSERT INTO analytics_quarters (metric, start_ms, label, count, total, kept_count, kept_total) \
             VALUES (?1, ?2, ?3, 0, 0.0, ?4, ?5) ON CONFLICT (metric, start_ms, label) DO UPDATE SET \
             kept_count = analytics_quarters.kept_count + excluded.kept_count, \
             kept_total = analytics_quarters.kept_total + excluded.kept_total",
            params![metric.as_str(), *start_ms, label, part.count, part.total],
        )?;
    }
    Ok(())
}

/// Removes a session with its events.
pub(super) fn delete_session(tx: &mut dyn Tx, id: i64) -> Result<u64, DbError> {
    tx.execute("DELETE FROM analytics_sessions WHERE id = ?1", params![id])
}

/// Removes an event.
pub(super) fn delete_event(tx: &mut dyn Tx, id: i64) -> Result<u64, DbError> {
    tx.execute("DELETE FROM analytics_events WHERE id = ?1", params![id])
}

/// Sessions in which nothing happened since a time, the longest first.
pub(super) fn ended_sessions(
    tx: &mut dyn Tx,
    before_ms: i64,
    limit: i64,
) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(
        "SELECT id FROM analytics_sessions WHERE last_at_ms < ?1 ORDER BY last_at_ms, id LIMIT ?2",
        params![before_ms, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Sessions that began before a time and in which nobody said or did anything.
pub(super) fn empty_sessions(
    tx: &mut dyn Tx,
    before_ms: i64,
    limit: i64,
) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(
        "SELECT id FROM analytics_sessions WHERE last_at_ms < ?1 AND messages = 0 AND stage = 1 \
         ORDER BY last_at_ms, id LIMIT ?2",
        params![before_ms, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many sessions, and events of nobody, are older than a time.
pub(super) fn old_count(tx: &mut dyn Tx, before_ms: i64) -> Result<i64, DbError> {
    let sessions: i64 = tx.query_value(
        "SELECT COUNT(*) FROM analytics_sessions WHERE last_at_ms < ?1",
        params![before_ms],
    )?;
    let events: i64 = tx.query_value(
        "SELECT COUNT(*) FROM analytics_events WHERE at_ms < ?1 AND session_id IS NULL",
        params![before_ms],
    )?;
    Ok(sessions + events)
}

/// What is kept of where a session came from.
pub(super) fn address_prefix(tx: &mut dyn Tx, id: i64) -> Result<Option<String>, DbError> {
    tx.query_value(
        "SELECT address_prefix FROM analytics_sessions WHERE id = ?1",
        params![id],
    )
}
