//! A message as folded words, and the signs between them.

use unicode_normalization::char::is_combining_mark;

use crate::nlu::Lang;
use crate::platform::folding::fold_letter;

/// A sign that says something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Mark {
    /// A comma and the like: what a negation does not reach across.
    Pause,
    /// The end of a sentence.
    End,
    Exclaim,
    Ask,
    /// An emoji or another sign outside of the alphabets.
    Sign(char),
    Smile,
    Frown,
}

/// A message read.
pub(super) struct Words {
    /// The words with a blank between two of them.
    text: String,
    /// Where each begins and ends in `text`.
    spans: Vec<(usize, usize)>,
    /// Marks with the number of words before them.
    marks: Vec<(usize, Mark)>,
}

/// Longest text that is read, in characters: as much as a message may hold.
const CHARS_MAX: usize = 2_000;

impl Words {
    /// Reads a text: folded, an apostrophe inside a word left out, letters written three times and more once.
    pub(super) fn of(text: &str, lang: Lang) -> Self {
        let mut words = Self {
            text: String::with_capacity(text.len() + 8),
            spans: Vec::with_capacity(text.len() / 5 + 1),
            marks: Vec::new(),
        };
        let mut start = None;
        let mut chars = text.chars().take(CHARS_MAX).peekable();
        let mut before = ' ';
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().unwrap_or(' ');
            if c.is_alphanumeric() {
                let from = *start.get_or_insert(words.text.len());
                let small = c.to_lowercase().next().unwrap_or(c);
                fold_letter(small, |letter| words.push(letter, from));
                // In German the two dots are a letter: "schön" is not "schon".
                if lang == Lang::De && matches!(small, 'ä' | 'ö' | 'ü') {
                    words.push('e', from);
                }
            } else if is_combining_mark(c) {
                // A letter's mark that is written apart.
            } else if matches!(c, '\'' | '’') && start.is_some() && next.is_alphanumeric() {
                // Inside a word: "don't".
            } else {
                words.close(&mut start);
                words.mark(c, before, next);
            }
            before = c;
        }
        words.close(&mut start);
        words
    }

    fn push(&mut self, letter: char, from: usize) {
        let word = &self.text.as_bytes()[from..];
        // Of a long run three are enough to know it by.
        let is_run = word.len() >= 3 && word.iter().rev().take(3).all(|c| char::from(*c) == letter);
        if !is_run || letter.is_ascii_digit() {
            self.text.push(letter);
        }
    }

    fn close(&mut self, start: &mut Option<usize>) {
        let Some(from) = start.take() else { return };
        // Three of a letter are one, two stay: "suuuper", "Kaffee".
        let word = &self.text[from..];
        let bytes = word.as_bytes();
        let has_run = bytes
            .windows(3)
            .any(|three| three[0] == three[1] && three[1] == three[2]);
        if has_run {
            let once = without_runs(word);
            self.text.truncate(from);
            self.text.push_str(&once);
        }
        self.spans.push((from, self.text.len()));
        self.text.push(' ');
    }

    fn mark(&mut self, c: char, before: char, next: char) {
        let mark = match c {
            '!' => Mark::Exclaim,
            '?' => Mark::Ask,
            ':' | ';' | '=' if matches!(next, ')' | 'D' | 'P' | '*') => Mark::Smile,
            ':' | ';' | '=' if matches!(next, '(' | '[' | '|') => Mark::Frown,
            ')' if before == '-' => Mark::Smile,
            '(' if before == '-' => Mark::Frown,
            // A point inside of a number or an address ends nothing.
            '.' if next.is_alphanumeric() => return,
            '.' | '\n' | '…' => Mark::End,
            ',' | ';' | ':' | '–' | '—' | '(' | ')' => Mark::Pause,
            _ if c.is_ascii() => return,
            _ => Mark::Sign(c),
        };
        self.marks.push((self.spans.len(), mark));
    }

    /// The sentences: first word and the one after the last. A text of signs alone is one sentence.
    pub(super) fn sentences(&self) -> impl Iterator<Item = (usize, usize)> {
        let ends = self.marks.iter().filter_map(|(at, mark)| {
            matches!(mark, Mark::End | Mark::Exclaim | Mark::Ask).then_some(*at)
        });
        let mut from = 0;
        let mut last = None;
        ends.chain([self.spans.len()])
            .filter_map(move |to| {
                let is_new = last != Some(to);
                last = Some(to);
                let sentence = (from, to);
                from = to;
                is_new.then_some(sentence)
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The marks of a sentence: those behind its first word up to its end. Those before the first word of a text belong
    /// to its first sentence.
    pub(super) fn marks(&self, (from, to): (usize, usize)) -> impl Iterator<Item = Mark> {
        self.marks
            .iter()
            .filter(move |(at, _)| (*at > from || from == 0) && *at <= to)
            .map(|(_, mark)| *mark)
    }

    /// True when a pause stands between two words.
    pub(super) fn has_pause(&self, (from, to): (usize, usize)) -> bool {
        self.marks
            .iter()
            .any(|(at, mark)| *mark == Mark::Pause && *at > from && *at <= to)
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The words from one to before another, with blanks between them.
    pub(super) fn slice(&self, from: usize, to: usize) -> &str {
        match (self.spans.get(from), self.spans.get(to.wrapping_sub(1))) {
            (Some((start, _)), Some((_, end))) if from < to => &self.text[*start..*end],
            _ => "",
        }
    }
}

fn without_runs(word: &str) -> String {
    let chars: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().take_while(|c| **c == chars[at]).count();
        let kept = if run >= 3 && !chars[at].is_ascii_digit() {
            1
        } else {
            run
        };
        out.extend(std::iter::repeat_n(chars[at], kept));
        at += run;
    }
    out
}
