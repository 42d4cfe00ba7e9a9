//! The model: trained from the phrases, kept in a file, trained again beside the one in use when phrases change.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use serde_json::json;

use super::pack::{Pack, import};
use super::service::{Knowledge, in_background};
use super::snapshot::Snapshot;
use super::versions::{self, ModelVersion, NewVersion};
use super::{KnowledgeError, store};
use crate::accounts::audit;
use crate::nlu::eval::compare;
use crate::nlu::{Lang, Nlu, Phrase, TrainingSet};
use crate::platform::clock::now_ms;
use crate::platform::db::{DATABASE_FILE, DbError, Store, Tx, in_memory, read_only};
use crate::platform::http::Actor;
use crate::platform::jobs::{NewJob, enqueue_at};

/// Kind of the job that trains the model again.
pub const TRAIN_JOB: &str = "train_model";
/// Changes often come in a row; training waits so long, so that one training does for several.
const TRAIN_AFTER_MS: i64 = 2_000;
/// The trained model in the data folder.
const MODEL_FILE: &str = "nlu-model.bin";

impl Knowledge {
    /// Trains the model again beside the one in use when what it learns from has changed (blocking, seconds). When the
    /// phrases have, both are compared and a version is kept, and only then the new model answers.
    ///
    /// * `by`: who asked for it; nobody when it is done by itself.
    /// * Answers the version that answers from now on.
    pub fn train(&self, by: Option<&Actor>) -> Result<ModelVersion, KnowledgeError> {
        let _one_at_a_time = self.training.blocking_lock();
        let started = Instant::now();
        let set = self.store.read_blocking(training_set)?;
        if set.key() == self.nlu().key()
            && let Some(newest) = self.store.read_blocking(|tx| versions::newest(tx))?
        {
            return Ok(newest);
        }
        tracing::info!(phrases = set.phrases.len(), "training the classifier again");
        let nlu = Nlu::train(&set)?;
        let before = self
            .store
            .read_blocking(|tx| versions::newest_phrases(tx))?;
        let after: BTreeSet<Phrase> = set.phrases.into_iter().collect();
        if let Some(mut new) = NewVersion::of(&before, &after, 0.0, by.map(Actor::to_string)) {
            if !before.is_empty() {
                new.evaluation = compare(&before, &after, &|| !self.stops.load(Ordering::Relaxed));
            }
            new.seconds = started.elapsed().as_secs_f64();
            self.store
                .write_blocking(move |tx| versions::insert(tx, &new, now_ms()))?;
        }
        self.adopt(nlu);
        let newest = self.store.read_blocking(|tx| versions::newest(tx))?;
        newest.ok_or(KnowledgeError::NotFound("version"))
    }

    /// The server stops: what is being compared, which takes longest, is given up, so that the model is still saved.
    pub fn stop(&self) {
        self.stops.store(true, Ordering::Relaxed);
    }

    /// [`Self::train`] on a thread of its own.
    pub(super) async fn train_for(&self, by: Actor) -> Result<ModelVersion, KnowledgeError> {
        let knowledge = self.clone();
        in_background(move || knowledge.train(Some(&by))).await
    }

    /// Brings the phrases of a version back and trains from them, which becomes a new version. Phrases of intents that
    /// are gone are left out.
    ///
    /// Errors: there is no such version.
    pub(super) async fn restore(
        &self,
        version: i64,
        by: Actor,
    ) -> Result<ModelVersion, KnowledgeError> {
        let actor = by.to_string();
        // A version never changes, so others need not wait while its phrases are put together.
        let phrases = self
            .store
            .read(move |tx| versions::phrases_of(tx, version))
            .await?
            .ok_or(KnowledgeError::NotFound("version"))?;
        self.change(move |tx| {
            versions::bring_back(tx, &phrases)?;
            let details = json!({"version": version});
            audit::record(tx, &actor, "model_restored", None, &details, now_ms())?;
            Ok::<_, KnowledgeError>(())
        })
        .await?;
        self.train_for(by).await
    }
}

/// A model with what it learned from, before it answers.
pub(super) struct Learned {
    pub(super) nlu: Nlu,
    phrases: BTreeSet<Phrase>,
    seconds: f64,
}

impl Learned {
    /// Trains (blocking, seconds).
    pub(super) fn from(set: TrainingSet) -> Result<Self, KnowledgeError> {
        let started = Instant::now();
        let nlu = Nlu::train(&set)?;
        Ok(Self {
            nlu,
            phrases: set.phrases.into_iter().collect(),
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    /// From a pack that no database holds yet.
    ///
    /// Errors: its phrases do not do for training.
    pub(super) fn from_pack(pack: &Pack) -> Result<Self, KnowledgeError> {
        let set = in_memory(|tx| {
            import(tx, pack, now_ms())?;
            Ok::<_, KnowledgeError>(training_set(tx)?)
        })?;
        Self::from(set).map_err(|error| KnowledgeError::Pack {
            file: "phrases".into(),
            why: error.to_string(),
        })
    }

    /// The version it becomes, not compared with the one before; `None` when that one has the same phrases (blocking).
    /// Under the training lock, so that no other version comes between.
    pub(super) fn version(
        &self,
        store: &Store,
        by: Option<String>,
    ) -> Result<Option<NewVersion>, DbError> {
        let before = store.read_blocking(|tx| versions::newest_phrases(tx))?;
        Ok(NewVersion::of(&before, &self.phrases, self.seconds, by))
    }
}

/// The model for a server that starts: from its file, or trained now, which is a version (blocking).
pub(super) fn at_start(store: &Store, data_dir: &Path) -> Result<(Nlu, Arc<Path>), KnowledgeError> {
    let file: Arc<Path> = data_dir.join(MODEL_FILE).into();
    let set = store.read_blocking(training_set)?;
    if let Some(nlu) = cached(&set, &file) {
        return Ok((nlu, file));
    }
    let learned = learn(set)?;
    if let Some(new) = learned.version(store, None)? {
        store.write_blocking(move |tx| versions::insert(tx, &new, now_ms()))?;
    }
    save_model(&learned.nlu, &file);
    Ok((learned.nlu, file))
}

/// The model in the file, when it was trained from this set.
fn cached(set: &TrainingSet, model_file: &Path) -> Option<Nlu> {
    let bytes = std::fs::read(model_file).ok()?;
    Nlu::decode(&bytes, &set.key())
        .inspect_err(
            |error| tracing::info!(%error, "the cached model does not fit; training again"),
        )
        .ok()
}

fn learn(set: TrainingSet) -> Result<Learned, KnowledgeError> {
    tracing::info!(phrases = set.phrases.len(), "training the classifier");
    Learned::from(set)
}

/// Keeps the model for the next start. That only saves time: a full disk is no reason to fail.
pub(super) fn save_model(nlu: &Nlu, model_file: &Path) {
    let temporary = model_file.with_extension("new");
    if let Err(error) = std::fs::write(&temporary, nlu.encode())
        .and_then(|()| std::fs::rename(&temporary, model_file))
    {
        tracing::warn!(%error, "the trained model could not be cached");
    }
}

/// Adds the job that trains again. It does nothing when nothing it learns from has changed, so every change may ask.
pub(super) fn train_soon(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: TRAIN_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue_at(tx, &job, now_ms + TRAIN_AFTER_MS, now_ms)
}

/// What the model is trained from: every phrase, and the pack's texts for telling languages apart.
fn training_set(tx: &mut dyn Tx) -> Result<TrainingSet, DbError> {
    let phrases = store::phrases(tx)?;
    let mut texts: Vec<(Lang, String)> = Vec::new();
    for answer in store::answers(tx)? {
        texts.push((answer.lang, answer.body));
    }
    for document in store::documents(tx)? {
        texts.push((document.lang, document.title));
        texts.push((document.lang, document.body));
    }
    Ok(TrainingSet { phrases, texts })
}

/// The model and the knowledge of a data folder, for the command line, also beside a running server; without a database
/// those of the built-in company.
///
/// Errors: the database cannot be read, or training failed.
pub fn understanding_at(data_dir: &Path) -> Result<(Nlu, Snapshot), KnowledgeError> {
    let read = |tx: &mut dyn Tx| {
        let set = training_set(tx)?;
        Ok::<_, KnowledgeError>((set, Snapshot::build(store::load(tx)?)?))
    };
    let database = data_dir.join(DATABASE_FILE);
    if database.exists() {
        let (set, snapshot) = read_only(&database, read)?;
        let file = data_dir.join(MODEL_FILE);
        let nlu = match cached(&set, &file) {
            Some(nlu) => nlu,
            None => learn(set)?.nlu,
        };
        return Ok((nlu, snapshot));
    }
    let pack = Pack::built_in()?;
    let (set, snapshot) = in_memory(|tx| {
        import(tx, &pack, now_ms())?;
        read(tx)
    })?;
    Ok((Nlu::train(&set)?, snapshot))
}
