//! Looking after backups every minute: what is due is handed over, what is overdue is told to the team, and the figures for
//! `/metrics` are set.

use jiff::Timestamp;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::BackupError;
use super::offsite::Standing;
use super::rules::is_overdue;
use super::schedule::{Schedule, load_schedule};
use super::service::{BACKUP_JOB, Backups, OFFSITE_JOB};
use super::shelf::{Notes, Shelved};
use crate::nlu::Lang;
use crate::notify::messages::{Alarm, Message};
use crate::notify::outbox::{NewDelivery, Recipient, queue};
use crate::platform::db::DbError;
use crate::platform::jobs::{NewJob, enqueue, hand_over};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What `/metrics` shows.
#[derive(Default)]
pub(super) struct Figures {
    last_backup: Gauge,
    last_proof: Gauge,
    overdue: Gauge,
}

/// What is overdue.
#[derive(Clone, Copy)]
enum Overdue {
    /// A backup, or its proof.
    Backup,
    /// The copy away from this machine.
    Offsite,
}

impl Backups {
    /// Puts the slice's figures among the server's.
    pub fn register(&self, registry: &mut Registry) {
        let figures = &self.0.figures;
        registry.register(
            "backup_last_success_timestamp_seconds",
            "When the newest whole backup was made; 0: never",
            figures.last_backup.clone(),
        );
        registry.register(
            "backup_last_proof_timestamp_seconds",
            "When a backup was last proved; 0: never",
            figures.last_proof.clone(),
        );
        registry.register(
            "backup_overdue",
            "1 when backups are scheduled and the newest one or its proof is older than 48 hours",
            figures.overdue.clone(),
        );
        if let Some(offsite) = &self.0.offsite {
            offsite.register(registry);
        }
    }

    /// To be called every minute: hands over what is due, and tells the team when backups are overdue. Answers whether
    /// there is something for the workers.
    pub async fn look_after(&self) -> bool {
        let looked = self.look().await;
        looked.unwrap_or_else(|error| {
            tracing::error!(%error, "backups are looked after in the next minute");
            false
        })
    }

    async fn look(&self) -> Result<bool, BackupError> {
        let schedule = self.0.parts.store.read(load_schedule).await?;
        let (now, zone) = (Timestamp::now(), self.zone());
        let inner = std::sync::Arc::clone(&self.0);
        let (last_backup, notes) = self
            .blocking(move || Ok((inner.newest_zip()?, inner.begin_notes(now)?)))
            .await?;
        let is_overdue = overdue(&schedule, last_backup.as_ref(), &notes, now);
        let made_at = last_backup.map_or(0, |one| one.name.at.as_second());
        let figures = &self.0.figures;
        figures.last_backup.set(made_at);
        let proved_at = notes.last_proof.map_or(0, |proof| proof.at_ms / 1000);
        figures.last_proof.set(proved_at);
        figures.overdue.set(i64::from(is_overdue));
        let offsite = self.look_offsite(schedule.enabled).await?;
        let is_copy_due = offsite.as_ref().is_some_and(|standing| standing.is_due);
        let is_copy_overdue = offsite.is_some_and(|standing| standing.is_overdue);
        let due = schedule.last_due(&zone, now).filter(|_| schedule.enabled);
        let mut alarms = Vec::new();
        if is_overdue {
            alarms.push(("backup", self.alarm(Overdue::Backup, now)));
        }
        if is_copy_overdue {
            alarms.push(("backup-offsite", self.alarm(Overdue::Offsite, now)));
        }
        if due.is_none() && !is_copy_due && alarms.is_empty() {
            return Ok(false);
        }
        let lang = self.lang();
        let write = self.0.parts.store.write(move |tx| {
            let now_ms = now.as_millisecond();
            let handed = match due {
                Some(due) => hand_over(tx, BACKUP_JOB, due.as_millisecond(), now_ms)?,
                None => false,
            };
            if is_copy_due {
                let job = NewJob {
                    kind: OFFSITE_JOB,
                    payload_json: "{}",
                    dedupe_key: Some(OFFSITE_JOB),
                };
                enqueue(tx, &job, now_ms)?;
            }
            for (what, message) in &alarms {
                let delivery = NewDelivery {
                    // Once a day as long as it lasts.
                    key: format!("alarm:{what}:{}", now_ms / DAY_MS),
                    message,
                    lang: Some(lang),
                    to: Recipient::Team,
                    about: None,
                    calendar: None,
                };
                queue(tx, &delivery, now_ms)?;
            }
            Ok::<_, DbError>(handed || is_copy_due || !alarms.is_empty())
        });
        Ok(write.await?)
    }

    async fn look_offsite(&self, is_scheduled: bool) -> Result<Option<Standing>, BackupError> {
        match &self.0.offsite {
            Some(offsite) => offsite.look(is_scheduled).await.map(Some),
            None => Ok(None),
        }
    }

    fn lang(&self) -> Lang {
        self.0.parts.knowledge.snapshot().offered().first()
    }

    fn alarm(&self, overdue: Overdue, now: Timestamp) -> Message {
        let (title, details) = words(overdue, self.lang());
        Message::Alarm(Alarm {
            title: title.into(),
            details: details.into(),
            at: now.to_zoned(self.zone()),
            url: Some("/admin".into()),
        })
    }
}

fn words(overdue: Overdue, lang: Lang) -> (&'static str, &'static str) {
    match (overdue, lang) {
        (Overdue::Backup, Lang::Pl) => (
            "Brak aktualnej kopii zapasowej",
            "Od ponad 48 godzin nie powstała kopia zapasowa, której odtworzenie zostało sprawdzone. Przyczyna jest \
             w stanie kopii zapasowych (GET /api/backup/status) i w dzienniku serwera.",
        ),
        (Overdue::Backup, Lang::En) => (
            "There is no recent backup",
            "For more than 48 hours no backup was made and proved to restore. The state of the backups (GET \
             /api/backup/status) and the server's log say why.",
        ),
        (Overdue::Backup, Lang::De) => (
            "Es gibt keine aktuelle Sicherung",
            "Seit mehr als 48 Stunden ist keine Sicherung entstanden, deren Wiederherstellung geprüft wurde. Den Grund \
             nennen der Stand der Sicherungen (GET /api/backup/status) und das Protokoll des Servers.",
        ),
        (Overdue::Offsite, Lang::Pl) => (
            "Brak aktualnej kopii zapasowej poza tym serwerem",
            "Od ponad 48 godzin żadna nowa kopia zapasowa nie trafiła w miejsce poza tym serwerem. Przyczyna jest w \
             stanie kopii zapasowych (GET /api/backup/status).",
        ),
        (Overdue::Offsite, Lang::En) => (
            "There is no recent backup away from this machine",
            "For more than 48 hours no new backup was copied to the place away from this machine. The state of the \
             backups (GET /api/backup/status) says why.",
        ),
        (Overdue::Offsite, Lang::De) => (
            "Es gibt keine aktuelle Sicherung außerhalb dieses Rechners",
            "Seit mehr als 48 Stunden wurde keine neue Sicherung an den Ort außerhalb dieses Rechners kopiert. Den Grund \
             nennt der Stand der Sicherungen (GET /api/backup/status).",
        ),
    }
}

/// Whether the newest backup or its proof is.
pub(super) fn overdue(
    schedule: &Schedule,
    last_backup: Option<&Shelved>,
    notes: &Notes,
    now: Timestamp,
) -> bool {
    let now_ms = now.as_millisecond();
    let since_ms = notes.since_ms.unwrap_or(now_ms);
    let made_ms = last_backup.map(|one| one.name.at.as_millisecond());
    let proved_ms = notes.last_proof.as_ref().map(|proof| proof.at_ms);
    schedule.enabled
        && (is_overdue(made_ms, since_ms, now_ms) || is_overdue(proved_ms, since_ms, now_ms))
}
