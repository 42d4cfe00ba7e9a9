//! How many people come, for whoever plans by it.

use crate::params;
use crate::platform::db::{DbError, Tx};

/// Sessions that began since a time, without those of programs that say so.
pub fn sessions_since(tx: &mut dyn Tx, since_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM analytics_sessions WHERE started_at_ms >= ?1 AND device <> 'bot'",
        params![since_ms],
    )
}
