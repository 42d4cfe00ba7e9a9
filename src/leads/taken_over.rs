//! Leads of another program, taken over as they were: nobody is told of them, and none joins another.

use std::collections::HashSet;

use super::changes;
use super::cleaning::{SHORT_MAX_CHARS, optional, property_size};
use super::import::{square_metres, told};
use super::model::{Lead, NewLead, Source, Status};
use super::rules::{self, FULL_FROM_BYTES};
use super::store::{self, history};
use super::{Email, LeadError, Phone};
use crate::chat::SessionId;
use crate::platform::db::{DbError, Tx};

/// Who wrote the notes that came along.
const NOTES_FROM: &str = "import";
/// Why it was lost, which the other program did not say.
const LOST_FOR: &str = "import";
/// In characters of four bytes at most, what a lead may hold of texts.
const LONG_TEXT_MAX_CHARS: usize = FULL_FROM_BYTES / 4;

/// A lead in the other program's words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // the fields are those of a lead
pub struct OldLead {
    /// What it is known by when it comes again.
    pub key: String,
    /// Chosen by the client, whatever it looks like.
    pub session_id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub interested_package: Option<String>,
    /// As people write it: `62,5 m²`.
    pub property_size: Option<String>,
    pub property_type: Option<String>,
    pub location: Option<String>,
    pub message: Option<String>,
    pub additional_info: Option<String>,
    /// What the team noted.
    pub note: Option<String>,
    pub monday_item_id: Option<String>,
    pub source: Source,
    pub status: Status,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
}

/// A field that could not be taken over, and why; never what it says.
type Fault = (&'static str, String);

/// A lead that was read and can be stored.
#[derive(Debug)]
pub struct TakenLead {
    lead: Lead,
    note: Option<String>,
    key: String,
}

/// Reads a lead of another program; answers also the fields it has to do without.
///
/// Errors: nobody can be reached by it.
pub fn read_old(old: OldLead) -> Result<(TakenLead, Vec<Fault>), Fault> {
    let mut faults = Vec::new();
    let mut kept = Kept(&mut faults);
    let email = old.email.as_deref().map(Email::parse).transpose();
    let email = kept.or_none("email", email);
    let phone = old.phone.as_deref().map(Phone::parse).transpose();
    let phone = kept.or_none("phone", phone);
    let reached_by = email
        .as_ref()
        .map(Email::as_str)
        .or(phone.as_ref().map(Phone::as_str));
    let Some(reached_by) = reached_by.map(str::to_owned) else {
        return Err(("email", "and phone: nobody can be reached by either".into()));
    };
    let size = old.property_size.as_deref().map(square_metres).transpose();
    let size = size.and_then(|size| size.map(property_size).transpose());
    let session = old.session_id.as_deref().map(SessionId::foreign);
    if matches!(session, Some(Err(_))) {
        kept.0
            .push(("session_id", "is none that can be used".into()));
    }
    let session = session.and_then(Result::ok);
    let name = kept.short("name", old.name.as_deref()).unwrap_or_else(|| {
        let why = "cannot be used; the address or number stands in its place";
        kept.0.push(("name", why.into()));
        reached_by
    });
    let new = NewLead {
        email,
        phone,
        interested_package: kept.short("interested_package", old.interested_package.as_deref()),
        property_size: kept.or_none("property_size", size),
        property_type: kept.short("property_type", old.property_type.as_deref()),
        location: kept.short("location", old.location.as_deref()),
        message: kept.long("message", old.message.as_deref()),
        additional_info: kept.long("additional_info", old.additional_info.as_deref()),
        ..NewLead::new(&name, old.source).in_session(session.as_ref())
    };
    let note = kept.long("notes", old.note.as_deref());
    let lead = Lead {
        status: old.status,
        lost_reason: (old.status == Status::Lost).then(|| LOST_FOR.to_owned()),
        notes: note.clone(),
        monday_item_id: kept.short("monday_item_id", old.monday_item_id.as_deref()),
        updated_at_ms: old.updated_at_ms.max(old.created_at_ms),
        ..rules::first(new, old.created_at_ms)
    };
    let key = old.key;
    Ok((TakenLead { lead, note, key }, faults))
}

/// Values, or nothing with the reason noted.
struct Kept<'f>(&'f mut Vec<Fault>);

impl Kept<'_> {
    fn or_none<T>(&mut self, field: &'static str, read: Result<Option<T>, LeadError>) -> Option<T> {
        read.unwrap_or_else(|error| {
            self.0.push((field, told(error).1));
            None
        })
    }

    fn short(&mut self, field: &'static str, text: Option<&str>) -> Option<String> {
        self.or_none(field, optional(field, text, SHORT_MAX_CHARS))
    }

    fn long(&mut self, field: &'static str, text: Option<&str>) -> Option<String> {
        self.or_none(field, optional(field, text, LONG_TEXT_MAX_CHARS))
    }
}

/// The keys of all leads that were taken over and are still here.
pub fn taken_before(tx: &mut dyn Tx) -> Result<HashSet<String>, DbError> {
    let imports = history::imports(tx)?;
    let keys = imports
        .iter()
        .filter_map(|changes| changes::key_of(changes));
    Ok(keys.map(str::to_owned).collect())
}

/// Stores a lead with its note and the beginning of its history.
pub fn take_over(tx: &mut dyn Tx, taken: TakenLead, now_ms: i64) -> Result<(), DbError> {
    let TakenLead {
        mut lead,
        note,
        key,
    } = taken;
    lead.id = store::insert(tx, &lead)?;
    if let Some(note) = &note {
        history::add_note(tx, lead.id, (None, NOTES_FROM), note, lead.updated_at_ms)?;
    }
    changes::taken_over(tx, &lead, &key, now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old() -> OldLead {
        OldLead {
            key: "7 -".into(),
            session_id: Some("abc123".into()),
            name: Some("Anna".into()),
            email: Some("Anna@Example.com".into()),
            phone: Some("600 100 200".into()),
            interested_package: None,
            property_size: Some("62,5 m²".into()),
            property_type: None,
            location: None,
            message: None,
            additional_info: None,
            note: Some("dzwonić".into()),
            monday_item_id: None,
            source: Source::Chat,
            status: Status::Lost,
            created_at_ms: 5,
            updated_at_ms: 4,
        }
    }

    #[test]
    fn a_lead_is_read_with_its_own_times_and_status() {
        let (taken, faults) = read_old(old()).unwrap();
        let lead = taken.lead;
        assert_eq!(faults, []);
        assert_eq!(
            lead.phone.map(|phone| phone.e164().to_owned()).as_deref(),
            Some("+48600100200")
        );
        assert_eq!(
            (lead.property_size, lead.status),
            (Some(62.5), Status::Lost)
        );
        assert_eq!((lead.created_at_ms, lead.updated_at_ms), (5, 5));
        assert!(lead.is_weak_session && lead.lost_reason.is_some());
    }

    #[test]
    fn what_is_wrong_with_a_field_costs_the_field_and_without_a_way_to_reach_somebody_the_lead() {
        let odd = OldLead {
            name: Some("ż".repeat(10_000)),
            email: Some("anna(at)example.com".into()),
            property_size: Some("duże".into()),
            session_id: Some("a b".into()),
            location: Some("x".repeat(101)),
            ..old()
        };
        let (taken, faults) = read_old(odd.clone()).unwrap();
        let fields: HashSet<&str> = faults.iter().map(|(field, _)| *field).collect();
        let expected = ["name", "email", "property_size", "session_id", "location"];
        assert_eq!(fields, HashSet::from(expected));
        assert_eq!(taken.lead.name, "600 100 200");
        let said = format!("{faults:?}");
        assert!(!said.contains("anna") && !said.contains("600"), "{said}");
        let unreachable = OldLead { phone: None, ..odd };
        assert_eq!(read_old(unreachable).unwrap_err().0, "email");
    }

    #[test]
    fn a_lead_that_was_taken_over_is_known_by_its_key_and_nobody_is_told() {
        use crate::params;
        crate::platform::db::in_memory::<_, DbError>(|tx| {
            assert_eq!(taken_before(tx)?, HashSet::new());
            take_over(tx, read_old(old()).unwrap().0, 9)?;
            assert_eq!(taken_before(tx)?, HashSet::from(["7 -".to_owned()]));
            let jobs: i64 = tx.query_value("SELECT COUNT(*) FROM outbox_jobs", params![])?;
            assert_eq!(jobs, 0);
            Ok(())
        })
        .unwrap();
    }
}
