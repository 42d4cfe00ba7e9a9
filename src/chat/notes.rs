//! What the team notes on a conversation for itself. No visitor sees a note in the chat; their export of data holds it.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::inbox::user_id;
use super::service::{Chat, MESSAGE_MAX_CHARS};
use super::store;
use super::{ChatError, DbError, Tx};
use crate::params;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{IdempotencyKey, Principal, Problem, clean_text, once};

/// A note as it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Note {
    pub(super) id: i64,
    pub(super) author_id: Option<i64>,
    pub(super) author_name: String,
    pub(super) body: String,
    pub(super) created_at_ms: i64,
}

/// A note of the team on a conversation.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct NoteView {
    /// Unique over all conversations.
    pub id: i64,
    /// Who wrote it; null: a program with a key.
    pub author_id: Option<i64>,
    /// That person's name, as it was then.
    pub author_name: String,
    /// The text.
    pub note: String,
    /// RFC 3339.
    pub timestamp: String,
}

impl From<&Note> for NoteView {
    fn from(note: &Note) -> Self {
        Self {
            id: note.id,
            author_id: note.author_id,
            author_name: note.author_name.clone(),
            note: note.body.clone(),
            timestamp: to_rfc3339(note.created_at_ms),
        }
    }
}

impl Chat {
    /// Notes `text` on a conversation and shows it to the rest of the team.
    ///
    /// Errors: the text is empty, longer than 2,000 characters or holds control characters; there is no such
    /// conversation; the key was used for another note.
    pub(super) async fn add_note(
        &self,
        conversation_id: i64,
        by: &Principal,
        key: IdempotencyKey,
        text: &str,
    ) -> Result<NoteView, Problem> {
        let body =
            clean_text(text, MESSAGE_MAX_CHARS).map_err(|why| ChatError::Text("note", why))?;
        let (author_id, author_name) = (user_id(by), by.display_name.to_string());
        let note = self
            .store
            .write(move |tx| {
                once(tx, &key, "add_note", &(conversation_id, &body), |tx| {
                    store::state_by_id(tx, conversation_id)?.ok_or(ChatError::NotFound)?;
                    let note = insert(
                        tx,
                        conversation_id,
                        author_id,
                        &author_name,
                        &body,
                        now_ms(),
                    )?;
                    Ok(NoteView::from(&note))
                })
            })
            .await?;
        self.live.note(conversation_id, &note).await;
        Ok(note)
    }
}

fn insert(
    tx: &mut dyn Tx,
    conversation_id: i64,
    author_id: Option<i64>,
    author_name: &str,
    body: &str,
    now_ms: i64,
) -> Result<Note, DbError> {
    let id = tx.insert(
        "INSERT INTO conversation_notes (conversation_id, author_id, author_name, body, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![conversation_id, author_id, author_name, body, now_ms],
    )?;
    Ok(Note {
        id,
        author_id,
        author_name: author_name.to_owned(),
        body: body.to_owned(),
        created_at_ms: now_ms,
    })
}

/// The notes on a conversation, oldest first.
pub(super) fn of(tx: &mut dyn Tx, conversation_id: i64) -> Result<Vec<Note>, DbError> {
    tx.query(
        "SELECT id, author_id, author_name, body, created_at_ms FROM conversation_notes \
         WHERE conversation_id = ?1 ORDER BY id",
        params![conversation_id],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(Note {
            id: row.take(0)?,
            author_id: row.take(1)?,
            author_name: row.take(2)?,
            body: row.take(3)?,
            created_at_ms: row.take(4)?,
        })
    })
    .collect()
}

/// Erases the notes on a session's conversation; answers how many.
pub(super) fn erase(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM conversation_notes WHERE conversation_id IN (SELECT id FROM conversations WHERE session_id = ?1)",
        params![session_id],
    )
}
