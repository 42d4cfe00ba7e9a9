//! Serves the built pages that are embedded in the executable.

use std::borrow::Cow;
use std::fmt::Write;

use poem::error::NotFoundError;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response, Result};

/// Policy of our pages: everything from ourselves, nothing inline.
const PAGE_CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; font-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// One embedded file.
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// SHA-256 of them, for the `ETag`.
    pub hash: [u8; 32],
    /// Content type.
    pub mime: String,
}

/// Pages and their files: which file an address shows, and how to get a file.
#[derive(Clone, Copy)]
pub struct AssetSource {
    /// Finds a file below `dist`.
    pub get: fn(&str) -> Option<Asset>,
    /// Addresses of pages and the files that show them; one that ends in `/*` takes any one part there.
    pub pages: &'static [(&'static str, &'static str)],
}

impl AssetSource {
    fn find(&self, path: &str) -> Option<(Asset, bool)> {
        if let Some((_, file)) = self.pages.iter().find(|(address, _)| is_at(address, path)) {
            return (self.get)(file).map(|asset| (asset, true));
        }
        let file = path.strip_prefix("/assets/")?;
        if file.split('/').any(|part| part == "..") {
            return None;
        }
        (self.get)(&format!("assets/{file}")).map(|asset| (asset, false))
    }
}

/// True when `path` is `address`, or has one part where that has `*`.
fn is_at(address: &str, path: &str) -> bool {
    match address.strip_suffix('*') {
        Some(start) => path
            .strip_prefix(start)
            .is_some_and(|rest| !rest.is_empty() && !rest.contains('/')),
        None => address == path,
    }
}

impl Endpoint for AssetSource {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        if path == "/api" || path.starts_with("/api/") && self.find(path).is_none() {
            return Err(NotFoundError.into());
        }
        if *request.method() != Method::GET && *request.method() != Method::HEAD {
            return Err(poem::error::MethodNotAllowedError.into());
        }
        match self.find(path) {
            Some((asset, is_page)) => Ok(respond(&request, asset, is_page)),
            None => match (self.get)("404.html") {
                Some(page) => {
                    let mut response = respond(&request, page, true);
                    response.set_status(StatusCode::NOT_FOUND);
                    Ok(response)
                }
                None => Err(NotFoundError.into()),
            },
        }
    }
}

/// Files under `/assets` carry a hash in their name and never change; pages are asked for again by their `ETag`.
fn respond(request: &Request, asset: Asset, is_page: bool) -> Response {
    let mut etag = String::with_capacity(36);
    etag.push('"');
    for byte in &asset.hash[..16] {
        // Writing to a String cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    let is_known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| {
            known
                .split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == etag)
        });
    let cache = if is_page {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    let mut response = if is_known {
        Response::from(StatusCode::NOT_MODIFIED)
    } else {
        Response::builder()
            .content_type(&asset.mime)
            .body(asset.bytes.into_owned())
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if is_page {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(PAGE_CSP),
        );
    }
    response
}
