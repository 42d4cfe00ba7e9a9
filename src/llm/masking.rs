//! What a model may not see of a visitor: addresses, numbers to call, names. Pure.

use std::ops::Range;

use crate::nlu::Lang;
use crate::nlu::entities::{Context, EntityKind, masked_by, people};

const EMAIL: &str = "[e-mail]";
const PHONE: &str = "[phone]";
const NAME: &str = "[name]";
const NUMBER: &str = "[number]";

/// Digits from which a run of groups may tell who somebody is: a phone, an account, a national number.
const DIGITS_MIN: usize = 7;

/// `text` with a placeholder for every e-mail address, phone number and name, for every other long number, and for what
/// the visitor told of themselves before (`known`).
pub fn mask(text: &str, lang: Lang, context: &Context<'_>, known: &[String]) -> String {
    let mut masked = text.to_owned();
    for word in known.iter().flat_map(|known| known.split_whitespace()) {
        if word.chars().count() > 2 {
            masked = replace_word(&masked, word);
        }
    }
    masked = mask_mailboxes(&masked);
    masked = masked_by(&masked, lang, context, |kind| match kind {
        EntityKind::Email => Some(EMAIL),
        EntityKind::Phone => Some(PHONE),
        EntityKind::Name => Some(NAME),
        _ => None,
    });
    for bytes in people(&masked, lang).into_iter().rev() {
        masked.replace_range(bytes, NAME);
    }
    for bytes in long_numbers(&masked).into_iter().rev() {
        masked.replace_range(bytes, NUMBER);
    }
    masked
}

/// Whatever stands around an "@" without blanks.
fn mask_mailboxes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if word.contains('@') {
            out.push_str(EMAIL);
            out.push_str(&piece[word.len()..]);
        } else {
            out.push_str(piece);
        }
    }
    out
}

/// `word` as a whole word, in any case.
fn replace_word(text: &str, word: &str) -> String {
    let word = word.to_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let end = rest[start..]
            .find(|c: char| !c.is_alphanumeric())
            .map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        let is_it = rest[start..end].to_lowercase() == word;
        out.push_str(if is_it { NAME } else { &rest[start..end] });
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Runs of digits, of any script, with blanks and marks of numbers between them.
fn long_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run: Option<(Range<usize>, usize)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), 'x')]) {
        let end = at + c.len_utf8();
        if c.is_numeric() {
            let (bytes, digits) = run.get_or_insert((at..end, 0));
            bytes.end = end;
            *digits += 1;
        } else if !(c.is_whitespace() || "+-./()".contains(c) || c.is_control()) {
            found.extend(run.take().filter(|(_, digits)| *digits >= DIGITS_MIN));
        }
    }
    found.into_iter().map(|(bytes, _)| bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::entities::Vocabulary;

    fn masked(text: &str, lang: Lang) -> String {
        let vocabulary = Vocabulary::default();
        let now = jiff::civil::date(2026, 11, 22).at(12, 0, 0, 0);
        let context = Context {
            now,
            vocabulary: &vocabulary,
        };
        mask(text, lang, &context, &["Zofia Śliwińska".to_owned()])
    }

    #[test]
    fn addresses_numbers_and_names_are_masked_wherever_they_stand() {
        for (text, lang, shown) in [
            (
                "Nazywam się Jan Kowalski, jan@example.com i drugi@example.com, tel. 601 234 567 albo 602 345 678",
                Lang::Pl,
                "Nazywam się [name], [e-mail] i [e-mail] tel. [phone] albo [phone]",
            ),
            ("My name is John Smith", Lang::En, "My name is [name]"),
            ("Ich heiße Anna Müller", Lang::De, "Ich heiße [name]"),
            (
                "Rozmawiałam z Markiem Nowakiem",
                Lang::Pl,
                "Rozmawiałam z [name]",
            ),
            ("PESEL 44051401359", Lang::Pl, "PESEL [number]"),
            ("Śliwińska, zofia", Lang::Pl, "[name], [name]"),
            (
                "Mieszkanie 62 m² w Gdyni, 3 pokoje",
                Lang::Pl,
                "Mieszkanie 62 m² w Gdyni, 3 pokoje",
            ),
            ("Jakie farby macie?", Lang::Pl, "Jakie farby macie?"),
        ] {
            assert_eq!(masked(text, lang), shown);
        }
    }

    #[test]
    fn a_number_in_other_digits_is_masked_too() {
        assert_eq!(
            masked("zadzwoń ６０１ ２３４ ５６７", Lang::Pl)
                .matches("２")
                .count(),
            0
        );
        assert_eq!(masked("٦٠١٢٣٤٥٦٧", Lang::Pl), "[number]");
    }
}
