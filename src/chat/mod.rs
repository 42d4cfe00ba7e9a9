//! Conversations with visitors: sessions, messages in order, who speaks, and the team's inbox.
//!
//! Owns the tables `conversations`, `messages`, `conversation_notes`, `missed_questions` and `consents`, and the setting `conversations`. Every message of a conversation has a `seq` (1, 2, 3 …)
//! given in the transaction that stores it; a bot's answer is stored in the same transaction as the question, and only
//! if the bot still owns the conversation there.

mod consent;
mod counted;
mod dialogue;
mod error;
mod findable;
mod greeting;
mod hand_off;
mod hooks;
mod http;
mod inbox;
mod inbox_http;
mod late;
mod left;
mod missed;
mod model;
mod notes;
mod past;
pub mod person;
mod pictures;
mod privacy;
mod privacy_http;
mod rules;
mod service;
mod session;
mod sessions;
mod store;
mod suggestions;
mod taken_over;
mod traffic;
mod turn;
mod views;
mod waiting;
mod waiting_http;

use crate::platform::db::{DbError, Tx};
use crate::webhooks::EventKind;

pub use error::ChatError;
pub use findable::{ERASED_JOB, conversation_text, conversation_versions};
pub use http::ChatApi;
pub use inbox_http::ConversationsApi;
pub use late::Later;
pub use missed::{
    Cause, MissedQuestion, Resolution, is_resolved, note_search, open_questions, resolve,
};
pub use model::{ConversationSummary, HandledBy, Sender, Speaker, StoredMessage};
pub use notes::NoteView;
pub use past::{PastConversation, PastMessage, keep_past};
pub use privacy_http::PrivacyApi;
pub use service::{Chat, History, SendMessage};
pub use session::{SessionId, VisitorSession};
pub use taken_over::{OldConversation, OldMessage, TakenMessage, take_over, take_over_consent};
pub use traffic::{begun_since, said_since};
pub use turn::Turn;
pub use waiting::ESCALATE_JOB;
pub use waiting_http::WaitingApi;

/// Puts the open conversations of a member of the team who leaves back into the queue; answers how many. Part of the
/// transaction that lets them go.
pub fn release(tx: &mut dyn Tx, agent_id: i64, now_ms: i64) -> Result<u64, DbError> {
    let theirs = store::attended_by(tx, agent_id)?;
    let released = store::release(tx, agent_id, now_ms)?;
    for id in theirs {
        hooks::queue(tx, EventKind::ConversationHandedOver, id, now_ms)?;
    }
    Ok(released)
}

/// Sections of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What visitors call: sessions, messages, their own data.
    Chat,
    /// What the team calls: conversations of visitors.
    Inbox,
}
