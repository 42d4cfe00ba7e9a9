//! What forms of one word have in common: the Snowball stem, and a table of words whose stem changes by inflection.

use std::collections::HashMap;

use frostem::{Algorithm, Stemmer};
use serde::Deserialize;

use super::words::{accented, form};
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// Fewer letters of a stem say too little to stand for a word.
const STEM_MIN_LETTERS: usize = 4;

type FastMap<V> = HashMap<String, V, foldhash::fast::RandomState>;

/// Base form, and one form for each further stem.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    pl: HashMap<String, Vec<String>>,
    en: HashMap<String, Vec<String>>,
    de: HashMap<String, Vec<String>>,
}

/// Stemmers of all languages.
pub struct Stems {
    stemmers: PerLang<Stemmer>,
    /// Form or stem to the key of its table entry.
    entries: PerLang<FastMap<Box<str>>>,
}

impl Stems {
    /// * `toml`: a table a language, base form to further forms (assets/search/stems.toml).
    ///
    /// Errors: the table does not parse.
    pub fn from_table(toml: &str) -> Result<Self, toml::de::Error> {
        let table: Table = toml::from_str(toml)?;
        let mut stems = Self {
            stemmers: PerLang {
                pl: Stemmer::new(Algorithm::Polish),
                en: Stemmer::new(Algorithm::English),
                de: Stemmer::new(Algorithm::German),
            },
            entries: PerLang::default(),
        };
        for (lang, table) in [
            (Lang::Pl, table.pl),
            (Lang::En, table.en),
            (Lang::De, table.de),
        ] {
            *stems.entries.get_mut(lang) = stems.entries_of(&table, lang);
        }
        Ok(stems)
    }

    /// Each form as it stands, and each stem that belongs to one entry alone.
    fn entries_of(&self, table: &HashMap<String, Vec<String>>, lang: Lang) -> FastMap<Box<str>> {
        let mut entries = FastMap::default();
        let mut stems: FastMap<Option<Box<str>>> = FastMap::default();
        for (base, others) in table {
            // No word begins with this sign, so an entry's key is never a stem.
            let key: Box<str> = format!("={}", form(base, lang)).into();
            for word in others.iter().chain([base]) {
                let word_form = form(word, lang);
                self.stems(&word_form, accented(word).as_deref(), lang, |stem| {
                    let owner = stems
                        .entry(stem.to_owned())
                        .or_insert_with(|| Some(key.clone()));
                    if owner.as_ref() != Some(&key) {
                        *owner = None;
                    }
                });
                entries.insert(word_form, key.clone());
            }
        }
        for (stem, owner) in stems {
            if let Some(owner) = owner.filter(|_| stem.len() >= STEM_MIN_LETTERS) {
                entries.entry(stem).or_insert(owner);
            }
        }
        entries
    }

    /// The keys of a word, four at most: two words that share one are forms of the same word.
    ///
    /// * `form`: folded; `accented`: lower-case with diacritics, if it has any.
    pub fn keys(&self, form: &str, accented: Option<&str>, lang: Lang, mut give: impl FnMut(&str)) {
        let entries = self.entries.get(lang);
        if let Some(key) = entries.get(form) {
            give(key);
        }
        self.stems(form, accented, lang, |stem| {
            give(stem);
            if let Some(key) = entries.get(stem) {
                give(key);
            }
        });
    }

    /// Somebody who types without diacritics loses endings the stemmer knows ("ą"), so the folded form is stemmed
    /// besides the accented one.
    fn stems(&self, word: &str, accented: Option<&str>, lang: Lang, mut give: impl FnMut(&str)) {
        let stemmer = self.stemmers.get(lang);
        let plain = stemmer.stem(word);
        give(&plain);
        if let Some(accented) = accented {
            let stem = form(&stemmer.stem(accented), lang);
            if stem != plain {
                give(&stem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(a: &str, b: &str, lang: Lang) -> bool {
        let stems = Stems::from_table(
            "[pl]\n\"łazienka\" = [\"łazienek\", \"łazience\"]\n[en]\n[de]\n\"Haus\" = [\"Häuser\"]\n",
        )
        .unwrap();
        let keys = |word: &str| {
            let mut keys = Vec::new();
            stems.keys(&form(word, lang), accented(word).as_deref(), lang, |key| {
                keys.push(key.to_owned());
            });
            keys
        };
        let others = keys(b);
        keys(a).iter().any(|key| others.contains(key))
    }

    #[test]
    fn inflected_forms_share_a_key_with_and_without_diacritics() {
        for (a, b, lang) in [
            ("łazienka", "łazienkami", Lang::Pl),
            ("łazienka", "łazience", Lang::Pl),
            ("łazienek", "lazienkach", Lang::Pl),
            ("gwarancja", "gwarancją", Lang::Pl),
            ("gwarancja", "gwarancje", Lang::Pl),
            ("tiles", "tile", Lang::En),
            ("Häuser", "Haus", Lang::De),
            ("haeusern", "Haus", Lang::De),
            ("Fliesen", "Fliese", Lang::De),
        ] {
            assert!(share(a, b, lang), "{a} {b}");
        }
    }

    #[test]
    fn other_words_do_not() {
        for (a, b) in [
            ("łazienka", "podłoga"),
            ("okno", "oko"),
            ("drzwi", "drzewo"),
        ] {
            assert!(!share(a, b, Lang::Pl), "{a} {b}");
        }
    }
}
