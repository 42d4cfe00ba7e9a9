//! Everything that became of a lead, in the order of time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::LeadError;
use super::changes::{FieldChange, What};
use super::service::Leads;
use super::store::{self, history};
use crate::accounts;
use crate::bookings;
use crate::notify::outbox::{self, About};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};
use crate::quotes;

/// A note of the team on a lead.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct LeadNoteView {
    /// Unique over all leads.
    pub id: i64,
    /// Who wrote it; null: a program with a key.
    pub author_id: Option<i64>,
    /// That person's name, as it was then.
    pub author_name: String,
    /// The text.
    pub note: String,
    /// RFC 3339.
    pub timestamp: String,
}

impl From<history::Note> for LeadNoteView {
    fn from(note: history::Note) -> Self {
        Self {
            id: note.id,
            author_id: note.author_id,
            author_name: note.author_name,
            note: note.body,
            timestamp: to_rfc3339(note.created_at_ms),
        }
    }
}

/// Something that became of a lead.
#[derive(Debug, Clone, Object)]
#[oai(rename = "LeadEvent")]
pub(super) struct Event {
    /// RFC 3339.
    at: String,
    /// Of the lead: `created`, `imported`, `joined`, `updated`, `status_changed`, `assigned`, `merged`, `marked_spam`,
    /// `released`; besides `note`, `letter`, `booking`, `quote`.
    kind: String,
    /// `user:<id>`, `key:<id>`, `visitor` or `system`, where it is known.
    by: Option<String>,
    /// That member's name.
    by_name: Option<String>,
    /// Fields that changed.
    changes: Vec<FieldChange>,
    /// The note, or which letter it was.
    text: Option<String>,
    /// How far the letter or the booking came.
    state: Option<String>,
    /// Number of the note, letter, booking or quote, or of the lead that was merged in.
    ref_id: Option<i64>,
    #[oai(skip)]
    at_ms: i64,
}

impl Event {
    fn new(at_ms: i64, kind: &str) -> Self {
        Self {
            at: to_rfc3339(at_ms),
            kind: kind.to_owned(),
            by: None,
            by_name: None,
            changes: Vec::new(),
            text: None,
            state: None,
            ref_id: None,
            at_ms,
        }
    }
}

impl Leads {
    /// What became of a lead, the oldest first.
    pub(super) async fn timeline(&self, id: i64) -> Result<Vec<Event>, LeadError> {
        self.store
            .read(move |tx| {
                store::lead(tx, id)?.ok_or(LeadError::NotFound)?;
                Ok(events(tx, id)?)
            })
            .await
    }
}

/// The notes on a lead, the oldest first.
pub fn notes(tx: &mut dyn Tx, lead_id: i64) -> Result<Vec<LeadNoteView>, DbError> {
    let notes = history::notes(tx, lead_id)?;
    Ok(notes.into_iter().map(LeadNoteView::from).collect())
}

fn events(tx: &mut dyn Tx, id: i64) -> Result<Vec<Event>, DbError> {
    let mut events = Vec::new();
    for past in history::of(tx, id)? {
        // The note itself says more.
        if past.kind != What::Noted.as_str() {
            events.push(Event {
                by: Some(past.actor),
                changes: past.changes,
                ref_id: past.other_lead_id,
                ..Event::new(past.at_ms, &past.kind)
            });
        }
    }
    events.extend(history::notes(tx, id)?.into_iter().map(|note| Event {
        by: note.author_id.map(|id| format!("user:{id}")),
        by_name: Some(note.author_name),
        text: Some(note.body),
        ref_id: Some(note.id),
        ..Event::new(note.created_at_ms, "note")
    }));
    events.extend(
        outbox::about(tx, About::Lead(id))?
            .into_iter()
            .map(|sent| Event {
                text: Some(sent.message),
                state: Some(sent.state.as_str().to_owned()),
                ref_id: Some(sent.id),
                ..Event::new(sent.created_at_ms, "letter")
            }),
    );
    events.extend(bookings::of_lead(tx, id)?.into_iter().map(|booking| {
        Event {
            by: Some(
                booking
                    .created_by
                    .unwrap_or_else(|| accounts::audit::VISITOR.to_owned()),
            ),
            state: Some(booking.status.as_str().to_owned()),
            ref_id: Some(booking.id),
            ..Event::new(booking.created_at_ms, "booking")
        }
    }));
    events.extend(
        quotes::of_lead(tx, id)?
            .into_iter()
            .map(|(quote, created_at_ms)| Event {
                ref_id: Some(quote),
                ..Event::new(created_at_ms, "quote")
            }),
    );
    events.sort_by_key(|event| event.at_ms);
    name(tx, &mut events)?;
    Ok(events)
}

/// Writes names beside members.
fn name(tx: &mut dyn Tx, events: &mut [Event]) -> Result<(), DbError> {
    let mut names: BTreeMap<i64, Option<String>> = BTreeMap::new();
    for event in events.iter_mut().filter(|event| event.by_name.is_none()) {
        let by = event.by.as_deref().and_then(|by| by.strip_prefix("user:"));
        let Some(id) = by.and_then(|id| id.parse().ok()) else {
            continue;
        };
        let name = match names.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(accounts::display_name(tx, id)?),
        };
        event.by_name.clone_from(name);
    }
    Ok(())
}
