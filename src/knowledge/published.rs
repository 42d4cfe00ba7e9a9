//! What everyone may read, document by document: for search and for pages of their own.

use serde_json::Value;

use super::snapshot::Snapshot;
use super::sources::Source;
use super::store::DocumentRow;
use crate::nlu::Lang;
use crate::uploads::Attachment;

/// Fields of a document that are for the program, not for readers.
const TECHNICAL_FIELDS: [&str; 2] = ["intent", "kind"];

/// A published document with its placeholders filled.
#[derive(Clone, Copy)]
pub struct Published<'s> {
    document: &'s DocumentRow,
    snapshot: &'s Snapshot,
}

impl<'s> Published<'s> {
    /// Id of the document.
    pub fn id(self) -> i64 {
        self.document.id
    }

    /// faq, package, …
    pub fn kind(self) -> &'s str {
        &self.document.kind
    }

    /// Its language.
    pub fn lang(self) -> Lang {
        self.document.lang
    }

    /// Title or question.
    pub fn title(self) -> &'s str {
        &self.document.title
    }

    /// Words to find it by.
    pub fn tags(self) -> &'s [String] {
        &self.document.tags
    }

    /// Where to read more.
    pub fn url(self) -> Option<&'s str> {
        self.document.url.as_deref()
    }

    /// Milliseconds UTC.
    pub fn created_at_ms(self) -> i64 {
        self.document.created_at_ms
    }

    /// Its text, and below it, a paragraph each, what its type adds in words (what a package includes …).
    pub fn text(self) -> String {
        let mut text = self.document.body.clone();
        let fields = self.document.fields.iter();
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
        self.snapshot.source(self.document)
    }

    /// Its pictures, in their order.
    pub fn pictures(self) -> Vec<Attachment> {
        self.snapshot.pictures(self.document)
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
            .map(|document| self.as_published(document))
    }

    /// The published document with that id and language.
    pub fn published_document(&self, id: i64, lang: Lang) -> Option<Published<'_>> {
        let document = self.document_by_id(id, lang)?;
        document.is_published.then(|| self.as_published(document))
    }

    fn as_published<'s>(&'s self, document: &'s DocumentRow) -> Published<'s> {
        Published {
            document,
            snapshot: self,
        }
    }
}
