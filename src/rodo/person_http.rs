//! /api/rodo for the owner: finding a person, handing out, erasing, and what they agreed to.

use std::collections::BTreeMap;

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::erase::Kept;
use super::http::{ATTACHMENT, DataZip};
use super::requests::is_receipt;
use super::{Rodo, RodoError};
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{JsonText, Owner, Problem};

/// The endpoints.
pub struct RodoPeopleApi(pub Rodo);

#[derive(Debug, Object)]
#[oai(example)]
struct WhoseData {
    /// E-mail address, phone number, session id, or `lead:12` and `booking:12` for one of several who share a phone.
    user_identifier: JsonText,
}

impl Example for WhoseData {
    fn example() -> Self {
        Self {
            user_identifier: JsonText("anna.nowak@example.com".into()),
        }
    }
}

#[derive(Debug, Object)]
#[oai(example)]
struct ErasePerson {
    /// As for the export.
    user_identifier: JsonText,
    /// Must be true: erasing cannot be undone.
    #[oai(default)]
    confirm: bool,
}

impl Example for ErasePerson {
    fn example() -> Self {
        Self {
            user_identifier: JsonText("anna.nowak@example.com".into()),
            confirm: true,
        }
    }
}

#[derive(Debug, Object)]
struct PersonPreview {
    success: bool,
    /// As the person gave them.
    names: Vec<String>,
    emails: Vec<String>,
    phones: Vec<String>,
    /// How many of what are kept.
    found: BTreeMap<String, u64>,
}

#[derive(Debug, Object)]
struct PersonExport {
    success: bool,
    data: PersonData,
}

#[derive(Debug, Object)]
struct PersonData {
    /// RFC 3339.
    export_date: String,
    user_identifier: String,
    /// `personal_info`, `leads`, `bookings`, `chat_sessions`, `consents`, `quotes`, `uploads`, `letters` and `requests`.
    data: Value,
}

#[derive(Debug, Object)]
struct PersonErased {
    success: bool,
    message: String,
    /// How many of what are gone.
    deleted: BTreeMap<String, u64>,
    /// What stays without the person, and why.
    kept: Vec<Kept>,
    /// Names the receipt.
    receipt_id: String,
}

#[derive(Debug, Object)]
struct ErasureReceipt {
    success: bool,
    receipt_id: String,
    /// Who erased.
    actor: String,
    /// RFC 3339.
    erased_at: String,
    /// When the last copy was gone; null while a job is at it.
    completed_at: Option<String>,
    deleted: BTreeMap<String, u64>,
    kept: Vec<Kept>,
}

#[derive(Debug, Object)]
#[oai(example)]
struct ConsentQuestion {
    email: JsonText,
}

impl Example for ConsentQuestion {
    fn example() -> Self {
        Self {
            email: JsonText("anna.nowak@example.com".into()),
        }
    }
}

#[derive(Debug, Object)]
struct ConsentStanding {
    success: bool,
    /// The person agreed to something and did not withdraw it.
    has_consent: bool,
    consent: Option<ConsentDetails>,
}

#[derive(Debug, Object)]
#[allow(clippy::struct_excessive_bools)] // one a purpose, as v2.3's clients read them
struct ConsentDetails {
    /// By e-mail.
    marketing: bool,
    sms_marketing: bool,
    /// To be called.
    phone: bool,
    data_processing: bool,
    /// When the newest was given or withdrawn, RFC 3339.
    created_at: String,
    /// Which text was shown then.
    text_version: String,
}

#[OpenApi(prefix_path = "/api/rodo", tag = "super::Section::Rodo")]
impl RodoPeopleApi {
    /// How much is kept about a person. Several people who share a phone are told apart: 409 `several_people` with
    /// `choices`, each with an identifier of its own.
    #[oai(path = "/find", method = "post", operation_id = "find_person")]
    async fn find(&self, by: Owner, body: Json<WhoseData>) -> Result<Json<PersonPreview>, Problem> {
        let identifier = self.0.identifier(&body.user_identifier)?;
        let found = self.0.preview(identifier, by.0.actor.to_string()).await?;
        let person = found.person;
        Ok(Json(PersonPreview {
            success: true,
            names: person.names.into_iter().collect(),
            emails: person.emails.into_iter().collect(),
            phones: person.phones.into_iter().collect(),
            found: found.counts,
        }))
    }

    /// Everything kept about a person. Several people who share a phone are told apart as by `find`.
    #[oai(path = "/export", method = "post", operation_id = "export_person")]
    async fn export(
        &self,
        by: Owner,
        body: Json<WhoseData>,
    ) -> Result<Json<PersonExport>, Problem> {
        let identifier = self.0.identifier(&body.user_identifier)?;
        let export = self.0.export(identifier, by.0.actor.to_string()).await?;
        Ok(Json(PersonExport {
            success: true,
            data: PersonData {
                export_date: export.export_date,
                user_identifier: export.user_identifier,
                data: export.data,
            },
        }))
    }

    /// The same as a zip for the person: `data.json`, `index.html` to read, and their files.
    #[oai(
        path = "/export/zip",
        method = "post",
        operation_id = "export_person_zip"
    )]
    async fn export_zip(
        &self,
        by: Owner,
        body: Json<WhoseData>,
        /// `pl`, `en` or `de`: language of the page.
        lang: Query<Option<String>>,
    ) -> Result<DataZip, Problem> {
        let identifier = self.0.identifier(&body.user_identifier)?;
        let lang = self.0.0.knowledge.request_lang(lang.0.as_deref(), None)?;
        let export = self.0.export(identifier, by.0.actor.to_string()).await?;
        let zip = self.0.packed(export, lang).await?;
        Ok(DataZip::Zip(Binary(zip), ATTACHMENT.into()))
    }

    /// Erase a person everywhere. Several people who share a phone are told apart as by `find`; a legal hold forbids it
    /// (409 `legal_hold`).
    #[oai(path = "/delete", method = "post", operation_id = "erase_person")]
    async fn delete(
        &self,
        by: Owner,
        body: Json<ErasePerson>,
    ) -> Result<Json<PersonErased>, Problem> {
        if !body.confirm {
            return Err(RodoError::NotConfirmed.into());
        }
        let identifier = self.0.identifier(&body.user_identifier)?;
        let receipt = self.0.erase(identifier, by.0.actor.to_string()).await?;
        Ok(Json(PersonErased {
            success: true,
            message: "Everything kept about this person was erased.".into(),
            deleted: receipt.deleted,
            kept: receipt.kept,
            receipt_id: receipt.receipt,
        }))
    }

    /// The receipt of an erasure, which holds nothing of the person.
    #[oai(
        path = "/receipts/:receipt_id",
        method = "get",
        operation_id = "get_erasure_receipt"
    )]
    async fn receipt(
        &self,
        _by: Owner,
        receipt_id: Path<String>,
    ) -> Result<Json<ErasureReceipt>, Problem> {
        if !is_receipt(&receipt_id.0) {
            return Err(RodoError::NotFound.into());
        }
        let (receipt, actor, completed_at_ms) = self.0.receipt(receipt_id.0).await?;
        Ok(Json(ErasureReceipt {
            success: true,
            receipt_id: receipt.receipt,
            actor,
            erased_at: to_rfc3339(receipt.erased_at_ms),
            completed_at: completed_at_ms.map(to_rfc3339),
            deleted: receipt.deleted,
            kept: receipt.kept,
        }))
    }

    /// What a person agreed to: the newest word on each purpose, from the chat, from leads and from withdrawals.
    #[oai(
        path = "/consent/check",
        method = "post",
        operation_id = "check_consent"
    )]
    async fn check_consent(
        &self,
        by: Owner,
        body: Json<ConsentQuestion>,
    ) -> Result<Json<ConsentStanding>, Problem> {
        let identifier = self.0.identifier(&body.email)?;
        let consents = self.0.consents(identifier, by.0.actor.to_string()).await?;
        let has_consent = consents.email_marketing
            || consents.sms_marketing
            || consents.phone
            || consents.data_processing;
        let details = consents.newest.map(|(at_ms, text_version)| ConsentDetails {
            marketing: consents.email_marketing,
            sms_marketing: consents.sms_marketing,
            phone: consents.phone,
            data_processing: consents.data_processing,
            created_at: to_rfc3339(at_ms),
            text_version,
        });
        Ok(Json(ConsentStanding {
            success: true,
            has_consent,
            consent: details,
        }))
    }
}
