//! Use cases of visitors: one function, one transaction.

use std::sync::Arc;

use super::ChatError;
use super::model::{HandledBy, NewMessage, Sender, Speaker, StoredMessage};
use super::rules::{self, Meaning, Situation};
use super::session::{SessionId, VisitorSession};
use super::store::{self, ConversationState, Progress};
use crate::knowledge::{Knowledge, Snapshot};
use crate::live::Broadcast;
use crate::nlu::{Lang, Understanding};
use crate::platform::clock::now_ms;
use crate::platform::db::{Store, Tx};
use crate::platform::http::{Caller, clean_text};
use crate::platform::secrets::Secrets;

/// Longest message, in characters.
pub(super) const MESSAGE_MAX_CHARS: usize = 2_000;
/// Most messages one history answer holds.
pub(super) const HISTORY_MAX: i64 = 500;

/// Conversations. Cheap to clone.
#[derive(Clone)]
pub struct Chat {
    pub(super) store: Store,
    pub(super) knowledge: Knowledge,
    pub(super) secrets: Secrets,
    pub(super) live: Broadcast,
}

/// A visitor's message, checked.
#[derive(Debug, Clone)]
pub struct SendMessage {
    /// Whose conversation.
    pub session: SessionId,
    /// The words, or a button's payload.
    text: String,
    client_id: Option<String>,
    /// The language the client asked to be answered in.
    lang: Option<Lang>,
    /// The language to suppose while the conversation has none.
    hint: Option<Lang>,
}

/// What came of a visitor's message.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Id of the conversation.
    pub conversation_id: i64,
    /// The visitor's message.
    pub message: StoredMessage,
    /// What was answered in the same breath, if anything.
    pub reply: Option<StoredMessage>,
    /// Who speaks next.
    pub handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    pub agent_name: Option<String>,
    /// The conversation's language.
    pub lang: Lang,
    /// The message had been stored before; nothing is new.
    pub is_repeat: bool,
}

/// A part of a conversation.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Id of the conversation; 0 when nothing was said yet.
    pub conversation_id: i64,
    /// The messages, in order.
    pub messages: Vec<StoredMessage>,
    /// Number of the newest message.
    pub last_seq: i64,
    /// Who answers now.
    pub handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    pub agent_name: Option<String>,
}

impl Turn {
    /// Who answers after this turn.
    pub fn speaker(&self) -> Speaker<'_> {
        Speaker::new(self.handled_by, self.agent_name.as_deref())
    }
}

impl History {
    /// Who answers now.
    pub fn speaker(&self) -> Speaker<'_> {
        Speaker::new(self.handled_by, self.agent_name.as_deref())
    }
}

impl SendMessage {
    /// Checks a message.
    ///
    /// * `client_id`: a UUID; the same one again stores nothing twice.
    /// * Errors: the text is empty, longer than 2,000 characters or holds control characters; the id is no UUID.
    pub fn parse(
        session: SessionId,
        text: &str,
        client_id: Option<&str>,
        lang: Option<Lang>,
        hint: Option<Lang>,
    ) -> Result<Self, ChatError> {
        let text =
            clean_text(text, MESSAGE_MAX_CHARS).map_err(|why| ChatError::Text("message", why))?;
        let client_id = client_id
            .map(|id| {
                uuid::Uuid::try_parse(id)
                    .map(|id| id.to_string())
                    .map_err(|_| ChatError::Field("client_id", "must be a UUID".into()))
            })
            .transpose()?;
        Ok(Self {
            session,
            text,
            client_id,
            lang,
            hint,
        })
    }
}

impl Chat {
    /// Wires the slice.
    pub fn new(store: Store, knowledge: Knowledge, secrets: Secrets, live: Broadcast) -> Self {
        Self {
            store,
            knowledge,
            secrets,
            live,
        }
    }

    /// Reads a session id from outside.
    pub fn session(&self, text: &str) -> Result<SessionId, ChatError> {
        SessionId::parse(text, &self.secrets)
    }

    /// Reads the right to read a conversation back.
    pub fn visitor(&self, text: &str) -> Result<VisitorSession, ChatError> {
        VisitorSession::parse(text, &self.secrets)
    }

    /// The session a caller may read back: its own, or any for agents.
    ///
    /// Errors: the id is malformed, or weak and the caller is no agent.
    pub(super) fn readable(&self, caller: &Caller, session_id: &str) -> Result<String, ChatError> {
        if caller.is_agent() {
            return Ok(self.session(session_id)?.as_str().to_owned());
        }
        Ok(self.visitor(session_id)?.as_str().to_owned())
    }

    /// A new session id; nothing is stored.
    pub fn mint(&self) -> Result<SessionId, ChatError> {
        Ok(SessionId::mint(&self.secrets)?)
    }

    /// Stores a visitor's message and, while the assistant owns the conversation, its answer, in one transaction;
    /// then tells everyone who listens.
    pub async fn send(&self, request: SendMessage) -> Result<Turn, ChatError> {
        let knowledge = self.knowledge.snapshot();
        let understood = match rules::button_meaning(&request.text, &knowledge) {
            Some(meaning) => Understood::Button(meaning),
            None => Understood::Words(self.knowledge.nlu().understand(&request.text)),
        };
        let session = request.session.clone();
        let turn = self
            .store
            .write(move |tx| turn(tx, request, understood, &knowledge, now_ms()))
            .await?;
        if !turn.is_repeat {
            self.live.visitor_turn(&session, &turn).await;
            self.announce(turn.conversation_id).await;
        }
        Ok(turn)
    }

    /// Messages after `since`, at most `limit` of them. Empty when nothing was said yet.
    pub async fn history(
        &self,
        session_id: String,
        since: i64,
        limit: i64,
    ) -> Result<History, ChatError> {
        self.store
            .read(move |tx| match store::state(tx, &session_id)? {
                Some(state) => Ok(History {
                    conversation_id: state.id,
                    messages: store::messages_since(
                        tx,
                        state.id,
                        since,
                        limit.clamp(1, HISTORY_MAX),
                    )?,
                    last_seq: state.last_seq,
                    handled_by: state.handled_by,
                    agent_name: store::agent_name(tx, &state)?,
                }),
                None => Ok(History::default()),
            })
            .await
    }

    /// Asks for a person. Already waiting or talking to one: nothing changes.
    ///
    /// Answers who speaks next.
    pub async fn hand_off(
        &self,
        visitor: &VisitorSession,
        hint: Option<Lang>,
    ) -> Result<HandledBy, ChatError> {
        let knowledge = self.knowledge.snapshot();
        let session = visitor.id().clone();
        let outcome = self
            .store
            .write(move |tx| hand_off(tx, &session, hint, &knowledge, now_ms()))
            .await?;
        if let Some((conversation_id, message)) = outcome.said {
            let speaker = Speaker::new(outcome.handled_by, None);
            self.live
                .message(conversation_id, visitor.as_str(), &message, speaker)
                .await;
            self.announce(conversation_id).await;
        }
        Ok(outcome.handled_by)
    }

    /// Keeps the visitor's rating, 1 to 5; a later one replaces it.
    pub async fn rate(
        &self,
        visitor: &VisitorSession,
        rating: i64,
        comment: Option<&str>,
    ) -> Result<(), ChatError> {
        if !(1..=5).contains(&rating) {
            return Err(ChatError::Field("rating", "must be from 1 to 5".into()));
        }
        let comment = comment
            .map(|text| {
                clean_text(text, MESSAGE_MAX_CHARS).map_err(|why| ChatError::Text("comment", why))
            })
            .transpose()?;
        let session_id = visitor.as_str().to_owned();
        let changed = self
            .store
            .write(move |tx| store::set_rating(tx, &session_id, rating, comment.as_deref()))
            .await?;
        if changed == 0 {
            return Err(ChatError::NotFound);
        }
        Ok(())
    }

    /// Tells the team how a conversation stands now. Live updates are nice to have: an error is logged, no more.
    pub(super) async fn announce(&self, conversation_id: i64) {
        if !self.live.has_listeners() {
            return;
        }
        match self
            .store
            .read(move |tx| store::summary(tx, conversation_id))
            .await
        {
            Ok(Some(summary)) => self.live.conversation_updated(&summary).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a conversation's state could not be announced"),
        }
    }
}

/// A message before its conversation's language is known.
enum Understood {
    Button(Meaning),
    Words(Understanding),
}

impl Understood {
    /// The language of the turn and what the message means in it.
    fn settle(self, prior: Option<Lang>, fixed: Option<Lang>) -> (Lang, Meaning) {
        match self {
            Self::Button(meaning) => (fixed.or(prior).unwrap_or(Lang::Pl), meaning),
            Self::Words(understanding) => {
                let (lang, found) = understanding.pick(fixed.or(prior));
                (fixed.unwrap_or(lang), Meaning::Understood(found.clone()))
            }
        }
    }
}

fn turn(
    tx: &mut dyn Tx,
    request: SendMessage,
    understood: Understood,
    knowledge: &Arc<Snapshot>,
    now_ms: i64,
) -> Result<Turn, ChatError> {
    let state = store::state(tx, request.session.as_str())?;
    if let (Some(state), Some(client_id)) = (&state, &request.client_id)
        && let Some(message) = store::message_by_client_id(tx, state.id, client_id, Sender::User)?
    {
        return repeat(tx, state, message);
    }
    // A weak id may be in many hands, so its conversation's language is nobody's memory.
    let known = state.as_ref().filter(|_| !request.session.is_weak());
    let prior = known.map(|state| state.lang).or(request.hint);
    let (lang, meaning) = understood.settle(prior, request.lang);

    let mut message = NewMessage::new(
        Sender::User,
        rules::shown_text(&request.text, &meaning, knowledge, lang),
        lang,
    );
    if let Meaning::Understood(found) = &meaning {
        message.intent = Some(found.intent.to_string());
        message.confidence = Some(found.confidence);
    } else if let Meaning::Asked(intent) = &meaning {
        message.intent = Some(intent.clone());
        message.confidence = Some(1.0);
    }
    message.client_id = request.client_id;

    // Writing into a closed conversation opens it again, with the assistant.
    let owner = state
        .as_ref()
        .filter(|state| state.is_open)
        .map_or(HandledBy::Bot, |state| state.handled_by);
    let (reply, handled_by) = if owner == HandledBy::Bot {
        let situation = Situation {
            lang,
            is_first: state.as_ref().is_none_or(|state| state.last_seq == 0),
            can_hand_off: !request.session.is_weak(),
            now_ms,
        };
        let reply = rules::answer(&meaning, knowledge, situation);
        (Some(reply.message), reply.handled_by)
    } else {
        let last_sender = state
            .as_ref()
            .map_or(Sender::User, |state| state.last_sender);
        (
            rules::answer_while_waiting(owner, last_sender, knowledge, lang),
            owner,
        )
    };
    // A visitor's message never gives the conversation to a person, so who had it before still has it.
    let agent_name = match &state {
        Some(state) if handled_by == HandledBy::Human => store::agent_name(tx, state)?,
        _ => None,
    };
    let turn = save(
        tx,
        state.as_ref(),
        &request.session,
        lang,
        message,
        reply,
        handled_by,
        now_ms,
    )?;
    Ok(Turn { agent_name, ..turn })
}

#[allow(clippy::too_many_arguments)] // the parts of one turn, in the order they came to be
fn save(
    tx: &mut dyn Tx,
    state: Option<&ConversationState>,
    session: &SessionId,
    lang: Lang,
    message: NewMessage,
    reply: Option<NewMessage>,
    handled_by: HandledBy,
    now_ms: i64,
) -> Result<Turn, ChatError> {
    let seq = state.map_or(0, |state| state.last_seq) + 1;
    let progress = Progress {
        handled_by,
        agent_id: None,
        lang,
        last_seq: seq + i64::from(reply.is_some()),
        last: reply.as_ref().unwrap_or(&message),
        is_open: true,
    };
    let conversation_id = match state {
        Some(state) if state.handled_by == HandledBy::Human && state.is_open => {
            store::touch_conversation(tx, state.id, &progress, now_ms)?;
            state.id
        }
        Some(state) => {
            store::update_conversation(tx, state.id, &progress, now_ms)?;
            state.id
        }
        None => {
            store::insert_conversation(tx, session.as_str(), session.is_weak(), &progress, now_ms)?
        }
    };
    let message = store::insert_message(tx, conversation_id, seq, message, now_ms)?;
    let reply = reply
        .map(|reply| store::insert_message(tx, conversation_id, seq + 1, reply, now_ms))
        .transpose()?;
    Ok(Turn {
        conversation_id,
        message,
        reply,
        handled_by,
        agent_name: None,
        lang,
        is_repeat: false,
    })
}

/// The first outcome of a message that is sent again.
fn repeat(
    tx: &mut dyn Tx,
    state: &ConversationState,
    message: StoredMessage,
) -> Result<Turn, ChatError> {
    let next = store::messages_since(tx, state.id, message.seq, 1)?;
    // Only what was stored in the same transaction answers this message.
    let reply = next.into_iter().find(|next| {
        matches!(next.sender, Sender::Bot | Sender::System)
            && next.created_at_ms == message.created_at_ms
    });
    Ok(Turn {
        conversation_id: state.id,
        message,
        reply,
        handled_by: state.handled_by,
        agent_name: store::agent_name(tx, state)?,
        lang: state.lang,
        is_repeat: true,
    })
}

struct HandOff {
    handled_by: HandledBy,
    said: Option<(i64, StoredMessage)>,
}

fn hand_off(
    tx: &mut dyn Tx,
    session: &SessionId,
    hint: Option<Lang>,
    knowledge: &Snapshot,
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
    }
    let seq = state.as_ref().map_or(0, |state| state.last_seq) + 1;
    let progress = Progress {
        handled_by: HandledBy::Queue,
        agent_id: None,
        lang,
        last_seq: seq,
        last: &message,
        is_open: true,
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
    let message = store::insert_message(tx, id, seq, message, now_ms)?;
    Ok(HandOff {
        handled_by: HandledBy::Queue,
        said: Some((id, message)),
    })
}
