//! /api/knowledge/documents: the documents behind the public answers, for agents.

use std::collections::BTreeMap;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::KnowledgeError;
use super::document::DocumentValues;
use super::language::named_lang;
use super::service::Knowledge;
use super::store::{self, DocumentRow};
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Agent, IdempotencyKey, PageRequest, Problem, once};

/// The endpoints.
pub struct DocumentsApi(pub Knowledge);

/// A document as it is written.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(example)]
struct DocumentBody {
    /// `faq`, `portfolio`, `review`, `blog`, `package`, `process`, `why_us` or `page`.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    kind: String,
    /// The same in every language; lower-case letters, digits and hyphens.
    slug: String,
    /// pl, en or de.
    lang: String,
    /// Title or question; may hold placeholders like `{{ price_min }}`.
    title: String,
    /// Text or answer; may hold placeholders.
    body: String,
    /// Words to find it by.
    #[oai(default)]
    #[serde(default)]
    tags: Vec<String>,
    /// Where to read more.
    url: Option<String>,
    /// What only this type has, e.g. `area_m2`.
    #[oai(default)]
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// Numbers of pictures the team sent, in their order. A translation without any shows those of another.
    #[oai(default)]
    #[serde(default)]
    pictures: Vec<i64>,
    /// Order within the type.
    #[oai(default)]
    #[serde(default)]
    position: i64,
    /// Whether visitors see it; true when missing.
    published: Option<bool>,
}

impl Example for DocumentBody {
    fn example() -> Self {
        Self {
            kind: "faq".into(),
            slug: "faq-parking".into(),
            lang: "en".into(),
            title: "Can I park at your office?".into(),
            body: "Yes, there is a car park in front of the building.".into(),
            tags: vec!["office".into()],
            url: None,
            fields: BTreeMap::new(),
            pictures: Vec::new(),
            position: 100,
            published: Some(true),
        }
    }
}

/// A stored document.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
struct DocumentView {
    id: i64,
    #[oai(flatten)]
    #[serde(flatten)]
    document: DocumentBody,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Object)]
struct DocumentList {
    success: bool,
    documents: Vec<DocumentView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(Debug, Object)]
struct Deleted {
    success: bool,
}

#[derive(ApiResponse)]
enum CreateDocument {
    /// The document as stored.
    #[oai(status = 201)]
    Created(Json<DocumentView>),
}

#[OpenApi(
    prefix_path = "/api/knowledge/documents",
    tag = "super::Section::Knowledge"
)]
impl DocumentsApi {
    /// Documents of all types, or of one.
    #[oai(path = "/", method = "get", operation_id = "list_documents")]
    async fn list(
        &self,
        _by: Agent,
        /// Only this type.
        #[oai(name = "type")]
        kind: Query<Option<String>>,
        /// Only this language.
        lang: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<DocumentList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let lang = lang.0.as_deref().map(named_lang).transpose()?;
        let mut rows = self.0.store.read(|tx| store::documents(tx)).await?;
        rows.retain(|row| {
            kind.0.as_ref().is_none_or(|kind| *kind == row.kind)
                && lang.is_none_or(|lang| lang == row.lang)
        });
        let info = page.info(rows.len() as i64);
        let documents = rows
            .into_iter()
            .skip(usize::try_from(page.offset()).unwrap_or(usize::MAX))
            .take(usize::try_from(page.limit()).unwrap_or(0))
            .map(view)
            .collect();
        Ok(Json(DocumentList {
            success: true,
            documents,
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// One document.
    #[oai(path = "/:id", method = "get", operation_id = "get_document")]
    async fn get(&self, _by: Agent, id: Path<i64>) -> Result<Json<DocumentView>, Problem> {
        let id = id.0;
        let row = self.0.store.read(move |tx| store::document(tx, id)).await?;
        Ok(Json(view(row.ok_or(KnowledgeError::NotFound("document"))?)))
    }

    /// Add a document.
    #[oai(path = "/", method = "post", operation_id = "create_document")]
    async fn create(
        &self,
        _by: Agent,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<DocumentBody>,
    ) -> Result<CreateDocument, Problem> {
        let body = body.0;
        let values = parse(&body)?;
        let created = self
            .0
            .change(move |tx| {
                once(tx, &key, "create_document", &body, |tx| {
                    let id = store::insert_document(tx, &values, now_ms())?;
                    let row =
                        store::document(tx, id)?.ok_or(KnowledgeError::NotFound("document"))?;
                    Ok(view(row))
                })
            })
            .await?;
        Ok(CreateDocument::Created(Json(created)))
    }

    /// Replace a document.
    #[oai(path = "/:id", method = "put", operation_id = "update_document")]
    async fn update(
        &self,
        _by: Agent,
        id: Path<i64>,
        body: Json<DocumentBody>,
    ) -> Result<Json<DocumentView>, Problem> {
        let id = id.0;
        let values = parse(&body.0)?;
        let row = self
            .0
            .change(move |tx| {
                store::update_document(tx, id, &values, now_ms())?;
                store::document(tx, id)?.ok_or(KnowledgeError::NotFound("document"))
            })
            .await?;
        Ok(Json(view(row)))
    }

    /// Delete a document.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_document")]
    async fn delete(&self, _by: Agent, id: Path<i64>) -> Result<Json<Deleted>, Problem> {
        let id = id.0;
        self.0
            .change(move |tx| store::delete_document(tx, id))
            .await?;
        Ok(Json(Deleted { success: true }))
    }
}

fn parse(body: &DocumentBody) -> Result<DocumentValues, Problem> {
    let values = DocumentValues {
        kind: body.kind.clone(),
        slug: body.slug.clone(),
        lang: named_lang(&body.lang)?,
        title: body.title.clone(),
        body: body.body.clone(),
        tags: body.tags.clone(),
        url: body.url.clone(),
        fields: body.fields.clone().into_iter().collect(),
        pictures: body.pictures.clone(),
        position: body.position,
        is_published: body.published.unwrap_or(true),
    };
    Ok(values.checked()?)
}

fn view(row: DocumentRow) -> DocumentView {
    DocumentView {
        id: row.id,
        document: DocumentBody {
            kind: row.kind,
            slug: row.slug,
            lang: row.lang.code().into(),
            title: row.title,
            body: row.body,
            tags: row.tags,
            url: row.url,
            fields: row.fields.into_iter().collect(),
            pictures: row.pictures,
            position: row.position,
            published: Some(row.is_published),
        },
        created_at: to_rfc3339(row.created_at_ms),
        updated_at: to_rfc3339(row.updated_at_ms),
    }
}
