//! `/uploads/{key}`: pictures out.

use std::ops::{Bound, Range};

use futures_util::TryStreamExt;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::web::headers::{self, HeaderMapExt};
use poem::{Body, Endpoint, Request, Response, Result};

use super::UploadError;
use super::imaging::Format;
use super::key::UploadKey;
use super::model::{Access, PictureFile, Upload};
use super::service::Uploads;
use crate::chat::Chat;
use crate::platform::blobs::BlobName;
use crate::platform::http::{Caller, Problem};

/// Whoever may see a conversation's pictures says so here: an address with it would end up in histories and logs.
const SESSION: &str = "x-session-id";
/// A page that is opened at such an address can do nothing.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// The endpoint.
pub struct FilesApi {
    /// Has them.
    pub uploads: Uploads,
    /// Knows sessions.
    pub chat: Chat,
}

impl Endpoint for FilesApi {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(poem::error::MethodNotAllowedError.into());
        }
        let served = self.serve(&request).await.map_err(Problem::from)?;
        Ok(served)
    }
}

impl FilesApi {
    async fn serve(&self, request: &Request) -> Result<Response, UploadError> {
        let key: String = request.path_params().map_err(|_| UploadError::NotFound)?;
        let key: UploadKey = key.parse().map_err(|_| UploadError::NotFound)?;
        let upload = self.uploads.by_key(key).await?;
        if !self.may_see(request, &upload) {
            // Who may not see it does not learn that it is there.
            return Err(UploadError::NotFound);
        }
        let file = file_for(&upload, key, request.headers()).ok_or(UploadError::NotFound)?;
        let etag = format!("\"{}\"", file.blob.replace(['/', '.'], "-"));
        let head = head(&upload, file, &etag);
        if is_known(request.headers(), &etag) {
            return Ok(head.status(StatusCode::NOT_MODIFIED).finish());
        }
        let head = head.header(header::CONTENT_TYPE, file.format.media_type());
        let Ok(range) = wanted_range(request.headers(), &etag, file.size_bytes) else {
            let size = format!("bytes */{}", file.size_bytes);
            let head = head.header(header::CONTENT_RANGE, size);
            return Ok(head.status(StatusCode::RANGE_NOT_SATISFIABLE).finish());
        };
        let blob = BlobName::parse(&file.blob)?;
        let blob = self.uploads.blobs().get(&blob, range.clone()).await?;
        let head = head.header(header::CONTENT_LENGTH, blob.range.end - blob.range.start);
        let head = if range.is_some() {
            let part = format!(
                "bytes {}-{}/{}",
                blob.range.start,
                blob.range.end - 1,
                blob.size_bytes
            );
            let head = head.header(header::CONTENT_RANGE, part);
            head.status(StatusCode::PARTIAL_CONTENT)
        } else {
            head
        };
        if *request.method() == Method::HEAD {
            return Ok(head.finish());
        }
        let content = blob.content.map_err(std::io::Error::other);
        Ok(head.body(Body::from_bytes_stream(content)))
    }

    fn may_see(&self, request: &Request, upload: &Upload) -> bool {
        if upload.access == Access::Public || Caller::of(request).is_agent() {
            return true;
        }
        let session = request.header(SESSION);
        let session = session.and_then(|text| self.chat.visitor(text).ok());
        session.is_some_and(|session| upload.session_id.as_deref() == Some(session.as_str()))
    }
}

/// The file of the size that a key names: one that is smaller if the client takes its format.
fn file_for<'u>(
    upload: &'u Upload,
    key: UploadKey,
    headers: &HeaderMap,
) -> Option<&'u PictureFile> {
    let main = upload
        .main(key.variant)
        .filter(|main| main.format == key.format)?;
    let takes_webp = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains(Format::WebP.media_type()));
    let mut files = upload.files.iter().filter(|_| takes_webp);
    let webp = files.find(|file| file.variant == key.variant && file.format == Format::WebP);
    Some(webp.unwrap_or(main))
}

fn head(upload: &Upload, file: &PictureFile, etag: &str) -> poem::ResponseBuilder {
    let (cache, vary) = match upload.access {
        Access::Public => ("public, max-age=31536000, immutable", "Accept"),
        Access::Conversation => (
            "private, max-age=31536000, immutable",
            "Accept, Cookie, X-Session-Id",
        ),
    };
    let name = format!(
        "inline; filename=\"{}.{}\"",
        upload.picture,
        file.format.as_str()
    );
    Response::builder()
        .header(header::ETAG, etag)
        .header(header::CACHE_CONTROL, cache)
        .header(header::VARY, vary)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::CONTENT_DISPOSITION, name)
        .header("cross-origin-resource-policy", "cross-origin")
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    known
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| {
            known
                .split(',')
                .any(|one| matches!(one.trim(), one if one == etag || one == "*"))
        })
}

/// No byte of the file is in the range.
struct Unsatisfiable;

/// The part of the file that is asked for; of several parts all of it is sent, as every client must expect.
fn wanted_range(
    headers: &HeaderMap,
    etag: &str,
    size_bytes: u64,
) -> Result<Option<Range<u64>>, Unsatisfiable> {
    let is_of_this = headers
        .get(header::IF_RANGE)
        .is_none_or(|of: &HeaderValue| of.as_bytes() == etag.as_bytes());
    let Some(range) = headers.typed_get::<headers::Range>().filter(|_| is_of_this) else {
        return Ok(None);
    };
    let parts: Vec<_> = range.satisfiable_ranges(size_bytes).collect();
    match &*parts {
        [] => Err(Unsatisfiable),
        [(from, to)] => {
            let from = match from {
                Bound::Included(from) => *from,
                Bound::Excluded(from) => from + 1,
                Bound::Unbounded => 0,
            };
            let end = match to {
                Bound::Included(last) => last + 1,
                Bound::Excluded(end) => *end,
                Bound::Unbounded => size_bytes,
            };
            let end = end.min(size_bytes);
            if from >= end {
                return Err(Unsatisfiable);
            }
            Ok(Some(from..end))
        }
        _ => Ok(None),
    }
}
