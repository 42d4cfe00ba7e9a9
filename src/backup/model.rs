//! Names, manifest, and what is noted beside the backups.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::text_column;

/// What a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Everything: database, uploads, settings.
    Zip,
    /// The rows of every table with their types, one document.
    Json,
    /// The rows of every table, a zip of one file a table.
    Csv,
}

text_column!(Format {
    Zip = "zip",
    Json = "json",
    Csv = "csv"
});

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Zip, Self::Json, Self::Csv];

    /// What a name ends with.
    fn ending(self) -> &'static str {
        match self {
            Self::Zip => ".zip",
            Self::Json => ".json",
            Self::Csv => ".csv.zip",
        }
    }

    /// As HTTP names it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Zip | Self::Csv => "application/zip",
            Self::Json => "application/json",
        }
    }
}

/// What encrypted files end with.
const SEALED: &str = ".age";
const BEGINNING: &str = "novahouse-";

/// The name of a backup, e.g. `novahouse-2026-11-23T03-00-00Z.zip`; nothing else is ever looked for in the folder, so no
/// name leads out of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupName {
    /// When it was made, in whole seconds UTC.
    pub at: Timestamp,
    ending: String,
}

impl BackupName {
    /// The name of what is made at `at`.
    pub fn new(at: Timestamp, format: Format, is_sealed: bool) -> Self {
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let sealed = if is_sealed { SEALED } else { "" };
        Self {
            at,
            ending: format!("{}{sealed}", format.ending()),
        }
    }

    /// What it is.
    pub fn format(&self) -> Format {
        let ending = self.ending.strip_suffix(SEALED).unwrap_or(&self.ending);
        let found = Format::ALL
            .into_iter()
            .find(|format| format.ending() == ending);
        found.unwrap_or(Format::Zip)
    }

    /// Whether it is encrypted.
    pub fn is_sealed(&self) -> bool {
        self.ending.ends_with(SEALED)
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.at.strftime("%Y-%m-%dT%H-%M-%SZ");
        write!(f, "{BEGINNING}{time}{}", self.ending)
    }
}

impl FromStr for BackupName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        const TIME_CHARS: usize = "2026-11-23T03-00-00Z".len();
        let rest = text.strip_prefix(BEGINNING).ok_or(())?;
        let (time, ending) = rest.split_at_checked(TIME_CHARS).ok_or(())?;
        let at = DateTime::strptime("%Y-%m-%dT%H-%M-%SZ", time)
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map_err(|_| ())?
            .timestamp();
        let plain = ending.strip_suffix(SEALED).unwrap_or(ending);
        if !Format::ALL.iter().any(|format| format.ending() == plain) {
            return Err(());
        }
        let name = Self {
            at,
            ending: ending.to_owned(),
        };
        // strptime is lenient in ways a name of ours is not.
        if name.to_string() == text {
            Ok(name)
        } else {
            Err(())
        }
    }
}

/// The zip's own list, its last entry.
pub(super) const MANIFEST_FILE: &str = "manifest.json";
/// The form of the zip.
pub(super) const FORMAT_VERSION: u32 = 1;

/// What a zip holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the zip: 1.
    pub format_version: u32,
    /// Of the database inside.
    pub schema_version: i64,
    /// Of the program that made it.
    pub program_version: String,
    /// When the database was copied, in milliseconds UTC.
    pub created_at_ms: i64,
    /// Rows by table.
    pub tables: BTreeMap<String, u64>,
    /// Every other entry, in the order of the zip.
    pub parts: Vec<Part>,
    /// Those of the parts that hold keys of the server; none unless it is encrypted.
    pub secrets: Vec<String>,
    /// Uploads that were deleted while the backup was taken: the database names them, the zip has none.
    pub missing_uploads: Vec<String>,
}

/// An entry of the zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of its content, in hexadecimal digits.
    pub sha256: String,
}

/// What proves a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// It was unpacked and the program read it.
    Restored,
    /// Its bytes are those that were written; it is encrypted, or an export.
    Hash,
}

text_column!(ProofKind {
    Restored = "restored",
    Hash = "hash"
});

/// When a backup was last proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Its name.
    pub filename: String,
    /// How.
    pub kind: ProofKind,
    /// When that ended, in milliseconds UTC.
    pub at_ms: i64,
    /// How long it took.
    pub took_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_as_they_are_written() {
        let at: Timestamp = "2026-11-23T03:00:00.750Z".parse().unwrap();
        for format in Format::ALL {
            for is_sealed in [false, true] {
                let name = BackupName::new(at, format, is_sealed);
                let text = name.to_string();
                assert!(
                    text.starts_with("novahouse-2026-11-23T03-00-00Z."),
                    "{text}"
                );
                assert_eq!(text.parse(), Ok(name.clone()), "{text}");
                assert_eq!((name.format(), name.is_sealed()), (format, is_sealed));
            }
        }
    }

    #[test]
    fn whatever_else_is_no_name() {
        for text in [
            "",
            "novahouse-.zip",
            "../novahouse-2026-11-23T03-00-00Z.zip",
            "novahouse-2026-11-23T03-00-00Z.zip/..",
            "novahouse-2026-11-23T03-00-00Z.tar",
            "novahouse-2026-13-23T03-00-00Z.zip",
            "novahouse-2026-11-23T3-000-00Z.zip",
            "novahouse-2026-11-23T03-00-00Z.zip.age.age",
            "novahouse-2026-11-23T03-00-00ż.zip",
        ] {
            assert_eq!(text.parse::<BackupName>(), Err(()), "{text}");
        }
    }
}
