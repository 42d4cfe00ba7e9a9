//! Who is there now.

use crate::params;
use crate::platform::db::{DbError, Tx};

/// Sessions in which something happened lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Active {
    /// How many.
    pub sessions: i64,
    /// How many of them on each class of device, the most frequent first.
    pub by_device: Vec<(String, i64)>,
}

/// Sessions in which something happened since a moment, as far as counted; callers bring the counts up to date first.
pub fn active_since(tx: &mut dyn Tx, since_ms: i64) -> Result<Active, DbError> {
    let rows = tx.query(
        "SELECT device, COUNT(*) AS sessions FROM analytics_sessions WHERE last_at_ms >= ?1 \
         GROUP BY device ORDER BY sessions DESC, device",
        params![since_ms],
    )?;
    let by_device: Vec<(String, i64)> = rows
        .into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect::<Result<_, DbError>>()?;
    Ok(Active {
        sessions: by_device.iter().map(|(_, sessions)| sessions).sum(),
        by_device,
    })
}
