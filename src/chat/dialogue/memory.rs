//! What the assistant keeps of a conversation, as JSON in `conversations.memory_json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consultation::VisitPlan;
use super::question::Question;
use crate::nlu::entities::{Entities, Property};

/// Something the assistant works towards over several messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::chat) enum GoalKind {
    /// A price for the visitor's own place.
    Quote,
    /// A way for the team to get in touch, with consent.
    Lead,
    /// The package that fits.
    Qualification,
    /// A time for a visit.
    Consultation,
}

/// The memory of one conversation. Empty for weak session ids, which may be in many hands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::chat) struct Memory {
    /// What the visitor said of the place and of themselves.
    #[serde(skip_serializing_if = "Known::is_empty")]
    pub(super) known: Known,
    /// What the assistant works towards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) goal: Option<GoalKind>,
    /// What the last message asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) asking: Option<Question>,
    /// How often `asking` was put: 1 the first time.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) times_asked: u8,
    /// Questions the visitor could not or would not answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) skipped: Vec<Question>,
    /// A price was given for what is known.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) has_quote: bool,
    /// The last message asked "did you mean".
    #[serde(skip_serializing_if = "is_false")]
    pub(super) is_unsure: bool,
    /// The subject of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) topic: Option<String>,
    /// The visit that is being agreed on.
    #[serde(skip_serializing_if = "VisitPlan::is_empty")]
    pub(super) visit: VisitPlan,
    /// Answers of the qualification by question id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) quiz: BTreeMap<u8, String>,
}

/// Facts the visitor gave, each as the last message that named it says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the fields are the entities of `nlu`, described there
pub(in crate::chat) struct Known {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) area_m2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) budget_pln: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) property_type: Option<Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rooms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<String>,
}

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over what a message says; answers what changed, and whether that corrected something.
    pub(super) fn learn(&mut self, found: &Entities) -> Learned {
        let mut learned = Learned::default();
        let place = [
            set(&mut self.area_m2, found.area_m2),
            set(&mut self.property_type, found.property_type),
            set(&mut self.rooms, found.rooms),
            set(&mut self.package, found.package.clone()),
            set(&mut self.city, found.city.clone()),
        ];
        learned.of_place = place.iter().any(|change| *change != Change::None);
        learned.is_correction = place.contains(&Change::Corrected);
        let others = [
            set(&mut self.budget_pln, found.budget_pln),
            set(&mut self.name, found.name.clone()),
            set(&mut self.email, found.email.clone()),
            set(&mut self.phone, found.phone.clone()),
        ];
        learned.of_person = others.iter().any(|change| *change != Change::None);
        learned
    }

    /// Forgets who the visitor is.
    pub(super) fn forget_person(&mut self) {
        self.name = None;
        self.forget_contact();
    }

    /// Forgets how the visitor can be reached.
    pub(super) fn forget_contact(&mut self) {
        self.email = None;
        self.phone = None;
    }
}

/// What a message changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Learned {
    /// Something about the place.
    pub(super) of_place: bool,
    /// Something about the visitor.
    pub(super) of_person: bool,
    /// Something about the place that was known differently before.
    pub(super) is_correction: bool,
}

impl Learned {
    pub(super) fn anything(self) -> bool {
        self.of_place || self.of_person
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    New,
    Corrected,
}

fn set<T: PartialEq>(slot: &mut Option<T>, heard: Option<T>) -> Change {
    match (heard, &slot) {
        (None, _) => Change::None,
        (Some(value), Some(known)) if value == *known => Change::None,
        (Some(value), known) => {
            let change = if known.is_some() {
                Change::Corrected
            } else {
                Change::New
            };
            *slot = Some(value);
            change
        }
    }
}

impl Memory {
    /// Reads what [`Memory::to_json`] wrote. A text that cannot be read, from another version, is an empty memory: the
    /// assistant then asks again, nothing that was said is lost.
    pub(in crate::chat) fn from_json(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// `None` when there is nothing to keep.
    pub(in crate::chat) fn to_json(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        serde_json::to_string(self).ok()
    }

    /// The visitor's name, if it was given.
    pub(in crate::chat) fn name(&self) -> Option<&str> {
        self.known.name.as_deref()
    }

    /// Whether the last message asked something that a reply is waited for.
    pub(in crate::chat) fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// Whether the last message asked for a time, which is chosen among those that are free.
    pub(in crate::chat) fn asks_for_time(&self) -> bool {
        self.asking == Some(Question::Time)
    }

    /// Whether the last message asked if somebody shall get in touch.
    pub(in crate::chat) fn offers_contact(&self) -> bool {
        self.asking == Some(Question::OfferContact)
    }

    /// Something else was said than "did you mean", so no tap on its buttons is to be expected.
    pub(in crate::chat) fn forget_choice(&mut self) {
        self.is_unsure = false;
    }

    /// Stops working towards a goal; what is known stays.
    pub(super) fn drop_goal(&mut self) {
        self.goal = None;
        self.asking = None;
        self.times_asked = 0;
        self.skipped.clear();
    }

    pub(super) fn pursue(&mut self, goal: GoalKind) {
        self.drop_goal();
        self.goal = Some(goal);
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape serde calls
fn is_zero(count: &u8) -> bool {
    *count == 0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the shape serde calls
fn is_false(flag: &bool) -> bool {
    !flag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_fact_counts_and_is_told_from_a_first_one() {
        let mut known = Known::default();
        let sixty = Entities {
            area_m2: Some(60.0),
            ..Entities::default()
        };
        let first = known.learn(&sixty);
        assert!(first.of_place && !first.is_correction);
        assert!(!known.learn(&sixty).anything());
        let seventy = Entities {
            area_m2: Some(70.0),
            ..Entities::default()
        };
        assert!(known.learn(&seventy).is_correction);
        assert_eq!(known.area_m2, Some(70.0));
    }

    #[test]
    fn memory_is_read_back_as_it_was_written_and_nothing_takes_no_room() {
        assert_eq!(Memory::default().to_json(), None);
        let mut memory = Memory::default();
        memory.pursue(GoalKind::Quote);
        memory.asking = Some(Question::Area);
        memory.known.city = Some("Gdynia".into());
        let text = memory.to_json();
        assert_eq!(Memory::from_json(text.as_deref()), memory);
        assert_eq!(
            Memory::from_json(Some("{\"asking\":\"of another version\"}")),
            Memory::default()
        );
    }
}
