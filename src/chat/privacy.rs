//! What a visitor may do with the data of a conversation: see all of it, erase all of it.

use super::ChatError;
use super::findable::ERASED_JOB;
use super::model::{ConversationSummary, StoredMessage};
use super::notes::{self, Note};
use super::service::Chat;
use super::session::VisitorSession;
use super::store::{self, ConsentRow, Erased};
use crate::accounts::audit;
use crate::bookings::{self, ExportedBooking};
use crate::leads::{self, Lead, LeadNoteView};
use crate::notify::outbox::{self, About};
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::jobs::{NewJob, enqueue};
use crate::platform::secrets::sha256;
use crate::quotes::{self, QuoteRecord};
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
                })
            })
            .await
    }

    /// Erases everything kept about a session; the audit log keeps that it happened, by a hash of the id.
    pub(super) async fn erase(&self, visitor: &VisitorSession) -> Result<ErasedAll, ChatError> {
        let session_id = visitor.as_str().to_owned();
        self.store
            .write(move |tx| erase(tx, &session_id, now_ms()))
            .await
    }
}

fn erase(tx: &mut dyn Tx, session_id: &str, now_ms: i64) -> Result<ErasedAll, ChatError> {
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
    let hash = sha256(session_id);
    let details = serde_json::json!({
        "session_hash": format!("{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]),
        "conversations": erased.chat.conversations,
        "messages": erased.chat.messages,
        "consents": erased.chat.consents,
        "notes": erased.chat.notes,
        "quotes": erased.chat.quotes,
        "leads": erased.leads,
        "uploads": erased.uploads,
        "bookings": erased.bookings,
    });
    audit::record(tx, "visitor", "data_deleted", None, &details, now_ms)?;
    let job = NewJob {
        kind: ERASED_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)?;
    Ok(erased)
}
