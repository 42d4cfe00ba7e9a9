//! Use cases of the team: reading conversations, answering, taking over, handing back, closing.

use super::model::{ConversationSummary, HandledBy, NewMessage, Sender, Speaker, StoredMessage};
use super::notes::{self, Note};
use super::service::{Chat, HISTORY_MAX, MESSAGE_MAX_CHARS, NO_WORDS};
use super::store::{self, ConversationState, ListFilter, Progress};
use super::{ChatError, counted, hooks, left};
use crate::knowledge::{Snapshot, SystemText};
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::http::{Actor, Principal, clean_text};
use crate::uploads::Attachment;

/// A message of the team, checked.
pub(super) struct AgentMessage {
    text: String,
    client_id: Option<String>,
    /// A picture that goes with it.
    pub(super) attachment: Option<Attachment>,
}

impl AgentMessage {
    /// Checks the words beside a picture; there may be none.
    pub(super) fn beside_picture(words: &str, client_id: Option<&str>) -> Result<Self, ChatError> {
        if !words.trim().is_empty() {
            return Self::parse(words, client_id);
        }
        Ok(Self {
            text: String::new(),
            ..Self::parse(NO_WORDS, client_id)?
        })
    }

    /// Errors: the text is empty, longer than 2,000 characters or holds control characters; the id is no UUID.
    pub(super) fn parse(text: &str, client_id: Option<&str>) -> Result<Self, ChatError> {
        let text =
            clean_text(text, MESSAGE_MAX_CHARS).map_err(|why| ChatError::Text("message", why))?;
        let client_id = client_id
            .map(|id| uuid::Uuid::try_parse(id).map(|id| id.to_string()))
            .transpose()
            .map_err(|_| ChatError::Field("client_id", "must be a UUID".into()))?;
        Ok(Self {
            text,
            client_id,
            attachment: None,
        })
    }
}

/// A conversation as the team reads it.
pub(super) struct Conversation {
    pub(super) summary: ConversationSummary,
    /// The newest ones, in order.
    pub(super) messages: Vec<StoredMessage>,
    /// All of them, oldest first.
    pub(super) notes: Vec<Note>,
}

/// What a change of the team did.
pub(super) struct InboxChange {
    pub(super) summary: ConversationSummary,
    /// New messages, in order.
    pub(super) messages: Vec<StoredMessage>,
}

pub(super) fn user_id(principal: &Principal) -> Option<i64> {
    match principal.actor {
        Actor::User(id) => Some(id),
        Actor::Key(_) | Actor::EnvironmentKey => None,
    }
}

impl Chat {
    /// A page of conversations: those that wait first, then the newest.
    pub(super) async fn list(
        &self,
        filter: ListFilter,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<ConversationSummary>, i64), ChatError> {
        Ok(self
            .store
            .read(move |tx| store::list(tx, &filter, limit, offset))
            .await?)
    }

    /// One conversation with its newest messages and the team's notes.
    pub(super) async fn conversation(&self, id: i64) -> Result<Conversation, ChatError> {
        self.store
            .read(move |tx| {
                let summary = store::summary(tx, id)?.ok_or(ChatError::NotFound)?;
                let since = (summary.last_seq - HISTORY_MAX).max(0);
                Ok(Conversation {
                    messages: store::messages_since(tx, id, since, HISTORY_MAX)?,
                    notes: notes::of(tx, id)?,
                    summary,
                })
            })
            .await
    }

    /// The active members of the team: id and name.
    pub(super) async fn team(&self) -> Result<Vec<(i64, String)>, ChatError> {
        Ok(self.store.read(|tx| crate::accounts::team(tx)).await?)
    }

    /// Stores a message of the team; whoever writes owns the conversation from then on.
    pub(super) async fn answer(
        &self,
        id: i64,
        by: &Principal,
        message: AgentMessage,
    ) -> Result<StoredMessage, ChatError> {
        let (agent_id, agent_name) = (user_id(by), by.display_name.to_string());
        let client_id = message.client_id.clone();
        let live = self.live.clone();
        let change = self
            .change(id, move |tx, state, knowledge, now_ms| {
                if let Some(client_id) = &message.client_id
                    && let Some(earlier) =
                        store::message_by_client_id(tx, state.id, client_id, Sender::Agent)?
                {
                    return Ok(Said::Earlier(Box::new(earlier)));
                }
                strong(state)?;
                let mut said = Vec::new();
                if state.handled_by != HandledBy::Human || !state.is_open {
                    said.push(system(
                        knowledge.sentence_about(SystemText::AgentJoined, state.lang, &agent_name),
                        state,
                    ));
                }
                let session_id = store::session_id(tx, state.id)?;
                if !live.is_in_room(&session_id) {
                    left::write(tx, state, &session_id, &message.text, &agent_name, now_ms)?;
                }
                let mut answer = NewMessage::new(Sender::Agent, message.text, state.lang);
                answer.agent_id = agent_id;
                answer.agent_name = Some(agent_name);
                answer.client_id = message.client_id;
                answer.extras.attachments.extend(message.attachment);
                said.push(answer);
                let waits_since_ms = store::waits_since(tx, state)?;
                counted::person_wrote(tx, state, waits_since_ms, now_ms)?;
                say(tx, state, said, Owner::person(agent_id), now_ms)
            })
            .await?;
        change
            .messages
            .into_iter()
            .find(|message| message.sender == Sender::Agent && message.client_id == client_id)
            .ok_or(ChatError::NotFound)
    }

    /// Gives the conversation to a member of the team, or (`None`) back to the queue.
    pub(super) async fn assign(
        &self,
        id: i64,
        agent_id: Option<i64>,
    ) -> Result<ConversationSummary, ChatError> {
        self.pass_on(id, move |tx, state, knowledge, now_ms| {
            strong(state)?;
            let Some(agent_id) = agent_id else {
                let text = super::rules::handoff_text(knowledge, state.lang, now_ms);
                return Ok(Some((text, Owner::QUEUE)));
            };
            let name =
                crate::accounts::display_name(tx, agent_id)?.ok_or(ChatError::NoSuchAgent)?;
            let text = knowledge.sentence_about(SystemText::AgentJoined, state.lang, &name);
            Ok(Some((text, Owner::person(Some(agent_id)))))
        })
        .await
    }

    /// Lets the assistant answer again.
    pub(super) async fn hand_back(&self, id: i64) -> Result<ConversationSummary, ChatError> {
        self.pass_on(id, |_, state, knowledge, _| {
            let text = knowledge.sentence(SystemText::HandedBack, state.lang);
            Ok((state.handled_by != HandledBy::Bot).then(|| (text.to_owned(), Owner::BOT)))
        })
        .await
    }

    /// Ends the conversation; the visitor opens it again by writing.
    pub(super) async fn close(&self, id: i64) -> Result<ConversationSummary, ChatError> {
        self.pass_on(id, |_, state, knowledge, _| {
            let text = knowledge.sentence(SystemText::ConversationClosed, state.lang);
            Ok(state.is_open.then(|| (text.to_owned(), Owner::NOBODY)))
        })
        .await
    }

    /// Gives the conversation to whom `decide` names and tells its visitor so; `None` leaves it where it is.
    pub(super) async fn pass_on(
        &self,
        id: i64,
        decide: impl FnOnce(
            &mut dyn Tx,
            &ConversationState,
            &Snapshot,
            i64,
        ) -> Result<Option<(String, Owner)>, ChatError>
        + Send
        + 'static,
    ) -> Result<ConversationSummary, ChatError> {
        let change = self
            .change(id, move |tx, state, knowledge, now_ms| {
                match decide(tx, state, knowledge, now_ms)? {
                    Some((text, owner)) => say(tx, state, vec![system(text, state)], owner, now_ms),
                    None => Ok(Said::New(Vec::new())),
                }
            })
            .await?;
        Ok(change.summary)
    }

    /// Runs a change on one conversation, then tells everyone who listens.
    async fn change(
        &self,
        id: i64,
        change: impl FnOnce(&mut dyn Tx, &ConversationState, &Snapshot, i64) -> Result<Said, ChatError>
        + Send
        + 'static,
    ) -> Result<InboxChange, ChatError> {
        let knowledge = self.knowledge.snapshot();
        let (said, summary) = self
            .store
            .write(move |tx| {
                let state = store::state_by_id(tx, id)?.ok_or(ChatError::NotFound)?;
                let said = change(tx, &state, &knowledge, now_ms())?;
                let summary = store::summary(tx, id)?.ok_or(ChatError::NotFound)?;
                Ok::<_, ChatError>((said, summary))
            })
            .await?;
        let messages = match said {
            Said::New(messages) => {
                // A program that answers with a key has no account, only the name on its message.
                let written_by = || messages.iter().find_map(|said| said.agent_name.as_deref());
                let name = summary.agent_name.as_deref().or_else(written_by);
                let speaker = Speaker::new(summary.handled_by, name);
                for message in &messages {
                    self.live
                        .message(id, &summary.session_id, message, speaker)
                        .await;
                }
                self.live.conversation_updated(&summary).await;
                messages
            }
            Said::Earlier(message) => vec![*message],
        };
        Ok(InboxChange { summary, messages })
    }
}

/// Behind a weak id may be many visitors, and none of them can read back: a person cannot answer there.
fn strong(state: &ConversationState) -> Result<(), ChatError> {
    if state.is_weak {
        return Err(ChatError::WeakConversation);
    }
    Ok(())
}

/// Whose a conversation is to be.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    handled_by: HandledBy,
    agent_id: Option<i64>,
    is_open: bool,
}

impl Owner {
    pub(super) const BOT: Self = Self {
        handled_by: HandledBy::Bot,
        agent_id: None,
        is_open: true,
    };
    const QUEUE: Self = Self {
        handled_by: HandledBy::Queue,
        ..Self::BOT
    };
    /// It is closed; whoever opens it again talks to the assistant.
    const NOBODY: Self = Self {
        is_open: false,
        ..Self::BOT
    };

    /// A member of the team; `None` is a program with a key.
    fn person(agent_id: Option<i64>) -> Self {
        Self {
            handled_by: HandledBy::Human,
            agent_id,
            is_open: true,
        }
    }
}

enum Said {
    New(Vec<StoredMessage>),
    Earlier(Box<StoredMessage>),
}

fn system(text: String, state: &ConversationState) -> NewMessage {
    NewMessage::new(Sender::System, text, state.lang)
}

/// Stores messages at the end of the conversation and sets who speaks next.
fn say(
    tx: &mut dyn Tx,
    state: &ConversationState,
    messages: Vec<NewMessage>,
    owner: Owner,
    now_ms: i64,
) -> Result<Said, ChatError> {
    let mut stored = Vec::new();
    let mut seq = state.last_seq;
    for message in messages {
        seq += 1;
        let progress = Progress {
            handled_by: owner.handled_by,
            agent_id: owner.agent_id,
            lang: state.lang,
            last_seq: seq,
            last: &message,
            is_open: owner.is_open,
            memory: state.memory.as_deref(),
        };
        store::update_conversation(tx, state.id, &progress, now_ms)?;
        stored.push(store::insert_message(tx, state.id, seq, message, now_ms)?);
    }
    let (handled_by, is_open) = (owner.handled_by, owner.is_open);
    hooks::tell(tx, state.id, Some(state), handled_by, is_open, now_ms)?;
    Ok(Said::New(stored))
}
