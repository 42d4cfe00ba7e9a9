//! An answer for a visitor who left: it reaches them as a letter, where their address is known.

use super::ChatError;
use super::model::Sender;
use super::store::{self, ConversationState};
use crate::leads;
use crate::notify::messages::{AgentAnswer, Message};
use crate::notify::outbox::{self, About, NewDelivery, Recipient};
use crate::platform::db::Tx;

/// Writes the letter with a team member's answer, once for what the visitor asked last: further answers wait in the
/// conversation, which the letter's link opens. Part of the transaction that stores the answer.
///
/// * `session_id`: of the conversation; whoever holds it is its visitor, so that it is also the link's proof.
pub(super) fn write(
    tx: &mut dyn Tx,
    state: &ConversationState,
    session_id: &str,
    answer: &str,
    agent_name: &str,
    now_ms: i64,
) -> Result<(), ChatError> {
    let leads = leads::of_session(tx, session_id)?;
    let reachable = leads
        .iter()
        .rev()
        .find_map(|lead| Some((lead, lead.email.as_ref()?)));
    let Some((lead, email)) = reachable.filter(|_| !answer.is_empty()) else {
        return Ok(());
    };
    let question = store::last_message_of(tx, state.id, Sender::User)?;
    let asked_seq = question.as_ref().map_or(0, |question| question.seq);
    let letter = Message::AgentAnswer(AgentAnswer {
        name: leads::greeted(&lead.name),
        agent: Some(agent_name.to_owned()),
        question: question
            .map(|question| question.body)
            .filter(|text| !text.is_empty()),
        answer: answer.to_owned(),
        url: format!("/chat#session={session_id}"),
    });
    let delivery = NewDelivery {
        key: format!("answer:{}:{asked_seq}", state.id),
        message: &letter,
        lang: Some(state.lang),
        to: Recipient::Person {
            address: email.as_str().to_owned(),
            name: leads::greeted(&lead.name).unwrap_or_default(),
        },
        about: Some(About::Conversation(state.id)),
        calendar: None,
    };
    Ok(outbox::queue(tx, &delivery, now_ms)?)
}
