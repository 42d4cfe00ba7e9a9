//! /api/canned: the team's canned answers.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;

use super::model::{CannedAnswer, CannedValues};
use super::{Canned, Section};
use crate::knowledge::named_lang;
use crate::platform::clock::to_rfc3339;
use crate::platform::folding::folded;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, PageRequest, Principal, Problem};

/// The endpoints.
pub struct CannedApi(pub Canned);

/// What a canned answer holds.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
struct CannedBody {
    /// What the team finds it by: one line of 1 to 80 characters, once a language.
    title: JsonText,
    /// 1 to 2,000 characters, also once filled; placeholders as in the answers of intents (`{{ phone }}`), and
    /// `{{ agent_name }}` for whoever sends it.
    body: JsonText,
    /// `pl`, `en` or `de`.
    lang: String,
    /// Words a visitor's question may hold; 10 at most.
    #[oai(default)]
    tags: Vec<String>,
}

impl Example for CannedBody {
    fn example() -> Self {
        Self {
            title: JsonText("Umówienie oględzin".into()),
            body: JsonText("Chętnie obejrzymy mieszkanie. Proszę zadzwonić: {{ phone }}.".into()),
            lang: "pl".into(),
            tags: vec!["oględziny".into(), "wizyta".into()],
        }
    }
}

/// A canned answer.
#[derive(Debug, Object)]
struct CannedView {
    id: i64,
    title: String,
    /// The template.
    body: String,
    /// As you would send it now; null when it no longer renders with today's facts.
    text: Option<String>,
    lang: String,
    tags: Vec<String>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

#[derive(Debug, Object)]
struct CannedList {
    success: bool,
    canned: Vec<CannedView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(ApiResponse)]
enum CreateCanned {
    /// The answer as stored.
    #[oai(status = 201)]
    Created(Json<CannedView>),
}

#[derive(ApiResponse)]
enum DeleteCanned {
    /// Removed.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(prefix_path = "/api/canned", tag = "Section::Canned")]
impl CannedApi {
    /// Canned answers by title, with their placeholders filled.
    #[oai(path = "/", method = "get", operation_id = "list_canned")]
    async fn list(
        &self,
        by: Agent,
        /// Only this language.
        lang: Query<Option<String>>,
        /// Part of the title, the text or a tag; case and diacritics do not matter.
        q: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<CannedList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let lang = lang.0.as_deref().map(named_lang).transpose()?;
        let part = folded(q.0.as_deref().unwrap_or_default().trim());
        let mut rows = self.0.all().await?;
        rows.retain(|row| lang.is_none_or(|lang| lang == row.lang) && holds(row, &part));
        let info = page.info(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        let canned = rows
            .into_iter()
            .skip(usize::try_from(page.offset()).unwrap_or(usize::MAX))
            .take(usize::try_from(page.limit()).unwrap_or(0))
            .map(|row| self.view(row, &by.0))
            .collect();
        Ok(Json(CannedList {
            success: true,
            canned,
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// One canned answer.
    #[oai(path = "/:id", method = "get", operation_id = "get_canned")]
    async fn get(&self, by: Agent, id: Path<i64>) -> Result<Json<CannedView>, Problem> {
        Ok(Json(self.view(self.0.get(id.0).await?, &by.0)))
    }

    /// Add a canned answer.
    #[oai(path = "/", method = "post", operation_id = "create_canned")]
    async fn create(
        &self,
        by: Agent,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<CannedBody>,
    ) -> Result<CreateCanned, Problem> {
        let values = self.parse(&body.0)?;
        let row = self.0.add(values, key, body.0).await?;
        Ok(CreateCanned::Created(Json(self.view(row, &by.0))))
    }

    /// Replace a canned answer.
    #[oai(path = "/:id", method = "put", operation_id = "update_canned")]
    async fn update(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<CannedBody>,
    ) -> Result<Json<CannedView>, Problem> {
        let values = self.parse(&body.0)?;
        let row = self.0.replace(id.0, values).await?;
        Ok(Json(self.view(row, &by.0)))
    }

    /// Delete a canned answer.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_canned")]
    async fn delete(&self, _by: Agent, id: Path<i64>) -> Result<DeleteCanned, Problem> {
        self.0.remove(id.0).await?;
        Ok(DeleteCanned::Deleted)
    }
}

impl CannedApi {
    fn parse(&self, body: &CannedBody) -> Result<CannedValues, Problem> {
        let lang = named_lang(&body.lang)?;
        let knowledge = self.0.knowledge.snapshot();
        let values =
            CannedValues::parse(&body.title.0, &body.body.0, lang, &body.tags, &knowledge)?;
        Ok(values)
    }

    fn view(&self, row: CannedAnswer, by: &Principal) -> CannedView {
        CannedView {
            id: row.id,
            text: row.text(&self.0.knowledge.snapshot(), &by.display_name),
            title: row.title,
            body: row.body,
            lang: row.lang.code().into(),
            tags: row.tags,
            created_at: to_rfc3339(row.created_at_ms),
            updated_at: to_rfc3339(row.updated_at_ms),
        }
    }
}

/// True when a folded text stands in the answer; every answer holds the empty one.
fn holds(row: &CannedAnswer, part: &str) -> bool {
    [&row.title, &row.body]
        .into_iter()
        .chain(&row.tags)
        .any(|text| folded(text).contains(part))
}
