//! What the team sends about leads.

use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Enum, Object};
use serde::Serialize;

use super::edit::{Edit, Field};
use super::merge::{Choice, Choices};
use super::model::Status;
use super::team::{Assignee, Merge};
use super::{Email, LeadError, Phone};
use crate::platform::http::JsonText;

/// Most leads that get a status at once.
const BULK_MAX: usize = 500;

/// What changes of a lead. What is missing stays; null or an empty text empties a field.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct LeadChange {
    /// At most 100 characters.
    name: Option<JsonText>,
    /// One of e-mail and phone stays.
    email: MaybeUndefined<JsonText>,
    /// With a country code when it is not Polish.
    phone: MaybeUndefined<JsonText>,
    interested_package: MaybeUndefined<JsonText>,
    /// Square metres.
    property_size: MaybeUndefined<f64>,
    property_type: MaybeUndefined<JsonText>,
    location: MaybeUndefined<JsonText>,
    /// Whole units of the company's currency.
    budget: MaybeUndefined<i64>,
    message: MaybeUndefined<JsonText>,
    additional_info: MaybeUndefined<JsonText>,
    status: Option<Status>,
    /// Needed for the status `lost`.
    lost_reason: Option<JsonText>,
    /// An active member of the team.
    assigned_to: MaybeUndefined<i64>,
    /// At most 20, of 50 characters each and without commas.
    tags: Option<Vec<JsonText>>,
    /// Another text than there is becomes a further note.
    notes: Option<JsonText>,
}

impl Example for LeadChange {
    fn example() -> Self {
        Self {
            name: None,
            email: MaybeUndefined::Undefined,
            phone: MaybeUndefined::Value(JsonText("600 100 200".into())),
            interested_package: MaybeUndefined::Undefined,
            property_size: MaybeUndefined::Value(62.5),
            property_type: MaybeUndefined::Undefined,
            location: MaybeUndefined::Undefined,
            budget: MaybeUndefined::Undefined,
            message: MaybeUndefined::Undefined,
            additional_info: MaybeUndefined::Undefined,
            status: Some(Status::Contacted),
            lost_reason: None,
            assigned_to: MaybeUndefined::Undefined,
            tags: Some(vec![JsonText("pilne".into())]),
            notes: Some(JsonText("Prosi o telefon po 16.".into())),
        }
    }
}

impl LeadChange {
    pub(super) fn parse(self) -> Result<Edit, LeadError> {
        let own = |text: JsonText| text.0;
        Ok(Edit {
            name: self.name.map(own),
            email: parsed(self.email, Email::parse)?,
            phone: parsed(self.phone, Phone::parse)?,
            interested_package: field(self.interested_package).map(own),
            property_size: field(self.property_size),
            property_type: field(self.property_type).map(own),
            location: field(self.location).map(own),
            budget: field(self.budget),
            message: field(self.message).map(own),
            additional_info: field(self.additional_info).map(own),
            status: self.status,
            lost_reason: self.lost_reason.map(own),
            assigned_to: field(self.assigned_to),
            tags: self.tags.map(|tags| tags.into_iter().map(own).collect()),
            note: self.notes.map(own),
        })
    }
}

fn field<T>(sent: MaybeUndefined<T>) -> Field<T> {
    match sent {
        MaybeUndefined::Undefined => Field::Keep,
        MaybeUndefined::Null => Field::Set(None),
        MaybeUndefined::Value(value) => Field::Set(Some(value)),
    }
}

fn parsed<T>(
    sent: MaybeUndefined<JsonText>,
    parse: impl Fn(&str) -> Result<T, LeadError>,
) -> Result<Field<T>, LeadError> {
    Ok(match sent {
        MaybeUndefined::Undefined => Field::Keep,
        MaybeUndefined::Null => Field::Set(None),
        MaybeUndefined::Value(text) => {
            Field::Set(JsonText::filled(Some(&text)).map(parse).transpose()?)
        }
    })
}

/// How far the team has come.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct LeadStatusChange {
    pub(super) status: Status,
    /// Needed for `lost`: at most 100 characters.
    pub(super) lost_reason: Option<JsonText>,
}

impl Example for LeadStatusChange {
    fn example() -> Self {
        Self {
            status: Status::Lost,
            lost_reason: Some(JsonText("Wybrali inną firmę".into())),
        }
    }
}

/// One status for many leads.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct LeadBulkChange {
    /// 1 to 500.
    lead_ids: Vec<i64>,
    pub(super) status: Status,
    /// Needed for `lost`: at most 100 characters.
    pub(super) lost_reason: Option<JsonText>,
}

impl Example for LeadBulkChange {
    fn example() -> Self {
        Self {
            lead_ids: vec![1, 2, 3],
            status: Status::Contacted,
            lost_reason: None,
        }
    }
}

impl LeadBulkChange {
    /// The leads, each once. Errors: none, or more than 500.
    pub(super) fn ids(&self) -> Result<Vec<i64>, LeadError> {
        if self.lead_ids.is_empty() || self.lead_ids.len() > BULK_MAX {
            let why = format!("must be 1 to {BULK_MAX}");
            return Err(LeadError::Field("lead_ids", why));
        }
        let mut ids = self.lead_ids.clone();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

/// A note on a lead.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(super) struct LeadNoteRequest {
    /// At most 2,000 characters.
    pub(super) note: JsonText,
}

impl Example for LeadNoteRequest {
    fn example() -> Self {
        Self {
            note: JsonText("Prosi o telefon po 16.".into()),
        }
    }
}

/// Whom a lead is given to.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct LeadAssignment {
    /// An active member of the team; null: nobody.
    agent_id: MaybeUndefined<i64>,
    /// The member whose turn it is, instead of `agent_id`.
    #[oai(default)]
    round_robin: bool,
}

impl Example for LeadAssignment {
    fn example() -> Self {
        Self {
            agent_id: MaybeUndefined::Value(1),
            round_robin: false,
        }
    }
}

impl LeadAssignment {
    pub(super) fn parse(&self) -> Result<Assignee, LeadError> {
        match (&self.agent_id, self.round_robin) {
            (MaybeUndefined::Undefined, true) => Ok(Assignee::InTurn),
            (MaybeUndefined::Null, false) => Ok(Assignee::Nobody),
            (MaybeUndefined::Value(id), false) => Ok(Assignee::Member(*id)),
            (MaybeUndefined::Undefined, false) => {
                let why = "must be a member's id or null, or send round_robin";
                Err(LeadError::Field("agent_id", why.into()))
            }
            (_, true) => {
                let why = "must be missing when round_robin is true";
                Err(LeadError::Field("agent_id", why.into()))
            }
        }
    }
}

/// Whether a lead lies in the spam folder.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct LeadSpamChange {
    /// False: it is announced, and its letters are sent.
    pub(super) is_spam: bool,
}

impl Example for LeadSpamChange {
    fn example() -> Self {
        Self { is_spam: false }
    }
}

/// Which other lead is merged, and whose values stand.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct LeadMergeRequest {
    /// The lead that stays; the one of the address goes.
    into: Option<i64>,
    /// The lead that goes; the one of the address stays.
    from: Option<i64>,
    /// Whose value stands where both have one; else that of the lead that stays.
    #[oai(default)]
    pub(super) fields: Choices,
}

impl Example for LeadMergeRequest {
    fn example() -> Self {
        Self {
            into: Some(1),
            from: None,
            fields: Choices::of_name(Choice::From),
        }
    }
}

impl LeadMergeRequest {
    pub(super) fn parse(&self, id: i64) -> Result<Merge, LeadError> {
        match (self.into, self.from) {
            (Some(into), None) => Ok(Merge { into, from: id }),
            (None, Some(from)) => Ok(Merge { into: id, from }),
            _ => {
                let why = "send either into or from";
                Err(LeadError::Field("into", why.into()))
            }
        }
    }
}

/// As which file leads leave the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "LeadExportFormat")]
pub(super) enum Format {
    /// For spreadsheets: UTF-8 with a byte order mark, commas, CRLF.
    #[default]
    Csv,
    /// An array of leads as GET /{id} shows them.
    Json,
}
