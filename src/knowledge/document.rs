//! What a document may hold, whichever way it comes: one by one over the API, or all with a pack.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::KnowledgeError;
use crate::nlu::Lang;
use crate::platform::http::clean_text;

/// Types a document may have.
const TYPES: [&str; 8] = [
    "faq",
    "portfolio",
    "review",
    "blog",
    "package",
    "process",
    "why_us",
    "page",
];
const SLUG_MAX_CHARS: usize = 80;
const TITLE_MAX_CHARS: usize = 300;
/// Longest text of a document, an answer or a privacy notice.
pub(super) const BODY_MAX_CHARS: usize = 40_000;
const TAGS_MAX: usize = 50;
const TAG_MAX_CHARS: usize = 100;
const URL_MAX_CHARS: usize = 2_000;
const PICTURES_MAX: usize = 20;

/// What a new or changed document holds.
#[derive(Debug, Clone)]
pub(super) struct DocumentValues {
    pub(super) kind: String,
    pub(super) slug: String,
    pub(super) lang: Lang,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) tags: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) fields: Map<String, Value>,
    /// Numbers of uploads of the team, in their order.
    pub(super) pictures: Vec<i64>,
    pub(super) position: i64,
    pub(super) is_published: bool,
}

impl DocumentValues {
    /// Cleans every text and checks every field.
    ///
    /// Errors: the field that is refused and why.
    pub(super) fn checked(mut self) -> Result<Self, KnowledgeError> {
        if !TYPES.contains(&self.kind.as_str()) {
            return Err(KnowledgeError::invalid(
                "type",
                format!("must be one of {}", TYPES.join(", ")),
            ));
        }
        clean("slug", &mut self.slug, SLUG_MAX_CHARS)?;
        let is_slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !self.slug.bytes().all(is_slug) {
            return Err(KnowledgeError::invalid(
                "slug",
                "takes lower-case letters, digits and hyphens".into(),
            ));
        }
        clean("title", &mut self.title, TITLE_MAX_CHARS)?;
        clean("body", &mut self.body, BODY_MAX_CHARS)?;
        if self.tags.len() > TAGS_MAX {
            return Err(KnowledgeError::invalid(
                "tags",
                format!("must be at most {TAGS_MAX}"),
            ));
        }
        for tag in &mut self.tags {
            clean("tags", tag, TAG_MAX_CHARS)?;
        }
        if let Some(url) = &mut self.url {
            clean("url", url, URL_MAX_CHARS)?;
            let starts = ["https://", "http://", "/"];
            if !starts.iter().any(|start| url.starts_with(start)) {
                return Err(KnowledgeError::invalid(
                    "url",
                    "must be a web address or a path".into(),
                ));
            }
        }
        let mut seen = BTreeSet::new();
        self.pictures.retain(|id| seen.insert(*id));
        if self.pictures.len() > PICTURES_MAX {
            return Err(KnowledgeError::invalid(
                "pictures",
                format!("must be at most {PICTURES_MAX}"),
            ));
        }
        let fields = std::mem::take(&mut self.fields);
        self.fields = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, sayable(value)?)))
            .collect();
        Ok(self)
    }
}

fn clean(field: &'static str, text: &mut String, max_chars: usize) -> Result<(), KnowledgeError> {
    *text = clean_text(text, max_chars)
        .map_err(|error| KnowledgeError::invalid(field, error.to_string()))?;
    Ok(())
}

/// The value as both JSON and TOML can say it: null is absent, and a whole number beyond 64 bits with a sign is a float.
fn sayable(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Number(number) if number.is_u64() && !number.is_i64() => {
            number.as_f64().map(Value::from)
        }
        Value::Array(items) => Some(items.into_iter().filter_map(sayable).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Some(
                fields
                    .filter_map(|(name, value)| Some((name, sayable(value)?)))
                    .collect(),
            )
        }
        other => Some(other),
    }
}
