//! What a conversation is made of.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::knowledge::{QuickReply, Source};
use crate::nlu::Lang;
use crate::text_column;
use crate::uploads::Attachment;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum Sender {
    /// The visitor.
    User,
    /// The automatic assistant.
    Bot,
    /// A member of the team.
    Agent,
    /// The program, about the conversation itself.
    System,
}

/// Who answers a conversation.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Enum,
)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum HandledBy {
    /// The automatic assistant.
    #[default]
    Bot,
    /// It waits for a person.
    Queue,
    /// A member of the team; the assistant is silent.
    Human,
}

text_column!(Sender { User = "user", Bot = "bot", Agent = "agent", System = "system" });
text_column!(HandledBy { Bot = "bot", Queue = "queue", Human = "human" });

/// Who answers a conversation, as its visitor sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Speaker<'a> {
    /// Who answers.
    pub handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    pub agent_name: Option<&'a str>,
}

impl<'a> Speaker<'a> {
    pub(super) fn new(handled_by: HandledBy, agent_name: Option<&'a str>) -> Self {
        Self {
            handled_by,
            agent_name,
        }
    }
}

/// What hangs on a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// Buttons under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quick_replies: Vec<QuickReply>,
    /// Documents it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Id of the visitor's message it answers; set where the two were not stored at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<i64>,
}

/// A message to be stored.
#[derive(Debug, Clone)]
pub(super) struct NewMessage {
    pub(super) sender: Sender,
    pub(super) agent_id: Option<i64>,
    pub(super) agent_name: Option<String>,
    pub(super) body: String,
    pub(super) lang: Lang,
    pub(super) intent: Option<String>,
    pub(super) confidence: Option<f32>,
    pub(super) extras: Extras,
    pub(super) client_id: Option<String>,
}

impl NewMessage {
    /// A plain message of `sender`.
    pub(super) fn new(sender: Sender, body: String, lang: Lang) -> Self {
        Self {
            sender,
            agent_id: None,
            agent_name: None,
            body,
            lang,
            intent: None,
            confidence: None,
            extras: Extras::default(),
            client_id: None,
        }
    }

    /// As it is shown once without being stored.
    pub(super) fn passing(self, seq: i64, now_ms: i64) -> StoredMessage {
        StoredMessage {
            id: 0,
            seq,
            sender: self.sender,
            agent_name: self.agent_name,
            body: self.body,
            lang: self.lang,
            intent: self.intent,
            confidence: self.confidence.map(f64::from),
            extras: self.extras,
            client_id: self.client_id,
            created_at_ms: now_ms,
        }
    }

    /// What lists show of it: its words, or the name of its picture.
    pub(super) fn gist(&self) -> Cow<'_, str> {
        match self.extras.attachments.first() {
            Some(picture) if self.body.is_empty() => format!("📷 {}", picture.filename).into(),
            _ => (&*self.body).into(),
        }
    }
}

/// A message as it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMessage {
    /// Unique over all conversations.
    pub id: i64,
    /// 1, 2, 3 … within its conversation.
    pub seq: i64,
    /// Who wrote it.
    pub sender: Sender,
    /// The person's name when `sender` is an agent.
    pub agent_name: Option<String>,
    /// The text.
    pub body: String,
    /// Its language.
    pub lang: Lang,
    /// What it was understood as, or answers.
    pub intent: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f64>,
    /// Buttons and sources.
    pub extras: Extras,
    /// UUID given by the sender.
    pub client_id: Option<String>,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
}

/// A conversation as lists show it.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // the fields are the columns of schema.sql
pub struct ConversationSummary {
    pub id: i64,
    pub session_id: String,
    pub is_open: bool,
    pub handled_by: HandledBy,
    pub agent_id: Option<i64>,
    pub agent_name: Option<String>,
    pub lang: Lang,
    pub last_seq: i64,
    pub last_message: String,
    pub last_sender: Sender,
    pub rating: Option<i64>,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
    pub queued_at_ms: Option<i64>,
    pub escalated_at_ms: Option<i64>,
}

impl ConversationSummary {
    /// It waits for a person longer than it should, and the team was told so.
    pub fn is_escalated(&self) -> bool {
        self.handled_by == HandledBy::Queue
            && self.escalated_at_ms.is_some()
            && self.escalated_at_ms >= self.queued_at_ms
    }
}
