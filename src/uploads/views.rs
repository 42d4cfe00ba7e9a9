//! The shapes in which uploads leave the server.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::key::Variant;
use super::model::{PictureFile, Upload};
use crate::platform::clock::to_rfc3339;

/// A file of a picture.
#[derive(Debug, Object)]
pub(super) struct FileView {
    /// Where it is served.
    url: String,
    /// Bytes.
    size: u64,
    /// Pixels across and down, e.g. `150x100`.
    dimensions: String,
    content_type: String,
}

/// What is known of a picture.
#[derive(Debug, Object)]
pub(super) struct UploadMetadata {
    pub(super) id: i64,
    /// As the sender called it.
    pub(super) original_filename: String,
    /// RFC 3339.
    uploaded_at: String,
    folder: String,
    /// Of the stored original, in hex.
    sha256: String,
    /// `ThumbHash`, base64: what to show until the picture is there.
    placeholder: String,
    /// The visitor's session, whose quota it counts against; null for the team.
    session_id: Option<String>,
    /// Whether the original moves.
    is_animated: bool,
}

/// A picture with its files. Without variants there is only the original.
#[derive(Debug, Object)]
pub(super) struct UploadView {
    original: Option<FileView>,
    /// At most 150 pixels a side.
    thumbnail: Option<FileView>,
    /// At most 800.
    medium: Option<FileView>,
    /// At most 1920.
    large: Option<FileView>,
    pub(super) metadata: UploadMetadata,
}

impl From<&Upload> for UploadView {
    fn from(upload: &Upload) -> Self {
        let view = |variant| upload.main(variant).map(|file| file_view(upload, file));
        Self {
            original: view(Variant::Original),
            thumbnail: view(Variant::Thumbnail),
            medium: view(Variant::Medium),
            large: view(Variant::Large),
            metadata: UploadMetadata {
                id: upload.id,
                original_filename: upload.file_name.clone(),
                uploaded_at: to_rfc3339(upload.created_at_ms),
                folder: upload.folder.clone(),
                sha256: upload.sha256.clone(),
                placeholder: upload.placeholder.clone(),
                session_id: upload.session_id.clone(),
                is_animated: upload.is_animated,
            },
        }
    }
}

fn file_view(upload: &Upload, file: &PictureFile) -> FileView {
    FileView {
        url: upload.address(file),
        size: file.size_bytes,
        dimensions: format!("{}x{}", file.width, file.height),
        content_type: file.format.media_type().to_owned(),
    }
}

/// A picture within a message or on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Attachment {
    /// Number of the upload.
    pub id: i64,
    /// Where the original is served.
    pub url: String,
    /// At most 150 pixels a side.
    pub thumbnail: String,
    /// At most 800.
    pub medium: String,
    /// At most 1920.
    pub large: String,
    /// Of the original, in pixels.
    pub width: u32,
    /// Of the original, in pixels.
    pub height: u32,
    /// Of the original.
    pub content_type: String,
    /// `ThumbHash`, base64: what to show until the picture is there.
    pub placeholder: String,
    /// As the sender called it.
    pub filename: String,
}

impl Attachment {
    /// `None` for an upload without files, which there is not.
    pub fn of(upload: &Upload) -> Option<Self> {
        let original = upload.main(Variant::Original)?;
        let address = |variant| {
            let file = upload.main(variant).unwrap_or(original);
            upload.address(file)
        };
        Some(Self {
            id: upload.id,
            url: upload.address(original),
            thumbnail: address(Variant::Thumbnail),
            medium: address(Variant::Medium),
            large: address(Variant::Large),
            width: original.width,
            height: original.height,
            content_type: original.format.media_type().to_owned(),
            placeholder: upload.placeholder.clone(),
            filename: upload.file_name.clone(),
        })
    }
}
