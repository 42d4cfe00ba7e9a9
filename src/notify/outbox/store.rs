//! All SQL over `deliveries`; that over refusals in a file of its own.

pub(super) mod refusals;

use super::model::{Channel, Delivery, Recipient, SentAbout, State};
use crate::nlu::Lang;
use crate::notify::mail::Calendar;
use crate::notify::messages::Message;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// What ended is kept this long, for looking at.
const KEEP_ENDED_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A row to be written.
pub(super) struct NewRow<'r> {
    pub(super) key: &'r str,
    pub(super) message: &'r Message,
    pub(super) lang: Option<Lang>,
    pub(super) to: &'r Recipient,
    pub(super) about: Option<&'r str>,
    pub(super) calendar: Option<&'r Calendar>,
}

/// The columns a [`Delivery`] is read from.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, idempotency_key, channel, message_json, lang, address, recipient_name, about, calendar, state, \
             attempts, last_error, provider_id, created_at_ms, ended_at_ms FROM deliveries ",
            $rest
        )
    };
}

/// Which rows a list holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ListFilter {
    pub(super) state: Option<State>,
    pub(super) channel: Option<Channel>,
}

/// Writes a row that waits; answers its id, or `None` when its cause has one.
pub(super) fn insert(
    tx: &mut dyn Tx,
    new: &NewRow<'_>,
    now_ms: i64,
) -> Result<Option<i64>, DbError> {
    let there: i64 = tx.query_value(
        "SELECT COUNT(*) FROM deliveries WHERE idempotency_key = ?1",
        params![new.key],
    )?;
    if there > 0 {
        return Ok(None);
    }
    let name = new.message.name();
    let channel = if name.is_sms() {
        Channel::Sms
    } else {
        Channel::Email
    };
    let message_json = json(new.message)?;
    let (address, recipient_name) = match new.to {
        Recipient::Team => (None, None),
        Recipient::Person { address, name } => (Some(address.as_str()), Some(name.as_str())),
    };
    let id = tx.insert(
        "INSERT INTO deliveries (idempotency_key, channel, message, message_json, lang, address, recipient_name, about, \
         calendar, state, attempts, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', 0, ?10)",
        params![
            new.key,
            channel.as_str(),
            name.as_str(),
            &message_json,
            new.lang.map(Lang::code),
            address,
            recipient_name,
            new.about,
            new.calendar.map(Calendar::as_str),
            now_ms,
        ],
    )?;
    Ok(Some(id))
}

/// One row.
pub(super) fn delivery(tx: &mut dyn Tx, id: i64) -> Result<Option<Delivery>, DbError> {
    let row = tx.query_first(select!("WHERE id = ?1"), params![id])?;
    row.map(delivery_of).transpose()
}

/// How far what a cause wrote came, and why the last try failed.
pub(super) fn progress(
    tx: &mut dyn Tx,
    key: &str,
) -> Result<Option<(State, Option<String>)>, DbError> {
    let row = tx.query_first(
        "SELECT state, last_error FROM deliveries WHERE idempotency_key = ?1",
        params![key],
    )?;
    row.map(|mut row| Ok((row.word(0)?, row.take(1)?)))
        .transpose()
}

/// Whether an address gets this very message by a row of its own.
pub(super) fn is_told(
    tx: &mut dyn Tx,
    about: Option<&str>,
    message: &Message,
    address: &str,
) -> Result<bool, DbError> {
    let told: i64 = tx.query_value(
        "SELECT COUNT(*) FROM deliveries WHERE about = ?1 AND address = ?2 AND message_json = ?3",
        params![about, address, &json(message)?],
    )?;
    Ok(told > 0)
}

/// A page of rows, the newest first, and how many there are.
pub(super) fn list(
    tx: &mut dyn Tx,
    filter: ListFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Delivery>, i64), DbError> {
    // An empty text stands for any: it is no state and no channel.
    let state = filter.state.map_or("", State::as_str);
    let channel = filter.channel.map_or("", Channel::as_str);
    let total = tx.query_value(
        "SELECT COUNT(*) FROM deliveries WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR channel = ?2)",
        params![state, channel],
    )?;
    let rows = tx.query(
        select!("WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR channel = ?2) ORDER BY id DESC LIMIT ?3 OFFSET ?4"),
        params![state, channel, limit, offset],
    )?;
    let rows = rows.into_iter().map(delivery_of);
    Ok((rows.collect::<Result<_, _>>()?, total))
}

/// Notes how a row ended.
pub(super) fn end(
    tx: &mut dyn Tx,
    id: i64,
    state: State,
    provider_id: Option<&str>,
    error: Option<&str>,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE deliveries SET state = ?2, provider_id = ?3, last_error = ?4, ended_at_ms = ?5 WHERE id = ?1",
        params![id, state.as_str(), provider_id, error, now_ms],
    )?;
    Ok(())
}

/// Notes what the provider says of a message it took.
pub(super) fn arrived(
    tx: &mut dyn Tx,
    id: i64,
    state: State,
    error: Option<&str>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE deliveries SET state = ?2, last_error = ?3 WHERE id = ?1 AND state = 'sent'",
        params![id, state.as_str(), error],
    )?;
    Ok(())
}

/// Notes a failed try.
pub(super) fn failed_once(tx: &mut dyn Tx, id: i64, error: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE deliveries SET attempts = attempts + 1, last_error = ?2 WHERE id = ?1",
        params![id, error],
    )?;
    Ok(())
}

/// Makes a row that ended without being sent wait again, as if it were new; false when it is none of these.
pub(super) fn reopen(tx: &mut dyn Tx, id: i64) -> Result<bool, DbError> {
    let changed = tx.execute(
        "UPDATE deliveries SET state = 'pending', attempts = 0, ended_at_ms = NULL \
         WHERE id = ?1 AND state IN ('failed', 'not_configured', 'uncertain', 'undelivered')",
        params![id],
    )?;
    Ok(changed > 0)
}

/// Ids of what was given up or could not be sent at all, the oldest first. What may have been sent is not among them.
pub(super) fn unsent(tx: &mut dyn Tx, limit: i64) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(
        "SELECT id FROM deliveries WHERE state IN ('failed', 'not_configured') ORDER BY id LIMIT ?1",
        params![limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many were given up since.
pub(super) fn failed_since(tx: &mut dyn Tx, since_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM deliveries WHERE state = 'failed' AND ended_at_ms >= ?1",
        params![since_ms],
    )
}

/// The rows about something, the oldest first.
pub(super) fn about(tx: &mut dyn Tx, about: &str) -> Result<Vec<SentAbout>, DbError> {
    let rows = tx.query(
        "SELECT id, message, state, created_at_ms FROM deliveries WHERE about = ?1 ORDER BY id",
        params![about],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(SentAbout {
                id: row.take(0)?,
                message: row.take(1)?,
                state: row.word(2)?,
                created_at_ms: row.take(3)?,
            })
        })
        .collect()
}

/// Makes the rows about one thing be about another.
pub(super) fn relink(tx: &mut dyn Tx, from: &str, into: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE deliveries SET about = ?2 WHERE about = ?1",
        params![from, into],
    )?;
    Ok(())
}

/// Removes the rows about something; answers how many.
pub(super) fn forget(tx: &mut dyn Tx, about: &str) -> Result<u64, DbError> {
    tx.execute("DELETE FROM deliveries WHERE about = ?1", params![about])
}

/// Drops rows that ended long ago; answers how many.
pub(super) fn purge(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM deliveries WHERE ended_at_ms < ?1",
        params![now_ms - KEEP_ENDED_MS],
    )
}

fn json(message: &Message) -> Result<String, DbError> {
    serde_json::to_string(message).map_err(|error| DbError::Internal(error.to_string()))
}

fn delivery_of(mut row: Row) -> Result<Delivery, DbError> {
    let message_json: String = row.take(3)?;
    let lang: Option<String> = row.take(4)?;
    let address: Option<String> = row.take(5)?;
    let name: Option<String> = row.take(6)?;
    let calendar: Option<String> = row.take(8)?;
    Ok(Delivery {
        id: row.take(0)?,
        key: row.take(1)?,
        channel: row.word(2)?,
        message: serde_json::from_str(&message_json)
            .map_err(|error| DbError::Internal(format!("a message is damaged: {error}")))?,
        lang: lang.and_then(|lang| lang.parse().ok()),
        to: match address {
            Some(address) => Recipient::Person {
                address,
                name: name.unwrap_or_default(),
            },
            None => Recipient::Team,
        },
        about: row.take(7)?,
        calendar: calendar.and_then(Calendar::new),
        state: row.word(9)?,
        attempts: row.take(10)?,
        last_error: row.take(11)?,
        provider_id: row.take(12)?,
        created_at_ms: row.take(13)?,
        ended_at_ms: row.take(14)?,
    })
}
