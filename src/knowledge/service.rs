//! The knowledge slice's state: the current snapshot, and the model trained from the phrases.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use super::company::Company;
use super::import::import;
use super::pack::Pack;
use super::snapshot::Snapshot;
use super::{KnowledgeError, store};
use crate::nlu::{Lang, Nlu, TrainingSet};
use crate::platform::cache::Cache;
use crate::platform::clock::now_ms;
use crate::platform::db::{DATABASE_FILE, DbError, Store, Tx, in_memory, read_only};

/// The company's knowledge. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    pub(super) store: Store,
    pub(super) cache: Cache,
    snapshot: Arc<ArcSwap<Snapshot>>,
    generation: Arc<AtomicU64>,
    nlu: Arc<Nlu>,
}

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
            nlu: Arc::new(nlu),
        })
    }

    /// The knowledge as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// The model that understands messages.
    pub fn nlu(&self) -> &Nlu {
        &self.nlu
    }

    /// Numbers of intents and entities, for health.
    pub async fn counts(&self) -> Result<(usize, usize), DbError> {
        let entities = self
            .store
            .read(|tx| Ok::<_, DbError>(store::entities(tx)?.len()))
            .await?;
        Ok((self.snapshot.load().intents().len(), entities))
    }

    /// Replaces the company's facts.
    ///
    /// Errors: a value is refused, or a text no longer renders with it.
    pub(super) async fn set_company(&self, company: Company) -> Result<(), KnowledgeError> {
        company.validate()?;
        self.change(move |tx| Ok(store::save_company(tx, &company, now_ms())?))
            .await
    }

    /// Runs a change and builds the snapshot it leads to inside the same transaction, so that a change whose texts
    /// do not render is rolled back; after the commit, readers see the new one.
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
    // The cache only saves time; a full disk must not keep the server from starting.
    let temporary = model_file.with_extension("new");
    if let Err(error) = std::fs::write(&temporary, nlu.encode())
        .and_then(|()| std::fs::rename(&temporary, model_file))
    {
        tracing::warn!(%error, "the trained model could not be cached");
    }
    Ok(nlu)
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
