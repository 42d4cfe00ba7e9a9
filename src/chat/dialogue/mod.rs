//! The dialogue: what the assistant keeps in mind, what it works towards, and what it says next.
//!
//! One pure function, [`step`], takes the memory, what was heard and the scene, and gives what is said, the new memory and
//! what the transaction must do besides ([`Wish`]). A goal is one file with a `next` that looks at the memory and either
//! asks one thing or is done.
//!
//! ```text
//! step.rs           what a message does: answers a question, starts a goal, corrects, asks in between, stops
//! memory.rs         what is kept            question.rs  what can be asked and how a reply is read
//! quote.rs lead.rs qualification.rs consultation.rs   the goals
//! own_data.rs       a copy of the conversation, and erasing it
//! cues.rs           yes, no, later, forget  tap.rs       buttons
//! say.rs            words for what is known
//! ```

mod consultation;
mod cues;
mod lead;
mod memory;
mod own_data;
mod qualification;
mod question;
mod quote;
mod say;
mod step;
mod tap;

#[cfg(test)]
mod conversations;
#[cfg(test)]
mod price_guard;

use super::missed::Lesson;
use super::model::{HandledBy, NewMessage};
use super::rules::{Meaning, Situation};
use crate::bookings::ChatVisit;
use crate::knowledge::{Snapshot, SystemText};
use crate::leads::NewLead;
use crate::nlu::entities::{Context, Entities};
use crate::nlu::{Lang, OUT_OF_SCOPE, Zone, zone};
use crate::qualification::Quiz;
use crate::quotes::NewQuote;
use cues::Cue;
use memory::GoalKind;

pub(super) use consultation::{book, offer_times};
pub(super) use lead::saved_text;
pub(super) use memory::Memory;
pub(super) use quote::saved_quote_text;
pub(super) use step::{may_ask_price, step};
pub(super) use tap::{Tap, says_estimate};

/// A visitor's message, understood.
pub(super) struct Heard<'a> {
    /// The words as typed, or the payload of a button.
    pub(super) text: &'a str,
    /// What it is about.
    pub(super) meaning: Meaning,
    /// The data in it.
    pub(super) found: Entities,
    cue: Option<Cue>,
}

impl<'a> Heard<'a> {
    /// Puts a message together with what was understood of it.
    pub(super) fn new(text: &'a str, meaning: Meaning, found: Entities, scene: &Scene<'_>) -> Self {
        let cue = match &meaning {
            Meaning::Tapped(Tap::Say(cue)) => Some(*cue),
            Meaning::Understood(_) => cues::cue(text, scene.lang()),
            _ => None,
        };
        Self {
            text,
            meaning,
            found,
            cue,
        }
    }

    /// The dialogue's button, when one was tapped.
    fn tap(&self) -> Option<&Tap> {
        match &self.meaning {
            Meaning::Tapped(tap) => Some(tap),
            _ => None,
        }
    }

    /// The intent it is most probably about, sure or not.
    fn likely_intent(&self) -> Option<&str> {
        match &self.meaning {
            Meaning::Asked(intent) => Some(intent),
            Meaning::Understood(found) => Some(&found.intent),
            Meaning::NoneOfThese | Meaning::Tapped(_) | Meaning::Picture => None,
        }
    }

    /// The intent it is surely about; `None` for what is unclear or out of scope.
    fn sure_intent(&self) -> Option<&str> {
        match &self.meaning {
            Meaning::Asked(intent) => Some(intent),
            Meaning::Understood(found)
                if zone(found) == Zone::Answer && &*found.intent != OUT_OF_SCOPE =>
            {
                Some(&found.intent)
            }
            Meaning::Understood(_)
            | Meaning::NoneOfThese
            | Meaning::Tapped(_)
            | Meaning::Picture => None,
        }
    }
}

/// Where and when it was said.
pub(super) struct Scene<'a> {
    /// The company's texts and prices.
    pub(super) knowledge: &'a Snapshot,
    /// The questions that lead to a package.
    pub(super) quiz: &'a Quiz,
    /// Language, time, what is possible.
    pub(super) situation: Situation<'a>,
    /// The visitor's conversation.
    pub(super) session_id: &'a str,
    /// When the conversation was last written in, milliseconds UTC.
    pub(super) last_at_ms: Option<i64>,
    /// What is asked in place of the usual [`SystemText::OfferContact`].
    pub(super) call_to_action: Option<String>,
    /// What a date or a city is read against.
    pub(super) entities: Context<'a>,
}

impl Scene<'_> {
    fn lang(&self) -> Lang {
        self.situation.lang
    }

    fn sentence(&self, text: SystemText) -> &str {
        self.knowledge.sentence(text, self.lang())
    }
}

/// What comes of a message.
pub(super) struct Outcome {
    /// What is said.
    pub(super) message: NewMessage,
    /// Who speaks next.
    pub(super) handled_by: HandledBy,
    /// What is kept.
    pub(super) memory: Memory,
    /// What else is to be done in the same transaction.
    pub(super) wish: Option<Wish>,
    /// What it tells of how well questions are understood.
    pub(super) lesson: Option<Lesson>,
}

/// Something the transaction must store; what is said about it is known only then.
pub(super) enum Wish {
    /// Keep the visitor's contact, with the consent; then say [`saved_text`].
    SaveLead(Box<NewLead>),
    /// Keep the quote under a link; then say [`saved_quote_text`].
    SaveQuote(Box<NewQuote>),
    /// [`book`] the visit; the memory to go on with when its time is gone.
    Book(Box<ChatVisit>, Box<Memory>),
    /// Erase everything kept about the session, this conversation first of all.
    EraseData,
}
