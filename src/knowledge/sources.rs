//! Documents as answers name them, and the pictures they show.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::pack::PerLang;
use super::store::DocumentRow;
use crate::nlu::Lang;
use crate::uploads::Attachment;

/// A document an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct Source {
    /// Id of the document.
    pub id: i64,
    /// faq, package, …
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Where to read more.
    pub url: Option<String>,
    /// Its first picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub picture: Option<Attachment>,
}

/// A document without pictures shows those of its first translation that has some.
pub(super) fn share_pictures(documents: &mut PerLang<Vec<DocumentRow>>) {
    let mut shared: HashMap<(String, String), Vec<i64>> = HashMap::new();
    for document in Lang::ALL.iter().flat_map(|lang| documents.get(*lang)) {
        if !document.pictures.is_empty() {
            let name = (document.kind.clone(), document.slug.clone());
            shared
                .entry(name)
                .or_insert_with(|| document.pictures.clone());
        }
    }
    if shared.is_empty() {
        return;
    }
    for lang in Lang::ALL {
        let bare = documents.get_mut(lang).iter_mut();
        for document in bare.filter(|document| document.pictures.is_empty()) {
            let name = (document.kind.clone(), document.slug.clone());
            if let Some(pictures) = shared.get(&name) {
                document.pictures.clone_from(pictures);
            }
        }
    }
}

/// The pictures of a document, in their order.
pub(super) fn pictures_of<'p>(
    document: &DocumentRow,
    pictures: &'p HashMap<i64, Attachment>,
) -> impl Iterator<Item = &'p Attachment> {
    document.pictures.iter().filter_map(|id| pictures.get(id))
}

/// A document as an answer names it.
pub(super) fn source_of(document: &DocumentRow, pictures: &HashMap<i64, Attachment>) -> Source {
    Source {
        id: document.id,
        kind: document.kind.clone(),
        title: document.title.clone(),
        url: document.url.clone(),
        picture: pictures_of(document, pictures).next().cloned(),
    }
}
