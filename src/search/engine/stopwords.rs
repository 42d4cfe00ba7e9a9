//! Words that say nothing of what is looked for.

use std::collections::HashSet;

use super::words::form;
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// Such words, folded, by language.
pub struct Stopwords(PerLang<HashSet<Box<str>, foldhash::fast::RandomState>>);

impl Stopwords {
    /// * `toml`: a text of words a language (assets/search/stopwords.toml).
    ///
    /// Errors: it does not parse.
    pub fn from_table(toml: &str) -> Result<Self, toml::de::Error> {
        let texts: PerLang<String> = toml::from_str(toml)?;
        let set = |lang: Lang| {
            texts
                .get(lang)
                .split_whitespace()
                .map(|word| form(word, lang).into())
                .collect()
        };
        Ok(Self(PerLang {
            pl: set(Lang::Pl),
            en: set(Lang::En),
            de: set(Lang::De),
        }))
    }

    /// True for a word that says nothing in `lang`.
    pub fn has(&self, word: &str, lang: Lang) -> bool {
        self.has_form(&form(word, lang), lang)
    }

    /// The same for a word in its [`form`].
    pub fn has_form(&self, form: &str, lang: Lang) -> bool {
        self.0.get(lang).contains(form)
    }
}
