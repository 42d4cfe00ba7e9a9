//! What the rights over personal data need of quotes: those of a lead.

use super::store;
use super::views::QuoteRecord;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// The quotes made for a lead, oldest first.
pub fn of_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<QuoteRecord>, DbError> {
    let ids = tx.query(
        "SELECT id FROM quotes WHERE lead_id = ?1 ORDER BY id",
        params![lead_id],
    )?;
    let mut quotes = Vec::new();
    for mut row in ids {
        quotes.extend(store::quote(tx, row.take(0)?)?);
    }
    Ok(quotes.into_iter().map(QuoteRecord::from).collect())
}

/// How many accepted quotes of a session stay when it is erased.
pub fn accepted_in_session(tx: &mut dyn Tx, session_id: &str) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM quotes WHERE session_id = ?1 AND accepted_at_ms IS NOT NULL",
        params![session_id],
    )
}

/// Erases the open quotes of a lead and unties the accepted ones from it; answers how many went and how many stay.
pub fn erase_lead(tx: &mut dyn Tx, lead_id: i64) -> Result<(u64, u64), DbError> {
    let removed = tx.execute(
        "DELETE FROM quotes WHERE lead_id = ?1 AND accepted_at_ms IS NULL",
        params![lead_id],
    )?;
    let kept = tx.execute(
        "UPDATE quotes SET lead_id = NULL, session_id = NULL WHERE lead_id = ?1",
        params![lead_id],
    )?;
    Ok((removed, kept))
}
