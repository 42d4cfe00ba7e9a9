//! The one worker that runs the outbox.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::outbox::{self, ClaimedJob};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store};

/// How a handler fails.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// Trying again later may work. The text goes into the row, so it holds no personal data.
    #[error("{0}")]
    Retry(String),
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
    by_kind: HashMap<&'static str, Handler>,
}

impl Handlers {
    /// Adds the handler of `kind`.
    pub fn on<F, Fut>(&mut self, kind: &'static str, handler: F)
    where
        F: Fn(String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.by_kind
            .insert(kind, Arc::new(move |payload| Box::pin(handler(payload))));
    }
}

/// Rung after a commit that added a job, so that it is done at once; a ring that is lost only costs the poll time.
#[derive(Clone, Default)]
pub struct JobDoorbell(Arc<Notify>);

impl JobDoorbell {
    /// Wakes the worker.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// The longest a handler may run; shorter than a claim, so that no second worker takes the job meanwhile.
const HANDLER_MAX: Duration = Duration::from_secs(5 * 60);
/// The longest sleep between looks at the outbox.
const POLL: Duration = Duration::from_secs(5);

/// Starts the worker; it ends after the job under way once `stop` turns true.
pub fn start(
    store: Store,
    handlers: Handlers,
    doorbell: JobDoorbell,
    mut stop: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = store.write(|tx| outbox::release_all(tx)).await {
            tracing::error!(%error, "jobs of the last run could not be released");
        }
        while !*stop.borrow() {
            let pause = match work_off(&store, &handlers, &stop).await {
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
    })
}

/// Runs what is due; answers how long to sleep.
async fn work_off(
    store: &Store,
    handlers: &Handlers,
    stop: &watch::Receiver<bool>,
) -> Result<Duration, DbError> {
    // Reading first keeps an idle server from writing (and syncing) every few seconds.
    loop {
        let due = store.read(|tx| outbox::next_due_ms(tx)).await?;
        let now = now_ms();
        match due {
            Some(due) if due <= now && !*stop.borrow() => {}
            Some(due) => {
                let wait = u64::try_from(due - now).unwrap_or(0);
                return Ok(POLL.min(Duration::from_millis(wait.max(1))));
            }
            None => return Ok(POLL),
        }
        if let Some(job) = store.write(move |tx| outbox::claim(tx, now)).await? {
            run_one(store, handlers, job).await?;
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

async fn run_one(store: &Store, handlers: &Handlers, job: ClaimedJob) -> Result<(), DbError> {
    let outcome = match handlers.by_kind.get(job.kind.as_str()) {
        Some(handler) => run_bounded(handler(job.payload_json.clone())).await,
        None => Err(HandlerError::Final("no handler for this kind".into())),
    };
    let now = now_ms();
    match outcome {
        Ok(()) => store.write(move |tx| outbox::finish(tx, job.id, now)).await,
        Err(error) => {
            tracing::warn!(job = job.id, kind = %job.kind, attempt = job.attempts, %error, "a job failed");
            let is_final = matches!(error, HandlerError::Final(_));
            let text = error.to_string();
            store
                .write(move |tx| outbox::fail(tx, &job, &text, is_final, now))
                .await
        }
    }
}
