//! One visitor's message from the question to its answer, in one transaction.

use std::sync::Arc;

use super::counted::{self, Counted};
use super::dialogue::{self, Heard, Memory, Scene, Tap, Wish};
use super::late;
use super::missed::{self, Cause, Lesson};
use super::model::{HandledBy, NewMessage, Sender, StoredMessage};
use super::rules::{self, Meaning, Situation};
use super::service::SendMessage;
use super::session::SessionId;
use super::store::{self, ConversationState, Progress};
use super::{ChatError, hooks, privacy};
use crate::analytics::Outcome;
use crate::analytics::sentiment;
use crate::bookings::{Booking, Bookings};
use crate::experiments::Running;
use crate::knowledge::{Snapshot, Source};
use crate::leads;
use crate::nlu::entities::{Context, Entities, extract};
use crate::nlu::{Lang, Nlu, OUT_OF_SCOPE, Understanding, Zone, zone};
use crate::platform::db::Tx;
use crate::platform::secrets::Secrets;
use crate::qualification::Quiz;
use crate::quotes::Quotes;

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
    /// The contact that was left with it.
    pub(super) lead: Option<leads::Saved>,
    /// The visit that was booked with it.
    pub(super) booking: Option<Booking>,
    /// The message had been stored before; nothing is new.
    pub is_repeat: bool,
    /// What is answered when a language model has no answer, not stored yet.
    pub(super) held: Option<Box<Held>>,
}

/// An answer that waits until a language model was asked.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) reply: NewMessage,
    /// The visitor's name, as far as it is known.
    pub(super) name: Option<String>,
    /// How the assistant itself fared.
    pub(super) missed: Outcome,
}

/// What a turn is taken in.
pub(super) struct World {
    pub(super) knowledge: Arc<Snapshot>,
    pub(super) quiz: Quiz,
    pub(super) quotes: Quotes,
    pub(super) bookings: Bookings,
    /// The server's keys, for the tombstone of what is erased.
    pub(super) secrets: Secrets,
    /// What is tried out.
    pub(super) experiments: Running,
    /// Milliseconds UTC.
    pub(super) now_ms: i64,
    /// Documents that seem to speak to a message that is not understood.
    pub(super) found: Vec<Source>,
    /// A language model may be asked about this message, if it is not understood.
    pub(super) can_ask: bool,
    /// Mood of the message's words, -1 to 1.
    pub(super) sentiment: Option<f64>,
}

/// A message before its conversation's language is known. Made outside the transaction, which others wait for.
pub(super) enum Understood {
    /// A tapped button.
    Button(Meaning),
    /// Words, and the data in them when read in the language they seem to have.
    Words(Box<Understanding>, Lang, Box<Entities>),
}

impl Understood {
    /// Understands the text of a message.
    pub(super) fn of(request: &SendMessage, nlu: &Nlu, world: &World) -> Self {
        if request.text.is_empty() {
            return Self::Button(Meaning::Picture);
        }
        if let Some(meaning) = rules::button_meaning(&request.text, &world.knowledge) {
            return Self::Button(meaning);
        }
        if let Some(tap) = Tap::parse(&request.text, &world.quiz) {
            return Self::Button(Meaning::Tapped(tap));
        }
        let understanding = nlu.understand(&request.text);
        let prior = request.lang.or(request.hint);
        let lang = request.lang.unwrap_or(understanding.pick(prior).0);
        let found = extract(&request.text, lang, &world.knowledge.context(world.now_ms));
        Self::Words(Box::new(understanding), lang, Box::new(found))
    }

    /// Mood of the words, -1 to 1; buttons and pictures have none.
    pub(super) fn mood(&self, text: &str) -> Option<f64> {
        match self {
            Self::Button(_) => None,
            Self::Words(_, lang, _) => Some(sentiment::score(text, *lang)),
        }
    }

    /// The language the words seem to have, when it is not sure what they are about; `None` for all others.
    pub(super) fn unsure_lang(&self) -> Option<Lang> {
        let Self::Words(understanding, lang, found) = self else {
            return None;
        };
        let (_, best) = understanding.pick(Some(*lang));
        let is_sure = zone(best) == Zone::Answer && &*best.intent != OUT_OF_SCOPE;
        (!is_sure && !dialogue::may_ask_price(&best.intent, found)).then_some(*lang)
    }

    /// The language of the turn, what the message means in it, and the data in it.
    fn settle(
        self,
        request: &SendMessage,
        prior: Option<Lang>,
        context: &Context<'_>,
    ) -> (Lang, Meaning, Entities) {
        let prior = request.lang.or(prior);
        match self {
            Self::Button(meaning) => (prior.unwrap_or(Lang::Pl), meaning, Entities::default()),
            Self::Words(understanding, supposed, found) => {
                let (lang, best) = understanding.pick(prior);
                let meaning = Meaning::Understood(best.clone());
                // A name, a number or a town says nothing about the language of who writes it.
                let kept = prior.filter(|_| found.is_all_of(&request.text));
                let lang = request.lang.or(kept).unwrap_or(lang);
                if lang == supposed {
                    (lang, meaning, *found)
                } else {
                    (lang, meaning, extract(&request.text, lang, context))
                }
            }
        }
    }
}

/// What is said to a message, and what stays of it.
pub(super) struct Answer {
    pub(super) reply: Option<NewMessage>,
    pub(super) handled_by: HandledBy,
    pub(super) memory: Option<String>,
    pub(super) lead: Option<leads::Saved>,
    pub(super) booking: Option<Booking>,
    pub(super) lesson: Option<Lesson>,
    held: Option<Box<Held>>,
    /// The conversation is gone, so nothing of this turn may be stored.
    is_erased: bool,
}

/// Stores a message and what is answered to it.
pub(super) fn take(
    tx: &mut dyn Tx,
    request: &SendMessage,
    understood: Understood,
    world: &World,
) -> Result<Turn, ChatError> {
    let now_ms = world.now_ms;
    let state = store::state(tx, request.session.as_str())?;
    let mut unanswered = None;
    if let (Some(state), Some(client_id)) = (&state, &request.client_id)
        && let Some(message) = store::message_by_client_id(tx, state.id, client_id, Sender::User)?
    {
        if !late::waits_for(state, &message) {
            return repeat(tx, state, message);
        }
        unanswered = Some(message);
    }
    // A weak id may be in many hands, so its conversation's language is nobody's memory.
    let known = state.as_ref().filter(|_| !request.session.is_weak());
    let prior = known.map(|state| state.lang).or(request.hint);
    let context = world.knowledge.context(now_ms);
    let (lang, meaning, found) = understood.settle(request, prior, &context);
    let lang = world.knowledge.offered().nearest(lang, prior);
    let message = visitors_message(request, &meaning, world, lang);
    let (session, running) = (&request.session, &world.experiments);
    if state.is_none() {
        running.first_message(tx, session, lang, request.was_greeted, now_ms)?;
    }

    // Writing into a closed conversation opens it again, with the assistant.
    let owner = state
        .as_ref()
        .filter(|state| state.is_open)
        .map_or(HandledBy::Bot, |state| state.handled_by);
    let answer = if owner == HandledBy::Bot {
        let scene = Scene {
            knowledge: &world.knowledge,
            quiz: &world.quiz,
            situation: Situation {
                lang,
                is_first: state
                    .as_ref()
                    .is_none_or(|state| state.last_seq == i64::from(unanswered.is_some())),
                can_hand_off: !request.session.is_weak(),
                now_ms,
                found: &world.found,
            },
            session_id: request.session.as_str(),
            last_at_ms: known.map(|state| state.updated_at_ms),
            call_to_action: running.call_to_action(session, lang, &world.knowledge),
            entities: context,
        };
        let memory = Memory::from_json(known.and_then(|state| state.memory.as_deref()));
        let heard = Heard::new(&request.text, meaning, found, &scene);
        let outcome = dialogue::step(memory, &heard, &scene);
        let can_ask = world.can_ask && unanswered.is_none();
        carry_out(tx, outcome, can_ask, &scene, &request.session, world)?
    } else {
        let last_sender = state
            .as_ref()
            .map_or(Sender::User, |state| state.last_sender);
        Answer {
            reply: rules::answer_while_waiting(owner, last_sender, &world.knowledge, lang),
            handled_by: owner,
            memory: state.as_ref().and_then(|state| state.memory.clone()),
            lead: None,
            booking: None,
            lesson: None,
            held: None,
            is_erased: false,
        }
    };
    if answer.is_erased {
        return Ok(passing(state.as_ref(), lang, message, answer, now_ms));
    }
    if let (Some(message), Some(state)) = (unanswered, &state) {
        return late::make_up(tx, state, message, answer, now_ms);
    }
    count(tx, owner, &answer, request, world)?;
    // A visitor's message never gives the conversation to a person, so who had it before still has it.
    let agent_name = match &state {
        Some(state) if answer.handled_by == HandledBy::Human => store::agent_name(tx, state)?,
        _ => None,
    };
    let turn = save(
        tx,
        state.as_ref(),
        &request.session,
        lang,
        message,
        answer,
        world,
    )?;
    Ok(Turn { agent_name, ..turn })
}

/// Tells what is tried out how the assistant fared.
///
/// * `owner`: who had the conversation when the message came.
fn count(
    tx: &mut dyn Tx,
    owner: HandledBy,
    answer: &Answer,
    request: &SendMessage,
    world: &World,
) -> Result<(), ChatError> {
    let (session, running) = (&request.session, &world.experiments);
    if owner == HandledBy::Bot && answer.handled_by != HandledBy::Bot {
        running.handed_off(tx, session, world.now_ms)?;
    }
    if answer.lesson == Some(Lesson::Missed(Cause::Fallback)) {
        running.not_understood(tx, session, world.now_ms)?;
    }
    Ok(())
}

fn visitors_message(
    request: &SendMessage,
    meaning: &Meaning,
    world: &World,
    lang: Lang,
) -> NewMessage {
    let text = rules::shown_text(&request.text, meaning, &world.knowledge, &world.quiz, lang);
    let mut message = NewMessage::new(Sender::User, text, lang);
    if let Meaning::Understood(found) = meaning {
        message.intent = Some(found.intent.to_string());
        message.confidence = Some(found.confidence);
    } else if let Meaning::Asked(intent) = meaning {
        message.intent = Some(intent.clone());
        message.confidence = Some(1.0);
    }
    message.client_id.clone_from(&request.client_id);
    message
        .extras
        .attachments
        .extend(request.attachment.clone());
    message
}

/// Does what the dialogue wishes, and says what came of it.
///
/// * `can_ask`: where a question was missed and nothing is waited for, the answer is held back for a language model.
fn carry_out(
    tx: &mut dyn Tx,
    outcome: dialogue::Outcome,
    can_ask: bool,
    scene: &Scene<'_>,
    session: &SessionId,
    world: &World,
) -> Result<Answer, ChatError> {
    let mut reply = outcome.message;
    let mut memory = outcome.memory;
    let (mut lead, mut booking) = (None, None);
    let is_erased = matches!(outcome.wish, Some(Wish::EraseData));
    match outcome.wish {
        None => {}
        Some(Wish::SaveLead(new)) => {
            let saved = leads::upsert(tx, &new, scene.situation.now_ms)?;
            reply.body = dialogue::saved_text(&saved, scene);
            lead = Some(saved);
        }
        Some(Wish::SaveQuote(new)) => {
            let saved = world.quotes.save(tx, &new, scene.situation.now_ms)?;
            reply.body = dialogue::saved_quote_text(&saved, scene);
        }
        Some(Wish::Book(visit, otherwise)) => {
            let booked = dialogue::book(tx, &world.bookings, *visit, session, scene, &mut reply)?;
            match booked {
                Some(booked) => {
                    lead = Some(booked.lead);
                    booking = Some(booked.booking);
                }
                None => memory = *otherwise,
            }
        }
        Some(Wish::EraseData) => {
            let now_ms = scene.situation.now_ms;
            privacy::erase(tx, session.as_str(), &world.secrets, now_ms)?;
        }
    }
    if memory.asks_for_time() {
        dialogue::offer_times(tx, &world.bookings, &mut memory, scene, &mut reply)?;
    }
    if memory.offers_contact() {
        let situation = &scene.situation;
        let running = &world.experiments;
        running.invited(tx, session, situation.lang, situation.now_ms)?;
    }
    let missed = counted::missed_as(outcome.lesson.as_ref());
    let (reply, held) = match missed.filter(|_| can_ask && !memory.is_asking()) {
        Some(missed) => {
            let name = memory.name().map(str::to_owned);
            let held = Held {
                reply,
                name,
                missed,
            };
            (None, Some(Box::new(held)))
        }
        None => (Some(reply), None),
    };
    let memory = memory.to_json();
    Ok(Answer {
        reply,
        held,
        handled_by: outcome.handled_by,
        memory: memory.filter(|_| scene.situation.can_hand_off),
        lead,
        booking,
        lesson: outcome.lesson,
        is_erased,
    })
}

/// A turn of which nothing is stored: it only goes to whoever asked for the erasure, numbered as if it stood at the end of
/// the conversation that is gone.
fn passing(
    state: Option<&ConversationState>,
    lang: Lang,
    message: NewMessage,
    answer: Answer,
    now_ms: i64,
) -> Turn {
    let last_seq = state.map_or(0, |state| state.last_seq);
    let reply = answer.reply;
    Turn {
        conversation_id: state.map_or(0, |state| state.id),
        message: message.passing(last_seq + 1, now_ms),
        reply: reply.map(|reply| reply.passing(last_seq + 2, now_ms)),
        handled_by: answer.handled_by,
        agent_name: None,
        lang,
        lead: None,
        booking: None,
        is_repeat: false,
        held: None,
    }
}

fn save(
    tx: &mut dyn Tx,
    state: Option<&ConversationState>,
    session: &SessionId,
    lang: Lang,
    message: NewMessage,
    answer: Answer,
    world: &World,
) -> Result<Turn, ChatError> {
    let now_ms = world.now_ms;
    let (reply, handled_by) = (answer.reply, answer.handled_by);
    let seq = state.map_or(0, |state| state.last_seq) + 1;
    let progress = Progress {
        handled_by,
        agent_id: None,
        lang,
        last_seq: seq + i64::from(reply.is_some()),
        last: reply.as_ref().unwrap_or(&message),
        is_open: true,
        memory: answer.memory.as_deref(),
    };
    let conversation_id = match state {
        Some(state) if state.is_open && state.handled_by == handled_by => {
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
    hooks::tell(tx, conversation_id, state, handled_by, true, now_ms)?;
    let message = store::insert_message(tx, conversation_id, seq, message, now_ms)?;
    if let Some(lesson) = &answer.lesson {
        missed::note(tx, conversation_id, &message, lesson, now_ms)?;
    }
    let reply = reply
        .map(|reply| store::insert_message(tx, conversation_id, seq + 1, reply, now_ms))
        .transpose()?;
    let counted = Counted {
        before: state,
        message: &message,
        reply: reply.as_ref(),
        lesson: answer.lesson.as_ref(),
        handled_by,
        sentiment: world.sentiment,
    };
    counted::turn(tx, conversation_id, &counted, now_ms)?;
    Ok(Turn {
        conversation_id,
        message,
        reply,
        handled_by,
        agent_name: None,
        lang,
        lead: answer.lead,
        booking: answer.booking,
        is_repeat: false,
        held: answer.held,
    })
}

/// The first outcome of a message that is sent again.
fn repeat(
    tx: &mut dyn Tx,
    state: &ConversationState,
    message: StoredMessage,
) -> Result<Turn, ChatError> {
    let next = store::messages_since(tx, state.id, message.seq, 1)?;
    // Only what was stored in the same transaction, or says so, answers this message.
    let reply = next.into_iter().find(|next| {
        matches!(next.sender, Sender::Bot | Sender::System)
            && (next.created_at_ms == message.created_at_ms
                || next.extras.in_reply_to == Some(message.id))
    });
    Ok(Turn {
        conversation_id: state.id,
        message,
        reply,
        handled_by: state.handled_by,
        agent_name: store::agent_name(tx, state)?,
        lang: state.lang,
        lead: None,
        booking: None,
        is_repeat: true,
        held: None,
    })
}
