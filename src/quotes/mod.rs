//! Prices and quotes: the price list in versions, what a flat or house is likely to cost, and quotes a client can open
//! and accept by a signed link.
//!
//! Owns the tables `price_lists` and `quotes`. The newest price list is the only place a price stands: the knowledge
//! slice loads it into its snapshot (so that answers and estimates always agree), and [`Quotes`] reads it from there.
//! A price is only ever stated through [`estimate`] or the placeholders `price_min` and `price_max`.

mod error;
mod http;
mod link;
mod model;
mod money;
pub mod person;
mod prices;
mod rules;
#[cfg(test)]
mod rules_tests;
mod service;
mod store;
mod views;
mod words;

pub use error::QuoteError;
pub use http::QuotesApi;
pub use model::{
    Assumption, Estimate, EstimateRequest, NewQuote, Package, PropertyType, SavedQuote, VatLine,
};
pub use money::{Money, MoneyRange};
pub use prices::{PriceList, Prices, PricesAre};
pub use rules::estimate;
pub use service::Quotes;
pub use views::QuoteRecord;
pub use words::{plain_amount, say, say_per_m2};

use crate::platform::db::{DbError, Tx};

/// The price list that counts now; `None` before a pack was imported.
pub fn price_list(tx: &mut dyn Tx) -> Result<Option<PriceList>, DbError> {
    store::price_list(tx)
}

/// Makes `prices` the newest version, unless they are what counts already. Part of the transaction that changes what
/// the company says.
///
/// * `by`: who entered them, as in the audit log; `None`: they came with the knowledge pack.
pub fn keep_prices(
    tx: &mut dyn Tx,
    prices: &Prices,
    by: Option<&str>,
    now_ms: i64,
) -> Result<(), DbError> {
    let current = store::price_list(tx)?;
    if current.as_ref().is_some_and(|list| list.prices == *prices) {
        return Ok(());
    }
    let version = current.map_or(0, |list| list.version) + 1;
    store::insert_price_list(tx, version, prices, by, now_ms)
}

/// Erases what belongs to a visitor's session: open quotes go; an accepted one is an agreement the company must be
/// able to show, so it stays and only forgets the session. Answers how many were erased.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    store::erase_session(tx, session_id)
}

/// The quotes of a visitor's session, oldest first.
pub fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<QuoteRecord>, DbError> {
    let quotes = store::of_session(tx, session_id)?;
    Ok(quotes.into_iter().map(QuoteRecord::from).collect())
}

/// The quotes for a lead, oldest first: number and time.
pub fn of_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<(i64, i64)>, DbError> {
    store::of_lead(tx, lead_id)
}

/// What the newest accepted quote for a lead comes to at most, in whole units of the currency.
pub fn accepted_value(tx: &mut dyn Tx, lead_id: i64) -> Result<Option<f64>, DbError> {
    let row = tx.query_first(
        "SELECT id FROM quotes WHERE lead_id = ?1 AND accepted_at_ms IS NOT NULL ORDER BY id DESC LIMIT 1",
        crate::params![lead_id],
    )?;
    let Some(mut row) = row else {
        return Ok(None);
    };
    let quote = store::quote(tx, row.take(0)?)?;
    Ok(quote.map(|quote| quote.estimate.total.max.units()))
}

/// Gives the quotes for a lead to another one, or to none.
pub fn relink(tx: &mut dyn Tx, from_lead: i64, into_lead: Option<i64>) -> Result<(), DbError> {
    store::relink(tx, from_lead, into_lead)
}
