//! Texts without what tells who wrote them.

use super::{Context, EntityKind, extract};
use crate::nlu::Lang;

/// What stands in the place of an address or a number. Punctuation, so that nothing is learned from it.
const MASK: &str = "…";

/// The text without e-mail addresses and phone numbers.
pub fn masked(text: &str, lang: Lang, context: &Context<'_>) -> String {
    masked_by(text, lang, context, |kind| {
        matches!(kind, EntityKind::Email | EntityKind::Phone).then_some(MASK)
    })
}

/// The text with what `mask` gives in the place of every piece of data of its kind. A mask holds no data itself.
pub fn masked_by(
    text: &str,
    lang: Lang,
    context: &Context<'_>,
    mask: impl Fn(EntityKind) -> Option<&'static str>,
) -> String {
    let mut masked = text.to_owned();
    // Of each kind one is found at a time, and none twice: so many are not in any text.
    for _ in 0..text.len() {
        let found = extract(&masked, lang, context).found.into_iter();
        let left = found
            .filter_map(|found| Some((mask(found.kind)?, found.bytes)))
            .find(|(mask, bytes)| masked.get(bytes.clone()).is_some_and(|it| it != *mask));
        let Some((mask, bytes)) = left else { break };
        masked.replace_range(bytes, mask);
    }
    masked
}
