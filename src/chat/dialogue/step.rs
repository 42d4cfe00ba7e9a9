//! What one message does to the dialogue.

use super::cues::Cue;
use super::memory::{GoalKind, Learned, Memory};
use super::question::{Manner, Question, Reading};
use super::tap::Tap;
use super::{Heard, Outcome, Scene, Wish, consultation, lead, own_data, qualification, quote, say};
use crate::chat::missed::{Cause, Lesson};
use crate::chat::model::{HandledBy, NewMessage, Sender};
use crate::chat::rules::{self, Meaning};
use crate::knowledge::{QuickReply, SystemText, fill};
use crate::nlu::Zone;
use crate::nlu::entities::Entities;

/// Most often a question is put: once, once after a reply that was not understood, once after a question in between.
const TIMES_ASKED_MAX: u8 = 3;
/// Silence after which a greeting is one of somebody who comes back: half an hour.
const RETURN_AFTER_MS: i64 = 30 * 60 * 1000;
/// Most buttons under a message that offers goals beside an answer.
const BUTTONS_MAX: usize = 4;

/// What a goal does next.
pub(super) enum Next {
    /// It needs to know something.
    Ask(Question),
    /// It is reached: what is said, and what is to be done.
    Done(Box<Said>),
}

/// What is said, before it becomes a message.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) buttons: Vec<QuickReply>,
    pub(super) wish: Option<Wish>,
    /// What is asked after it, without insisting.
    pub(super) offer: Option<Question>,
}

/// Answers a message while the assistant owns the conversation.
pub(in crate::chat) fn step(mut memory: Memory, heard: &Heard<'_>, scene: &Scene<'_>) -> Outcome {
    let choice = std::mem::take(&mut memory.is_unsure)
        .then(|| choice(&heard.meaning))
        .flatten();
    let mut outcome = respond(memory, heard, scene);
    outcome.memory.is_unsure = matches!(outcome.lesson, Some(Lesson::Missed(Cause::Unsure)));
    outcome.lesson = outcome.lesson.or(choice);
    outcome
}

/// What a message after "did you mean" tells of the question before.
fn choice(meaning: &Meaning) -> Option<Lesson> {
    match meaning {
        Meaning::Asked(intent) => Some(Lesson::Meant(intent.clone())),
        Meaning::NoneOfThese => Some(Lesson::NoneFits),
        Meaning::Tapped(_) | Meaning::Understood(_) | Meaning::Picture => None,
    }
}

fn respond(mut memory: Memory, heard: &Heard<'_>, scene: &Scene<'_>) -> Outcome {
    if heard.meaning == Meaning::Picture {
        // What was asked before is still asked: a picture answers nothing that a program could read.
        let reply = rules::answer(&heard.meaning, scene.knowledge, scene.situation);
        return Outcome {
            message: reply.message,
            handled_by: reply.handled_by,
            memory,
            wish: None,
            lesson: None,
        };
    }
    if heard.cue == Some(Cue::Forget) {
        return say_text(Memory::default(), SystemText::Forgotten, Vec::new(), scene);
    }
    if is_late(scene) {
        // An open question of the day before is not what a visitor comes back for.
        memory.drop_goal();
    }
    let learned = memory.known.learn(&heard.found);
    if let Some(Tap::Package(package)) = heard.tap() {
        memory.known.package = Some(package.clone());
    }
    if heard.sure_intent() == Some("human_handoff") {
        return hand_off(memory, heard, scene);
    }
    if let Some(outcome) = own_data::tapped(heard.tap(), &memory, scene) {
        return outcome;
    }
    if let Some(question) = memory.asking.take() {
        match reply(question, memory, heard, learned, scene) {
            Replied::Outcome(outcome) => return *outcome,
            Replied::NotAnswered(back) => memory = *back,
        }
    }
    if let Some(goal) = goal_of(heard, learned, &memory, scene) {
        memory.pursue(goal);
        if goal == GoalKind::Consultation {
            // The day may be named with the wish.
            consultation::read_time(heard, &mut memory);
        }
        let says_enough = heard.found.area_m2.is_some() || heard.sure_intent() == Some("price");
        if says_enough || memory.has_quote || !scene.situation.can_hand_off {
            // Whoever asks for the price of a place whose size is known gets it at once, over all packages if none was
            // named.
            memory.skipped.push(Question::Package);
        }
        return proceed(memory, scene, heard);
    }
    answer(memory, heard, learned, scene)
}

enum Replied {
    Outcome(Box<Outcome>),
    /// It was about something else, and the question is dropped.
    NotAnswered(Box<Memory>),
}

/// A message that came after a question.
fn reply(
    question: Question,
    mut memory: Memory,
    heard: &Heard<'_>,
    learned: Learned,
    scene: &Scene<'_>,
) -> Replied {
    let done = |outcome| Replied::Outcome(Box::new(outcome));
    match question.read(heard, &mut memory, scene) {
        Reading::Given if question == Question::OfferContact => {
            memory.pursue(GoalKind::Lead);
            return done(proceed(memory, scene, heard));
        }
        Reading::Given if question == Question::Consent => {
            return done(match memory.goal {
                Some(GoalKind::Consultation) => consultation::consented(memory, scene),
                _ => lead::consented(memory, scene),
            });
        }
        Reading::Given if question == Question::EraseData => return done(own_data::erase(scene)),
        Reading::Given => return done(proceed(memory, scene, heard)),
        Reading::Refused | Reading::DontKnow if question == Question::EraseData => {
            return done(own_data::keep(memory, scene));
        }
        Reading::Refused if question == Question::Consent => {
            memory.known.forget_person();
            memory.drop_goal();
            return done(say_text(
                memory,
                SystemText::ConsentRefused,
                Vec::new(),
                scene,
            ));
        }
        Reading::DontKnow if question.insists() => {
            memory.skipped.push(question);
            return done(proceed(memory, scene, heard));
        }
        Reading::Refused | Reading::DontKnow => {
            memory.drop_goal();
            return done(say_text(memory, SystemText::GoalDropped, Vec::new(), scene));
        }
        Reading::Unclear => {}
    }
    if !question.insists() {
        return Replied::NotAnswered(Box::new(memory));
    }
    if goal_of(heard, Learned::default(), &memory, scene)
        .is_some_and(|goal| Some(goal) != memory.goal)
    {
        return Replied::NotAnswered(Box::new(memory));
    }
    if learned.anything() && heard.sure_intent().is_none() {
        // The reply told something else that was needed anyway.
        memory.asking = Some(question);
        return done(proceed(memory, scene, heard));
    }
    if memory.times_asked >= TIMES_ASKED_MAX {
        memory.drop_goal();
        return Replied::NotAnswered(Box::new(memory));
    }
    if heard
        .sure_intent()
        .is_some_and(|intent| Some(intent) != own_intent(memory.goal))
    {
        return done(digress(question, memory, heard, scene));
    }
    if memory.times_asked > 1 {
        memory.drop_goal();
        let human = vec![say::human_button(scene)];
        return done(say_text(memory, SystemText::GoalDropped, human, scene));
    }
    done(ask(question, Manner::Again, memory, scene))
}

/// The intent that starts a goal: heard again while it is pursued, it asks nothing in between.
fn own_intent(goal: Option<GoalKind>) -> Option<&'static str> {
    match goal? {
        GoalKind::Quote => Some("quote_request"),
        GoalKind::Lead => Some("contact"),
        GoalKind::Consultation => Some("book_consultation"),
        GoalKind::Qualification => Some("package_compare"),
    }
}

/// Answers what was asked in between and comes back to the question.
fn digress(
    question: Question,
    mut memory: Memory,
    heard: &Heard<'_>,
    scene: &Scene<'_>,
) -> Outcome {
    let reply = rules::answer(&heard.meaning, scene.knowledge, scene.situation);
    memory.topic.clone_from(&reply.message.intent);
    memory.asking = Some(question);
    memory.times_asked += 1;
    let mut message = reply.message;
    message.body = format!(
        "{}\n\n{}",
        message.body,
        question.text(Manner::Back, memory.goal, scene)
    );
    message.extras.quick_replies = question.buttons(scene);
    Outcome {
        message,
        handled_by: reply.handled_by,
        memory,
        wish: None,
        lesson: reply.miss.map(Lesson::Missed),
    }
}

/// The goal a message starts.
fn goal_of(
    heard: &Heard<'_>,
    learned: Learned,
    memory: &Memory,
    scene: &Scene<'_>,
) -> Option<GoalKind> {
    if !scene.situation.can_hand_off {
        // Nothing is kept for a weak session: only what one message says whole can be answered.
        return asks_price(heard).then_some(GoalKind::Quote);
    }
    if let Some(Tap::Goal(goal)) = heard.tap() {
        return Some(*goal);
    }
    if heard.tap() == Some(&Tap::SaveQuote) && memory.known.area_m2.is_none() {
        return Some(GoalKind::Quote);
    }
    if asks_price(heard) {
        return Some(GoalKind::Quote);
    }
    match heard.sure_intent() {
        Some("quote_request") => return Some(GoalKind::Quote),
        Some("price") if memory.known.area_m2.is_some() => return Some(GoalKind::Quote),
        Some(intent)
            if is_about_packages(intent) && memory.has_quote && heard.found.package.is_some() =>
        {
            return Some(GoalKind::Quote);
        }
        Some("book_consultation") => return Some(GoalKind::Consultation),
        Some(_) if !learned.of_place => return None,
        _ => {}
    }
    // „nie, 60 metrów” after a price; „a dla 60 metrów?” while prices are the subject.
    let about_price = memory.topic.as_deref().is_some_and(is_about_price);
    let says_nothing_else = heard.sure_intent().is_none();
    if learned.of_place
        && memory.known.area_m2.is_some()
        && says_nothing_else
        && (memory.has_quote || about_price)
    {
        return Some(GoalKind::Quote);
    }
    (learned.of_person && says_nothing_else && lead::is_reachable(&memory.known))
        .then_some(GoalKind::Lead)
}

fn asks_price(heard: &Heard<'_>) -> bool {
    heard
        .likely_intent()
        .is_some_and(|intent| may_ask_price(intent, &heard.found))
}

/// „Ile za dom 120 m² w pakiecie Luxury?” is about the price, though it may seem to be about the package: with a size
/// beside it, the intent need not be sure.
pub(in crate::chat) fn may_ask_price(likely_intent: &str, found: &Entities) -> bool {
    found.area_m2.is_some() && (is_about_price(likely_intent) || is_about_packages(likely_intent))
}

fn is_about_price(intent: &str) -> bool {
    matches!(intent, "price" | "quote_request")
}

fn is_about_packages(intent: &str) -> bool {
    matches!(
        intent,
        "package_standard"
            | "package_premium"
            | "package_luxury"
            | "packages_overview"
            | "extra_costs"
    )
}

/// Takes the next step of the goal.
fn proceed(mut memory: Memory, scene: &Scene<'_>, heard: &Heard<'_>) -> Outcome {
    let next = match memory.goal {
        Some(GoalKind::Quote) => quote::next(&mut memory, scene),
        Some(GoalKind::Lead) => lead::next(&memory, scene),
        Some(GoalKind::Consultation) => consultation::next(&mut memory, scene),
        Some(GoalKind::Qualification) => qualification::next(&mut memory, scene),
        None => return answer(memory, heard, Learned::default(), scene),
    };
    match next {
        Next::Ask(question) => {
            let manner = if memory.asking == Some(question) {
                Manner::Again
            } else {
                memory.times_asked = 0;
                Manner::First
            };
            ask(question, manner, memory, scene)
        }
        Next::Done(said) => {
            memory.drop_goal();
            finish(*said, memory, scene)
        }
    }
}

/// Says what a goal has to say at its end.
pub(super) fn finish(said: Said, mut memory: Memory, scene: &Scene<'_>) -> Outcome {
    let mut text = said.text;
    let mut buttons = said.buttons;
    if let Some(offer) = said.offer.filter(|_| scene.situation.can_hand_off) {
        text = format!(
            "{text}\n\n{}",
            offer.text(Manner::First, memory.goal, scene)
        );
        buttons.extend(offer.buttons(scene));
        memory.asking = Some(offer);
        memory.times_asked = 1;
    }
    buttons.truncate(BUTTONS_MAX);
    outcome(memory, text, buttons, said.wish, scene)
}

pub(super) fn ask(
    question: Question,
    manner: Manner,
    mut memory: Memory,
    scene: &Scene<'_>,
) -> Outcome {
    memory.asking = Some(question);
    memory.times_asked += 1;
    let text = question.text(manner, memory.goal, scene);
    outcome(memory, text, question.buttons(scene), None, scene)
}

/// Calls a person. After hours it also offers to leave a way to be reached.
fn hand_off(mut memory: Memory, heard: &Heard<'_>, scene: &Scene<'_>) -> Outcome {
    memory.drop_goal();
    let reply = rules::answer(&heard.meaning, scene.knowledge, scene.situation);
    memory.topic.clone_from(&reply.message.intent);
    Outcome {
        message: reply.message,
        handled_by: reply.handled_by,
        memory,
        wish: None,
        lesson: reply.miss.map(Lesson::Missed),
    }
}

/// Answers a message that is about no goal.
fn answer(mut memory: Memory, heard: &Heard<'_>, learned: Learned, scene: &Scene<'_>) -> Outcome {
    memory.drop_goal();
    if heard.tap() == Some(&Tap::SaveQuote) {
        return quote::save(memory, scene);
    }
    if heard.sure_intent() == Some("greeting") && has_come_back(&memory, scene) {
        return welcome_back(memory, scene);
    }
    let is_unclear = matches!(&heard.meaning, Meaning::Understood(found) if crate::nlu::zone(found) != Zone::Answer);
    if is_unclear && learned.of_place && scene.situation.can_hand_off {
        let text = say::noted(&memory.known, scene);
        let quote = Tap::Goal(GoalKind::Quote).button(scene);
        return outcome(memory, text, vec![quote], None, scene);
    }
    let reply = rules::answer(&heard.meaning, scene.knowledge, scene.situation);
    let mut message = reply.message;
    if let Some(intent) = &message.intent {
        if let Some(line) = say::in_mind(intent, &memory.known, scene) {
            message.body = format!("{line}\n\n{}", message.body);
        }
        if let Some(goal) = goal_offered(intent).filter(|_| scene.situation.can_hand_off) {
            let button = Tap::Goal(goal).button(scene);
            message.extras.quick_replies.insert(0, button);
            message.extras.quick_replies.truncate(BUTTONS_MAX);
        }
        let own = own_data::buttons(intent, scene);
        message.extras.quick_replies.splice(0..0, own);
        message.extras.quick_replies.truncate(BUTTONS_MAX);
        memory.topic = Some(intent.clone());
    }
    Outcome {
        message,
        handled_by: reply.handled_by,
        memory,
        wish: None,
        lesson: reply.miss.map(Lesson::Missed),
    }
}

/// The goal an answer leads on to.
fn goal_offered(intent: &str) -> Option<GoalKind> {
    match intent {
        "price" | "packages_overview" | "package_standard" | "package_premium"
        | "package_luxury" | "extra_costs" => Some(GoalKind::Quote),
        "package_compare" => Some(GoalKind::Qualification),
        "contact" => Some(GoalKind::Lead),
        "start_date" => Some(GoalKind::Consultation),
        _ => None,
    }
}

fn has_come_back(memory: &Memory, scene: &Scene<'_>) -> bool {
    is_late(scene) && say::place(&memory.known, scene).is_some()
}

fn is_late(scene: &Scene<'_>) -> bool {
    scene
        .last_at_ms
        .is_some_and(|last| scene.situation.now_ms - last >= RETURN_AFTER_MS)
}

fn welcome_back(memory: Memory, scene: &Scene<'_>) -> Outcome {
    let place = say::place(&memory.known, scene).unwrap_or_default();
    let text = fill(
        scene.sentence(SystemText::WelcomeBack),
        &[("noted", &place)],
    );
    let buttons = vec![
        Tap::Goal(GoalKind::Quote).button(scene),
        Tap::Goal(GoalKind::Lead).button(scene),
    ];
    let mut outcome = outcome(memory, text, buttons, None, scene);
    outcome.message.intent = Some("greeting".to_owned());
    outcome
}

/// One of the assistant's own sentences as the whole answer.
pub(super) fn say_text(
    memory: Memory,
    text: SystemText,
    buttons: Vec<QuickReply>,
    scene: &Scene<'_>,
) -> Outcome {
    let text = scene.sentence(text).to_owned();
    outcome(memory, text, buttons, None, scene)
}

pub(super) fn outcome(
    memory: Memory,
    text: String,
    buttons: Vec<QuickReply>,
    wish: Option<Wish>,
    scene: &Scene<'_>,
) -> Outcome {
    let mut message = NewMessage::new(Sender::Bot, text, scene.lang());
    message.extras.quick_replies = buttons;
    if scene.situation.is_first {
        rules::introduce(&mut message, scene.knowledge, scene.lang());
    }
    Outcome {
        message,
        handled_by: HandledBy::Bot,
        memory,
        wish,
        lesson: None,
    }
}
