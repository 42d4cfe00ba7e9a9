//! /api/chatbot: what a visitor may do with the data of a conversation: consent, see, erase.

use std::collections::BTreeMap;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::consent::GiveConsent;
use super::http::SessionOnly;
use super::notes::Note;
use super::service::Chat;
use super::store::ConsentRow;
use super::views::{ConversationView, MessageView};
use crate::bookings::ExportedBooking;
use crate::leads::LeadView;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::http::{Caller, JsonText, Owner, PageRequest, Problem};
use crate::quotes::QuoteRecord;
use crate::uploads::Attachment;

/// The endpoints.
pub struct PrivacyApi(pub Chat);

#[derive(Debug, Object)]
#[oai(example)]
struct ConsentRequest {
    session_id: JsonText,
    /// False withdraws it.
    #[oai(default = "yes")]
    consent_given: bool,
    /// `service`, `email_marketing` (or `marketing`, as it was called before), `sms_marketing` or `phone`.
    #[oai(default = "service")]
    purpose: JsonText,
    /// Which text was shown.
    text_version: Option<JsonText>,
    /// Language of that text.
    language: Option<JsonText>,
}

fn yes() -> bool {
    true
}

fn service() -> JsonText {
    JsonText("service".into())
}

impl Example for ConsentRequest {
    fn example() -> Self {
        Self {
            session_id: JsonText("nh_2b1p8m4Yt0m3mJ1v9pQ6Zk1rYh0cO7xwS4E".into()),
            consent_given: true,
            purpose: service(),
            text_version: Some(JsonText("2026-11".into())),
            language: Some(JsonText("pl".into())),
        }
    }
}

#[derive(Debug, Object)]
struct ConsentDone {
    success: bool,
    message: String,
}

#[derive(Debug, Object)]
struct ConsentView {
    session_id: String,
    purpose: String,
    consent_given: bool,
    text_version: String,
    language: String,
    /// /24 or /48.
    ip_address: String,
    timestamp: String,
}

impl From<&ConsentRow> for ConsentView {
    fn from(row: &ConsentRow) -> Self {
        Self {
            session_id: row.session_id.clone(),
            purpose: row.purpose.clone(),
            consent_given: row.is_given,
            text_version: row.text_version.clone(),
            language: row.lang.code().into(),
            ip_address: row.address_truncated.clone(),
            timestamp: to_rfc3339(row.created_at_ms),
        }
    }
}

#[derive(Debug, Object)]
struct CurrentConsent {
    success: bool,
    session_id: String,
    /// The newest consent to `service` is given.
    consent_given: bool,
    /// The newest row of each purpose.
    consents: Vec<ConsentView>,
}

#[derive(Debug, Object)]
struct ConsentList {
    success: bool,
    count: usize,
    consents: Vec<ConsentView>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(Debug, Object)]
struct DeleteAnswer {
    success: bool,
    message: String,
    /// How many rows of each kind are gone.
    deleted: BTreeMap<String, u64>,
}

#[derive(Debug, Object)]
struct ExportAnswer {
    success: bool,
    exported_at: String,
    session_id: String,
    conversation: Option<ConversationView>,
    rating_comment: Option<String>,
    messages: Vec<MessageView>,
    /// What the team noted for itself.
    notes: Vec<ExportedNote>,
    consents: Vec<ConsentView>,
    quotes: Vec<QuoteRecord>,
    /// Leads that began in this session.
    leads: Vec<LeadView>,
    /// How many of them are left out because they also hold what came from outside the session: whoever holds a session
    /// has not proven to be the person behind an e-mail address. The company tells that person all of it.
    leads_left_out: usize,
    /// What the team noted on the leads above.
    lead_notes: Vec<ExportedNote>,
    /// Pictures that were sent in this session.
    uploads: Vec<Attachment>,
    /// Visits that were booked in this session.
    bookings: Vec<ExportedBooking>,
    /// What is counted of this session: where it came from and what happened in it; null: nothing.
    visit: Option<serde_json::Value>,
}

/// A note without its author, who is another person.
#[derive(Debug, Object)]
struct ExportedNote {
    note: String,
    timestamp: String,
}

impl From<&Note> for ExportedNote {
    fn from(note: &Note) -> Self {
        Self {
            note: note.body.clone(),
            timestamp: to_rfc3339(note.created_at_ms),
        }
    }
}

#[OpenApi(prefix_path = "/api/chatbot", tag = "super::Section::Chat")]
impl PrivacyApi {
    /// Give or withdraw a consent.
    #[oai(path = "/rodo-consent", method = "post", operation_id = "give_consent")]
    async fn give_consent(
        &self,
        caller: Caller,
        body: Json<ConsentRequest>,
    ) -> Result<Json<ConsentDone>, Problem> {
        let body = body.0;
        let visitor = self.0.visitor(&body.session_id.0)?;
        let lang = self
            .0
            .knowledge
            .request_lang(body.language.as_deref(), None)?;
        let version = body.text_version.as_deref().unwrap_or("1");
        let consent = GiveConsent::parse(&body.purpose, body.consent_given, version, lang)?;
        self.0
            .give_consent(&visitor, consent, caller.address)
            .await?;
        Ok(Json(ConsentDone {
            success: true,
            message: if body.consent_given {
                "The consent was recorded."
            } else {
                "The withdrawal was recorded."
            }
            .into(),
        }))
    }

    /// The current consents of a session.
    #[oai(
        path = "/rodo-consent/:session_id",
        method = "get",
        operation_id = "get_consent"
    )]
    async fn get_consent(
        &self,
        caller: Caller,
        session_id: Path<String>,
    ) -> Result<Json<CurrentConsent>, Problem> {
        let session_id = self.0.readable(&caller, &session_id.0)?;
        let rows = self.0.consents(session_id.clone()).await?;
        let mut consents: Vec<ConsentView> = Vec::new();
        for row in &rows {
            if consents.iter().all(|known| known.purpose != row.purpose) {
                consents.push(row.into());
            }
        }
        Ok(Json(CurrentConsent {
            success: true,
            session_id,
            consent_given: consents
                .iter()
                .any(|consent| consent.purpose == "service" && consent.consent_given),
            consents,
        }))
    }

    /// All consents, the newest first.
    #[oai(path = "/consents", method = "get", operation_id = "list_consents")]
    async fn list_consents(
        &self,
        _by: Owner,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<ConsentList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let (rows, total) = self.0.all_consents(page.limit(), page.offset()).await?;
        let info = page.info(total);
        Ok(Json(ConsentList {
            success: true,
            count: rows.len(),
            consents: rows.iter().map(ConsentView::from).collect(),
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Erase everything kept about a session.
    #[oai(
        path = "/delete-my-data",
        method = "delete",
        operation_id = "delete_my_data"
    )]
    async fn delete_my_data(&self, body: Json<SessionOnly>) -> Result<Json<DeleteAnswer>, Problem> {
        let visitor = self.0.visitor(&body.0.session_id.0)?;
        let erased = self.0.erase(&visitor).await?;
        Ok(Json(DeleteAnswer {
            success: true,
            message: "Everything kept about this session was deleted.".into(),
            deleted: erased.counts(),
        }))
    }

    /// Everything kept about a session.
    #[oai(
        path = "/export-data/:session_id",
        method = "get",
        operation_id = "export_my_data"
    )]
    async fn export(
        &self,
        caller: Caller,
        session_id: Path<String>,
    ) -> Result<Json<ExportAnswer>, Problem> {
        let session_id = self.0.readable(&caller, &session_id.0)?;
        let data = self.0.export(session_id.clone()).await?;
        let (told, left_out): (Vec<_>, Vec<_>) = data
            .leads
            .iter()
            .partition(|lead| caller.is_agent() || !lead.is_shared);
        let lead_notes = data.lead_notes.into_iter();
        let lead_notes = lead_notes
            .filter(|(lead_id, _)| told.iter().any(|lead| lead.id == *lead_id))
            .map(|(_, note)| ExportedNote {
                note: note.note,
                timestamp: note.timestamp,
            })
            .collect();
        Ok(Json(ExportAnswer {
            success: true,
            lead_notes,
            exported_at: to_rfc3339(now_ms()),
            session_id,
            conversation: data.conversation.as_ref().map(ConversationView::from),
            rating_comment: data.rating_comment,
            messages: data.messages.into_iter().map(Into::into).collect(),
            notes: data.notes.iter().map(ExportedNote::from).collect(),
            consents: data.consents.iter().map(ConsentView::from).collect(),
            quotes: data.quotes,
            leads: told.into_iter().map(LeadView::from).collect(),
            leads_left_out: left_out.len(),
            uploads: data.uploads.iter().filter_map(Attachment::of).collect(),
            bookings: data.bookings,
            visit: data.visit,
        }))
    }
}
