//! Two leads become one. Pure.

use std::fmt::Display;

use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use super::model::{Lead, Status};
use super::rules::{self, Settle};

/// Whose value stands where both leads have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "LeadMergeChoice")]
pub(super) enum Choice {
    /// That of the lead that stays.
    #[default]
    Into,
    /// That of the lead that goes.
    From,
}

/// Whose value stands, per field; else that of the lead that stays, where it has one.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Object)]
#[oai(rename = "LeadMergeChoices", deny_unknown_fields)]
pub(super) struct Choices {
    name: Option<Choice>,
    email: Option<Choice>,
    phone: Option<Choice>,
    interested_package: Option<Choice>,
    property_size: Option<Choice>,
    property_type: Option<Choice>,
    location: Option<Choice>,
    budget: Option<Choice>,
    /// Else the one that is further; lost only when both are.
    status: Option<Choice>,
    assigned_to: Option<Choice>,
}

impl Choices {
    /// A choice of the name alone.
    pub(super) fn of_name(name: Choice) -> Self {
        Self {
            name: Some(name),
            ..Self::default()
        }
    }
}

/// What becomes of `into` when `from` is taken up. A value that stands in no field is kept in `additional_info`; texts,
/// tags and consents come together.
pub(super) fn merged(into: &Lead, from: Lead, choices: &Choices, day: &str, now_ms: i64) -> Lead {
    let mut lead = into.clone();
    let mut kept = Vec::new();
    let mut name = Some(std::mem::take(&mut lead.name));
    settle("name", choices.name, &mut name, Some(from.name), &mut kept);
    lead.name = name.unwrap_or_default();
    macro_rules! settle_each {
        ($($field:ident),*) => {
            $(settle(stringify!($field), choices.$field, &mut lead.$field, from.$field, &mut kept);)*
        };
    }
    settle_each!(
        email,
        phone,
        interested_package,
        property_size,
        property_type,
        location,
        budget
    );
    let is_from_chosen = |choice: Option<Choice>| choice == Some(Choice::From);
    if is_from_chosen(choices.assigned_to) || lead.assigned_to.is_none() {
        lead.assigned_to = from.assigned_to;
    }
    let is_further = progress(from.status) > progress(lead.status);
    if is_from_chosen(choices.status) || (choices.status.is_none() && is_further) {
        lead.status = from.status;
        lead.lost_reason = from.lost_reason;
    }
    rules::add_text(&mut lead.message, from.message.as_deref());
    rules::add_text(&mut lead.additional_info, from.additional_info.as_deref());
    for value in kept {
        rules::add_text(&mut lead.additional_info, Some(&format!("{day} {value}")));
    }
    lead.tags.extend(from.tags);
    let mut seen = std::collections::BTreeSet::new();
    lead.tags.retain(|tag| seen.insert(tag.clone()));
    lead.consents.extend(from.consents);
    lead.consents.sort_by_key(|consent| consent.at_ms);
    if from.created_at_ms < into.created_at_ms {
        lead.first_touch = from.first_touch.or(lead.first_touch);
        lead.last_touch = lead.last_touch.or(from.last_touch);
    } else {
        lead.first_touch = lead.first_touch.or(from.first_touch);
        lead.last_touch = from.last_touch.or(lead.last_touch);
    }
    lead.monday_item_id = lead.monday_item_id.or(from.monday_item_id);
    lead.is_shared |= from.is_shared || from.session_id != into.session_id;
    lead.created_at_ms = lead.created_at_ms.min(from.created_at_ms);
    lead.updated_at_ms = now_ms;
    rules::set_score(&mut lead);
    lead
}

fn settle<T: PartialEq + Display>(
    name: &str,
    choice: Option<Choice>,
    stands: &mut Option<T>,
    other: Option<T>,
    kept: &mut Vec<String>,
) {
    let mut settle = Settle {
        newer_stands: choice == Some(Choice::From),
        kept: std::mem::take(kept),
    };
    settle.field(name, stands, other);
    *kept = settle.kept;
}

/// How far the team has come.
fn progress(status: Status) -> u8 {
    match status {
        Status::Lost => 0,
        Status::New => 1,
        Status::Contacted => 2,
        Status::Qualified => 3,
        Status::ConsultationBooked => 4,
        Status::Converted => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::cleaning::cleaned;
    use crate::leads::model::{NewLead, Source};
    use crate::leads::{Email, Phone};

    fn lead(name: &str, email: &str, at_ms: i64) -> Lead {
        let new = NewLead {
            email: Email::parse(email).ok(),
            ..NewLead::new(name, Source::Form)
        };
        rules::first(cleaned(new).unwrap(), at_ms)
    }

    #[test]
    fn what_stands_in_no_field_is_kept_beside() {
        let mut into = lead("Anna", "anna@example.com", 2000);
        into.budget = Some(100);
        into.tags = vec!["pilne".into()];
        let mut from = lead("Anna Nowak", "a.nowak@example.com", 1000);
        from.phone = Phone::parse("600100200").ok();
        from.tags = vec!["pilne".into(), "VIP".into()];
        from.message = Some("Kiedy?".into());
        from.status = Status::Qualified;
        let choices = Choices::of_name(Choice::From);
        let merged = merged(&into, from, &choices, "2026-11-24", 3000);
        assert_eq!(merged.name, "Anna Nowak");
        assert_eq!(merged.email, into.email);
        assert_eq!(merged.phone, Phone::parse("600100200").ok());
        assert_eq!(
            (merged.budget, merged.status),
            (Some(100), Status::Qualified)
        );
        assert_eq!(merged.tags, ["pilne", "VIP"]);
        assert_eq!(merged.message.as_deref(), Some("Kiedy?"));
        let kept = "2026-11-24 name: Anna\n2026-11-24 email: a.nowak@example.com";
        assert_eq!(merged.additional_info.as_deref(), Some(kept));
        assert_eq!((merged.created_at_ms, merged.updated_at_ms), (1000, 3000));
        assert_eq!(
            merged.score,
            merged.score_reasons.iter().map(|r| r.points).sum::<i64>()
        );
    }

    #[test]
    fn a_lost_lead_does_not_take_an_open_one_along() {
        let open = lead("Anna", "anna@example.com", 1000);
        let mut lost = lead("Anna", "anna@example.com", 2000);
        lost.status = Status::Lost;
        lost.lost_reason = Some("cena".into());
        let found = merged(&lost, open.clone(), &Choices::default(), "", 3000);
        assert_eq!((found.status, found.lost_reason), (Status::New, None));
        let both = merged(&lost, lost.clone(), &Choices::default(), "", 3000);
        assert_eq!(both.lost_reason.as_deref(), Some("cena"));
        let chosen = Choices {
            status: Some(Choice::From),
            ..Choices::default()
        };
        let found = merged(&open, lost, &chosen, "", 3000);
        assert_eq!(
            (found.status, found.lost_reason.as_deref()),
            (Status::Lost, Some("cena"))
        );
    }
}
