//! Use cases of the running server. Everything here that touches files runs on threads where it may block.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::create::{Created, Order, create};
use super::model::{BackupName, Format, Proof};
use super::offsite::{Offsite, OffsiteOf, OffsiteParts, OffsiteSettings, Standing, save_offsite};
use super::schedule::{Schedule, load_schedule, save_schedule};
use super::seal::{Keys, Seal};
use super::shelf::{Notes, Shelf, Shelved, Working};
use super::verify::{Proven, prove_file};
use super::watch::{Figures, overdue};
use super::{BackupError, Place};
use crate::accounts::audit;
use crate::knowledge::Knowledge;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::jobs::{HandlerError, NewJob, enqueue, wait_for_next};

/// The job that makes what the schedule asks for.
pub const BACKUP_JOB: &str = "backup";
/// The job that copies backups and the list of erased persons away from this machine.
pub const OFFSITE_JOB: &str = "backup.offsite";
/// A job that finds another backup under way looks again after this time.
const AGAIN_AFTER: Duration = Duration::from_secs(5 * 60);

/// What the slice is made from.
pub struct BackupsParts {
    /// The database.
    pub store: Store,
    /// The company's zone and language.
    pub knowledge: Knowledge,
    /// Where everything lies.
    pub place: Place,
    /// Whom backups are encrypted to unless a request says otherwise.
    pub seal: Seal,
}

/// Backups of a running server. Cheap to clone.
#[derive(Clone)]
pub struct Backups(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) parts: BackupsParts,
    pub(super) shelf: Shelf,
    pub(super) figures: Figures,
    /// Copies away from this machine, where they are configured.
    pub(super) offsite: Option<Offsite>,
}

/// What was made on request.
pub(super) struct Made {
    pub(super) name: BackupName,
    pub(super) size_bytes: u64,
    pub(super) sha256: String,
}

/// How things stand.
pub(super) struct Status {
    pub(super) schedule: Schedule,
    pub(super) next_due: Option<Timestamp>,
    pub(super) last_backup: Option<Shelved>,
    pub(super) last_proof: Option<Proof>,
    pub(super) last_failure: Option<String>,
    pub(super) is_overdue: bool,
    /// `None` where no place away from this machine is configured.
    pub(super) offsite: Option<Standing>,
}

/// Hands over [`OFFSITE_JOB`], to be done once whatever this transaction changes is committed. It is a job of its own, since
/// one that is under way may have looked already.
pub fn queue_offsite(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: OFFSITE_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)
}

impl Backups {
    /// Opens the folder of backups.
    ///
    /// Errors: it cannot be made.
    pub fn open(parts: BackupsParts, offsite: Option<OffsiteParts>) -> Result<Self, BackupError> {
        let shelf = Shelf::open(&parts.place.backups)?;
        let offsite = offsite.map(|offsite| {
            let of = OffsiteOf {
                store: parts.store.clone(),
                knowledge: parts.knowledge.clone(),
                shelf: shelf.clone(),
            };
            Offsite::new(of, offsite)
        });
        Ok(Self(Arc::new(Inner {
            parts,
            shelf,
            figures: Figures::default(),
            offsite,
        })))
    }

    /// Lets a copy away from this machine end soon.
    pub fn stop(&self) {
        if let Some(offsite) = &self.0.offsite {
            offsite.stop();
        }
    }

    /// The handler of [`OFFSITE_JOB`]; nothing where no place is configured.
    pub async fn copy_offsite(&self) -> Result<(), HandlerError> {
        match &self.0.offsite {
            Some(offsite) => offsite.run().await,
            None => Ok(()),
        }
    }

    /// Hands over the job that copies; what fails here is noticed within a minute.
    async fn copy_soon(&self) {
        if self.0.offsite.is_none() {
            return;
        }
        let write = self.0.parts.store.write(|tx| queue_offsite(tx, now_ms()));
        if let Err(error) = write.await {
            tracing::warn!(%error, "a backup is copied a minute later");
        }
    }

    /// Sets what may be copied away from this machine, and how long copies are kept there.
    pub(super) async fn set_offsite(
        &self,
        rules: OffsiteSettings,
        actor: String,
    ) -> Result<OffsiteSettings, BackupError> {
        let rules = rules.checked()?;
        let saved = rules.clone();
        let write = self.0.parts.store.write(move |tx| {
            let now_ms = now_ms();
            save_offsite(tx, &saved, now_ms)?;
            queue_offsite(tx, now_ms)?;
            let details = json!({"allow_unencrypted": saved.allow_unencrypted});
            audit::record(tx, &actor, "backup_offsite_set", None, &details, now_ms)
        });
        let written: Result<(), DbError> = write.await;
        written?;
        Ok(rules)
    }

    /// Runs `work` with the right to work in the folder, on a thread where it may block.
    async fn working<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner, &Working) -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, BackupError> {
        let inner = Arc::clone(&self.0);
        self.blocking(move || {
            let working = inner.shelf.work()?;
            let done = work(&inner, &working);
            if let Err(error) = &done {
                tracing::warn!(%error, "work on a backup failed");
            }
            done
        })
        .await
    }

    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
    ) -> Result<T, BackupError> {
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| BackupError::Internal(error.to_string()))?
    }

    async fn audit(&self, actor: String, action: &'static str, filename: String) {
        let now_ms = Timestamp::now().as_millisecond();
        let details = json!({"filename": filename});
        let write = self
            .0
            .parts
            .store
            .write(move |tx| audit::record(tx, &actor, action, None, &details, now_ms));
        // What was done to the files is done; the log says what the audit could not.
        let written: Result<(), DbError> = write.await;
        if let Err(error) = written {
            tracing::error!(%error, action, "not in the audit log");
        }
    }

    /// Makes a backup now.
    ///
    /// * `encrypt_to`: public keys; empty: as configured.
    pub(super) async fn create(
        &self,
        format: Format,
        encrypt_to: &[String],
        actor: String,
    ) -> Result<Made, BackupError> {
        let seal = match encrypt_to {
            [] => self.0.parts.seal.clone(),
            some => Seal::to(some)?,
        };
        let made = self
            .working(move |inner, working| {
                let created = inner.make(working, format, seal)?;
                let name = name_of(&created)?;
                // What is encrypted to others cannot be proved any later.
                if name.is_sealed() && format == Format::Zip {
                    prove_file(working, &created.path, &created.keys)?;
                }
                Ok(Made {
                    name,
                    size_bytes: created.size_bytes,
                    sha256: created.sha256,
                })
            })
            .await?;
        self.audit(actor, "backup_created", made.name.to_string())
            .await;
        self.copy_soon().await;
        Ok(made)
    }

    /// Every backup, the newest first.
    pub(super) async fn list(&self) -> Result<Vec<Shelved>, BackupError> {
        let inner = Arc::clone(&self.0);
        self.blocking(move || inner.shelf.list()).await
    }

    /// Opens a backup for sending it; answers it with its size.
    ///
    /// Errors: [`BackupError::NotFound`], also for whatever is no name of a backup.
    pub(super) async fn open_file(
        &self,
        filename: &str,
        actor: String,
    ) -> Result<(std::fs::File, Shelved), BackupError> {
        let name: BackupName = filename.parse().map_err(|()| BackupError::NotFound)?;
        let inner = Arc::clone(&self.0);
        let opened = self
            .blocking(move || {
                let found = inner.shelf.find(&name)?;
                let path = inner.shelf.path(&name);
                let file = std::fs::File::open(&path).map_err(BackupError::io(&path))?;
                Ok((file, found))
            })
            .await?;
        self.audit(actor, "backup_downloaded", filename.to_owned())
            .await;
        Ok(opened)
    }

    /// Removes a backup.
    pub(super) async fn delete(&self, filename: &str, actor: String) -> Result<(), BackupError> {
        let name: BackupName = filename.parse().map_err(|()| BackupError::NotFound)?;
        self.working(move |inner, working| inner.shelf.delete(working, &name))
            .await?;
        self.audit(actor, "backup_deleted", filename.to_owned())
            .await;
        Ok(())
    }

    /// Proves the backup of this name, or the newest zip.
    pub(super) async fn verify(
        &self,
        filename: Option<String>,
        actor: String,
    ) -> Result<(BackupName, Proven), BackupError> {
        let name = filename
            .map(|name| name.parse::<BackupName>())
            .transpose()
            .map_err(|()| BackupError::NotFound)?;
        let proved = self
            .working(move |inner, working| {
                let name = match name {
                    Some(name) => name,
                    None => inner.newest_zip()?.ok_or(BackupError::NotFound)?.name,
                };
                let found = inner.shelf.find(&name)?;
                let path = inner.shelf.path(&found.name);
                let proven = prove_file(working, &path, &Keys::none());
                inner.note_failure(working, &proven)?;
                Ok((name, proven?))
            })
            .await?;
        self.audit(actor, "backup_verified", proved.0.to_string())
            .await;
        self.copy_soon().await;
        Ok(proved)
    }

    /// Sets what is done by the clock. What would have been due before now is not made up for.
    pub(super) async fn set_schedule(
        &self,
        schedule: Schedule,
        actor: String,
    ) -> Result<Schedule, BackupError> {
        let schedule = schedule.checked()?;
        let now = Timestamp::now();
        let due = schedule.last_due(&self.zone(), now);
        let saved = schedule.clone();
        let write = self.0.parts.store.write(move |tx| {
            let now_ms = now.as_millisecond();
            save_schedule(tx, &saved, now_ms)?;
            if let Some(due) = due {
                wait_for_next(tx, BACKUP_JOB, due.as_millisecond())?;
            }
            let details = json!({"enabled": saved.enabled, "cron": saved.cron});
            audit::record(tx, &actor, "backup_scheduled", None, &details, now_ms)
        });
        let written: Result<(), DbError> = write.await;
        written?;
        Ok(schedule)
    }

    pub(super) fn next_due(&self, schedule: &Schedule) -> Option<Timestamp> {
        schedule.next_due(&self.zone(), Timestamp::now())
    }

    /// How things stand.
    pub(super) async fn status(&self) -> Result<Status, BackupError> {
        let schedule = self.0.parts.store.read(load_schedule).await?;
        let inner = Arc::clone(&self.0);
        let (last_backup, notes) = self
            .blocking(move || Ok((inner.newest_zip()?, inner.shelf.notes())))
            .await?;
        let now = Timestamp::now();
        let is_overdue = overdue(&schedule, last_backup.as_ref(), &notes, now);
        let offsite = match &self.0.offsite {
            Some(offsite) => Some(offsite.standing(schedule.enabled).await?),
            None => None,
        };
        Ok(Status {
            offsite,
            next_due: schedule.next_due(&self.zone(), now),
            schedule,
            last_backup,
            last_proof: notes.last_proof,
            last_failure: notes.last_failure,
            is_overdue,
        })
    }

    pub(super) fn zone(&self) -> jiff::tz::TimeZone {
        self.0.parts.knowledge.snapshot().zone()
    }

    /// The handler of [`BACKUP_JOB`]: makes what is due, proves it and takes away what need not be kept. A backup that was
    /// made since it was due counts.
    pub async fn run_scheduled(&self) -> Result<(), HandlerError> {
        let schedule = self.0.parts.store.read(load_schedule).await?;
        let zone = self.zone();
        let done = self
            .working(move |inner, working| {
                let now = Timestamp::now();
                let due = schedule.last_due(&zone, now);
                let newest = inner.newest_zip()?.map(|one| one.name.at);
                let mut name = None;
                if newest.is_none() || newest < due {
                    let proved = inner.make_and_prove(working);
                    inner.note_failure(working, &proved)?;
                    name = Some(proved?);
                }
                let retention = schedule.retention();
                inner
                    .shelf
                    .prune(working, &inner.parts.place, &zone, retention, now)?;
                Ok(name)
            })
            .await;
        match done {
            Ok(Some(name)) => {
                self.audit(audit::SYSTEM.into(), "backup_created", name.to_string())
                    .await;
                self.copy_soon().await;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(BackupError::Busy) => Err(HandlerError::Later {
                why: BackupError::Busy.to_string(),
                after: AGAIN_AFTER,
            }),
            Err(error) => Err(HandlerError::Retry(error.to_string())),
        }
    }
}

impl Inner {
    fn make(&self, working: &Working, format: Format, seal: Seal) -> Result<Created, BackupError> {
        let order = Order {
            format,
            seal,
            out: None,
            at: Timestamp::now(),
        };
        create(&self.parts.place, working, &order)
    }

    fn make_and_prove(&self, working: &Working) -> Result<BackupName, BackupError> {
        let created = self.make(working, Format::Zip, self.parts.seal.clone())?;
        prove_file(working, &created.path, &created.keys)?;
        name_of(&created)
    }

    pub(super) fn newest_zip(&self) -> Result<Option<Shelved>, BackupError> {
        let all = self.shelf.list()?.into_iter();
        Ok(all.into_iter().find(|one| one.name.format() == Format::Zip))
    }

    /// The notes, with the time from which on a backup could have been made.
    pub(super) fn begin_notes(&self, now: Timestamp) -> Result<Notes, BackupError> {
        let notes = self.shelf.notes();
        if notes.since_ms.is_some() {
            return Ok(notes);
        }
        match self.shelf.work() {
            Ok(working) => self.shelf.note(&working, |notes| {
                notes.since_ms = Some(now.as_millisecond());
            })?,
            // It is noted in the next minute.
            Err(BackupError::Busy) => {}
            Err(error) => return Err(error),
        }
        Ok(self.shelf.notes())
    }

    fn note_failure<T>(
        &self,
        working: &Working,
        outcome: &Result<T, BackupError>,
    ) -> Result<(), BackupError> {
        let Err(error) = outcome else { return Ok(()) };
        let why = error.to_string();
        self.shelf
            .note(working, |notes| notes.last_failure = Some(why))
    }
}

fn name_of(created: &Created) -> Result<BackupName, BackupError> {
    let name = created.path.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok())
        .ok_or_else(|| BackupError::Internal("a backup has a name that is none".into()))
}
