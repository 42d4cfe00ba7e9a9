//! What is known of an uploaded picture.

use super::SentPicture;
use super::imaging::Format;
use super::key::{PictureKey, UploadKey, Variant};
use crate::platform::http::IdempotencyKey;
use crate::text_column;

/// Who may see a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever knows its address, which nobody can guess.
    Public,
    /// Whoever holds its session, and the team.
    Conversation,
}

text_column!(Access { Public = "public", Conversation = "conversation" });

/// One file of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFile {
    /// Which size.
    pub variant: Variant,
    /// What it is encoded as.
    pub format: Format,
    /// The one everybody can read; the others are for clients that take their format.
    pub is_main: bool,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Of the file.
    pub size_bytes: u64,
    /// Its name in the storage.
    pub blob: String,
}

/// An uploaded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its number.
    pub id: i64,
    /// What the addresses of its files begin with.
    pub picture: PictureKey,
    /// The visitor's session it belongs to.
    pub session_id: Option<String>,
    /// The team sent it; it counts against nobody's quota.
    pub is_teams: bool,
    /// Who may see it.
    pub access: Access,
    /// Under which the team finds it.
    pub folder: String,
    /// As the sender called it.
    pub file_name: String,
    /// Of the stored original, in hex.
    pub sha256: String,
    /// `ThumbHash`, base64.
    pub placeholder: String,
    /// Whether the original moves.
    pub is_animated: bool,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
    /// Its files, the original first.
    pub files: Vec<PictureFile>,
}

impl Upload {
    /// The file of a size that everybody can read.
    pub fn main(&self, variant: Variant) -> Option<&PictureFile> {
        let mut files = self.files.iter();
        files.find(|file| file.variant == variant && file.is_main)
    }

    /// True for a picture the team sent for everyone to see; what belongs to a visitor goes with them.
    pub(super) fn is_companys(&self) -> bool {
        self.is_teams && self.session_id.is_none() && self.access == Access::Public
    }

    /// Where a file is served.
    pub fn address(&self, file: &PictureFile) -> String {
        let key = UploadKey {
            picture: self.picture,
            variant: file.variant,
            format: file.format,
        };
        format!("/uploads/{key}")
    }
}

/// What an upload is to be.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// The visitor's session it belongs to.
    pub session_id: Option<String>,
    /// The team sent it; it counts against nobody's quota.
    pub is_teams: bool,
    /// Who may see it.
    pub access: Access,
    /// Under which the team finds it.
    pub folder: super::Folder,
    /// As the sender calls it.
    pub file_name: Option<String>,
    /// What the sender says it is.
    pub content_type: Option<String>,
    /// Thumbnail, medium and large are made.
    pub has_variants: bool,
    /// A repeat with the same one gets the first picture.
    pub once: Option<IdempotencyKey>,
}

impl NewUpload {
    /// The session whose quota it counts against.
    pub(super) fn counted_session(&self) -> Option<String> {
        self.session_id.clone().filter(|_| !self.is_teams)
    }

    /// With what the sender says of the file.
    #[must_use]
    pub(super) fn described_by(mut self, file: &SentPicture) -> Self {
        self.file_name = file.name().map(str::to_owned);
        self.content_type = file.content_type().map(str::to_owned);
        self
    }
}
