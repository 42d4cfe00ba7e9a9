//! /api/analytics: what is computed rather than counted: moods, speed, and how likely visitors become clients.

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::conversion::{CONVERSIONS_MIN, Conversion, FEATURES, Model};
use super::http::{Section, within};
use super::performance::{Measured, Performance, RouteTimes};
use super::sentiment::{Sentiment, class, score};
use crate::knowledge::{Knowledge, named_lang};
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Agent, JsonText, Problem, clean_text};

/// The endpoints.
pub struct InsightApi {
    /// How fast requests are answered.
    pub performance: Performance,
    /// How likely visitors become clients.
    pub conversion: Conversion,
    /// Whose understanding tells a text's language.
    pub knowledge: Knowledge,
}

/// As long as a message may be.
const TEXT_MAX_CHARS: usize = 2_000;
const HOURS: i64 = 24;
const HOURS_MAX: i64 = 8_760;
const BYTES_IN_MB: f64 = 1024.0 * 1024.0;

/// A text to read the mood of.
#[derive(Debug, Object)]
#[oai(example)]
struct SentimentBody {
    /// 1 to 2,000 characters.
    text: JsonText,
    /// `pl`, `en` or `de`; found out when missing.
    lang: Option<String>,
}

impl Example for SentimentBody {
    fn example() -> Self {
        Self {
            text: JsonText("Bardzo dziękuję, jestem zachwycona!".into()),
            lang: Some("pl".into()),
        }
    }
}

/// The mood of a text.
#[derive(Debug, Object)]
struct SentimentView {
    label: Sentiment,
    /// -1 (negative) to 1 (positive), three decimals; from 0.2 on and from -0.2 down it is not neutral.
    score: f64,
    /// `pl`, `en` or `de`: as it was read.
    lang: String,
}

#[derive(Debug, Object)]
struct SentimentAnswer {
    success: bool,
    /// `success`.
    status: String,
    sentiment: SentimentView,
}

/// A route and how fast it was answered. Times are from the request's headers to the answer's; percentiles are at most an
/// eighth off.
#[derive(Debug, Object)]
struct EndpointPerformance {
    /// Its pattern.
    endpoint: String,
    request_count: u64,
    avg_response_time_ms: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_response_time_ms: f64,
    /// Answers from 500 on.
    error_count: u64,
    /// Answers from 400 to 499: what clients did wrong.
    client_error_count: u64,
    /// `error_count` in percent of all.
    error_rate: f64,
}

/// What the process took on average, looked at every minute; null where the system does not tell, or not yet.
#[derive(Debug, Object)]
struct ResourceUsage {
    /// Mebibytes.
    avg_memory_mb: Option<f64>,
    /// Percent of one processor.
    avg_cpu_percent: Option<f64>,
}

#[derive(Debug, Object)]
struct PerformanceAnswer {
    /// `success`.
    status: String,
    period_hours: i64,
    /// The most frequent first.
    endpoint_performance: Vec<EndpointPerformance>,
    resource_usage: ResourceUsage,
    total_requests: u64,
    /// When it was read, RFC 3339.
    timestamp: String,
}

/// Whether there is a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum ModelState {
    /// Probabilities are told.
    Fitted,
    /// Fewer than 200 visitors became clients so far.
    NotEnoughData,
}

/// A feature of a session.
#[derive(Debug, Object)]
struct FeatureView {
    name: String,
    /// What one unit more adds to the logit of becoming a client.
    weight: f64,
    /// What one standard deviation more adds; comparable between features.
    effect: f64,
}

/// A tenth of the sessions, by what was predicted for them.
#[derive(Debug, Object)]
struct TenthView {
    sessions: u64,
    /// Mean of what was predicted, in percent.
    predicted_percent: f64,
    /// How many of them became clients, in percent.
    happened_percent: f64,
}

/// How likely visitors become clients, as learned from those of more than 90 days ago.
#[derive(Debug, Object)]
struct ConversionModelView {
    state: ModelState,
    /// When it was last fitted, RFC 3339; null before the first night.
    fitted_at: Option<String>,
    /// Sessions it could learn from.
    sessions: u64,
    /// How many of them became clients within 90 days.
    conversions: u64,
    /// How many it takes.
    conversions_needed: u64,
    /// Logit of a session whose features are all 0; null without a model.
    intercept: Option<f64>,
    features: Vec<FeatureView>,
    /// From the least to the most likely; each session was judged by a model that had not seen it.
    calibration: Vec<TenthView>,
    /// Mean squared error of the predictions (Brier's score); null without a model.
    error: Option<f64>,
    /// The same of predicting the overall share for everyone.
    error_without_model: Option<f64>,
}

#[derive(Debug, Object)]
struct ConversionModelAnswer {
    /// `success`.
    status: String,
    model: ConversionModelView,
}

#[OpenApi(prefix_path = "/api/analytics", tag = "Section::Analytics")]
impl InsightApi {
    /// The mood of a text.
    #[oai(
        path = "/advanced/sentiment",
        method = "post",
        operation_id = "analytics_sentiment"
    )]
    async fn sentiment(
        &self,
        _by: Agent,
        body: Json<SentimentBody>,
    ) -> Result<Json<SentimentAnswer>, Problem> {
        let text =
            clean_text(&body.text, TEXT_MAX_CHARS).map_err(|why| Problem::text("text", why))?;
        let lang = match body.lang.as_deref() {
            Some(code) => named_lang(code)?,
            None => self.knowledge.nlu().detect(&text).best(),
        };
        let score = score(&text, lang);
        Ok(Json(SentimentAnswer {
            success: true,
            status: SUCCESS.into(),
            sentiment: SentimentView {
                label: class(score),
                score: rounded(score, 3),
                lang: lang.code().into(),
            },
        }))
    }

    /// How fast requests are answered, and what the process takes.
    #[oai(
        path = "/performance",
        method = "get",
        operation_id = "analytics_performance"
    )]
    async fn performance(
        &self,
        _by: Agent,
        /// 1 to 8,760; 24 unless told. Counted by quarters of an hour, of times more than eight days ago by days.
        hours: Query<Option<i64>>,
    ) -> Result<Json<PerformanceAnswer>, Problem> {
        let hours = within("hours", hours.0.unwrap_or(HOURS), HOURS_MAX)?;
        let Measured { routes, load } = self.performance.measured(hours).await?;
        Ok(Json(PerformanceAnswer {
            status: SUCCESS.into(),
            period_hours: hours,
            total_requests: routes.iter().map(|route| route.times.requests()).sum(),
            endpoint_performance: routes.into_iter().map(endpoint).collect(),
            resource_usage: ResourceUsage {
                avg_memory_mb: load.map(|load| rounded(load.resident_bytes / BYTES_IN_MB, 2)),
                avg_cpu_percent: load
                    .and_then(|load| load.processor_percent)
                    .map(|percent| rounded(percent, 2)),
            },
            timestamp: to_rfc3339(now_ms()),
        }))
    }

    /// How likely visitors become clients: what it depends on, and how well that held.
    #[oai(
        path = "/conversion-model",
        method = "get",
        operation_id = "analytics_conversion_model"
    )]
    async fn conversion_model(&self, _by: Agent) -> Result<Json<ConversionModelAnswer>, Problem> {
        let model = self.conversion.model().await?;
        Ok(Json(ConversionModelAnswer {
            status: SUCCESS.into(),
            model: model_view(model),
        }))
    }
}

const SUCCESS: &str = "success";

fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

fn endpoint(route: RouteTimes) -> EndpointPerformance {
    let requests = route.times.requests().max(1) as f64;
    let percentile = |p| rounded(route.percentile_ms(p), 3);
    EndpointPerformance {
        request_count: route.times.requests(),
        avg_response_time_ms: rounded(route.times.total_us as f64 / requests / 1_000.0, 3),
        p50_ms: percentile(0.5),
        p95_ms: percentile(0.95),
        p99_ms: percentile(0.99),
        max_response_time_ms: rounded(route.times.max_us as f64 / 1_000.0, 3),
        error_count: route.times.server_errors,
        client_error_count: route.times.client_errors,
        error_rate: rounded(route.times.server_errors as f64 * 100.0 / requests, 2),
        endpoint: route.route,
    }
}

fn model_view(model: Model) -> ConversionModelView {
    let mut view = ConversionModelView {
        state: ModelState::NotEnoughData,
        fitted_at: (model.fitted_at_ms > 0).then(|| to_rfc3339(model.fitted_at_ms)),
        sessions: model.sessions,
        conversions: model.conversions,
        conversions_needed: CONVERSIONS_MIN,
        intercept: None,
        features: Vec::new(),
        calibration: Vec::new(),
        error: None,
        error_without_model: None,
    };
    let Some(fit) = model.fit else { return view };
    view.state = ModelState::Fitted;
    view.intercept = Some(rounded(fit.intercept, 4));
    let features = FEATURES.iter().zip(fit.weights.iter().zip(&fit.effects));
    view.features = features
        .map(|(name, (weight, effect))| FeatureView {
            name: (*name).into(),
            weight: rounded(*weight, 4),
            effect: rounded(*effect, 4),
        })
        .collect();
    let tenths = fit.calibration.tenths.iter();
    view.calibration = tenths
        .map(|tenth| TenthView {
            sessions: tenth.count,
            predicted_percent: rounded(tenth.predicted * 100.0, 2),
            happened_percent: rounded(tenth.happened * 100.0, 2),
        })
        .collect();
    view.error = Some(rounded(fit.calibration.error, 5));
    view.error_without_model = Some(rounded(fit.calibration.error_without_model, 5));
    view
}
