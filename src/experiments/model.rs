//! What an experiment is.

use poem_openapi::Enum;
use serde::{Deserialize, Serialize};

use crate::knowledge::PerLang;
use crate::nlu::Lang;
use crate::text_column;

/// What is varied. At most one running experiment varies the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentElement")]
#[serde(rename_all = "snake_case")]
pub enum Element {
    /// The text shown before the first message.
    Greeting,
    /// The buttons under it.
    QuickReplies,
    /// The question whether somebody of the team shall get in touch, after a price or the quiz.
    CallToAction,
}

text_column!(Element {
    Greeting = "greeting",
    QuickReplies = "quick_replies",
    CallToAction = "call_to_action"
});

/// What counts as success, once a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentGoal")]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// They wrote anything. Whoever is greeted counts as a visitor then, also who never writes.
    Conversation,
    /// They left a way to be reached; what lies in the spam folder does not count.
    Lead,
    /// They booked a visit.
    Booking,
    /// They were not passed on to people.
    NoHandoff,
    /// The website reported it by POST /track/conversion.
    Reported,
}

text_column!(Goal {
    Conversation = "conversation",
    Lead = "lead",
    Booking = "booking",
    NoHandoff = "no_handoff",
    Reported = "reported"
});

impl Goal {
    /// Whether success is that something did not happen.
    pub(super) fn is_absence(self) -> bool {
        self == Self::NoHandoff
    }
}

/// What must not become more frequent; a variant for which it does ends the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentGuard")]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// The assistant passed the visitor on to people.
    Handoff,
    /// The assistant did not understand, also where a language model then answered.
    Fallback,
    /// The visitor rated the conversation with 1 or 2.
    LowRating,
}

text_column!(Guard { Handoff = "handoff", Fallback = "fallback", LowRating = "low_rating" });

/// How a difference is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentMethod")]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// At any time, by the sequential p-value: looking often fools nobody.
    Sequential,
    /// Once, by the z-test, when every variant has the planned visitors; the experiment then ends by itself.
    Fixed,
}

text_column!(Method { Sequential = "sequential", Fixed = "fixed" });

/// How far an experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentStatus")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It can be changed and deleted.
    Draft,
    /// Visitors see its variants.
    Running,
    /// Nobody new sees them; what earlier visitors do still counts.
    Paused,
    /// It has its result.
    Stopped,
}

text_column!(Status {
    Draft = "draft",
    Running = "running",
    Paused = "paused",
    Stopped = "stopped"
});

impl Status {
    /// Whether what visitors do is counted.
    pub(super) fn counts(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// Why an experiment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "ExperimentStopReason")]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Somebody of the team stopped it.
    Manual,
    /// Every variant had the planned visitors.
    PlannedSize,
    /// A variant made what is guarded more frequent.
    Harm,
}

text_column!(StopReason {
    Manual = "manual",
    PlannedSize = "planned_size",
    Harm = "harm"
});

/// What a variant shows; where it has nothing, the visitor gets what they would get without an experiment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// Templates of greeting or call to action.
    pub(super) texts: PerLang<Option<String>>,
    /// Names of the intents the buttons ask for.
    pub(super) quick_replies: Option<Vec<String>>,
}

/// A variant. The first one is the control.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Variant {
    /// 0 before it is stored.
    pub(super) id: i64,
    /// Names it in answers; unique in its experiment.
    pub(super) key: String,
    /// For people; unique in its experiment.
    pub(super) name: String,
    /// Its part of the visitors among all weights.
    pub(super) weight: u32,
    pub(super) content: Content,
    /// Smallest sequential p-value so far, against the control; 1 for the control.
    pub(super) sequential_p: f64,
}

/// What an experiment is about; frozen by its start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Design {
    /// Unique.
    pub(super) name: String,
    /// What is expected and why.
    pub(super) hypothesis: Option<String>,
    pub(super) element: Element,
    pub(super) goal: Goal,
    pub(super) guard: Option<Guard>,
    pub(super) method: Method,
    /// Visitors who take part, 1 to 100.
    pub(super) traffic_percent: u32,
    /// Of the interval and the verdict, 0.8 to 0.999.
    pub(super) confidence_level: f64,
    /// Chance of showing the smallest lift, 0.5 to 0.99.
    pub(super) power: f64,
    /// Rate of success expected of the control.
    pub(super) baseline_rate: f64,
    /// Smallest change worth knowing of, in per cent of the baseline.
    pub(super) minimum_lift_percent: f64,
    /// The control first; 2 to 10.
    pub(super) variants: Vec<Variant>,
}

impl Design {
    /// The smallest difference of rates worth knowing of.
    pub(super) fn minimum_difference(&self) -> f64 {
        self.baseline_rate * self.minimum_lift_percent / 100.0
    }

    /// Whether visitors are counted as soon as they are greeted, not only when they write.
    pub(super) fn counts_at_greeting(&self) -> bool {
        self.goal == Goal::Conversation
    }

    /// Whether anything differs in a language. Where no variant has words of its own at all, the experiment compares
    /// like with like, everywhere.
    pub(super) fn varies_in(&self, lang: Lang) -> bool {
        let has = |lang: Lang| {
            let mut variants = self.variants.iter();
            variants.any(|variant| variant.content.texts.get(lang).is_some())
        };
        self.element == Element::QuickReplies || has(lang) || !Lang::ALL.into_iter().any(has)
    }
}

/// An experiment as it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Experiment {
    pub(super) id: i64,
    pub(super) design: Design,
    /// Random; what the hashes of allocation and variant begin with.
    pub(super) salt: String,
    pub(super) status: Status,
    pub(super) stop_reason: Option<StopReason>,
    /// What is said about it once it has ended.
    pub(super) result_json: Option<String>,
    /// Milliseconds UTC.
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: i64,
    pub(super) started_at_ms: Option<i64>,
    pub(super) ended_at_ms: Option<i64>,
}

/// What was counted of a variant.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    /// Who saw it.
    pub(super) visitors: u64,
    /// Who did what the goal names.
    pub(super) goals: u64,
    /// Sum of what was reported with it.
    pub(super) value: f64,
    /// Who used it, as the website reported.
    pub(super) engaged: u64,
    /// Whom what is guarded befell.
    pub(super) guarded: u64,
}
