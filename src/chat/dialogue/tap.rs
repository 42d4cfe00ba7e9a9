//! Buttons: what is sent when one is tapped, and what the visitor reads on it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Scene;
use super::cues::Cue;
use super::memory::GoalKind;
use crate::knowledge::{QuickReply, Snapshot, SystemText};
use crate::nlu::Lang;
use crate::notify::messages::short;
use crate::qualification::Quiz;

/// A tapped button of the dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::chat) enum Tap {
    /// Yes, no, don't know.
    Say(Cue),
    /// Consent given or refused.
    Consent(bool),
    /// A package chosen.
    Package(String),
    /// Work towards something.
    Goal(GoalKind),
    /// Keep the quote under a link.
    SaveQuote,
    /// A visit that begins then, milliseconds UTC.
    Time(i64),
    /// Free times from that day on.
    TimesFrom(Date),
    /// What is booked.
    Service(i64),
    /// An answer of the qualification: question and value.
    Quiz(u8, String),
    /// A copy of what is kept about the conversation.
    CopyData,
    /// Erase it; asked once more before.
    EraseData,
}

/// Sent to keep a quote. Only what says an estimate offers it.
const SAVE_QUOTE: &str = "quote:save";
const PACKAGES: [&str; 3] = ["standard", "premium", "luxury"];

impl Tap {
    /// Reads a payload; `None` for everything else that can be sent.
    pub(in crate::chat) fn parse(payload: &str, quiz: &Quiz) -> Option<Self> {
        let (kind, value) = payload.split_once(':')?;
        Some(match (kind, value) {
            ("say", "yes") => Self::Say(Cue::Yes),
            ("say", "no") => Self::Say(Cue::No),
            ("say", "dont_know") => Self::Say(Cue::DontKnow),
            ("consent", "yes") => Self::Consent(true),
            ("consent", "no") => Self::Consent(false),
            ("package", name) if PACKAGES.contains(&name) => Self::Package(name.to_owned()),
            ("goal", "quote") => Self::Goal(GoalKind::Quote),
            ("goal", "lead") => Self::Goal(GoalKind::Lead),
            ("goal", "qualification") => Self::Goal(GoalKind::Qualification),
            ("goal", "consultation") => Self::Goal(GoalKind::Consultation),
            ("time", start_ms) => Self::Time(start_ms.parse().ok()?),
            ("times", day) => Self::TimesFrom(day.parse().ok()?),
            ("service", id) => Self::Service(id.parse().ok()?),
            ("data", "copy") => Self::CopyData,
            ("data", "erase") => Self::EraseData,
            _ if payload == SAVE_QUOTE => Self::SaveQuote,
            ("quiz", answer) => {
                let (id, value) = answer.split_once(':')?;
                let id = id.parse().ok()?;
                // Only what is on a button; other values are words to be understood.
                quiz.options(id, Lang::Pl)
                    .iter()
                    .any(|(known, _)| *known == value)
                    .then(|| Self::Quiz(id, value.to_owned()))?
            }
            _ => return None,
        })
    }

    /// What is sent.
    fn payload(&self) -> String {
        match self {
            Self::Say(Cue::Yes) => "say:yes".into(),
            Self::Say(Cue::DontKnow) => "say:dont_know".into(),
            Self::Say(Cue::No | Cue::Stop | Cue::Forget) => "say:no".into(),
            Self::Consent(true) => "consent:yes".into(),
            Self::Consent(false) => "consent:no".into(),
            Self::Package(name) => format!("package:{name}"),
            Self::Goal(GoalKind::Quote) => "goal:quote".into(),
            Self::Goal(GoalKind::Lead) => "goal:lead".into(),
            Self::Goal(GoalKind::Qualification) => "goal:qualification".into(),
            Self::Goal(GoalKind::Consultation) => "goal:consultation".into(),
            Self::Time(start_ms) => format!("time:{start_ms}"),
            Self::TimesFrom(day) => format!("times:{day}"),
            Self::Service(id) => format!("service:{id}"),
            Self::CopyData => "data:copy".into(),
            Self::EraseData => "data:erase".into(),
            Self::SaveQuote => SAVE_QUOTE.into(),
            Self::Quiz(id, value) => format!("quiz:{id}:{value}"),
        }
    }

    /// What the visitor reads.
    pub(in crate::chat) fn title(&self, knowledge: &Snapshot, quiz: &Quiz, lang: Lang) -> String {
        let text = match self {
            Self::Say(Cue::Yes) => SystemText::ButtonYes,
            Self::Say(Cue::DontKnow) => SystemText::ButtonDontKnow,
            Self::Say(Cue::No | Cue::Stop | Cue::Forget) => SystemText::ButtonNo,
            Self::Consent(true) => SystemText::ButtonAgree,
            Self::Consent(false) => SystemText::ButtonDisagree,
            Self::Package(name) => return package_title(name),
            Self::Goal(GoalKind::Quote) => SystemText::ButtonQuote,
            Self::Goal(GoalKind::Lead) => SystemText::ButtonContact,
            Self::Goal(GoalKind::Qualification) => SystemText::ButtonQualification,
            Self::Goal(GoalKind::Consultation) | Self::Service(_) => SystemText::ButtonVisit,
            Self::TimesFrom(_) => SystemText::ButtonOtherTimes,
            Self::Time(start_ms) => {
                let start = Timestamp::from_millisecond(*start_ms).unwrap_or(Timestamp::UNIX_EPOCH);
                return short(&start.to_zoned(knowledge.zone()), lang);
            }
            Self::CopyData => SystemText::ButtonCopyData,
            Self::EraseData => SystemText::ButtonEraseData,
            Self::SaveQuote => SystemText::ButtonSaveQuote,
            Self::Quiz(id, value) => {
                return quiz
                    .options(*id, lang)
                    .into_iter()
                    .find(|(known, _)| known == value)
                    .map_or_else(|| value.clone(), |(_, title)| title.to_owned());
            }
        };
        knowledge.sentence(text, lang).to_owned()
    }

    /// The button, with a title only the transaction knows.
    pub(super) fn titled(&self, title: &str) -> QuickReply {
        QuickReply {
            title: title.to_owned(),
            payload: self.payload(),
        }
    }

    /// The button.
    pub(super) fn button(&self, scene: &Scene<'_>) -> QuickReply {
        QuickReply {
            title: self.title(scene.knowledge, scene.quiz, scene.lang()),
            payload: self.payload(),
        }
    }
}

/// Whether a message with these buttons says an estimate.
pub(in crate::chat) fn says_estimate(buttons: &[QuickReply]) -> bool {
    buttons.iter().any(|button| button.payload == SAVE_QUOTE)
}

/// „premium” → „Premium”.
pub(super) fn package_title(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
