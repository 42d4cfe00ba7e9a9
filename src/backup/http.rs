//! /api/backup: the owner's backups.

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use poem::Body;
use poem_openapi::param::Path;
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::Section;
use super::files::BUFFER_BYTES;
use super::model::{Format, Proof};
use super::offsite::{BackupOffsiteAnswer, BackupOffsiteRequest, BackupOffsiteView};
use super::schedule::Schedule;
use super::service::{Backups, Status};
use super::shelf::Shelved;
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{Owner, Problem};

/// The endpoints.
pub struct BackupApi(pub Backups);

/// What a backup is.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "lowercase")]
enum BackupFormat {
    /// Database, uploads and settings, to be restored.
    Zip,
    /// The rows of every table with their types, for other programs and `novahouse import`.
    Json,
    /// The rows of every table for spreadsheets.
    Csv,
}

impl From<BackupFormat> for Format {
    fn from(format: BackupFormat) -> Self {
        match format {
            BackupFormat::Zip => Format::Zip,
            BackupFormat::Json => Format::Json,
            BackupFormat::Csv => Format::Csv,
        }
    }
}

impl From<Format> for BackupFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Zip => BackupFormat::Zip,
            Format::Json => BackupFormat::Json,
            Format::Csv => BackupFormat::Csv,
        }
    }
}

#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct BackupExportRequest {
    format: BackupFormat,
    /// Public keys of age (`age1…`) instead of the configured ones; 20 at most.
    #[oai(default, validator(max_items = 20))]
    encrypt_to: Vec<String>,
}

impl Example for BackupExportRequest {
    fn example() -> Self {
        Self {
            format: BackupFormat::Zip,
            encrypt_to: Vec::new(),
        }
    }
}

#[derive(Debug, Object)]
struct BackupExportAnswer {
    success: bool,
    message: String,
    filename: String,
    format: BackupFormat,
    /// Bytes.
    size: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    sha256: String,
}

#[derive(Debug, Object)]
struct BackupView {
    filename: String,
    format: BackupFormat,
    is_encrypted: bool,
    /// Bytes.
    size: u64,
    /// SHA-256 as noted when it was made, in hexadecimal digits.
    sha256: Option<String>,
    /// RFC 3339.
    created_at: String,
}

impl From<Shelved> for BackupView {
    fn from(one: Shelved) -> Self {
        Self {
            filename: one.name.to_string(),
            format: one.name.format().into(),
            is_encrypted: one.name.is_sealed(),
            size: one.size_bytes,
            sha256: one.sha256,
            created_at: rfc3339(one.name.at),
        }
    }
}

#[derive(Debug, Object)]
struct BackupList {
    success: bool,
    /// The newest first.
    backups: Vec<BackupView>,
}

#[derive(ApiResponse)]
enum BackupFile {
    /// The file, to be kept.
    #[oai(status = 200, content_type = "application/octet-stream")]
    File(
        Binary<Body>,
        /// Suggests a file name.
        #[oai(header = "Content-Disposition")]
        String,
        /// Size in bytes.
        #[oai(header = "Content-Length")]
        u64,
    ),
}

#[derive(Debug, Object)]
struct BackupRemoved {
    success: bool,
    message: String,
}

#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct BackupScheduleRequest {
    /// Whether backups are made by the clock.
    enabled: bool,
    /// Six fields as cron has them, the seconds first, in the company's time zone; once an hour at most.
    #[oai(default = "default_cron", validator(max_length = 100))]
    cron: String,
    /// The newest of each of so many days stays, 0 to 1,000; 7 unless told.
    keep_days: Option<u32>,
    /// The newest of each of so many weeks stays, 0 to 1,000; 4 unless told.
    keep_weeks: Option<u32>,
    /// The newest of each of so many months stays, 0 to 1,000; 6 unless told.
    keep_months: Option<u32>,
}

fn default_cron() -> String {
    Schedule::default().cron
}

impl Example for BackupScheduleRequest {
    fn example() -> Self {
        Self {
            enabled: true,
            cron: default_cron(),
            keep_days: Some(7),
            keep_weeks: Some(4),
            keep_months: Some(6),
        }
    }
}

impl From<BackupScheduleRequest> for Schedule {
    fn from(request: BackupScheduleRequest) -> Self {
        let usual = Schedule::default();
        Self {
            enabled: request.enabled,
            cron: request.cron,
            keep_days: request.keep_days.unwrap_or(usual.keep_days),
            keep_weeks: request.keep_weeks.unwrap_or(usual.keep_weeks),
            keep_months: request.keep_months.unwrap_or(usual.keep_months),
        }
    }
}

/// What is done by the clock.
#[derive(Debug, Object)]
struct BackupScheduleView {
    enabled: bool,
    cron: String,
    keep_days: u32,
    keep_weeks: u32,
    keep_months: u32,
    /// RFC 3339; null while it is off.
    next_run_at: Option<String>,
}

impl BackupScheduleView {
    fn new(schedule: Schedule, next: Option<Timestamp>) -> Self {
        Self {
            enabled: schedule.enabled,
            cron: schedule.cron,
            keep_days: schedule.keep_days,
            keep_weeks: schedule.keep_weeks,
            keep_months: schedule.keep_months,
            next_run_at: next.map(rfc3339),
        }
    }
}

#[derive(Debug, Object)]
struct BackupScheduleAnswer {
    success: bool,
    schedule: BackupScheduleView,
}

#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct BackupVerifyRequest {
    /// One of the list; the newest zip when left out.
    #[oai(validator(max_length = 100))]
    filename: Option<String>,
}

impl Example for BackupVerifyRequest {
    fn example() -> Self {
        Self {
            filename: Some("novahouse-2026-11-23T03-00-00Z.zip".into()),
        }
    }
}

#[derive(Debug, Object)]
struct BackupVerifyAnswer {
    success: bool,
    filename: String,
    /// `restored`: it was unpacked and the program read it; `hash`: its bytes are those that were written, which is all that
    /// can be said of an encrypted one or of an export.
    proof: String,
    took_ms: u64,
    /// Rows in all tables; null without unpacking.
    rows: Option<u64>,
    /// Pictures that were decoded; null without unpacking.
    pictures: Option<u64>,
}

/// A proof of a backup.
#[derive(Debug, Object)]
struct BackupProofView {
    filename: String,
    /// `restored` or `hash`, as POST /api/backup/verify tells them.
    proof: String,
    /// RFC 3339.
    at: String,
    took_ms: u64,
}

impl From<Proof> for BackupProofView {
    fn from(proof: Proof) -> Self {
        Self {
            filename: proof.filename,
            proof: proof.kind.as_str().into(),
            at: to_rfc3339(proof.at_ms),
            took_ms: proof.took_ms,
        }
    }
}

#[derive(Debug, Object)]
struct BackupStatusAnswer {
    success: bool,
    schedule: BackupScheduleView,
    last_backup: Option<BackupView>,
    last_proof: Option<BackupProofView>,
    /// Why the last attempt failed, as long as none has succeeded since.
    last_failure: Option<String>,
    /// Backups are scheduled, and the newest one or its proof is older than 48 hours.
    is_overdue: bool,
    /// Copies away from this machine; null where the setting `backup_offsite` names no place.
    offsite: Option<BackupOffsiteView>,
}

impl From<Status> for BackupStatusAnswer {
    fn from(status: Status) -> Self {
        Self {
            success: true,
            schedule: BackupScheduleView::new(status.schedule, status.next_due),
            last_backup: status.last_backup.map(BackupView::from),
            last_proof: status.last_proof.map(BackupProofView::from),
            last_failure: status.last_failure,
            is_overdue: status.is_overdue,
            offsite: status.offsite.map(BackupOffsiteView::from),
        }
    }
}

fn rfc3339(at: Timestamp) -> String {
    to_rfc3339(at.as_millisecond())
}

fn actor(by: &Owner) -> String {
    by.0.actor.to_string()
}

#[OpenApi(prefix_path = "/api/backup", tag = "Section::Backup")]
impl BackupApi {
    /// Make a backup now and answer when it is complete. An encrypted zip is proved before that.
    #[oai(path = "/export", method = "post", operation_id = "create_backup")]
    async fn export(
        &self,
        by: Owner,
        body: Json<BackupExportRequest>,
    ) -> Result<Json<BackupExportAnswer>, Problem> {
        let format = body.0.format.into();
        let made = self
            .0
            .create(format, &body.0.encrypt_to, actor(&by))
            .await?;
        Ok(Json(BackupExportAnswer {
            success: true,
            message: "The backup is complete.".into(),
            filename: made.name.to_string(),
            format: body.0.format,
            size: made.size_bytes,
            sha256: made.sha256,
        }))
    }

    /// Every backup.
    #[oai(path = "/list", method = "get", operation_id = "list_backups")]
    async fn list(&self, _by: Owner) -> Result<Json<BackupList>, Problem> {
        let backups = self.0.list().await?;
        Ok(Json(BackupList {
            success: true,
            backups: backups.into_iter().map(BackupView::from).collect(),
        }))
    }

    /// Download a backup.
    #[oai(
        path = "/download/:filename",
        method = "get",
        operation_id = "download_backup"
    )]
    async fn download(
        &self,
        by: Owner,
        /// One of the list.
        filename: Path<String>,
    ) -> Result<BackupFile, Problem> {
        let (file, found) = self.0.open_file(&filename.0, actor(&by)).await?;
        Ok(BackupFile::File(
            Binary(Body::from_bytes_stream(pieces(file))),
            format!("attachment; filename=\"{}\"", found.name),
            found.size_bytes,
        ))
    }

    /// Remove a backup.
    #[oai(path = "/:filename", method = "delete", operation_id = "delete_backup")]
    async fn delete(
        &self,
        by: Owner,
        /// One of the list.
        filename: Path<String>,
    ) -> Result<Json<BackupRemoved>, Problem> {
        self.0.delete(&filename.0, actor(&by)).await?;
        Ok(Json(BackupRemoved {
            success: true,
            message: "The backup is removed.".into(),
        }))
    }

    /// Say when backups are made and how long they are kept. What would have been due before is not made up for.
    #[oai(path = "/schedule", method = "post", operation_id = "schedule_backups")]
    async fn schedule(
        &self,
        by: Owner,
        body: Json<BackupScheduleRequest>,
    ) -> Result<Json<BackupScheduleAnswer>, Problem> {
        let schedule = self.0.set_schedule(body.0.into(), actor(&by)).await?;
        let next = self.0.next_due(&schedule);
        Ok(Json(BackupScheduleAnswer {
            success: true,
            schedule: BackupScheduleView::new(schedule, next),
        }))
    }

    /// Say what may be copied away from this machine and how long copies are kept there. The place itself is the setting
    /// `backup_offsite`.
    #[oai(
        path = "/offsite",
        method = "post",
        operation_id = "set_offsite_backups"
    )]
    async fn offsite(
        &self,
        by: Owner,
        body: Json<BackupOffsiteRequest>,
    ) -> Result<Json<BackupOffsiteAnswer>, Problem> {
        let rules = self.0.set_offsite(body.0.into(), actor(&by)).await?;
        Ok(Json(BackupOffsiteAnswer {
            success: true,
            rules: rules.into(),
        }))
    }

    /// Prove that a backup can be restored: unpack it into a scratch folder, check it and let the program read it.
    #[oai(path = "/verify", method = "post", operation_id = "verify_backup")]
    async fn verify(
        &self,
        by: Owner,
        body: Json<BackupVerifyRequest>,
    ) -> Result<Json<BackupVerifyAnswer>, Problem> {
        let (name, proven) = self.0.verify(body.0.filename, actor(&by)).await?;
        let verified = proven.verified.as_ref();
        Ok(Json(BackupVerifyAnswer {
            success: true,
            filename: name.to_string(),
            proof: proven.kind().as_str().into(),
            took_ms: u64::try_from(proven.took.as_millis()).unwrap_or(u64::MAX),
            rows: verified.map(|verified| verified.manifest.tables.values().sum()),
            pictures: verified.map(|verified| verified.pictures as u64),
        }))
    }

    /// The last backup, the last proof and the schedule.
    #[oai(path = "/status", method = "get", operation_id = "backup_status")]
    async fn status(&self, _by: Owner) -> Result<Json<BackupStatusAnswer>, Problem> {
        Ok(Json(self.0.status().await.map(BackupStatusAnswer::from)?))
    }
}

/// A file's content in pieces, each read on a thread where that may block.
fn pieces(file: File) -> impl futures_util::Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(BUFFER_BYTES);
            file.by_ref()
                .take(BUFFER_BYTES as u64)
                .read_to_end(&mut piece)?;
            Ok::<_, io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}
