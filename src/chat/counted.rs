//! What the numbers hear of conversations, in the transactions in which it happens.

use super::missed::{Cause, Lesson};
use super::model::{HandledBy, Sender, StoredMessage};
use super::store::{self, ConversationState};
use crate::analytics::{self, Event, Outcome, Visit};
use crate::nlu::Lang;
use crate::platform::clock;
use crate::platform::db::{DbError, Tx};

/// A turn that was stored.
pub(super) struct Counted<'t> {
    /// The conversation before it; `None`: it is new.
    pub(super) before: Option<&'t ConversationState>,
    pub(super) message: &'t StoredMessage,
    pub(super) reply: Option<&'t StoredMessage>,
    pub(super) lesson: Option<&'t Lesson>,
    /// Who speaks next.
    pub(super) handled_by: HandledBy,
    /// Mood of the words, -1 to 1.
    pub(super) sentiment: Option<f64>,
}

/// A message that a language model is asked about.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// When it came, milliseconds UTC.
    pub(super) at_ms: i64,
    pub(super) intent: Option<String>,
    /// How the assistant itself fared.
    pub(super) missed: Outcome,
}

/// The conversation's session among the numbers; it begins there when it is seen for the first time.
fn session_of(
    tx: &mut dyn Tx,
    conversation_id: i64,
    known: Option<i64>,
    lang: Lang,
    now_ms: i64,
) -> Result<i64, DbError> {
    if let Some(id) = known {
        return Ok(id);
    }
    let session_id = store::session_id(tx, conversation_id)?;
    let id = analytics::begin(tx, &session_id, &Visit::unknown(lang), now_ms)?;
    store::set_analytics_session(tx, conversation_id, id)?;
    Ok(id)
}

fn session_of_state(
    tx: &mut dyn Tx,
    state: &ConversationState,
    now_ms: i64,
) -> Result<i64, DbError> {
    session_of(tx, state.id, state.analytics_session, state.lang, now_ms)
}

/// How a turn fared that the assistant could not answer.
pub(super) fn missed_as(lesson: Option<&Lesson>) -> Option<Outcome> {
    match lesson {
        Some(Lesson::Missed(Cause::Unsure)) => Some(Outcome::Unsure),
        Some(Lesson::Missed(Cause::Fallback | Cause::Search)) => Some(Outcome::Fallback),
        Some(Lesson::Meant(_) | Lesson::NoneFits) | None => None,
    }
}

/// Counts a visitor's message and what was answered in the same breath.
pub(super) fn turn(
    tx: &mut dyn Tx,
    conversation_id: i64,
    counted: &Counted<'_>,
    now_ms: i64,
) -> Result<(), DbError> {
    let known = counted.before.and_then(|state| state.analytics_session);
    let session = session_of(tx, conversation_id, known, counted.message.lang, now_ms)?;
    let open = counted.before.filter(|state| state.is_open);
    let is_with_people = open.is_some_and(|state| state.handled_by != HandledBy::Bot);
    let answers = counted.reply.filter(|reply| reply.sender == Sender::Bot);
    let event = Event::Turn {
        intent: (counted.message.intent.clone()).filter(|_| !is_with_people),
        confidence: (counted.message.confidence).filter(|_| !is_with_people),
        outcome: if is_with_people {
            Outcome::WithPerson
        } else {
            missed_as(counted.lesson).unwrap_or(Outcome::Answered)
        },
        sentiment: counted.sentiment,
        answer_ms: answers.map(|_| (clock::now_ms() - now_ms).max(0)),
    };
    analytics::record(tx, Some(session), &event, now_ms)?;
    if !is_with_people && counted.handled_by == HandledBy::Queue {
        analytics::record(tx, Some(session), &Event::HandedOff, now_ms)?;
    }
    Ok(())
}

/// Counts that the assistant passed a conversation on without a message.
pub(super) fn handed_off(
    tx: &mut dyn Tx,
    conversation_id: i64,
    before: Option<&ConversationState>,
    lang: Lang,
    now_ms: i64,
) -> Result<(), DbError> {
    let known = before.and_then(|state| state.analytics_session);
    let session = session_of(tx, conversation_id, known, lang, now_ms)?;
    analytics::record(tx, Some(session), &Event::HandedOff, now_ms)
}

/// Counts an answer that was stored after its message.
pub(super) fn answered_late(
    tx: &mut dyn Tx,
    state: &ConversationState,
    asked: Asked,
    by_model: bool,
    now_ms: i64,
) -> Result<(), DbError> {
    let session = session_of_state(tx, state, now_ms)?;
    let event = Event::AnsweredLate {
        turn_at_ms: asked.at_ms,
        intent: asked.intent,
        missed: asked.missed,
        by_model,
        answer_ms: (now_ms - asked.at_ms).max(0),
    };
    analytics::record(tx, Some(session), &event, now_ms)
}

/// Counts a message of the team, with how long the visitor waited for it.
///
/// * `state`: the conversation before it.
pub(super) fn person_wrote(
    tx: &mut dyn Tx,
    state: &ConversationState,
    waits_since_ms: Option<i64>,
    now_ms: i64,
) -> Result<(), DbError> {
    let session = session_of_state(tx, state, now_ms)?;
    let event = match waits_since_ms {
        Some(since_ms) => Event::PersonAnswered {
            waited_ms: (now_ms - since_ms).max(0),
        },
        None => Event::PersonWrote,
    };
    analytics::record(tx, Some(session), &event, now_ms)
}

/// Counts a visitor's rating.
pub(super) fn rated(
    tx: &mut dyn Tx,
    state: &ConversationState,
    rating: i64,
    before: Option<i64>,
    now_ms: i64,
) -> Result<(), DbError> {
    let session = session_of_state(tx, state, now_ms)?;
    let event = Event::ConversationRated { rating, before };
    analytics::record(tx, Some(session), &event, now_ms)
}
