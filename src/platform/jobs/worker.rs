//! Runs the outbox: each kind of job has a worker of its own, so that a long one holds up no other.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::outbox::{self, ClaimedJob};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};

/// How a handler fails.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// Trying again later may work. The text goes into the row, so it holds no personal data.
    #[error("{0}")]
    Retry(String),
    /// Trying again is worth it at a time the handler knows, who also says when it is given up.
    #[error("{why}")]
    Later {
        /// As for [`Retry`](Self::Retry).
        why: String,
        /// From now.
        after: Duration,
    },
    /// It will never work.
    #[error("{0}")]
    Final(String),
}

impl From<DbError> for HandlerError {
    fn from(error: DbError) -> Self {
        HandlerError::Retry(error.to_string())
    }
}

/// Runs jobs of one kind. It may run more than once for the same job (a worker can die after the work and before the
/// row says so), so it must be idempotent.
pub type Handler = Arc<
    dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send>> + Send + Sync,
>;

/// The handlers by kind; the composition root fills it.
#[derive(Default, Clone)]
pub struct Handlers {
    by_kind: HashMap<&'static str, (Handler, usize)>,
}

impl Handlers {
    /// Adds the handler of `kind`.
    pub fn on<F, Fut>(&mut self, kind: &'static str, handler: F)
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.on_several(kind, 1, handler);
    }

    /// Adds the handler of `kind`, of which `workers` jobs run at a time, for what mostly waits for others.
    pub fn on_several<F, Fut>(&mut self, kind: &'static str, workers: usize, handler: F)
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |payload| Box::pin(handler(payload)));
        self.by_kind.insert(kind, (handler, workers));
    }
}

/// Rung after a commit that added a job, so that it is done at once; a ring that is lost only costs the poll time.
#[derive(Clone, Default)]
pub struct JobDoorbell(Arc<Notify>);

impl JobDoorbell {
    /// Wakes the workers.
    pub fn ring(&self) {
        self.0.notify_waiters();
    }
}

/// The longest a handler may run; shorter than a claim, so that no second worker takes the job meanwhile.
const HANDLER_MAX: Duration = Duration::from_secs(5 * 60);
/// The longest sleep between looks at the outbox.
const POLL: Duration = Duration::from_millis(400);

/// Starts the workers; they end after the job under way once `stop` turns true.
pub fn start(
    store: Store,
    handlers: Handlers,
    doorbell: JobDoorbell,
    stop: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = take_over(&store, &handlers).await {
            tracing::error!(%error, "jobs of the last run could not be taken over");
        }
        let mut workers = tokio::task::JoinSet::new();
        for (kind, (handler, at_a_time)) in handlers.by_kind {
            for _ in 0..at_a_time {
                let worker = Worker {
                    store: store.clone(),
                    kind,
                    handler: Arc::clone(&handler),
                };
                workers.spawn(worker.run(doorbell.clone(), stop.clone()));
            }
        }
        workers.join_all().await;
    })
}

/// Gives back what was running when the last process ended, and gives up what this program has no handler for.
async fn take_over(store: &Store, handlers: &Handlers) -> Result<(), DbError> {
    store.write(|tx| outbox::release_all(tx)).await?;
    let kinds = store.read(|tx| outbox::pending_kinds(tx)).await?;
    let unknown = kinds
        .into_iter()
        .filter(|kind| !handlers.by_kind.contains_key(kind.as_str()));
    for kind in unknown {
        tracing::warn!(%kind, "jobs without a handler are given up");
        store
            .write(move |tx| outbox::give_up(tx, &kind, now_ms()))
            .await?;
    }
    Ok(())
}

/// Runs the jobs of one kind, one after the other.
struct Worker {
    store: Store,
    kind: &'static str,
    handler: Handler,
}

impl Worker {
    async fn run(self, doorbell: JobDoorbell, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = match self.work_off(&stop).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    POLL
                }
            };
            tokio::select! {
                () = doorbell.0.notified() => {}
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Runs what is due; answers how long to sleep.
    async fn work_off(&self, stop: &watch::Receiver<bool>) -> Result<Duration, DbError> {
        let kind = self.kind;
        // Reading first keeps an idle server from writing (and syncing) every moment.
        loop {
            let due = self
                .store
                .read(move |tx| outbox::next_due_ms(tx, kind))
                .await?;
            let now = now_ms();
            match due {
                Some(due) if due <= now && !*stop.borrow() => {}
                Some(due) => {
                    let wait = u64::try_from(due - now).unwrap_or(0);
                    return Ok(POLL.min(Duration::from_millis(wait.max(1))));
                }
                None => return Ok(POLL),
            }
            if let Some(job) = self
                .store
                .write(move |tx| outbox::claim(tx, kind, now))
                .await?
            {
                self.run_one(job).await?;
            }
        }
    }

    async fn run_one(&self, job: ClaimedJob) -> Result<(), DbError> {
        let outcome = run_bounded((self.handler)(job.payload_json.clone())).await;
        let now = now_ms();
        match outcome {
            Ok(()) => {
                self.store
                    .write(move |tx| outbox::finish(tx, job.id, now))
                    .await
            }
            Err(error) => {
                tracing::warn!(job = job.id, kind = %job.kind, attempt = job.attempts, %error, "a job failed");
                let text = error.to_string();
                let failed = move |tx: &mut dyn Tx| match error {
                    HandlerError::Retry(_) => outbox::fail(tx, &job, &text, false, now),
                    HandlerError::Final(_) => outbox::fail(tx, &job, &text, true, now),
                    HandlerError::Later { after, .. } => {
                        let after_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
                        outbox::postpone(tx, &job, &text, now.saturating_add(after_ms))
                    }
                };
                self.store.write(failed).await
            }
        }
    }
}

/// A handler that panics or hangs fails its job, not the worker.
async fn run_bounded(
    work: impl Future<Output = Result<(), HandlerError>> + Send + 'static,
) -> Result<(), HandlerError> {
    let mut task = tokio::spawn(work);
    match tokio::time::timeout(HANDLER_MAX, &mut task).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(HandlerError::Retry("the handler panicked".into())),
        Err(_) => {
            task.abort();
            Err(HandlerError::Retry("the handler took too long".into()))
        }
    }
}
