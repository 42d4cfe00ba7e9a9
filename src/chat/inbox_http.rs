//! /api/conversations: the team's inbox.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Multipart, Object, OpenApi};

use super::ChatError;
use super::inbox::AgentMessage;
use super::model::HandledBy;
use super::notes::NoteView;
use super::service::Chat;
use super::store::ListFilter;
use super::suggestions::Suggestion;
use super::views::{ConversationView, MessageView};
use crate::accounts::reads::{self, View};
use crate::platform::folding::folded;
use crate::platform::http::{Agent, IdempotencyKey, JsonText, PageRequest, Problem, clean_text};
use crate::uploads::{FormText, SentPicture};

/// The endpoints.
pub struct ConversationsApi(pub Chat);

#[derive(Debug, Object)]
struct ConversationList {
    success: bool,
    conversations: Vec<ConversationView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(Debug, Object)]
struct ConversationDetail {
    success: bool,
    conversation: ConversationView,
    /// The newest 500 messages, in order.
    messages: Vec<MessageView>,
    /// What the team noted for itself, oldest first.
    notes: Vec<NoteView>,
}

#[derive(Debug, Object)]
struct ConversationAnswer {
    success: bool,
    conversation: ConversationView,
}

#[derive(Debug, Object)]
#[oai(example)]
struct AgentMessageRequest {
    /// 1 to 2,000 characters.
    message: JsonText,
    /// UUID; sending the same one again stores nothing twice.
    client_id: Option<JsonText>,
}

impl Example for AgentMessageRequest {
    fn example() -> Self {
        Self {
            message: JsonText("Dzień dobry, w czym mogę pomóc?".into()),
            client_id: Some(JsonText("0c5a1d5e-6a0e-4a37-9d58-9c5d5a4d9b11".into())),
        }
    }
}

#[derive(Debug, Object)]
#[oai(example)]
struct AssignRequest {
    /// Member of the team; null puts the conversation back into the queue.
    agent_id: Option<i64>,
}

impl Example for AssignRequest {
    fn example() -> Self {
        Self { agent_id: Some(1) }
    }
}

#[derive(Debug, Object)]
#[oai(example)]
struct NoteRequest {
    /// 1 to 2,000 characters.
    note: JsonText,
}

impl Example for NoteRequest {
    fn example() -> Self {
        Self {
            note: JsonText("Dzwonił wczoraj, prosi o kontakt po 15.".into()),
        }
    }
}

#[derive(ApiResponse)]
enum CreatedNote {
    /// The note as stored.
    #[oai(status = 201)]
    Created(Json<NoteView>),
}

#[derive(Debug, Object)]
struct SuggestionList {
    success: bool,
    suggestions: Vec<Suggestion>,
}

#[derive(Debug, Object)]
struct TeamList {
    success: bool,
    team: Vec<TeamMember>,
}

/// A member of the team.
#[derive(Debug, Object)]
struct TeamMember {
    id: i64,
    /// The name visitors see.
    display_name: String,
}

#[derive(Multipart)]
struct AgentPictureForm {
    /// PNG, JPEG, GIF or WebP, 10 MB at most.
    file: SentPicture,
    /// Words beside it, up to 2,000 characters.
    message: Option<FormText>,
    /// UUID; sending the same one again stores nothing twice.
    client_id: Option<FormText>,
}

#[OpenApi(prefix_path = "/api/conversations", tag = "super::Section::Inbox")]
impl ConversationsApi {
    /// Conversations: those that wait for a person first, then the newest.
    #[oai(path = "/", method = "get", operation_id = "list_conversations")]
    #[allow(clippy::too_many_arguments)] // query parameters
    async fn list(
        &self,
        by: Agent,
        /// `open` or `closed`.
        status: Query<Option<String>>,
        /// `bot`, `queue` or `human`.
        handled_by: Query<Option<String>>,
        /// Part of a message; case and diacritics do not matter.
        q: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<ConversationList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let filter = filter(status.0.as_deref(), handled_by.0.as_deref(), q.0.as_deref())?;
        let (rows, total) = self.0.list(filter, page.limit(), page.offset()).await?;
        reads::note(&self.0.store, &by.0, View::Conversations(rows.len())).await?;
        let info = page.info(total);
        Ok(Json(ConversationList {
            success: true,
            conversations: rows.iter().map(ConversationView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Who a conversation can be given to.
    #[oai(path = "/team", method = "get", operation_id = "list_team")]
    async fn team(&self, _by: Agent) -> Result<Json<TeamList>, Problem> {
        let team = self.0.team().await?;
        let view = |(id, display_name)| TeamMember { id, display_name };
        Ok(Json(TeamList {
            success: true,
            team: team.into_iter().map(view).collect(),
        }))
    }

    /// One conversation with its messages and the team's notes.
    #[oai(path = "/:id", method = "get", operation_id = "get_conversation")]
    async fn get(&self, by: Agent, id: Path<i64>) -> Result<Json<ConversationDetail>, Problem> {
        let found = self.0.conversation(id.0).await?;
        let view = View::Conversation(found.summary.id, found.summary.session_id.clone());
        reads::note(&self.0.store, &by.0, view).await?;
        Ok(Json(ConversationDetail {
            success: true,
            conversation: (&found.summary).into(),
            messages: found.messages.into_iter().map(Into::into).collect(),
            notes: found.notes.iter().map(NoteView::from).collect(),
        }))
    }

    /// Write to the visitor; from then on you own the conversation and the assistant is silent.
    #[oai(
        path = "/:id/messages",
        method = "post",
        operation_id = "answer_conversation"
    )]
    async fn answer(
        &self,
        by: Agent,
        id: Path<i64>,
        body: Json<AgentMessageRequest>,
    ) -> Result<Json<MessageView>, Problem> {
        let message = AgentMessage::parse(&body.0.message.0, body.0.client_id.as_deref())?;
        let stored = self.0.answer(id.0, &by.0, message).await?;
        Ok(Json(stored.into()))
    }

    /// Send a picture to the visitor, with words or without; you own the conversation then as with words alone.
    #[oai(
        path = "/:id/attachments",
        method = "post",
        operation_id = "answer_conversation_with_picture"
    )]
    async fn answer_with_picture(
        &self,
        by: Agent,
        id: Path<i64>,
        form: AgentPictureForm,
    ) -> Result<Json<MessageView>, Problem> {
        let words = form.message.map_or_else(String::new, |text| text.0);
        let client_id = form.client_id.as_ref().map(|id| id.0.trim());
        let message = AgentMessage::beside_picture(&words, client_id)?;
        let stored = self
            .0
            .answer_with_picture(id.0, &by.0, message, form.file)
            .await?;
        Ok(Json(stored.into()))
    }

    /// Give the conversation to a member of the team, or back to the queue.
    #[oai(
        path = "/:id/assign",
        method = "post",
        operation_id = "assign_conversation"
    )]
    async fn assign(
        &self,
        _by: Agent,
        id: Path<i64>,
        body: Json<AssignRequest>,
    ) -> Result<Json<ConversationAnswer>, Problem> {
        let summary = self.0.assign(id.0, body.0.agent_id).await?;
        Ok(answer(&summary))
    }

    /// Let the assistant answer again.
    #[oai(
        path = "/:id/handback",
        method = "post",
        operation_id = "hand_back_conversation"
    )]
    async fn hand_back(
        &self,
        _by: Agent,
        id: Path<i64>,
    ) -> Result<Json<ConversationAnswer>, Problem> {
        Ok(answer(&self.0.hand_back(id.0).await?))
    }

    /// End the conversation; the visitor opens it again by writing.
    #[oai(
        path = "/:id/close",
        method = "post",
        operation_id = "close_conversation"
    )]
    async fn close(&self, _by: Agent, id: Path<i64>) -> Result<Json<ConversationAnswer>, Problem> {
        Ok(answer(&self.0.close(id.0).await?))
    }

    /// Note something for the team; the visitor does not see it in the chat.
    #[oai(path = "/:id/notes", method = "post", operation_id = "add_note")]
    async fn note(
        &self,
        by: Agent,
        id: Path<i64>,
        /// A repeat with the same key gets the first answer.
        #[oai(name = "Idempotency-Key")]
        key: IdempotencyKey,
        body: Json<NoteRequest>,
    ) -> Result<CreatedNote, Problem> {
        let note = self.0.add_note(id.0, &by.0, key, &body.0.note.0).await?;
        Ok(CreatedNote::Created(Json(note)))
    }

    /// Up to three replies to what the visitor last asked, the best first.
    #[oai(
        path = "/:id/suggestions",
        method = "get",
        operation_id = "suggest_replies"
    )]
    async fn suggestions(&self, by: Agent, id: Path<i64>) -> Result<Json<SuggestionList>, Problem> {
        Ok(Json(SuggestionList {
            success: true,
            suggestions: self.0.suggestions(id.0, &by.0).await?,
        }))
    }
}

fn answer(summary: &super::ConversationSummary) -> Json<ConversationAnswer> {
    Json(ConversationAnswer {
        success: true,
        conversation: summary.into(),
    })
}

fn filter(
    status: Option<&str>,
    handled_by: Option<&str>,
    q: Option<&str>,
) -> Result<ListFilter, ChatError> {
    let status = match status {
        None | Some("") => None,
        Some("open") => Some("open"),
        Some("closed") => Some("closed"),
        Some(_) => return Err(ChatError::Field("status", "must be open or closed".into())),
    };
    let handled_by =
        match handled_by {
            None | Some("") => None,
            Some(word) => Some(word.parse::<HandledBy>().map_err(|()| {
                ChatError::Field("handled_by", "must be bot, queue or human".into())
            })?),
        };
    let pattern = match q.map(str::trim) {
        None | Some("") => None,
        Some(text) => {
            let text = clean_text(text, 200).map_err(|why| ChatError::Text("q", why))?;
            Some(like_pattern(&text))
        }
    };
    Ok(ListFilter {
        status,
        handled_by,
        pattern,
    })
}

/// A LIKE pattern (escape `!`) that finds `text` anywhere in what is folded alike.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded(text).chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_taken_literally() {
        assert_eq!(like_pattern("100%_Ą!"), "%100!%!_a!!%");
    }

    #[test]
    fn unknown_filters_are_refused() {
        assert!(filter(Some("new"), None, None).is_err());
        assert!(filter(None, Some("nobody"), None).is_err());
        assert!(filter(Some("open"), Some("queue"), Some("cena")).is_ok());
    }
}
