//! The owner's words in place of the built-in ones: kept as the setting `message_words`.

use std::collections::BTreeMap;

use crate::nlu::Lang;
use crate::notify::messages::{Name, OwnWords};
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

const MESSAGE_WORDS: &str = "message_words";

/// All of them by message and language.
pub(super) type AllWords = BTreeMap<String, OwnWords>;

/// Under which name the words of a message in a language are kept.
pub(super) fn key(name: Name, lang: Lang) -> String {
    format!("{name}.{}", lang.code())
}

/// All of them.
pub(super) fn load(tx: &mut dyn Tx) -> Result<AllWords, DbError> {
    Ok(settings::load(tx, MESSAGE_WORDS)?.unwrap_or_default())
}

/// Replaces those of a message in a language; empty ones bring the built-in ones back.
pub(super) fn save(
    tx: &mut dyn Tx,
    name: Name,
    lang: Lang,
    own: OwnWords,
    now_ms: i64,
) -> Result<(), DbError> {
    let mut all = load(tx)?;
    if own == OwnWords::default() {
        all.remove(&key(name, lang));
    } else {
        all.insert(key(name, lang), own);
    }
    settings::save(tx, MESSAGE_WORDS, &all, now_ms)
}
