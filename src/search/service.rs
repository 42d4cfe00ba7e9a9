//! Use cases of search. What they do with the index is in `live_index`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;

use super::answer::{Asked, CLOSENESS_HITS, Shown, Texts};
use super::documents;
use super::engine::{Counts, Filter, Found, Hit, Key, Kind, Lexicon, Phrases, Reading};
use super::live_index::{Difference, LiveIndex};
use super::tally::Tally;
use super::{SearchError, scan, store, team};
use crate::knowledge::{Knowledge, PerLang, Snapshot, Source};
use crate::nlu::Lang;
use crate::platform::db::Store;

/// Folder of the indexes within the data folder.
const FOLDER: &str = "search";

/// Search. Cheap to clone.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    store: Store,
    knowledge: Knowledge,
    folder: PathBuf,
    /// Opened in the background, so that the server answers before.
    engine: OnceLock<Engine>,
    tally: Mutex<Tally>,
}

/// What a search needs beside the knowledge itself.
pub(super) struct Engine {
    pub(super) lexicon: Arc<Lexicon>,
    pub(super) documents: LiveIndex,
    /// Leads and conversations.
    pub(super) people: LiveIndex,
    /// Held while the synonyms are changed.
    synonyms_change: Mutex<()>,
    phrases: ArcSwap<PerLang<Option<Phrases>>>,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) text: String,
    pub(super) filter: Filter,
    pub(super) has_typos: bool,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

/// What was found.
#[derive(Default)]
pub(super) struct Results {
    pub(super) total: usize,
    pub(super) shown: Vec<Shown>,
    /// In the order of [`Kind::ALL`].
    pub(super) kinds: Vec<usize>,
    /// In the order of [`Lang::ALL`].
    pub(super) langs: Vec<usize>,
    pub(super) corrected: Option<String>,
    /// There is no index yet; the documents were only looked through.
    pub(super) is_partial: bool,
}

/// A text of the company that speaks to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// The document it is from.
    pub source: Source,
    /// The document's text, its beginning where it is long.
    pub text: String,
    /// How well it fits, 0 to 1.
    pub score: f32,
}

/// Longest text of a [`Passage`].
const PASSAGE_MAX_CHARS: usize = 1_500;

impl Engine {
    /// Held while the synonyms are read and put to use, so that the last change is the one that stays.
    pub(super) fn synonyms_change(&self) -> MutexGuard<'_, ()> {
        self.synonyms_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Search {
    /// Wires the slice; nothing is read yet, see [`Search::start`].
    pub fn new(store: Store, knowledge: Knowledge, data_dir: &Path) -> Self {
        Self(Arc::new(Inner {
            store,
            knowledge,
            folder: data_dir.join(FOLDER),
            engine: OnceLock::new(),
            tally: Mutex::default(),
        }))
    }

    /// Opens the indexes and brings them in line with the database (blocking).
    ///
    /// Errors: the index can be neither opened nor built; search goes through the documents then.
    pub fn start(&self) -> Result<(), SearchError> {
        self.open()?;
        self.sync()?;
        self.sync_people().map(drop)
    }

    /// Opens the indexes as they are (blocking).
    ///
    /// Errors: what the program brings cannot be read, or the database cannot.
    pub fn open(&self) -> Result<(), SearchError> {
        let lexicon = Arc::new(Lexicon::new(&self.own_synonyms()?)?);
        let index = |name| LiveIndex::new(self.0.folder.join(name), Arc::clone(&lexicon));
        let engine = Engine {
            documents: index("documents"),
            people: index("people"),
            lexicon: Arc::clone(&lexicon),
            synonyms_change: Mutex::default(),
            phrases: ArcSwap::default(),
        };
        engine.documents.open();
        self.learn_phrases(&engine)?;
        // A second start finds the first one's.
        let _ = self.0.engine.set(engine);
        self.engine()?.people.open();
        Ok(())
    }

    /// Brings the index of leads and conversations in line with the database (blocking); answers what differed.
    pub fn sync_people(&self) -> Result<Difference, SearchError> {
        team::sync(&self.0.store, &self.engine()?.people)
    }

    /// Brings the index of documents in line with the database (blocking); answers what differed.
    pub fn sync(&self) -> Result<Difference, SearchError> {
        let engine = self.engine()?;
        let knowledge = self.0.knowledge.snapshot();
        let wanted = documents::versions(&knowledge);
        let difference = engine
            .documents
            .sync(&wanted, |versioned| documents::entry(&knowledge, versioned))?;
        if !difference.is_none() {
            self.learn_phrases(engine)?;
        }
        Ok(difference)
    }

    /// Builds the index of documents anew (blocking); searches use the old one meanwhile.
    pub fn reindex(&self) -> Result<Stats, SearchError> {
        let engine = self.engine()?;
        let knowledge = self.0.knowledge.snapshot();
        let wanted = documents::versions(&knowledge);
        engine
            .documents
            .rebuild(&wanted, |versioned| documents::entry(&knowledge, versioned))?;
        self.learn_phrases(engine)?;
        self.stats()
    }

    /// How the index differs from the database.
    pub fn verify(&self) -> Result<Difference, SearchError> {
        self.engine()?
            .documents
            .difference(&documents::versions(&self.0.knowledge.snapshot()))
    }

    /// Numbers about the index.
    pub fn stats(&self) -> Result<Stats, SearchError> {
        let index = &self.engine()?.documents;
        let reading = index.reading();
        let difference = self.verify()?;
        Ok(Stats {
            counts: reading
                .as_ref()
                .map(|reading| reading.counts())
                .unwrap_or_default(),
            size_bytes: index.size_bytes(),
            committed_at_ms: reading
                .and_then(|reading| reading.committed())
                .map(|committed| committed.at_ms),
            pending: difference.missing.len() + difference.stale.len() + difference.gone.len(),
        })
    }

    pub(super) fn engine(&self) -> Result<&Engine, SearchError> {
        self.engine_if_open().ok_or(SearchError::NotReady)
    }

    pub(super) fn engine_if_open(&self) -> Option<&Engine> {
        self.0.engine.get()
    }

    pub(super) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(super) fn tally(&self) -> &Mutex<Tally> {
        &self.0.tally
    }

    /// The language a text seems to be in.
    pub(super) fn language_of(&self, text: &str) -> Lang {
        self.0.knowledge.nlu().understand(text).pick(None).0
    }

    /// Completes what is typed with the titles and searches as they are now (blocking).
    pub(super) fn refresh_phrases(&self) -> Result<(), SearchError> {
        self.engine_if_open()
            .map_or(Ok(()), |engine| self.learn_phrases(engine))
    }

    fn learn_phrases(&self, engine: &Engine) -> Result<(), SearchError> {
        let mut phrases = documents::phrases(&self.0.knowledge.snapshot());
        let mut learned = PerLang::default();
        for lang in Lang::ALL {
            let mut of_lang = std::mem::take(phrases.get_mut(lang));
            of_lang.extend(
                self.0
                    .store
                    .read_blocking(move |tx| store::frequent(tx, lang))?,
            );
            *learned.get_mut(lang) = Some(Phrases::new(of_lang, lang, &engine.lexicon));
        }
        engine.phrases.store(Arc::new(learned));
        Ok(())
    }

    /// Finds documents.
    pub(super) fn find(&self, query: &Query) -> Result<Results, SearchError> {
        let knowledge = self.0.knowledge.snapshot();
        let texts = |key| texts(&knowledge, key);
        let Some((engine, reading)) = self.reading() else {
            return Ok(scan::find(&knowledge, query));
        };
        let asked = Asked::new(
            &query.text,
            query.filter.lang,
            query.has_typos,
            &reading,
            &engine.lexicon,
        );
        let found = reading.find(&asked.wanted, &query.filter, hits_needed(query))?;
        let shown = asked.show(&found, query.offset, query.limit, texts);
        let corrected = shown.first().and_then(|best| asked.corrected(best, texts));
        let Found {
            total,
            kinds,
            langs,
            ..
        } = found;
        Ok(Results {
            total,
            shown,
            kinds,
            langs,
            corrected,
            is_partial: false,
        })
    }

    fn reading(&self) -> Option<(&Engine, Arc<Reading>)> {
        let engine = self.0.engine.get()?;
        Some((engine, engine.documents.reading()?))
    }

    /// Phrases that complete what was typed, best first.
    ///
    /// * `lang`: of these only; else of all languages.
    pub(super) fn suggest(&self, typed: &str, lang: Option<Lang>, limit: usize) -> Vec<String> {
        let Some(engine) = self.0.engine.get() else {
            return Vec::new();
        };
        let phrases = engine.phrases.load();
        let langs = lang.map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
        let of = |lang: Lang| {
            phrases
                .get(lang)
                .as_ref()
                .map(|phrases| phrases.complete(typed, &engine.lexicon, limit))
        };
        let mut best: Vec<_> = langs.into_iter().filter_map(of).flatten().collect();
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut texts: Vec<String> = Vec::with_capacity(limit);
        for (_, phrase) in best {
            if texts.len() < limit && !texts.contains(&phrase.text) {
                texts.push(phrase.text.clone());
            }
        }
        texts
    }

    /// The texts that speak to a question best, best first; none before there is an index.
    pub fn passages(&self, question: &str, lang: Lang, limit: usize) -> Vec<Passage> {
        let Some((engine, reading)) = self.reading() else {
            return Vec::new();
        };
        let knowledge = self.0.knowledge.snapshot();
        let asked = Asked::new(question, Some(lang), true, &reading, &engine.lexicon);
        let found = match reading.find(&asked.wanted, &Filter::default(), limit) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "passages cannot be looked for");
                return Vec::new();
            }
        };
        let passage = |hit: &Hit| {
            let document = knowledge.published_document(hit.key.id(), hit.key.lang())?;
            let text = document.text();
            let end = text
                .char_indices()
                .nth(PASSAGE_MAX_CHARS)
                .map_or(text.len(), |(at, _)| at);
            Some(Passage {
                source: document.source(),
                text: text[..end].to_owned(),
                score: hit.score,
            })
        };
        found.hits.iter().filter_map(passage).collect()
    }

    /// The knowledge that is searched.
    pub(super) fn knowledge(&self) -> Arc<Snapshot> {
        self.0.knowledge.snapshot()
    }
}

/// Numbers about the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Entries and words.
    pub counts: Counts,
    /// Bytes on disk.
    pub size_bytes: u64,
    /// When it was written last, milliseconds UTC.
    pub committed_at_ms: Option<i64>,
    /// Entries that differ from the database.
    pub pending: usize,
}

/// The best hits are put in order again, so as many are needed even for the first page.
fn hits_needed(query: &Query) -> usize {
    (query.offset + query.limit).max(CLOSENESS_HITS)
}

fn texts(knowledge: &Snapshot, key: Key) -> Option<Texts<'_>> {
    let document = knowledge.published_document(key.id(), key.lang())?;
    Some(Texts {
        title: document.title().into(),
        body: document.text().into(),
    })
}

/// Kinds visitors may ask for.
pub(super) const PUBLIC_KINDS: [Kind; 8] = [
    Kind::Faq,
    Kind::Portfolio,
    Kind::Review,
    Kind::Blog,
    Kind::Package,
    Kind::Process,
    Kind::WhyUs,
    Kind::Page,
];
