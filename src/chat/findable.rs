//! Conversations as search reads them.

use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// The job that follows an erasure, so that no copy of what was erased stays elsewhere.
pub const ERASED_JOB: &str = "chat.erased";

/// Messages of a conversation that can be found, the newest.
const MESSAGES_MAX: i64 = 1_000;

/// Number, language and last message number of every conversation; the last changes with its words.
pub fn conversation_versions(tx: &mut dyn Tx) -> Result<Vec<(i64, Lang, i64)>, DbError> {
    tx.query("SELECT id, lang, last_seq FROM conversations", params![])?
        .into_iter()
        .map(|mut row| Ok((row.take(0)?, row.word(1)?, row.take(2)?)))
        .collect()
}

/// What people wrote in a conversation, a message a line: the first one, which names it, and all of them.
pub fn conversation_text(tx: &mut dyn Tx, id: i64) -> Result<Option<(String, String)>, DbError> {
    let rows = tx.query(
        "SELECT body FROM messages WHERE conversation_id = ?1 AND sender IN ('user', 'agent') ORDER BY seq DESC LIMIT ?2",
        params![id, MESSAGES_MAX],
    )?;
    let bodies = rows.into_iter().rev().map(|mut row| row.take(0));
    let bodies: Vec<String> = bodies.collect::<Result<_, _>>()?;
    let first = bodies.first().cloned();
    Ok(first.map(|first| (first, bodies.join("\n"))))
}
