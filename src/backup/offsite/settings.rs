//! What the owner says about copies away from this machine.

use serde::{Deserialize, Serialize};

use crate::backup::BackupError;
use crate::backup::rules::Retention;
use crate::backup::schedule::check_retention;
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

/// Name of the setting.
const SETTING: &str = "backup_offsite";

/// The owner's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OffsiteSettings {
    /// Whether backups may leave the house without being encrypted.
    pub(crate) allow_unencrypted: bool,
    /// Days of which the newest copy is kept.
    pub(crate) keep_days: u32,
    /// Weeks of which the newest copy is kept.
    pub(crate) keep_weeks: u32,
    /// Months of which the newest copy is kept.
    pub(crate) keep_months: u32,
}

impl Default for OffsiteSettings {
    /// Encrypted ones alone, kept as long as backups are.
    fn default() -> Self {
        let retention = Retention::default();
        Self {
            allow_unencrypted: false,
            keep_days: retention.keep_days,
            keep_weeks: retention.keep_weeks,
            keep_months: retention.keep_months,
        }
    }
}

impl OffsiteSettings {
    /// Errors: too much is to be kept.
    pub(crate) fn checked(self) -> Result<Self, BackupError> {
        check_retention(self.retention())?;
        Ok(self)
    }

    pub(super) fn retention(&self) -> Retention {
        Retention {
            keep_days: self.keep_days,
            keep_weeks: self.keep_weeks,
            keep_months: self.keep_months,
        }
    }
}

/// The rules as they are set, or the usual ones.
pub(super) fn load(tx: &mut dyn Tx) -> Result<OffsiteSettings, DbError> {
    Ok(settings::load(tx, SETTING)?.unwrap_or_default())
}

pub(crate) fn save_offsite(
    tx: &mut dyn Tx,
    rules: &OffsiteSettings,
    now_ms: i64,
) -> Result<(), DbError> {
    settings::save(tx, SETTING, rules, now_ms)
}
