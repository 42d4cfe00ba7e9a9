//! /api/search: finding what the company tells, for everyone.

use std::collections::BTreeMap;
use std::time::Instant;

use poem_openapi::param::{Path, Query as Param};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::answer::Shown;
use super::engine::{Filter, Kind};
use super::service::{PUBLIC_KINDS, Query, Results, Search, Stats};
use super::{SearchError, Section};
use crate::knowledge::{Published, Snapshot, named_lang};
use crate::nlu::Lang;
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{Agent, JsonBytes, Owner, Problem};
use crate::uploads::Attachment;

/// The endpoints.
pub struct SearchApi(pub Search);

/// Longest query; nobody types more, and each word costs.
pub(super) const QUERY_MAX_CHARS: usize = 200;
const LIMIT_MAX: usize = 50;
/// Nobody pages further, and each hit up to there must be kept.
const OFFSET_MAX: usize = 1_000;
const SUGGEST_MIN_CHARS: usize = 2;
const SUGGEST_LIMIT_MAX: usize = 20;

/// What was found.
#[derive(Debug, Serialize, Object)]
struct SearchAnswer {
    success: bool,
    /// As it was asked.
    query: String,
    /// Results in this answer.
    count: usize,
    /// Results in all.
    total: usize,
    /// Microseconds the search took.
    took_us: u64,
    results: Vec<ResultView>,
    facets: Facets,
    /// The query with words as they are written, when they were taken for misspelt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    corrected_query: Option<String>,
    /// True while there is no index: only documents with the very words were looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    partial: Option<bool>,
}

/// A document that was found.
#[derive(Debug, Serialize, Object)]
struct ResultView {
    id: i64,
    /// faq, package, …
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    kind: String,
    title: String,
    /// The sentence that says most of what was asked.
    content: String,
    /// Null when `highlight=false`.
    highlights: Option<Highlights>,
    tags: Vec<String>,
    /// pl, en or de.
    language: String,
    /// 0 to 1: how many of the words were found, then how well they fit.
    score: f64,
    /// Where to read more, if not here.
    url: Option<String>,
    /// RFC 3339.
    created_at: String,
}

/// HTML: escaped, with `<mark>` around the words that were found, in the form they stand there.
#[derive(Debug, Serialize, Object)]
pub(super) struct Highlights {
    pub(super) title: String,
    pub(super) content: String,
}

/// How many results there are of each kind and language.
#[derive(Debug, Serialize, Object)]
pub(super) struct Facets {
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    kind: BTreeMap<String, usize>,
    language: BTreeMap<String, usize>,
}

#[derive(Debug, Serialize, Object)]
struct SuggestAnswer {
    success: bool,
    /// Phrases as people write them, best first.
    suggestions: Vec<String>,
}

/// A document for reading.
#[derive(Debug, Object)]
struct DocumentAnswer {
    id: i64,
    /// faq, package, …
    #[oai(rename = "type")]
    kind: String,
    title: String,
    body: String,
    tags: Vec<String>,
    /// pl, en or de.
    language: String,
    url: Option<String>,
    pictures: Vec<Attachment>,
    /// RFC 3339.
    created_at: String,
}

/// Numbers about the index.
#[derive(Debug, Object)]
struct SearchStatsView {
    total_documents: usize,
    by_type: BTreeMap<String, usize>,
    by_language: BTreeMap<String, usize>,
    /// Different words, in the form they are compared in.
    unique_terms: usize,
    index_size_bytes: u64,
    /// When the index was written last, RFC 3339; null before there is one.
    last_commit: Option<String>,
    /// Documents that the index does not hold as they are now.
    pending: usize,
}

#[derive(Debug, Object)]
struct SearchStatsAnswer {
    success: bool,
    stats: SearchStatsView,
}

#[derive(Debug, Object)]
struct ReindexAnswer {
    success: bool,
    message: String,
    stats: SearchStatsView,
}

#[OpenApi(prefix_path = "/api/search", tag = "Section::Search")]
impl SearchApi {
    /// Find documents. Inflected forms, missing diacritics and typos do not matter; all words are wanted, and what has
    /// fewer of them comes later.
    #[allow(clippy::too_many_arguments)] // each is a parameter of the API
    #[oai(path = "/", method = "get", operation_id = "search")]
    async fn search(
        &self,
        /// 1 to 200 characters.
        q: Param<String>,
        /// Only this kind of documents.
        #[oai(name = "type")]
        kind: Param<Option<String>>,
        /// Only this language: `pl`, `en` or `de`.
        lang: Param<Option<String>>,
        /// Only documents with this tag.
        tag: Param<Option<String>>,
        /// 10 unless told, 50 at most.
        limit: Param<Option<i64>>,
        /// 1,000 at most.
        offset: Param<Option<i64>>,
        /// False: words are not taken for misspelt.
        fuzzy: Param<Option<bool>>,
        /// False: no highlights.
        highlight: Param<Option<bool>>,
    ) -> Result<JsonBytes<SearchAnswer>, Problem> {
        let started = Instant::now();
        let query = Query {
            text: query_text(&q.0)?,
            filter: Filter {
                kinds: kind
                    .0
                    .as_deref()
                    .map(public_kind)
                    .transpose()?
                    .into_iter()
                    .collect(),
                lang: lang.0.as_deref().map(named_lang).transpose()?,
                tag: tag.0,
            },
            has_typos: fuzzy.0.unwrap_or(true),
            limit: number("limit", limit.0, 10, 1, LIMIT_MAX)?,
            offset: number("offset", offset.0, 0, 0, OFFSET_MAX)?,
        };
        let results = self.0.find(&query)?;
        self.0.count(&query, &results);
        let answer = answer(
            &self.0.knowledge(),
            query.text,
            results,
            highlight.0.unwrap_or(true),
            started,
        );
        JsonBytes::of(&answer)
    }

    /// Complete what is being typed.
    #[oai(path = "/suggest", method = "get", operation_id = "suggest_searches")]
    async fn suggest(
        &self,
        /// 2 to 200 characters.
        q: Param<String>,
        /// 5 unless told, 20 at most.
        limit: Param<Option<i64>>,
        /// Only this language: `pl`, `en` or `de`.
        lang: Param<Option<String>>,
    ) -> Result<JsonBytes<SuggestAnswer>, Problem> {
        let typed = query_text(&q.0)?;
        if typed.trim().chars().count() < SUGGEST_MIN_CHARS {
            return Err(SearchError::Field("q", "must have 2 characters or more".into()).into());
        }
        let lang = lang.0.as_deref().map(named_lang).transpose()?;
        let limit = number("limit", limit.0, 5, 1, SUGGEST_LIMIT_MAX)?;
        JsonBytes::of(&SuggestAnswer {
            success: true,
            suggestions: self.0.suggest(&typed, lang, limit),
        })
    }

    /// One published document, whole.
    #[oai(path = "/document/:id", method = "get", operation_id = "read_document")]
    async fn document(&self, id: Path<i64>) -> Result<Json<DocumentAnswer>, Problem> {
        let knowledge = self.0.knowledge();
        let mut langs = Lang::ALL.into_iter();
        let document = langs.find_map(|lang| knowledge.published_document(id.0, lang));
        Ok(Json(document_answer(
            document.ok_or(SearchError::NotFound("document"))?,
        )))
    }

    /// Numbers about the index.
    #[oai(path = "/stats", method = "get", operation_id = "search_stats")]
    async fn stats(&self, _by: Agent) -> Result<Json<SearchStatsAnswer>, Problem> {
        let stats = in_background(&self.0, Search::stats).await?;
        Ok(Json(SearchStatsAnswer {
            success: true,
            stats: stats_view(&stats),
        }))
    }

    /// Build the index anew. Searches use the old one until the new one is whole.
    #[oai(path = "/reindex", method = "post", operation_id = "reindex_search")]
    async fn reindex(&self, _by: Owner) -> Result<Json<ReindexAnswer>, Problem> {
        let stats = in_background(&self.0, Search::reindex).await?;
        Ok(Json(ReindexAnswer {
            success: true,
            message: format!(
                "{} documents are indexed",
                stats.counts.kinds.iter().sum::<usize>()
            ),
            stats: stats_view(&stats),
        }))
    }
}

async fn in_background<T: Send + 'static>(
    search: &Search,
    work: impl FnOnce(&Search) -> Result<T, SearchError> + Send + 'static,
) -> Result<T, Problem> {
    let search = search.clone();
    let done = tokio::task::spawn_blocking(move || work(&search)).await;
    Ok(done.map_err(|error| Problem::internal(error.to_string()))??)
}

/// The text of a query. Errors: it is empty, too long or holds a zero character.
pub(super) fn query_text(q: &str) -> Result<String, SearchError> {
    let refused = |why: &str| Err(SearchError::Field("q", why.to_owned()));
    if q.trim().is_empty() {
        return refused("must not be empty");
    }
    if q.chars().nth(QUERY_MAX_CHARS).is_some() {
        return refused("must be at most 200 characters");
    }
    Ok(q.to_owned())
}

fn public_kind(name: &str) -> Result<Kind, SearchError> {
    let kind = Kind::named(name).filter(|kind| PUBLIC_KINDS.contains(kind));
    let names = PUBLIC_KINDS.map(Kind::name).join(", ");
    kind.ok_or_else(|| SearchError::Field("type", format!("must be one of {names}")))
}

pub(super) fn number(
    field: &'static str,
    given: Option<i64>,
    default: usize,
    min: usize,
    max: usize,
) -> Result<usize, SearchError> {
    let Some(given) = given else {
        return Ok(default);
    };
    let number = usize::try_from(given)
        .ok()
        .filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| SearchError::Field(field, format!("must be from {min} to {max}")))
}

fn answer(
    knowledge: &Snapshot,
    query: String,
    results: Results,
    highlight: bool,
    started: Instant,
) -> SearchAnswer {
    let shown = results.shown.into_iter();
    let views: Vec<ResultView> = shown
        .filter_map(|shown| result_view(knowledge, shown, highlight))
        .collect();
    SearchAnswer {
        success: true,
        query,
        count: views.len(),
        total: results.total,
        took_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        results: views,
        facets: facets(&results.kinds, &results.langs),
        corrected_query: results.corrected,
        partial: results.is_partial.then_some(true),
    }
}

/// * `kinds`, `langs`: counts in the order of [`Kind::ALL`] and [`Lang::ALL`].
pub(super) fn facets(kinds: &[usize], langs: &[usize]) -> Facets {
    Facets {
        kind: named_counts(kinds, Kind::ALL.iter().map(|kind| kind.name())),
        language: named_counts(langs, Lang::ALL.iter().map(|lang| lang.code())),
    }
}

/// A score as it is shown: four decimals say enough.
pub(super) fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e4).round() / 1e4
}

/// Those that are not zero.
fn named_counts(
    counts: &[usize],
    names: impl Iterator<Item = &'static str>,
) -> BTreeMap<String, usize> {
    let positive = names.zip(counts).filter(|(_, count)| **count > 0);
    positive
        .map(|(name, count)| (name.to_owned(), *count))
        .collect()
}

fn result_view(knowledge: &Snapshot, shown: Shown, highlight: bool) -> Option<ResultView> {
    let document = knowledge.published_document(shown.key.id(), shown.key.lang())?;
    Some(ResultView {
        id: document.id(),
        kind: document.kind().to_owned(),
        title: shown.title,
        content: shown.content,
        highlights: highlight.then_some(Highlights {
            title: shown.title_html,
            content: shown.content_html,
        }),
        tags: document.tags().to_vec(),
        language: document.lang().code().to_owned(),
        score: rounded(shown.score),
        url: document.url().map(str::to_owned),
        created_at: to_rfc3339(document.created_at_ms()),
    })
}

fn document_answer(document: Published<'_>) -> DocumentAnswer {
    DocumentAnswer {
        id: document.id(),
        kind: document.kind().to_owned(),
        title: document.title().to_owned(),
        body: document.text(),
        tags: document.tags().to_vec(),
        language: document.lang().code().to_owned(),
        url: document.url().map(str::to_owned),
        pictures: document.pictures(),
        created_at: to_rfc3339(document.created_at_ms()),
    }
}

fn stats_view(stats: &Stats) -> SearchStatsView {
    let facets = facets(&stats.counts.kinds, &stats.counts.langs);
    SearchStatsView {
        total_documents: stats.counts.kinds.iter().sum(),
        by_type: facets.kind,
        by_language: facets.language,
        unique_terms: stats.counts.forms,
        index_size_bytes: stats.size_bytes,
        last_commit: stats.committed_at_ms.map(to_rfc3339),
        pending: stats.pending,
    }
}
