//! Words of a text, and the form in which they are compared: lower-case, folded, German "ae/oe/ue" read as umlauts.

use crate::nlu::Lang;
use crate::platform::folding::fold_letter;
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
    for c in word.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            for small in c.to_lowercase() {
                fold_letter(small, |letter| out.push(letter));
            }
        }
    }
    if lang == Lang::De {
        join_umlauts(out);
    }
}

/// Leaves out the "e" of "ae", "oe" and "ue" unless a vowel or "q" stands before ("neue", "bauen", "Quelle" stay).
fn join_umlauts(word: &mut String) {
    if !["ae", "oe", "ue"].iter().any(|pair| word.contains(pair)) {
        return;
    }
    let letters: Vec<char> = word.chars().collect();
    word.clear();
    for (index, &c) in letters.iter().enumerate() {
        let base = index.checked_sub(1).map_or(' ', |at| letters[at]);
        let before = index.checked_sub(2).map_or(' ', |at| letters[at]);
        let is_umlaut = c == 'e' && matches!(base, 'a' | 'o' | 'u');
        if !is_umlaut || matches!(before, 'a' | 'e' | 'i' | 'o' | 'u' | 'q') {
            word.push(c);
        }
    }
}

/// Lower-case with its diacritics, where there are any that [`form`] takes away.
pub fn accented(word: &str) -> Option<String> {
    (!word.is_ascii()).then(|| word.to_lowercase())
}
