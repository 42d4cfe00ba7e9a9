//! What webhooks hear of conversations.

use serde_json::{Value, json};

use super::model::HandledBy;
use super::store::{self, ConversationState};
use crate::notify::outbox::About;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};
use crate::webhooks::{self, EventKind};

/// Tells what a change made of a conversation: begun, closed, or passed to the queue or a person; part of the transaction
/// that changes it.
///
/// * `before`: `None`: it is new.
/// * `handled_by`, `is_open`: how it now stands.
pub(super) fn tell(
    tx: &mut dyn Tx,
    id: i64,
    before: Option<&ConversationState>,
    handled_by: HandledBy,
    is_open: bool,
    now_ms: i64,
) -> Result<(), DbError> {
    if before.is_none() {
        queue(tx, EventKind::ConversationStarted, id, now_ms)?;
    }
    let open_before = before.filter(|before| before.is_open);
    // Whoever writes into a closed conversation talks to the assistant first.
    let had_it = open_before.map_or(HandledBy::Bot, |before| before.handled_by);
    if !is_open && open_before.is_some() {
        queue(tx, EventKind::ConversationClosed, id, now_ms)?;
    } else if handled_by != HandledBy::Bot && handled_by != had_it {
        queue(tx, EventKind::ConversationHandedOver, id, now_ms)?;
    }
    Ok(())
}

/// Tells of a conversation as it now stands.
pub(super) fn queue(tx: &mut dyn Tx, kind: EventKind, id: i64, now_ms: i64) -> Result<(), DbError> {
    webhooks::queue(tx, kind, About::Conversation(id), now_ms, |tx| data(tx, id))
}

/// How the conversation stands, without what was said in it and without its session's id, which would open it.
fn data(tx: &mut dyn Tx, id: i64) -> Result<Value, DbError> {
    let Some(summary) = store::summary(tx, id)? else {
        return Ok(json!({"conversation": {"id": id}}));
    };
    Ok(json!({"conversation": {
        "id": id,
        "status": if summary.is_open { "open" } else { "closed" },
        "handled_by": summary.handled_by.as_str(),
        "agent_name": summary.agent_name,
        "lang": summary.lang.code(),
        "messages": summary.last_seq,
        "rating": summary.rating,
        "created_at": to_rfc3339(summary.created_at_ms),
        "updated_at": to_rfc3339(summary.updated_at_ms),
    }}))
}
