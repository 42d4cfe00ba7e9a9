//! The knowledge slice's state: the current snapshot, and the model trained from the phrases.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use serde_json::json;

use super::company::Company;
use super::language::{Offered, request_lang};
use super::pack::{Pack, PackCounts, export, import, pack_zip, unpack_zip};
use super::snapshot::Snapshot;
use super::widget::Widget;
use super::{KnowledgeError, store};
use crate::accounts::audit;
use crate::nlu::{Lang, Nlu, TrainingSet};
use crate::platform::cache::Cache;
use crate::platform::clock::now_ms;
use crate::platform::db::{DATABASE_FILE, DbError, Store, Tx, in_memory, read_only};
use crate::platform::http::Actor;
use crate::platform::http::Problem;
use crate::platform::jobs::{NewJob, enqueue_at};

/// The company's knowledge. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    pub(super) store: Store,
    pub(super) cache: Cache,
    snapshot: Arc<ArcSwap<Snapshot>>,
    generation: Arc<AtomicU64>,
    nlu: Arc<ArcSwap<Nlu>>,
    model_file: Arc<Path>,
    /// Held while the model is trained or replaced, so that an older one never replaces a newer.
    training: Arc<Mutex<()>>,
}

/// What the owner says of the company to everyone; what is missing stays.
#[derive(Debug, Clone, Default)]
pub struct PublicFacts {
    /// Name, contact, prices, hours.
    pub company: Option<Company>,
    /// The languages the company answers in.
    pub offered: Option<Offered>,
    /// How the chat looks and begins.
    pub widget: Option<Widget>,
}

impl PublicFacts {
    /// Checks and cleans every part.
    ///
    /// Errors: the field that is refused.
    pub fn checked(self) -> Result<Self, KnowledgeError> {
        if let Some(company) = &self.company {
            company.validate()?;
        }
        Ok(Self {
            widget: self.widget.map(Widget::checked).transpose()?,
            ..self
        })
    }

    /// Saves every part; inside [`Knowledge::change`].
    pub fn save(&self, tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
        if let Some(company) = &self.company {
            store::save_company(tx, company, now_ms)?;
        }
        if let Some(offered) = &self.offered {
            store::save_offered(tx, offered, now_ms)?;
        }
        if let Some(widget) = &self.widget {
            store::save_widget(tx, widget, now_ms)?;
        }
        Ok(())
    }
}

/// Kind of the job that trains the model again.
pub const TRAIN_JOB: &str = "train_model";
/// Changes often come in a row; training waits so long, so that one training does for several.
const TRAIN_AFTER_MS: i64 = 2_000;
/// The trained model in the data folder.
const MODEL_FILE: &str = "nlu-model.bin";
/// Beginning of every cache key of this slice.
pub(super) const CACHE_PREFIX: &str = "knowledge:";

impl Knowledge {
    /// Imports the built-in company when the database is new, then loads snapshot and model; the model comes from
    /// its cache file when that was trained from the same phrases, else it is trained now (blocking).
    pub fn open(store: &Store, cache: &Cache, data_dir: &Path) -> Result<Self, KnowledgeError> {
        if !store.read_blocking(|tx| store::is_imported(tx))? {
            let pack = Pack::built_in()?;
            store.write_blocking(move |tx| import(tx, &pack, now_ms()))?;
        }
        let snapshot = store.read_blocking(|tx| Snapshot::build(store::load(tx)?))?;
        let nlu = trained(
            &store.read_blocking(training_set)?,
            &data_dir.join(MODEL_FILE),
        )?;
        Ok(Self {
            store: store.clone(),
            cache: cache.clone(),
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
            generation: Arc::default(),
            nlu: Arc::new(ArcSwap::from_pointee(nlu)),
            model_file: data_dir.join(MODEL_FILE).into(),
            training: Arc::default(),
        })
    }

    /// The language of a request, one of those the company answers in; see [`request_lang`].
    pub fn request_lang(&self, named: Option<&str>, accept: Option<&str>) -> Result<Lang, Problem> {
        request_lang(named, accept, self.snapshot().offered())
    }

    /// The knowledge as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The model that understands messages.
    pub fn nlu(&self) -> Guard<Arc<Nlu>> {
        self.nlu.load()
    }

    /// Numbers of intents and entities, for health.
    pub async fn counts(&self) -> Result<(usize, usize), DbError> {
        let entities = self
            .store
            .read(|tx| Ok::<_, DbError>(store::entities(tx)?.len()))
            .await?;
        Ok((self.snapshot.load().intents().len(), entities))
    }

    /// Everything the company brings, as a zip of the pack's files.
    pub(super) async fn export_pack(&self) -> Result<Vec<u8>, KnowledgeError> {
        let pack = self.store.read(|tx| export(tx)).await?;
        in_background(move || pack_zip(&pack.files()?)).await
    }

    /// Replaces everything the company brings. The pack is read, checked and learned from before anything changes;
    /// until the commit visitors get the old answers from the old model.
    ///
    /// Errors: what is wrong with which file; nothing has changed then.
    pub(super) async fn replace_pack(
        &self,
        zip: Vec<u8>,
        by: Actor,
    ) -> Result<PackCounts, KnowledgeError> {
        let (pack, nlu) = in_background(move || {
            let pack = Pack::from_files(&unpack_zip(&zip)?)?;
            let nlu = learned(&pack)?;
            Ok((pack, nlu))
        })
        .await?;
        let counts = pack.counts();
        self.change(move |tx| {
            let now = now_ms();
            import(tx, &pack, now)?;
            let details = json!(counts);
            audit::record(tx, &by.to_string(), "pack_replaced", None, &details, now)?;
            Ok::<_, KnowledgeError>(())
        })
        .await?;
        let knowledge = self.clone();
        in_background(move || {
            let _one_at_a_time = knowledge
                .training
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            knowledge.adopt(nlu);
            Ok(())
        })
        .await?;
        Ok(counts)
    }

    /// Trains the model again beside the one in use when what it learns from has changed (blocking, a second or two).
    pub fn train(&self) -> Result<(), KnowledgeError> {
        let _one_at_a_time = self.training.lock().unwrap_or_else(PoisonError::into_inner);
        let set = self.store.read_blocking(training_set)?;
        if set.key() == self.nlu.load().key() {
            return Ok(());
        }
        tracing::info!(phrases = set.phrases.len(), "training the classifier again");
        self.adopt(Nlu::train(&set)?);
        Ok(())
    }

    /// Answers with `nlu` from now on, and at the next start.
    fn adopt(&self, nlu: Nlu) {
        save_model(&nlu, &self.model_file);
        self.nlu.store(Arc::new(nlu));
    }

    /// Runs a change and builds the snapshot it leads to inside the same transaction, so that a change whose texts
    /// do not render is rolled back; after the commit, readers see the new one. Training follows as a job.
    pub async fn change<T, E>(
        &self,
        change: impl FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<KnowledgeError> + From<DbError> + Send + 'static,
    {
        let generation = Arc::clone(&self.generation);
        let (value, snapshot) = self
            .store
            .write(move |tx| {
                let value = change(tx)?;
                let mut snapshot = Snapshot::build(store::load(tx)?)?;
                snapshot.generation = generation.fetch_add(1, Ordering::Relaxed) + 1;
                train_soon(tx, now_ms())?;
                Ok::<_, E>((value, Arc::new(snapshot)))
            })
            .await?;
        // Two changes may come here in another order than they were committed in; the newer one stays.
        self.snapshot.rcu(|current| {
            if current.generation < snapshot.generation {
                Arc::clone(&snapshot)
            } else {
                Arc::clone(current)
            }
        });
        self.cache.invalidate(CACHE_PREFIX);
        Ok(value)
    }
}

/// The model of a training set: the cached one when it was trained from the same, else a new one.
fn trained(set: &TrainingSet, model_file: &Path) -> Result<Nlu, KnowledgeError> {
    let key = set.key();
    if let Ok(bytes) = std::fs::read(model_file) {
        match Nlu::decode(&bytes, &key) {
            Ok(nlu) => return Ok(nlu),
            Err(error) => tracing::info!(%error, "the cached model does not fit; training again"),
        }
    }
    tracing::info!(phrases = set.phrases.len(), "training the classifier");
    let nlu = Nlu::train(set)?;
    save_model(&nlu, model_file);
    Ok(nlu)
}

/// Keeps the model for the next start. That only saves time: a full disk is no reason to fail.
fn save_model(nlu: &Nlu, model_file: &Path) {
    let temporary = model_file.with_extension("new");
    if let Err(error) = std::fs::write(&temporary, nlu.encode())
        .and_then(|()| std::fs::rename(&temporary, model_file))
    {
        tracing::warn!(%error, "the trained model could not be cached");
    }
}

/// Adds the job that trains again. It does nothing when nothing it learns from has changed, so every change may ask.
fn train_soon(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: TRAIN_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue_at(tx, &job, now_ms + TRAIN_AFTER_MS, now_ms)
}

/// The model of a pack that no database holds yet.
///
/// Errors: its phrases do not do for training.
fn learned(pack: &Pack) -> Result<Nlu, KnowledgeError> {
    let set = in_memory(|tx| {
        import(tx, pack, now_ms())?;
        Ok::<_, KnowledgeError>(training_set(tx)?)
    })?;
    Nlu::train(&set).map_err(|error| KnowledgeError::Pack {
        file: "phrases".into(),
        why: error.to_string(),
    })
}

/// Runs what takes long on a thread of its own.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KnowledgeError> + Send + 'static,
) -> Result<T, KnowledgeError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(DbError::Internal(error.to_string()).into()))
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
        return Ok((trained(&set, &data_dir.join(MODEL_FILE))?, snapshot));
    }
    let pack = Pack::built_in()?;
    let (set, snapshot) = in_memory(|tx| {
        import(tx, &pack, now_ms())?;
        read(tx)
    })?;
    Ok((Nlu::train(&set)?, snapshot))
}
