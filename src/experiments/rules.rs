//! What an experiment may be, and who gets which variant. Pure.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::ExperimentError;
use super::model::{Content, Design, Element, Experiment, Goal, Variant};
use crate::knowledge::Snapshot;
use crate::nlu::Lang;
use crate::platform::folding::folded;
use crate::platform::http::clean_text;

const NAME_MAX_CHARS: usize = 120;
const HYPOTHESIS_MAX_CHARS: usize = 1_000;
const KEY_MAX_CHARS: usize = 40;
const VARIANT_NAME_MAX_CHARS: usize = 80;
const TEXT_MAX_CHARS: usize = 1_000;
const QUICK_REPLIES_MAX: usize = 6;
const VARIANTS_MIN: usize = 2;
const VARIANTS_MAX: usize = 10;
const WEIGHT_MAX: i64 = 1_000;
const LIFT_MAX_PERCENT: f64 = 1_000.0;
/// Nearer to 0 or 1 no rate can be planned with.
const RATE_MIN: f64 = 0.001;

/// A variant as it was sent.
pub(super) struct SentVariant {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) weight: i64,
    /// By language.
    pub(super) texts: BTreeMap<String, String>,
    pub(super) quick_replies: Option<Vec<String>>,
}

/// Checks an experiment.
///
/// * `design`: as it was sent, without variants; texts are cleaned here.
/// * Errors: a value out of bounds, equal keys or names, a text that does not render, an intent that is not known.
pub(super) fn checked(
    design: Design,
    sent: Vec<SentVariant>,
    knowledge: &Snapshot,
) -> Result<Design, ExperimentError> {
    let name = one_line("name", &design.name, NAME_MAX_CHARS)?;
    let hypothesis = design
        .hypothesis
        .filter(|text| !text.trim().is_empty())
        .map(|text| clean_text(&text, HYPOTHESIS_MAX_CHARS))
        .transpose()
        .map_err(|why| ExperimentError::Text("hypothesis".into(), why))?;
    if design.element == Element::CallToAction && design.goal == Goal::Conversation {
        return Err(refused(
            "goal",
            "cannot be a conversation: the call to action comes in one",
        ));
    }
    let design = Design {
        name,
        hypothesis,
        variants: variants(design.element, sent, knowledge)?,
        ..design
    };
    numbers(&design)?;
    Ok(design)
}

fn numbers(design: &Design) -> Result<(), ExperimentError> {
    let within = |field: &str, value: f64, from: f64, to: f64| {
        if (from..=to).contains(&value) {
            return Ok(());
        }
        Err(refused(field, format!("must be from {from} to {to}")))
    };
    let traffic = f64::from(design.traffic_percent);
    within("traffic_percent", traffic, 1.0, 100.0)?;
    within("confidence_level", design.confidence_level, 0.8, 0.999)?;
    within("power", design.power, 0.5, 0.99)?;
    let rate = design.baseline_rate;
    within("baseline_rate", rate, RATE_MIN, 1.0 - RATE_MIN)?;
    let lift = design.minimum_lift_percent;
    within("minimum_lift_percent", lift, 1.0, LIFT_MAX_PERCENT)?;
    if rate + design.minimum_difference() > 1.0 - RATE_MIN {
        return Err(refused(
            "minimum_lift_percent",
            "leads to a rate above 1 from this baseline_rate",
        ));
    }
    Ok(())
}

fn variants(
    element: Element,
    sent: Vec<SentVariant>,
    knowledge: &Snapshot,
) -> Result<Vec<Variant>, ExperimentError> {
    if !(VARIANTS_MIN..=VARIANTS_MAX).contains(&sent.len()) {
        let bounds = format!("must be from {VARIANTS_MIN} to {VARIANTS_MAX}");
        return Err(refused("variants", bounds));
    }
    let (mut keys, mut names) = (BTreeSet::new(), BTreeSet::new());
    let mut checked = Vec::with_capacity(sent.len());
    for (place, sent) in sent.into_iter().enumerate() {
        let at = |field: &str| format!("variants[{place}].{field}");
        let variant = variant(element, sent, &at, knowledge)?;
        if !keys.insert(variant.key.clone()) {
            return Err(refused(at("key"), "stands there twice"));
        }
        if !names.insert(folded(&variant.name)) {
            return Err(refused(at("name"), "stands there twice"));
        }
        checked.push(variant);
    }
    Ok(checked)
}

fn variant(
    element: Element,
    sent: SentVariant,
    at: &dyn Fn(&str) -> String,
    knowledge: &Snapshot,
) -> Result<Variant, ExperimentError> {
    let is_key = |key: &str| {
        (1..=KEY_MAX_CHARS).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
    };
    if !is_key(&sent.key) {
        let why = format!("must be 1 to {KEY_MAX_CHARS} characters of a-z, 0-9, _ and -");
        return Err(refused(at("key"), why));
    }
    let name = one_line(&at("name"), &sent.name, VARIANT_NAME_MAX_CHARS)?;
    let weight = u32::try_from(sent.weight)
        .ok()
        .filter(|_| (1..=WEIGHT_MAX).contains(&sent.weight))
        .ok_or_else(|| refused(at("weight"), format!("must be from 1 to {WEIGHT_MAX}")))?;
    let has_buttons = element == Element::QuickReplies;
    if has_buttons && !sent.texts.is_empty() {
        return Err(refused(
            at("texts"),
            "is only for greeting and call_to_action",
        ));
    }
    if !has_buttons && sent.quick_replies.is_some() {
        return Err(refused(at("quick_replies"), "is only for quick_replies"));
    }
    let mut content = Content::default();
    for (code, text) in &sent.texts {
        let field = at(&format!("texts.{code}"));
        let lang: Lang = code
            .parse()
            .map_err(|_| refused(field.clone(), "is no language: must be pl, en or de"))?;
        *content.texts.get_mut(lang) = Some(template(field, text, lang, knowledge)?);
    }
    content.quick_replies = sent
        .quick_replies
        .map(|names| buttons(at, names, knowledge))
        .transpose()?;
    Ok(Variant {
        id: 0,
        key: sent.key,
        name,
        weight,
        content,
        sequential_p: 1.0,
    })
}

/// A text that renders today.
fn template(
    field: String,
    text: &str,
    lang: Lang,
    knowledge: &Snapshot,
) -> Result<String, ExperimentError> {
    let text = match clean_text(text, TEXT_MAX_CHARS) {
        Ok(text) => text,
        Err(why) => return Err(ExperimentError::Text(field, why)),
    };
    let filled = match knowledge.filled(&text, lang, AGENT_MARK) {
        Ok(filled) => filled,
        Err(why) => return Err(ExperimentError::Template(field, why)),
    };
    if filled.contains(AGENT_MARK) {
        return Err(refused(field, "names agent_name, but no agent says it"));
    }
    match clean_text(&filled, TEXT_MAX_CHARS) {
        Ok(_) => Ok(text),
        Err(why) => Err(ExperimentError::Text(field, why)),
    }
}

/// Stands where a text would name a person of the team. No text from outside holds the control character.
const AGENT_MARK: &str = "\u{1}agent\u{2}";

fn buttons(
    at: &dyn Fn(&str) -> String,
    names: Vec<String>,
    knowledge: &Snapshot,
) -> Result<Vec<String>, ExperimentError> {
    if !(1..=QUICK_REPLIES_MAX).contains(&names.len()) {
        let bounds = format!("must be from 1 to {QUICK_REPLIES_MAX}");
        return Err(refused(at("quick_replies"), bounds));
    }
    let mut seen = BTreeSet::new();
    for (place, name) in names.iter().enumerate() {
        let field = || at(&format!("quick_replies[{place}]"));
        if knowledge.intent(name).is_none() {
            return Err(refused(field(), "is no intent of the assistant"));
        }
        if !seen.insert(name) {
            return Err(refused(field(), "stands there twice"));
        }
    }
    Ok(names)
}

fn one_line(field: &str, text: &str, max_chars: usize) -> Result<String, ExperimentError> {
    let text =
        clean_text(text, max_chars).map_err(|why| ExperimentError::Text(field.to_owned(), why))?;
    if text.contains(['\n', '\t']) {
        return Err(refused(field, "must be one line"));
    }
    Ok(text)
}

fn refused(field: impl Into<String>, why: impl Into<String>) -> ExperimentError {
    ExperimentError::Field(field.into(), why.into())
}

/// The variant a session gets; `None`: it takes no part. Stable: only the experiment and the session decide.
pub(super) fn assigned<'e>(experiment: &'e Experiment, session_id: &str) -> Option<&'e Variant> {
    let design = &experiment.design;
    if !takes_part(&experiment.salt, session_id, design.traffic_percent) {
        return None;
    }
    let weights: Vec<u32> = design
        .variants
        .iter()
        .map(|variant| variant.weight)
        .collect();
    design
        .variants
        .get(drawn(&experiment.salt, session_id, &weights))
}

/// Whether a session is among the share of all that takes part.
pub(super) fn takes_part(salt: &str, session_id: &str, percent: u32) -> bool {
    below("allocation", salt, session_id, 100) < u64::from(percent)
}

/// Which of several, by weight.
///
/// * `weights`: at least one, each above 0.
pub(super) fn drawn(salt: &str, session_id: &str, weights: &[u32]) -> usize {
    let total = weights.iter().map(|weight| u64::from(*weight)).sum();
    let mut left = below("variant", salt, session_id, total);
    for (place, weight) in weights.iter().enumerate() {
        match left.checked_sub(u64::from(*weight)) {
            Some(rest) => left = rest,
            None => return place,
        }
    }
    0
}

/// A number from 0 up to `bound`, each as likely, that depends on nothing but the three texts. `what` keeps the numbers
/// for different questions apart, so that neither says anything about the other.
fn below(what: &str, salt: &str, session_id: &str, bound: u64) -> u64 {
    let digest = Sha256::digest(format!("{what}:{salt}:{session_id}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let scaled = u128::from(u64::from_be_bytes(first)) * u128::from(bound);
    u64::try_from(scaled >> 64).unwrap_or(0)
}
