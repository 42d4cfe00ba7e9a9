//! Use cases: counts that are up to date, read, counted again, and told to whoever watches.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use super::counting::{self, Next};
use super::days::Period;
use super::reports::Summary;
use super::store;
use crate::knowledge::Knowledge;
use crate::live::Broadcast;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};

/// Whoever watches hears of changes at most so often.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Days the summary is of unless told.
pub(super) const SUMMARY_DAYS: i64 = 30;

/// The numbers. Cheap to clone.
#[derive(Clone)]
pub struct Analytics {
    pub(super) store: Store,
    knowledge: Knowledge,
}

/// What the command line does, also as it goes over the control socket.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnalyticsCommand {
    /// Counts everything again.
    Rebuild,
}

impl Analytics {
    /// Wires the slice.
    pub fn new(store: Store, knowledge: Knowledge) -> Self {
        Self { store, knowledge }
    }

    /// The company's zone, by which days are counted.
    pub fn zone(&self) -> TimeZone {
        self.knowledge.snapshot().zone()
    }

    fn zone_name(&self) -> String {
        self.knowledge.snapshot().company().time_zone.clone()
    }

    /// Counts every event recorded so far, a little at a time. In another time zone than before, days are made again.
    pub async fn bring_up_to_date(&self) -> Result<(), DbError> {
        loop {
            let name = self.zone_name();
            let read = self.store.read(move |tx| counting::next(tx, &name));
            match read.await? {
                Next::Nothing => return Ok(()),
                Next::Begin => self.begin().await?,
                Next::Add(batch) => {
                    let write = self.store.write(move |tx| counting::commit(tx, &batch));
                    write.await?;
                }
            }
        }
    }

    async fn begin(&self) -> Result<(), DbError> {
        let name = self.zone_name();
        self.store.write(move |tx| counting::begin(tx, &name)).await
    }

    /// Throws the counts away and counts every event again; answers how many there are. Counts whose events are gone
    /// stay.
    pub async fn rebuild(&self) -> Result<i64, DbError> {
        self.begin().await?;
        self.bring_up_to_date().await?;
        self.store.read(|tx| store::event_count(tx)).await
    }

    /// Does a command (blocking, outside of the runtime's threads); answers what to print.
    pub fn command(
        &self,
        runtime: &tokio::runtime::Handle,
        command: AnalyticsCommand,
    ) -> Result<String, DbError> {
        match command {
            AnalyticsCommand::Rebuild => {
                let events = runtime.block_on(self.rebuild())?;
                Ok(format!("counted {events} events again"))
            }
        }
    }

    /// Reads counts that are up to date.
    pub async fn read<T, F>(&self, read: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx, &TimeZone) -> Result<T, DbError> + Send + 'static,
    {
        self.bring_up_to_date().await?;
        let zone = self.zone();
        self.store.read(move |tx| read(tx, &zone)).await
    }

    /// The numbers of the last days.
    pub async fn summary(&self, days: i64) -> Result<Summary, DbError> {
        self.read(move |tx, zone| Summary::load(tx, Period::last(days, now_ms(), zone)))
            .await
    }

    /// Tells the team that listens how the numbers stand, whenever they changed. Does nothing while nobody listens; ends
    /// with the task it runs in.
    pub async fn tell_changes(self, live: Broadcast) {
        let mut ticks = interval(TOLD_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = 0;
        loop {
            ticks.tick().await;
            if !live.has_listeners() {
                continue;
            }
            match self.changed_since(told).await {
                Ok(Some((newest, summary))) => {
                    told = newest;
                    live.tell_team("analytics_update", "summary", &summary)
                        .await;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the team is not told of new numbers"),
            }
        }
    }

    /// The newest event's number and the summary; `None` when nothing happened since event `told`.
    async fn changed_since(&self, told: i64) -> Result<Option<(i64, Summary)>, DbError> {
        let newest = self.store.read(|tx| store::newest_event(tx)).await?;
        if newest <= told {
            return Ok(None);
        }
        Ok(Some((newest, self.summary(SUMMARY_DAYS).await?)))
    }
}
