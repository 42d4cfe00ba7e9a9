//! What was looked for since the last look: counted in memory, so that a search writes nothing. Pure.
//!
//! Nobody's name, address or session goes in. What is lost with a power cut is a minute of counts.

use std::collections::HashMap;

use crate::nlu::Lang;

/// So many different searches are counted at a time; more in a minute is nobody typing.
const ENTRIES_MAX: usize = 2_000;
/// A longer search is nobody else's.
const WORDS_MAX: usize = 6;
const CHARS_MAX: usize = 80;

/// How often something was looked for, by whether it was found.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: HashMap<Looked, i64>,
    /// All searches, by whether they found something.
    found: i64,
    nothing: i64,
}

/// A search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Looked {
    pub(super) lang: Lang,
    /// As typed, lower-case, with single blanks.
    pub(super) text: String,
    pub(super) was_found: bool,
}

impl Tally {
    /// Counts a search. What was found is counted only where others may be offered the same words: short, no numbers, no
    /// address.
    pub(super) fn count(&mut self, lang: Lang, typed: &str, was_found: bool) {
        *if was_found {
            &mut self.found
        } else {
            &mut self.nothing
        } += 1;
        let words: Vec<&str> = typed.split_whitespace().collect();
        let text = words.join(" ").to_lowercase();
        let is_offerable = words.len() <= WORDS_MAX
            && text.chars().count() <= CHARS_MAX
            && !text.contains(|c: char| c.is_ascii_digit() || c == '@' || c == '/');
        if was_found && !is_offerable {
            return;
        }
        let looked = Looked {
            lang,
            text,
            was_found,
        };
        if self.counts.len() < ENTRIES_MAX || self.counts.contains_key(&looked) {
            *self.counts.entry(looked).or_default() += 1;
        }
    }

    /// How many searches found something since the last time, and how many nothing.
    pub(super) fn take_totals(&mut self) -> (i64, i64) {
        (
            std::mem::take(&mut self.found),
            std::mem::take(&mut self.nothing),
        )
    }

    /// Everything counted since the last time.
    pub(super) fn take(&mut self) -> Vec<(Looked, i64)> {
        self.counts.drain().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(searches: &[(&str, bool)]) -> Vec<(String, bool, i64)> {
        let mut tally = Tally::default();
        for (text, was_found) in searches {
            tally.count(Lang::Pl, text, *was_found);
        }
        let mut taken: Vec<_> = tally
            .take()
            .into_iter()
            .map(|(looked, times)| (looked.text, looked.was_found, times))
            .collect();
        taken.sort();
        assert!(tally.take().is_empty());
        taken
    }

    #[test]
    fn the_same_words_are_counted_together() {
        assert_eq!(
            taken(&[
                ("Łazienka  pod klucz", true),
                ("łazienka pod klucz ", true),
                ("pergola", false)
            ]),
            [
                ("pergola".into(), false, 1),
                ("łazienka pod klucz".into(), true, 2)
            ]
        );
    }

    #[test]
    fn what_may_tell_who_somebody_is_is_never_offered_to_others() {
        assert_eq!(
            taken(&[
                ("anna@example.pl", true),
                ("585 004 663", true),
                ("umowa 17/2026", true)
            ]),
            []
        );
    }

    #[test]
    fn a_flood_of_different_searches_takes_bounded_room() {
        let mut tally = Tally::default();
        for number in 0..3 * ENTRIES_MAX {
            tally.count(Lang::En, &format!("w{number}"), false);
        }
        assert_eq!(tally.take().len(), ENTRIES_MAX);
    }
}
