//! What the rights over personal data need of conversations: those of a person, by session.

use poem_openapi::types::ToJSON;
use serde_json::{Value, json};

use super::notes;
use super::store::{self, ConsentRow};
use super::views::{ConversationView, MessageView};
use crate::analytics;
use crate::notify::outbox::{self, About};
use crate::params;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Row, Tx};
use crate::webhooks;

/// How many rows of each kind a session's erasure took.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct ErasedSession {
    pub conversations: u64,
    pub messages: u64,
    pub consents: u64,
    pub notes: u64,
    pub quotes: u64,
    pub letters: u64,
}

/// A consent to a purpose, given or withdrawn.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct GivenConsent {
    pub purpose: String,
    pub is_given: bool,
    pub text_version: String,
    pub created_at_ms: i64,
}

/// The conversation of a session, if there is one.
pub fn conversation_of(tx: &mut dyn Tx, session_id: &str) -> Result<Option<i64>, DbError> {
    Ok(store::state(tx, session_id)?.map(|state| state.id))
}

/// Whether anything is kept under a session.
pub fn knows_session(tx: &mut dyn Tx, session_id: &str) -> Result<bool, DbError> {
    Ok(conversation_of(tx, session_id)?.is_some() || !store::consents(tx, session_id)?.is_empty())
}

/// How many messages a session's conversation has.
pub fn message_count(tx: &mut dyn Tx, session_id: &str) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM messages WHERE conversation_id IN (SELECT id FROM conversations WHERE session_id = ?1)",
        params![session_id],
    )
}

/// The conversation of a session as its visitor may have it: all of it, with the team's notes but not who wrote them.
pub fn export(tx: &mut dyn Tx, session_id: &str) -> Result<Option<Value>, DbError> {
    let Some(state) = store::state(tx, session_id)? else {
        return Ok(None);
    };
    let summary = store::summary(tx, state.id)?;
    let messages = store::messages_since(tx, state.id, 0, i64::MAX)?;
    let messages: Vec<MessageView> = messages.into_iter().map(Into::into).collect();
    let notes: Vec<Value> = notes::of(tx, state.id)?
        .iter()
        .map(|note| json!({"note": note.body, "timestamp": to_rfc3339(note.created_at_ms)}))
        .collect();
    Ok(Some(json!({
        "session_id": session_id,
        "conversation": summary.as_ref().map(ConversationView::from).to_json(),
        "rating_comment": store::rating(tx, state.id)?.1,
        "remembered": state.memory,
        "messages": messages.to_json(),
        "notes": notes,
        "visit": analytics::export_session(tx, session_id)?,
    })))
}

/// The consents of a session, the newest first, as they are shown.
pub fn export_consents(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Value>, DbError> {
    let shown = |row: ConsentRow| {
        json!({
            "purpose": row.purpose,
            "consent_given": row.is_given,
            "text_version": row.text_version,
            "language": row.lang.code(),
            "ip_address": row.address_truncated,
            "timestamp": to_rfc3339(row.created_at_ms),
        })
    };
    let rows = store::consents(tx, session_id)?;
    Ok(rows.into_iter().map(shown).collect())
}

/// The consents of a session, the newest first.
pub fn consents_of(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<GivenConsent>, DbError> {
    let rows = store::consents(tx, session_id)?;
    let given = |row: ConsentRow| GivenConsent {
        purpose: row.purpose,
        is_given: row.is_given,
        text_version: row.text_version,
        created_at_ms: row.created_at_ms,
    };
    Ok(rows.into_iter().map(given).collect())
}

/// Erases the conversation of a session with its notes, consents, open quotes and letters.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<ErasedSession, DbError> {
    let letters = match store::state(tx, session_id)? {
        Some(state) => {
            webhooks::forget(tx, About::Conversation(state.id))?;
            outbox::forget(tx, About::Conversation(state.id))?
        }
        None => 0,
    };
    let erased = store::erase(tx, session_id)?;
    Ok(ErasedSession {
        conversations: erased.conversations,
        messages: erased.messages,
        consents: erased.consents,
        notes: erased.notes,
        quotes: erased.quotes,
        letters,
    })
}

/// Something that was made in a session.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct MadeIn {
    pub id: i64,
    pub session_id: String,
    pub created_at_ms: i64,
}

impl MadeIn {
    /// Reads a row of these columns in their order.
    pub(crate) fn of(mut row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take(0)?,
            session_id: row.take(1)?,
            created_at_ms: row.take(2)?,
        })
    }
}

/// Sessions of conversations after a number.
pub fn sessions_after(tx: &mut dyn Tx, after_id: i64, limit: i64) -> Result<Vec<MadeIn>, DbError> {
    let rows = tx.query(
        "SELECT id, session_id, created_at_ms FROM conversations WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![after_id, limit],
    )?;
    rows.into_iter().map(MadeIn::of).collect()
}

/// Sessions of consents after a number.
pub fn consents_after(tx: &mut dyn Tx, after_id: i64, limit: i64) -> Result<Vec<MadeIn>, DbError> {
    let rows = tx.query(
        "SELECT id, session_id, created_at_ms FROM consents WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![after_id, limit],
    )?;
    rows.into_iter().map(MadeIn::of).collect()
}

/// Sessions in which nobody wrote since a time and that no person of the team has, the oldest first.
pub fn idle_sessions(tx: &mut dyn Tx, before_ms: i64, limit: i64) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT session_id FROM conversations WHERE updated_at_ms < ?1 AND handled_by = 'bot' ORDER BY id LIMIT ?2",
        params![before_ms, limit],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// How many sessions [`idle_sessions`] has in all.
pub fn idle_count(tx: &mut dyn Tx, before_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM conversations WHERE updated_at_ms < ?1 AND handled_by = 'bot'",
        params![before_ms],
    )
}
