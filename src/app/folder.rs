//! The data folder: who holds it, and what both the command line and the server open in it.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{AppError, options};
use crate::accounts::{Accounts, EnvKeys};
use crate::analytics::Analytics;
use crate::backup::{Place, before_migration, recover};
use crate::config::{Config, Secret};
use crate::knowledge::Knowledge;
use crate::llm::Endpoint;
use crate::platform::blobs::Blobs;
use crate::platform::cache::Cache;
use crate::platform::db::{DATABASE_FILE, Store, StoreOptions};
use crate::platform::secrets::Secrets;
use crate::rodo::{Rodo, RodoParts};
use crate::search::Search;
use crate::uploads::Uploads;

/// Holds the data folder for this process.
pub struct DataFolder {
    pub(super) path: PathBuf,
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
    pub(super) folder: DataFolder,
}

impl Opened {
    /// Opens the data folder, its database and its keys (blocking).
    pub fn open(config: &Config) -> Result<Self, AppError> {
        let folder = DataFolder::open(&config.data_dir)?;
        let place = Place::of(config);
        if recover(&place)? {
            tracing::warn!("a restore that was interrupted has been finished");
        }
        if let Some(copy) = before_migration(&place, Timestamp::now())? {
            tracing::info!(copy = %copy.display(), "the database is migrated; a copy is kept");
        }
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

    /// Opens what the company knows and the index of it, as it is (blocking).
    pub fn search(&self, config: &Config) -> Result<Search, AppError> {
        let knowledge = self.knowledge(config)?;
        let search = Search::new(self.store.clone(), knowledge, &self.folder.path);
        search.open()?;
        Ok(search)
    }

    /// Opens the numbers (blocking).
    pub fn analytics(&self, config: &Config) -> Result<Analytics, AppError> {
        Ok(Analytics::new(self.store.clone(), self.knowledge(config)?))
    }

    fn knowledge(&self, config: &Config) -> Result<Knowledge, AppError> {
        let endpoint = options::language_model(config);
        let third_party = endpoint.as_ref().and_then(Endpoint::third_party);
        let cache = Cache::default();
        Ok(Knowledge::open(
            &self.store,
            &cache,
            &self.folder.path,
            third_party,
        )?)
    }

    /// Opens what rights over personal data need where no server runs (blocking).
    pub fn rodo(&self, config: &Config) -> Result<Rodo, AppError> {
        let folder = &config.upload_folder;
        let blobs = Blobs::local(folder).map_err(|error| {
            let error = std::io::Error::other(error);
            AppError::DataFolder(folder.display().to_string(), error)
        })?;
        let quotas = options::upload_quotas(config);
        Ok(Rodo::new(RodoParts {
            store: self.store.clone(),
            secrets: self.secrets.clone(),
            search: self.search(config)?,
            uploads: Uploads::new(self.store.clone(), blobs, None, quotas, config.upload_webp),
            knowledge: self.knowledge(config)?,
            folder: self.folder.path.clone(),
            upload_folder: folder.clone(),
            has_jobs: false,
        }))
    }
}
