//! What an upload may be called and how much is taken. Pure.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Longest name of a folder, its slashes included.
const FOLDER_MAX_CHARS: usize = 64;
/// Folders within folders.
const FOLDER_MAX_SEGMENTS: usize = 3;
/// Longest name of a file that is shown.
const FILE_NAME_MAX_CHARS: usize = 200;
/// Longest ending that a shortened name keeps, its dot included.
const ENDING_MAX_CHARS: usize = 10;
/// Name of a file that has none.
const NAMELESS: &str = "upload";
/// Names that mean devices on Windows; those with a number follow.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// Why a folder's name is refused; each is a sentence for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFolder {
    /// More than 64 characters.
    #[error("a folder's name has at most 64 characters")]
    TooLong,
    /// More than three parts.
    #[error("a folder's name has at most three parts, such as portfolio/gdansk/kitchen")]
    TooDeep,
    /// Nothing, or nothing before, after or between slashes.
    #[error(
        "a folder's name is not empty and has no slash at its ends and no two slashes in a row"
    )]
    EmptyPart,
    /// Something else than letters, digits, `_` and `-`.
    #[error("a folder's name consists of the letters a to z, digits, _ and -")]
    Character,
    /// A device on Windows.
    #[error("a folder cannot be called con, prn, aux, nul, com1 to com9 or lpt1 to lpt9")]
    Reserved,
}

/// The folder of an upload: a name under which the team finds it, `general` unless said otherwise. One to three parts of
/// ASCII letters, digits, `_` and `-`, 64 characters at most. No file lies at a place of that name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Folder(String);

impl Folder {
    /// Reads a folder's name.
    ///
    /// Errors: the first rule it breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidFolder> {
        // Bytes first: a hostile text is not looked through.
        if text.len() > FOLDER_MAX_CHARS {
            return Err(InvalidFolder::TooLong);
        }
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/');
        if !text.chars().all(is_allowed) {
            return Err(InvalidFolder::Character);
        }
        if text.split('/').any(str::is_empty) {
            return Err(InvalidFolder::EmptyPart);
        }
        if text.split('/').count() > FOLDER_MAX_SEGMENTS {
            return Err(InvalidFolder::TooDeep);
        }
        if text.split('/').any(is_device) {
            return Err(InvalidFolder::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// A folder of our own.
    pub fn named(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self("general".to_owned())
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a device, in any case. A folder's part has no dot, so none has an ending either.
fn is_device(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    let is_numbered = NUMBERED_DEVICES
        .iter()
        .filter_map(|device| part.strip_prefix(device))
        .any(|number| matches!(number.as_bytes(), [b'1'..=b'9']));
    is_numbered || DEVICES.contains(&part.as_str())
}

/// The name of a sent file as it is shown again: without folders, control characters and characters that turn the
/// direction of writing, 200 characters at most (with its ending), never empty. It names nothing that is opened.
pub fn clean_file_name(text: &str) -> String {
    let base = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = base.chars().filter(|c| !is_unseen(*c)).nfc().collect();
    let shown = shortened(seen.trim());
    if shown.trim_matches('.').is_empty() {
        return NAMELESS.to_owned();
    }
    shown
}

/// The name within its length; a usual ending stays.
fn shortened(name: &str) -> String {
    if name.chars().count() <= FILE_NAME_MAX_CHARS {
        return name.to_owned();
    }
    let ending = name
        .rfind('.')
        .map(|at| &name[at..])
        .filter(|ending| ending.chars().count() <= ENDING_MAX_CHARS)
        .unwrap_or_default();
    let room = FILE_NAME_MAX_CHARS - ending.chars().count();
    let stem: String = name.chars().take(room).collect();
    format!("{}{ending}", stem.trim_end())
}

/// Control characters, and those of Unicode that are not seen but change what is: no width, direction, byte order.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How much is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Of one file, as it was sent.
    pub file_bytes: u64,
    /// Files of a visitor's conversation.
    pub session_files: u64,
    /// Of a visitor's conversation in all.
    pub session_bytes: u64,
    /// Of everybody's in all.
    pub total_bytes: u64,
}

/// What is kept already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Files.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
}

/// Which limit an upload would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// The file's own.
    #[error("the file is too large")]
    File,
    /// The conversation's number of files.
    #[error("this conversation has all the files it may have")]
    SessionFiles,
    /// The conversation's room.
    #[error("this conversation has no room for a file of this size")]
    SessionBytes,
    /// Everybody's room.
    #[error("there is no room for more files")]
    TotalBytes,
}

impl Quotas {
    /// Whether another file of `size_bytes` is taken: every limit may be reached, none exceeded.
    ///
    /// * `session`: what the visitor's conversation has; `None` for the team, which only the other limits hold;
    /// * `total_bytes`: what everybody has.
    ///
    /// Errors: the first limit it exceeds, the narrowest first.
    pub fn admit(
        &self,
        size_bytes: u64,
        session: Option<Used>,
        total_bytes: u64,
    ) -> Result<(), Exceeded> {
        let fits = |used: u64, most: u64| used.saturating_add(size_bytes) <= most;
        if size_bytes > self.file_bytes {
            return Err(Exceeded::File);
        }
        if let Some(used) = session {
            if used.files >= self.session_files {
                return Err(Exceeded::SessionFiles);
            }
            if !fits(used.bytes, self.session_bytes) {
                return Err(Exceeded::SessionBytes);
            }
        }
        if !fits(total_bytes, self.total_bytes) {
            return Err(Exceeded::TotalBytes);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
