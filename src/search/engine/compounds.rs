//! German compounds and what they are made of, as far as the parts are known words: "Fliesenleger" is "fliesen" and "leger".

use std::collections::HashSet;

use super::words::form;
use crate::nlu::Lang;

/// A compound has so many letters at least.
const COMPOUND_MIN_LETTERS: usize = 6;
/// A word of the texts is taken for a part from so many letters; shorter parts must be listed.
const PART_MIN_LETTERS: usize = 4;
const PARTS_MAX: usize = 4;
/// What may stand between two parts; nothing first.
const LINKS: [&str; 7] = ["", "s", "n", "en", "es", "er", "e"];

/// The words that compounds are made of.
pub struct Parts {
    known: HashSet<Box<str>, foldhash::fast::RandomState>,
}

impl Parts {
    /// * `listed`: one part a line (assets/search/compounds-de.txt).
    pub fn listed(lines: &str) -> Self {
        let known = lines
            .lines()
            .map(|line| form(line.trim(), Lang::De))
            .filter(|part| !part.is_empty());
        Self {
            known: known.map(Into::into).collect(),
        }
    }

    /// These and the words of the index.
    pub fn with<'f>(&self, forms: impl Iterator<Item = &'f str>) -> Self {
        let mut known = self.known.clone();
        known.extend(
            forms
                .filter(|form| form.len() >= PART_MIN_LETTERS)
                .map(Into::into),
        );
        Self { known }
    }

    /// The parts of a compound in order, each as it stands in it without the link; empty when it is none.
    /// Of several ways the one with the longest parts.
    pub fn split<'w>(&self, word: &'w str) -> Vec<&'w str> {
        if word.len() < COMPOUND_MIN_LETTERS || !word.is_ascii() {
            return Vec::new();
        }
        let mut parts = Vec::new();
        if self.split_rest(word, true, &mut parts) {
            parts
        } else {
            Vec::new()
        }
    }

    fn split_rest<'w>(&self, rest: &'w str, is_whole: bool, parts: &mut Vec<&'w str>) -> bool {
        if !is_whole && self.known.contains(rest) {
            parts.push(rest);
            return true;
        }
        if parts.len() + 1 >= PARTS_MAX {
            return false;
        }
        for length in (3..rest.len().saturating_sub(2)).rev() {
            let part = &rest[..length];
            if !self.known.contains(part) {
                continue;
            }
            for link in LINKS {
                let Some(after) = rest[length..]
                    .strip_prefix(link)
                    .filter(|after| after.len() >= 3)
                else {
                    continue;
                };
                parts.push(part);
                if self.split_rest(after, false, parts) {
                    return true;
                }
                parts.pop();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compounds_of_known_words_come_apart() {
        let parts = Parts::listed(
            "Fliese\nFliesen\nLeger\nBoden\nBelag\nBad\nSanierung\nWohnung\nRenovierung\nTür",
        );
        for (word, expected) in [
            ("fliesenleger", vec!["fliesen", "leger"]),
            ("bodenbelag", vec!["boden", "belag"]),
            ("badsanierung", vec!["bad", "sanierung"]),
            ("wohnungsrenovierung", vec!["wohnung", "renovierung"]),
            ("bodenfliesenleger", vec!["boden", "fliesen", "leger"]),
            ("badtur", vec!["bad", "tur"]),
        ] {
            assert_eq!(parts.split(word), expected);
        }
    }

    #[test]
    fn a_word_with_an_unknown_part_stays_whole() {
        let parts = Parts::listed("boden\nbad");
        for word in ["bodensee", "badminton", "boden", "fliesen"] {
            assert!(parts.split(word).is_empty(), "{word}");
        }
    }
}
