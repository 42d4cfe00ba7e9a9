//! /api/analytics: what happened, for the team.

use poem::http::header;
use poem::{Body, IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::conversion::probability;
use super::days::{DAYS_MAX, Period, start_ms};
use super::events::session_of;
use super::export::{self, Format, Kind, Since};
use super::reports::{
    Attribution, CohortPeriod, Cohorts, Conversations, Dashboard, Engagement, Funnel, Heatmap,
    Intents, Journey, Leads, Overview,
};
use super::service::{Analytics, SUMMARY_DAYS};
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{Agent, Problem};

/// The endpoints.
pub struct AnalyticsApi(pub Analytics);

/// Cohorts that are told at most.
const COHORTS_MAX: i64 = 60;
/// Cohorts that are told unless asked otherwise.
const COHORTS: i64 = 8;
const CSV: &str = "text/csv; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// Sections of the API's documentation.
#[derive(poem_openapi::Tags)]
pub(super) enum Section {
    /// What happened: conversations, leads, visits and what brought them.
    Analytics,
}

/// An answer about a period, and how it is made.
macro_rules! answer {
    ($(#[$of:meta])* $name:ident, $(#[$inner:meta])* $field:ident: $type:ty) => {
        $(#[$of])*
        #[derive(Debug, Object)]
        struct $name {
            /// `success`.
            status: String,
            /// Days with today, in the company's time zone.
            period_days: i64,
            $(#[$inner])*
            $field: $type,
            /// When it was read, RFC 3339.
            timestamp: String,
        }

        impl $name {
            fn new(period_days: i64, $field: $type) -> Json<Self> {
                Json(Self {
                    status: SUCCESS.to_owned(),
                    period_days,
                    $field,
                    timestamp: to_rfc3339(now_ms()),
                })
            }
        }
    };
}

const SUCCESS: &str = "success";

answer!(AnalyticsOverviewAnswer, overview: Overview);
answer!(AnalyticsConversationsAnswer, #[oai(flatten)] conversations: Conversations);
answer!(AnalyticsEngagementAnswer, #[oai(flatten)] engagement: Engagement);
answer!(AnalyticsIntentsAnswer, #[oai(flatten)] intents: Intents);
answer!(AnalyticsLeadsAnswer, #[oai(flatten)] leads: Leads);
answer!(AnalyticsDashboardAnswer, summary: Dashboard);
answer!(AnalyticsHeatmapAnswer, heatmap_data: Heatmap);
answer!(AnalyticsFunnelAnswer, funnel_data: Funnel);
answer!(AnalyticsAttributionAnswer, #[oai(flatten)] attribution: Attribution);

#[derive(Debug, Object)]
struct AnalyticsCohortsAnswer {
    /// `success`.
    status: String,
    cohort_data: Cohorts,
    /// When it was read, RFC 3339.
    timestamp: String,
}

#[derive(Debug, Object)]
struct AnalyticsJourneyAnswer {
    /// `success`.
    status: String,
    journey_data: Journey,
    /// When it was read, RFC 3339.
    timestamp: String,
}

/// A file on its way.
struct AnalyticsFile {
    body: Body,
    kind: Kind,
    format: Format,
}

impl IntoResponse for AnalyticsFile {
    fn into_response(self) -> Response {
        let (content_type, ending) = match self.format {
            Format::Csv => (CSV, "csv"),
            Format::Json => (JSON, "json"),
        };
        let name = self.kind.name();
        Response::builder()
            .content_type(content_type)
            .header(
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}.{ending}\""),
            )
            .body(self.body)
    }
}

impl ApiResponse for AnalyticsFile {
    fn meta() -> MetaResponses {
        let media = |content_type| MetaMediaType {
            content_type,
            schema: String::schema_ref(),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The rows, written while they are sent.",
                status: Some(200),
                status_range: None,
                content: vec![media(CSV), media(JSON)],
                headers: Vec::new(),
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

/// A number within its bounds.
///
/// Errors: it is not.
pub fn within(field: &str, value: i64, max: i64) -> Result<i64, Problem> {
    if (1..=max).contains(&value) {
        return Ok(value);
    }
    let why = format!("must be from 1 to {max}");
    Err(Problem::field("invalid_value", field, why))
}

/// How many days are asked for, 30 unless told.
pub fn days(asked: Option<i64>) -> Result<i64, Problem> {
    within("days", asked.unwrap_or(SUMMARY_DAYS), DAYS_MAX)
}

impl AnalyticsApi {
    /// Reads something about the last `days` days.
    async fn about<T, F>(&self, days: i64, load: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Tx, Period) -> Result<T, DbError> + Send + 'static,
    {
        let read = self
            .0
            .read(move |tx, zone| load(tx, Period::last(days, now_ms(), zone)));
        Ok(read.await?)
    }
}

#[OpenApi(prefix_path = "/api/analytics", tag = "Section::Analytics")]
impl AnalyticsApi {
    /// The most important numbers.
    #[oai(
        path = "/overview",
        method = "get",
        operation_id = "analytics_overview"
    )]
    async fn overview(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsOverviewAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Overview::load);
        Ok(AnalyticsOverviewAnswer::new(days, found.await?))
    }

    /// Conversations by day, and the mood of visitors.
    #[oai(
        path = "/conversations",
        method = "get",
        operation_id = "analytics_conversations"
    )]
    async fn conversations(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsConversationsAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Conversations::load);
        Ok(AnalyticsConversationsAnswer::new(days, found.await?))
    }

    /// How visitors use the chat.
    #[oai(
        path = "/engagement",
        method = "get",
        operation_id = "analytics_engagement"
    )]
    async fn engagement(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsEngagementAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Engagement::load);
        Ok(AnalyticsEngagementAnswer::new(days, found.await?))
    }

    /// How well what visitors ask is understood.
    #[oai(path = "/intents", method = "get", operation_id = "analytics_intents")]
    async fn intents(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsIntentsAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Intents::load);
        Ok(AnalyticsIntentsAnswer::new(days, found.await?))
    }

    /// Leads by day, package, kind of property and source.
    #[oai(path = "/leads", method = "get", operation_id = "analytics_leads")]
    async fn leads(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsLeadsAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Leads::load);
        Ok(AnalyticsLeadsAnswer::new(days, found.await?))
    }

    /// The numbers a dashboard begins with, beside those of the time before.
    #[oai(
        path = "/dashboard/summary",
        method = "get",
        operation_id = "analytics_dashboard"
    )]
    async fn dashboard(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsDashboardAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Dashboard::load);
        Ok(AnalyticsDashboardAnswer::new(days, found.await?))
    }

    /// When visitors write, by hour and weekday on the company's clock.
    #[oai(
        path = "/advanced/heatmap",
        method = "get",
        operation_id = "analytics_heatmap"
    )]
    async fn heatmap(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsHeatmapAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Heatmap::load);
        Ok(AnalyticsHeatmapAnswer::new(days, found.await?))
    }

    /// How far the sessions of these days came.
    #[oai(
        path = "/advanced/funnel",
        method = "get",
        operation_id = "analytics_funnel"
    )]
    async fn funnel(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsFunnelAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Funnel::load);
        Ok(AnalyticsFunnelAnswer::new(days, found.await?))
    }

    /// Whether visitors come back.
    #[oai(
        path = "/advanced/cohort",
        method = "get",
        operation_id = "analytics_cohort"
    )]
    async fn cohort(
        &self,
        _by: Agent,
        /// By what they are counted; weeks unless told.
        period: Query<Option<CohortPeriod>>,
        /// The last 1 to 60 of them; 8 unless told.
        num_cohorts: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsCohortsAnswer>, Problem> {
        let number = within("num_cohorts", num_cohorts.0.unwrap_or(COHORTS), COHORTS_MAX)?;
        let by = period.0.unwrap_or_default();
        let found = self.about(1, move |tx, today| Cohorts::load(tx, by, number, today.to));
        Ok(Json(AnalyticsCohortsAnswer {
            status: SUCCESS.to_owned(),
            cohort_data: found.await?,
            timestamp: to_rfc3339(now_ms()),
        }))
    }

    /// The way of one visitor.
    #[oai(
        path = "/advanced/journey/:session_id",
        method = "get",
        operation_id = "analytics_journey"
    )]
    async fn journey(
        &self,
        _by: Agent,
        session_id: Path<String>,
    ) -> Result<Json<AnalyticsJourneyAnswer>, Problem> {
        let session_id = session_id.0;
        let read = self.0.read(move |tx, zone| {
            let Some(id) = session_of(tx, &session_id)? else {
                return Ok(None);
            };
            let Some(mut journey) = Journey::load(tx, session_id, id)? else {
                return Ok(None);
            };
            journey.conversion_probability = probability(tx, id, zone)?;
            Ok(Some(journey))
        });
        let unknown = || Problem::not_found("session_not_found", "There is no such session");
        Ok(Json(AnalyticsJourneyAnswer {
            status: SUCCESS.to_owned(),
            journey_data: read.await?.ok_or_else(unknown)?,
            timestamp: to_rfc3339(now_ms()),
        }))
    }

    /// What brings visitors, and what becomes of them: by the first touch, and by the last one.
    #[oai(
        path = "/attribution",
        method = "get",
        operation_id = "analytics_attribution"
    )]
    async fn attribution(
        &self,
        _by: Agent,
        /// 1 to 365, with today; 30 unless told.
        days: Query<Option<i64>>,
    ) -> Result<Json<AnalyticsAttributionAnswer>, Problem> {
        let days = self::days(days.0)?;
        let found = self.about(days, Attribution::load);
        Ok(AnalyticsAttributionAnswer::new(days, found.await?))
    }

    /// Everything as a file, in the order in which it came.
    ///
    /// A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    #[oai(path = "/export", method = "get", operation_id = "export_analytics")]
    async fn export(
        &self,
        _by: Agent,
        /// Events unless told. `all` only as JSON.
        r#type: Query<Option<Kind>>,
        /// `csv` unless told.
        format: Query<Option<Format>>,
        /// 1 to 365, with today; all there is unless told.
        days: Query<Option<i64>>,
    ) -> Result<AnalyticsFile, Problem> {
        let (kind, format) = (r#type.0.unwrap_or_default(), format.0.unwrap_or_default());
        if kind == Kind::All && format == Format::Csv {
            let why = "must be json for all, since a table holds rows of one kind";
            return Err(Problem::field("invalid_value", "format", why));
        }
        self.0.bring_up_to_date().await?;
        let since = match days.0 {
            Some(asked) => {
                let zone = self.0.zone();
                let period = Period::last(within("days", asked, DAYS_MAX)?, now_ms(), &zone);
                Since {
                    at_ms: start_ms(period.from, &zone),
                    day: period.from,
                }
            }
            None => Since {
                at_ms: i64::MIN,
                day: i64::MIN,
            },
        };
        let body = export::stream(self.0.store.clone(), kind, format, since).await?;
        Ok(AnalyticsFile { body, kind, format })
    }
}
