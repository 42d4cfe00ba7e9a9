//! The pages that are built from assets/web and embedded: chat, admin, docs.

use crate::platform::http::{Asset, AssetSource};

/// Which file shows which address; `*` stands for one last part of any name.
const PAGES: &[(&str, &str)] = &[
    ("/", "index.html"),
    ("/chat", "chat.html"),
    ("/admin", "admin.html"),
    ("/quote/*", "quote.html"),
    ("/search", "search.html"),
    ("/d/*", "document.html"),
    ("/docs", "docs.html"),
    ("/api/docs", "docs.html"),
    ("/api/docs/redoc", "redoc.html"),
];

/// The endpoint that serves them.
pub fn pages() -> AssetSource {
    AssetSource {
        get: file,
        pages: PAGES,
    }
}

#[cfg(feature = "web")]
fn file(path: &str) -> Option<Asset> {
    #[derive(rust_embed::RustEmbed)]
    #[folder = "assets/web/dist"]
    struct Dist;

    let get = <Dist as rust_embed::RustEmbed>::get;
    // The build has put the compressed forms beside the file.
    let form = |ending| get(&format!("{path}.{ending}")).map(|file| shared(file.data));
    let file = get(path)?;
    Some(Asset {
        hash: file.metadata.sha256_hash(),
        mime: content_type(file.metadata.mimetype()),
        brotli: form("br"),
        gzip: form("gz"),
        plain: shared(file.data),
    })
}

/// Without copying what lies in the executable.
#[cfg(feature = "web")]
fn shared(data: std::borrow::Cow<'static, [u8]>) -> bytes::Bytes {
    match data {
        std::borrow::Cow::Borrowed(embedded) => bytes::Bytes::from_static(embedded),
        std::borrow::Cow::Owned(read) => read.into(),
    }
}

/// Text needs its charset said, or browsers guess.
#[cfg(feature = "web")]
fn content_type(mime: &str) -> String {
    if mime.starts_with("text/") || mime.ends_with("javascript") {
        format!("{mime}; charset=utf-8")
    } else {
        mime.to_owned()
    }
}

/// Built without the web parts: there are no pages.
#[cfg(not(feature = "web"))]
fn file(_path: &str) -> Option<Asset> {
    None
}
