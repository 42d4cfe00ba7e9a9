//! Conversations that are over: what generated data is made of. Nobody hears of them.

use super::missed::{self, Cause, Lesson};
use super::model::{HandledBy, NewMessage, Sender};
use super::session::SessionId;
use super::store::{self, Progress};
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};

/// A message of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMessage {
    /// Who wrote it.
    pub sender: Sender,
    /// The text.
    pub body: String,
    /// What it was understood as, or answers.
    pub intent: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f32>,
    /// The person's name when `sender` is an agent.
    pub agent_name: Option<String>,
    /// Why the question waits for the team to look at it, if it does.
    pub missed: Option<Cause>,
    /// Milliseconds UTC.
    pub at_ms: i64,
}

/// A conversation of the past, in which the assistant has the word again.
#[derive(Debug, Clone, PartialEq)]
pub struct PastConversation {
    /// Its language.
    pub lang: Lang,
    /// In order of time.
    pub messages: Vec<PastMessage>,
    /// False: somebody of the team ended it.
    pub is_open: bool,
    /// The visitor's, 1 to 5.
    pub rating: Option<i64>,
}

/// Keeps a conversation; answers its number, or `None` when nothing was said in it.
pub fn keep_past(
    tx: &mut dyn Tx,
    session: &SessionId,
    past: PastConversation,
) -> Result<Option<i64>, DbError> {
    let (Some(first), Some(last)) = (past.messages.first(), past.messages.last()) else {
        return Ok(None);
    };
    let (began_at_ms, ended_at_ms) = (first.at_ms, last.at_ms);
    let newest = new_message(last.clone(), past.lang);
    let progress = Progress {
        handled_by: HandledBy::Bot,
        agent_id: None,
        lang: past.lang,
        last_seq: past.messages.len() as i64,
        last: &newest,
        is_open: past.is_open,
        memory: None,
    };
    let id = store::insert_conversation(
        tx,
        session.as_str(),
        session.is_weak(),
        &progress,
        began_at_ms,
    )?;
    for (seq, message) in (1..).zip(past.messages) {
        let (at_ms, missed) = (message.at_ms, message.missed);
        let message = new_message(message, past.lang);
        let stored = store::insert_message(tx, id, seq, message, at_ms)?;
        if let Some(cause) = missed {
            missed::note(tx, id, &stored, &Lesson::Missed(cause), at_ms)?;
        }
    }
    store::update_conversation(tx, id, &progress, ended_at_ms)?;
    if let Some(rating) = past.rating {
        store::set_rating(tx, session.as_str(), rating, None)?;
    }
    Ok(Some(id))
}

fn new_message(past: PastMessage, lang: Lang) -> NewMessage {
    NewMessage {
        agent_name: past.agent_name,
        intent: past.intent,
        confidence: past.confidence,
        ..NewMessage::new(past.sender, past.body, lang)
    }
}
