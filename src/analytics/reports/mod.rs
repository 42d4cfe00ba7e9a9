//! What the numbers say, in the shapes in which they leave the server.

mod attribution;
mod journey;
mod overview;
mod people;
mod visits;

pub(super) use attribution::Attribution;
pub(super) use journey::Journey;
pub use overview::Summary;
pub(super) use overview::{Conversations, Dashboard, Intents, Leads, Overview};
pub(super) use people::{CohortPeriod, Cohorts, Funnel};
pub(super) use visits::{Engagement, Heatmap};

use std::collections::BTreeMap;

use poem_openapi::Object;

use super::counts::{self, Count};
use super::days::{Period, date_of};
use super::model::Metric;
use crate::platform::db::{DbError, Tx};

/// A day with how often something happened on it.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "AnalyticsDay")]
pub(super) struct DayCount {
    /// `2026-11-24`, in the company's time zone.
    pub(super) date: String,
    pub(super) count: i64,
}

/// Rounded to two decimals.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A share in percent, two decimals; of nothing it is 0.
pub(super) fn percent(part: i64, of: i64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    rounded(part as f64 * 100.0 / of as f64)
}

/// A mean with two decimals; of nothing it is 0.
pub(super) fn mean(sum: f64, of: i64) -> f64 {
    if of == 0 {
        0.0
    } else {
        rounded(sum / of as f64)
    }
}

fn total(tx: &mut dyn Tx, metric: Metric, period: Period) -> Result<Count, DbError> {
    counts::total(tx, metric, period.from, period.to)
}

fn by_label(
    tx: &mut dyn Tx,
    metric: Metric,
    period: Period,
) -> Result<Vec<(String, Count)>, DbError> {
    counts::by_label(tx, metric, period.from, period.to)
}

/// Counts by label; what was taken back more often than it happened in this time is not below 0.
fn distribution(
    tx: &mut dyn Tx,
    metric: Metric,
    period: Period,
) -> Result<BTreeMap<String, i64>, DbError> {
    let counts = by_label(tx, metric, period)?.into_iter();
    Ok(counts
        .map(|(label, count)| (label, count.count.max(0)))
        .collect())
}

/// Every day of the period, also those on which nothing happened.
fn every_day(tx: &mut dyn Tx, metric: Metric, period: Period) -> Result<Vec<DayCount>, DbError> {
    let counted: BTreeMap<i64, Count> = counts::by_day(tx, metric, period.from, period.to)?
        .into_iter()
        .collect();
    let day = |day: i64| DayCount {
        date: date_of(day).to_string(),
        count: counted.get(&day).map_or(0, |count| count.count),
    };
    Ok((period.from..=period.to).map(day).collect())
}

/// How many sessions came at least so far, from the first stage to the last.
fn reached(tx: &mut dyn Tx, period: Period) -> Result<[i64; 5], DbError> {
    let mut reached = [0; 5];
    for (label, count) in by_label(tx, Metric::Stages, period)? {
        let stage: usize = label.parse().unwrap_or(0);
        for sum in reached.iter_mut().take(stage) {
            *sum += count.count;
        }
    }
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_nothing() {
        assert!((percent(45, 1_234) - 3.65).abs() < f64::EPSILON);
        assert!(percent(1, 0).abs() < f64::EPSILON);
        assert!((mean(10.0, 3) - 3.33).abs() < f64::EPSILON);
    }
}
