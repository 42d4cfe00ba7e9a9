//! Asking for a person, in one transaction.

use super::model::{HandledBy, NewMessage, Sender, StoredMessage};
use super::session::SessionId;
use super::store::{self, Progress};
use super::{ChatError, counted, hooks, rules};
use crate::experiments::Running;
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::platform::db::Tx;

/// What came of asking for a person.
pub(super) struct HandOff {
    pub(super) handled_by: HandledBy,
    /// What was said, with its conversation; nothing when a person was called before.
    pub(super) said: Option<(i64, StoredMessage)>,
}

/// Puts the conversation into the team's queue.
pub(super) fn take(
    tx: &mut dyn Tx,
    session: &SessionId,
    hint: Option<Lang>,
    knowledge: &Snapshot,
    running: &Running,
    now_ms: i64,
) -> Result<HandOff, ChatError> {
    let state = store::state(tx, session.as_str())?;
    if let Some(state) = &state
        && state.is_open
        && state.handled_by != HandledBy::Bot
    {
        return Ok(HandOff {
            handled_by: state.handled_by,
            said: None,
        });
    }
    let lang = state
        .as_ref()
        .map(|state| state.lang)
        .or(hint)
        .unwrap_or(Lang::Pl);
    let text = rules::handoff_text(knowledge, lang, now_ms);
    let mut message = NewMessage::new(Sender::Bot, text, lang);
    if state.is_none() {
        rules::introduce(&mut message, knowledge, lang);
        running.first_message(tx, session, lang, true, now_ms)?;
    }
    running.handed_off(tx, session, now_ms)?;
    let seq = state.as_ref().map_or(0, |state| state.last_seq) + 1;
    let progress = Progress {
        handled_by: HandledBy::Queue,
        agent_id: None,
        lang,
        last_seq: seq,
        last: &message,
        is_open: true,
        memory: state.as_ref().and_then(|state| state.memory.as_deref()),
    };
    let id = match &state {
        Some(state) => {
            store::update_conversation(tx, state.id, &progress, now_ms)?;
            state.id
        }
        None => {
            store::insert_conversation(tx, session.as_str(), session.is_weak(), &progress, now_ms)?
        }
    };
    hooks::tell(tx, id, state.as_ref(), HandledBy::Queue, true, now_ms)?;
    counted::handed_off(tx, id, state.as_ref(), lang, now_ms)?;
    let message = store::insert_message(tx, id, seq, message, now_ms)?;
    Ok(HandOff {
        handled_by: HandledBy::Queue,
        said: Some((id, message)),
    })
}
