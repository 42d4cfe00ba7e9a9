//! The knowledge slice's state: the current snapshot, and the model trained from the phrases.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};
use serde_json::json;
use tokio::sync::{Mutex, watch};

use super::company::Company;
use super::language::{Offered, request_lang};
use super::pack::{Pack, PackCounts, export, import, pack_zip, unpack_zip};
use super::snapshot::Snapshot;
use super::training::{Learned, note_change, save_model};
use super::widget::Widget;
use super::{KnowledgeError, store, training, versions};
use crate::accounts::audit;
use crate::nlu::{Lang, Nlu};
use crate::platform::cache::Cache;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::Actor;
use crate::platform::http::Problem;
use crate::platform::jobs::{NewJob, enqueue};

/// The company's knowledge. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    pub(super) store: Store,
    pub(super) cache: Cache,
    snapshot: Arc<ArcSwap<Snapshot>>,
    /// Number of the newest change; begins with the time of the start, so that it only ever grows.
    generation: Arc<AtomicU64>,
    /// Number of the newest change that readers see.
    seen: Arc<watch::Sender<u64>>,
    nlu: Arc<ArcSwap<Nlu>>,
    model_file: Arc<Path>,
    /// The host of a language model that gets visitors' words.
    third_party: Option<Arc<str>>,
    /// Held while the model is trained or replaced, so that an older one never replaces a newer.
    pub(super) training: Arc<Mutex<()>>,
    /// The server is about to end.
    pub(super) stops: Arc<AtomicBool>,
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

    /// The company's facts as they are inside the transaction of a change, to be changed and saved.
    pub fn company_now(tx: &mut dyn Tx) -> Result<Company, KnowledgeError> {
        store::company(tx)
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

/// Beginning of every cache key of this slice.
pub(super) const CACHE_PREFIX: &str = "knowledge:";

impl Knowledge {
    /// Imports the built-in company when the database is new, then loads snapshot and model; the model comes from
    /// its cache file when that was trained from the same phrases, else it is trained now (blocking).
    ///
    /// * `third_party`: the host of a language model that gets visitors' words, for the privacy notice.
    pub fn open(
        store: &Store,
        cache: &Cache,
        data_dir: &Path,
        third_party: Option<&str>,
    ) -> Result<Self, KnowledgeError> {
        if !store.read_blocking(|tx| store::is_imported(tx))? {
            let pack = Pack::built_in()?;
            store.write_blocking(move |tx| import(tx, &pack, now_ms()))?;
        }
        let rows = store.read_blocking(|tx| store::load(tx))?;
        let snapshot = Snapshot::build(rows, third_party)?;
        let began = now_ms().unsigned_abs();
        let (nlu, model_file) = training::at_start(store, data_dir)?;
        Ok(Self {
            store: store.clone(),
            cache: cache.clone(),
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
            generation: Arc::new(AtomicU64::new(began)),
            seen: Arc::new(watch::Sender::new(began)),
            nlu: Arc::new(ArcSwap::from_pointee(nlu)),
            model_file,
            third_party: third_party.map(Arc::from),
            training: Arc::default(),
            stops: Arc::default(),
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
        let _one_at_a_time = self.training.lock().await;
        let (store, by) = (self.store.clone(), by.to_string());
        let (pack, nlu, version, by) = in_background(move || {
            let pack = Pack::from_files(&unpack_zip(&zip)?)?;
            let learned = Learned::from_pack(&pack)?;
            let version = learned.version(&store, Some(by.clone()))?;
            Ok((pack, learned.nlu, version, by))
        })
        .await?;
        let counts = pack.counts();
        self.change(move |tx| {
            let now = now_ms();
            import(tx, &pack, now)?;
            audit::record(tx, &by, "pack_replaced", None, &json!(counts), now)?;
            if let Some(new) = &version {
                versions::insert(tx, new, now)?;
            }
            Ok::<_, KnowledgeError>(())
        })
        .await?;
        let knowledge = self.clone();
        in_background(move || {
            knowledge.adopt(nlu);
            Ok(())
        })
        .await?;
        Ok(counts)
    }

    /// Answers with `nlu` from now on, and at the next start.
    pub(super) fn adopt(&self, nlu: Nlu) {
        save_model(&nlu, &self.model_file);
        self.nlu.store(Arc::new(nlu));
    }

    /// Runs a change and builds the snapshot it leads to inside the same transaction, so that a change whose texts
    /// do not render is rolled back; after the commit, readers see the new one. Training follows as a job. Whatever
    /// changes the slice's tables comes through here, or else snapshot and model would stay behind.
    pub async fn change<T, E>(
        &self,
        change: impl FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<KnowledgeError> + From<DbError> + Send + 'static,
    {
        let knowledge = self.clone();
        // A client that goes away meanwhile must not keep the others from seeing what was committed.
        let changed = tokio::spawn(async move { knowledge.change_now(change).await }).await;
        changed.unwrap_or_else(|error| Err(DbError::Internal(error.to_string()).into()))
    }

    async fn change_now<T, E>(
        &self,
        change: impl FnOnce(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<KnowledgeError> + From<DbError> + Send + 'static,
    {
        let generation = Arc::clone(&self.generation);
        let third_party = self.third_party.clone();
        let (value, snapshot) = self
            .store
            .write(move |tx| {
                let value = change(tx)?;
                let mut snapshot = Snapshot::build(store::load(tx)?, third_party.as_deref())?;
                snapshot.generation = generation.fetch_add(1, Ordering::Relaxed) + 1;
                note_change(tx, now_ms())?;
                announce(tx, snapshot.generation, now_ms())?;
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
        let seen = snapshot.generation;
        self.seen.send_modify(|newest| *newest = seen.max(*newest));
        Ok(value)
    }

    /// Waits until readers see a committed change.
    ///
    /// * `payload_json`: that of its [`CHANGED_JOB`].
    pub async fn until_seen(&self, payload_json: &str) {
        // A job of an earlier process has a lower number than this one began with.
        let generation: u64 = payload_json.parse().unwrap_or(0);
        let mut seen = self.seen.subscribe();
        let _ = seen.wait_for(|newest| *newest >= generation).await;
    }
}

/// The job that follows every change of the knowledge, for whatever is made from it; see [`Knowledge::until_seen`].
pub const CHANGED_JOB: &str = "knowledge.changed";

fn announce(tx: &mut dyn Tx, generation: u64, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: CHANGED_JOB,
        payload_json: &generation.to_string(),
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)
}

/// Runs what takes long on a thread of its own.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KnowledgeError> + Send + 'static,
) -> Result<T, KnowledgeError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(DbError::Internal(error.to_string()).into()))
}
