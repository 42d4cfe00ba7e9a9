//! Pictures in conversations: first they are uploads like any other, then a message.

use super::ChatError;
use super::inbox::AgentMessage;
use super::model::{Sender, StoredMessage};
use super::service::{Chat, SendMessage};
use super::store;
use super::turn::Turn;
use crate::platform::http::Principal;
use crate::uploads::{Access, Attachment, Folder, NewUpload, SentPicture};

/// Where the team finds what came in conversations.
const FOLDER: &str = "chat";

impl Chat {
    /// Takes a visitor's picture into their conversation. `request` has the words beside it, or none.
    ///
    /// Errors: the session is weak, since nobody could see the picture again; the picture is refused.
    pub(super) async fn send_picture(
        &self,
        mut request: SendMessage,
        file: SentPicture,
    ) -> Result<Turn, ChatError> {
        if request.session.is_weak() {
            return Err(ChatError::WeakSessionId);
        }
        if self.is_stored(&request).await? {
            return self.send(request).await;
        }
        let session_id = request.session.to_string();
        let attachment = self.attachment(file, session_id, false).await?;
        let id = attachment.id;
        request.attachment = Some(attachment);
        let sent = self.send(request).await;
        if !matches!(&sent, Ok(turn) if !turn.is_repeat) {
            self.forget_upload(id).await;
        }
        sent
    }

    /// Takes a picture of the team into a conversation; whoever sends it owns the conversation from then on.
    pub(super) async fn answer_with_picture(
        &self,
        id: i64,
        by: &Principal,
        mut message: AgentMessage,
        file: SentPicture,
    ) -> Result<StoredMessage, ChatError> {
        let read = self.store.read(move |tx| store::summary(tx, id));
        let session_id = read.await?.ok_or(ChatError::NotFound)?.session_id;
        let attachment = self.attachment(file, session_id, true).await?;
        let upload_id = attachment.id;
        message.attachment = Some(attachment);
        let answered = self.answer(id, by, message).await;
        let holds = |stored: &StoredMessage| {
            let mut attachments = stored.extras.attachments.iter();
            attachments.any(|attachment| attachment.id == upload_id)
        };
        if !matches!(&answered, Ok(stored) if holds(stored)) {
            self.forget_upload(upload_id).await;
        }
        answered
    }

    /// True when a message with this client id was stored before.
    async fn is_stored(&self, request: &SendMessage) -> Result<bool, ChatError> {
        let Some(client_id) = request.client_id.clone() else {
            return Ok(false);
        };
        let session = request.session.clone();
        let read = self.store.read(move |tx| {
            let Some(state) = store::state(tx, session.as_str())? else {
                return Ok(false);
            };
            let earlier = store::message_by_client_id(tx, state.id, &client_id, Sender::User)?;
            Ok(earlier.is_some())
        });
        read.await
    }

    async fn attachment(
        &self,
        file: SentPicture,
        session_id: String,
        is_teams: bool,
    ) -> Result<Attachment, ChatError> {
        let new = NewUpload {
            session_id: Some(session_id),
            is_teams,
            access: Access::Conversation,
            folder: Folder::named(FOLDER),
            file_name: None,
            content_type: None,
            has_variants: true,
            once: None,
        };
        let upload = self.uploads.take(file, new).await?;
        let attachment = Attachment::of(&upload);
        attachment.ok_or_else(|| crate::uploads::UploadError::NotFound.into())
    }

    /// Removes an upload that became no message.
    async fn forget_upload(&self, id: i64) {
        if let Err(error) = self.uploads.remove(id).await {
            tracing::warn!(%error, "a picture that belongs to no message stays");
        }
    }
}
