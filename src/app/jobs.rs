//! What happens without being asked for: by the clock, and from the outbox.

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

/// Starts what comes by the clock.
#[allow(clippy::too_many_arguments)] // each is another slice or service
pub(super) async fn start_schedule(
    store: Store,
    chat: Chat,
    bookings: Bookings,
    search: Search,
    backups: Backups,
    performance: Performance,
    weekly: Weekly,
    analytics: Analytics,
    experiments: Experiments,
    zone_now: ZoneNow,
    doorbell: JobDoorbell,
) -> Result<Schedule, JobSchedulerError> {
    let schedule = Schedule::start(store, DAILY, zone_now, doorbell.clone()).await?;
    schedule
        .every_minute(move || {
            let (chat, bookings) = (chat.clone(), bookings.clone());
            let (search, doorbell) = (search.clone(), doorbell.clone());
            let (backups, performance) = (backups.clone(), performance.clone());
            let (analytics, weekly) = (analytics.clone(), weekly.clone());
            let experiments = experiments.clone();
            async move {
                let is_escalated = chat.look_after().await;
                let is_reminded = bookings.remind(now_ms()).await.unwrap_or_else(|error| {
                    tracing::error!(%error, "reminders that are due wait for the next minute");
                    false
                });
                let asks = bookings.follow_up(now_ms()).await.unwrap_or_else(|error| {
                    tracing::error!(%error, "clients are asked about their visits in the next minute");
                    false
                });
                let is_backup_due = backups.look_after().await;
                let has_ended = experiments.look_after().await.unwrap_or_else(|error| {
                    tracing::error!(%error, "experiments are looked at again in the next minute");
                    false
                });
                let is_report_due = weekly.look_after().await;
                let is_noticed = has_ended || is_report_due;
                if is_escalated || is_reminded || asks || is_backup_due || is_noticed {
                    doorbell.ring();
                }
                // Nobody waits for these, and after a long time there may be much to count.
                performance.keep().await;
                search.keep_tally().await;
                if let Err(error) = analytics.bring_up_to_date().await {
                    tracing::error!(%error, "what happened is counted in the next minute");
                }
            }
        })
        .await?;
    Ok(schedule)
}

/// What the outbox can do.
#[allow(clippy::too_many_arguments)] // each is another slice
pub(super) fn handlers(
    store: &Store,
    knowledge: &Knowledge,
    chat: &Chat,
    search: &Search,
    uploads: &Uploads,
    notify: &Notify,
    webhooks: &Webhooks,
    monday: &Monday,
    rodo: &Rodo,
    backups: &Backups,
    experiments: &Experiments,
) -> Handlers {
    let mut handlers = Handlers::default();
    let experiments = experiments.clone();
    handlers.on(JUDGE_JOB, move |_| {
        let experiments = experiments.clone();
        async move {
            let looked = experiments.look_after().await;
            looked
                .map(drop)
                .map_err(|error| HandlerError::Retry(error.to_string()))
        }
    });
    let (copying, backups) = (backups.clone(), backups.clone());
    handlers.on(BACKUP_JOB, move |_| {
        let backups = backups.clone();
        async move { backups.run_scheduled().await }
    });
    handlers.on(OFFSITE_JOB, move |_| {
        let backups = copying.clone();
        async move { backups.copy_offsite().await }
    });
    let training = knowledge.clone();
    handlers.on(TRAIN_JOB, move |_| {
        let knowledge = training.clone();
        async move {
            tokio::task::spawn_blocking(move || knowledge.train(None).map(|_| ()))
                .await
                .map_err(|error| HandlerError::Final(error.to_string()))?
                .map_err(|error| HandlerError::Final(error.to_string()))
        }
    });
    let (documents, knowledge) = (search.clone(), knowledge.clone());
    handlers.on(CHANGED_JOB, move |payload_json| {
        let (search, knowledge) = (documents.clone(), knowledge.clone());
        async move {
            knowledge.until_seen(&payload_json).await;
            in_line(search, Search::sync).await
        }
    });
    let people = search.clone();
    handlers.on(ERASED_JOB, move |_| {
        in_line(people.clone(), Search::sync_people)
    });
    let uploads = uploads.clone();
    handlers.on(SWEEP_JOB, move |payload_json| {
        let uploads = uploads.clone();
        async move {
            let blobs = serde_json::from_str(&payload_json)
                .map_err(|error| HandlerError::Final(error.to_string()))?;
            let swept = uploads.sweep(blobs).await;
            swept.map_err(|error| HandlerError::Retry(error.to_string()))
        }
    });
    let sending = notify.clone();
    handlers.on_several(DELIVER_JOB, SENT_AT_A_TIME, move |payload_json| {
        let notify = sending.clone();
        async move { notify.deliver(&payload_json).await }
    });
    let following = notify.clone();
    handlers.on(SMS_STATUS_JOB, move |payload_json| {
        let notify = following.clone();
        async move { notify.follow_sms(&payload_json).await }
    });
    let webhooks = webhooks.clone();
    handlers.on_several(WEBHOOK_JOB, SENT_AT_A_TIME, move |payload_json| {
        let webhooks = webhooks.clone();
        async move { webhooks.deliver(&payload_json).await }
    });
    // One at a time: of two jobs about one lead, the second one sees the item that the first one made.
    let copying = monday.clone();
    handlers.on(SYNC_JOB, move |payload_json| {
        let monday = copying.clone();
        async move { monday.sync(&payload_json).await }
    });
    let monday = monday.clone();
    handlers.on(FORGET_JOB, move |item_id| {
        let monday = monday.clone();
        async move { monday.remove(&item_id).await }
    });
    let store = store.clone();
    handlers.on(MAINTENANCE_JOB, move |_| {
        let store = store.clone();
        async move {
            let now_ms = now_ms();
            store
                .write(move |tx| {
                    purge_idempotency_keys(tx, now_ms)?;
                    purge_finished(tx, now_ms)?;
                    accounts::purge_login_sessions(tx, now_ms)?;
                    purge_searches(tx, now_ms)?;
                    purge_deliveries(tx, now_ms)?;
                    webhooks::purge(tx, now_ms)?;
                    purge_performance(tx, now_ms)?;
                    Ok::<_, HandlerError>(())
                })
                .await
        }
    });
    for_rights(&mut handlers, rodo);
    let chat = chat.clone();
    handlers.on(ESCALATE_JOB, move |payload_json| {
        let chat = chat.clone();
        async move { chat.escalate(&payload_json).await }
    });
    handlers
}

/// What numbers are computed from by themselves.
pub(super) fn for_numbers(handlers: &mut Handlers, conversion: &Conversion, weekly: &Weekly) {
    let (conversion, weekly) = (conversion.clone(), weekly.clone());
    handlers.on(CONVERSION_JOB, move |_| {
        let conversion = conversion.clone();
        async move { conversion.refit().await }
    });
    handlers.on(WEEKLY_JOB, move |_| {
        let weekly = weekly.clone();
        async move { weekly.send().await }
    });
}

/// What rights over personal data need.
fn for_rights(handlers: &mut Handlers, rodo: &Rodo) {
    let (codes, erasures, retention) = (rodo.clone(), rodo.clone(), rodo.clone());
    handlers.on(CODE_JOB, move |payload_json| {
        let rodo = codes.clone();
        async move { rodo.send_code(&payload_json).await }
    });
    handlers.on(FINISH_JOB, move |payload_json| {
        let rodo = erasures.clone();
        async move { rodo.finish_job(&payload_json).await }
    });
    handlers.on(RETENTION_JOB, move |_| {
        let rodo = retention.clone();
        async move { rodo.retain().await }
    });
}
