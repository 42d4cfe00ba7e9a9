//! What brings visitors, and what becomes of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use poem_openapi::Object;

use super::{by_label, rounded};
use crate::analytics::days::Period;
use crate::analytics::model::Metric;
use crate::platform::db::{DbError, Tx};

/// Rows of a list at most, so that made-up sources do not fill an answer.
const ROWS_MAX: usize = 100;

/// What came of the visitors of a source, campaign or page.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "AnalyticsAttributionRow")]
pub(in crate::analytics) struct Row {
    /// The source (`direct`: nothing led there; `unknown`: no session is known), the campaign, or the page's path.
    name: String,
    sessions: i64,
    leads: i64,
    bookings: i64,
    /// Leads that became clients.
    converted: i64,
    /// What these are worth, in whole units of the currency.
    converted_value: f64,
}

/// By one of a visitor's touches.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsTouchAttribution")]
pub(in crate::analytics) struct ByTouch {
    /// What brings most leads first; 100 at most, as in the other lists.
    sources: Vec<Row>,
    campaigns: Vec<Row>,
    /// Pages on which the touch was.
    pages: Vec<Row>,
}

/// By the first touch of a visitor, and by the last one before what they did.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsAttribution")]
pub(in crate::analytics) struct Attribution {
    first_touch: ByTouch,
    last_touch: ByTouch,
}

/// Sessions, leads, bookings and conversions by the same kind of label.
type Metrics = [Metric; 4];

const FIRST: [Metrics; 3] = [
    [
        Metric::SessionsBySource,
        Metric::LeadsBySource,
        Metric::BookingsBySource,
        Metric::ConvertedBySource,
    ],
    [
        Metric::SessionsByCampaign,
        Metric::LeadsByCampaign,
        Metric::BookingsByCampaign,
        Metric::ConvertedByCampaign,
    ],
    [
        Metric::SessionsByPage,
        Metric::LeadsByPage,
        Metric::BookingsByPage,
        Metric::ConvertedByPage,
    ],
];
const LAST: [Metrics; 3] = [
    [
        Metric::SessionsByLastSource,
        Metric::LeadsByLastSource,
        Metric::BookingsByLastSource,
        Metric::ConvertedByLastSource,
    ],
    [
        Metric::SessionsByLastCampaign,
        Metric::LeadsByLastCampaign,
        Metric::BookingsByLastCampaign,
        Metric::ConvertedByLastCampaign,
    ],
    [
        Metric::SessionsByLastPage,
        Metric::LeadsByLastPage,
        Metric::BookingsByLastPage,
        Metric::ConvertedByLastPage,
    ],
];

impl Attribution {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        Ok(Self {
            first_touch: by_touch(tx, &FIRST, period)?,
            last_touch: by_touch(tx, &LAST, period)?,
        })
    }
}

fn by_touch(
    tx: &mut dyn Tx,
    [sources, campaigns, pages]: &[Metrics; 3],
    period: Period,
) -> Result<ByTouch, DbError> {
    Ok(ByTouch {
        sources: rows(tx, *sources, period)?,
        campaigns: rows(tx, *campaigns, period)?,
        pages: rows(tx, *pages, period)?,
    })
}

/// What has no name (no campaign, no page) is left out.
fn rows(
    tx: &mut dyn Tx,
    [sessions, leads, bookings, converted]: Metrics,
    period: Period,
) -> Result<Vec<Row>, DbError> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for metric in [sessions, leads, bookings, converted] {
        for (name, count) in by_label(tx, metric, period)? {
            if name.is_empty() {
                continue;
            }
            let row = rows.entry(name.clone()).or_insert_with(|| Row {
                name,
                sessions: 0,
                leads: 0,
                bookings: 0,
                converted: 0,
                converted_value: 0.0,
            });
            if metric == sessions {
                row.sessions = count.count;
            } else if metric == leads {
                row.leads = count.count;
            } else if metric == bookings {
                row.bookings = count.count;
            } else {
                row.converted = count.count;
                row.converted_value = rounded(count.total);
            }
        }
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.sort_by_key(|row| {
        let most = (row.leads, row.bookings, row.converted, row.sessions);
        (Reverse(most), row.name.clone())
    });
    rows.truncate(ROWS_MAX);
    Ok(rows)
}
