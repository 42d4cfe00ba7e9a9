//! How and when visitors use the chat.

use std::collections::BTreeMap;

use poem_openapi::Object;

use super::{distribution, mean, total};
use crate::analytics::counts;
use crate::analytics::days::{Period, weekday_name, weekday_of};
use crate::analytics::model::Metric;
use crate::platform::db::{DbError, Tx};

/// Hours and days the heat map names as the busiest.
const PEAKS: usize = 3;

/// Means of sessions.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsAverages")]
pub(in crate::analytics) struct Averages {
    /// Of visitors, the assistant and the team, by session.
    messages_per_session: f64,
    /// Of sessions with two messages or more; pauses of 30 minutes and more are left out.
    session_duration_seconds: f64,
}

/// How visitors use the chat.
#[derive(Debug, Object)]
#[oai(rename = "AnalyticsEngagement")]
pub(in crate::analytics) struct Engagement {
    pub(in crate::analytics) total_sessions: i64,
    /// `desktop`, `phone`, `tablet` or `unknown`.
    pub(in crate::analytics) device_distribution: BTreeMap<String, i64>,
    pub(in crate::analytics) browser_distribution: BTreeMap<String, i64>,
    pub(in crate::analytics) language_distribution: BTreeMap<String, i64>,
    /// Contacts left and visits booked.
    pub(in crate::analytics) conversion_events: i64,
    pub(in crate::analytics) averages: Averages,
}

impl Engagement {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let sessions = total(tx, Metric::Sessions, period)?.count;
        let messages = total(tx, Metric::Messages, period)?.count;
        let active = total(tx, Metric::ActiveTime, period)?;
        let leads = total(tx, Metric::Leads, period)?.count;
        Ok(Self {
            total_sessions: sessions,
            device_distribution: distribution(tx, Metric::SessionsByDevice, period)?,
            browser_distribution: distribution(tx, Metric::SessionsByBrowser, period)?,
            language_distribution: distribution(tx, Metric::SessionsByLang, period)?,
            conversion_events: leads + total(tx, Metric::Bookings, period)?.count,
            averages: Averages {
                messages_per_session: mean(messages as f64, sessions),
                session_duration_seconds: mean(active.total / 1000.0, active.count),
            },
        })
    }
}

/// When visitors write.
#[derive(Debug, PartialEq, Eq, Object)]
#[oai(rename = "AnalyticsHeatmap")]
pub(in crate::analytics) struct Heatmap {
    /// 24 hours of the day, each with 7 days, Monday first: visitors' messages.
    heatmap: Vec<Vec<i64>>,
    /// The busiest hours, the busiest first.
    peak_hours: Vec<usize>,
    /// The busiest days, the busiest first.
    peak_days: Vec<String>,
    total_interactions: i64,
}

impl Heatmap {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        let mut heatmap = vec![vec![0; 7]; 24];
        for (day, hour, count) in counts::cells(tx, Metric::Hours, period.from, period.to)? {
            let hour: usize = hour.parse().unwrap_or(0);
            heatmap[hour % 24][weekday_of(day)] += count.count;
        }
        Ok(Self::of(heatmap))
    }

    fn of(heatmap: Vec<Vec<i64>>) -> Self {
        let hours = heatmap.iter().map(|days| days.iter().sum::<i64>());
        let peak_hours = peaks(hours.enumerate().collect());
        let days = (0..7).map(|day| heatmap.iter().map(|days| days[day]).sum::<i64>());
        let peak_days = peaks(days.enumerate().collect());
        Self {
            total_interactions: heatmap.iter().flatten().sum(),
            heatmap,
            peak_hours,
            peak_days: (peak_days.into_iter())
                .map(|day| weekday_name(day).to_owned())
                .collect(),
        }
    }
}

/// The places of the largest counts, the largest first; of those above 0.
fn peaks(mut counts: Vec<(usize, i64)>) -> Vec<usize> {
    counts.retain(|(_, count)| *count > 0);
    counts.sort_by_key(|(at, count)| (-count, *at));
    counts.into_iter().take(PEAKS).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_hours_and_days_come_first() {
        let mut map = vec![vec![0; 7]; 24];
        map[9][0] = 3;
        map[9][1] = 3;
        map[20][6] = 5;
        let found = Heatmap::of(map);
        assert_eq!(found.peak_hours, [9, 20]);
        assert_eq!(found.peak_days, ["Sunday", "Monday", "Tuesday"]);
        assert_eq!(found.total_interactions, 11);
    }
}
