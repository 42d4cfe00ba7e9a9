//! Conversations and consents of another program, taken over as they were: nobody is told of them, and the assistant does
//! not answer.

use std::net::IpAddr;

use super::model::{HandledBy, NewMessage, Sender};
use super::session::SessionId;
use super::store::{self, ConsentRow, Progress};
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Tx};
use crate::platform::http::ClientAddress;

/// What its consents are for, and which text they were given to.
const CONSENT_PURPOSE: &str = "service";
const CONSENT_TEXT: &str = "imported";

/// A message as the other program kept it.
#[derive(Debug, Clone)]
pub struct OldMessage {
    /// What it is known by within its conversation when it comes again.
    pub key: String,
    /// Who wrote it.
    pub sender: Sender,
    /// Cleaned and not empty.
    pub body: String,
    /// What it was understood as.
    pub intent: Option<String>,
    /// Milliseconds UTC.
    pub at_ms: i64,
}

/// A conversation as the other program kept it.
#[derive(Debug)]
pub struct OldConversation {
    /// Chosen by the client, whatever it looks like.
    pub session: SessionId,
    /// Its language.
    pub lang: Lang,
    /// When it began, if that is known.
    pub started_at_ms: Option<i64>,
    /// 1 to 5 and a comment.
    pub rating: Option<(i64, Option<String>)>,
    /// In the order of time; at least one.
    pub messages: Vec<OldMessage>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenMessage {
    /// It is here now.
    New,
    /// It was here before.
    Known,
    /// The conversation has gone on here since it was written, and messages keep their order.
    TooLate,
}

/// Takes over a conversation, or what has come to it since; answers whether it is new, and what became of each message.
pub fn take_over(
    tx: &mut dyn Tx,
    old: &OldConversation,
) -> Result<(bool, Vec<TakenMessage>), DbError> {
    match store::state(tx, old.session.as_str())? {
        Some(state) => Ok((false, append(tx, &state, &old.messages)?)),
        None => Ok((true, create(tx, old)?)),
    }
}

fn create(tx: &mut dyn Tx, old: &OldConversation) -> Result<Vec<TakenMessage>, DbError> {
    let (Some(first), Some(last)) = (old.messages.first(), old.messages.last()) else {
        return Ok(Vec::new());
    };
    let last_at_ms = last.at_ms;
    let began_ms = old.started_at_ms.unwrap_or(first.at_ms).min(first.at_ms);
    let (first, last) = (new_message(first, old.lang), new_message(last, old.lang));
    let progress = |last, last_seq| Progress {
        handled_by: HandledBy::Bot,
        agent_id: None,
        lang: old.lang,
        last_seq,
        last,
        is_open: false,
        memory: None,
    };
    let session_id = old.session.as_str();
    let id = store::insert_conversation(tx, session_id, true, &progress(&first, 1), began_ms)?;
    let mut seq = 0;
    for message in &old.messages {
        seq += 1;
        store::insert_message(tx, id, seq, new_message(message, old.lang), message.at_ms)?;
    }
    store::update_conversation(tx, id, &progress(&last, seq), last_at_ms)?;
    if let Some((rating, comment)) = &old.rating {
        store::set_rating(tx, session_id, *rating, comment.as_deref())?;
    }
    Ok(vec![TakenMessage::New; old.messages.len()])
}

fn append(
    tx: &mut dyn Tx,
    state: &store::ConversationState,
    messages: &[OldMessage],
) -> Result<Vec<TakenMessage>, DbError> {
    let (mut seq, mut newest_ms) = (state.last_seq, state.updated_at_ms);
    let mut taken = Vec::with_capacity(messages.len());
    for message in messages {
        let known = store::message_by_client_id(tx, state.id, &message.key, message.sender)?;
        if known.is_some() {
            taken.push(TakenMessage::Known);
            continue;
        }
        if message.at_ms < newest_ms {
            taken.push(TakenMessage::TooLate);
            continue;
        }
        seq += 1;
        newest_ms = message.at_ms;
        let new = new_message(message, state.lang);
        store::insert_message(tx, state.id, seq, new.clone(), newest_ms)?;
        let progress = Progress {
            handled_by: state.handled_by,
            agent_id: None,
            lang: state.lang,
            last_seq: seq,
            last: &new,
            is_open: state.is_open,
            memory: state.memory.as_deref(),
        };
        // This leaves alone who has the conversation.
        store::touch_conversation(tx, state.id, &progress, newest_ms)?;
        taken.push(TakenMessage::New);
    }
    Ok(taken)
}

fn new_message(old: &OldMessage, lang: Lang) -> NewMessage {
    NewMessage {
        intent: old.intent.clone(),
        client_id: Some(old.key.clone()),
        ..NewMessage::new(old.sender, old.body.clone(), lang)
    }
}

/// Takes over a consent to the service or its withdrawal; answers whether it is new.
pub fn take_over_consent(
    tx: &mut dyn Tx,
    session: &SessionId,
    is_given: bool,
    address: Option<IpAddr>,
    at_ms: i64,
) -> Result<bool, DbError> {
    let known: i64 = tx.query_value(
        "SELECT COUNT(*) FROM consents WHERE session_id = ?1 AND purpose = ?2 AND is_given = ?3 AND created_at_ms = ?4",
        params![session.as_str(), CONSENT_PURPOSE, is_given, at_ms],
    )?;
    if known > 0 {
        return Ok(false);
    }
    let consent = ConsentRow {
        session_id: session.to_string(),
        purpose: CONSENT_PURPOSE.to_owned(),
        is_given,
        text_version: CONSENT_TEXT.to_owned(),
        lang: Lang::Pl,
        address_truncated: address
            .map(|address| ClientAddress(address).truncated())
            .unwrap_or_default(),
        created_at_ms: at_ms,
    };
    store::insert_consent(tx, &consent)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::in_memory;

    fn message(key: &str, at_ms: i64) -> OldMessage {
        OldMessage {
            key: key.into(),
            sender: Sender::User,
            body: format!("said at {at_ms}"),
            intent: None,
            at_ms,
        }
    }

    fn old(messages: Vec<OldMessage>) -> OldConversation {
        OldConversation {
            session: SessionId::foreign("abc123").unwrap(),
            lang: Lang::Pl,
            started_at_ms: Some(5),
            rating: Some((4, Some("miło".into()))),
            messages,
        }
    }

    #[test]
    fn a_conversation_comes_with_its_times_once_and_takes_later_messages_but_no_earlier_ones() {
        in_memory::<_, DbError>(|tx| {
            use TakenMessage::{Known, New, TooLate};
            let first = || vec![message("a", 10), message("b", 20)];
            assert_eq!(take_over(tx, &old(first()))?, (true, vec![New, New]));
            assert_eq!(take_over(tx, &old(first()))?, (false, vec![Known, Known]));
            let more = vec![message("a", 10), message("x", 15), message("c", 30)];
            assert_eq!(
                take_over(tx, &old(more))?,
                (false, vec![Known, TooLate, New])
            );
            let state = store::state(tx, "abc123")?.unwrap();
            assert_eq!((state.last_seq, state.updated_at_ms), (3, 30));
            assert!(state.is_weak && !state.is_open);
            let messages = store::messages_since(tx, state.id, 0, 9)?;
            let told: Vec<_> = messages.iter().map(|m| (m.seq, m.created_at_ms)).collect();
            assert_eq!(told, [(1, 10), (2, 20), (3, 30)]);
            let rating = store::rating(tx, state.id)?;
            assert_eq!(rating, (Some(4), Some("miło".into())));
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn a_consent_comes_once_with_its_network_alone() {
        in_memory::<_, DbError>(|tx| {
            let session = SessionId::foreign("abc123").unwrap();
            let address = "203.0.113.7".parse().ok();
            assert!(take_over_consent(tx, &session, true, address, 5)?);
            assert!(!take_over_consent(tx, &session, true, address, 5)?);
            assert!(take_over_consent(tx, &session, false, None, 6)?);
            let kept = store::consents(tx, "abc123")?;
            let networks: Vec<&str> = kept.iter().map(|c| &*c.address_truncated).collect();
            assert_eq!(networks, ["", "203.0.113.0/24"]);
            Ok(())
        })
        .unwrap();
    }
}
