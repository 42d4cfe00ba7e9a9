//! What the assistant answers: pure decisions over what was understood and what is known.

use super::dialogue::Tap;
use super::missed::Cause;
use super::model::{Extras, HandledBy, NewMessage, Sender};
use crate::knowledge::{QuickReply, Snapshot, Source, SystemText};
use crate::nlu::{Classification, Lang, OUT_OF_SCOPE, Zone, zone};
use crate::qualification::Quiz;

/// Payload of the button "none of these".
const NONE_OF_THESE: &str = "say:none_of_these";
/// Intents whose own words already say that an assistant speaks.
const SAYS_WHO_IT_IS: [&str; 1] = ["bot_identity"];
/// Most buttons under an answer.
const BUTTONS_MAX: usize = 3;

/// What a message is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    /// A tapped button that names an intent.
    Asked(String),
    /// The tapped button "none of these".
    NoneOfThese,
    /// A tapped button of the dialogue.
    Tapped(Tap),
    /// A picture without words.
    Picture,
    /// Words, as the classifier understood them.
    Understood(Classification),
}

/// The state of the conversation an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Situation<'w> {
    /// The language to answer in.
    pub(super) lang: Lang,
    /// Nothing was said before.
    pub(super) is_first: bool,
    /// A person can be called: the visitor can read the answer later.
    pub(super) can_hand_off: bool,
    /// Milliseconds UTC.
    pub(super) now_ms: i64,
    /// Documents that seem to speak to what was asked; looked for where nothing else is sure.
    pub(super) found: &'w [Source],
}

/// The assistant's answer and who speaks next.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) message: NewMessage,
    pub(super) handled_by: HandledBy,
    /// Why words were not answered; `None` when they were, and for buttons.
    pub(super) miss: Option<Cause>,
}

/// Reads the payload of a tapped button; `None` for words.
pub(super) fn button_meaning(text: &str, knowledge: &Snapshot) -> Option<Meaning> {
    if text == NONE_OF_THESE {
        return Some(Meaning::NoneOfThese);
    }
    let intent = text.strip_prefix("intent:")?;
    knowledge
        .intent(intent)
        .map(|_| Meaning::Asked(intent.to_owned()))
}

/// What the visitor's message says in the history: of a tapped button its title, else the words.
pub(super) fn shown_text(
    text: &str,
    meaning: &Meaning,
    knowledge: &Snapshot,
    quiz: &Quiz,
    lang: Lang,
) -> String {
    match meaning {
        Meaning::Asked(intent) => knowledge
            .intent(intent)
            .map_or_else(|| text.to_owned(), |known| known.titles.get(lang).clone()),
        Meaning::NoneOfThese => knowledge.sentence(SystemText::NoneOfThese, lang).to_owned(),
        Meaning::Tapped(tap) => tap.title(knowledge, quiz, lang),
        Meaning::Understood(_) | Meaning::Picture => text.to_owned(),
    }
}

/// The answer to a message while the assistant owns the conversation.
pub(super) fn answer(meaning: &Meaning, knowledge: &Snapshot, situation: Situation<'_>) -> Reply {
    let mut reply = match meaning {
        Meaning::Asked(intent) => answer_intent(intent, 1.0, knowledge, situation),
        Meaning::NoneOfThese | Meaning::Tapped(_) => fallback(0.0, knowledge, situation),
        Meaning::Picture => picture_received(knowledge, situation.lang),
        Meaning::Understood(found) => match zone(found) {
            Zone::Answer => answer_intent(&found.intent, found.confidence, knowledge, situation),
            Zone::DidYouMean => did_you_mean(found, knowledge, situation),
            Zone::Fallback => fallback(found.confidence, knowledge, situation),
        },
    };
    if !matches!(meaning, Meaning::Understood(_)) {
        reply.miss = None;
    }
    if situation.is_first {
        introduce(&mut reply.message, knowledge, situation.lang);
    }
    reply
}

/// What is said when a visitor writes while a person owns the conversation: once, that it was passed on to the
/// queue; to a person, nothing.
pub(super) fn answer_while_waiting(
    handled_by: HandledBy,
    last_sender: Sender,
    knowledge: &Snapshot,
    lang: Lang,
) -> Option<NewMessage> {
    let is_told = last_sender == Sender::User || last_sender == Sender::System;
    (handled_by == HandledBy::Queue && !is_told).then(|| {
        let text = knowledge.sentence(SystemText::HandoffWaiting, lang);
        NewMessage::new(Sender::System, text.to_owned(), lang)
    })
}

/// The sentence said when the conversation goes to the team.
pub(super) fn handoff_text(knowledge: &Snapshot, lang: Lang, now_ms: i64) -> String {
    let text = if knowledge.opening(now_ms).is_open {
        SystemText::HandoffOpen
    } else {
        SystemText::HandoffClosed
    };
    knowledge.sentence_at(text, lang, now_ms)
}

fn answer_intent(
    name: &str,
    confidence: f32,
    knowledge: &Snapshot,
    situation: Situation<'_>,
) -> Reply {
    let lang = situation.lang;
    if name == "human_handoff" && situation.can_hand_off {
        let text = handoff_text(knowledge, lang, situation.now_ms);
        return reply(text, lang, Some(name), confidence, HandledBy::Queue);
    }
    let Some(intent) = knowledge.intent(name) else {
        return fallback(confidence, knowledge, situation);
    };
    let text = intent.answers.get(lang).clone();
    let mut reply = reply(text, lang, Some(name), confidence, HandledBy::Bot);
    reply.message.extras = Extras {
        quick_replies: intent
            .follow_ups
            .iter()
            .filter_map(|next| knowledge.button(next, lang))
            .take(BUTTONS_MAX)
            .collect(),
        sources: intent.sources.get(lang).clone(),
        ..Extras::default()
    };
    reply
}

/// Offers the two nearest intents.
fn did_you_mean(found: &Classification, knowledge: &Snapshot, situation: Situation<'_>) -> Reply {
    let lang = situation.lang;
    let names = std::iter::once(&*found.intent)
        .chain(found.alternatives.iter().map(|other| &*other.intent))
        .filter(|name| *name != OUT_OF_SCOPE);
    let mut buttons: Vec<QuickReply> = names
        .filter_map(|name| knowledge.button(name, lang))
        .take(2)
        .collect();
    if buttons.is_empty() {
        return fallback(found.confidence, knowledge, situation);
    }
    buttons.push(QuickReply {
        title: knowledge.sentence(SystemText::NoneOfThese, lang).to_owned(),
        payload: NONE_OF_THESE.to_owned(),
    });
    let text = knowledge.sentence(SystemText::DidYouMean, lang).to_owned();
    let mut reply = reply(text, lang, None, found.confidence, HandledBy::Bot);
    reply.message.extras.quick_replies = buttons;
    reply.message.extras.sources = situation.found.to_vec();
    reply.miss = Some(Cause::Unsure);
    reply
}

/// Says honestly that the question was not understood, with what was found about it, if anything, and a way to a person.
fn fallback(confidence: f32, knowledge: &Snapshot, situation: Situation<'_>) -> Reply {
    let lang = situation.lang;
    let text = if situation.found.is_empty() {
        SystemText::Fallback
    } else {
        SystemText::FallbackFound
    };
    let text = knowledge.sentence(text, lang).to_owned();
    let mut reply = reply(text, lang, Some(OUT_OF_SCOPE), confidence, HandledBy::Bot);
    reply.message.extras.sources = situation.found.to_vec();
    reply.message.extras.quick_replies = vec![human_button(knowledge, lang)];
    reply
        .message
        .extras
        .quick_replies
        .extend(knowledge.button("help", lang));
    reply.miss = Some(Cause::Fallback);
    reply
}

/// A program cannot see what is on a picture, and says so.
fn picture_received(knowledge: &Snapshot, lang: Lang) -> Reply {
    let text = knowledge
        .sentence(SystemText::PictureReceived, lang)
        .to_owned();
    let mut reply = reply(text, lang, None, 1.0, HandledBy::Bot);
    reply.message.extras.quick_replies = vec![human_button(knowledge, lang)];
    reply
}

/// The way to a person.
pub(super) fn human_button(knowledge: &Snapshot, lang: Lang) -> QuickReply {
    QuickReply {
        title: knowledge.sentence(SystemText::TalkToHuman, lang).to_owned(),
        payload: "intent:human_handoff".to_owned(),
    }
}

/// The first answer of a conversation says that an automatic assistant speaks.
pub(super) fn introduce(message: &mut NewMessage, knowledge: &Snapshot, lang: Lang) {
    let intent = message.intent.as_deref().unwrap_or_default();
    if SAYS_WHO_IT_IS.contains(&intent) {
        return;
    }
    // The greeting shown before a conversation says who speaks and greets, in that order.
    message.body = if intent == "greeting" {
        knowledge.sentence(SystemText::Greeting, lang).to_owned()
    } else {
        let who = knowledge.sentence(SystemText::Disclosure, lang);
        format!("{who}\n\n{}", message.body)
    };
}

fn reply(
    text: String,
    lang: Lang,
    intent: Option<&str>,
    confidence: f32,
    handled_by: HandledBy,
) -> Reply {
    let mut message = NewMessage::new(Sender::Bot, text, lang);
    message.intent = intent.map(str::to_owned);
    message.confidence = Some(confidence);
    Reply {
        message,
        handled_by,
        miss: None,
    }
}
