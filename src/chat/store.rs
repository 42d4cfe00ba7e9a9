//! All SQL over conversations and messages; that over consents in a file of its own.

mod consents;
mod waits;

pub(super) use consents::{ConsentRow, all_consents, consents, insert_consent};
pub(super) use waits::{set_analytics_session, waits_since};

use super::model::{ConversationSummary, Extras, HandledBy, NewMessage, Sender, StoredMessage};
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// What a turn needs to know of its conversation.
#[derive(Debug, Clone)]
pub(super) struct ConversationState {
    pub(super) id: i64,
    pub(super) last_seq: i64,
    pub(super) handled_by: HandledBy,
    pub(super) lang: Lang,
    pub(super) last_sender: Sender,
    pub(super) is_open: bool,
    pub(super) is_weak: bool,
    pub(super) updated_at_ms: i64,
    /// What the assistant keeps in mind, as JSON.
    pub(super) memory: Option<String>,
    /// Its session among the numbers.
    pub(super) analytics_session: Option<i64>,
}

/// How a conversation stands after a turn.
pub(super) struct Progress<'a> {
    pub(super) handled_by: HandledBy,
    pub(super) agent_id: Option<i64>,
    pub(super) lang: Lang,
    pub(super) last_seq: i64,
    pub(super) last: &'a NewMessage,
    pub(super) is_open: bool,
    /// What the assistant keeps in mind, as JSON.
    pub(super) memory: Option<&'a str>,
}

/// Characters of the newest message that lists show.
const PREVIEW_CHARS: usize = 120;

/// The columns [`state_row`] reads. A session that the numbers have forgotten is none.
macro_rules! select_state {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.last_seq, c.handled_by, c.lang, c.last_sender, c.status, c.is_weak, c.updated_at_ms, \
             c.memory_json, (SELECT a.id FROM analytics_sessions a WHERE a.id = c.analytics_session_id) \
             FROM conversations c ",
            $rest
        )
    };
}

pub(super) fn state(
    tx: &mut dyn Tx,
    session_id: &str,
) -> Result<Option<ConversationState>, DbError> {
    tx.query_first(
        select_state!("WHERE c.session_id = ?1"),
        params![session_id],
    )?
    .map(state_row)
    .transpose()
}

pub(super) fn session_id(tx: &mut dyn Tx, conversation_id: i64) -> Result<String, DbError> {
    tx.query_value(
        "SELECT session_id FROM conversations WHERE id = ?1",
        params![conversation_id],
    )
}

pub(super) fn state_by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<ConversationState>, DbError> {
    tx.query_first(select_state!("WHERE c.id = ?1"), params![id])?
        .map(state_row)
        .transpose()
}

fn state_row(mut row: Row) -> Result<ConversationState, DbError> {
    Ok(ConversationState {
        id: row.take(0)?,
        last_seq: row.take(1)?,
        handled_by: row.word(2)?,
        lang: row.word(3)?,
        last_sender: row.word(4)?,
        is_open: row.take::<String>(5)? == "open",
        is_weak: row.take(6)?,
        updated_at_ms: row.take(7)?,
        memory: row.take(8)?,
        analytics_session: row.take(9)?,
    })
}

/// The name of the person who answers, if one does; of a program with a key, the one its last message carried.
pub(super) fn agent_name(
    tx: &mut dyn Tx,
    state: &ConversationState,
) -> Result<Option<String>, DbError> {
    if state.handled_by != HandledBy::Human {
        return Ok(None);
    }
    tx.query_value(
        "SELECT COALESCE(u.display_name, (SELECT m.agent_name FROM messages m WHERE m.conversation_id = c.id \
         AND m.sender = 'agent' ORDER BY m.seq DESC LIMIT 1)) \
         FROM conversations c LEFT JOIN users u ON u.id = c.agent_id WHERE c.id = ?1",
        params![state.id],
    )
}

/// The open conversations a member of the team has.
pub(super) fn attended_by(tx: &mut dyn Tx, agent_id: i64) -> Result<Vec<i64>, DbError> {
    let rows = tx.query(
        "SELECT id FROM conversations WHERE agent_id = ?1 AND handled_by = 'human' AND status = 'open' ORDER BY id",
        params![agent_id],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Puts the open conversations of a member of the team who leaves back into the queue.
pub(super) fn release(tx: &mut dyn Tx, agent_id: i64, now_ms: i64) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE conversations SET handled_by = 'queue', agent_id = NULL, queued_at_ms = ?2 \
         WHERE agent_id = ?1 AND handled_by = 'human' AND status = 'open'",
        params![agent_id, now_ms],
    )
}

pub(super) fn insert_conversation(
    tx: &mut dyn Tx,
    session_id: &str,
    is_weak: bool,
    progress: &Progress<'_>,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO conversations (session_id, is_weak, status, handled_by, lang, last_seq, last_message, last_sender, \
         created_at_ms, updated_at_ms, queued_at_ms, memory_json) \
         VALUES (?1, ?2, 'open', ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)",
        params![
            session_id,
            is_weak,
            progress.handled_by.as_str(),
            progress.lang.code(),
            progress.last_seq,
            preview(&progress.last.gist()),
            progress.last.sender.as_str(),
            now_ms,
            (progress.handled_by == HandledBy::Queue).then_some(now_ms),
            progress.memory
        ],
    )
}

pub(super) fn update_conversation(
    tx: &mut dyn Tx,
    id: i64,
    progress: &Progress<'_>,
    now_ms: i64,
) -> Result<(), DbError> {
    let is_queued = progress.handled_by == HandledBy::Queue;
    tx.execute(
        "UPDATE conversations SET status = ?2, handled_by = ?3, agent_id = ?4, lang = ?5, last_seq = ?6, \
         last_message = ?7, last_sender = ?8, updated_at_ms = ?9, \
         queued_at_ms = CASE WHEN ?10 = 1 THEN COALESCE(queued_at_ms, ?9) ELSE NULL END, memory_json = ?11 WHERE id = ?1",
        params![
            id,
            if progress.is_open { "open" } else { "closed" },
            progress.handled_by.as_str(),
            progress.agent_id,
            progress.lang.code(),
            progress.last_seq,
            preview(&progress.last.gist()),
            progress.last.sender.as_str(),
            now_ms,
            is_queued,
            progress.memory
        ],
    )?;
    Ok(())
}

/// Notes a new message in an open conversation that stays with whom it is: most turns, and none of these columns is in
/// an index or refers to another table.
pub(super) fn touch_conversation(
    tx: &mut dyn Tx,
    id: i64,
    progress: &Progress<'_>,
    now_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE conversations SET lang = ?2, last_seq = ?3, last_message = ?4, last_sender = ?5, updated_at_ms = ?6, \
         memory_json = ?7 WHERE id = ?1",
        params![
            id,
            progress.lang.code(),
            progress.last_seq,
            preview(&progress.last.gist()),
            progress.last.sender.as_str(),
            now_ms,
            progress.memory
        ],
    )?;
    Ok(())
}

fn preview(body: &str) -> &str {
    match body.char_indices().nth(PREVIEW_CHARS) {
        Some((end, _)) => &body[..end],
        None => body,
    }
}

pub(super) fn insert_message(
    tx: &mut dyn Tx,
    conversation_id: i64,
    seq: i64,
    message: NewMessage,
    now_ms: i64,
) -> Result<StoredMessage, DbError> {
    let extras_json = if message.extras == Extras::default() {
        None
    } else {
        Some(serde_json::to_string(&message.extras).map_err(|e| DbError::Internal(e.to_string()))?)
    };
    let id = tx.insert(
        "INSERT INTO messages (conversation_id, seq, sender, agent_id, agent_name, body, lang, intent, confidence, \
         extras_json, client_id, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            conversation_id,
            seq,
            message.sender.as_str(),
            message.agent_id,
            message.agent_name.as_deref(),
            &message.body,
            message.lang.code(),
            message.intent.as_deref(),
            message.confidence,
            extras_json.as_deref(),
            message.client_id.as_deref(),
            now_ms
        ],
    )?;
    Ok(StoredMessage {
        id,
        seq,
        sender: message.sender,
        agent_name: message.agent_name,
        body: message.body,
        lang: message.lang,
        intent: message.intent,
        confidence: message.confidence.map(f64::from),
        extras: message.extras,
        client_id: message.client_id,
        created_at_ms: now_ms,
    })
}

/// The columns [`message_row`] reads.
macro_rules! select_messages {
    ($rest:literal) => {
        concat!(
            "SELECT id, seq, sender, agent_name, body, lang, intent, confidence, extras_json, client_id, created_at_ms \
             FROM messages ",
            $rest
        )
    };
}

/// Messages after `since`, in order.
pub(super) fn messages_since(
    tx: &mut dyn Tx,
    conversation_id: i64,
    since: i64,
    limit: i64,
) -> Result<Vec<StoredMessage>, DbError> {
    tx.query(
        select_messages!("WHERE conversation_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"),
        params![conversation_id, since, limit],
    )?
    .into_iter()
    .map(message_row)
    .collect()
}

/// The message that `sender` sent with this id before.
pub(super) fn message_by_client_id(
    tx: &mut dyn Tx,
    conversation_id: i64,
    client_id: &str,
    sender: Sender,
) -> Result<Option<StoredMessage>, DbError> {
    tx.query_first(
        select_messages!("WHERE conversation_id = ?1 AND client_id = ?2 AND sender = ?3"),
        params![conversation_id, client_id, sender.as_str()],
    )?
    .map(message_row)
    .transpose()
}

/// What `sender` wrote last.
pub(super) fn last_message_of(
    tx: &mut dyn Tx,
    conversation_id: i64,
    sender: Sender,
) -> Result<Option<StoredMessage>, DbError> {
    tx.query_first(
        select_messages!("WHERE conversation_id = ?1 AND sender = ?2 ORDER BY seq DESC LIMIT 1"),
        params![conversation_id, sender.as_str()],
    )?
    .map(message_row)
    .transpose()
}

fn message_row(mut row: Row) -> Result<StoredMessage, DbError> {
    let extras: Option<String> = row.take(8)?;
    Ok(StoredMessage {
        id: row.take(0)?,
        seq: row.take(1)?,
        sender: row.word(2)?,
        agent_name: row.take(3)?,
        body: row.take(4)?,
        lang: row.word(5)?,
        intent: row.take(6)?,
        confidence: row.take(7)?,
        extras: match extras {
            Some(text) => serde_json::from_str(&text)
                .map_err(|e| DbError::Internal(format!("extras_json is damaged: {e}")))?,
            None => Extras::default(),
        },
        client_id: row.take(9)?,
        created_at_ms: row.take(10)?,
    })
}

/// Which conversations a list shows.
#[derive(Debug, Clone, Default)]
pub(super) struct ListFilter {
    pub(super) status: Option<&'static str>,
    pub(super) handled_by: Option<HandledBy>,
    /// Part of a message, folded and escaped for LIKE.
    pub(super) pattern: Option<String>,
}

/// A page of conversations: those that wait too long, those that wait, then the newest; and how many there are in all.
pub(super) fn list(
    tx: &mut dyn Tx,
    filter: &ListFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<ConversationSummary>, i64), DbError> {
    // An empty text stands for "any", since a bare NULL parameter has no type elsewhere.
    let status = filter.status.unwrap_or_default();
    let handled_by = filter.handled_by.map_or("", HandledBy::as_str);
    let pattern = filter.pattern.as_deref().unwrap_or_default();
    let total = tx.query_value(
        "SELECT COUNT(*) FROM conversations c WHERE (?1 = '' OR c.status = ?1) AND (?2 = '' OR c.handled_by = ?2) \
         AND (?3 = '' OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND FOLDED(m.body) LIKE ?3 ESCAPE '!'))",
        params![status, handled_by, pattern],
    )?;
    let rows = tx.query(
        "SELECT c.id, c.session_id, c.status, c.handled_by, c.agent_id, u.display_name, c.lang, c.last_seq, c.last_message, \
         c.last_sender, c.rating, c.created_at_ms, c.updated_at_ms, c.queued_at_ms, c.escalated_at_ms FROM conversations c \
         LEFT JOIN users u ON u.id = c.agent_id \
         WHERE (?1 = '' OR c.status = ?1) AND (?2 = '' OR c.handled_by = ?2) \
         AND (?3 = '' OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND FOLDED(m.body) LIKE ?3 ESCAPE '!')) \
         ORDER BY CASE WHEN c.handled_by <> 'queue' THEN 2 WHEN c.escalated_at_ms >= c.queued_at_ms THEN 0 ELSE 1 END, \
         c.updated_at_ms DESC, c.id DESC LIMIT ?4 OFFSET ?5",
        params![status, handled_by, pattern, limit, offset],
    )?;
    let conversations = rows
        .into_iter()
        .map(summary_row)
        .collect::<Result<_, _>>()?;
    Ok((conversations, total))
}

pub(super) fn summary(tx: &mut dyn Tx, id: i64) -> Result<Option<ConversationSummary>, DbError> {
    tx.query_first(
        "SELECT c.id, c.session_id, c.status, c.handled_by, c.agent_id, u.display_name, c.lang, c.last_seq, c.last_message, \
         c.last_sender, c.rating, c.created_at_ms, c.updated_at_ms, c.queued_at_ms, c.escalated_at_ms FROM conversations c \
         LEFT JOIN users u ON u.id = c.agent_id WHERE c.id = ?1",
        params![id],
    )?
    .map(summary_row)
    .transpose()
}

fn summary_row(mut row: Row) -> Result<ConversationSummary, DbError> {
    Ok(ConversationSummary {
        id: row.take(0)?,
        session_id: row.take(1)?,
        is_open: row.take::<String>(2)? == "open",
        handled_by: row.word(3)?,
        agent_id: row.take(4)?,
        agent_name: row.take(5)?,
        lang: row.word(6)?,
        last_seq: row.take(7)?,
        last_message: row.take(8)?,
        last_sender: row.word(9)?,
        rating: row.take(10)?,
        created_at_ms: row.take(11)?,
        updated_at_ms: row.take(12)?,
        queued_at_ms: row.take(13)?,
        escalated_at_ms: row.take(14)?,
    })
}

pub(super) fn set_rating(
    tx: &mut dyn Tx,
    session_id: &str,
    rating: i64,
    comment: Option<&str>,
) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE conversations SET rating = ?2, rating_comment = ?3 WHERE session_id = ?1",
        params![session_id, rating, comment],
    )
}

/// The visitor's rating with its comment.
pub(super) fn rating(tx: &mut dyn Tx, id: i64) -> Result<(Option<i64>, Option<String>), DbError> {
    let row = tx.query_first(
        "SELECT rating, rating_comment FROM conversations WHERE id = ?1",
        params![id],
    )?;
    match row {
        Some(mut row) => Ok((row.take(0)?, row.take(1)?)),
        None => Ok((None, None)),
    }
}

/// How many rows were erased.
#[derive(Debug, Clone, Copy)]
pub(super) struct Erased {
    pub(super) conversations: u64,
    pub(super) messages: u64,
    pub(super) consents: u64,
    pub(super) quotes: u64,
    pub(super) notes: u64,
}

/// Erases everything of a session.
pub(super) fn erase(tx: &mut dyn Tx, session_id: &str) -> Result<Erased, DbError> {
    crate::analytics::forget_session(tx, session_id)?;
    Ok(Erased {
        notes: super::notes::erase(tx, session_id)?,
        messages: tx.execute(
            "DELETE FROM messages WHERE conversation_id IN (SELECT id FROM conversations WHERE session_id = ?1)",
            params![session_id],
        )?,
        conversations: tx.execute("DELETE FROM conversations WHERE session_id = ?1", params![session_id])?,
        consents: tx.execute("DELETE FROM consents WHERE session_id = ?1", params![session_id])?,
        quotes: crate::quotes::erase_session(tx, session_id)?,
    })
}
