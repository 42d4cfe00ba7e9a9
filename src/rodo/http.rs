//! /api/rodo for people themselves: asking for one's data or its erasure, and proving with a code that it is one's own.

use std::collections::BTreeMap;

use poem_openapi::param::Path;
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::requests::{Confirmed, Kind, is_token};
use super::{Identifier, Rodo, RodoError};
use crate::platform::clock::to_rfc3339;
use crate::platform::http::{JsonText, Problem};

/// The endpoints.
pub struct RodoApi(pub Rodo);

/// What the browser calls the file.
pub(super) const ATTACHMENT: &str = "attachment; filename=\"my-data.zip\"";

#[derive(Debug, Object)]
#[oai(example)]
struct PrivacyRequest {
    /// E-mail address or phone number.
    identifier: JsonText,
    /// What is wanted.
    kind: Kind,
    /// `pl`, `en` or `de`: language of the letter and of the export.
    lang: Option<JsonText>,
}

impl Example for PrivacyRequest {
    fn example() -> Self {
        Self {
            identifier: JsonText("anna.nowak@example.com".into()),
            kind: Kind::Export,
            lang: Some(JsonText("pl".into())),
        }
    }
}

#[derive(Debug, Object)]
struct PrivacyRequestTaken {
    success: bool,
    /// The same whether or not anything is kept.
    message: String,
    /// Names the request when the code is confirmed.
    request_id: String,
}

#[derive(ApiResponse)]
enum PrivacyRequestAnswer {
    /// Taken down.
    #[oai(status = 202)]
    Taken(Json<PrivacyRequestTaken>),
}

#[derive(Debug, Object)]
#[oai(example)]
struct PrivacyConfirmation {
    /// As the request was answered.
    request_id: JsonText,
    /// Six digits.
    code: JsonText,
}

impl Example for PrivacyConfirmation {
    fn example() -> Self {
        Self {
            request_id: JsonText("f3Zb1xQbN0o2mK8yVtq9c4uJ7hLrWdXsGaEiTpYzRk0".into()),
            code: JsonText("042137".into()),
        }
    }
}

#[derive(Debug, Object)]
struct PrivacyConfirmed {
    success: bool,
    message: String,
    /// Where the export is, once; null for an erasure.
    download_url: Option<String>,
    /// Until when, RFC 3339.
    valid_until: Option<String>,
    /// How many of what are gone; null for an export.
    deleted: Option<BTreeMap<String, u64>>,
    /// Names the erasure; null for an export.
    receipt_id: Option<String>,
}

#[derive(ApiResponse)]
pub(super) enum DataZip {
    /// A zip of `data.json`, `index.html` to read, and `files/`.
    #[oai(status = 200, content_type = "application/zip")]
    Zip(
        Binary<Vec<u8>>,
        /// Suggests a file name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

#[OpenApi(prefix_path = "/api/rodo", tag = "super::Section::Rodo")]
impl RodoApi {
    /// Ask for one's own data, or for its erasure. The answer is the same whether or not anything is kept; where something
    /// is, a code comes by e-mail or text message and is valid for 10 minutes.
    #[oai(path = "/request", method = "post", operation_id = "request_my_data")]
    async fn request(&self, body: Json<PrivacyRequest>) -> Result<PrivacyRequestAnswer, Problem> {
        let body = body.0;
        let identifier = Identifier::parse_reachable(&body.identifier, &self.0.0.secrets)?;
        let lang = self
            .0
            .0
            .knowledge
            .request_lang(body.lang.as_deref(), None)?;
        let request_id = self.0.request(&identifier, body.kind, lang).await?;
        Ok(PrivacyRequestAnswer::Taken(Json(PrivacyRequestTaken {
            success: true,
            message: "If anything is kept under this address or number, a code is on its way."
                .into(),
            request_id,
        })))
    }

    /// Confirm a request with its code: a link to the export that works once, or the erasure at once. Five tries; a wrong,
    /// late or unknown one is answered alike (403 `wrong_code`). Several people who share a phone number (409
    /// `several_people`) ask with their e-mail address.
    #[oai(
        path = "/confirm",
        method = "post",
        operation_id = "confirm_my_request"
    )]
    async fn confirm(
        &self,
        body: Json<PrivacyConfirmation>,
    ) -> Result<Json<PrivacyConfirmed>, Problem> {
        let confirmed = self.0.confirm(&body.request_id, &body.code).await?;
        Ok(Json(match confirmed {
            Confirmed::Export { token, until_ms } => PrivacyConfirmed {
                success: true,
                message: "Your data is ready; the link works once.".into(),
                download_url: Some(format!("/api/rodo/download/{token}")),
                valid_until: Some(to_rfc3339(until_ms)),
                deleted: None,
                receipt_id: None,
            },
            Confirmed::Deleted(receipt) => PrivacyConfirmed {
                success: true,
                message: "Your data was erased; keep the number of the receipt.".into(),
                download_url: None,
                valid_until: None,
                deleted: Some(receipt.deleted),
                receipt_id: Some(receipt.receipt),
            },
        }))
    }

    /// The export a confirmed request leads to. The link works once.
    #[oai(
        path = "/download/:token",
        method = "get",
        operation_id = "download_my_data"
    )]
    async fn download(&self, token: Path<String>) -> Result<DataZip, Problem> {
        if !is_token(&token.0) {
            return Err(RodoError::LinkGone.into());
        }
        let (export, lang) = self.0.fetch(&token.0).await?;
        let zip = self.0.packed(export, lang).await?;
        Ok(DataZip::Zip(Binary(zip), ATTACHMENT.into()))
    }
}
