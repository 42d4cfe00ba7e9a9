//! All SQL over the tables of prices and quotes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{NewQuote, Quote};
use super::prices::{PriceList, Prices};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// The columns a quote is read from, in the order [`quote_of`] takes them.
macro_rules! select_quotes {
    ($rest:literal) => {
        concat!(
            "SELECT id, request_json, estimate_json, lang, session_id, lead_id, created_by, created_at_ms, \
             accepted_at_ms FROM quotes ",
            $rest
        )
    };
}

/// The newest version.
pub(super) fn price_list(tx: &mut dyn Tx) -> Result<Option<PriceList>, DbError> {
    tx.query_first(
        "SELECT version, prices_json, created_by, created_at_ms FROM price_lists ORDER BY version DESC LIMIT 1",
        params![],
    )?
    .map(|mut row| {
        Ok(PriceList {
            version: row.take(0)?,
            prices: from_json(&row.take::<String>(1)?)?,
            created_by: row.take(2)?,
            created_at_ms: row.take(3)?,
        })
    })
    .transpose()
}

pub(super) fn insert_price_list(
    tx: &mut dyn Tx,
    version: i64,
    prices: &Prices,
    by: Option<&str>,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO price_lists (version, prices_json, created_by, created_at_ms) VALUES (?1, ?2, ?3, ?4)",
        params![version, &to_json(prices)?, by, now_ms],
    )?;
    Ok(())
}

/// Saves a quote; answers its number.
pub(super) fn insert_quote(tx: &mut dyn Tx, new: &NewQuote, now_ms: i64) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO quotes (price_list_version, request_json, estimate_json, lang, session_id, lead_id, created_by, \
         created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            new.estimate.price_list_version,
            &to_json(&new.request)?,
            &to_json(&new.estimate)?,
            new.lang.code(),
            new.session_id.as_deref(),
            new.lead_id,
            new.created_by.as_deref(),
            now_ms,
        ],
    )
}

pub(super) fn quote(tx: &mut dyn Tx, id: i64) -> Result<Option<Quote>, DbError> {
    tx.query_first(select_quotes!("WHERE id = ?1"), params![id])?
        .map(quote_of)
        .transpose()
}

fn quote_of(mut row: Row) -> Result<Quote, DbError> {
    Ok(Quote {
        id: row.take(0)?,
        request: from_json(&row.take::<String>(1)?)?,
        estimate: from_json(&row.take::<String>(2)?)?,
        lang: row
            .take::<String>(3)?
            .parse()
            .map_err(|error| DbError::Internal(format!("a quote's language: {error}")))?,
        session_id: row.take(4)?,
        lead_id: row.take(5)?,
        created_by: row.take(6)?,
        created_at_ms: row.take(7)?,
        accepted_at_ms: row.take(8)?,
    })
}

/// Notes that a quote was accepted, unless it was before.
pub(super) fn accept(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE quotes SET accepted_at_ms = ?2 WHERE id = ?1 AND accepted_at_ms IS NULL",
        params![id, now_ms],
    )?;
    Ok(())
}

/// The quotes of a session, oldest first.
pub(super) fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Quote>, DbError> {
    tx.query(
        select_quotes!("WHERE session_id = ?1 ORDER BY id"),
        params![session_id],
    )?
    .into_iter()
    .map(quote_of)
    .collect()
}

/// Removes open quotes of a session and unties accepted ones from it; answers how many were removed.
pub(super) fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    let removed = tx.execute(
        "DELETE FROM quotes WHERE session_id = ?1 AND accepted_at_ms IS NULL",
        params![session_id],
    )?;
    tx.execute(
        "UPDATE quotes SET session_id = NULL WHERE session_id = ?1",
        params![session_id],
    )?;
    Ok(removed)
}

fn to_json(value: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Internal(error.to_string()))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Internal(error.to_string()))
}

pub(super) fn of_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<(i64, i64)>, DbError> {
    let rows = tx.query(
        "SELECT id, created_at_ms FROM quotes WHERE lead_id = ?1 ORDER BY id",
        params![lead_id],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

pub(super) fn relink(
    tx: &mut dyn Tx,
    from_lead: i64,
    into_lead: Option<i64>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE quotes SET lead_id = ?2 WHERE lead_id = ?1",
        params![from_lead, into_lead],
    )?;
    Ok(())
}
