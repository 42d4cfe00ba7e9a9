//! What a visitor may do with the data of a conversation: see all of it, erase all of it.

use super::ChatError;
use super::model::{ConversationSummary, StoredMessage};
use super::notes::{self, Note};
use super::service::Chat;
use super::session::VisitorSession;
use super::store::{self, ConsentRow, Erased};
use crate::accounts::audit;
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;
use crate::platform::secrets::sha256;

/// Everything kept about a session.
pub(super) struct SessionData {
    pub(super) conversation: Option<ConversationSummary>,
    pub(super) rating_comment: Option<String>,
    pub(super) messages: Vec<StoredMessage>,
    pub(super) notes: Vec<Note>,
    pub(super) consents: Vec<ConsentRow>,
}

impl Chat {
    /// Everything kept about a session.
    pub(super) async fn export(&self, session_id: String) -> Result<SessionData, ChatError> {
        self.store
            .read(move |tx| {
                let consents = store::consents(tx, &session_id)?;
                let Some(state) = store::state(tx, &session_id)? else {
                    return Ok(SessionData {
                        conversation: None,
                        rating_comment: None,
                        messages: Vec::new(),
                        notes: Vec::new(),
                        consents,
                    });
                };
                Ok(SessionData {
                    conversation: store::summary(tx, state.id)?,
                    rating_comment: store::rating(tx, state.id)?.1,
                    messages: store::messages_since(tx, state.id, 0, i64::MAX)?,
                    notes: notes::of(tx, state.id)?,
                    consents,
                })
            })
            .await
    }

    /// Erases everything kept about a session; the audit log keeps that it happened, by a hash of the id.
    pub(super) async fn erase(&self, visitor: &VisitorSession) -> Result<Erased, ChatError> {
        let session_id = visitor.as_str().to_owned();
        self.store
            .write(move |tx| erase(tx, &session_id, now_ms()))
            .await
    }
}

fn erase(tx: &mut dyn Tx, session_id: &str, now_ms: i64) -> Result<Erased, ChatError> {
    let erased = store::erase(tx, session_id)?;
    let hash = sha256(session_id);
    let details = serde_json::json!({
        "session_hash": format!("{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]),
        "conversations": erased.conversations,
        "messages": erased.messages,
        "consents": erased.consents,
        "notes": erased.notes,
    });
    audit::record(tx, "visitor", "data_deleted", None, &details, now_ms)?;
    Ok(erased)
}
