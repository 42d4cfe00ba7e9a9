//! The note in a database that its data is generated.

use serde::{Deserialize, Serialize};

use super::DemoError;
use crate::params;
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

const SETTING: &str = "generated_data";

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// How many months, until it was generated.
    pub months: u32,
    /// Conversations a day, on average.
    pub conversations_per_day: u32,
    /// The same seed gives the same data.
    pub seed: u64,
}

/// What was generated into this database; `None`: its data is real.
pub fn generated(tx: &mut dyn Tx) -> Result<Option<Generated>, DbError> {
    settings::load(tx, SETTING)
}

/// Marks an unused database before the first row is written.
///
/// Errors: it is not unused.
pub(super) fn mark(tx: &mut dyn Tx, what: &Generated, now_ms: i64) -> Result<(), DemoError> {
    if generated(tx)?.is_some() {
        return Err(DemoError::AlreadyGenerated);
    }
    let rows: i64 = tx.query_value(
        "SELECT (SELECT COUNT(*) FROM conversations) + (SELECT COUNT(*) FROM leads) + (SELECT COUNT(*) FROM bookings) \
         + (SELECT COUNT(*) FROM quotes) + (SELECT COUNT(*) FROM analytics_events)",
        params![],
    )?;
    if rows > 0 {
        return Err(DemoError::InUse);
    }
    settings::save(tx, SETTING, what, now_ms)?;
    Ok(())
}
