//! /api/chatbot: what visitors call.

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Multipart, Object, OpenApi};
use serde::Serialize;

use super::model::HandledBy;
use super::service::{Chat, HISTORY_MAX, SendMessage};
use super::sessions::{SessionAnswer, SessionRequest};
use super::turn::Turn;
use super::views::MessageView;
use crate::knowledge::{QuickReply, Source, named_lang};
use crate::platform::clock::now_ms;
use crate::platform::http::{Caller, JsonBytes, JsonText, Problem};
use crate::uploads::{FormText, SentPicture};

/// The endpoints.
pub struct ChatApi(pub Chat);

#[derive(Debug, Object)]
#[oai(example)]
struct ChatRequest {
    /// 1 to 2,000 characters, or the payload of a button.
    message: JsonText,
    /// From POST /sessions; without one a new session begins.
    session_id: Option<JsonText>,
    /// UUID; sending the same one again stores nothing twice.
    client_id: Option<JsonText>,
    /// Language of the answer; else the message's own.
    lang: Option<JsonText>,
}

impl Example for ChatRequest {
    fn example() -> Self {
        Self {
            message: JsonText("Ile kosztuje wykończenie mieszkania?".into()),
            session_id: Some(JsonText("abc123".into())),
            client_id: Some(JsonText("7f1f2f0e-5a0b-4f7c-8f55-0d0c4b2f9a10".into())),
            lang: None,
        }
    }
}

#[derive(Multipart)]
struct PictureForm {
    /// PNG, JPEG, GIF or WebP, 10 MB at most.
    file: SentPicture,
    /// From POST /sessions; without one a new session begins.
    session_id: Option<FormText>,
    /// Words beside it, up to 2,000 characters.
    message: Option<FormText>,
    /// UUID; sending the same one again stores nothing twice.
    client_id: Option<FormText>,
    /// Language of the answer; else that of the words.
    lang: Option<FormText>,
}

#[derive(Debug, Object)]
struct PictureAnswer {
    success: bool,
    session_id: String,
    conversation_id: i64,
    /// The picture as a message.
    message: MessageView,
    /// What the assistant says to it; null while a person owns the conversation.
    reply: Option<MessageView>,
    handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    agent_name: Option<String>,
}

#[derive(Debug, Serialize, Object)]
struct ChatAnswer {
    /// The answer; empty while a person owns the conversation.
    response: String,
    session_id: String,
    conversation_id: i64,
    /// Id of the answer; of the visitor's message when there is no answer.
    message_id: i64,
    /// Number of the message `message_id` names.
    seq: i64,
    /// Id of the visitor's message.
    user_message_id: i64,
    /// Number of the visitor's message.
    user_seq: i64,
    /// Language of the answer.
    lang: String,
    /// What the message was understood as.
    intent: Option<String>,
    /// 0 to 1, calibrated.
    confidence: Option<f64>,
    quick_replies: Vec<QuickReply>,
    sources: Vec<Source>,
    handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    agent_name: Option<String>,
}

#[derive(Debug, Serialize, Object)]
struct HistoryAnswer {
    success: bool,
    messages: Vec<MessageView>,
    /// Number of the newest message.
    last_seq: i64,
    /// Who answers now.
    handled_by: HandledBy,
    /// The person's name while one answers and it is known.
    agent_name: Option<String>,
    /// Somebody of the team is there now.
    business_open: bool,
    /// When somebody is there next; RFC 3339, null while open.
    next_open: Option<String>,
}

#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct SessionOnly {
    /// From POST /sessions.
    pub(super) session_id: JsonText,
}

impl Example for SessionOnly {
    fn example() -> Self {
        Self {
            session_id: JsonText("nh_2b1p8m4Yt0m3mJ1v9pQ6Zk1rYh0cO7xwS4E".into()),
        }
    }
}

#[derive(Debug, Object)]
#[oai(example)]
struct RateRequest {
    session_id: JsonText,
    /// 1 to 5.
    rating: i64,
    comment: Option<JsonText>,
}

impl Example for RateRequest {
    fn example() -> Self {
        Self {
            session_id: JsonText("nh_2b1p8m4Yt0m3mJ1v9pQ6Zk1rYh0cO7xwS4E".into()),
            rating: 5,
            comment: Some(JsonText("Szybko i na temat.".into())),
        }
    }
}

#[derive(Debug, Object)]
struct Success {
    success: bool,
}

#[derive(Debug, Object)]
struct HandoffAnswer {
    success: bool,
    handled_by: HandledBy,
    business_open: bool,
    next_open: Option<String>,
}

#[derive(Debug, Object)]
struct ChatHealth {
    status: String,
    version: String,
}

#[OpenApi(prefix_path = "/api/chatbot", tag = "super::Section::Chat")]
impl ChatApi {
    /// Ask the assistant.
    #[oai(path = "/chat", method = "post", operation_id = "chat")]
    async fn chat(
        &self,
        body: Json<ChatRequest>,
        caller: Caller,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
    ) -> Result<JsonBytes<ChatAnswer>, Problem> {
        let body = body.0;
        let session = match &body.session_id {
            Some(id) => self.0.session(&id.0)?,
            None => self.0.mint()?,
        };
        let lang = body.lang.as_deref().map(named_lang).transpose()?;
        let hint = self.0.knowledge.request_lang(None, accept.0.as_deref())?;
        let message = SendMessage::parse(
            session.clone(),
            &body.message.0,
            body.client_id.as_deref(),
            lang,
            Some(hint),
        )?
        .sent_from(caller.address);
        let turn = self.0.send(message).await?;
        JsonBytes::of(&chat_answer(session.as_str(), turn))
    }

    /// Send a picture, with words or without. Only your conversation and the team can see it.
    #[oai(path = "/attachments", method = "post", operation_id = "send_picture")]
    async fn attachments(
        &self,
        form: PictureForm,
        caller: Caller,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
    ) -> Result<Json<PictureAnswer>, Problem> {
        let session = match &form.session_id {
            Some(id) => self.0.session(id.0.trim())?,
            None => self.0.mint()?,
        };
        let text = |field: &Option<FormText>| field.as_ref().map(|text| text.0.trim().to_owned());
        let lang = text(&form.lang).map(|lang| named_lang(&lang)).transpose()?;
        let hint = self.0.knowledge.request_lang(None, accept.0.as_deref())?;
        let request = SendMessage::beside_picture(
            session.clone(),
            &text(&form.message).unwrap_or_default(),
            text(&form.client_id).as_deref(),
            lang,
            Some(hint),
        )?
        .sent_from(caller.address);
        let turn = self.0.send_picture(request, form.file).await?;
        Ok(Json(PictureAnswer {
            success: true,
            session_id: session.to_string(),
            conversation_id: turn.conversation_id,
            message: turn.message.into(),
            reply: turn.reply.map(MessageView::from),
            handled_by: turn.handled_by,
            agent_name: turn.agent_name,
        }))
    }

    /// Begin a session, or go on with one. Before the first message only the visit is counted: classes of device and
    /// browser, a truncated address, and where the visitor came from.
    #[oai(path = "/sessions", method = "post", operation_id = "create_session")]
    async fn sessions(
        &self,
        body: Json<SessionRequest>,
        caller: Caller,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
        #[oai(name = "User-Agent")] user_agent: Header<Option<String>>,
    ) -> Result<Json<SessionAnswer>, Problem> {
        let lang = self
            .0
            .knowledge
            .request_lang(body.0.lang.as_deref(), accept.0.as_deref())?;
        let session = self
            .0
            .open_session(&body.0, lang, caller.address, user_agent.0.as_deref())
            .await?;
        let knowledge = self.0.knowledge.snapshot();
        let opening = knowledge.opening(now_ms());
        let buttons = knowledge
            .intent("greeting")
            .map(|intent| intent.follow_ups.iter())
            .into_iter()
            .flatten();
        Ok(Json(SessionAnswer {
            session_id: session.to_string(),
            title: knowledge.title(lang).to_owned(),
            greeting: knowledge.greeting(lang).to_owned(),
            quick_replies: buttons
                .filter_map(|name| knowledge.button(name, lang))
                .collect(),
            lang: lang.code().into(),
            business_open: opening.is_open,
            next_open: opening.next_open.map(|next| next.timestamp().to_string()),
        }))
    }

    /// The conversation so far, for whoever holds its session, and for agents.
    #[oai(
        path = "/history/:session_id",
        method = "get",
        operation_id = "chat_history"
    )]
    async fn history(
        &self,
        caller: Caller,
        session_id: Path<String>,
        /// Only messages after this number.
        since: Query<Option<i64>>,
        /// At most 500.
        limit: Query<Option<i64>>,
    ) -> Result<JsonBytes<HistoryAnswer>, Problem> {
        let session_id = self.0.readable(&caller, &session_id.0)?;
        let limit = limit.0.unwrap_or(HISTORY_MAX);
        if !(1..=HISTORY_MAX).contains(&limit) {
            return Err(Problem::field(
                "invalid_value",
                "limit",
                "must be from 1 to 500",
            ));
        }
        let history = self
            .0
            .history(session_id, since.0.unwrap_or(0).max(0), limit)
            .await?;
        let opening = self.0.knowledge.snapshot().opening(now_ms());
        JsonBytes::of(&HistoryAnswer {
            success: true,
            messages: history.messages.into_iter().map(Into::into).collect(),
            last_seq: history.last_seq,
            handled_by: history.handled_by,
            agent_name: history.agent_name,
            business_open: opening.is_open,
            next_open: opening.next_open.map(|next| next.timestamp().to_string()),
        })
    }

    /// Rate the conversation.
    #[oai(path = "/rate", method = "post", operation_id = "rate_conversation")]
    async fn rate(&self, body: Json<RateRequest>) -> Result<Json<Success>, Problem> {
        let visitor = self.0.visitor(&body.0.session_id.0)?;
        self.0
            .rate(&visitor, body.0.rating, body.0.comment.as_deref())
            .await?;
        Ok(Json(Success { success: true }))
    }

    /// Ask for a person.
    #[oai(path = "/handoff", method = "post", operation_id = "request_handoff")]
    async fn handoff(
        &self,
        body: Json<SessionOnly>,
        #[oai(name = "Accept-Language")] accept: Header<Option<String>>,
    ) -> Result<Json<HandoffAnswer>, Problem> {
        let visitor = self.0.visitor(&body.0.session_id.0)?;
        let hint = self.0.knowledge.request_lang(None, accept.0.as_deref())?;
        let handled_by = self.0.hand_off(&visitor, Some(hint)).await?;
        let opening = self.0.knowledge.snapshot().opening(now_ms());
        Ok(Json(HandoffAnswer {
            success: true,
            handled_by,
            business_open: opening.is_open,
            next_open: opening.next_open.map(|next| next.timestamp().to_string()),
        }))
    }

    /// The chat is alive.
    #[oai(path = "/health", method = "get", operation_id = "chat_health")]
    async fn health(&self) -> Result<Json<ChatHealth>, Problem> {
        Ok(Json(ChatHealth {
            status: "healthy".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }))
    }
}

fn chat_answer(session_id: &str, turn: Turn) -> ChatAnswer {
    let shown = turn.reply.as_ref().unwrap_or(&turn.message);
    let (message_id, seq) = (shown.id, shown.seq);
    let (response, extras) = match turn.reply {
        Some(reply) => (reply.body, reply.extras),
        None => Default::default(),
    };
    ChatAnswer {
        response,
        session_id: session_id.to_owned(),
        conversation_id: turn.conversation_id,
        message_id,
        seq,
        user_message_id: turn.message.id,
        user_seq: turn.message.seq,
        lang: turn.lang.code().into(),
        intent: turn.message.intent,
        confidence: turn.message.confidence,
        quick_replies: extras.quick_replies,
        sources: extras.sources,
        handled_by: turn.handled_by,
        agent_name: turn.agent_name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::model::{Extras, Sender, StoredMessage};
    use crate::nlu::Lang;
    use poem_openapi::types::ToJSON;

    fn message(sender: Sender, extras: Extras) -> StoredMessage {
        StoredMessage {
            id: 7,
            seq: 2,
            sender,
            agent_name: (sender == Sender::Agent).then(|| "Agent".into()),
            body: "„Ja” \u{1} \"\n".into(),
            lang: Lang::Pl,
            intent: Some("price".into()),
            confidence: Some(f64::from(0.87_f32)),
            extras,
            client_id: None,
            created_at_ms: 1_000,
        }
    }

    fn extras() -> Extras {
        let source = |url: Option<&str>| Source {
            id: 3,
            kind: "faq".into(),
            title: "Cena".into(),
            url: url.map(str::to_owned),
            picture: None,
        };
        Extras {
            quick_replies: vec![QuickReply {
                title: "Termin".into(),
                payload: "intent:duration".into(),
            }],
            sources: vec![source(Some("/faq")), source(None)],
            attachments: Vec::new(),
            in_reply_to: None,
        }
    }

    #[test]
    fn what_serde_writes_is_what_the_document_describes() {
        let session = "abc123";
        for reply in [
            None,
            Some(message(Sender::System, Extras::default())),
            Some(message(Sender::Bot, extras())),
        ] {
            let turn = Turn {
                conversation_id: 1,
                message: message(Sender::User, Extras::default()),
                reply,
                handled_by: HandledBy::Queue,
                agent_name: None,
                lang: Lang::De,
                lead: None,
                booking: None,
                is_repeat: false,
                held: None,
            };
            let answer = chat_answer(session, turn);
            assert_eq!(serde_json::to_value(&answer).ok(), answer.to_json());
        }
        for next_open in [None, Some("2026-11-23T08:00:00Z".to_owned())] {
            let senders = [Sender::User, Sender::Bot, Sender::Agent, Sender::System];
            let history = HistoryAnswer {
                success: true,
                messages: senders.map(|by| message(by, extras()).into()).into(),
                last_seq: 4,
                handled_by: HandledBy::Human,
                agent_name: next_open.clone(),
                business_open: next_open.is_none(),
                next_open,
            };
            assert_eq!(serde_json::to_value(&history).ok(), history.to_json());
        }
    }
}
