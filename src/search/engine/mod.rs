//! The search engine: entries in, hits out. It knows languages and words, and nothing of where entries come from.
//!
//! An index on disk ([`DiskIndex`]) holds which words stand where. A [`Reading`] of it adds what is known of these words:
//! their stems, the compounds they are in. A query becomes, for each language, the forms its words may stand for
//! ([`Wanted`]), and [`Reading::find`] weighs the entries that have them.

mod compounds;
mod entry;
mod found;
mod index;
mod marks;
mod reading;
mod stems;
mod stopwords;
mod suggest;
mod synonyms;
mod typos;
mod vocabulary;
mod wanted;
mod words;

use std::sync::Arc;

use arc_swap::ArcSwap;

pub use compounds::Parts;
pub use entry::{Entry, Key, Kind};
pub use found::{Counts, Filter, Found, Hit};
pub use index::{Change, DiskIndex, FORMAT};
pub use marks::{Mark, Marker, closeness, html, snippet};
pub use reading::Reading;
pub use stems::Stems;
pub use stopwords::Stopwords;
pub use suggest::{Phrase, Phrases};
pub use synonyms::{Synonym, Synonyms};
pub use wanted::{Typing, Wanted};
pub use words::{form, words};

use crate::nlu::Lang;
use wanted::WORDS_MAX;

/// What is known of words before any entry is read.
pub struct Lexicon {
    /// Which forms are one word.
    pub stems: Stems,
    /// What German compounds are made of.
    pub parts: Parts,
    /// Which words say nothing.
    pub stopwords: Stopwords,
    /// Synonyms that are built in.
    trade: Vec<Synonym>,
    /// Which words stand for others; the company may change them.
    pub synonyms: ArcSwap<Synonyms>,
}

/// The tables do not parse.
pub type LexiconError = toml::de::Error;

impl Lexicon {
    /// What the program brings, with the company's own synonyms.
    ///
    /// Errors: a table does not parse.
    pub fn new(own: &[Synonym]) -> Result<Self, LexiconError> {
        let lexicon = Self {
            stems: Stems::from_table(include_str!("../../../assets/search/stems.toml"))?,
            parts: Parts::listed(include_str!("../../../assets/search/compounds-de.txt")),
            stopwords: Stopwords::from_table(include_str!(
                "../../../assets/search/stopwords.toml"
            ))?,
            trade: Synonym::of_the_trade()?,
            synonyms: ArcSwap::default(),
        };
        lexicon.set_synonyms(own);
        Ok(lexicon)
    }

    /// Searches with these synonyms, besides those of the trade, from now on.
    pub fn set_synonyms(&self, own: &[Synonym]) {
        let synonyms = Synonyms::new(own.iter().chain(&self.trade), &self.stems);
        self.synonyms.store(Arc::new(synonyms));
    }

    /// The words of a query, none when all of them say nothing in one of `langs`.
    pub fn words_of<'q>(&self, query: &'q str, langs: &[Lang]) -> Vec<&'q str> {
        let words: Vec<&str> = words(query).map(|word| word.text).take(WORDS_MAX).collect();
        let says_nothing = |word: &&str| langs.iter().any(|&lang| self.stopwords.has(word, lang));
        if words.iter().all(says_nothing) {
            Vec::new()
        } else {
            words
        }
    }
}
