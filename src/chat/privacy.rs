//! What a visitor may do with the data of a conversation: see all of it, erase all of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ChatError;
use super::findable::ERASED_JOB;
use super::model::{ConversationSummary, StoredMessage};
use super::notes::{self, Note};
use super::service::Chat;
use super::session::VisitorSession;
use super::store::{self, ConsentRow, Erased};
use crate::accounts::audit;
use crate::analytics;
use crate::bookings::{self, ExportedBooking};
use crate::leads::{self, Lead, LeadNoteView};
use crate::notify::outbox::{self, About};
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::jobs::{NewJob, enqueue};
use crate::platform::secrets::Secrets;
use crate::quotes::{self, QuoteRecord};
use crate::rodo::{self, Person};
use crate::uploads::{self, Upload};
use crate::webhooks;

/// Everything kept about a session.
pub(super) struct SessionData {
    pub(super) conversation: Option<ConversationSummary>,
    pub(super) rating_comment: Option<String>,
    pub(super) messages: Vec<StoredMessage>,
    pub(super) notes: Vec<Note>,
    pub(super) consents: Vec<ConsentRow>,
    pub(super) quotes: Vec<QuoteRecord>,
    pub(super) leads: Vec<Lead>,
    /// Notes on leads, by the lead's number.
    pub(super) lead_notes: Vec<(i64, LeadNoteView)>,
    pub(super) uploads: Vec<Upload>,
    pub(super) bookings: Vec<ExportedBooking>,
    /// What the numbers know of it.
    pub(super) visit: Option<Value>,
}

/// How many rows of each kind are gone.
pub(super) struct ErasedAll {
    pub(super) chat: Erased,
    pub(super) leads: u64,
    pub(super) uploads: u64,
    pub(super) bookings: u64,
}

impl Chat {
    /// Everything kept about a session.
    pub(super) async fn export(&self, session_id: String) -> Result<SessionData, ChatError> {
        self.store
            .read(move |tx| {
                let consents = store::consents(tx, &session_id)?;
                let quotes = quotes::of_session(tx, &session_id)?;
                let leads = leads::of_session(tx, &session_id)?;
                let mut lead_notes = Vec::new();
                for lead in &leads {
                    let notes = leads::notes(tx, lead.id)?.into_iter();
                    lead_notes.extend(notes.map(|note| (lead.id, note)));
                }
                let uploads = uploads::of_session(tx, &session_id)?;
                let bookings = bookings::of_session(tx, &session_id)?;
                let bookings = bookings.iter().map(ExportedBooking::from).collect();
                let visit = analytics::export_session(tx, &session_id)?;
                let Some(state) = store::state(tx, &session_id)? else {
                    return Ok(SessionData {
                        conversation: None,
                        rating_comment: None,
                        messages: Vec::new(),
                        notes: Vec::new(),
                        consents,
                        quotes,
                        leads,
                        lead_notes,
                        uploads,
                        bookings,
                        visit,
                    });
                };
                Ok(SessionData {
                    conversation: store::summary(tx, state.id)?,
                    rating_comment: store::rating(tx, state.id)?.1,
                    messages: store::messages_since(tx, state.id, 0, i64::MAX)?,
                    notes: notes::of(tx, state.id)?,
                    consents,
                    quotes,
                    leads,
                    lead_notes,
                    uploads,
                    bookings,
                    visit,
                })
            })
            .await
    }

    /// Erases everything kept about a session; the audit log keeps that it happened, a tombstone that it must not come
    /// back.
    pub(super) async fn erase(&self, visitor: &VisitorSession) -> Result<ErasedAll, ChatError> {
        let (session_id, secrets) = (visitor.as_str().to_owned(), self.secrets.clone());
        self.store
            .write(move |tx| erase(tx, &session_id, &secrets, now_ms()))
            .await
    }
}

fn erase(
    tx: &mut dyn Tx,
    session_id: &str,
    secrets: &Secrets,
    now_ms: i64,
) -> Result<ErasedAll, ChatError> {
    let leads = leads::of_session(tx, session_id)?;
    let bookings = bookings::of_session(tx, session_id)?;
    let person = Person {
        sessions: [session_id.to_owned()].into(),
        leads: leads.iter().map(|lead| lead.id).collect(),
        bookings: bookings.iter().map(|booking| booking.id).collect(),
        ..Person::default()
    };
    if let Some(conversation) = store::state(tx, session_id)? {
        outbox::forget(tx, About::Conversation(conversation.id))?;
        webhooks::forget(tx, About::Conversation(conversation.id))?;
    }
    let erased = ErasedAll {
        chat: store::erase(tx, session_id)?,
        // Before the leads, which bookings refer to.
        bookings: bookings::erase_session(tx, session_id)?,
        leads: leads::erase_session(tx, session_id, now_ms)?,
        uploads: uploads::erase_session(tx, session_id)?,
    };
    audit::forget_session(tx, session_id)?;
    let job = NewJob {
        kind: ERASED_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)?;
    rodo::note_erasure(tx, &person, erased.counts(), secrets, now_ms)?;
    Ok(erased)
}

impl ErasedAll {
    /// How many of what, by name.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        BTreeMap::from([
            ("conversations".into(), self.chat.conversations),
            ("messages".into(), self.chat.messages),
            ("consents".into(), self.chat.consents),
            ("notes".into(), self.chat.notes),
            ("quotes".into(), self.chat.quotes),
            ("leads".into(), self.leads),
            ("uploads".into(), self.uploads),
            ("bookings".into(), self.bookings),
        ])
    }
}
