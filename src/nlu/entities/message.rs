//! A message as the rules see it: tokens, what each word can mean, the numbers in it, and what is already taken.

use super::lexicon::{Entry, Sense, Unit, WORDS};
use super::numbers::{self, Number};
use super::tokens::Tokens;
use super::{Entities, EntityKind, Found};
use crate::nlu::Lang;
use crate::nlu::text::{MAX_CHARS, is_invisible};
use std::ops::Range;

/// The meanings of the longest phrase that begins at a token.
struct Mark {
    end: usize,
    entry: &'static Entry,
}

/// One message under extraction.
pub(super) struct Message<'a> {
    pub text: &'a str,
    pub lang: Lang,
    pub tokens: Tokens,
    marks: Vec<Option<Mark>>,
    /// In the order they stand, not overlapping.
    pub numbers: Vec<Number>,
    taken: Vec<bool>,
    /// Written in capitals throughout, so that a capital tells nothing.
    pub is_shouted: bool,
    /// What was found so far.
    pub found: Entities,
}

impl<'a> Message<'a> {
    pub fn read(text: &'a str, lang: Lang) -> Message<'a> {
        let tokens = Tokens::of(text);
        let marks = (0..tokens.len())
            .map(|at| {
                let (end, entry) = WORDS.find(&tokens, at)?;
                let means = entry.senses(lang).next().is_some();
                means.then_some(Mark { end, entry })
            })
            .collect();
        let mut message = Message {
            text,
            lang,
            taken: vec![false; tokens.len()],
            tokens,
            marks,
            numbers: Vec::new(),
            is_shouted: !text.chars().take(MAX_CHARS).any(char::is_lowercase),
            found: Entities::default(),
        };
        message.numbers = numbers::all(&message);
        message
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The meanings of the phrase at `at`.
    pub fn senses(&self, at: usize) -> impl Iterator<Item = Sense> {
        let mark = self.marks.get(at).and_then(Option::as_ref);
        mark.into_iter()
            .flat_map(|mark| mark.entry.senses(self.lang))
    }

    pub fn has(&self, at: usize, sense: Sense) -> bool {
        self.senses(at).any(|known| known == sense)
    }

    /// The token after the phrase at `at`.
    pub fn end(&self, at: usize) -> usize {
        match self.marks.get(at) {
            Some(Some(mark)) => mark.end,
            _ => at + 1,
        }
    }

    /// The first meaning of the phrase at `at` that `read` takes.
    pub fn pick<T>(&self, at: usize, read: impl Fn(Sense) -> Option<T>) -> Option<T> {
        self.senses(at).find_map(read)
    }

    /// The unit at `at` and the token after it, with the dot of an abbreviation.
    pub fn unit(&self, at: usize) -> Option<(Unit, usize)> {
        let at = if self.tokens.is(at, '-') && self.tokens.is_glued(at) {
            at + 1
        } else {
            at
        };
        let unit = self.pick(at, |sense| match sense {
            Sense::Unit(unit) => Some(unit),
            _ => None,
        });
        match (unit, self.tokens.symbol(at)) {
            (Some(unit), _) => Some((unit, self.skip_dot(self.end(at)))),
            (None, Some('㎡')) => Some((Unit::SquareMetre, at + 1)),
            (None, Some('€' | '$' | '£')) => Some((Unit::OtherMoney, at + 1)),
            _ => None,
        }
    }

    /// The token after a dot that ends an abbreviation before `at`.
    pub fn skip_dot(&self, at: usize) -> usize {
        at + usize::from(self.tokens.is(at, '.') && self.tokens.is_glued(at))
    }

    /// Whether a phrase that means `sense` ends right before `at`.
    pub fn is_after(&self, at: usize, sense: Sense) -> bool {
        self.before(at, sense).is_some()
    }

    /// Where the phrase that means `sense` and ends right before `at` begins. The dot of an abbreviation may stand
    /// between.
    pub fn before(&self, at: usize, sense: Sense) -> Option<usize> {
        let at = match at.checked_sub(1) {
            Some(dot) if self.tokens.is(dot, '.') && self.tokens.is_glued(dot) => dot,
            _ => at,
        };
        (at.saturating_sub(4)..at).find(|&from| self.end(from) == at && self.has(from, sense))
    }

    /// The number that begins at `at`.
    pub fn number_at(&self, at: usize) -> Option<&Number> {
        let index = self.numbers.partition_point(|number| number.from < at);
        self.numbers.get(index).filter(|number| number.from == at)
    }

    pub fn is_free(&self, range: Range<usize>) -> bool {
        !self.taken[range].contains(&true)
    }

    /// Takes the tokens for a piece of data, so that no other rule reads them.
    pub fn take(&mut self, kind: EntityKind, range: Range<usize>) {
        let (Some(first), Some(last)) = (
            self.tokens.get(range.start),
            range
                .end
                .checked_sub(1)
                .and_then(|last| self.tokens.get(last)),
        ) else {
            return;
        };
        let bytes = first.start..last.end;
        self.found.found.push(Found { kind, bytes });
        self.hide(range);
    }

    /// Keeps every rule from reading the tokens.
    pub fn hide(&mut self, range: Range<usize>) {
        self.taken[range].fill(true);
    }

    /// The tokens as written, without invisible characters.
    pub fn written(&self, range: Range<usize>) -> String {
        let ends = self.tokens.get(range.start).zip(
            range
                .end
                .checked_sub(1)
                .and_then(|last| self.tokens.get(last)),
        );
        ends.map_or_else(String::new, |(first, last)| {
            let slice = &self.text[first.start..last.end];
            slice.chars().filter(|c| !is_invisible(*c)).collect()
        })
    }
}
