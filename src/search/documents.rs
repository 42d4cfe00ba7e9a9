//! What of the company's knowledge is put into the index: every published document, in its language.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::engine::{Entry, Key, Kind, Phrase};
use super::live_index::Versioned;
use crate::knowledge::{PerLang, Published, Snapshot};

/// Suggested before other titles: it is a question somebody asks.
const QUESTION_WEIGHT: f32 = 0.5;

/// Key and version of every document that can be found.
pub(super) fn versions(knowledge: &Snapshot) -> Vec<Versioned> {
    let documents = knowledge.published();
    documents
        .filter_map(|document| Some((key(document)?, version(document))))
        .collect()
}

/// The entry of a document, if it can still be found.
pub(super) fn entry(knowledge: &Snapshot, (key, version): Versioned) -> Option<Entry> {
    let document = knowledge.published_document(key.id(), key.lang())?;
    Some(Entry {
        key,
        version,
        title: document.title().to_owned(),
        tags: document.tags().to_vec(),
        body: document.text(),
    })
}

/// Titles and questions, to complete what is being typed.
pub(super) fn phrases(knowledge: &Snapshot) -> PerLang<Vec<Phrase>> {
    let mut phrases: PerLang<Vec<Phrase>> = PerLang::default();
    for document in knowledge.published() {
        let is_question = document.kind() == Kind::Faq.name();
        phrases.get_mut(document.lang()).push(Phrase {
            text: document.title().to_owned(),
            weight: if is_question { QUESTION_WEIGHT } else { 0.0 },
        });
    }
    phrases
}

fn key(document: Published<'_>) -> Option<Key> {
    Some(Key::new(
        Kind::named(document.kind())?,
        document.lang(),
        document.id(),
    ))
}

/// Another number for other texts.
fn version(document: Published<'_>) -> u64 {
    let tags: Vec<&str> = document.tags().iter().map(String::as_str).collect();
    FixedState::default().hash_one((document.title(), tags, document.text()))
}
