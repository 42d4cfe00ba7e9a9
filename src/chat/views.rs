//! The shapes in which conversations leave the server.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::model::{ConversationSummary, HandledBy, Sender, StoredMessage};
use crate::knowledge::{QuickReply, Source};
use crate::platform::clock::to_rfc3339;
use crate::uploads::Attachment;

/// A message of a conversation.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct MessageView {
    /// Unique over all conversations.
    pub id: i64,
    /// 1, 2, 3 … within the conversation.
    pub seq: i64,
    /// The text.
    pub message: String,
    /// Who wrote it.
    pub sender: Sender,
    /// The person's name when an agent wrote it.
    pub agent_name: Option<String>,
    /// RFC 3339.
    pub timestamp: String,
    /// UUID given by the sender.
    pub client_id: Option<String>,
    /// What it was understood as, or answers.
    pub intent: Option<String>,
    /// Buttons under it.
    pub quick_replies: Vec<QuickReply>,
    /// Documents it rests on.
    pub sources: Vec<Source>,
    /// Pictures that belong to it.
    pub attachments: Vec<Attachment>,
}

impl From<StoredMessage> for MessageView {
    fn from(message: StoredMessage) -> Self {
        Self {
            id: message.id,
            seq: message.seq,
            message: message.body,
            sender: message.sender,
            agent_name: message.agent_name,
            timestamp: to_rfc3339(message.created_at_ms),
            client_id: message.client_id,
            intent: message.intent,
            quick_replies: message.extras.quick_replies,
            sources: message.extras.sources,
            attachments: message.extras.attachments,
        }
    }
}

/// A conversation as lists show it.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct ConversationView {
    /// Id of the conversation.
    pub id: i64,
    /// The visitor's session id.
    pub session_id: String,
    /// `open` or `closed`.
    pub status: String,
    /// Who answers.
    pub handled_by: HandledBy,
    /// Who owns it when a person does.
    pub agent_id: Option<i64>,
    /// That person's name.
    pub agent_name: Option<String>,
    /// `pl`, `en` or `de`.
    pub lang: String,
    /// Beginning of the newest message.
    pub last_message: String,
    /// Who wrote it.
    pub last_sender: Sender,
    /// Its number.
    pub last_seq: i64,
    /// The visitor's rating, 1 to 5.
    pub rating: Option<i64>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Since when it waits for a person; RFC 3339.
    pub queued_at: Option<String>,
    /// It waits longer than it should; see the waiting times in the settings.
    pub is_escalated: bool,
}

impl From<&ConversationSummary> for ConversationView {
    fn from(summary: &ConversationSummary) -> Self {
        Self {
            id: summary.id,
            session_id: summary.session_id.clone(),
            status: if summary.is_open { "open" } else { "closed" }.into(),
            handled_by: summary.handled_by,
            agent_id: summary.agent_id,
            agent_name: summary.agent_name.clone(),
            lang: summary.lang.code().into(),
            last_message: summary.last_message.clone(),
            last_sender: summary.last_sender,
            last_seq: summary.last_seq,
            rating: summary.rating,
            created_at: to_rfc3339(summary.created_at_ms),
            updated_at: to_rfc3339(summary.updated_at_ms),
            queued_at: summary.queued_at_ms.map(to_rfc3339),
            is_escalated: summary.is_escalated(),
        }
    }
}
