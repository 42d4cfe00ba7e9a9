//! What happens without being asked for: by the clock, and from the outbox.

use std::fmt::Display;
use std::sync::Arc;

use crate::accounts;
use crate::analytics::{
    Analytics, CONVERSION_JOB, Conversion, Performance, WEEKLY_JOB, Weekly, purge_performance,
};
use crate::backup::{BACKUP_JOB, Backups, OFFSITE_JOB};
use crate::bookings::Bookings;
use crate::chat::{Chat, ERASED_JOB, ESCALATE_JOB};
use crate::experiments::{Experiments, JUDGE_JOB};
use crate::knowledge::{CHANGED_JOB, Knowledge, TRAIN_JOB};
use crate::monday::{FORGET_JOB, Monday, SYNC_JOB};
use crate::notify::outbox::{DELIVER_JOB, Notify, SMS_STATUS_JOB, purge as purge_deliveries};
use crate::platform::clock::now_ms;
use crate::platform::db::Store;
use crate::platform::http::purge_idempotency_keys;
use crate::platform::jobs::{
    DailyTask, HandlerError, Handlers, JobDoorbell, JobSchedulerError, Schedule, ZoneNow,
    purge_finished,
};
use crate::rodo::{CODE_JOB, FINISH_JOB, RETENTION_JOB, Rodo};
use crate::search::{Difference, Search, SearchError, purge_searches};
use crate::uploads::{SWEEP_JOB, Uploads};
use crate::webhooks::{self, DELIVER_JOB as WEBHOOK_JOB, Webhooks};

/// Drops what has served its time.
const MAINTENANCE_JOB: &str = "maintenance";

/// Messages on their way at a time: each mostly waits for somebody else's server.
const SENT_AT_A_TIME: usize = 4;

const DAILY: &[DailyTask] = &[
    DailyTask {
        name: MAINTENANCE_JOB,
        hour: 3,
        minute: 30,
    },
    DailyTask {
        name: RETENTION_JOB,
        hour: 3,
        minute: 40,
    },
    DailyTask {
        name: CONVERSION_JOB,
        hour: 3,
        minute: 50,
    },
];

/// The slices that have something to do without being asked.
pub(super) struct Jobs {
    pub(super) store: Store,
    pub(super) knowledge: Knowledge,
    pub(super) chat: Chat,
    pub(super) search: Search,
    pub(super) uploads: Uploads,
    pub(super) notify: Notify,
    pub(super) webhooks: Webhooks,
    pub(super) monday: Monday,
    pub(super) bookings: Bookings,
    pub(super) backups: Backups,
    pub(super) rodo: Rodo,
    pub(super) analytics: Analytics,
    pub(super) performance: Performance,
    pub(super) conversion: Conversion,
    pub(super) weekly: Weekly,
    pub(super) experiments: Experiments,
}

impl Jobs {
    /// Starts what comes by the clock.
    pub(super) async fn start_schedule(
        self: &Arc<Self>,
        doorbell: JobDoorbell,
    ) -> Result<Schedule, JobSchedulerError> {
        let (store, knowledge) = (self.store.clone(), self.knowledge.clone());
        let zone_now: ZoneNow = Arc::new(move || knowledge.snapshot().zone());
        let schedule = Schedule::start(store, DAILY, zone_now, doorbell.clone()).await?;
        let jobs = Arc::clone(self);
        schedule
            .every_minute(move || {
                let (jobs, doorbell) = (Arc::clone(&jobs), doorbell.clone());
                async move { jobs.each_minute(&doorbell).await }
            })
            .await?;
        Ok(schedule)
    }

    async fn each_minute(&self, doorbell: &JobDoorbell) {
        let is_escalated = self.chat.look_after().await;
        let is_reminded = or_later("reminding", self.bookings.remind(now_ms()).await);
        let asks = or_later("asking clients", self.bookings.follow_up(now_ms()).await);
        let is_backup_due = self.backups.look_after().await;
        let has_ended = or_later("judging experiments", self.experiments.look_after().await);
        let is_report_due = self.weekly.look_after().await;
        let is_noticed = has_ended || is_report_due;
        if is_escalated || is_reminded || asks || is_backup_due || is_noticed {
            doorbell.ring();
        }
        // Nobody waits for these, and after a long time there may be much to count.
        self.performance.keep().await;
        self.search.keep_tally().await;
        or_later("counting", self.analytics.bring_up_to_date().await);
    }

    /// What the outbox can do.
    pub(super) fn handlers(self: &Arc<Self>) -> Handlers {
        let mut outbox = Outbox {
            jobs: Arc::clone(self),
            handlers: Handlers::default(),
        };
        outbox.on(
            MAINTENANCE_JOB,
            |jobs, _| async move { jobs.maintain().await },
        );
        outbox.for_messages();
        outbox.for_search();
        outbox.for_data();
        outbox.for_numbers();
        outbox.handlers
    }

    /// Drops what has served its time.
    async fn maintain(&self) -> Result<(), HandlerError> {
        let now_ms = now_ms();
        let write = self.store.write(move |tx| {
            purge_idempotency_keys(tx, now_ms)?;
            purge_finished(tx, now_ms)?;
            accounts::purge_login_sessions(tx, now_ms)?;
            purge_searches(tx, now_ms)?;
            purge_deliveries(tx, now_ms)?;
            webhooks::purge(tx, now_ms)?;
            purge_performance(tx, now_ms)?;
            Ok::<_, HandlerError>(())
        });
        write.await
    }
}

/// Whether something was done; what could not be is tried again in the next minute.
fn or_later<T: Default, E: Display>(what: &str, done: Result<T, E>) -> T {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "{what} waits for the next minute");
        T::default()
    })
}

/// Gathers the handlers.
struct Outbox {
    jobs: Arc<Jobs>,
    handlers: Handlers,
}

impl Outbox {
    fn on<F, Fut>(&mut self, kind: &'static str, run: F)
    where
        F: Fn(Arc<Jobs>, String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.on_several(kind, 1, run);
    }

    fn on_several<F, Fut>(&mut self, kind: &'static str, workers: usize, run: F)
    where
        F: Fn(Arc<Jobs>, String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let jobs = Arc::clone(&self.jobs);
        let run = move |payload| run(Arc::clone(&jobs), payload);
        self.handlers.on_several(kind, workers, run);
    }

    /// What leaves for somebody else's server, and who hears that it waits.
    fn for_messages(&mut self) {
        self.on_several(
            DELIVER_JOB,
            SENT_AT_A_TIME,
            |jobs, payload_json| async move { jobs.notify.deliver(&payload_json).await },
        );
        self.on(SMS_STATUS_JOB, |jobs, payload_json| async move {
            jobs.notify.follow_sms(&payload_json).await
        });
        self.on_several(
            WEBHOOK_JOB,
            SENT_AT_A_TIME,
            |jobs, payload_json| async move { jobs.webhooks.deliver(&payload_json).await },
        );
        // One at a time: of two jobs about one lead, the second one sees the item that the first one made.
        self.on(SYNC_JOB, |jobs, payload_json| async move {
            jobs.monday.sync(&payload_json).await
        });
        self.on(FORGET_JOB, |jobs, item_id| async move {
            jobs.monday.remove(&item_id).await
        });
        self.on(ESCALATE_JOB, |jobs, payload_json| async move {
            jobs.chat.escalate(&payload_json).await
        });
    }

    /// What keeps the indexes and the assistant in line with the database.
    fn for_search(&mut self) {
        self.on(TRAIN_JOB, |jobs, _| async move {
            let knowledge = jobs.knowledge.clone();
            tokio::task::spawn_blocking(move || knowledge.train(None).map(|_| ()))
                .await
                .map_err(|error| HandlerError::Final(error.to_string()))?
                .map_err(|error| HandlerError::Final(error.to_string()))
        });
        self.on(CHANGED_JOB, |jobs, payload_json| async move {
            jobs.knowledge.until_seen(&payload_json).await;
            in_line(jobs.search.clone(), Search::sync).await
        });
        self.on(ERASED_JOB, |jobs, _| {
            in_line(jobs.search.clone(), Search::sync_people)
        });
    }

    /// What keeps backups, and keeps no more of people than may be kept.
    fn for_data(&mut self) {
        self.on(BACKUP_JOB, |jobs, _| async move {
            jobs.backups.run_scheduled().await
        });
        self.on(OFFSITE_JOB, |jobs, _| async move {
            jobs.backups.copy_offsite().await
        });
        self.on(SWEEP_JOB, |jobs, payload_json| async move {
            let blobs = serde_json::from_str(&payload_json)
                .map_err(|error| HandlerError::Final(error.to_string()))?;
            let swept = jobs.uploads.sweep(blobs).await;
            swept.map_err(|error| HandlerError::Retry(error.to_string()))
        });
        self.on(CODE_JOB, |jobs, payload_json| async move {
            jobs.rodo.send_code(&payload_json).await
        });
        self.on(FINISH_JOB, |jobs, payload_json| async move {
            jobs.rodo.finish_job(&payload_json).await
        });
        self.on(
            RETENTION_JOB,
            |jobs, _| async move { jobs.rodo.retain().await },
        );
    }

    /// What is computed from numbers.
    fn for_numbers(&mut self) {
        self.on(CONVERSION_JOB, |jobs, _| async move {
            jobs.conversion.refit().await
        });
        self.on(
            WEEKLY_JOB,
            |jobs, _| async move { jobs.weekly.send().await },
        );
        self.on(JUDGE_JOB, |jobs, _| async move {
            let looked = jobs.experiments.look_after().await;
            looked
                .map(drop)
                .map_err(|error| HandlerError::Retry(error.to_string()))
        });
    }
}

/// Brings an index in line with the database.
async fn in_line(
    search: Search,
    sync: fn(&Search) -> Result<Difference, SearchError>,
) -> Result<(), HandlerError> {
    tokio::task::spawn_blocking(move || sync(&search).map(drop))
        .await
        .map_err(|error| HandlerError::Final(error.to_string()))?
        .map_err(|error| HandlerError::Retry(error.to_string()))
}
