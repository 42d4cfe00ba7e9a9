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

/// The model for a server that starts: from its file, or trained now, which is a version (blocking). While nothing has
/// changed since the last start, what it was trained from is known by its digest and need not be read.
pub(super) fn at_start(store: &Store, data_dir: &Path) -> Result<(Nlu, Arc<Path>), KnowledgeError> {
    let file: Arc<Path> = data_dir.join(MODEL_FILE).into();
    let kept = store.read_blocking(|tx| store::training_digest(tx))?;
    if let Some(nlu) = kept.and_then(|digest| cached(&digest.key(), &file)) {
        return Ok((nlu, file));
    }
    let set = store.write_blocking(|tx| {
        let set = training_set(tx)?;
        store::keep_training_digest(tx, set.digest(), now_ms())?;
        Ok::<_, DbError>(set)
    })?;
    if let Some(nlu) = cached(&set.key(), &file) {
        return Ok((nlu, file));
    }
    let learned = learn(set)?;
    if let Some(new) = learned.version(store, None)? {
        store.write_blocking(move |tx| versions::insert(tx, &new, now_ms()))?;
    }
    save_model(&learned.nlu, &file);
    Ok((learned.nlu, file))
}

/// The model in the file, when it has this key.
fn cached(key: &[u8; 32], model_file: &Path) -> Option<Nlu> {
    let bytes = std::fs::read(model_file).ok()?;
    Nlu::decode(&bytes, key)
        .inspect_err(|error| tracing::info!(%error, "the cached model does not fit"))
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

/// Notes that what the model learns from may have changed, and adds the job that trains again, which does nothing when
/// it has not.
pub(super) fn note_change(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    store::forget_training_digest(tx)?;
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
        Ok::<_, KnowledgeError>((set, Snapshot::build(store::load(tx)?, None)?))
    };
    let database = data_dir.join(DATABASE_FILE);
    if database.exists() {
        let (set, snapshot) = read_only(&database, read)?;
        let file = data_dir.join(MODEL_FILE);
        let nlu = match cached(&set.key(), &file) {
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

/// What is known in a data folder (blocking); without a database there, the built-in company.
///
/// Errors: the database cannot be read.
pub fn snapshot_at(data_dir: &Path) -> Result<Snapshot, KnowledgeError> {
    let read = |tx: &mut dyn Tx| Snapshot::build(store::load(tx)?, None);
    let database = data_dir.join(DATABASE_FILE);
    if database.exists() {
        return read_only(&database, read);
    }
    let pack = Pack::built_in()?;
    in_memory(|tx| {
        import(tx, &pack, now_ms())?;
        read(tx)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::document::DocumentValues;
    use crate::knowledge::pack::pack_zip;
    use crate::knowledge::{NewIntent, PerLang, PublicFacts, add_intent, add_phrases};
    use crate::platform::cache::Cache;
    use crate::platform::db::StoreOptions;

    const BY: Actor = Actor::EnvironmentKey;

    /// The built-in company with few phrases, which is learned in no time.
    fn small_pack() -> Pack {
        let mut pack = Pack::built_in().unwrap();
        for lang in Lang::ALL {
            let phrases = pack.phrases.get_mut(lang);
            phrases.retain(|intent, _| ["price", "warranty", "out_of_scope"].contains(&&**intent));
            for of_intent in phrases.values_mut() {
                of_intent.truncate(5);
            }
        }
        pack
    }

    fn document(body: &str) -> DocumentValues {
        DocumentValues {
            kind: "faq".into(),
            slug: "faq-parking".into(),
            lang: Lang::En,
            title: "Can I park there?".into(),
            body: body.into(),
            tags: Vec::new(),
            url: None,
            fields: serde_json::Map::new(),
            pictures: Vec::new(),
            position: 100,
            is_published: true,
        }
    }

    /// A data folder and the knowledge in it.
    struct Company {
        folder: tempfile::TempDir,
        store: Store,
        knowledge: Knowledge,
        runtime: tokio::runtime::Runtime,
    }

    impl Company {
        fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&StoreOptions {
                path: folder.path().join(DATABASE_FILE),
                readers: 1,
                sql_log_file: None,
            })
            .unwrap();
            let pack = small_pack();
            store
                .write_blocking(move |tx| import(tx, &pack, now_ms()))
                .unwrap();
            let knowledge =
                Knowledge::open(&store, &Cache::default(), folder.path(), None).unwrap();
            Self {
                knowledge,
                store,
                folder,
                runtime: tokio::runtime::Runtime::new().unwrap(),
            }
        }

        fn set(&self) -> TrainingSet {
            self.store.read_blocking(training_set).unwrap()
        }

        fn kept(&self) -> Option<crate::nlu::TrainingDigest> {
            let kept = self.store.read_blocking(|tx| store::training_digest(tx));
            kept.unwrap()
        }

        /// A start now takes a model of what the tables hold, and what they hold is known again.
        fn starts_anew(&self, after: &str) {
            let (nlu, _) = at_start(&self.store, self.folder.path()).unwrap();
            assert_eq!(nlu.key(), self.set().key(), "{after}");
            assert_eq!(self.kept(), Some(self.set().digest()), "{after}");
        }

        fn change(
            &self,
            what: &str,
            change: impl FnOnce(&mut dyn Tx) -> Result<(), KnowledgeError> + Send + 'static,
        ) {
            let before = self.set();
            self.runtime
                .block_on(self.knowledge.change(change))
                .unwrap();
            assert_ne!(self.set(), before, "{what} changes what is learned from");
            assert_eq!(self.kept(), None, "{what}");
            self.starts_anew(what);
        }
    }

    #[test]
    fn after_any_change_a_start_takes_no_older_model() {
        let company = Company::open();
        company.starts_anew("a first start");
        company.change("a phrase", |tx| {
            add_phrases(tx, "price", Lang::En, &["zzyzx garply".into()])
        });
        company.change("an intent", |tx| {
            let texts = |text: &str| PerLang::try_from_fn(|_| Ok::<_, KnowledgeError>(text.into()));
            let (titles, answers) = (texts("Parking")?, texts("In front of it.")?);
            let name = "parking".into();
            add_intent(
                tx,
                &NewIntent {
                    name,
                    titles,
                    answers,
                },
                now_ms(),
            )
        });
        company.change("a document", |tx| {
            store::insert_document(tx, &document("Yes."), now_ms()).map(drop)
        });
        let newest = |tx: &mut dyn Tx| {
            Ok::<_, DbError>(store::documents(tx)?.iter().map(|row| row.id).max())
        };
        let id = company.store.read_blocking(newest).unwrap().unwrap();
        company.change("another text of a document", move |tx| {
            store::update_document(tx, id, &document("No."), now_ms())
        });
        company.change("a document less", move |tx| store::delete_document(tx, id));

        let before = company.set();
        let restored = company.runtime.block_on(company.knowledge.restore(1, BY));
        assert_eq!(restored.unwrap().version, 3);
        assert_ne!(company.set(), before);
        company.starts_anew("an older version");
        let before = company.set();
        let mut pack = small_pack();
        pack.phrases
            .en
            .values_mut()
            .for_each(|phrases| drop(phrases.pop()));
        let zip = pack_zip(&pack.files().unwrap()).unwrap();
        let replaced = company
            .runtime
            .block_on(company.knowledge.replace_pack(zip, BY));
        assert!(replaced.is_ok());
        assert_ne!(company.set(), before);
        assert_eq!(company.kept(), None);
        company.starts_anew("a pack");
    }

    #[test]
    fn what_is_learned_from_is_known_from_one_start_to_the_next_and_only_to_the_same_program() {
        let company = Company::open();
        let digest = company.set().digest();
        assert_eq!(company.kept(), Some(digest));
        let facts = PublicFacts::default();
        let change = move |tx: &mut dyn Tx| facts.save(tx, now_ms()).map_err(KnowledgeError::from);
        company
            .runtime
            .block_on(company.knowledge.change(change))
            .unwrap();
        assert_eq!(company.kept(), None, "whatever changes may change it");
        company.starts_anew("settings");
        let by_another = move |tx: &mut dyn Tx| {
            crate::platform::settings::save(tx, "training_digest", &("2.3.0", digest), now_ms())
        };
        company.store.write_blocking(by_another).unwrap();
        assert_eq!(company.kept(), None);
        company.starts_anew("another program");
    }
}
