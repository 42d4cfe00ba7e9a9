//! Words of a text, and the form in which they are compared: lower-case, folded, German "ae/oe/ue" read as umlauts.

use crate::nlu::{Lang, join_umlauts};
use crate::platform::folding::{fold_into, fold_letter};
use unicode_normalization::char::is_combining_mark;

/// Longer words are cut: nobody looks for them, and the index bounds its terms.
const WORD_MAX_BYTES: usize = 120;

/// A word and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'t> {
    /// As it is written.
    pub text: &'t str,
    /// Byte offset of its beginning.
    pub start: usize,
}

impl Word<'_> {
    /// Byte offset of its end.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The words of a text, in order: letters and digits in a row, with their marks.
pub fn words(text: &str) -> Words<'_> {
    Words { text, at: 0 }
}

/// Iterator of [`words`].
pub struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let start = end_of_run(self.text, self.at, |c| !is_letter(c));
        let end = end_of_run(self.text, start, |c| is_letter(c) || is_mark(c));
        self.at = end;
        let cut = self
            .text
            .floor_char_boundary(end.min(start + WORD_MAX_BYTES));
        let text = &self.text[start..cut];
        (!text.is_empty()).then_some(Word { text, start })
    }
}

/// Where the characters from `at` on end that are like this.
///
/// Every text that is found is read word by word, so most characters are known by their first byte.
fn end_of_run(text: &str, mut at: usize, is_like: impl Fn(char) -> bool) -> usize {
    while let Some(byte) = text.as_bytes().get(at) {
        let c = if byte.is_ascii() {
            Some(char::from(*byte))
        } else {
            text[at..].chars().next()
        };
        match c.filter(|&c| is_like(c)) {
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
    at
}

/// A letter or digit, whatever the script; those of Europe are known without a table.
fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        IS_LETTER[c as usize]
    } else {
        matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}')
            || c.is_alphanumeric()
    }
}

/// By ASCII character.
const IS_LETTER: [bool; 128] = {
    let mut letters = [false; 128];
    let mut at = 0;
    while at < letters.len() {
        letters[at] = (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    letters
};

/// What stands above or below a letter, written apart.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

/// A set of letters that may hold more than was put in, and never less.
#[derive(Debug, Default, Clone, Copy)]
pub struct Letters(u32);

impl Letters {
    /// Those of a word.
    pub fn of(word: &str) -> Self {
        let mut letters = Self::default();
        word.chars().for_each(|letter| letters.put(letter));
        letters
    }

    fn bit(letter: char) -> u32 {
        1 << (u32::from(letter) % u32::BITS)
    }

    pub fn put(&mut self, letter: char) {
        self.0 |= Self::bit(letter);
    }

    pub fn may_hold(self, letter: char) -> bool {
        self.0 & Self::bit(letter) != 0
    }

    /// False: more than so many of these letters are none of `others`.
    pub fn lacks_at_most(self, most: u8, others: Self) -> bool {
        let lacking = self.0 & !others.0;
        // Takes away one at a time.
        (0..most).fold(lacking, |rest, _| rest & rest.wrapping_sub(1)) == 0
    }
}

/// The first letter of the word's [`form`].
pub fn first_letter(word: &str) -> Option<char> {
    let c = word.chars().next()?;
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    let mut first = None;
    for small in c.to_lowercase() {
        fold_letter(small, |letter| {
            first.get_or_insert(letter);
        });
    }
    first
}

/// The form a word is compared in.
pub fn form(word: &str, lang: Lang) -> String {
    let mut out = String::with_capacity(word.len());
    form_into(word, lang, &mut out);
    out
}

/// The same into `out`, which is emptied first.
pub fn form_into(word: &str, lang: Lang, out: &mut String) {
    out.clear();
    fold_into(word, out);
    if lang == Lang::De && ["ae", "oe", "ue"].iter().any(|pair| out.contains(pair)) {
        let letters: Vec<char> = out.chars().collect();
        out.clear();
        out.extend(join_umlauts(&letters));
    }
}

/// Lower-case with its diacritics, where there are any that [`form`] takes away.
pub fn accented(word: &str) -> Option<String> {
    (!word.is_ascii()).then(|| word.to_lowercase())
}
