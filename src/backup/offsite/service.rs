//! The job that copies, and how copies stand.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use super::copy::{self, Item, Upload};
use super::lists::{self, KeyForm, ListCopy};
use super::rules::{Plan, plan};
use super::settings::{self, OffsiteSettings};
use super::state::{LastCopy, State};
use super::target::{Listing, Target, complete};
use crate::backup::BackupError;
use crate::backup::files::sha256_of;
use crate::backup::model::BackupName;
use crate::backup::rules::is_overdue;
use crate::backup::shelf::{Shelf, Shelved};
use crate::config::OffsiteAddress;
use crate::knowledge::Knowledge;
use crate::platform::clock::now_ms;
use crate::platform::db::Store;
use crate::platform::jobs::HandlerError;
use crate::platform::secrets::TombstoneKey;

/// The job waits so long for a copy, which goes on meanwhile; a job may take five minutes.
const WAITED_FOR: Duration = Duration::from_secs(4 * 60);
/// Then it looks again after this time.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Where copies go, and what goes with them.
pub struct OffsiteParts {
    /// The place.
    pub address: OffsiteAddress,
    /// Public keys that backups are encrypted to.
    pub recipients: Vec<String>,
    /// The list of erased persons.
    pub list: PathBuf,
    /// The key it is written under.
    pub key: TombstoneKey,
}

/// What it works on.
pub(crate) struct OffsiteOf {
    pub(crate) store: Store,
    pub(crate) knowledge: Knowledge,
    pub(crate) shelf: Shelf,
}

/// Copies away from this machine. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Offsite(Arc<Inner>);

struct Inner {
    of: OffsiteOf,
    parts: OffsiteParts,
    /// A copy that goes on between two looks of its job.
    running: Mutex<Option<JoinHandle<Result<(), BackupError>>>>,
    stop: watch::Sender<bool>,
    last_copy: Gauge,
    overdue: Gauge,
}

/// How copies stand.
pub(crate) struct Standing {
    pub(crate) address: String,
    pub(crate) settings: OffsiteSettings,
    pub(crate) last_copy: Option<LastCopy>,
    pub(crate) last_failure: Option<String>,
    /// How many proved backups are to be copied.
    pub(crate) waiting: usize,
    /// The newest one must not be copied.
    pub(crate) is_withheld: bool,
    /// When the list of erased persons was last copied, in milliseconds UTC.
    pub(crate) list_copied_at_ms: Option<i64>,
    /// There is something for the job.
    pub(crate) is_due: bool,
    /// The newest copy is older than 48 hours.
    pub(crate) is_overdue: bool,
}

impl Offsite {
    /// Wires it; nothing is opened before the job runs.
    pub(crate) fn new(of: OffsiteOf, parts: OffsiteParts) -> Self {
        Self(Arc::new(Inner {
            of,
            parts,
            running: Mutex::default(),
            stop: watch::channel(false).0,
            last_copy: Gauge::default(),
            overdue: Gauge::default(),
        }))
    }

    /// Puts its figures among the server's.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "backup_offsite_last_timestamp_seconds",
            "When the newest backup was made that was copied away from this machine; 0: never",
            self.0.last_copy.clone(),
        );
        registry.register(
            "backup_offsite_overdue",
            "1 when backups are scheduled and the newest copy away from this machine is older than 48 hours",
            self.0.overdue.clone(),
        );
    }

    /// Lets what is under way end soon; it goes on with the next start.
    pub(crate) fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// The job: copies what is missing there and removes what need not be kept there.
    pub(crate) async fn run(&self) -> Result<(), HandlerError> {
        let mut running = self.0.running.lock().await;
        let mut task = running.take().unwrap_or_else(|| {
            let offsite = self.clone();
            tokio::spawn(async move { offsite.copy_all().await })
        });
        let later = |why: &str| HandlerError::Later {
            why: why.into(),
            after: AGAIN_AFTER,
        };
        tokio::select! {
            done = &mut task => match done {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(HandlerError::Retry(error.to_string())),
                Err(error) => Err(HandlerError::Retry(error.to_string())),
            },
            () = tokio::time::sleep(WAITED_FOR) => {
                *running = Some(task);
                Err(later("the copy is under way"))
            }
            () = stopped(self.0.stop.subscribe()) => Err(later("the server stops")),
        }
    }

    async fn copy_all(&self) -> Result<(), BackupError> {
        let mut state = self.blocking(|inner| Ok(inner.state())).await?;
        state.since_ms.get_or_insert_with(now_ms);
        let done = self.copy_what_is_missing(&mut state).await;
        if *self.0.stop.borrow() {
            return done;
        }
        state.last_failure = done.as_ref().err().map(ToString::to_string);
        state.save(&self.0.of.shelf)?;
        done
    }

    async fn copy_what_is_missing(&self, state: &mut State) -> Result<(), BackupError> {
        let settings = self.0.of.store.read(settings::load).await?;
        let is_known = state.last_copy.is_some();
        let target = self
            .blocking(move |inner| inner.open_target(is_known))
            .await?;
        self.copy_list(&target, &settings, state).await?;
        let here = self.blocking(|inner| inner.of.shelf.proved()).await?;
        let listing = target.list().await?;
        let there = same(&target, &listing, &here).await?;
        state.there = there.iter().map(ToString::to_string).collect();
        let mut plan = self.plan(&here, &there, &settings);
        begin_with_the_interrupted(&target, &mut plan, state).await;
        for name in &plan.copy {
            let found = here.iter().find(|one| one.name == *name);
            if let Some(found) = found {
                self.copy_one(&target, found, state).await?;
            }
        }
        for name in &plan.remove {
            target.remove_backup(name).await?;
            state.there.retain(|there| *there != name.to_string());
        }
        Ok(())
    }

    fn plan(&self, here: &[Shelved], there: &[BackupName], settings: &OffsiteSettings) -> Plan {
        let here: Vec<BackupName> = here.iter().map(|one| one.name.clone()).collect();
        let zone = self.0.of.knowledge.snapshot().zone();
        plan(&here, there, &zone, settings)
    }

    async fn copy_one(
        &self,
        target: &Target,
        found: &Shelved,
        state: &mut State,
    ) -> Result<(), BackupError> {
        let (name, sha256) = (found.name.clone(), found.sha256.clone());
        let item = self
            .blocking(move |inner| {
                let file = inner.of.shelf.path(&name);
                let sha256 = sha256.map_or_else(|| sha256_of(&file), Ok)?;
                Ok((file, sha256))
            })
            .await
            .map(|(file, sha256)| Item {
                file,
                name: found.name.clone(),
                size_bytes: found.size_bytes,
                sha256,
            })?;
        let stop = self.0.stop.subscribe();
        let resumed = state.upload.take();
        let mut note = |upload: Option<&Upload>| {
            state.upload = upload.cloned();
            state.save(&self.0.of.shelf)
        };
        copy::copy(target, &item, resumed, &mut note, &stop).await?;
        let made_at_ms = found.name.at.as_millisecond();
        let last = state.last_copy.as_ref().map(|last| last.made_at_ms);
        if last.is_none_or(|last| last <= made_at_ms) {
            state.last_copy = Some(LastCopy {
                filename: found.name.to_string(),
                made_at_ms,
                copied_at_ms: now_ms(),
            });
        }
        state.there.push(found.name.to_string());
        state.save(&self.0.of.shelf)
    }

    async fn copy_list(
        &self,
        target: &Target,
        settings: &OffsiteSettings,
        state: &mut State,
    ) -> Result<(), BackupError> {
        let list = self.blocking(Inner::list).await?;
        let key = KeyForm::wanted(&self.0.parts.recipients, settings);
        let size_bytes = list.len() as u64;
        let is_current = |copy: &ListCopy| copy.is_current(size_bytes, &key);
        if list.is_empty() || state.list.as_ref().is_some_and(is_current) {
            return Ok(());
        }
        lists::copy(target, &list, &self.0.parts.key, &key).await?;
        state.list = Some(ListCopy {
            size_bytes,
            key,
            copied_at_ms: now_ms(),
        });
        state.save(&self.0.of.shelf)
    }

    /// How copies stand.
    ///
    /// * `is_scheduled`: backups are made by the clock, so that a copy can be overdue.
    pub(crate) async fn standing(&self, is_scheduled: bool) -> Result<Standing, BackupError> {
        let settings = self.0.of.store.read(settings::load).await?;
        let (state, here, list_bytes) = self
            .blocking(|inner| {
                let list_bytes = fs::metadata(&inner.parts.list).map_or(0, |found| found.len());
                Ok((inner.state(), inner.of.shelf.proved()?, list_bytes))
            })
            .await?;
        let plan = self.plan(&here, &state.names(), &settings);
        let key = KeyForm::wanted(&self.0.parts.recipients, &settings);
        let is_list_current = list_bytes == 0
            || state
                .list
                .as_ref()
                .is_some_and(|copy| copy.is_current(list_bytes, &key));
        let now_ms = Timestamp::now().as_millisecond();
        let made_at_ms = state.last_copy.as_ref().map(|last| last.made_at_ms);
        let since_ms = state.since_ms.unwrap_or(now_ms);
        Ok(Standing {
            address: state.address,
            waiting: plan.copy.len(),
            is_withheld: plan.is_withheld,
            list_copied_at_ms: state.list.map(|copy| copy.copied_at_ms),
            is_due: state.since_ms.is_none() || !plan.copy.is_empty() || !is_list_current,
            is_overdue: is_scheduled && is_overdue(made_at_ms, since_ms, now_ms),
            last_copy: state.last_copy,
            last_failure: state.last_failure,
            settings,
        })
    }

    /// To be called every minute: the same, also for the figures.
    pub(crate) async fn look(&self, is_scheduled: bool) -> Result<Standing, BackupError> {
        let standing = self.standing(is_scheduled).await?;
        let made_at_ms = standing.last_copy.as_ref().map(|last| last.made_at_ms);
        self.0.last_copy.set(made_at_ms.unwrap_or(0) / 1000);
        self.0.overdue.set(i64::from(standing.is_overdue));
        Ok(standing)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, BackupError> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.map_err(|error| BackupError::Internal(error.to_string()))?
    }
}

/// The complete backups there; one that is here, too, counts only with the same size and hash.
async fn same(
    target: &Target,
    listing: &Listing,
    here: &[Shelved],
) -> Result<Vec<BackupName>, BackupError> {
    let mut same = Vec::new();
    for name in complete(listing) {
        let ours = here.iter().find(|one| one.name == name);
        let is_same = match ours {
            None => true,
            Some(ours) => {
                listing.get(&name.to_string()) == Some(&ours.size_bytes)
                    && (ours.sha256.is_none() || target.hash_of(&name).await? == ours.sha256)
            }
        };
        if is_same {
            same.push(name);
        }
    }
    Ok(same)
}

/// Puts the backup first whose upload can go on, or gives that upload up.
async fn begin_with_the_interrupted(target: &Target, plan: &mut Plan, state: &mut State) {
    let Some(upload) = &state.upload else { return };
    let names = &mut plan.copy;
    if let Some(at) = names
        .iter()
        .position(|name| name.to_string() == upload.filename)
    {
        names[..=at].rotate_right(1);
    } else {
        copy::give_up(target, upload).await;
        state.upload = None;
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

impl Inner {
    fn state(&self) -> State {
        State::load(&self.of.shelf, &self.parts.address.to_string())
    }

    /// The place; a folder among the backups of this machine is none, since what is removed in one would go in the other.
    fn open_target(&self, is_known: bool) -> Result<Target, BackupError> {
        if let OffsiteAddress::Folder(folder) = &self.parts.address
            && let Ok(folder) = folder.canonicalize()
            && let Ok(backups) = self.of.shelf.folder().canonicalize()
            && (folder.starts_with(&backups) || backups.starts_with(&folder))
        {
            let why =
                "the folder for copies and the folder of backups must not lie within each other";
            return Err(BackupError::Offsite(why.into()));
        }
        Target::open(&self.parts.address, is_known)
    }

    /// The list of erased persons; empty where nobody was erased.
    fn list(&self) -> Result<Vec<u8>, BackupError> {
        match fs::read(&self.parts.list) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(BackupError::io(&self.parts.list)),
        }
    }
}
