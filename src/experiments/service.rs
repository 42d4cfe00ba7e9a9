//! The team's use cases: one function, one transaction.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde::Serialize;
use tokio::sync::Mutex;

use super::judging::end;
use super::model::{Design, Element, Experiment, Status, StopReason};
use super::{ExperimentError, Running, store, verdict};
use crate::analytics;
use crate::chat;
use crate::knowledge::{Knowledge, SystemText};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, PageRequest, Problem, once};
use crate::platform::secrets::{Secrets, random_bytes};

/// Random bytes of a salt.
const SALT_BYTES: usize = 16;
/// Over how long the present traffic is measured.
const TRAFFIC_DAYS: u32 = 28;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Experiments. Cheap to clone.
#[derive(Clone)]
pub struct Experiments {
    pub(super) store: Store,
    pub(super) knowledge: Knowledge,
    pub(super) secrets: Secrets,
    pub(super) running: Running,
    /// What was read later must not be replaced by what was read before.
    reloading: Arc<Mutex<()>>,
}

/// What an experiment needs, and how long that takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Needed {
    pub(super) visitors_per_variant: u64,
    pub(super) visitors: u64,
    /// Visitors who would see it, a week, over the last four; all of them, whatever part takes part.
    pub(super) weekly_visitors: f64,
    /// `None` while nobody comes.
    pub(super) weeks: Option<f64>,
}

impl Experiments {
    /// Reads what runs (blocking).
    ///
    /// Errors: the store cannot be read.
    pub fn open(store: &Store, knowledge: &Knowledge, secrets: Secrets) -> Result<Self, DbError> {
        let running = Running::default();
        running.set(store.read_blocking(|tx| store::active(tx))?);
        Ok(Self {
            store: store.clone(),
            knowledge: knowledge.clone(),
            secrets,
            running,
            reloading: Arc::default(),
        })
    }

    /// What runs, for the chat.
    pub fn running(&self) -> Running {
        self.running.clone()
    }

    /// Adds a draft, once for each key.
    ///
    /// * `body`: what was sent, by which a repeat is known.
    pub(super) async fn add<B>(
        &self,
        design: Design,
        key: IdempotencyKey,
        body: B,
    ) -> Result<Experiment, Problem>
    where
        B: Serialize + Send + 'static,
    {
        let salt = random_bytes::<SALT_BYTES>().map_err(ExperimentError::from)?;
        let salt = HEXLOWER.encode(&salt);
        self.store
            .write(move |tx| {
                let id: i64 = once(tx, &key, "create_experiment", &body, |tx| {
                    Ok(store::insert(tx, &design, &salt, now_ms())?)
                })?;
                Ok(store::by_id(tx, id)?)
            })
            .await
    }

    /// A page of experiments, the newest first, and how many there are.
    pub(super) async fn page(
        &self,
        status: Option<Status>,
        page: PageRequest,
    ) -> Result<(Vec<Experiment>, i64), ExperimentError> {
        let read = self
            .store
            .read(move |tx| store::page(tx, status, page.limit(), page.offset()));
        Ok(read.await?)
    }

    pub(super) async fn get(&self, id: i64) -> Result<Experiment, ExperimentError> {
        self.store.read(move |tx| store::by_id(tx, id)).await
    }

    /// Replaces a draft.
    pub(super) async fn replace(
        &self,
        id: i64,
        design: Design,
    ) -> Result<Experiment, ExperimentError> {
        self.store
            .write(move |tx| {
                draft(tx, id)?;
                store::update(tx, id, &design, now_ms())?;
                store::by_id(tx, id)
            })
            .await
    }

    /// Removes a draft.
    pub(super) async fn remove(&self, id: i64) -> Result<(), ExperimentError> {
        self.store
            .write(move |tx| {
                draft(tx, id)?;
                Ok(store::delete(tx, id)?)
            })
            .await
    }

    /// Starts a draft, or goes on with what is paused.
    ///
    /// Errors: it runs or has ended, or another experiment varies the same.
    pub(super) async fn start(&self, id: i64) -> Result<Experiment, ExperimentError> {
        let started = self
            .store
            .write(move |tx| {
                let experiment = store::by_id(tx, id)?;
                match experiment.status {
                    Status::Draft | Status::Paused => {}
                    Status::Running => return Err(ExperimentError::AlreadyRunning),
                    Status::Stopped => return Err(ExperimentError::Ended),
                }
                let element = experiment.design.element;
                let other = store::active(tx)?
                    .into_iter()
                    .find(|other| other.id != id && other.design.element == element);
                if let Some(other) = other {
                    return Err(ExperimentError::ElementTaken(other.id));
                }
                store::start(tx, id, now_ms())?;
                store::by_id(tx, id)
            })
            .await?;
        self.reload().await?;
        Ok(started)
    }

    /// Shows nobody new a variant; what earlier visitors do still counts.
    pub(super) async fn pause(&self, id: i64) -> Result<Experiment, ExperimentError> {
        let paused = self
            .store
            .write(move |tx| {
                let experiment = store::by_id(tx, id)?;
                match experiment.status {
                    Status::Running => {}
                    Status::Draft | Status::Paused => return Err(ExperimentError::NotRunning),
                    Status::Stopped => return Err(ExperimentError::Ended),
                }
                store::pause(tx, id, now_ms())?;
                store::by_id(tx, id)
            })
            .await?;
        self.reload().await?;
        Ok(paused)
    }

    /// Ends an experiment with the result of this moment.
    pub(super) async fn stop(&self, id: i64) -> Result<Experiment, ExperimentError> {
        let stopped = self
            .store
            .write(move |tx| {
                let experiment = store::by_id(tx, id)?;
                match experiment.status {
                    Status::Running | Status::Paused => {}
                    Status::Draft => return Err(ExperimentError::NotRunning),
                    Status::Stopped => return Err(ExperimentError::Ended),
                }
                end(tx, experiment, StopReason::Manual, now_ms())?;
                store::by_id(tx, id)
            })
            .await?;
        self.reload().await?;
        Ok(stopped)
    }

    /// What an experiment needs at the present traffic.
    pub(super) async fn needed(&self, design: &Design) -> Result<Needed, ExperimentError> {
        let visitors = verdict::visitors_in_all(design);
        let weekly_visitors = self.weekly_visitors(design).await?;
        let weekly_share = weekly_visitors * f64::from(design.traffic_percent) / 100.0;
        Ok(Needed {
            visitors_per_variant: verdict::visitors_needed(design),
            visitors,
            weekly_visitors,
            weeks: (weekly_share > 0.0).then(|| real(visitors) / weekly_share),
        })
    }

    async fn weekly_visitors(&self, design: &Design) -> Result<f64, ExperimentError> {
        let since_ms = now_ms() - i64::from(TRAFFIC_DAYS) * DAY_MS;
        let (element, at_greeting) = (design.element, design.counts_at_greeting());
        let knowledge = self.knowledge.snapshot();
        let count: i64 = self
            .store
            .read(move |tx| match element {
                Element::CallToAction => {
                    let offers =
                        Lang::ALL.map(|lang| knowledge.sentence(SystemText::OfferContact, lang));
                    chat::said_since(tx, offers, since_ms)
                }
                Element::Greeting | Element::QuickReplies if at_greeting => {
                    analytics::sessions_since(tx, since_ms)
                }
                Element::Greeting | Element::QuickReplies => chat::begun_since(tx, since_ms),
            })
            .await?;
        Ok(real(count.unsigned_abs()) * 7.0 / f64::from(TRAFFIC_DAYS))
    }

    /// Takes over what now runs, after a commit that changed it.
    pub(super) async fn reload(&self) -> Result<(), DbError> {
        let _one_at_a_time = self.reloading.lock().await;
        let active = self.store.read(|tx| store::active(tx)).await?;
        self.running.set(active);
        Ok(())
    }
}

/// An experiment that can still be changed.
fn draft(tx: &mut dyn Tx, id: i64) -> Result<Experiment, ExperimentError> {
    let experiment = store::by_id(tx, id)?;
    match experiment.status {
        Status::Draft => Ok(experiment),
        Status::Running | Status::Paused | Status::Stopped => Err(ExperimentError::Started),
    }
}

/// A count as a number; exact below 2^53.
fn real(count: u64) -> f64 {
    count as f64
}
