//! /api/knowledge/pack: everything the company brings, as one zip.

use poem_openapi::payload::{Binary, Json};
use poem_openapi::{ApiRequest, ApiResponse, Object, OpenApi};

use super::pack::PackCounts;
use super::service::Knowledge;
use crate::platform::http::{Owner, Problem};

/// The endpoints.
pub struct PackApi(pub Knowledge);

/// What the browser calls the file.
const ATTACHMENT: &str = "attachment; filename=\"knowledge.zip\"";

#[derive(ApiResponse)]
enum PackZip {
    /// A zip of `company.toml`, `intents.toml`, `entities.toml`, and per language `answers/`, `phrases/`,
    /// `documents/` (TOML) and `privacy/` (Markdown). The same knowledge gives the same bytes.
    #[oai(status = 200, content_type = "application/zip")]
    Zip(
        Binary<Vec<u8>>,
        /// Suggests a file name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

#[derive(ApiRequest)]
enum PackBody {
    /// A zip as GET gives it: 8 MiB at most, 32 MiB unpacked.
    #[oai(content_type = "application/zip")]
    Zip(Binary<Vec<u8>>),
}

#[derive(Debug, Object)]
struct PackReplaced {
    success: bool,
    /// What the new pack holds.
    counts: PackCounts,
}

#[OpenApi(prefix_path = "/api/knowledge/pack", tag = "super::Section::Knowledge")]
impl PackApi {
    /// The whole knowledge pack as it is now.
    #[oai(path = "/", method = "get", operation_id = "get_pack")]
    async fn get(&self, _by: Owner) -> Result<PackZip, Problem> {
        let zip = self.0.export_pack().await?;
        Ok(PackZip::Zip(Binary(zip), ATTACHMENT.into()))
    }

    /// Replace the whole knowledge pack; answers once the assistant has learned it. A refused pack changes nothing.
    #[oai(path = "/", method = "put", operation_id = "put_pack")]
    async fn put(&self, by: Owner, body: PackBody) -> Result<Json<PackReplaced>, Problem> {
        let PackBody::Zip(zip) = body;
        let counts = self.0.replace_pack(zip.0, by.0.actor).await?;
        Ok(Json(PackReplaced {
            success: true,
            counts,
        }))
    }
}
