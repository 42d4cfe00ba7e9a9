//! What may be said: only what the evidence says. Pure.
//!
//! A text passes when every figure, date, price, phone number and address in it stands in the evidence with the same
//! meaning, and every word that states one without digits stands there too. Refusing too much costs one answer;
//! letting something invented through costs trust. So whatever is not understood is refused.
//!
//! ```text
//! plain.rs   which characters may be shown     links.rs  addresses
//! words.rs   guarded words                     nlu::entities::figures  numbers and what they count
//! ```

mod links;
mod plain;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashSet;

pub(super) use plain::tidy;

use crate::nlu::Lang;
use crate::nlu::entities::{Counted, Says, figures};
use crate::platform::folding::folded;
use words::{Guard, guard, is_greeting, is_ordinal};

/// Letters by which two words count as the same when texts are compared, and letters a word needs to be compared.
const STEM_LETTERS: usize = 5;
/// Letters of a word that may stand between an ordinal and a month: "first of May".
const LINK_LETTERS_MAX: usize = 2;
/// Words of a passage an answer shares with it at least, when it rests on it.
const SHARED_WORDS_MIN: usize = 2;

/// Why a text may not be shown. Says nothing of its words, so it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Characters that plain prose does not need.
    #[error("a character that may hide something")]
    Character,
    /// An address that stands in no passage.
    #[error("an address of its own")]
    Address,
    /// A number, date, price or phone number that stands nowhere.
    #[error("a figure of its own")]
    Figure,
    /// A word that states one of these.
    #[error("a number, time or price of its own in words")]
    Word,
}

/// What an answer may rest on.
#[derive(Debug)]
pub struct Evidence {
    lang: Lang,
    said: HashSet<Says>,
    /// Words that are part of no figure, folded and as written.
    words: HashSet<String>,
    written: HashSet<String>,
    terms: HashSet<&'static str>,
    addresses: HashSet<String>,
    /// Beginnings of each passage's words.
    passages: Vec<HashSet<String>>,
}

impl Evidence {
    /// Reads `passages`, then `quotes`: what the price list's own estimates said in this conversation.
    ///
    /// * `addresses`: of the passages, as they are shown with the answer.
    pub fn new<'a>(
        lang: Lang,
        passages: impl IntoIterator<Item = &'a str>,
        quotes: impl IntoIterator<Item = &'a str>,
        addresses: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut evidence = Self {
            lang,
            said: HashSet::new(),
            words: HashSet::new(),
            written: HashSet::new(),
            terms: HashSet::new(),
            addresses: addresses.into_iter().map(str::to_lowercase).collect(),
            passages: Vec::new(),
        };
        for passage in passages {
            evidence.read(passage);
            evidence.passages.push(stems(passage));
        }
        for quote in quotes {
            evidence.read(quote);
        }
        evidence
    }

    fn read(&mut self, text: &str) {
        // The same blanks as in what is checked; line by line, since only so many characters of a text are read.
        for line in tidy(text).lines() {
            let figures = figures(line, self.lang);
            let is_covered = |at: usize| figures.iter().any(|figure| figure.bytes.contains(&at));
            // The month of "36 months" gives no leave to say "in a month".
            for word in words_of(line).filter(|word| !is_covered(word.start)) {
                let folded = folded(word.written);
                if let Some(Guard::Term(term)) = guard(&folded, word.written, word.beside_mark) {
                    self.terms.insert(term);
                }
                self.words.insert(folded);
                self.written.insert(word.written.to_owned());
            }
            self.addresses.extend(links::addresses(line));
            self.said
                .extend(figures.into_iter().map(|figure| figure.says));
        }
    }

    /// Checks `text`, which [`tidy`] has made plain.
    ///
    /// Errors: the first thing in it that does not stand in the evidence.
    pub fn check(&self, text: &str) -> Result<(), Unsupported> {
        if !plain::is_prose(text) {
            return Err(Unsupported::Character);
        }
        if !links::addresses(text).is_subset(&self.addresses) {
            return Err(Unsupported::Address);
        }
        let figures = figures(text, self.lang);
        // A word that is part of a figure needs no cover of its own.
        let mut covered = vec![false; text.len()];
        for figure in &figures {
            if !self.says(&figure.says, &text[figure.bytes.clone()]) {
                return Err(Unsupported::Figure);
            }
            covered[figure.bytes.clone()].fill(true);
        }
        let signs = text
            .char_indices()
            .filter(|(_, c)| matches!(c, '€' | '$' | '£' | '%'));
        if signs.into_iter().any(|(at, _)| !covered[at]) {
            return Err(Unsupported::Figure);
        }
        self.check_words(text, &covered)
    }

    fn says(&self, says: &Says, written: &str) -> bool {
        let Says::Amount(value, Counted::Loose(near)) = says else {
            return self.said.contains(says);
        };
        // "Ein" and "one" are articles; beside a word of time `check_words` refuses them.
        let is_article = *value == 1.0_f64.to_bits() && is_ordinal(&folded(written));
        is_article
            || self.said.iter().any(|known| match known {
                Says::Amount(known, Counted::Loose(known_near)) => {
                    known == value && near.iter().any(|stem| known_near.contains(stem))
                }
                _ => false,
            })
    }

    fn check_words(&self, text: &str, covered: &[bool]) -> Result<(), Unsupported> {
        let words: Vec<Word<'_>> = words_of(text).collect();
        let plain: Vec<String> = words.iter().map(|word| folded(word.written)).collect();
        let at = |index: Option<usize>| {
            index
                .and_then(|index| plain.get(index))
                .map_or("", String::as_str)
        };
        let guards: Vec<Option<Guard>> = words
            .iter()
            .zip(&plain)
            .map(|(word, plain)| guard(plain, word.written, word.beside_mark))
            .collect();
        for (index, word) in words.iter().enumerate() {
            let (before, here, after) = (
                at(index.checked_sub(1)),
                at(Some(index)),
                at(Some(index + 1)),
            );
            let is_polite = is_greeting(before, here) || is_greeting(here, after);
            let is_fine = match guards[index] {
                _ if is_polite || covered[word.start] => true,
                None => {
                    let is_time =
                        |index: usize| matches!(guards.get(index), Some(Some(Guard::Term(_))));
                    let is_link = |index: usize| {
                        plain
                            .get(index)
                            .is_some_and(|word| word.len() <= LINK_LETTERS_MAX)
                    };
                    let is_dated = is_time(index + 1)
                        || index > 0 && is_time(index - 1)
                        || is_link(index + 1) && is_time(index + 2)
                        || index > 1 && is_link(index - 1) && is_time(index - 2);
                    !is_dated || !is_ordinal(here) || self.words.contains(here)
                }
                Some(Guard::Attached) => false,
                Some(Guard::Term(term)) => self.terms.contains(term),
                Some(Guard::Word) => self.words.contains(here) && self.has_case_of(word.written),
            };
            if !is_fine {
                return Err(Unsupported::Word);
            }
        }
        Ok(())
    }

    /// A Roman number or a proper name must stand in the evidence with its capitals.
    fn has_case_of(&self, written: &str) -> bool {
        let is_shouted = written.chars().all(char::is_uppercase);
        !is_shouted || self.written.contains(written)
    }

    /// The passages `text` rests on, best first: those it shares words with.
    pub fn passages_of(&self, text: &str) -> Vec<usize> {
        let said = stems(text);
        let mut shared: Vec<(usize, usize)> = self
            .passages
            .iter()
            .map(|passage| passage.intersection(&said).count())
            .enumerate()
            .filter(|(_, shared)| *shared >= SHARED_WORDS_MIN)
            .collect();
        shared.sort_by_key(|(index, shared)| (usize::MAX - shared, *index));
        shared.into_iter().map(|(index, _)| index).collect()
    }
}

/// A word and where it stands.
struct Word<'a> {
    written: &'a str,
    start: usize,
    /// A dash stands right before or behind it.
    beside_mark: bool,
}

/// Runs of letters; an apostrophe between two letters parts none ("we'll").
fn words_of(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphabetic)?;
        let mut end = start;
        let mut letters = text[start..].chars().peekable();
        while let Some(c) = letters.next() {
            let is_inside =
                matches!(c, '\'' | '’') && letters.peek().is_some_and(|next| next.is_alphabetic());
            if !c.is_alphabetic() && !is_inside {
                break;
            }
            end += c.len_utf8();
        }
        rest = end;
        let is_mark = |c: Option<char>| c.is_some_and(|c| matches!(c, '-' | '–' | '—' | '‑'));
        Some(Word {
            written: &text[start..end],
            start,
            beside_mark: is_mark(text[..start].chars().next_back())
                || is_mark(text[end..].chars().next()),
        })
    })
}

/// Beginnings of the longer words of a text.
fn stems(text: &str) -> HashSet<String> {
    words_of(text)
        .map(|word| folded(word.written))
        .filter(|word| word.len() >= STEM_LETTERS)
        .map(|word| word.chars().take(STEM_LETTERS).collect())
        .collect()
}
