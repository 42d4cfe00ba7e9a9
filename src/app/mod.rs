//! The one composition root: opens everything, hands the slices what they need, serves and stops.

mod control;
mod folder;
mod jobs;
mod options;
mod routes;

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::EndpointExt;

pub use folder::{DataFolder, Opened};

use crate::accounts::Accounts;
use crate::analytics::{Analytics, Conversion, Performance, Weekly};
use crate::backup::{Backups, BackupsParts, Place, Seal};
use crate::bookings::Bookings;
use crate::canned::Canned;
use crate::chat::Chat;
use crate::commands::Workplace;
use crate::config::Config;
use crate::demo;
use crate::experiments::Experiments;
use crate::health::{HealthApi, HealthParts};
use crate::knowledge::{Knowledge, PublicApi};
use crate::leads::Leads;
use crate::live::{self, LiveParts};
use crate::llm::{self, Endpoint, Llm};
use crate::monday::Monday;
use crate::notify::outbox::{Notify, NotifyParts};
use crate::pages;
use crate::platform::blobs::Blobs;
use crate::platform::cache::Cache;
use crate::platform::control::ControlSocket;
use crate::platform::http::{FrontDoor, FrontDoorParts, RateLimits, TrustedProxies, serve};
use crate::platform::jobs::{JobDoorbell, start};
use crate::platform::metrics::Metrics;
use crate::qualification::{Qualification, Quiz};
use crate::quotes::Quotes;
use crate::review::Review;
use crate::rodo::{Rodo, RodoParts};
use crate::search::Search;
use crate::settings::Settings;
use crate::site::Site;
use crate::uploads::Uploads;
use crate::webhooks::{WebhookParts, Webhooks};
use crate::widgets::Widgets;
use jobs::Jobs;
use routes::Slices;

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
    /// The server that holds the folder did not answer a command.
    #[error("the running server ({0}) did not answer: {1}")]
    NoAnswer(String, std::io::Error),
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
    crate::backup::BackupError,
    crate::bookings::BookingError,
    crate::platform::db::DbError,
    crate::platform::secrets::SecretsError,
    crate::knowledge::KnowledgeError,
    crate::llm::ClientError,
    crate::qualification::QualificationError,
    crate::accounts::AccountError,
    crate::search::SearchError,
    crate::site::TextsError,
    crate::rodo::RodoError,
    crate::notify::SendError,
    crate::notify::mail::SettingsError
);

/// A server that is ready to listen.
pub struct App {
    door: Arc<FrontDoor>,
    live: live::Broadcast,
    io: socketioxide::SocketIo,
    limits: Arc<RateLimits>,
    jobs: Arc<Jobs>,
    llm: Option<Llm>,
    accounts: Accounts,
    /// Stands above the folder: it is removed while the lock is still held.
    control: ControlSocket,
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
        let is_generated = store.read_blocking(demo::generated)?.is_some();
        if is_generated {
            tracing::warn!("the data in this folder is generated (novahouse demo-data), not real");
        }
        let control = ControlSocket::open(&folder.path)
            .map_err(|error| AppError::DataFolder(folder.path.display().to_string(), error))?;
        let cache = Cache::default();
        let endpoint = options::language_model(config);
        let third_party = endpoint.as_ref().and_then(Endpoint::third_party);
        let knowledge = Knowledge::open(&store, &cache, &folder.path, third_party)?;
        let limits = Arc::new(RateLimits::new(
            config.rate_limits.then_some(&options::quotas(config)),
        ));
        let settings = Settings::open(&store, &knowledge, &limits, options::configured(config))?;
        let notify = Notify::new(NotifyParts {
            store: store.clone(),
            knowledge: knowledge.clone(),
            settings: settings.clone(),
            mailer: options::mailer(config, knowledge.snapshot().company())?,
            sms: options::sms(config)?,
            base_url: config.address(config.listen),
            secrets: secrets.clone(),
        });
        let webhooks = Webhooks::new(WebhookParts {
            store: store.clone(),
            secrets: secrets.clone(),
            knowledge: knowledge.clone(),
            allow_private: config.webhook_allow_private,
        })?;
        let monday = Monday::open(&store, &knowledge, options::monday(config))?;
        let (socket, io, broadcast) = live::new_service();
        let quotes = Quotes::new(store.clone(), knowledge.clone(), secrets.clone());
        let leads = Leads::new(
            store.clone(),
            knowledge.clone(),
            secrets.clone(),
            broadcast.clone(),
        );
        let bookings = Bookings::open(
            &store,
            &knowledge,
            secrets.clone(),
            leads.clone(),
            broadcast.clone(),
            config.public_url.as_deref(),
        )?;
        let search = Search::new(store.clone(), knowledge.clone(), &folder.path);
        let quiz = Quiz::built_in()?;
        let scanner = options::scanner(config);
        let uploads = Uploads::new(
            store.clone(),
            Blobs::local(&config.upload_folder).map_err(|error| {
                AppError::DataFolder(
                    config.upload_folder.display().to_string(),
                    std::io::Error::other(error),
                )
            })?,
            scanner.clone(),
            options::upload_quotas(config),
            config.upload_webp,
        );
        let rodo = Rodo::new(RodoParts {
            store: store.clone(),
            secrets: secrets.clone(),
            search: search.clone(),
            uploads: uploads.clone(),
            knowledge: knowledge.clone(),
            folder: folder.path.clone(),
            upload_folder: config.upload_folder.clone(),
            has_jobs: true,
        });
        let analytics = Analytics::new(store.clone(), knowledge.clone());
        let experiments = Experiments::open(&store, &knowledge, secrets.clone())?;
        let counters = llm::Counters::default();
        let llm = match &endpoint {
            Some(endpoint) => {
                let spent = store.read_blocking(|tx| llm::load_spent(tx))?;
                let limits = options::language_model_limits(config);
                Some(Llm::open(endpoint, limits, spent, counters.clone())?)
            }
            None => None,
        };
        let offsite = options::offsite(config, &folder.path, &secrets);
        let chat = Chat::new(
            store.clone(),
            knowledge.clone(),
            secrets,
            broadcast.clone(),
            leads.clone(),
            quotes.clone(),
            bookings.clone(),
            quiz.clone(),
            search.clone(),
            llm.clone(),
            uploads.clone(),
            experiments.running(),
        );
        let qualification =
            Qualification::new(store.clone(), knowledge.clone(), leads.clone(), quiz);
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
        let backups = Backups::open(
            BackupsParts {
                store: store.clone(),
                knowledge: knowledge.clone(),
                place: Place::of(config),
                seal: Seal::to(&config.backup_recipients)?,
            },
            offsite,
        )?;
        let metrics = Metrics::with(|registry| {
            backups.register(registry);
            if llm.is_some() {
                counters.register(registry);
            }
        });
        let performance = Performance::new(store.clone(), metrics.timings());
        let conversion = Conversion::new(store.clone(), knowledge.clone());
        let weekly = Weekly::new(store.clone(), analytics.clone());
        let health = HealthApi::new(HealthParts {
            store: store.clone(),
            knowledge: knowledge.clone(),
            live: broadcast.clone(),
            metrics: metrics.clone(),
            metrics_token: config
                .metrics_token
                .as_ref()
                .map(|token| token.expose().to_owned()),
            llm: llm.clone(),
            notify: notify.clone(),
            scanner,
            fallbacks: config.fallbacks.clone(),
            is_generated,
            started,
        });
        PublicApi(knowledge.clone()).warm();
        let site = Site::new(
            bookings.clone(),
            leads.clone(),
            qualification.clone(),
            knowledge.clone(),
            rodo.clone(),
            pages::pages(),
        )?;
        let slices = Slices {
            bookings: bookings.clone(),
            chat: chat.clone(),
            canned: Canned::new(store.clone(), knowledge.clone()),
            review: Review::new(store.clone(), knowledge.clone()),
            search: search.clone(),
            uploads: uploads.clone(),
            knowledge: knowledge.clone(),
            settings,
            quotes,
            leads,
            qualification,
            notify: notify.clone(),
            webhooks: webhooks.clone(),
            monday: monday.clone(),
            rodo: rodo.clone(),
            backups: backups.clone(),
            analytics: analytics.clone(),
            accounts: accounts.clone(),
            health,
            widgets: Widgets::new(store.clone(), analytics.clone()),
            performance: performance.clone(),
            conversion: conversion.clone(),
            site: site.clone(),
            experiments: experiments.clone(),
        };
        let door = FrontDoor::new(
            routes::routes(slices)?.boxed(),
            FrontDoorParts {
                socket,
                authenticate: accounts.authenticate(),
                limits: Arc::clone(&limits),
                rate_group: routes::rate_group,
                proxies: TrustedProxies(config.trusted_proxies.clone()),
                metrics,
                public_url: config.public_url.clone(),
                origins: options::origins(config),
                body_limit_bytes: config.json_body_limit_bytes,
                own_body_limit: {
                    let file_bytes = options::upload_quotas(config).file_bytes;
                    let file_bytes = usize::try_from(file_bytes).unwrap_or(usize::MAX);
                    Box::new(move |method, path, caller| {
                        routes::own_body_limit(method, path, caller, file_bytes)
                    })
                },
                body_timeout: Duration::from_secs(config.body_timeout_s),
                refusal_page: Box::new(move |uri, accept, problem| {
                    site.refusal(uri, accept, problem)
                }),
            },
        );
        Ok(Self {
            door: Arc::new(door),
            live: broadcast,
            io,
            limits,
            jobs: Arc::new(Jobs {
                store,
                knowledge,
                chat,
                search,
                uploads,
                notify,
                webhooks,
                monday,
                bookings,
                backups,
                rodo,
                analytics,
                performance,
                conversion,
                weekly,
                experiments,
            }),
            llm,
            accounts,
            control,
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
        let jobs = self.jobs;
        let search = jobs.search.clone();
        let opened = tokio::task::spawn_blocking(move || {
            if let Err(error) = search.start() {
                tracing::error!(%error, "search looks through the documents, without an index");
            }
        });
        let uploads = jobs.uploads.clone();
        tokio::spawn(async move {
            if let Err(error) = uploads.sweep_all().await {
                tracing::warn!(%error, "files that nothing refers to stay until the next start");
            }
        });
        let doorbell = JobDoorbell::default();
        let (stop_jobs, jobs_stopped) = tokio::sync::watch::channel(false);
        let worker = start(
            jobs.store.clone(),
            jobs.handlers(),
            doorbell.clone(),
            jobs_stopped,
        );
        let schedule = jobs
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
        let watchers = jobs.analytics.clone().tell_changes(self.live.clone());
        let watchers = tokio::spawn(watchers);
        let (live, io) = (self.live.clone(), self.io.clone());
        let (knowledge, backups) = (jobs.knowledge.clone(), jobs.backups.clone());
        let llm = self.llm;
        let stop = async move {
            stop.await;
            knowledge.stop();
            backups.stop();
            if let Some(llm) = llm {
                // Whoever waits for a model gets the assistant's own answer before the sockets close.
                llm.stop().await;
            }
            live.system_message("The server restarts; the chat goes on in a moment.", "info")
                .await;
            io.close().await;
        };
        let mut commands = None;
        let (accounts, control) = (self.accounts, self.control);
        let stopped = stop_jobs.subscribe();
        let ready = |bound| {
            let address = config.address(bound);
            let workplace = Workplace {
                accounts,
                address,
                search: jobs.search.clone(),
                rodo: jobs.rodo.clone(),
                analytics: jobs.analytics.clone(),
                runtime: tokio::runtime::Handle::current(),
            };
            commands = Some(tokio::spawn(control::take_commands(
                control, workplace, stopped,
            )));
            ready(bound);
        };
        let served = serve(
            options::serve_options(config),
            Arc::clone(&self.door),
            ready,
            stop,
        )
        .await;
        sweeper.abort();
        watchers.abort();
        drop(schedule);
        let _ = stop_jobs.send(true);
        let _ = worker.await;
        let _ = opened.await;
        jobs.search.keep_tally().await;
        jobs.performance.keep().await;
        if let Some(commands) = commands {
            let _ = commands.await;
        }
        served.map_err(|error| AppError::Listen(config.listen, error))
    }
}
