//! Words of a text, and the form in which they are compared: lower-case, folded, German "ae/oe/ue" read as umlauts.

use crate::nlu::{Lang, join_umlauts};
use crate::platform::folding::fold_into;
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
        let start = self.at + rest.find(char::is_alphanumeric)?;
        let rest = &self.text[start..];
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || is_combining_mark(c)))
            .unwrap_or(rest.len());
        self.at = start + length;
        let length = rest.floor_char_boundary(length.min(WORD_MAX_BYTES));
        Some(Word {
            text: &rest[..length],
            start,
        })
    }
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
