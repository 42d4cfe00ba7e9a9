//! The shapes of events.

use serde::{Deserialize, Serialize};

use crate::chat::{ConversationSummary, HandledBy, NoteView, Speaker, StoredMessage};
use crate::knowledge::{QuickReply, Source};
use crate::platform::clock::to_rfc3339;
use crate::uploads::Attachment;

/// `connected`.
#[derive(Serialize)]
pub(super) struct Connected<'a> {
    pub(super) message: &'a str,
    pub(super) sid: String,
    pub(super) timestamp: String,
    pub(super) session_id: Option<&'a str>,
    pub(super) last_seq: i64,
}

/// `chat_message`, out: any message of a conversation.
#[derive(Serialize)]
pub(super) struct ChatMessage<'a> {
    pub(super) session_id: &'a str,
    pub(super) conversation_id: i64,
    pub(super) message_id: i64,
    pub(super) seq: i64,
    pub(super) sender: &'static str,
    pub(super) message: &'a str,
    pub(super) timestamp: String,
    pub(super) lang: &'static str,
    /// Who answers after this message; of a missed one, who answers now.
    pub(super) handled_by: HandledBy,
    /// Who wrote an agent's message; of any other, the person who answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intent: Option<&'a str>,
    pub(super) quick_replies: &'a [QuickReply],
    pub(super) sources: &'a [Source],
    pub(super) attachments: &'a [Attachment],
}

impl<'a> ChatMessage<'a> {
    pub(super) fn new(
        conversation_id: i64,
        session_id: &'a str,
        message: &'a StoredMessage,
        speaker: Speaker<'a>,
    ) -> Self {
        Self {
            session_id,
            conversation_id,
            message_id: message.id,
            seq: message.seq,
            sender: message.sender.as_str(),
            message: &message.body,
            timestamp: to_rfc3339(message.created_at_ms),
            lang: message.lang.code(),
            handled_by: speaker.handled_by,
            agent_name: message.agent_name.as_deref().or(speaker.agent_name),
            client_id: message.client_id.as_deref(),
            intent: message.intent.as_deref(),
            quick_replies: &message.extras.quick_replies,
            sources: &message.extras.sources,
            attachments: &message.extras.attachments,
        }
    }
}

/// `bot_response`.
#[derive(Serialize)]
pub(super) struct BotResponse<'a> {
    pub(super) session_id: &'a str,
    pub(super) response: &'a str,
    pub(super) conversation_id: i64,
    pub(super) message_id: i64,
    pub(super) timestamp: String,
    pub(super) seq: i64,
    pub(super) lang: &'static str,
    pub(super) handled_by: HandledBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_name: Option<&'a str>,
    pub(super) intent: Option<&'a str>,
    pub(super) quick_replies: &'a [QuickReply],
    pub(super) sources: &'a [Source],
    /// Id of the visitor's message it answers, where `bot_response_delta` came before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_reply_to: Option<i64>,
}

/// `bot_response_delta`: whole sentences of an answer that is being written. `bot_response` with the same `in_reply_to`
/// replaces them all.
#[derive(Serialize)]
pub(super) struct BotResponseDelta<'a> {
    pub(super) session_id: &'a str,
    pub(super) conversation_id: i64,
    /// Id of the visitor's message that is being answered.
    pub(super) message_id: i64,
    pub(super) delta: &'a str,
}

impl<'a> BotResponse<'a> {
    pub(super) fn new(
        conversation_id: i64,
        session_id: &'a str,
        reply: &'a StoredMessage,
        speaker: Speaker<'a>,
    ) -> Self {
        Self {
            session_id,
            response: &reply.body,
            conversation_id,
            message_id: reply.id,
            timestamp: to_rfc3339(reply.created_at_ms),
            seq: reply.seq,
            lang: reply.lang.code(),
            handled_by: speaker.handled_by,
            agent_name: speaker.agent_name,
            intent: reply.intent.as_deref(),
            quick_replies: &reply.extras.quick_replies,
            sources: &reply.extras.sources,
            in_reply_to: reply.extras.in_reply_to,
        }
    }
}

/// `message_received`, to the sender.
#[derive(Serialize)]
pub(super) struct MessageReceived<'a> {
    pub(super) session_id: &'a str,
    pub(super) message: &'a str,
    pub(super) timestamp: String,
    pub(super) status: &'static str,
    pub(super) seq: i64,
    pub(super) client_id: Option<&'a str>,
}

/// Acknowledgement of `chat_message`: it is on disk.
#[derive(Serialize)]
pub(super) struct Acknowledged {
    pub(super) message_id: i64,
    pub(super) seq: i64,
    pub(super) handled_by: HandledBy,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_name: Option<String>,
}

/// `error_message`, and the acknowledgement of an event that failed.
#[derive(Serialize)]
pub(super) struct ErrorMessage {
    pub(super) success: bool,
    pub(super) error: String,
    pub(super) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_after_s: Option<u64>,
}

/// A conversation for the team's list.
#[derive(Serialize)]
pub(super) struct ConversationFields {
    id: i64,
    session_id: String,
    status: &'static str,
    handled_by: &'static str,
    agent_id: Option<i64>,
    agent_name: Option<String>,
    lang: &'static str,
    last_message: String,
    last_sender: &'static str,
    last_seq: i64,
    rating: Option<i64>,
    created_at: String,
    updated_at: String,
    queued_at: Option<String>,
    is_escalated: bool,
}

impl From<&ConversationSummary> for ConversationFields {
    fn from(summary: &ConversationSummary) -> Self {
        Self {
            id: summary.id,
            session_id: summary.session_id.clone(),
            status: if summary.is_open { "open" } else { "closed" },
            handled_by: summary.handled_by.as_str(),
            agent_id: summary.agent_id,
            agent_name: summary.agent_name.clone(),
            lang: summary.lang.code(),
            last_message: summary.last_message.clone(),
            last_sender: summary.last_sender.as_str(),
            last_seq: summary.last_seq,
            rating: summary.rating,
            created_at: to_rfc3339(summary.created_at_ms),
            updated_at: to_rfc3339(summary.updated_at_ms),
            queued_at: summary.queued_at_ms.map(to_rfc3339),
            is_escalated: summary.is_escalated(),
        }
    }
}

/// `conversation_note`, to the team: somebody noted something.
#[derive(Serialize)]
pub(super) struct ConversationNote<'a> {
    pub(super) conversation_id: i64,
    pub(super) note: &'a NoteView,
}

/// `joined`, `left`.
#[derive(Serialize)]
pub(super) struct RoomEvent<'a> {
    pub(super) room: &'a str,
}

/// `user_typing`, `agent_typing`.
#[derive(Serialize)]
pub(super) struct TypingEvent<'a> {
    pub(super) session_id: &'a str,
    pub(super) is_typing: bool,
}

/// `pong`.
#[derive(Serialize)]
pub(super) struct Pong {
    pub(super) timestamp: String,
}

/// Handshake `auth`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Handshake {
    pub(super) session_id: Option<String>,
    pub(super) last_seq: Option<i64>,
    pub(super) api_key: Option<String>,
    /// Language of the page, for the first message.
    pub(super) lang: Option<String>,
}

/// `chat_message`, in.
#[derive(Debug, Deserialize)]
pub(super) struct IncomingMessage {
    pub(super) session_id: Option<String>,
    pub(super) message: String,
    pub(super) client_id: Option<String>,
    pub(super) lang: Option<String>,
}

/// `join`, `leave`.
#[derive(Debug, Deserialize)]
pub(super) struct IncomingRoom {
    pub(super) room: String,
}

/// `typing`.
#[derive(Debug, Deserialize)]
pub(super) struct IncomingTyping {
    pub(super) session_id: Option<String>,
    pub(super) is_typing: bool,
}
