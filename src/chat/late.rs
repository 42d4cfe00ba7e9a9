//! Answers that come later than the message they answer: those of a language model.
//!
//! The message is stored at once, the assistant's own answer is held back, and the model is asked outside of any
//! transaction. A second transaction stores what it said, or the held answer, and only if the assistant still has the
//! conversation and nothing was said meanwhile. Should the server end in between, the message stands unanswered, and
//! sending it again makes up for the answer.

use std::net::IpAddr;

use tokio::task::JoinHandle;

use super::counted::{self, Asked};
use super::dialogue::{Memory, says_estimate};
use super::model::{HandledBy, NewMessage, Sender, Speaker, StoredMessage};
use super::rules;
use super::service::{Chat, SendMessage};
use super::session::SessionId;
use super::store::{self, ConversationState, Progress};
use super::turn::{Answer, Held, Turn, Understood};
use super::{ChatError, hooks};
use crate::analytics::Outcome;
use crate::knowledge::Source;
use crate::llm::{self, Answering, Said, Step};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::search::Passage;

/// What a model's answer is stored as, in place of an intent.
pub(super) const MODEL_INTENT: &str = "language_model";
/// Passages that are looked for.
const PASSAGES_MAX: usize = 4;
/// Of these the ones that are shown as cards, and how well they fit at least.
const CARDS_MAX: usize = 3;
const CARD_SCORE_MIN: f32 = 0.5;
/// Earlier messages that are looked through for estimates, and of these the last ones a model gets to read.
const EARLIER_MAX: i64 = 30;
const TURNS_MAX: usize = 6;

/// A message that a language model may be asked about.
pub(super) struct Plan {
    text: String,
    address: Option<IpAddr>,
    passages: Vec<Passage>,
}

/// The documents that are shown where the assistant has no answer; none when not one of them fits well.
pub(super) fn cards(passages: &[Passage]) -> Vec<Source> {
    let fits = passages
        .iter()
        .filter(|passage| passage.score >= CARD_SCORE_MIN);
    fits.take(CARDS_MAX)
        .map(|passage| passage.source.clone())
        .collect()
}

/// An answer on its way. It comes, and is told to everyone who listens, also when nobody waits for it.
#[derive(Debug)]
pub struct Later(JoinHandle<Option<StoredMessage>>);

impl Later {
    /// The answer, once it is stored; `None` when somebody else spoke before.
    pub async fn reply(self) -> Option<StoredMessage> {
        self.0.await.unwrap_or_default()
    }
}

/// A message that is stored and not answered yet.
struct Waiting {
    session: SessionId,
    conversation_id: i64,
    /// Id and number of the message.
    message_id: i64,
    seq: i64,
    lang: Lang,
    plan: Plan,
    held: Held,
    asked: Asked,
}

impl Chat {
    /// What the company's texts say to a message, best first; none for what the assistant understands.
    pub(super) fn passages(&self, request: &SendMessage, understood: &Understood) -> Vec<Passage> {
        understood.unsure_lang().map_or_else(Vec::new, |lang| {
            self.search.passages(&request.text, lang, PASSAGES_MAX)
        })
    }

    /// `None` without a language model, and where there is no evidence for it.
    pub(super) fn plan(&self, request: &SendMessage, passages: Vec<Passage>) -> Option<Plan> {
        let passages = self.llm.as_ref()?.evidence(passages);
        (!passages.is_empty()).then(|| Plan {
            text: request.text.clone(),
            address: request.address,
            passages,
        })
    }

    /// Asks the language model about the message of `turn`.
    pub(super) fn answer_later(
        &self,
        session: SessionId,
        turn: &Turn,
        plan: Plan,
        held: Held,
    ) -> Later {
        let waiting = Waiting {
            session,
            conversation_id: turn.conversation_id,
            message_id: turn.message.id,
            seq: turn.message.seq,
            lang: turn.lang,
            plan,
            asked: Asked {
                at_ms: turn.message.created_at_ms,
                intent: turn.message.intent.clone(),
                missed: held.missed,
            },
            held,
        };
        // A task of its own: a client that goes away must not leave its message without an answer.
        let chat = self.clone();
        Later(tokio::spawn(
            async move { chat.answer_waiting(waiting).await },
        ))
    }

    async fn answer_waiting(&self, mut waiting: Waiting) -> Option<StoredMessage> {
        let (conversation_id, message_id, seq) =
            (waiting.conversation_id, waiting.message_id, waiting.seq);
        let mut answering = self.ask(&mut waiting).await;
        let answer = match &mut answering {
            Some(answering) => self.listen(answering, &waiting).await,
            None => None,
        };
        let is_models = answer.is_some();
        let (reply, asked) = (answer.unwrap_or(waiting.held.reply), waiting.asked);
        let spent = answering.as_ref().map(Answering::pay);
        let stored = self.store.write(move |tx| {
            let now_ms = now_ms();
            if let Some(spent) = &spent {
                llm::save_spent(tx, spent, now_ms)?;
            }
            let state = store::state_by_id(tx, conversation_id)?;
            match state.filter(|state| is_unanswered(state, seq)) {
                Some(mut state) => {
                    if is_models {
                        let mut memory = Memory::from_json(state.memory.as_deref());
                        memory.forget_choice();
                        state.memory = memory.to_json();
                    }
                    let memory = state.memory.clone();
                    let bot = HandledBy::Bot;
                    let stored = save(
                        tx,
                        &state,
                        message_id,
                        reply,
                        bot,
                        memory.as_deref(),
                        now_ms,
                    )?;
                    counted::answered_late(tx, &state, asked, is_models, now_ms)?;
                    Ok::<_, ChatError>(Some(stored))
                }
                None => Ok(None),
            }
        });
        let reply = match stored.await {
            Ok(reply) => reply?,
            Err(error) => {
                tracing::error!(%error, "an answer could not be stored");
                return None;
            }
        };
        let speaker = Speaker::new(HandledBy::Bot, None);
        self.live
            .reply(conversation_id, &waiting.session, &reply, speaker)
            .await;
        self.announce(conversation_id).await;
        Some(reply)
    }

    /// Begins to ask; `None` when it may not be asked now, or the conversation cannot be read.
    async fn ask(&self, waiting: &mut Waiting) -> Option<Answering> {
        let llm = self.llm.as_ref()?;
        let (id, since) = (waiting.conversation_id, waiting.seq - 1 - EARLIER_MAX);
        // A weak id may be in many hands: what was said under it is nobody's context.
        let earlier = if waiting.session.is_weak() {
            Vec::new()
        } else {
            let read = self
                .store
                .read(move |tx| store::messages_since(tx, id, since.max(0), EARLIER_MAX));
            let mut earlier = read.await.ok()?;
            earlier.retain(|message| message.seq < waiting.seq);
            earlier
        };
        let knowledge = self.knowledge.snapshot();
        let question = llm::Question {
            visitor: waiting.plan.address,
            lang: waiting.lang,
            text: std::mem::take(&mut waiting.plan.text),
            turns: turns(&earlier),
            names: waiting.held.name.take().into_iter().collect(),
            quotes: estimates(earlier),
            passages: std::mem::take(&mut waiting.plan.passages),
        };
        llm.ask(question, &knowledge.context(now_ms()))
    }

    /// Shows the answer as it comes; `None` when there is none, or nobody wants it any more.
    async fn listen(&self, answering: &mut Answering, waiting: &Waiting) -> Option<NewMessage> {
        let knowledge = self.knowledge.snapshot();
        let mut message = NewMessage::new(Sender::Bot, String::new(), waiting.lang);
        message.intent = Some(MODEL_INTENT.to_owned());
        message.extras.quick_replies = vec![rules::human_button(&knowledge, waiting.lang)];
        if waiting.seq == 1 {
            rules::introduce(&mut message, &knowledge, waiting.lang);
        }
        let mut introduction = message.body.clone();
        loop {
            match answering.next().await {
                Step::Sentence(sentence) => {
                    if !self.is_waited_for(waiting).await {
                        return None;
                    }
                    let delta = std::mem::take(&mut introduction) + &sentence;
                    let session = &waiting.session;
                    self.live
                        .reply_delta(waiting.conversation_id, session, waiting.message_id, &delta)
                        .await;
                }
                Step::End(answer) => {
                    let answer = answer?;
                    message.body.push_str(&answer.text);
                    message.extras.sources = answer.sources;
                    return Some(message);
                }
            }
        }
    }

    /// Nothing was said since the message, and the assistant still has the conversation.
    async fn is_waited_for(&self, waiting: &Waiting) -> bool {
        let (id, seq) = (waiting.conversation_id, waiting.seq);
        let read = self.store.read(move |tx| store::state_by_id(tx, id));
        read.await
            .ok()
            .flatten()
            .is_some_and(|state| is_unanswered(&state, seq))
    }
}

/// What was said before, as a model reads it.
fn turns(earlier: &[StoredMessage]) -> Vec<Said> {
    let said = earlier.iter().filter_map(|message| {
        let by = match message.sender {
            Sender::User => llm::Speaker::Visitor,
            Sender::Bot | Sender::Agent => llm::Speaker::Company,
            Sender::System => return None,
        };
        Some(Said {
            by,
            text: message.body.clone(),
        })
    });
    let said: Vec<Said> = said.collect();
    said[said.len().saturating_sub(TURNS_MAX)..].to_vec()
}

/// The texts of estimates, which may be repeated: their prices are of the price list.
fn estimates(earlier: Vec<StoredMessage>) -> Vec<String> {
    earlier
        .into_iter()
        .filter(|message| {
            message.sender == Sender::Bot && says_estimate(&message.extras.quick_replies)
        })
        .map(|message| message.body)
        .collect()
}

fn is_unanswered(state: &ConversationState, seq: i64) -> bool {
    state.is_open && state.handled_by == HandledBy::Bot && state.last_seq == seq
}

/// Whether `message` still waits for an answer of the assistant.
pub(super) fn waits_for(state: &ConversationState, message: &StoredMessage) -> bool {
    is_unanswered(state, message.seq)
}

/// Stores the assistant's own answer to a message that was left without one.
pub(super) fn make_up(
    tx: &mut dyn Tx,
    state: &ConversationState,
    message: StoredMessage,
    answer: Answer,
    now_ms: i64,
) -> Result<Turn, ChatError> {
    let (memory, handled_by) = (answer.memory.as_deref(), answer.handled_by);
    if answer.reply.is_some() {
        let asked = Asked {
            at_ms: message.created_at_ms,
            intent: message.intent.clone(),
            missed: counted::missed_as(answer.lesson.as_ref()).unwrap_or(Outcome::Answered),
        };
        counted::answered_late(tx, state, asked, false, now_ms)?;
    }
    if handled_by == HandledBy::Queue {
        counted::handed_off(tx, state.id, Some(state), state.lang, now_ms)?;
    }
    let reply = answer
        .reply
        .map(|reply| save(tx, state, message.id, reply, handled_by, memory, now_ms))
        .transpose()?;
    Ok(Turn {
        conversation_id: state.id,
        message,
        reply,
        handled_by,
        agent_name: None,
        lang: state.lang,
        lead: answer.lead,
        booking: answer.booking,
        is_repeat: false,
        held: None,
    })
}

fn save(
    tx: &mut dyn Tx,
    state: &ConversationState,
    message_id: i64,
    mut reply: NewMessage,
    handled_by: HandledBy,
    memory: Option<&str>,
    now_ms: i64,
) -> Result<StoredMessage, ChatError> {
    reply.extras.in_reply_to = Some(message_id);
    let seq = state.last_seq + 1;
    let progress = Progress {
        handled_by,
        agent_id: None,
        lang: state.lang,
        last_seq: seq,
        last: &reply,
        is_open: true,
        memory,
    };
    store::update_conversation(tx, state.id, &progress, now_ms)?;
    hooks::tell(tx, state.id, Some(state), handled_by, true, now_ms)?;
    Ok(store::insert_message(tx, state.id, seq, reply, now_ms)?)
}
