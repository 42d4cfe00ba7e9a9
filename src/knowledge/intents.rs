//! What the team teaches the assistant: phrases of a known intent, or a new intent with its answer.

use super::document::BODY_MAX_CHARS;
use super::pack::{INTENTS_MAX, LABEL_MAX_CHARS, PHRASE_MAX_CHARS, PHRASES_MAX, is_name};
use super::{KnowledgeError, PerLang, store};
use crate::nlu::{Lang, OUT_OF_SCOPE};
use crate::platform::db::Tx;
use crate::platform::http::clean_text;

/// An intent with what is said to it.
#[derive(Debug, Clone)]
pub struct NewIntent {
    /// Stable name, e.g. `parking`.
    pub name: String,
    /// Button label.
    pub titles: PerLang<String>,
    /// Answer template.
    pub answers: PerLang<String>,
}

impl NewIntent {
    /// Cleans every text and checks the name.
    ///
    /// Errors: the field that is refused.
    pub fn checked(mut self) -> Result<Self, KnowledgeError> {
        if !is_name(&self.name) {
            return Err(KnowledgeError::invalid(
                "intent",
                "takes 1 to 60 lower-case letters, digits and underscores".into(),
            ));
        }
        for lang in Lang::ALL {
            clean("titles", self.titles.get_mut(lang), LABEL_MAX_CHARS)?;
            clean("answers", self.answers.get_mut(lang), BODY_MAX_CHARS)?;
        }
        Ok(self)
    }
}

fn clean(field: &'static str, text: &mut String, max_chars: usize) -> Result<(), KnowledgeError> {
    *text = clean_text(text, max_chars)
        .map_err(|error| KnowledgeError::invalid(field, error.to_string()))?;
    Ok(())
}

/// Adds an intent; inside [`Knowledge::change`](super::Knowledge::change), which refuses answers that do not render.
///
/// Errors: an intent has this name, or there are too many.
pub fn add_intent(tx: &mut dyn Tx, new: &NewIntent, now_ms: i64) -> Result<(), KnowledgeError> {
    let intents = store::intents(tx)?;
    if new.name == OUT_OF_SCOPE || intents.iter().any(|row| row.name == new.name) {
        return Err(KnowledgeError::IntentTaken);
    }
    if intents.len() > INTENTS_MAX {
        return Err(KnowledgeError::invalid(
            "intent",
            format!("there are {INTENTS_MAX} already, which is all there may be"),
        ));
    }
    let position = intents.len() as i64;
    store::insert_intent(tx, &new.name, &new.titles, &[], position, now_ms)?;
    for lang in Lang::ALL {
        let answer = new.answers.get(lang);
        store::save_answer(tx, &format!("intent:{}", new.name), lang, answer, now_ms)?;
    }
    Ok(())
}

/// Adds phrases of an intent; one that it has already changes nothing. Inside
/// [`Knowledge::change`](super::Knowledge::change).
///
/// Errors: there is no such intent, a phrase is empty or too long, or there are too many.
pub fn add_phrases(
    tx: &mut dyn Tx,
    intent: &str,
    lang: Lang,
    phrases: &[String],
) -> Result<(), KnowledgeError> {
    let intents = store::intents(tx)?;
    let id = intents
        .iter()
        .find(|row| row.name == intent)
        .map(|row| row.id);
    let id = id.ok_or_else(|| {
        KnowledgeError::invalid("intent", "is not the name of a known intent".into())
    })?;
    for phrase in phrases {
        let mut phrase = phrase.clone();
        clean("texts", &mut phrase, PHRASE_MAX_CHARS)?;
        store::insert_phrase(tx, id, lang, &phrase)?;
    }
    if store::phrase_count(tx, lang)? > PHRASES_MAX as i64 {
        return Err(KnowledgeError::invalid(
            "texts",
            format!("would be more than the {PHRASES_MAX} phrases a language may have"),
        ));
    }
    Ok(())
}
