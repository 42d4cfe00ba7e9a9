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

impl<'t> Word<'t> {
    /// Byte offset of its end.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The word in a text from there to there, as far as it counts.
    fn cut(text: &'t str, start: usize, end: usize) -> Self {
        let end = text.floor_char_boundary(end.min(start + WORD_MAX_BYTES));
        Self {
            text: &text[start..end],
            start,
        }
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
        self.at = end_of_word(self.text, start);
        (self.at > start).then(|| Word::cut(self.text, start, self.at))
    }
}

/// First letters of words' forms, to find the words of a text that begin so and pass over the others.
pub struct Initials {
    /// By a word's first byte, whether it may be one of them.
    bytes: [bool; 256],
}

impl Default for Initials {
    fn default() -> Self {
        // What is not ASCII may be folded to any letter; these are the first bytes of such.
        Self {
            bytes: std::array::from_fn(|byte| byte >= 0xc0),
        }
    }
}

impl Initials {
    /// Adds that of a form.
    pub fn put(&mut self, form: &str) {
        if let Some(byte) = form.bytes().next() {
            self.bytes[usize::from(byte)] = true;
            self.bytes[usize::from(byte.to_ascii_uppercase())] = true;
        }
    }

    /// The words of `text` that may begin so, in order: all that do, and some others.
    pub fn words<'t>(&self, text: &'t str) -> impl Iterator<Item = Word<'t>> {
        let bytes = text.as_bytes();
        let may_begin = move |&at: &usize| {
            let is_inside = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
            self.bytes[usize::from(bytes[at])] && !is_inside
        };
        let begins = (0..bytes.len()).filter(may_begin);
        begins.filter_map(|at| word_at(text, at))
    }
}

/// The word that begins there, if one does.
fn word_at(text: &str, start: usize) -> Option<Word<'_>> {
    let before = text[..start].chars().rev().find(|&c| !is_mark(c));
    let first = text[start..].chars().next();
    let begins = first.is_some_and(is_letter) && !before.is_some_and(is_letter);
    begins.then(|| Word::cut(text, start, end_of_word(text, start)))
}

/// Where the word ends that begins at `start`.
fn end_of_word(text: &str, start: usize) -> usize {
    end_of_run(text, start, |c| is_letter(c) || is_mark(c))
}

/// Where the characters from `at` on end that are like this.
///
/// Every text that is found is read word by word, so the ASCII of it goes byte by byte.
fn end_of_run(text: &str, mut at: usize, is_like: impl Fn(char) -> bool) -> usize {
    let bytes = text.as_bytes();
    loop {
        while bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii() && is_like(char::from(*byte)))
        {
            at += 1;
        }
        match text[at..]
            .chars()
            .next()
            .filter(|&c| !c.is_ascii() && is_like(c))
        {
            Some(c) => at += c.len_utf8(),
            None => return at,
        }
    }
}

/// A letter or digit, whatever the script; those of Europe are known without a table.
fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}')
            || c.is_alphanumeric()
    }
}

/// What stands above or below a letter, written apart.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts<'t>(words: impl Iterator<Item = Word<'t>>) -> Vec<&'t str> {
        words.map(|word| word.text).collect()
    }

    #[test]
    fn words_are_letters_and_digits_in_a_row_with_their_marks() {
        let text = "„Łazienka” 12m², z\u{307}o\u{301}łty-\u{301}a… ż";
        let expected = ["Łazienka", "12m²", "z\u{307}o\u{301}łty", "a", "ż"];
        assert_eq!(texts(words(text)), expected);
    }

    proptest! {
        #[test]
        fn no_word_that_begins_so_is_passed_over(text in "([abżŁ „-]|\u{301}|Ä|ue|×){0,30}") {
            let mut initials = Initials::default();
            initials.put("ab");
            initials.put("l");
            let all: Vec<Word<'_>> = words(&text).collect();
            let some: Vec<Word<'_>> = initials.words(&text).collect();
            prop_assert!(some.iter().all(|word| all.contains(word)));
            let begins = |word: &&Word<'_>| form(word.text, Lang::De).starts_with(['a', 'l']);
            let wanted: Vec<&Word<'_>> = all.iter().filter(begins).collect();
            let kept: Vec<&Word<'_>> = some.iter().filter(begins).collect();
            prop_assert_eq!(kept, wanted);
        }
    }
}
