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
        let rest = self.text.get(self.at..)?;
        let start = self.at + begin(rest)?;
        let rest = &self.text[start..];
        let length = length(rest);
        self.at = start + length;
        let length = rest.floor_char_boundary(length.min(WORD_MAX_BYTES));
        Some(Word {
            text: &rest[..length],
            start,
        })
    }
}

// Every text that is found is read word by word, so the two below go through bytes and ask of a character only where it
// is no ASCII.

/// Where the first word begins.
fn begin(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let byte = *text.as_bytes().get(at)?;
        if byte.is_ascii_alphanumeric() {
            return Some(at);
        }
        let c = text[at..].chars().next()?;
        if is_letter(c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// Bytes of the word that `text` begins with.
fn length(text: &str) -> usize {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        if byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let c = text[at..].chars().next().filter(|c| !c.is_ascii());
        match c.filter(|&c| is_letter(c) || is_combining_mark(c)) {
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
    at
}

/// A letter or digit, whatever the script; those of Europe are known without a table.
fn is_letter(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}')
        || c.is_alphanumeric()
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
