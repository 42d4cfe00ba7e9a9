//! /api/search for the team: everything at once, what was not found, and the company's synonyms.

use poem_openapi::param::{Path, Query as Param};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use super::answer::Shown;
use super::http::{Facets, Highlights, facets, number, query_text};
use super::synonyms::{OwnSynonym, SynonymValues};
use super::team::TeamQuery;
use super::{Search, Section};
use crate::accounts::reads::{self, View};
use crate::chat::MissedQuestion;
use crate::knowledge::named_lang;
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, PageRequest, Problem};

/// The endpoints.
pub struct TeamSearchApi(pub Search);

/// What was found.
#[derive(Debug, Object)]
struct TeamSearchAnswer {
    success: bool,
    query: String,
    /// Results in this answer.
    count: usize,
    /// Results in all.
    total: usize,
    results: Vec<TeamResult>,
    facets: Facets,
}

/// A document, a lead or a conversation.
#[derive(Debug, Object)]
struct TeamResult {
    id: i64,
    /// faq, package …, `lead` or `conversation`.
    #[oai(rename = "type")]
    kind: String,
    title: String,
    /// The sentence that says most of what was asked.
    content: String,
    highlights: Highlights,
    language: String,
    /// 0 to 1.
    score: f64,
}

/// A search that found nothing.
#[derive(Debug, Object)]
struct MissedSearch {
    /// As in `/api/nlu/unanswered`, where it is dealt with.
    id: i64,
    lang: String,
    /// Without e-mail addresses and phone numbers.
    text: String,
    /// How often.
    times: i64,
    /// When first, RFC 3339.
    first_at: String,
}

#[derive(Debug, Object)]
struct MissedSearchList {
    success: bool,
    missed: Vec<MissedSearch>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

/// Words that stand for one another.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
struct SynonymBody {
    /// `pl`, `en` or `de`.
    lang: String,
    /// True: each finds the others. False: the first also finds the others.
    two_way: bool,
    /// 2 to 20 words or phrases of up to 4 words, as in a dictionary.
    words: Vec<JsonText>,
}

impl Example for SynonymBody {
    fn example() -> Self {
        Self {
            lang: "pl".into(),
            two_way: true,
            words: vec![JsonText("klepka".into()), JsonText("parkiet".into())],
        }
    }
}

#[derive(Debug, Object)]
struct SynonymView {
    id: i64,
    lang: String,
    two_way: bool,
    words: Vec<String>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

#[derive(Debug, Object)]
struct SynonymList {
    success: bool,
    synonyms: Vec<SynonymView>,
}

#[derive(ApiResponse)]
enum CreateSynonym {
    /// The synonyms as stored.
    #[oai(status = 201)]
    Created(Json<SynonymView>),
}

#[derive(ApiResponse)]
enum DeleteSynonym {
    /// Removed.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(prefix_path = "/api/search", tag = "Section::Search")]
impl TeamSearchApi {
    /// Find documents, leads and conversations, as they are at this moment.
    #[oai(path = "/all", method = "get", operation_id = "search_all")]
    async fn all(
        &self,
        by: Agent,
        /// 1 to 200 characters.
        q: Param<String>,
        /// Only these: a kind of documents, `lead` or `conversation`.
        #[oai(name = "type")]
        kind: Param<Option<String>>,
        /// 20 unless told, 50 at most.
        limit: Param<Option<i64>>,
        /// 1,000 at most.
        offset: Param<Option<i64>>,
    ) -> Result<Json<TeamSearchAnswer>, Problem> {
        let query = TeamQuery::parse(
            query_text(&q.0)?,
            kind.0.as_deref(),
            number("limit", limit.0, 20, 1, 50)?,
            number("offset", offset.0, 0, 0, 1_000)?,
        )?;
        let found = self.0.find_all(query.clone()).await?;
        reads::note(self.0.store(), &by.0, View::Search(found.shown.len())).await?;
        Ok(Json(TeamSearchAnswer {
            success: true,
            query: query.text,
            count: found.shown.len(),
            total: found.total,
            facets: facets(&found.kinds, &found.langs),
            results: found.shown.into_iter().map(Into::into).collect(),
        }))
    }

    /// Searches that found nothing and that nobody has dealt with, the newest first.
    #[oai(
        path = "/missed",
        method = "get",
        operation_id = "list_missed_searches"
    )]
    async fn missed(
        &self,
        _by: Agent,
        /// Only this language: `pl`, `en` or `de`.
        lang: Param<Option<String>>,
        /// From 1.
        page: Param<Option<u32>>,
        /// At most 200.
        per_page: Param<Option<u32>>,
    ) -> Result<Json<MissedSearchList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let lang = lang.0.as_deref().map(named_lang).transpose()?;
        let missed = self.0.missed(lang).await?;
        let info = page.info(i64::try_from(missed.len()).unwrap_or(i64::MAX));
        let missed = missed
            .into_iter()
            .skip(usize::try_from(page.offset()).unwrap_or(usize::MAX))
            .take(usize::try_from(page.limit()).unwrap_or(0));
        Ok(Json(MissedSearchList {
            success: true,
            missed: missed.map(Into::into).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// The company's synonyms. Those of the trade are built in and not listed.
    #[oai(
        path = "/synonyms",
        method = "get",
        operation_id = "list_search_synonyms"
    )]
    async fn synonyms(&self, _by: Agent) -> Result<Json<SynonymList>, Problem> {
        let synonyms = self.0.synonyms().await?;
        Ok(Json(SynonymList {
            success: true,
            synonyms: synonyms.into_iter().map(Into::into).collect(),
        }))
    }

    /// Add synonyms.
    #[oai(
        path = "/synonyms",
        method = "post",
        operation_id = "create_search_synonym"
    )]
    async fn add_synonym(
        &self,
        _by: Agent,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<SynonymBody>,
    ) -> Result<CreateSynonym, Problem> {
        let added = self.0.add_synonym(values(&body.0)?, key, body.0).await?;
        Ok(CreateSynonym::Created(Json(added.into())))
    }

    /// Replace synonyms.
    #[oai(
        path = "/synonyms/:id",
        method = "put",
        operation_id = "update_search_synonym"
    )]
    async fn replace_synonym(
        &self,
        _by: Agent,
        id: Path<i64>,
        body: Json<SynonymBody>,
    ) -> Result<Json<SynonymView>, Problem> {
        Ok(Json(
            self.0.replace_synonym(id.0, values(&body.0)?).await?.into(),
        ))
    }

    /// Delete synonyms.
    #[oai(
        path = "/synonyms/:id",
        method = "delete",
        operation_id = "delete_search_synonym"
    )]
    async fn remove_synonym(&self, _by: Agent, id: Path<i64>) -> Result<DeleteSynonym, Problem> {
        self.0.remove_synonym(id.0).await?;
        Ok(DeleteSynonym::Deleted)
    }
}

fn values(body: &SynonymBody) -> Result<SynonymValues, Problem> {
    let words: Vec<String> = body.words.iter().map(|word| word.0.clone()).collect();
    Ok(SynonymValues::parse(
        named_lang(&body.lang)?,
        body.two_way,
        &words,
    )?)
}

impl From<OwnSynonym> for SynonymView {
    fn from(synonym: OwnSynonym) -> Self {
        Self {
            id: synonym.id,
            lang: synonym.values.lang.code().into(),
            two_way: synonym.values.is_two_way,
            words: synonym.values.words,
            created_at: to_rfc3339(synonym.created_at_ms),
            updated_at: to_rfc3339(synonym.updated_at_ms),
        }
    }
}

impl From<MissedQuestion> for MissedSearch {
    fn from(missed: MissedQuestion) -> Self {
        Self {
            id: missed.id,
            lang: missed.lang.code().into(),
            text: missed.text,
            times: missed.times,
            first_at: to_rfc3339(missed.created_at_ms),
        }
    }
}

impl From<Shown> for TeamResult {
    fn from(shown: Shown) -> Self {
        Self {
            id: shown.key.id(),
            kind: shown.key.kind().name().into(),
            title: shown.title,
            content: shown.content,
            highlights: Highlights {
                title: shown.title_html,
                content: shown.content_html,
            },
            language: shown.key.lang().code().into(),
            score: super::http::rounded(shown.score),
        }
    }
}
