//! Prices and quotes as clients see them.

use jiff::civil::Date;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::link;
use super::model::{Estimate, EstimateRequest, Quote, QuoteStatus, VatLine};
use super::money::{Money, MoneyRange};
use super::prices::{PriceList, Prices, PricesAre};
use super::words;
use crate::knowledge::Company;
use crate::nlu::Lang;
use crate::platform::clock::to_rfc3339;
use crate::platform::secrets::Secrets;

/// What something is likely to cost.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
pub(super) struct EstimateView {
    /// ISO 4217.
    currency: String,
    /// Version of the price list it was made from.
    price_list_version: i64,
    /// The area counted with.
    area_m2: f64,
    /// Per square metre, without extras.
    per_m2: MoneyRange,
    /// For all of it, with the extras that have a price.
    total: MoneyRange,
    /// Whether VAT is in `per_m2`, `total` and `extras`.
    prices_are: PricesAre,
    /// `total` without VAT.
    total_net: MoneyRange,
    /// `total` with VAT.
    total_gross: MoneyRange,
    /// One line per rate; the lines add up to `total_net` and `total_gross`.
    vat: Vec<VatLine>,
    /// Extras that have a price.
    extras: Vec<ExtraView>,
    /// What was assumed, left out or does not go without saying; one sentence each.
    assumptions: Vec<String>,
    /// The last day it holds, `YYYY-MM-DD`.
    valid_until: String,
}

#[derive(Debug, Clone, Object, Serialize, Deserialize)]
struct ExtraView {
    id: String,
    name: String,
    /// In all.
    total: Money,
}

impl EstimateView {
    pub(super) fn new(estimate: &Estimate, lang: Lang) -> Self {
        Self {
            currency: estimate.currency.clone(),
            price_list_version: estimate.price_list_version,
            area_m2: estimate.area_m2,
            per_m2: estimate.per_m2,
            total: estimate.total,
            prices_are: estimate.prices_are,
            total_net: estimate.total_net,
            total_gross: estimate.total_gross,
            vat: estimate.vat.clone(),
            extras: estimate
                .extras
                .iter()
                .map(|line| ExtraView {
                    id: line.id.clone(),
                    name: line.name(lang).to_owned(),
                    total: line.total,
                })
                .collect(),
            assumptions: words::assumptions(estimate, lang),
            valid_until: estimate.valid_until.to_string(),
        }
    }
}

/// The price list that counts.
#[derive(Debug, Object)]
pub(super) struct PriceListView {
    /// Counts from 1.
    version: i64,
    /// Since when it counts.
    created_at: String,
    /// True while it is the one the server began with: only the company's lowest and highest price are known then.
    is_built_in: bool,
    prices: Prices,
}

impl From<&PriceList> for PriceListView {
    fn from(list: &PriceList) -> Self {
        Self {
            version: list.version,
            created_at: to_rfc3339(list.created_at_ms),
            is_built_in: list.version == 1,
            prices: list.prices.clone(),
        }
    }
}

/// A quote as the team sees it.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
pub(super) struct QuoteView {
    id: i64,
    status: QuoteStatus,
    /// The client's language.
    lang: String,
    /// Where the client sees and accepts it; whoever has the path can.
    page_path: String,
    request: EstimateRequest,
    estimate: EstimateView,
    session_id: Option<String>,
    lead_id: Option<i64>,
    /// `user:<id>` or `key:<id>`; null: the assistant.
    created_by: Option<String>,
    created_at: String,
    accepted_at: Option<String>,
}

impl QuoteView {
    pub(super) fn new(quote: &Quote, today: Date, secrets: &Secrets) -> Self {
        Self {
            id: quote.id,
            status: quote.status(today),
            lang: quote.lang.code().into(),
            page_path: link::page_path(quote.id, secrets),
            request: quote.request.clone(),
            estimate: EstimateView::new(&quote.estimate, quote.lang),
            session_id: quote.session_id.clone(),
            lead_id: quote.lead_id,
            created_by: quote.created_by.clone(),
            created_at: to_rfc3339(quote.created_at_ms),
            accepted_at: quote.accepted_at_ms.map(to_rfc3339),
        }
    }
}

/// A quote as the client sees it.
#[derive(Debug, Object)]
pub(super) struct ClientQuote {
    /// Number of the quote.
    id: i64,
    status: QuoteStatus,
    /// Language of the texts.
    lang: String,
    company: QuoteSender,
    request: EstimateRequest,
    estimate: EstimateView,
    created_at: String,
    accepted_at: Option<String>,
}

/// Who the quote comes from.
#[derive(Debug, Object)]
struct QuoteSender {
    name: String,
    website: String,
    email: String,
    /// E.164.
    phone: String,
    /// The same as people write it.
    phone_display: String,
}

impl ClientQuote {
    pub(super) fn new(quote: &Quote, lang: Lang, today: Date, company: &Company) -> Self {
        Self {
            id: quote.id,
            status: quote.status(today),
            lang: lang.code().into(),
            company: QuoteSender {
                name: company.name.clone(),
                website: company.website.clone(),
                email: company.email.clone(),
                phone: company.phone.clone(),
                phone_display: company.phone_display.clone(),
            },
            request: quote.request.clone(),
            estimate: EstimateView::new(&quote.estimate, lang),
            created_at: to_rfc3339(quote.created_at_ms),
            accepted_at: quote.accepted_at_ms.map(to_rfc3339),
        }
    }
}

/// A quote among everything kept about a visitor.
#[derive(Debug, Clone, Object)]
pub struct QuoteRecord {
    /// Number of the quote.
    pub id: i64,
    /// What was asked for.
    pub request: EstimateRequest,
    /// ISO 4217.
    pub currency: String,
    /// What was told.
    pub total: MoneyRange,
    /// The last day it holds, `YYYY-MM-DD`.
    pub valid_until: String,
    /// When it was made.
    pub created_at: String,
    /// When it was accepted.
    pub accepted_at: Option<String>,
}

impl From<Quote> for QuoteRecord {
    fn from(quote: Quote) -> Self {
        Self {
            id: quote.id,
            currency: quote.estimate.currency,
            total: quote.estimate.total,
            valid_until: quote.estimate.valid_until.to_string(),
            request: quote.request,
            created_at: to_rfc3339(quote.created_at_ms),
            accepted_at: quote.accepted_at_ms.map(to_rfc3339),
        }
    }
}
