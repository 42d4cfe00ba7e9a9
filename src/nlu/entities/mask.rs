//! Texts without what tells who wrote them.

use std::cmp::Reverse;

use super::{Context, EntityKind, extract};
use crate::nlu::Lang;

/// What stands in the place of an address or a number. Punctuation, so that nothing is learned from it.
const MASK: &str = "…";

/// The text without e-mail addresses and phone numbers.
pub fn masked(text: &str, lang: Lang, context: &Context<'_>) -> String {
    let mut text = text.to_owned();
    // Of each kind one is found at a time, and every turn makes the text shorter or the last.
    loop {
        let mut found = extract(&text, lang, context).found;
        found.retain(|found| matches!(found.kind, EntityKind::Email | EntityKind::Phone));
        found.retain(|found| {
            text.get(found.bytes.clone())
                .is_some_and(|it| it.len() > MASK.len())
        });
        found.sort_by_key(|found| Reverse(found.bytes.start));
        if found.is_empty() {
            return text;
        }
        for found in found {
            text.replace_range(found.bytes, MASK);
        }
    }
}
