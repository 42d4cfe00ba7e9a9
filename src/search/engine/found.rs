//! What is looked for besides words, and what was found.

use std::cmp::Ordering;

use super::entry::{Key, Kind};
use crate::nlu::Lang;

/// What is looked for besides words.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of these kinds; empty: any.
    pub kinds: Vec<Kind>,
    /// In this language. [`super::Reading::find`] is told by what is wanted.
    pub lang: Option<Lang>,
    /// With this tag.
    pub tag: Option<String>,
}

/// An entry that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which.
    pub key: Key,
    /// 0 to 1: number of words found, then how well they fit.
    pub score: f32,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// How many entries.
    pub total: usize,
    /// The best, best first.
    pub hits: Vec<Hit>,
    /// How many of each kind, in the order of [`Kind::ALL`].
    pub kinds: Vec<usize>,
    /// How many of each language, in the order of [`Lang::ALL`].
    pub langs: Vec<usize>,
}

/// Numbers about an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries of each kind, in the order of [`Kind::ALL`].
    pub kinds: Vec<usize>,
    /// Entries of each language, in the order of [`Lang::ALL`].
    pub langs: Vec<usize>,
    /// Different forms in all languages.
    pub forms: usize,
}

impl Found {
    pub(super) fn none() -> Self {
        Self {
            kinds: vec![0; Kind::ALL.len()],
            langs: vec![0; Lang::ALL.len()],
            ..Self::default()
        }
    }

    pub(super) fn count(&mut self, key: Key) {
        self.total += 1;
        self.kinds[key.kind() as usize] += 1;
        self.langs[key.lang() as usize] += 1;
    }

    /// Keeps the best `limit`.
    pub(super) fn keep(&mut self, hit: Hit, limit: usize) {
        if self.hits.len() >= limit && self.hits.last().is_none_or(|last| last.order(&hit).is_lt())
        {
            return;
        }
        let at = self.hits.partition_point(|other| other.order(&hit).is_lt());
        self.hits.insert(at, hit);
        self.hits.truncate(limit);
    }
}

impl Hit {
    /// The better one first; of equals the lower key, so that pages do not overlap.
    fn order(&self, other: &Self) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(self.key.cmp(&other.key))
    }
}
