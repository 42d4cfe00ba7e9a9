//! What goes out. A live update is nice to have: the database already holds the truth, clients fill gaps by seq, so
//! an error here is logged and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde_json::Value;
use socketioxide::SocketIo;

use super::payloads::{
    BotResponse, BotResponseDelta, ChatMessage, ConversationFields, ConversationNote,
};
use crate::chat::{ConversationSummary, NoteView, Sender, SessionId, Speaker, StoredMessage, Turn};
use crate::platform::clock::{now_ms, to_rfc3339};

/// Room of the team.
pub(super) const ADMIN_ROOM: &str = "admin";

/// The room of a conversation's visitors.
pub(super) fn session_room(session_id: &str) -> String {
    format!("session:{session_id}")
}

/// Sends events to rooms. Cheap to clone.
#[derive(Clone)]
pub struct Broadcast {
    io: SocketIo,
    connected: Arc<AtomicUsize>,
    admins: Arc<AtomicUsize>,
}

impl Broadcast {
    pub(super) fn new(io: SocketIo) -> Self {
        Self {
            io,
            connected: Arc::default(),
            admins: Arc::default(),
        }
    }

    pub(super) fn connected(&self) -> &AtomicUsize {
        &self.connected
    }

    pub(super) fn admins(&self) -> &AtomicUsize {
        &self.admins
    }

    /// Number of open sockets.
    pub fn open_sockets(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    /// True when a member of the team listens.
    pub fn has_listeners(&self) -> bool {
        self.admins.load(Ordering::Relaxed) > 0
    }

    /// True while a socket of this session is open.
    pub fn is_in_room(&self, session_id: &str) -> bool {
        !self
            .io
            .within(session_room(session_id))
            .sockets()
            .is_empty()
    }

    /// Tells the session's sockets and the team about a visitor's message and its answer.
    pub async fn visitor_turn(&self, session: &SessionId, turn: &Turn) {
        if self.open_sockets() == 0 {
            return;
        }
        let (id, session_id, speaker) = (turn.conversation_id, session.as_str(), turn.speaker());
        self.message(id, session_id, &turn.message, speaker).await;
        if let Some(reply) = &turn.reply {
            self.reply(id, session, reply, speaker).await;
        }
    }

    /// Tells the session's sockets and the team about an answer of the assistant.
    pub async fn reply(
        &self,
        conversation_id: i64,
        session: &SessionId,
        reply: &StoredMessage,
        speaker: Speaker<'_>,
    ) {
        let session_id = session.as_str();
        self.message(conversation_id, session_id, reply, speaker)
            .await;
        if reply.sender == Sender::Bot && !session.is_weak() {
            let event = BotResponse::new(conversation_id, session_id, reply, speaker);
            self.emit(session_room(session_id), "bot_response", &event)
                .await;
        }
    }

    /// Shows the session's sockets more of an answer that is being written.
    pub async fn reply_delta(
        &self,
        conversation_id: i64,
        session: &SessionId,
        message_id: i64,
        delta: &str,
    ) {
        let session_id = session.as_str();
        let event = BotResponseDelta {
            session_id,
            conversation_id,
            message_id,
            delta,
        };
        self.emit(session_room(session_id), "bot_response_delta", &event)
            .await;
    }

    /// Tells the session's sockets and the team about any message, and who answers after it.
    pub async fn message(
        &self,
        conversation_id: i64,
        session_id: &str,
        message: &StoredMessage,
        speaker: Speaker<'_>,
    ) {
        if self.open_sockets() == 0 {
            return;
        }
        let event = ChatMessage::new(conversation_id, session_id, message, speaker);
        self.emit(session_room(session_id), "chat_message", &event)
            .await;
        if self.has_listeners() {
            self.emit(ADMIN_ROOM.to_owned(), "chat_message", &event)
                .await;
        }
    }

    /// Tells the team how a conversation stands.
    pub async fn conversation_updated(&self, summary: &ConversationSummary) {
        let fields = ConversationFields::from(summary);
        self.tell_team("conversation_updated", "conversation", &fields)
            .await;
    }

    /// Tells the team what became of something: its fields at top level, again under `name`, and the time.
    pub async fn tell_team<T: Serialize>(&self, event: &'static str, name: &str, fields: &T) {
        if !self.has_listeners() {
            return;
        }
        match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => {
                let mut payload = fields.clone();
                payload.insert(name.to_owned(), Value::Object(fields));
                payload.insert("timestamp".into(), to_rfc3339(now_ms()).into());
                self.emit(ADMIN_ROOM.to_owned(), event, &payload).await;
            }
            other => tracing::error!(
                event,
                is_json = other.is_ok(),
                "a live update has no fields"
            ),
        }
    }

    /// Shows the team a note of one of them.
    pub async fn note(&self, conversation_id: i64, note: &NoteView) {
        if self.has_listeners() {
            let event = ConversationNote {
                conversation_id,
                note,
            };
            self.emit(ADMIN_ROOM.to_owned(), "conversation_note", &event)
                .await;
        }
    }

    /// Tells everyone something about the server, e.g. that it stops.
    pub async fn system_message(&self, message: &str, level: &str) {
        let event = serde_json::json!({
            "message": message,
            "level": level,
            "timestamp": to_rfc3339(now_ms()),
        });
        if let Err(error) = self.io.emit("system_message", &event).await {
            tracing::debug!(%error, "a live update did not reach everyone");
        }
    }

    pub(super) async fn emit<T: Serialize + ?Sized>(&self, room: String, event: &str, payload: &T) {
        if let Err(error) = self.io.to(room).emit(event, payload).await {
            tracing::debug!(%error, event, "a live update did not reach everyone");
        }
    }
}
