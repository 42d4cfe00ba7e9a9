//! A conversation: who says what when, and what is recorded of it.

use fastrand::Rng;

use super::chance::{exponential, happens, weighted};
use super::people::Person;
use super::phrasebook::{HAND_OFF, Phrasebook, Question};
use crate::analytics::{Event, Outcome, sentiment};
use crate::chat::{Cause, PastConversation, PastMessage, Sender};
use crate::knowledge::SystemText;
use crate::nlu::{ANSWER_FROM, ASK_FROM, Lang, OUT_OF_SCOPE};

const SECOND_MS: f64 = 1_000.0;
const DAY_MS: i64 = 86_400_000;
/// A sitting is over within this time.
pub(super) const SITTING_MS: i64 = 3_600_000;
/// Questions that were missed longer ago have been looked at.
const LOOKED_AT_AFTER_MS: i64 = 30 * DAY_MS;
/// Turns of a sitting after its first one: their mean and most.
const MORE_TURNS: f64 = 3.6;
const TURNS_MAX: usize = 13;
/// Shares of visitors' messages, and of conversations.
const MISSED: f64 = 0.07;
const UNSURE: f64 = 0.05;
const TAPPED: f64 = 0.35;
const HANDED_OFF: f64 = 0.05;
const COMES_BACK: f64 = 0.22;
const RATES: f64 = 0.14;

/// What a visitor wants besides answers.
#[derive(Default)]
pub(super) struct Wishes<'a> {
    /// Square metres a price is asked for.
    pub(super) quote_m2: Option<f64>,
    /// Leaves a way to be reached.
    pub(super) contact: Option<&'a Person>,
}

/// A conversation with what is recorded of it.
#[derive(Debug, PartialEq)]
pub(super) struct Talk {
    pub(super) past: PastConversation,
    /// In order of time.
    pub(super) events: Vec<(i64, Event)>,
    /// When the visitor had said what they want, in milliseconds UTC.
    pub(super) wished_at_ms: i64,
}

/// Makes up a conversation; nothing in it is later than `now_ms`.
///
/// * `began_at_ms`: at least [`SITTING_MS`] before `now_ms`.
pub(super) fn talk(
    rng: &mut Rng,
    book: &Phrasebook,
    lang: Lang,
    wishes: &Wishes<'_>,
    (began_at_ms, now_ms): (i64, i64),
) -> Talk {
    let mut talker = Talker {
        rng,
        book,
        lang,
        now_ms,
        at_ms: began_at_ms,
        answered: None,
        missed: 0,
        messages: Vec::new(),
        events: Vec::new(),
    };
    talker.sitting();
    talker.say_wishes(wishes);
    let wished_at_ms = talker.at_ms;
    let share = HANDED_OFF + if talker.missed > 1 { 0.15 } else { 0.0 };
    let is_handed_off = happens(talker.rng, share) && talker.hand_off();
    if !is_handed_off {
        talker.come_back(began_at_ms);
    }
    let rating = talker.rate();
    Talk {
        past: PastConversation {
            lang,
            messages: talker.messages,
            is_open: !is_handed_off,
            rating,
        },
        events: talker.events,
        wished_at_ms,
    }
}

struct Talker<'a> {
    rng: &'a mut Rng,
    book: &'a Phrasebook,
    lang: Lang,
    now_ms: i64,
    at_ms: i64,
    /// The intent that was answered last.
    answered: Option<String>,
    /// How many questions were missed.
    missed: u32,
    messages: Vec<PastMessage>,
    events: Vec<(i64, Event)>,
}

impl Talker<'_> {
    fn sitting(&mut self) {
        let turns = 1 + exponential(self.rng, MORE_TURNS) as usize;
        for _ in 0..turns.min(TURNS_MAX) {
            self.turn();
            self.pause(12.0, 35.0, 120.0);
        }
    }

    /// Time passes: at least, on average that much more, and at most so many seconds.
    fn pause(&mut self, least_s: f64, more_s: f64, most_s: f64) {
        let seconds = (least_s + exponential(self.rng, more_s)).min(most_s);
        self.at_ms += (seconds * SECOND_MS) as i64;
    }

    fn turn(&mut self) {
        if let Some(answered) = self.answered.take()
            && happens(self.rng, TAPPED)
            && let Some(button) = self.book.button(self.rng, &answered, self.lang)
        {
            self.answer(button, 1.0);
            return;
        }
        let drawn = self.rng.f64();
        if drawn < MISSED {
            let question = self.book.question_of(self.rng, self.lang, OUT_OF_SCOPE);
            if let Some(question) = question {
                let confidence = ASK_FROM * self.rng.f32();
                self.miss(question, confidence, Cause::Fallback);
                return;
            }
        }
        let Some(question) = self.book.question(self.rng, self.lang) else {
            return;
        };
        if drawn < MISSED + UNSURE {
            let confidence = ASK_FROM + (ANSWER_FROM - ASK_FROM) * self.rng.f32();
            self.miss(question, confidence, Cause::Unsure);
        } else {
            // Most answers are quite sure.
            let confidence = ANSWER_FROM + (1.0 - ANSWER_FROM) * self.rng.f32().sqrt();
            self.answer(question, confidence);
        }
    }

    fn answer(&mut self, question: Question, confidence: f32) {
        let text = self.book.answer(&question.intent, self.lang).to_owned();
        self.answered = Some(question.intent.clone());
        self.exchange(question, confidence, text, Outcome::Answered, None);
    }

    fn miss(&mut self, question: Question, confidence: f32, cause: Cause) {
        self.missed += 1;
        let (outcome, text) = match cause {
            Cause::Unsure => (Outcome::Unsure, SystemText::DidYouMean),
            Cause::Fallback | Cause::Search => (Outcome::Fallback, SystemText::Fallback),
        };
        let text = self.words(text);
        let is_new = self.now_ms - self.at_ms < LOOKED_AT_AFTER_MS;
        let cause = is_new.then_some(cause);
        self.exchange(question, confidence, text, outcome, cause);
    }

    /// A question that was understood as something, and what was said to it.
    fn exchange(
        &mut self,
        question: Question,
        confidence: f32,
        text: String,
        outcome: Outcome,
        missed: Option<Cause>,
    ) {
        let answer_ms = 2 + exponential(self.rng, 6.0) as i64;
        self.happened(Event::Turn {
            intent: Some(question.intent.clone()),
            confidence: Some(f64::from(confidence)),
            outcome,
            sentiment: (!question.is_button).then(|| sentiment::score(&question.text, self.lang)),
            answer_ms: Some(answer_ms),
        });
        let is_answered = outcome == Outcome::Answered;
        let intent = Some(question.intent);
        self.messages.push(PastMessage {
            intent: intent.clone(),
            confidence: Some(confidence),
            missed,
            ..self.message(Sender::User, question.text)
        });
        let text = self.introduced(text);
        self.messages.push(PastMessage {
            intent: intent.filter(|_| is_answered),
            ..self.message(Sender::Bot, text)
        });
    }

    /// A reply to a question of the assistant, and what it says next.
    fn reply(&mut self, words: String, next: SystemText) {
        let answer_ms = 2 + exponential(self.rng, 4.0) as i64;
        self.happened(Event::Turn {
            intent: None,
            confidence: None,
            outcome: Outcome::Answered,
            sentiment: Some(sentiment::score(&words, self.lang)),
            answer_ms: Some(answer_ms),
        });
        self.messages.push(self.message(Sender::User, words));
        let text = self.words(next);
        let text = self.introduced(text);
        self.messages.push(self.message(Sender::Bot, text));
        self.pause(8.0, 15.0, 60.0);
    }

    /// The first answer says that an assistant speaks.
    fn introduced(&self, text: String) -> String {
        if self.messages.len() > 1 {
            return text;
        }
        let who = self.words(SystemText::Disclosure);
        format!("{who}\n\n{text}")
    }

    fn message(&self, sender: Sender, body: String) -> PastMessage {
        PastMessage {
            sender,
            body,
            intent: None,
            confidence: None,
            agent_name: None,
            missed: None,
            at_ms: self.at_ms,
        }
    }

    /// A sentence or button of the assistant.
    fn words(&self, text: SystemText) -> String {
        self.book.sentence(text, self.lang)
    }

    fn happened(&mut self, event: Event) {
        self.events.push((self.at_ms, event));
    }

    /// Asks for a price, leaves a contact.
    fn say_wishes(&mut self, wishes: &Wishes<'_>) {
        if let Some(area) = wishes.quote_m2 {
            let words = self.words(SystemText::ButtonQuote);
            self.reply(words, SystemText::AskArea);
            self.reply(format!("{area:.0} m²"), SystemText::AskPackage);
            let words = self.words(SystemText::ButtonDontKnow);
            self.reply(words, SystemText::OfferContact);
        }
        if let Some(person) = wishes.contact {
            let words = self.words(SystemText::ButtonContact);
            self.reply(words, SystemText::AskName);
            self.reply(person.name.clone(), SystemText::AskContact);
            let address = person.email.as_str().to_owned();
            self.reply(address, SystemText::ConsentText);
            let words = self.words(SystemText::ButtonAgree);
            self.reply(words, SystemText::LeadSaved);
        }
    }

    /// A person answers; false when none has by now, and then nobody was asked for.
    fn hand_off(&mut self) -> bool {
        let (messages, events, at_ms) = (self.messages.len(), self.events.len(), self.at_ms);
        let is_done = self.with_person().is_some() && self.at_ms <= self.now_ms;
        if !is_done {
            self.messages.truncate(messages);
            self.events.truncate(events);
            self.at_ms = at_ms;
        }
        is_done
    }

    /// `None`: nobody will be there, or nobody asks for a person in this language.
    fn with_person(&mut self) -> Option<()> {
        let question = self.book.question_of(self.rng, self.lang, HAND_OFF)?;
        let opens_at_ms = self.book.opens_at(self.at_ms)?;
        let text = if opens_at_ms == self.at_ms {
            SystemText::HandoffOpen
        } else {
            SystemText::HandoffClosed
        };
        let text = (self.book.snapshot).sentence_at(text, self.lang, self.at_ms);
        self.exchange(question, 0.97, text, Outcome::Answered, None);
        self.happened(Event::HandedOff);

        let mut asked_at_ms = self.at_ms;
        self.at_ms = opens_at_ms;
        self.pause(30.0, 150.0, 1_500.0);
        let name = self.book.snapshot.company().name.clone();
        let text = (self.book.snapshot).sentence_about(SystemText::AgentJoined, self.lang, &name);
        self.messages.push(self.message(Sender::System, text));
        for round in 0..=self.rng.u32(0..3) {
            if round > 0 {
                self.pause(20.0, 60.0, 600.0);
                asked_at_ms = self.at_ms;
                self.tell_person()?;
            }
            self.pause(25.0, 80.0, 900.0);
            self.person_answers(&name, asked_at_ms)?;
        }
        self.pause(120.0, 200.0, 1_200.0);
        let text = self.words(SystemText::ConversationClosed);
        self.messages.push(self.message(Sender::System, text));
        Some(())
    }

    fn tell_person(&mut self) -> Option<()> {
        let question = self.book.question(self.rng, self.lang)?;
        self.happened(Event::Turn {
            intent: None,
            confidence: None,
            outcome: Outcome::WithPerson,
            sentiment: Some(sentiment::score(&question.text, self.lang)),
            answer_ms: None,
        });
        self.answered = Some(question.intent);
        self.messages
            .push(self.message(Sender::User, question.text));
        Some(())
    }

    /// People say what the company says.
    fn person_answers(&mut self, name: &str, asked_at_ms: i64) -> Option<()> {
        let intent = match self.answered.take() {
            Some(intent) => intent,
            None => self.book.question(self.rng, self.lang)?.intent,
        };
        let text = self.book.answer(&intent, self.lang).to_owned();
        self.messages.push(PastMessage {
            agent_name: Some(name.to_owned()),
            ..self.message(Sender::Agent, text)
        });
        self.happened(Event::PersonAnswered {
            waited_ms: self.at_ms - asked_at_ms,
        });
        Some(())
    }

    /// The same visitor on later days.
    fn come_back(&mut self, began_at_ms: i64) {
        let mut share = COMES_BACK;
        let mut day_ms = began_at_ms;
        while happens(self.rng, share) {
            share = 0.35;
            let days = 1 + exponential(self.rng, 6.0) as i64;
            let shift_ms = self.rng.i64(-2 * SITTING_MS..2 * SITTING_MS);
            day_ms += days * DAY_MS;
            if day_ms + shift_ms + SITTING_MS > self.now_ms {
                return;
            }
            self.at_ms = day_ms + shift_ms;
            self.answered = None;
            self.sitting();
        }
    }

    fn rate(&mut self) -> Option<i64> {
        if !happens(self.rng, RATES) || self.messages.is_empty() {
            return None;
        }
        let rating = if self.missed > 1 {
            *weighted(self.rng, &[(15, 5), (20, 4), (25, 3), (20, 2), (20, 1)])
        } else {
            *weighted(self.rng, &[(52, 5), (30, 4), (11, 3), (4, 2), (3, 1)])
        };
        let at_ms = (self.at_ms + 15_000).min(self.now_ms);
        let before = None;
        let event = Event::ConversationRated { rating, before };
        self.events.push((at_ms, event));
        Some(rating)
    }
}
