//! Copies away from this machine, as clients see them.

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::service::Standing;
use super::settings::OffsiteSettings;
use crate::platform::clock::to_rfc3339;

#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
pub(crate) struct BackupOffsiteRequest {
    /// Whether backups may leave the house without being encrypted. They hold everybody's personal data: whoever can
    /// read the place can read them.
    allow_unencrypted: bool,
    /// The newest copy of each of so many days stays, 0 to 1,000; 7 unless told.
    keep_days: Option<u32>,
    /// The newest copy of each of so many weeks stays, 0 to 1,000; 4 unless told.
    keep_weeks: Option<u32>,
    /// The newest copy of each of so many months stays, 0 to 1,000; 6 unless told.
    keep_months: Option<u32>,
}

impl Example for BackupOffsiteRequest {
    fn example() -> Self {
        Self {
            allow_unencrypted: false,
            keep_days: Some(7),
            keep_weeks: Some(4),
            keep_months: Some(12),
        }
    }
}

impl From<BackupOffsiteRequest> for OffsiteSettings {
    fn from(request: BackupOffsiteRequest) -> Self {
        let usual = Self::default();
        Self {
            allow_unencrypted: request.allow_unencrypted,
            keep_days: request.keep_days.unwrap_or(usual.keep_days),
            keep_weeks: request.keep_weeks.unwrap_or(usual.keep_weeks),
            keep_months: request.keep_months.unwrap_or(usual.keep_months),
        }
    }
}

/// The rules for copies away from this machine.
#[derive(Debug, Object)]
pub(crate) struct BackupOffsiteRules {
    allow_unencrypted: bool,
    keep_days: u32,
    keep_weeks: u32,
    keep_months: u32,
}

impl From<OffsiteSettings> for BackupOffsiteRules {
    fn from(settings: OffsiteSettings) -> Self {
        Self {
            allow_unencrypted: settings.allow_unencrypted,
            keep_days: settings.keep_days,
            keep_weeks: settings.keep_weeks,
            keep_months: settings.keep_months,
        }
    }
}

#[derive(Debug, Object)]
pub(crate) struct BackupOffsiteAnswer {
    pub(crate) success: bool,
    pub(crate) rules: BackupOffsiteRules,
}

/// Copies away from this machine.
#[derive(Debug, Object)]
pub(crate) struct BackupOffsiteView {
    /// The setting `backup_offsite`.
    address: String,
    rules: BackupOffsiteRules,
    /// The newest backup that is there.
    last_filename: Option<String>,
    /// When that copy was complete. RFC 3339.
    last_copied_at: Option<String>,
    /// Proved backups that are to be copied.
    waiting: u64,
    /// Why the newest proved backup is not there, where something stands in the way: what failed last, or that it is not
    /// encrypted and the rules do not let it go. A failure is tried again.
    not_copied_because: Option<String>,
    /// When the list of erased persons was last copied. RFC 3339.
    erasures_copied_at: Option<String>,
    /// Backups are scheduled, and the newest copy is of a backup older than 48 hours.
    is_overdue: bool,
}

/// Said of a backup that stays.
const WITHHELD: &str = "The newest backup is not encrypted. Set backup_recipients, or let it go with allow_unencrypted.";

impl From<Standing> for BackupOffsiteView {
    fn from(standing: Standing) -> Self {
        let withheld = standing.is_withheld.then(|| WITHHELD.to_owned());
        let (filename, copied_at_ms) = standing
            .last_copy
            .map(|last| (last.filename, last.copied_at_ms))
            .unzip();
        Self {
            address: standing.address,
            rules: standing.settings.into(),
            last_filename: filename,
            last_copied_at: copied_at_ms.map(to_rfc3339),
            waiting: standing.waiting as u64,
            not_copied_because: standing.last_failure.or(withheld),
            erasures_copied_at: standing.list_copied_at_ms.map(to_rfc3339),
            is_overdue: standing.is_overdue,
        }
    }
}
