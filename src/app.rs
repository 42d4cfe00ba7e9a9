//! The one composition root: opens everything, hands the slices what they need, serves and stops.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::http::Method;
use poem::{Endpoint, EndpointExt, Route};
use poem_openapi::{OpenApi, OpenApiService};

use crate::accounts::{self, Accounts, EnvKeys};
use crate::canned::{Canned, CannedApi};
use crate::chat::{Chat, ChatApi, ConversationsApi, ESCALATE_JOB, PrivacyApi, WaitingApi};
use crate::config::{Config, Origins, Secret};
use crate::health::{HealthApi, HealthParts};
use crate::knowledge::{
    DocumentsApi, EntitiesApi, I18nApi, IntentsApi, Knowledge, PublicApi, SettingsApi,
};
use crate::live::{self, LiveParts};
use crate::pages;
use crate::platform::cache::Cache;
use crate::platform::db::{DATABASE_FILE, Store, StoreOptions};
use crate::platform::http::{
    DeclaredPatterns, Document, FrontDoor, FrontDoorParts, RateGroup, RateLimits, RateQuotas,
    ServeOptions, Tls, TrustedProxies, purge_idempotency_keys, serve,
};
use crate::platform::jobs::{
    DailyTask, HandlerError, Handlers, JobDoorbell, JobSchedulerError, Schedule, purge_finished,
    start,
};
use crate::platform::metrics::Metrics;
use crate::platform::secrets::Secrets;

/// Why the server could not start or went down.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Another server has the data folder.
    #[error(
        "the data folder {0} is in use by {1}; stop that server, or give this one another --data"
    )]
    InUse(String, String),
    /// The data folder cannot be used.
    #[error("cannot use the data folder {0}: {1}")]
    DataFolder(String, std::io::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// The clock-driven tasks could not be started.
    #[error("the schedule could not be started: {0}")]
    Schedule(String),
    /// Anything a slice says.
    #[error(transparent)]
    Other(#[from] Box<dyn std::error::Error + Send + Sync>),
}

macro_rules! app_error_from {
    ($($error:ty),*) => {
        $(impl From<$error> for AppError {
            fn from(error: $error) -> Self { AppError::Other(Box::new(error)) }
        })*
    };
}

app_error_from!(
    crate::platform::db::DbError,
    crate::platform::secrets::SecretsError,
    crate::knowledge::KnowledgeError,
    crate::accounts::AccountError
);

/// Once a day: drop what has served its time.
const DAILY: &[DailyTask] = &[DailyTask {
    name: "maintenance",
    hour: 3,
    minute: 30,
}];

/// Holds the data folder for this process.
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder (0700) when it does not exist and locks it.
    ///
    /// Errors: another process holds it, or it cannot be made or written.
    pub fn open(path: &Path) -> Result<Self, AppError> {
        let name = path.display().to_string();
        let io = |error| AppError::DataFolder(name.clone(), error);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(io)?;
        let lock_file = path.join("novahouse.lock");
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(lock_file)
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.read_to_string(&mut holder);
                return Err(AppError::InUse(name, holder.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        lock.set_len(0).map_err(io)?;
        write!(lock, "process {}", std::process::id()).map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE_FILE)
    }
}

/// What the command line and the server both open.
pub struct Opened {
    /// The database.
    pub store: Store,
    /// The server's own keys.
    pub secrets: Secrets,
    /// The team.
    pub accounts: Accounts,
    folder: DataFolder,
}

impl Opened {
    /// Opens the data folder, its database and its keys (blocking).
    pub fn open(config: &Config) -> Result<Self, AppError> {
        let folder = DataFolder::open(&config.data_dir)?;
        let secrets = Secrets::open(&folder.path.join("secrets.json"))?;
        let store = Store::open(&StoreOptions {
            path: folder.database(),
            readers: config.db_readers,
            sql_log_file: config.sql_log_file.clone(),
        })?;
        let secret = |secret: &Option<Secret>| secret.as_ref().map(|s| s.expose().to_owned());
        let keys = EnvKeys {
            owner: secret(&config.admin_api_key),
            agent: secret(&config.api_key),
        };
        let secure = config
            .public_url
            .as_ref()
            .is_some_and(|url| url.starts_with("https://"));
        let accounts = Accounts::new(store.clone(), secrets.clone(), &keys, secure);
        Ok(Self {
            store,
            secrets,
            accounts,
            folder,
        })
    }
}

/// A server that is ready to listen.
pub struct App {
    door: Arc<FrontDoor>,
    live: live::Broadcast,
    io: socketioxide::SocketIo,
    limits: Arc<RateLimits>,
    store: Store,
    chat: Chat,
    accounts: Accounts,
    zone: jiff::tz::TimeZone,
    _folder: DataFolder,
}

impl App {
    /// Opens everything and wires the slices (blocking).
    pub fn open(config: &Config) -> Result<Self, AppError> {
        let started = Instant::now();
        let Opened {
            store,
            secrets,
            accounts,
            folder,
        } = Opened::open(config)?;
        let cache = Cache::default();
        let knowledge = Knowledge::open(&store, &cache, &folder.path)?;
        let zone = knowledge.snapshot().company().zone()?;
        let limits = Arc::new(RateLimits::new(
            config.rate_limits.then_some(&quotas(config)),
        ));
        let (socket, io, broadcast) = live::new_service();
        let chat = Chat::new(store.clone(), knowledge.clone(), secrets, broadcast.clone());
        live::attach(
            &io,
            LiveParts {
                chat: chat.clone(),
                limits: Arc::clone(&limits),
                limits_events: config.rate_limits,
                authenticate: accounts.authenticate(),
                broadcast: broadcast.clone(),
            },
        );
        let metrics = Metrics::default();
        let health = HealthApi::new(HealthParts {
            store: store.clone(),
            knowledge: knowledge.clone(),
            live: broadcast.clone(),
            metrics: metrics.clone(),
            metrics_token: config
                .metrics_token
                .as_ref()
                .map(|token| token.expose().to_owned()),
            fallbacks: config.fallbacks.clone(),
            started,
        });
        PublicApi(knowledge.clone()).warm();
        let canned = Canned::new(store.clone(), knowledge.clone());
        let routes = routes(apis(&chat, canned, &knowledge, &accounts, health))?;
        let door = FrontDoor::new(
            routes.boxed(),
            FrontDoorParts {
                socket,
                authenticate: accounts.authenticate(),
                limits: Arc::clone(&limits),
                rate_group,
                proxies: TrustedProxies(config.trusted_proxies.clone()),
                metrics,
                public_url: config.public_url.clone(),
                origins: origins(config),
                body_limit_bytes: config.json_body_limit_bytes,
                body_timeout: Duration::from_secs(config.body_timeout_s),
            },
        );
        Ok(Self {
            door: Arc::new(door),
            live: broadcast,
            io,
            limits,
            store,
            chat,
            accounts,
            zone,
            _folder: folder,
        })
    }

    /// The token of the set-up link while there is no owner (blocking).
    pub fn setup_token(&self) -> Result<Option<String>, AppError> {
        Ok(self.accounts.ensure_setup_link()?)
    }

    /// Serves until `stop` resolves, then finishes what is under way.
    pub async fn serve(
        self,
        config: &Config,
        ready: impl FnOnce(std::net::SocketAddr),
        stop: impl Future<Output = ()>,
    ) -> Result<(), AppError> {
        let doorbell = JobDoorbell::default();
        let (stop_jobs, jobs_stopped) = tokio::sync::watch::channel(false);
        let worker = start(
            self.store.clone(),
            handlers(&self.store, &self.chat),
            doorbell.clone(),
            jobs_stopped,
        );
        let schedule = self
            .start_schedule(doorbell)
            .await
            .map_err(|error| AppError::Schedule(error.to_string()))?;
        let limits = Arc::clone(&self.limits);
        let sweeper = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                limits.forget_idle();
            }
        });
        let (live, io) = (self.live.clone(), self.io.clone());
        let stop = async move {
            stop.await;
            live.system_message("The server restarts; the chat goes on in a moment.", "info")
                .await;
            io.close().await;
        };
        let served = serve(serve_options(config), Arc::clone(&self.door), ready, stop).await;
        sweeper.abort();
        drop(schedule);
        let _ = stop_jobs.send(true);
        let _ = worker.await;
        served.map_err(|error| AppError::Listen(config.listen, error))
    }
}

impl App {
    /// What comes by the clock.
    async fn start_schedule(&self, doorbell: JobDoorbell) -> Result<Schedule, JobSchedulerError> {
        let (store, zone) = (self.store.clone(), self.zone.clone());
        let schedule = Schedule::start(store, DAILY, zone, doorbell.clone()).await?;
        let chat = self.chat.clone();
        schedule
            .every_minute(move || {
                let (chat, doorbell) = (chat.clone(), doorbell.clone());
                async move {
                    if chat.look_after().await {
                        doorbell.ring();
                    }
                }
            })
            .await?;
        Ok(schedule)
    }
}

/// Every documented endpoint, one tuple per area.
fn apis(
    chat: &Chat,
    canned: Canned,
    knowledge: &Knowledge,
    accounts: &Accounts,
    health: HealthApi,
) -> impl OpenApi + 'static {
    (
        (
            ChatApi(chat.clone()),
            PrivacyApi(chat.clone()),
            ConversationsApi(chat.clone()),
            WaitingApi(chat.clone()),
            CannedApi(canned),
        ),
        (
            PublicApi(knowledge.clone()),
            DocumentsApi(knowledge.clone()),
            I18nApi(knowledge.clone()),
            IntentsApi(knowledge.clone()),
            EntitiesApi(knowledge.clone()),
            SettingsApi(knowledge.clone()),
        ),
        accounts::apis(accounts),
        health,
    )
}

/// REST, the `OpenAPI` document and the pages.
fn routes(
    apis: impl OpenApi + 'static,
) -> Result<impl Endpoint<Output = poem::Response>, AppError> {
    let service = OpenApiService::new(apis, "NovaHouse", env!("CARGO_PKG_VERSION"))
        .description("Website chatbot, knowledge and the team's inbox. Errors have one shape; see any 4xx answer.")
        .server("/");
    let document = service.spec();
    let spec = Arc::new(Document::new(document.clone()));
    let service = Arc::new(service.boxed());
    let pages = pages::pages();
    let routes = Route::new()
        .at("/openapi.json", poem::get(Arc::clone(&spec)))
        .at("/api/docs/spec", poem::get(spec))
        .at("/api/docs", pages)
        .at("/api/docs/redoc", pages)
        .at("/metrics", Arc::clone(&service))
        .nest_no_strip("/api", service)
        .at("/", pages)
        .at("/*rest", pages)
        .map_to_response();
    DeclaredPatterns::new(routes, &document).map_err(|error| AppError::Other(Box::new(error)))
}

/// Which limit a path counts against.
fn rate_group(method: &Method, path: &str) -> RateGroup {
    let is_read = *method == Method::GET || *method == Method::HEAD;
    match path {
        // What a browser may send it asks before it sends it.
        _ if *method == Method::OPTIONS => RateGroup::Free,
        "/api/chatbot/chat" | "/api/chatbot/handoff" => RateGroup::Chat,
        "/api/chatbot/delete-my-data" => RateGroup::Rodo,
        "/api/auth/login" | "/api/auth/setup" => RateGroup::Login,
        "/api/health" | "/api/_ah/health" | "/api/ready" | "/api/chatbot/health" | "/metrics" => {
            RateGroup::Free
        }
        _ if path.starts_with("/api/chatbot/export-data") => RateGroup::Rodo,
        _ if path.starts_with("/api/docs") => RateGroup::Free,
        _ if path.starts_with("/api/leads") && !is_read => RateGroup::Create,
        _ if path == "/api" || path.starts_with("/api/") => RateGroup::Read,
        _ => RateGroup::Free,
    }
}

fn quotas(config: &Config) -> RateQuotas {
    RateQuotas {
        chat_per_min: config.rate_chat_per_min,
        create_per_min: config.rate_create_per_min,
        upload_per_min: config.rate_upload_per_min,
        read_per_min: config.rate_read_per_min,
        login_per_min: config.rate_login_per_min,
        rodo_per_min: config.rate_rodo_per_min,
        agent_per_min: config.rate_agent_per_min,
    }
}

/// Origins that may call from other sites; `None` is any.
fn origins(config: &Config) -> Option<Vec<String>> {
    match &config.cors_origins {
        Origins::Any => None,
        Origins::List(origins) => Some(origins.clone()),
    }
}

fn serve_options(config: &Config) -> ServeOptions {
    ServeOptions {
        listen: config.listen,
        tls: match (&config.tls_cert_file, &config.tls_key_file) {
            (Some(cert_file), Some(key_file)) => Some(Tls {
                cert_file: cert_file.clone(),
                key_file: key_file.clone(),
            }),
            _ => None,
        },
        cors_origins: origins(config),
        max_connections: config.max_connections,
        max_connections_per_client: config
            .rate_limits
            .then_some(config.max_connections_per_client),
        header_timeout: Duration::from_secs(config.header_timeout_s),
    }
}

/// What the outbox can do.
fn handlers(store: &Store, chat: &Chat) -> Handlers {
    let mut handlers = Handlers::default();
    let store = store.clone();
    handlers.on("maintenance", move |_| {
        let store = store.clone();
        async move {
            let now = crate::platform::clock::now_ms();
            store
                .write(move |tx| {
                    purge_idempotency_keys(tx, now)?;
                    purge_finished(tx, now)?;
                    accounts::purge_login_sessions(tx, now)?;
                    Ok::<_, HandlerError>(())
                })
                .await
        }
    });
    let chat = chat.clone();
    handlers.on(ESCALATE_JOB, move |payload_json| {
        let chat = chat.clone();
        async move { chat.escalate(&payload_json).await }
    });
    handlers
}
