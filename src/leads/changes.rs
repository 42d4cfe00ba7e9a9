//! The one place that hears of every change of a lead, in the transaction of the change: it writes the history, and is
//! where whatever else must follow a change is written.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::Lead;
use super::store::history;
use super::{Email, Phone, counted, hooks};
use crate::platform::db::{DbError, Tx};
use crate::text_column;

/// What became of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// It is new; in the spam folder when its `spam` says so.
    Created,
    /// The same person came again.
    Joined,
    /// The team changed fields.
    Updated,
    /// Only the status changed.
    StatusChanged,
    /// Another member cares for it.
    Assigned,
    /// The team noted something.
    Noted,
    /// Another lead was merged into it; that one is gone.
    Merged,
    /// It went to the spam folder.
    MarkedSpam,
    /// It left the spam folder; for everybody outside it is new.
    Released,
    /// It is gone with its history.
    Deleted,
}

text_column!(What {
    Created = "created",
    Joined = "joined",
    Updated = "updated",
    StatusChanged = "status_changed",
    Assigned = "assigned",
    Noted = "noted",
    Merged = "merged",
    MarkedSpam = "marked_spam",
    Released = "released",
    Deleted = "deleted"
});

/// A change that was just made.
pub(super) struct Change<'c> {
    pub(super) what: What,
    /// As it was; `None`: it is new.
    pub(super) before: Option<&'c Lead>,
    /// As it is, or was last.
    pub(super) lead: &'c Lead,
    /// `user:<id>`, `key:<id>`, `visitor` or `system`.
    pub(super) by: &'c str,
    /// Number of the lead that was merged into it.
    pub(super) other_id: Option<i64>,
}

impl<'c> Change<'c> {
    /// A change of a lead that is there.
    pub(super) fn of(what: What, before: &'c Lead, lead: &'c Lead, by: &'c str) -> Self {
        Self {
            what,
            before: Some(before),
            lead,
            by,
            other_id: None,
        }
    }

    /// A new lead.
    pub(super) fn new(lead: &'c Lead, by: &'c str) -> Self {
        Self {
            what: What::Created,
            before: None,
            lead,
            by,
            other_id: None,
        }
    }
}

/// What followed from a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Followed {
    /// A row for monday.com was written.
    pub(super) is_for_monday: bool,
}

/// Notes a change; every use case calls it in its transaction.
pub(super) fn happened(
    tx: &mut dyn Tx,
    change: &Change<'_>,
    now_ms: i64,
) -> Result<Followed, DbError> {
    if change.what != What::Deleted {
        let changes = change
            .before
            .map_or_else(Vec::new, |before| difference(before, change.lead));
        history::add(tx, change, &changes, now_ms)?;
    }
    counted::tell(tx, change, now_ms)?;
    Ok(Followed {
        is_for_monday: hooks::tell(tx, change, now_ms)?,
    })
}

/// A field with what stood there and what stands there now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Object)]
#[oai(rename = "LeadFieldChange")]
pub(super) struct FieldChange {
    /// Its name as in the lead.
    pub(super) field: String,
    /// What stood there; null: nothing, or only more was added.
    pub(super) old: Option<Value>,
    /// What stands there, or what was added; null: nothing.
    pub(super) new: Option<Value>,
}

/// The fields that differ. Of a text that only became longer, what was added.
pub(super) fn difference(before: &Lead, now: &Lead) -> Vec<FieldChange> {
    let fields = fields(before).into_iter().zip(fields(now));
    fields
        .filter(|((_, old), (_, new))| old != new)
        .map(|((field, old), (_, new))| {
            let (old, new) = match (old.as_str(), new.as_str()) {
                (Some(old), Some(new)) if new.starts_with(&format!("{old}\n")) => {
                    (Value::Null, json!(new[old.len() + 1..]))
                }
                _ => (old, new),
            };
            FieldChange {
                field: field.to_owned(),
                old: Some(old).filter(|value| !value.is_null()),
                new: Some(new).filter(|value| !value.is_null()),
            }
        })
        .collect()
}

/// What people say and the team decides; what follows from it (score, times) is left out.
fn fields(lead: &Lead) -> [(&'static str, Value); 14] {
    [
        ("name", json!(lead.name)),
        ("email", json!(lead.email.as_ref().map(Email::as_str))),
        ("phone", json!(lead.phone.as_ref().map(Phone::as_str))),
        ("interested_package", json!(lead.interested_package)),
        ("property_size", json!(lead.property_size)),
        ("property_type", json!(lead.property_type)),
        ("location", json!(lead.location)),
        ("budget", json!(lead.budget)),
        ("message", json!(lead.message)),
        ("additional_info", json!(lead.additional_info)),
        ("status", json!(lead.status)),
        ("lost_reason", json!(lead.lost_reason)),
        ("assigned_to", json!(lead.assigned_to)),
        ("tags", json!(lead.tags)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::model::{NewLead, Source};
    use crate::leads::rules::first;

    #[test]
    fn of_a_text_that_grew_only_what_was_added_is_kept() {
        let before = first(NewLead::new("Anna", Source::Form), 0);
        let mut now = before.clone();
        assert_eq!(difference(&before, &now), []);
        now.message = Some("Kiedy?".into());
        now.score = 10;
        let change = |old: Option<&str>, new: &str| FieldChange {
            field: "message".into(),
            old: old.map(Value::from),
            new: Some(new.into()),
        };
        assert_eq!(difference(&before, &now), [change(None, "Kiedy?")]);
        let mut later = now.clone();
        later.message = Some("Kiedy?\nZa ile?".into());
        assert_eq!(difference(&now, &later), [change(None, "Za ile?")]);
        later.message = Some("Kiedy?!".into());
        assert_eq!(
            difference(&now, &later),
            [change(Some("Kiedy?"), "Kiedy?!")]
        );
    }
}
