//! What the rights over personal data need of search: whether words of somebody still stand in the team's index.

use super::engine::{form, words};
use super::{Search, SearchError};
use crate::nlu::Lang;

impl Search {
    /// Whether every word of a text stands in the index of leads and conversations, of one entry or of several; false for
    /// a text without words.
    ///
    /// Errors: the index is being opened.
    pub fn holds_words(&self, text: &str) -> Result<bool, SearchError> {
        let Some(reading) = self.engine()?.people.reading() else {
            return Ok(false);
        };
        let holds = |lang: Lang| {
            let vocabulary = reading.vocabulary(lang);
            let mut any = false;
            for word in words(text) {
                any = true;
                if vocabulary.ordinal(&form(word.text, lang)).is_none() {
                    return false;
                }
            }
            any
        };
        Ok(Lang::ALL.into_iter().any(holds))
    }
}
