//! What the rights over personal data need of leads: finding a person's, and erasing them.

use poem_openapi::types::ToJSON;
use serde_json::{Value, json};

use super::store::{self, history};
use super::views::LeadView;
use crate::accounts::audit::SYSTEM;
use crate::notify::outbox::{self, About};
use crate::params;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Row, Tx};

/// Where a row leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Its number.
    pub id: i64,
    /// Whose it is, as they gave it.
    pub name: String,
    /// Lower case.
    pub email_key: Option<String>,
    /// E.164.
    pub phone_e164: Option<String>,
    /// The session it came from.
    pub session_id: Option<String>,
    /// The lead a booking is tied to; none for leads.
    pub lead_id: Option<i64>,
    /// When it was made.
    pub created_at_ms: i64,
}

impl Trace {
    /// Reads a row of these columns in their order.
    pub(crate) fn of(mut row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take(0)?,
            name: row.take(1)?,
            email_key: row.take(2)?,
            phone_e164: row.take(3)?,
            session_id: row.take(4)?,
            lead_id: row.take(5)?,
            created_at_ms: row.take(6)?,
        })
    }
}

macro_rules! traces {
    ($tx:expr, $rest:literal, $params:expr) => {
        $tx.query(
            concat!(
                "SELECT id, name, email_key, phone_e164, session_id, CAST(NULL AS BIGINT), created_at_ms FROM leads ",
                $rest
            ),
            $params,
        )?
        .into_iter()
        .map(Trace::of)
        .collect()
    };
}

/// Leads with an e-mail address (lower case).
pub fn traces_by_email(tx: &mut dyn Tx, key: &str) -> Result<Vec<Trace>, DbError> {
    traces!(tx, "WHERE email_key = ?1 ORDER BY id", params![key])
}

/// Leads with a phone number (E.164).
pub fn traces_by_phone(tx: &mut dyn Tx, e164: &str) -> Result<Vec<Trace>, DbError> {
    traces!(tx, "WHERE phone_e164 = ?1 ORDER BY id", params![e164])
}

/// Leads that began in a session, or took up one that did.
pub fn traces_by_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Trace>, DbError> {
    traces!(
        tx,
        "WHERE session_id = ?1 OR id IN (SELECT lead_id FROM lead_sessions WHERE session_id = ?1) ORDER BY id",
        params![session_id]
    )
}

/// One lead.
pub fn trace(tx: &mut dyn Tx, id: i64) -> Result<Option<Trace>, DbError> {
    let found: Result<Vec<Trace>, DbError> = traces!(tx, "WHERE id = ?1", params![id]);
    Ok(found?.pop())
}

/// Leads after a number: for what a restored backup brought back.
pub fn traces_after(tx: &mut dyn Tx, after_id: i64, limit: i64) -> Result<Vec<Trace>, DbError> {
    traces!(
        tx,
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![after_id, limit]
    )
}

/// Leads nobody has touched since a time, the oldest first.
pub fn untouched(tx: &mut dyn Tx, before_ms: i64, limit: i64) -> Result<Vec<Trace>, DbError> {
    traces!(
        tx,
        "WHERE updated_at_ms < ?1 ORDER BY id LIMIT ?2",
        params![before_ms, limit]
    )
}

/// How many leads nobody has touched since a time.
pub fn untouched_count(tx: &mut dyn Tx, before_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM leads WHERE updated_at_ms < ?1",
        params![before_ms],
    )
}

/// One lead as its person may have it: with the team's notes and what became of its fields, but not by whom.
pub fn export(tx: &mut dyn Tx, id: i64) -> Result<Option<Value>, DbError> {
    let Some(lead) = store::lead(tx, id)? else {
        return Ok(None);
    };
    let notes: Vec<Value> = (history::notes(tx, id)?.into_iter())
        .map(|note| json!({"note": note.body, "timestamp": to_rfc3339(note.created_at_ms)}))
        .collect();
    let changes: Vec<Value> = (history::of(tx, id)?.into_iter())
        .filter(|past| !past.changes.is_empty())
        .map(|past| json!({"changes": past.changes, "timestamp": to_rfc3339(past.at_ms)}))
        .collect();
    let mut shown = LeadView::from(&lead).to_json().unwrap_or_default();
    shown["team_notes"] = json!(notes);
    shown["history"] = json!(changes);
    Ok(Some(shown))
}

/// The further sessions of a lead that took others up.
pub fn sessions_of(tx: &mut dyn Tx, id: i64) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT session_id FROM lead_sessions WHERE lead_id = ?1 ORDER BY session_id",
        params![id],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Erases a lead with its history and notes and the letters about it; answers how many leads and letters went.
pub fn erase(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(u64, u64), DbError> {
    let Some(lead) = store::lead(tx, id)? else {
        return Ok((0, 0));
    };
    let letters = outbox::forget(tx, About::Lead(id))?;
    super::erase(tx, &lead, SYSTEM, now_ms)?;
    Ok((1, letters))
}
