//! SQL over what the numbers need of a conversation.

use super::ConversationState;
use crate::chat::model::HandledBy;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// Since when a visitor waits for a person; `None`: nobody waits.
///
/// In the queue: since they asked. With a person: since they first wrote after the last answer, or else, while nobody has
/// answered yet, since the assistant passed them on.
pub(in crate::chat) fn waits_since(
    tx: &mut dyn Tx,
    state: &ConversationState,
) -> Result<Option<i64>, DbError> {
    if !state.is_open {
        return Ok(None);
    }
    match state.handled_by {
        HandledBy::Bot => Ok(None),
        HandledBy::Queue => tx.query_value(
            "SELECT queued_at_ms FROM conversations WHERE id = ?1",
            params![state.id],
        ),
        HandledBy::Human => since_last_answer(tx, state.id),
    }
}

fn since_last_answer(tx: &mut dyn Tx, id: i64) -> Result<Option<i64>, DbError> {
    let answer = tx.query_first(
        "SELECT seq, sender, created_at_ms FROM messages WHERE conversation_id = ?1 AND sender IN ('bot', 'agent') \
         ORDER BY seq DESC LIMIT 1",
        params![id],
    )?;
    let (seq, sender, at_ms) = match answer {
        Some(mut row) => (row.take(0)?, row.take::<String>(1)?, row.take(2)?),
        None => (0_i64, String::new(), None),
    };
    let asked: Option<i64> = tx.query_value(
        "SELECT MIN(created_at_ms) FROM messages WHERE conversation_id = ?1 AND sender = 'user' AND seq > ?2",
        params![id, seq],
    )?;
    Ok(asked.or(at_ms.filter(|_| sender == "bot")))
}

/// Notes under which number the numbers know a conversation's session.
pub(in crate::chat) fn set_analytics_session(
    tx: &mut dyn Tx,
    id: i64,
    session: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE conversations SET analytics_session_id = ?2 WHERE id = ?1",
        params![id, session],
    )?;
    Ok(())
}
