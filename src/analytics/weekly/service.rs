//! Looking whether a report is due, and writing it.

use jiff::tz::TimeZone;

use super::rules::{advice, last_due};
use super::settings::ReportSettings;
use crate::analytics::counts::{by_label, total};
use crate::analytics::days::{Period, date_of};
use crate::analytics::model::Metric;
use crate::analytics::service::Analytics;
use crate::notify::messages::{BestSource, Count, Message, WeeklyReport};
use crate::notify::outbox::{NewDelivery, Recipient, queue};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::jobs::{HandlerError, hand_over};

/// The job that writes a report.
pub const WEEKLY_JOB: &str = "analytics.weekly";

/// The team's pages.
const TEAM_PAGE: &str = "/admin";
/// How questions the assistant did not understand are counted.
const UNANSWERED: [&str; 2] = ["fallback", "unsure"];

/// The weekly report. Cheap to clone.
#[derive(Clone)]
pub struct Weekly {
    store: Store,
    analytics: Analytics,
}

impl Weekly {
    /// Wires it.
    pub fn new(store: Store, analytics: Analytics) -> Self {
        Self { store, analytics }
    }

    /// Hands the report over when it has become due; answers whether it did.
    pub async fn look_after(&self) -> bool {
        let now = now_ms();
        let Some((due_ms, _)) = last_due(now, &self.analytics.zone()) else {
            return false;
        };
        let write = self
            .store
            .write(move |tx| hand_over(tx, WEEKLY_JOB, due_ms, now));
        write.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the weekly report waits for the next minute");
            false
        })
    }

    /// Writes the letter about the last week, once, unless the owner wants none.
    pub async fn send(&self) -> Result<(), HandlerError> {
        let now = now_ms();
        let read = self.analytics.read(move |tx, zone| report(tx, zone, now));
        let Some(report) = read.await? else {
            return Ok(());
        };
        let key = format!("weekly_report:{}", report.from);
        let message = Message::WeeklyReport(report);
        let write = self.store.write(move |tx| {
            let letter = NewDelivery {
                key,
                message: &message,
                lang: None,
                to: Recipient::Team,
                about: None,
                calendar: None,
            };
            queue(tx, &letter, now)
        });
        Ok(write.await?)
    }
}

/// The last week's report; `None`: the owner wants none.
fn report(tx: &mut dyn Tx, zone: &TimeZone, now_ms: i64) -> Result<Option<WeeklyReport>, DbError> {
    if !ReportSettings::load(tx)?.weekly {
        return Ok(None);
    }
    let Some((_, week)) = last_due(now_ms, zone) else {
        return Ok(None);
    };
    let conversations = both(tx, Metric::Conversations, week)?;
    let leads = both(tx, Metric::Leads, week)?;
    let bookings = both(tx, Metric::Bookings, week)?;
    let unanswered = Count::new(unanswered(tx, week)?, unanswered(tx, week.before())?);
    Ok(Some(WeeklyReport {
        from: date_of(week.from),
        to: date_of(week.to),
        visitors: both(tx, Metric::Sessions, week)?,
        conversations,
        leads,
        bookings,
        best_source: best_source(tx, week)?,
        unanswered,
        advice: advice(conversations, leads, bookings, unanswered),
        url: TEAM_PAGE.into(),
    }))
}

/// How often something happened in the week and in the one before.
fn both(tx: &mut dyn Tx, metric: Metric, week: Period) -> Result<Count, DbError> {
    let mut of = |period: Period| {
        let counted = total(tx, metric, period.from, period.to)?;
        Ok::<_, DbError>(whole(counted.count))
    };
    Ok(Count::new(of(week)?, of(week.before())?))
}

/// What was taken back more often than it happened in this time did not happen.
fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn unanswered(tx: &mut dyn Tx, period: Period) -> Result<u64, DbError> {
    let outcomes = by_label(tx, Metric::Outcomes, period.from, period.to)?.into_iter();
    let missed = outcomes.filter(|(outcome, _)| UNANSWERED.contains(&outcome.as_str()));
    Ok(missed.map(|(_, count)| whole(count.count)).sum())
}

fn best_source(tx: &mut dyn Tx, week: Period) -> Result<Option<BestSource>, DbError> {
    let sources = by_label(tx, Metric::LeadsBySource, week.from, week.to)?;
    let Some((name, count)) = sources.into_iter().find(|(_, count)| count.count > 0) else {
        return Ok(None);
    };
    let before = week.before();
    let earlier = by_label(tx, Metric::LeadsBySource, before.from, before.to)?;
    let earlier = earlier.iter().find(|(other, _)| *other == name);
    let earlier = earlier.map_or(0, |(_, count)| whole(count.count));
    Ok(Some(BestSource {
        leads: Count::new(whole(count.count), earlier),
        name,
    }))
}
