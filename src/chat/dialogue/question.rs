//! What the assistant may ask, how it puts it, and how it reads a reply.

use serde::{Deserialize, Serialize};

use super::cues::Cue;
use super::memory::{GoalKind, Memory};
use super::tap::Tap;
use super::{Heard, Scene, consultation};
use crate::knowledge::{QuickReply, SystemText};
use crate::nlu::entities::{EntityKind, extract_expected};
use crate::qualification::{Quiz, Wanted};

/// One thing to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    /// How large is the place.
    Area,
    /// Which package.
    Package,
    /// Should somebody get in touch. An offer: it is never repeated.
    OfferContact,
    /// The visitor's name.
    Name,
    /// Telephone or e-mail.
    Contact,
    /// May the data be passed on.
    Consent,
    /// When a visit begins.
    Time,
    /// The e-mail address, for the confirmation of a visit.
    Email,
    /// The telephone number, for a visit.
    Phone,
    /// A question of the qualification, by its id.
    Quiz(u8),
    /// Whether everything kept about the conversation shall be erased. It is never repeated.
    EraseData,
}

/// What a reply says to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// It is answered; the memory holds the answer.
    Given,
    /// The visitor cannot say.
    DontKnow,
    /// The visitor does not want to.
    Refused,
    /// The reply is about something else or not understood.
    Unclear,
}

/// How a question is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// For the first time.
    First,
    /// The reply was not understood.
    Again,
    /// After the visitor asked something else in between.
    Back,
}

impl Question {
    /// Whether the assistant comes back to it.
    pub(super) fn insists(self) -> bool {
        !matches!(self, Self::OfferContact | Self::EraseData)
    }

    /// The words.
    ///
    /// * `goal`: what it is asked for.
    pub(super) fn text(self, manner: Manner, goal: Option<GoalKind>, scene: &Scene<'_>) -> String {
        if let Self::Quiz(id) = self {
            return quiz_text(id, manner, scene);
        }
        if let (Self::OfferContact, Some(text)) = (self, &scene.call_to_action) {
            return text.clone();
        }
        let (first, again, back) = match self {
            Self::Area => (
                SystemText::AskArea,
                SystemText::AskAreaAgain,
                SystemText::AskAreaBack,
            ),
            Self::Package => (
                SystemText::AskPackage,
                SystemText::AskPackageAgain,
                SystemText::AskPackageBack,
            ),
            Self::Name if goal == Some(GoalKind::Consultation) => (
                SystemText::AskVisitName,
                SystemText::AskNameAgain,
                SystemText::AskVisitNameBack,
            ),
            Self::Time => (
                SystemText::AskTime,
                SystemText::AskTimeAgain,
                SystemText::AskTimeBack,
            ),
            Self::Email => (
                SystemText::AskEmail,
                SystemText::AskEmailAgain,
                SystemText::AskEmailBack,
            ),
            Self::Phone => (
                SystemText::AskPhone,
                SystemText::AskPhoneAgain,
                SystemText::AskPhoneBack,
            ),
            Self::Name => (
                SystemText::AskName,
                SystemText::AskNameAgain,
                SystemText::AskNameBack,
            ),
            Self::Contact => (
                SystemText::AskContact,
                SystemText::AskContactAgain,
                SystemText::AskContactBack,
            ),
            Self::Consent => (
                SystemText::AskConsent,
                SystemText::AskConsentAgain,
                SystemText::AskConsentBack,
            ),
            Self::EraseData => (
                SystemText::AskErase,
                SystemText::AskErase,
                SystemText::AskErase,
            ),
            Self::OfferContact | Self::Quiz(_) => (
                SystemText::OfferContact,
                SystemText::OfferContact,
                SystemText::OfferContact,
            ),
        };
        let text = match manner {
            Manner::First => first,
            Manner::Again => again,
            Manner::Back => back,
        };
        let mut text = scene.sentence(text).to_owned();
        if self == Self::Consent {
            text.push_str("\n\n");
            text.push_str(scene.sentence(SystemText::ConsentText));
        }
        text
    }

    /// The buttons under it.
    pub(super) fn buttons(self, scene: &Scene<'_>) -> Vec<QuickReply> {
        let taps = match self {
            // The times under [`Self::Time`] are put there by whoever knows what is free.
            Self::Area | Self::Name | Self::Contact | Self::Time | Self::Email | Self::Phone => {
                Vec::new()
            }
            Self::Package => ["standard", "premium", "luxury"]
                .into_iter()
                .map(|package| Tap::Package(package.to_owned()))
                .chain([Tap::Say(Cue::DontKnow)])
                .collect(),
            Self::OfferContact | Self::EraseData => vec![Tap::Say(Cue::Yes), Tap::Say(Cue::No)],
            Self::Consent => vec![Tap::Consent(true), Tap::Consent(false)],
            Self::Quiz(id) => scene
                .quiz
                .options(id, scene.lang())
                .into_iter()
                .map(|(value, _)| Tap::Quiz(id, value.to_owned()))
                .chain([Tap::Say(Cue::DontKnow)])
                .collect(),
        };
        taps.iter().map(|tap| tap.button(scene)).collect()
    }

    /// Reads a reply; what it gives is in `memory` afterwards.
    pub(super) fn read(self, heard: &Heard<'_>, memory: &mut Memory, scene: &Scene<'_>) -> Reading {
        let is_given = match self {
            Self::Area => {
                expect(heard, memory, scene, EntityKind::Area) && memory.known.area_m2.is_some()
            }
            Self::Package => {
                heard.found.package.is_some() || matches!(heard.tap(), Some(Tap::Package(_)))
            }
            Self::Name => {
                (heard.sure_intent().is_none() || looks_like_a_name(heard.text))
                    && expect(heard, memory, scene, EntityKind::Name)
                    && memory.known.name.is_some()
            }
            Self::Contact => heard.found.email.is_some() || heard.found.phone.is_some(),
            Self::Time => consultation::read_time(heard, memory),
            Self::Email => heard.found.email.is_some(),
            Self::Phone => heard.found.phone.is_some(),
            Self::OfferContact | Self::EraseData => heard.cue == Some(Cue::Yes),
            Self::Consent => {
                heard.cue == Some(Cue::Yes) || heard.tap() == Some(&Tap::Consent(true))
            }
            Self::Quiz(id) => read_quiz(id, heard, memory, scene),
        };
        if is_given {
            return Reading::Given;
        }
        match (heard.tap(), heard.cue) {
            (Some(Tap::Consent(false)), _) | (_, Some(Cue::No | Cue::Stop)) => Reading::Refused,
            (_, Some(Cue::DontKnow)) => Reading::DontKnow,
            _ => Reading::Unclear,
        }
    }
}

/// One to three capitalised words and nothing else. „Marek” is a name here, though „marek” asks about brands.
fn looks_like_a_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    (1..=3).contains(&words.len())
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                && word.chars().all(|c| c.is_alphabetic() || c == '-')
        })
}

/// Reads a bare reply as what was asked for: „60” is an area when the area was asked.
fn expect(heard: &Heard<'_>, memory: &mut Memory, scene: &Scene<'_>, expected: EntityKind) -> bool {
    let found = extract_expected(expected, heard.text, scene.lang(), &scene.entities);
    memory.known.learn(&found);
    found.found.iter().any(|found| found.kind == expected)
}

fn quiz_text(id: u8, manner: Manner, scene: &Scene<'_>) -> String {
    let question = scene.quiz.text(id, scene.lang());
    let before = match manner {
        Manner::First if Quiz::ids().next() == Some(id) => SystemText::QuizIntro,
        Manner::First => return question.to_owned(),
        Manner::Again => SystemText::QuizAgain,
        Manner::Back => SystemText::QuizBack,
    };
    format!("{}\n\n{question}", scene.sentence(before))
}

fn read_quiz(id: u8, heard: &Heard<'_>, memory: &mut Memory, scene: &Scene<'_>) -> bool {
    let said = match (heard.tap(), Quiz::wanted(id)) {
        (Some(Tap::Quiz(tapped, value)), _) if *tapped == id => Some(value.clone()),
        (Some(_), _) | (None, None) => None,
        (None, Some(Wanted::Area)) => expect(heard, memory, scene, EntityKind::Area)
            .then_some(memory.known.area_m2)
            .flatten()
            .map(|area| area.to_string()),
        (None, Some(Wanted::Budget)) => expect(heard, memory, scene, EntityKind::Budget)
            .then_some(memory.known.budget_pln)
            .flatten()
            .map(|budget| budget.to_string()),
        (None, Some(Wanted::Option)) => match heard.cue {
            Some(Cue::Yes) => Quiz::read(id, "yes"),
            Some(Cue::No) => Quiz::read(id, "no"),
            _ => Quiz::read(id, heard.text),
        },
    };
    let is_given = said.is_some();
    if let Some(said) = said {
        memory.quiz.insert(id, said);
    }
    is_given
}
