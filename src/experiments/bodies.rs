//! What the team sends and gets.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Serialize;

use super::ExperimentError;
use super::model::{Design, Element, Experiment, Goal, Guard, Method, Status, StopReason, Variant};
use super::rules::{self, SentVariant};
use super::service::Needed;
use super::verdict::Results;
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::platform::clock::to_rfc3339;
use crate::platform::http::JsonText;

/// What an experiment shall be.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
pub(super) struct ExperimentBody {
    /// One line of 1 to 120 characters, unique.
    name: JsonText,
    /// What you expect and why, 1,000 characters at most.
    hypothesis: Option<JsonText>,
    /// What is varied; one experiment at a time varies the same.
    element: Element,
    /// What counts as success.
    goal: Goal,
    /// What must not become more frequent: a variant for which it does ends the experiment.
    guard: Option<Guard>,
    /// `sequential` unless told: its verdict is true at any time. `fixed` needs fewer visitors, says nothing before they
    /// have come, and then ends.
    #[oai(default = "sequential")]
    method: Method,
    /// Part of the visitors who take part, 1 to 100 %.
    #[oai(default = "all_traffic")]
    traffic_percent: u32,
    /// 0.8 to 0.999.
    #[oai(default = "usual_confidence")]
    confidence_level: f64,
    /// Chance of showing a difference of `minimum_lift_percent`, 0.5 to 0.99.
    #[oai(default = "usual_power")]
    power: f64,
    /// Rate of success now, 0.001 to 0.999.
    baseline_rate: f64,
    /// Smallest change worth knowing of, in per cent of the baseline: 20 with a baseline of 0.1 means 0.12. 1 to 1,000.
    minimum_lift_percent: f64,
    /// 2 to 10; the first one is the control.
    variants: Vec<ExperimentVariantBody>,
}

/// A variant.
#[derive(Debug, Clone, Object, Serialize)]
pub(super) struct ExperimentVariantBody {
    /// Names it in answers: 1 to 40 characters of a-z, 0-9, _ and -.
    key: JsonText,
    /// For people: one line of 1 to 80 characters.
    name: JsonText,
    /// Its part of the visitors among all weights, 1 to 1,000.
    #[oai(default = "one")]
    weight: i64,
    /// Greeting or call to action by language, 1,000 characters at most, with the placeholders of the assistant's answers
    /// (`{{ phone }}`). A language without one sees the usual text. A call to action is a question for yes and no.
    #[oai(default)]
    texts: BTreeMap<String, JsonText>,
    /// Names of intents the buttons under the greeting ask for, 1 to 6; the usual ones if left out.
    quick_replies: Option<Vec<String>>,
}

fn sequential() -> Method {
    Method::Sequential
}

fn all_traffic() -> u32 {
    100
}

fn usual_confidence() -> f64 {
    0.95
}

fn usual_power() -> f64 {
    0.8
}

fn one() -> i64 {
    1
}

impl Example for ExperimentBody {
    fn example() -> Self {
        let variant = |key: &str, name: &str, text: Option<&str>| ExperimentVariantBody {
            key: JsonText(key.into()),
            name: JsonText(name.into()),
            weight: 1,
            texts: text
                .map(|text| ("pl".to_owned(), JsonText(text.into())))
                .into_iter()
                .collect(),
            quick_replies: None,
        };
        let text =
            "Dzień dobry! Jestem automatycznym asystentem. Ile metrów ma Państwa mieszkanie?";
        Self {
            name: JsonText("Powitanie z pytaniem".into()),
            hypothesis: Some(JsonText(
                "Kto odpowie na pytanie, częściej zostawi kontakt.".into(),
            )),
            element: Element::Greeting,
            goal: Goal::Lead,
            guard: Some(Guard::Handoff),
            method: Method::Sequential,
            traffic_percent: 100,
            confidence_level: 0.95,
            power: 0.8,
            baseline_rate: 0.1,
            minimum_lift_percent: 50.0,
            variants: vec![
                variant("control", "Jak dotąd", None),
                variant("question", "Pytanie o metraż", Some(text)),
            ],
        }
    }
}

impl ExperimentBody {
    /// What it asks for, checked.
    pub(super) fn parse(&self, knowledge: &Snapshot) -> Result<Design, ExperimentError> {
        let sent = self.variants.iter().map(|variant| SentVariant {
            key: variant.key.0.clone(),
            name: variant.name.0.clone(),
            weight: variant.weight,
            texts: variant
                .texts
                .iter()
                .map(|(lang, text)| (lang.clone(), text.0.clone()))
                .collect(),
            quick_replies: variant.quick_replies.clone(),
        });
        let design = Design {
            name: self.name.0.clone(),
            hypothesis: self.hypothesis.as_ref().map(|text| text.0.clone()),
            element: self.element,
            goal: self.goal,
            guard: self.guard,
            method: self.method,
            traffic_percent: self.traffic_percent,
            confidence_level: self.confidence_level,
            power: self.power,
            baseline_rate: self.baseline_rate,
            minimum_lift_percent: self.minimum_lift_percent,
            variants: Vec::new(),
        };
        rules::checked(design, sent.collect(), knowledge)
    }
}

/// An experiment.
#[derive(Debug, Object)]
pub(super) struct ExperimentView {
    id: i64,
    name: String,
    hypothesis: Option<String>,
    element: Element,
    goal: Goal,
    guard: Option<Guard>,
    method: Method,
    traffic_percent: u32,
    confidence_level: f64,
    power: f64,
    baseline_rate: f64,
    minimum_lift_percent: f64,
    status: Status,
    /// Why it ended; null while it has not.
    stop_reason: Option<StopReason>,
    /// The control first.
    variants: Vec<ExperimentVariantView>,
    plan: ExperimentPlan,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
    /// RFC 3339; null for drafts.
    started_at: Option<String>,
    /// RFC 3339; null while it has not ended.
    ended_at: Option<String>,
}

/// A variant as it is kept.
#[derive(Debug, Object)]
struct ExperimentVariantView {
    key: String,
    name: String,
    weight: u32,
    /// Templates by language.
    texts: BTreeMap<String, String>,
    quick_replies: Option<Vec<String>>,
}

/// What an experiment needs at the present traffic.
#[derive(Debug, Object)]
struct ExperimentPlan {
    /// Visitors each variant needs to show a lift of `minimum_lift_percent` with the chance `power`.
    visitors_per_variant: u64,
    /// Visitors of all variants together, until the one with the smallest weight has enough.
    visitors: u64,
    /// Visitors a week who would have seen it, over the last four weeks.
    weekly_visitors: f64,
    /// Weeks until then, for the part of the visitors that takes part; null while nobody comes.
    expected_weeks: Option<f64>,
}

#[derive(Debug, Object)]
pub(super) struct ExperimentList {
    pub(super) success: bool,
    pub(super) experiments: Vec<ExperimentView>,
    pub(super) page: u32,
    pub(super) per_page: u32,
    pub(super) total: u64,
    pub(super) pages: u64,
}

/// An experiment's result, now or as it was at its end.
#[derive(Debug, Object)]
pub(super) struct ExperimentResultAnswer {
    pub(super) success: bool,
    pub(super) experiment_id: i64,
    pub(super) status: Status,
    pub(super) stop_reason: Option<StopReason>,
    pub(super) result: Results,
}

impl ExperimentView {
    pub(super) fn new(experiment: Experiment, needed: Needed) -> Self {
        let design = experiment.design;
        Self {
            id: experiment.id,
            name: design.name,
            hypothesis: design.hypothesis,
            element: design.element,
            goal: design.goal,
            guard: design.guard,
            method: design.method,
            traffic_percent: design.traffic_percent,
            confidence_level: design.confidence_level,
            power: design.power,
            baseline_rate: design.baseline_rate,
            minimum_lift_percent: design.minimum_lift_percent,
            status: experiment.status,
            stop_reason: experiment.stop_reason,
            variants: design.variants.into_iter().map(Into::into).collect(),
            plan: ExperimentPlan {
                visitors_per_variant: needed.visitors_per_variant,
                visitors: needed.visitors,
                weekly_visitors: needed.weekly_visitors,
                expected_weeks: needed.weeks,
            },
            created_at: to_rfc3339(experiment.created_at_ms),
            updated_at: to_rfc3339(experiment.updated_at_ms),
            started_at: experiment.started_at_ms.map(to_rfc3339),
            ended_at: experiment.ended_at_ms.map(to_rfc3339),
        }
    }
}

impl From<Variant> for ExperimentVariantView {
    fn from(variant: Variant) -> Self {
        let texts = Lang::ALL.into_iter().filter_map(|lang| {
            let text = variant.content.texts.get(lang).clone()?;
            Some((lang.code().to_owned(), text))
        });
        Self {
            texts: texts.collect(),
            key: variant.key,
            name: variant.name,
            weight: variant.weight,
            quick_replies: variant.content.quick_replies,
        }
    }
}
