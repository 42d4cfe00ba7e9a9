//! What can be done with prices and quotes.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use super::model::{Estimate, EstimateRequest, NewQuote, Quote, QuoteStatus, SavedQuote};
use super::prices::{PriceList, Prices};
use super::views::QuoteView;
use super::{QuoteError, keep_prices, link, rules, store};
use crate::accounts::audit;
use crate::analytics::{self, Event};
use crate::knowledge::{Company, Knowledge};
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, Problem, once};
use crate::platform::secrets::Secrets;

/// Prices and quotes. Cheap to clone.
#[derive(Clone)]
pub struct Quotes {
    store: Store,
    pub(super) knowledge: Knowledge,
    secrets: Secrets,
}

impl Quotes {
    /// Puts the slice together.
    pub fn new(store: Store, knowledge: Knowledge, secrets: Secrets) -> Self {
        Self {
            store,
            knowledge,
            secrets,
        }
    }

    /// The price list that counts now.
    pub fn price_list(&self) -> Arc<PriceList> {
        self.knowledge.snapshot().price_list()
    }

    /// What something is likely to cost, by the list that counts now.
    ///
    /// Errors: a value of the request is refused.
    pub fn estimate(&self, request: &EstimateRequest, now_ms: i64) -> Result<Estimate, QuoteError> {
        rules::estimate(&self.price_list(), request, self.today(now_ms)?)
    }

    /// Keeps a quote; part of the caller's transaction.
    pub fn save(
        &self,
        tx: &mut dyn Tx,
        new: &NewQuote,
        now_ms: i64,
    ) -> Result<SavedQuote, DbError> {
        let id = store::insert_quote(tx, new, now_ms)?;
        record(
            tx,
            new.session_id.as_deref(),
            &Event::QuoteGiven { quote_id: id },
            now_ms,
        )?;
        Ok(SavedQuote {
            id,
            page_path: self.page_path(id),
        })
    }

    /// Where the client sees quote `id`; whoever has the path can accept it.
    pub fn page_path(&self, id: i64) -> String {
        link::page_path(id, &self.secrets)
    }

    /// The company's facts, for the page of a quote.
    pub(super) fn company(&self) -> Company {
        self.knowledge.snapshot().company().clone()
    }

    /// The day in the company's zone.
    pub(super) fn today(&self, now_ms: i64) -> Result<Date, QuoteError> {
        let zone = self.knowledge.snapshot().company().zone()?;
        let now = Timestamp::from_millisecond(now_ms)
            .map_err(|error| DbError::Internal(error.to_string()))?;
        Ok(now.to_zoned(zone).date())
    }

    /// Makes `prices` the newest version; every answer that names a price changes with it.
    ///
    /// * `based_on`: the version they were made from, so that nobody overwrites what somebody else entered meanwhile.
    /// * Errors: a value is refused, or there is a newer version than `based_on`.
    pub(super) async fn set_prices(
        &self,
        prices: Prices,
        based_on: Option<i64>,
        by: String,
        now_ms: i64,
    ) -> Result<Arc<PriceList>, QuoteError> {
        prices.validate()?;
        self.knowledge
            .change(move |tx| {
                let current = store::price_list(tx)?.map_or(0, |list| list.version);
                if based_on.is_some_and(|version| version != current) {
                    return Err(QuoteError::PriceListChanged);
                }
                keep_prices(tx, &prices, Some(&by), now_ms)?;
                let details = json!({"based_on": current});
                audit::record(tx, &by, "price_list_saved", None, &details, now_ms)?;
                Ok(())
            })
            .await?;
        Ok(self.price_list())
    }

    /// Saves a quote of the team, once a key.
    pub(super) async fn create<B: Serialize + Send + 'static>(
        &self,
        new: NewQuote,
        key: IdempotencyKey,
        body: B,
        now_ms: i64,
    ) -> Result<QuoteView, Problem> {
        let quotes = self.clone();
        self.store
            .write(move |tx| {
                once(tx, &key, "create_quote", &body, |tx| {
                    let saved = quotes.save(tx, &new, now_ms)?;
                    let quote = store::quote(tx, saved.id)?.ok_or(QuoteError::NotFound)?;
                    Ok(quotes.view(&quote, now_ms)?)
                })
            })
            .await
    }

    /// A quote as the team sees it.
    pub(super) fn view(&self, quote: &Quote, now_ms: i64) -> Result<QuoteView, QuoteError> {
        Ok(QuoteView::new(quote, self.today(now_ms)?, &self.secrets))
    }

    /// One quote.
    pub(super) async fn quote(&self, id: i64) -> Result<Quote, QuoteError> {
        let quote = self.store.read(move |tx| store::quote(tx, id)).await?;
        quote.ok_or(QuoteError::NotFound)
    }

    /// The quote a link opens.
    pub(super) async fn quote_by_token(&self, token: &str) -> Result<Quote, QuoteError> {
        self.quote(self.id_of(token)?).await
    }

    /// Accepts the quote a link opens. Accepting again changes nothing.
    ///
    /// Errors: no such quote, or it is no longer valid and was not accepted before.
    pub(super) async fn accept(&self, token: &str, now_ms: i64) -> Result<Quote, QuoteError> {
        let id = self.id_of(token)?;
        let today = self.today(now_ms)?;
        self.store
            .write(move |tx| accept(tx, id, today, now_ms))
            .await
    }

    fn id_of(&self, token: &str) -> Result<i64, QuoteError> {
        link::quote_id(token, &self.secrets).ok_or(QuoteError::NotFound)
    }
}

/// Has the numbers take note.
fn record(
    tx: &mut dyn Tx,
    session_id: Option<&str>,
    event: &Event,
    now_ms: i64,
) -> Result<(), DbError> {
    let session = match session_id {
        Some(session_id) => analytics::session_of(tx, session_id)?,
        None => None,
    };
    analytics::record(tx, session, event, now_ms)
}

fn accept(tx: &mut dyn Tx, id: i64, today: Date, now_ms: i64) -> Result<Quote, QuoteError> {
    let quote = store::quote(tx, id)?.ok_or(QuoteError::NotFound)?;
    match quote.status(today) {
        QuoteStatus::Accepted => Ok(quote),
        QuoteStatus::Expired => Err(QuoteError::Expired),
        QuoteStatus::Open => {
            store::accept(tx, id, now_ms)?;
            let details = json!({"quote_id": id});
            let session = quote.session_id.as_deref();
            let value = quote.estimate.total.max.units();
            let event = Event::QuoteAccepted {
                quote_id: id,
                value,
            };
            record(tx, session, &event, now_ms)?;
            audit::record(
                tx,
                audit::VISITOR,
                "quote_accepted",
                session,
                &details,
                now_ms,
            )?;
            Ok(Quote {
                accepted_at_ms: Some(now_ms),
                ..quote
            })
        }
    }
}
