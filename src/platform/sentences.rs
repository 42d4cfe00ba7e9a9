//! Where sentences end in the texts of all three languages. Pure.
//!
//! Better too late than too early: a cut between a number and what it counts would show half a fact. After a digit, a
//! single letter or an abbreviation a dot ends nothing, so two sentences may come as one.

use std::ops::Range;

/// Abbreviations of all three languages that end in a dot inside of a sentence, without that dot.
const ABBREVIATIONS: [&str; 62] = [
    "np", "ok", "tzn", "tj", "ul", "al", "godz", "tel", "tys", "mies", "min", "max", "maks", "ww",
    "wg", "św", "inż", "prof", "dr", "pkt", "nr", "im", "in", "os", "pl", "str", "kl", "woj",
    "pow", "gm", "ds", "tzw", "ew", "szt", "zob", "por", "ca", "bzw", "usw", "inkl", "exkl", "ggf",
    "evtl", "std", "abs", "ggü", "zzgl", "mtl", "e.g", "i.e", "approx", "incl", "excl", "vs", "st",
    "no", "mr", "mrs", "ms", "etc", "vol", "dept",
];
/// First bytes of what ends a sentence; the last one is that of "…".
const MARKS: [u8; 5] = [b'\n', b'.', b'!', b'?', 0xe2];

/// Where the first sentence ends, in bytes; `None` while that cannot be told.
pub fn end_of_sentence(text: &str) -> Option<usize> {
    let mut at = text.len() - text.trim_start().len();
    loop {
        at += position(&text.as_bytes()[at..], MARKS)?;
        let mark = text[at..].chars().next()?;
        let end = at + mark.len_utf8();
        let found = match mark {
            '\n' => Some(at),
            '.' | '!' | '?' | '…' => end_after(text, at, end),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        at = end;
    }
}

/// Where the first of these bytes stands. Most bytes are none of them, so many are looked at together.
pub fn position<const N: usize>(bytes: &[u8], wanted: [u8; N]) -> Option<usize> {
    // Without a branch, so that the compiler may compare many at once.
    let matches = |byte: u8| {
        wanted
            .iter()
            .fold(0, |any, &one| any | u8::from(byte == one))
    };
    let has_any = |block: &[u8; 32]| block.iter().fold(0, |any, &byte| any | matches(byte)) != 0;
    let (blocks, _) = bytes.as_chunks();
    let passed = blocks.iter().take_while(|block| !has_any(block)).count() * 32;
    let rest = bytes[passed..].iter();
    rest.copied()
        .position(|byte| wanted.contains(&byte))
        .map(|at| passed + at)
}

/// The end of the sentence whose last mark is `text[mark..end]`, if it is the last one.
fn end_after(text: &str, mark: usize, end: usize) -> Option<usize> {
    let closing: usize = text[end..]
        .chars()
        .take_while(|c| matches!(c, '”' | '"' | '“' | ')' | '’' | '.' | '!' | '?'))
        .map(char::len_utf8)
        .sum();
    let end = end + closing;
    let rest = &text[end..];
    let next = rest.trim_start().chars().next()?;
    let is_apart = rest.starts_with(char::is_whitespace);
    let goes_on = next.is_lowercase() || next.is_ascii_digit() && text[mark..].starts_with('.');
    let is_end =
        is_apart && !goes_on && !(text[mark..].starts_with('.') && is_abbreviated(&text[..mark]));
    is_end.then_some(end)
}

/// Whether a dot behind `before` belongs to its last word.
fn is_abbreviated(before: &str) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || "(„\"/".contains(c))
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let last = word.rsplit('.').next().unwrap_or_default();
    last.ends_with(|c: char| c.is_ascii_digit())
        || last.chars().count() == 1
        || ABBREVIATIONS.contains(&word.as_str())
        || ABBREVIATIONS.contains(&last)
}

/// The sentences of a whole text, in bytes, without the blanks around them.
pub fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let end = at + end_of_sentence(rest).unwrap_or(rest.len());
        let range = at..at + text[at..end].trim_end().len();
        at = end;
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_its_sentences_and_the_blanks_between_them() {
        let text = "  Zaczynamy od projektu. Układamy np. gres!\n\nPotem sprzątamy, ok. 3. dnia ";
        let found: Vec<&str> = sentences(text).map(|range| &text[range]).collect();
        assert_eq!(
            found,
            [
                "Zaczynamy od projektu.",
                "Układamy np. gres!",
                "Potem sprzątamy, ok. 3. dnia"
            ]
        );
        assert_eq!(sentences(" \n ").count(), 0);
    }
}
