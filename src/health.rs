//! Health, readiness and metrics: what load balancers, monitoring and the team look at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem_openapi::param::Header;
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{ApiResponse, Object, OpenApi};
use subtle::ConstantTimeEq;

use crate::config::Fallback;
use crate::knowledge::Knowledge;
use crate::live::Broadcast;
use crate::llm::Llm;
use crate::notify::outbox::Notify;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store};
use crate::platform::http::{Agent, Caller, Problem};
use crate::platform::metrics::Metrics;
use crate::platform::process::resident_bytes;
use crate::platform::settings;
use crate::uploads::Scanner;
use crate::webhooks::{self, Standing};

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// For load balancers and monitoring.
    Health,
}

/// The endpoints. Cheap to clone.
#[derive(Clone)]
pub struct HealthApi {
    parts: Arc<HealthParts>,
    /// When the database was checked last, and whether it answered.
    checked: Arc<tokio::sync::Mutex<Option<(Instant, bool)>>>,
}

/// What health looks at.
pub struct HealthParts {
    /// The database.
    pub store: Store,
    /// Intents and entities.
    pub knowledge: Knowledge,
    /// Open sockets.
    pub live: Broadcast,
    /// The counters.
    pub metrics: Metrics,
    /// Lets a monitoring system read /metrics.
    pub metrics_token: Option<String>,
    /// The language model, when one is configured.
    pub llm: Option<Llm>,
    /// Letters and text messages.
    pub notify: Notify,
    /// The malware scanner, when one is configured.
    pub scanner: Option<Scanner>,
    /// What was asked for and is done in a plainer way.
    pub fallbacks: Vec<Fallback>,
    /// Its data is no real company's.
    pub is_generated: bool,
    /// When the server started.
    pub started: Instant,
}

/// A check of the database is repeated no sooner than this: it writes, and anyone may ask for it.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// A write that takes longer than this means that the database does not answer.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, Object)]
struct Health {
    /// `healthy` or `unhealthy`.
    status: String,
    /// `connected` or `error`.
    database: String,
    intents_loaded: usize,
    entities_loaded: usize,
    service: String,
    version: String,
}

#[derive(Debug, Object)]
struct Ready {
    ready: bool,
}

#[derive(Debug, Object)]
struct DeepHealth {
    success: bool,
    /// `ok`, or `error` when a dependency is in error.
    status: String,
    version: String,
    uptime_s: u64,
    open_sockets: usize,
    resident_memory_bytes: Option<i64>,
    /// Conversations, leads and bookings were made up by `novahouse demo-data`.
    is_data_generated: bool,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Object)]
struct Dependency {
    name: String,
    /// `ok`, `fallback`, `not_configured` or `error`.
    status: String,
    /// Time the check took.
    latency_ms: Option<f64>,
    /// What it says it is, where it says so.
    version: Option<String>,
    /// Why it is in error or there is a fallback.
    why: Option<String>,
}

#[derive(ApiResponse)]
enum MetricsAnswer {
    /// OpenMetrics text.
    #[oai(
        status = 200,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    )]
    Text(PlainText<String>),
}

#[OpenApi(tag = "Section::Health")]
impl HealthApi {
    /// The server is alive, with what it has loaded.
    #[oai(path = "/api/health", method = "get", operation_id = "health")]
    async fn health(&self) -> Result<Json<Health>, Problem> {
        self.shallow().await
    }

    /// The same, where App Engine looked in v2.3.
    #[oai(
        path = "/api/_ah/health",
        method = "get",
        operation_id = "health_app_engine"
    )]
    async fn health_app_engine(&self) -> Result<Json<Health>, Problem> {
        self.shallow().await
    }

    /// The server can answer: 503 while the database cannot be written.
    #[oai(path = "/api/ready", method = "get", operation_id = "ready")]
    async fn ready(&self) -> Result<Json<Ready>, Problem> {
        let mut checked = self.checked.lock().await;
        let is_ready = match *checked {
            Some((at, is_ready)) if at.elapsed() < CHECK_EVERY => is_ready,
            _ => {
                let outcome = self.check_database().await;
                if let Err(error) = &outcome {
                    tracing::warn!(%error, "not ready");
                }
                *checked = Some((Instant::now(), outcome.is_ok()));
                outcome.is_ok()
            }
        };
        if is_ready {
            Ok(Json(Ready { ready: true }))
        } else {
            Err(Problem::unavailable("the database cannot be written"))
        }
    }

    /// Each dependency with its state and latency.
    #[oai(
        path = "/api/health/deep",
        method = "get",
        operation_id = "health_deep"
    )]
    async fn deep(&self, _by: Agent) -> Result<Json<DeepHealth>, Problem> {
        let mut dependencies = vec![self.database().await];
        dependencies.extend(self.parts.llm.as_ref().map(language_model));
        dependencies.push(mail(&self.parts.notify).await?);
        dependencies.extend(webhook_receivers(&self.parts.store).await?);
        if let Some(asked) = &self.parts.scanner {
            dependencies.push(scanner(asked).await);
        }
        dependencies.extend(self.parts.fallbacks.iter().map(|fallback| Dependency {
            name: fallback.what.into(),
            status: "fallback".into(),
            latency_ms: None,
            version: None,
            why: Some(fallback.why.clone()),
        }));
        let is_ok = dependencies.iter().all(|one| one.status != "error");
        Ok(Json(DeepHealth {
            success: true,
            status: if is_ok { "ok" } else { "error" }.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            uptime_s: self.parts.started.elapsed().as_secs(),
            open_sockets: self.parts.live.open_sockets(),
            resident_memory_bytes: resident_bytes(),
            is_data_generated: self.parts.is_generated,
            dependencies,
        }))
    }

    /// Counters and histograms for monitoring; an agent or the metrics token (`Authorization: Bearer …`).
    #[oai(path = "/metrics", method = "get", operation_id = "metrics")]
    async fn metrics(
        &self,
        caller: Caller,
        /// `Bearer` and the metrics token.
        #[oai(name = "Authorization")]
        authorization: Header<Option<String>>,
    ) -> Result<MetricsAnswer, Problem> {
        let given = authorization
            .0
            .as_deref()
            .and_then(|text| text.strip_prefix("Bearer "));
        let has_token = match (given, &self.parts.metrics_token) {
            (Some(given), Some(token)) => bool::from(given.as_bytes().ct_eq(token.as_bytes())),
            _ => false,
        };
        if !has_token && !caller.is_agent() {
            return Err(Problem::unauthorized(
                "not_signed_in",
                "Sign in, send an API key, or send the metrics token as Authorization: Bearer.",
            ));
        }
        let text = self.parts.metrics.render(self.parts.live.open_sockets());
        Ok(MetricsAnswer::Text(PlainText(text)))
    }
}

/// A model that does not answer is no error: visitors get the assistant's own answers meanwhile.
fn language_model(llm: &Llm) -> Dependency {
    let is_paused = llm.is_paused();
    Dependency {
        name: "language_model".into(),
        status: if is_paused { "fallback" } else { "ok" }.into(),
        latency_ms: None,
        version: None,
        why: is_paused.then(|| {
            "it did not answer several times in a row; the assistant answers alone".into()
        }),
    }
}

/// Without a mail server nothing is lost: messages wait in the outbox, marked as not configured.
async fn mail(notify: &Notify) -> Result<Dependency, Problem> {
    let failed = notify.failed_in_a_day().await?;
    let (status, why) = match (notify.has_mail_server(), failed) {
        (false, _) => ("not_configured", Some("smtp_server is not set".into())),
        (true, 0) => ("ok", None),
        (true, failed) => (
            "ok",
            Some(format!(
                "{failed} messages were given up in the last 24 hours"
            )),
        ),
    };
    Ok(Dependency {
        name: "mail".into(),
        status: status.into(),
        latency_ms: None,
        version: None,
        why,
    })
}

/// Programs that hear of what happens, where there are any. What they missed waits and can be replayed, so it is no error.
async fn webhook_receivers(store: &Store) -> Result<Option<Dependency>, Problem> {
    let standing = store.read(webhooks::standing).await?;
    if standing == Standing::default() {
        return Ok(None);
    }
    let is_well = standing.failing == 0 && standing.switched_off == 0;
    Ok(Some(Dependency {
        name: "webhooks".into(),
        status: if is_well { "ok" } else { "fallback" }.into(),
        latency_ms: None,
        version: None,
        why: (!is_well).then(|| {
            format!(
                "{} of {} do not answer and are tried again; {} were switched off for failing too long",
                standing.failing, standing.enabled, standing.switched_off
            )
        }),
    }))
}

/// Without its scanner uploads are refused, or taken as they are where the owner wants it so.
async fn scanner(scanner: &Scanner) -> Dependency {
    let began = Instant::now();
    let answered = scanner.ping().await;
    let latency_ms = began.elapsed().as_secs_f64() * 1000.0;
    let (status, consequence) = match (&answered, scanner.accepts_when_down()) {
        (Ok(_), _) => ("ok", ""),
        (Err(_), true) => ("fallback", "uploads are taken unscanned"),
        (Err(_), false) => ("error", "uploads are refused"),
    };
    Dependency {
        name: "scanner".into(),
        status: status.into(),
        latency_ms: Some(latency_ms),
        why: answered
            .as_ref()
            .err()
            .map(|error| format!("{error}; {consequence}")),
        version: answered.ok(),
    }
}

impl HealthApi {
    /// Wires the slice.
    pub fn new(parts: HealthParts) -> Self {
        Self {
            parts: Arc::new(parts),
            checked: Arc::default(),
        }
    }

    async fn shallow(&self) -> Result<Json<Health>, Problem> {
        let counts = self.parts.knowledge.counts().await;
        let is_connected = counts.is_ok();
        let (intents_loaded, entities_loaded) = counts.unwrap_or_default();
        Ok(Json(Health {
            status: if is_connected { "healthy" } else { "unhealthy" }.into(),
            database: if is_connected { "connected" } else { "error" }.into(),
            intents_loaded,
            entities_loaded,
            service: "novahouse".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }))
    }

    async fn database(&self) -> Dependency {
        let began = Instant::now();
        let outcome = self.check_database().await;
        Dependency {
            name: "database".into(),
            status: if outcome.is_ok() { "ok" } else { "error" }.into(),
            latency_ms: Some(began.elapsed().as_secs_f64() * 1000.0),
            version: None,
            why: outcome
                .is_err()
                .then(|| "the database cannot be written; the log says why".into()),
        }
    }

    /// Writes one row of its own in the real store. The value must differ from the one before: SQLite leaves out a
    /// write that changes nothing, and with it the answer to the question.
    async fn check_database(&self) -> Result<(), DbError> {
        let now = now_ms();
        let check = self
            .parts
            .store
            .write(move |tx| settings::save(tx, "health_check", &(), now));
        tokio::time::timeout(DATABASE_TIMEOUT, check)
            .await
            .unwrap_or_else(|_| Err(DbError::Unavailable("the database does not answer".into())))
    }
}
