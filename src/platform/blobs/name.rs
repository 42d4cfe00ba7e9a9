//! Names of stored files.

use std::fmt;

use object_store::path::Path;

use super::BlobError;

/// Longest name; every storage takes more.
const NAME_MAX_CHARS: usize = 200;

/// The name of a stored file: segments of `a-z`, `0-9`, `.`, `_` and `-`, parted by single slashes, none of them beginning
/// with a dot. We make names ourselves; nothing that comes from outside becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobName(Path);

impl BlobName {
    /// Reads a name.
    ///
    /// Errors: [`BlobError::InvalidName`].
    pub fn parse(text: &str) -> Result<Self, BlobError> {
        if text.len() > NAME_MAX_CHARS || !text.split('/').all(is_segment) {
            return Err(BlobError::InvalidName);
        }
        Path::parse(text)
            .map(Self)
            .map_err(|_| BlobError::InvalidName)
    }

    /// The name as text, e.g. for a column of the database.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_segment(text: &str) -> bool {
    let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    !text.is_empty() && !text.starts_with('.') && text.bytes().all(is_allowed)
}
