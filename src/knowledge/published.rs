//! What everyone may read, document by document: for search and for pages of their own.

use serde_json::Value;

use super::snapshot::{Snapshot, Source};
use super::store::DocumentRow;
use crate::nlu::Lang;

/// Fields of a document that are for the program, not for readers.
const TECHNICAL_FIELDS: [&str; 2] = ["intent", "kind"];

/// A published document with its placeholders filled.
#[derive(Clone, Copy)]
pub struct Published<'s>(&'s DocumentRow);

impl<'s> Published<'s> {
    /// Id of the document.
    pub fn id(self) -> i64 {
        self.0.id
    }

    /// faq, package, …
    pub fn kind(self) -> &'s str {
        &self.0.kind
    }

    /// Its language.
    pub fn lang(self) -> Lang {
        self.0.lang
    }

    /// Title or question.
    pub fn title(self) -> &'s str {
        &self.0.title
    }

    /// Words to find it by.
    pub fn tags(self) -> &'s [String] {
        &self.0.tags
    }

    /// Where to read more.
    pub fn url(self) -> Option<&'s str> {
        self.0.url.as_deref()
    }

    /// Milliseconds UTC.
    pub fn created_at_ms(self) -> i64 {
        self.0.created_at_ms
    }

    /// Its text, and below it, a paragraph each, what its type adds in words (what a package includes …).
    pub fn text(self) -> String {
        let mut text = self.0.body.clone();
        let fields = self.0.fields.iter();
        for (_, value) in fields.filter(|(name, _)| !TECHNICAL_FIELDS.contains(&name.as_str())) {
            let line = match value {
                Value::String(words) => words.clone(),
                Value::Array(items) => {
                    let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    items.join(", ")
                }
                _ => continue,
            };
            if !line.is_empty() {
                text.push_str("\n\n");
                text.push_str(&line);
            }
        }
        text
    }

    /// As an answer names it.
    pub fn source(self) -> Source {
        Source {
            id: self.0.id,
            kind: self.0.kind.clone(),
            title: self.0.title.clone(),
            url: self.0.url.clone(),
        }
    }
}

impl Snapshot {
    /// Every published document.
    pub fn published(&self) -> impl Iterator<Item = Published<'_>> {
        let documents = Lang::ALL
            .into_iter()
            .flat_map(|lang| self.all_documents(lang));
        documents
            .filter(|document| document.is_published)
            .map(Published)
    }

    /// The published document with that id and language.
    pub fn published_document(&self, id: i64, lang: Lang) -> Option<Published<'_>> {
        let document = self.document_by_id(id, lang)?;
        document.is_published.then_some(Published(document))
    }
}
