//! The pack: everything a company brings, as types. The database holds one pack; files and a zip carry it elsewhere.
//!
//! ```text
//! built_in.rs  the built-in company's files
//! read.rs      files → pack             check.rs  what one part says of another, placeholders included
//! write.rs     pack → files, the same bytes for the same pack
//! archive.rs   files ↔ zip, with limits
//! rows.rs      pack ↔ tables
//! ```

mod archive;
mod built_in;
mod check;
mod read;
mod rows;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use archive::ARCHIVE_MAX_BYTES;
pub(super) use archive::{pack as pack_zip, unpack as unpack_zip};
pub(super) use check::{INTENTS_MAX, LABEL_MAX_CHARS, PHRASE_MAX_CHARS, PHRASES_MAX, is_name};
pub(super) use rows::{export, import};

use super::KnowledgeError;
use super::company::Company;
use crate::nlu::Lang;

/// Text of each file by its path inside the pack.
pub type PackFiles = BTreeMap<String, String>;

/// One value per language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the languages
pub struct PerLang<T> {
    pub pl: T,
    pub en: T,
    pub de: T,
}

impl<T> PerLang<T> {
    /// The value of `lang`.
    pub fn get(&self, lang: Lang) -> &T {
        match lang {
            Lang::Pl => &self.pl,
            Lang::En => &self.en,
            Lang::De => &self.de,
        }
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, lang: Lang) -> &mut T {
        match lang {
            Lang::Pl => &mut self.pl,
            Lang::En => &mut self.en,
            Lang::De => &mut self.de,
        }
    }

    /// Makes a value for each language.
    pub fn try_from_fn<E>(mut make: impl FnMut(Lang) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            pl: make(Lang::Pl)?,
            en: make(Lang::En)?,
            de: make(Lang::De)?,
        })
    }
}

impl PerLang<String> {
    /// The same text in every language.
    pub fn same(text: &str) -> Self {
        Self {
            pl: text.to_owned(),
            en: text.to_owned(),
            de: text.to_owned(),
        }
    }
}

/// An intent as the pack names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackIntent {
    /// Stable name.
    pub id: String,
    /// Intents offered after its answer.
    pub follow_ups: Vec<String>,
    /// Button label.
    pub title: PerLang<String>,
}

/// A document as the pack holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackDocument {
    /// faq, package, portfolio, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The same in every language.
    pub slug: String,
    /// Title or question.
    pub title: String,
    /// Text or answer.
    pub body: String,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether visitors see it; true when missing.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub published: bool,
    /// Numbers of pictures the team sent to this server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<i64>,
    /// What only this type has.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// Answers and the bot's own sentences in one language.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackAnswers {
    /// Answer by intent.
    pub intents: BTreeMap<String, String>,
    /// Sentence by key.
    pub system: BTreeMap<String, String>,
}

/// A kind of detail and its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackEntity {
    /// Its name.
    pub name: String,
    /// Per value the canonical name first, then other ways to write it.
    pub values: Vec<Vec<String>>,
}

/// Everything a company brings.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // the fields are the files
pub struct Pack {
    pub company: Company,
    pub intents: Vec<PackIntent>,
    pub entities: Vec<PackEntity>,
    pub answers: PerLang<PackAnswers>,
    pub phrases: PerLang<BTreeMap<String, Vec<String>>>,
    pub documents: PerLang<Vec<PackDocument>>,
    /// The privacy notice in Markdown; empty: there is none.
    pub privacy: PerLang<String>,
}

/// How much a pack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, poem_openapi::Object)]
pub struct PackCounts {
    /// What the assistant recognises, without `out_of_scope`.
    pub intents: usize,
    /// Kinds of details.
    pub entities: usize,
    /// Training phrases of all languages.
    pub phrases: usize,
    /// Documents of all languages, without the privacy notices.
    pub documents: usize,
}

impl Pack {
    /// Counts what is in it.
    pub fn counts(&self) -> PackCounts {
        let per_lang = |count: &dyn Fn(Lang) -> usize| Lang::ALL.into_iter().map(count).sum();
        PackCounts {
            intents: self.intents.len(),
            entities: self.entities.len(),
            phrases: per_lang(&|lang| self.phrases.get(lang).values().map(Vec::len).sum()),
            documents: per_lang(&|lang| self.documents.get(lang).len()),
        }
    }
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_yes(value: &bool) -> bool {
    *value
}

/// What is wrong with which file of a pack.
fn wrong(file: &str, why: impl Into<String>) -> KnowledgeError {
    KnowledgeError::Pack {
        file: file.to_owned(),
        why: why.into(),
    }
}

/// The number of the line that follows `before`, from 1.
fn line_after(before: &[u8]) -> usize {
    before.split(|byte| *byte == b'\n').count()
}

/// `answers/pl.toml`
fn path_of(folder: &str, lang: Lang) -> String {
    format!("{folder}/{}.toml", lang.code())
}

/// `privacy/pl.md`
fn privacy_path(lang: Lang) -> String {
    format!("privacy/{}.md", lang.code())
}
