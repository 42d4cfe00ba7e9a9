//! Serves what is the same for everyone and compressed once: the built pages, which are embedded in the executable, and
//! documents that are made at the start.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use poem::error::NotFoundError;
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, Request, Response, Result};
use sha2::{Digest, Sha256};

/// Policy of our pages: everything from ourselves, nothing inline.
const PAGE_CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; font-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";
/// What may have changed is asked for again by its `ETag`.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// Files under `/assets` carry a hash in their name and never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// One file with its compressed forms, as far as there are any.
#[derive(Clone)]
pub struct Asset {
    /// Its bytes.
    pub plain: Bytes,
    /// The same in brotli.
    pub brotli: Option<Bytes>,
    /// The same in gzip.
    pub gzip: Option<Bytes>,
    /// SHA-256 of the plain bytes, for the `ETag`.
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
        let found = self.find(path);
        if path == "/api" || path.starts_with("/api/") && found.is_none() {
            return Err(NotFoundError.into());
        }
        if *request.method() != Method::GET && *request.method() != Method::HEAD {
            return Err(poem::error::MethodNotAllowedError.into());
        }
        match found {
            Some((asset, true)) => Ok(as_page(respond(&request, &asset, REVALIDATE))),
            Some((asset, false)) => Ok(respond(&request, &asset, FOR_EVER)),
            None => {
                let page = (self.get)("404.html").ok_or(NotFoundError)?;
                let mut response = as_page(respond(&request, &page, REVALIDATE));
                response.set_status(StatusCode::NOT_FOUND);
                Ok(response)
            }
        }
    }
}

/// A JSON document that is made at the start and then only sent.
pub struct Document {
    asset: Asset,
    /// Made for the first client that takes it: the start shall not wait for it.
    gzip: OnceLock<Option<Bytes>>,
}

impl Document {
    /// Takes the document's text.
    pub fn new(json: String) -> Self {
        let plain = Bytes::from(json);
        Self {
            asset: Asset {
                hash: Sha256::digest(&plain).into(),
                plain,
                brotli: None,
                gzip: None,
                mime: "application/json; charset=utf-8".into(),
            },
            gzip: OnceLock::new(),
        }
    }
}

impl Endpoint for Document {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut asset = self.asset.clone();
        if quality(&request, "gzip") > 0.0 {
            asset
                .gzip
                .clone_from(self.gzip.get_or_init(|| gzipped(&asset.plain)));
        }
        Ok(respond(&request, &asset, REVALIDATE))
    }
}

/// `None` would be a fault of the encoder: it writes to memory.
fn gzipped(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// The quality (0 to 1) a client gives a coding in `Accept-Encoding`; 0: it does not take it (RFC 9110, 12.5.3).
fn quality(request: &Request, coding: &str) -> f32 {
    let accepted = request.header(header::ACCEPT_ENCODING).unwrap_or_default();
    let weight = accepted.split(',').find_map(|entry| {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        (name.trim() == coding).then_some(weight)
    });
    weight
        .and_then(|weight| weight.trim().strip_prefix("q="))
        .map_or(0.0, |weight| weight.parse().unwrap_or(0.0))
}

/// The form of a file that fits a client best, with its name in `Content-Encoding`.
fn choose<'a>(request: &Request, asset: &'a Asset) -> (Option<&'static str>, &'a Bytes) {
    let forms = [("br", &asset.brotli), ("gzip", &asset.gzip)];
    let mut best = (None, &asset.plain);
    let mut best_quality = 0.0;
    for (coding, form) in forms {
        let quality = quality(request, coding);
        if let Some(form) = form
            && quality > best_quality
        {
            (best, best_quality) = ((Some(coding), form), quality);
        }
    }
    best
}

/// A page that was made for one request.
pub fn html_page(html: String) -> Response {
    as_page(
        Response::builder()
            .content_type("text/html; charset=utf-8")
            .header(header::CACHE_CONTROL, REVALIDATE)
            .body(html),
    )
}

fn as_page(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_CSP),
    );
    response
}

/// The file, or 304 when the client has this very form of it.
fn respond(request: &Request, asset: &Asset, cache: HeaderValue) -> Response {
    let (coding, bytes) = choose(request, asset);
    let etag = etag(&asset.hash, coding);
    let is_known = request.header(header::IF_NONE_MATCH).is_some_and(|known| {
        known
            .split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
    });
    let mut response = if is_known {
        Response::from(StatusCode::NOT_MODIFIED)
    } else {
        Response::builder()
            .content_type(&asset.mime)
            .body(bytes.clone())
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, cache);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(coding) = coding {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if !is_known {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
    }
    response
}

/// Each form of a file has a tag of its own, or a cache would take one for the other.
fn etag(hash: &[u8; 32], coding: Option<&str>) -> String {
    let mut etag = String::with_capacity(40);
    etag.push('"');
    for byte in &hash[..16] {
        // Writing to a String cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    if let Some(coding) = coding {
        let _ = write!(etag, "-{coding}");
    }
    etag.push('"');
    etag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coding(accepted: &str) -> Option<&'static str> {
        let request = Request::builder()
            .header(header::ACCEPT_ENCODING, accepted)
            .finish();
        let form = || Some(Bytes::new());
        let asset = Asset {
            plain: Bytes::new(),
            brotli: form(),
            gzip: form(),
            hash: [0; 32],
            mime: String::new(),
        };
        choose(&request, &asset).0
    }

    #[test]
    fn a_client_gets_the_form_it_likes_best_and_brotli_when_it_likes_both_alike() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0.1, gzip;q=0.5", Some("gzip")),
            ("br; q=0, gzip; q=0", None),
            ("gzip;q=half", None),
            ("identity", None),
            ("", None),
        ] {
            assert_eq!(coding(accepted), expected, "{accepted}");
        }
    }
}
