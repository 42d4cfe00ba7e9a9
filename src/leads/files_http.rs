//! /api/leads/export and /api/leads/import.

use poem::http::header;
use poem::{Body, FromRequest, IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::param::Query;
use poem_openapi::payload::{Json, ParsePayload, Payload};
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiRequest, ApiResponse, OpenApi};

use super::Section;
use super::export;
use super::filter::{Asked, Filter, SortBy, SortOrder};
use super::import::LeadsImported;
use super::model::Status;
use super::service::Leads;
use super::team::By;
use super::team_bodies::Format;
use super::views::LeadView;
use crate::accounts::reads::{self, View};
use crate::platform::clock::now_ms;
use crate::platform::http::{Agent, Problem};

/// The endpoints.
pub struct LeadFilesApi(pub Leads);

const CSV: &str = "text/csv; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// A file of leads on its way.
struct LeadFile {
    body: Body,
    format: Format,
}

impl IntoResponse for LeadFile {
    fn into_response(self) -> Response {
        let (content_type, name) = match self.format {
            Format::Csv => (CSV, "leads.csv"),
            Format::Json => (JSON, "leads.json"),
        };
        Response::builder()
            .content_type(content_type)
            .header(
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            )
            .body(self.body)
    }
}

impl ApiResponse for LeadFile {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The leads, written while they are sent.",
                status: Some(200),
                status_range: None,
                content: vec![
                    MetaMediaType {
                        content_type: CSV,
                        schema: String::schema_ref(),
                    },
                    MetaMediaType {
                        content_type: JSON,
                        schema: <Vec<LeadView> as Type>::schema_ref(),
                    },
                ],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        LeadView::register(registry);
    }
}

/// A CSV as it comes, whatever encoding its type names.
struct CsvBytes(Body);

impl Payload for CsvBytes {
    const CONTENT_TYPE: &'static str = "text/csv";

    fn check_content_type(content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(Self::CONTENT_TYPE)
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            format: Some("binary"),
            ..MetaSchema::new("string")
        }))
    }
}

impl ParsePayload for CsvBytes {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> Result<Self> {
        Ok(Self(Body::from_request(request, body).await?))
    }
}

#[derive(ApiRequest)]
enum LeadsCsv {
    /// 64 MiB at most.
    Csv(CsvBytes),
}

#[OpenApi(prefix_path = "/api/leads", tag = "Section::Leads")]
impl LeadFilesApi {
    /// The leads a filter lets through as a file, in the order in which they came.
    ///
    /// A cell that a spreadsheet would take for a formula (it begins with `= + - @`, a tab or a carriage return) gets an
    /// apostrophe before it.
    #[oai(path = "/export", method = "get", operation_id = "export_leads")]
    #[allow(clippy::too_many_arguments)] // the parameters of the query
    async fn export(
        &self,
        by: Agent,
        /// `csv` unless told.
        format: Query<Option<Format>>,
        status: Query<Option<Status>>,
        /// Those that first came on this day or later: `2026-11-24` in the company's time zone, or RFC 3339.
        start_date: Query<Option<String>>,
        /// Until this day, which counts; or before this moment (RFC 3339).
        end_date: Query<Option<String>>,
        /// Exactly this package.
        package: Query<Option<String>>,
        /// A member's id, or `none`.
        assigned_to: Query<Option<String>>,
        /// 0 to 100.
        min_score: Query<Option<i64>>,
        /// Part of name, e-mail, phone, place or package; case and diacritics do not matter.
        q: Query<Option<String>>,
        /// True: those in the spam folder; else all others.
        spam: Query<Option<bool>>,
    ) -> Result<LeadFile, Problem> {
        let asked = Asked {
            status: status.0,
            start_date: start_date.0,
            end_date: end_date.0,
            package: package.0,
            assigned_to: assigned_to.0,
            min_score: min_score.0,
            q: q.0,
            spam: spam.0,
        };
        let filter = Filter::parse(&asked, &self.0.knowledge.snapshot().zone())?;
        let format = format.0.unwrap_or_default();
        let sort = (SortBy::default(), SortOrder::default());
        let (_, total) = self.0.list(filter.clone(), sort, 1, 0).await?;
        reads::note(&self.0.store, &by.0, View::LeadFile(total)).await?;
        let body = export::stream(self.0.store.clone(), filter, format).await?;
        Ok(LeadFile { body, format })
    }

    /// Bring leads from a CSV file. First as a dry run, which tells what would become of it.
    ///
    /// The first row names the columns, in Polish, English or German; commas or semicolons part them. UTF-8 and
    /// Windows-1250 are told apart. Whoever is known joins their lead. A row that is refused leaves the others alone; what
    /// was read stays when the file ends broken, and reading it again joins. No letters are written.
    #[oai(path = "/import", method = "post", operation_id = "import_leads")]
    async fn import(
        &self,
        by: Agent,
        /// False: the leads are stored.
        #[oai(default = "is_dry")]
        dry_run: Query<bool>,
        body: LeadsCsv,
    ) -> Result<Json<LeadsImported>, Problem> {
        let LeadsCsv::Csv(CsvBytes(body)) = body;
        let by = By::from(&by.0).actor;
        let imported = self.0.import(body, dry_run.0, by, now_ms()).await?;
        Ok(Json(imported))
    }
}

fn is_dry() -> bool {
    true
}
