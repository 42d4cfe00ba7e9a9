//! Whether reports are sent.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

/// Name of the setting.
const SETTINGS: &str = "reports";

/// What is sent by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(deny_unknown_fields, default)]
#[oai(deny_unknown_fields)]
pub struct ReportSettings {
    /// The team gets a summary of each week by e-mail, on Mondays.
    pub weekly: bool,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self { weekly: true }
    }
}

impl ReportSettings {
    /// As they were saved.
    pub fn load(tx: &mut dyn Tx) -> Result<Self, DbError> {
        Ok(settings::load(tx, SETTINGS)?.unwrap_or_default())
    }

    /// Saves them.
    pub fn save(&self, tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
        settings::save(tx, SETTINGS, self, now_ms)
    }
}
