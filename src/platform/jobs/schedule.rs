//! Tasks that come by the clock, in the company's time zone.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, civil};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::outbox::{NewJob, enqueue};
use super::worker::JobDoorbell;
use crate::params;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};

/// A task that is due once a day.
#[derive(Debug, Clone, Copy)]
pub struct DailyTask {
    /// Its name; also the kind of the job it enqueues.
    pub name: &'static str,
    /// Hour of the day, 0 to 23, in the company's zone.
    pub hour: i8,
    /// Minute of the hour.
    pub minute: i8,
}

/// The running schedule; dropping it ends it.
pub struct Schedule {
    scheduler: JobScheduler,
}

/// The company's time zone as it is now; asked at every look, so that a change counts within a minute.
pub type ZoneNow = Arc<dyn Fn() -> TimeZone + Send + Sync>;

/// The schedule looks this often for tasks that became due, so a missed one starts within this time of the start.
const LOOK_EVERY: Duration = Duration::from_secs(60);

impl Schedule {
    /// Starts it: looks at once for what was missed while the machine was off, then every minute.
    ///
    /// Errors: the scheduler could not be started.
    pub async fn start(
        store: Store,
        tasks: &'static [DailyTask],
        zone: ZoneNow,
        doorbell: JobDoorbell,
    ) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        look(&store, tasks, zone(), &doorbell).await;
        let job = Job::new_repeated_async(LOOK_EVERY, move |_, _| {
            let (store, zone, doorbell) = (store.clone(), zone(), doorbell.clone());
            Box::pin(async move { look(&store, tasks, zone, &doorbell).await })
        })?;
        scheduler.add(job).await?;
        scheduler.start().await?;
        Ok(Self { scheduler })
    }

    /// Runs `task` at once and then every minute, for what is only looked at and needs no making up for.
    ///
    /// Errors: the scheduler does not take it.
    pub async fn every_minute<F, Fut>(&self, task: F) -> Result<(), JobSchedulerError>
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        task().await;
        let job = Job::new_repeated_async(LOOK_EVERY, move |_, _| Box::pin(task()))?;
        self.scheduler.add(job).await?;
        Ok(())
    }
}

async fn look(store: &Store, tasks: &'static [DailyTask], zone: TimeZone, doorbell: &JobDoorbell) {
    let outcome = store
        .write(move |tx| enqueue_due(tx, tasks, &zone, now_ms()))
        .await;
    match outcome {
        Ok(0) => {}
        Ok(_) => doorbell.ring(),
        Err(error) => tracing::error!(%error, "scheduled tasks could not be enqueued"),
    }
}

/// Enqueues each task whose last due time was not handed over yet; answers how many.
fn enqueue_due(
    tx: &mut dyn Tx,
    tasks: &[DailyTask],
    zone: &TimeZone,
    now_ms: i64,
) -> Result<u64, DbError> {
    let mut enqueued = 0;
    for task in tasks {
        let due_ms = last_due_ms(*task, zone, now_ms).ok_or_else(|| {
            DbError::Internal(format!("the clock is out of range for {}", task.name))
        })?;
        enqueued += u64::from(hand_over(tx, task.name, due_ms, now_ms)?);
    }
    Ok(enqueued)
}

/// Enqueues the job `name` unless it was handed over for `due_ms`, its last due time, before; answers whether it did. A
/// name seen for the first time waits for its next due time.
pub fn hand_over(
    tx: &mut dyn Tx,
    name: &'static str,
    due_ms: i64,
    now_ms: i64,
) -> Result<bool, DbError> {
    let known: Option<i64> = tx
        .query_first(
            "SELECT last_due_at_ms FROM schedule_runs WHERE name = ?1",
            params![name],
        )?
        .map(|mut row| row.take(0))
        .transpose()?;
    // A time in the future was written by a clock that ran ahead and says nothing.
    if known.is_some_and(|known| known >= due_ms && known <= now_ms) {
        return Ok(false);
    }
    wait_for_next(tx, name, due_ms)?;
    if known.is_some() {
        let job = NewJob {
            kind: name,
            payload_json: "{}",
            dedupe_key: Some(name),
        };
        enqueue(tx, &job, now_ms)?;
    }
    Ok(known.is_some())
}

/// Takes the job `name` for handed over at `due_ms`, so that it next comes when it is due again.
pub fn wait_for_next(tx: &mut dyn Tx, name: &str, due_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO schedule_runs (name, last_due_at_ms) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET last_due_at_ms = excluded.last_due_at_ms",
        params![name, due_ms],
    )?;
    Ok(())
}

/// The newest time at or before `now_ms` at which the task was due. On a day whose clock jumps over the time, it is
/// due right after the jump (jiff's "compatible" rule, as RFC 5545 has it).
fn last_due_ms(task: DailyTask, zone: &TimeZone, now_ms: i64) -> Option<i64> {
    let now = Timestamp::from_millisecond(now_ms).ok()?;
    let time = civil::Time::new(task.hour, task.minute, 0, 0).ok()?;
    let today = now.to_zoned(zone.clone()).date();
    [today, today.checked_sub(1.day()).ok()?]
        .into_iter()
        .filter_map(|day| day.to_datetime(time).to_zoned(zone.clone()).ok())
        .map(|due| due.timestamp().as_millisecond())
        .find(|due| *due <= now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::{SqliteTx, migrate};
    use rusqlite::Connection;

    const AT_THREE: DailyTask = DailyTask {
        name: "nightly",
        hour: 3,
        minute: 0,
    };

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_task_is_due_at_its_local_time_also_on_days_whose_clock_changes() {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let due = |now: &str| last_due_ms(AT_THREE, &zone, ms(now)).unwrap();
        assert_eq!(due("2026-11-22T12:00:00Z"), ms("2026-11-22T02:00:00Z"));
        assert_eq!(due("2026-11-22T01:59:59Z"), ms("2026-11-21T02:00:00Z"));
        assert_eq!(due("2026-03-29T12:00:00Z"), ms("2026-03-29T01:00:00Z"));
        assert_eq!(due("2026-10-25T12:00:00Z"), ms("2026-10-25T02:00:00Z"));
    }

    #[test]
    fn in_a_new_zone_a_task_comes_at_its_new_time_and_not_twice() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let tx: &mut dyn Tx = &mut SqliteTx::new(&connection);
        let mut look = |zone: &str, now: &str| {
            enqueue_due(tx, &[AT_THREE], &TimeZone::get(zone).unwrap(), ms(now)).unwrap()
        };
        let (warsaw, tokyo, new_york) = ("Europe/Warsaw", "Asia/Tokyo", "America/New_York");
        assert_eq!(look(warsaw, "2026-11-22T01:59:00Z"), 0, "first start");
        assert_eq!(look(warsaw, "2026-11-22T02:00:00Z"), 1);
        assert_eq!(look(tokyo, "2026-11-22T02:01:00Z"), 0, "tonight's is done");
        assert_eq!(look(tokyo, "2026-11-22T17:59:00Z"), 0);
        assert_eq!(look(tokyo, "2026-11-22T18:00:00Z"), 1, "three in Tokyo");
        assert_eq!(look(new_york, "2026-11-22T18:01:00Z"), 0);
        assert_eq!(look(new_york, "2026-11-23T07:59:00Z"), 0);
        assert_eq!(
            look(new_york, "2026-11-23T08:00:00Z"),
            1,
            "three in New York"
        );
    }

    #[test]
    fn a_missed_task_is_made_up_for_once_and_a_new_one_waits_for_its_time() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let tx: &mut dyn Tx = &mut SqliteTx::new(&connection);
        let mut look = |now: &str| enqueue_due(tx, &[AT_THREE], &TimeZone::UTC, ms(now)).unwrap();
        assert_eq!(look("2026-11-20T12:00:00Z"), 0, "first start");
        assert_eq!(look("2026-11-20T13:00:00Z"), 0);
        assert_eq!(look("2026-11-22T09:00:00Z"), 1, "two nights off: once");
        assert_eq!(look("2026-11-22T09:01:00Z"), 0);
        assert_eq!(look("2026-11-23T03:00:00Z"), 1);
    }
}
