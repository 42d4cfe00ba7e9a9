//! Text without case and diacritics, for finding it again however it is typed: "Łazienka", "ŁAZIENKA" and "lazienka" are
//! the same.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// The text with every letter folded; what is no letter stays.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// The same at the end of `out`.
pub fn fold_into(text: &str, out: &mut String) {
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else if let Some(letter) = plain(c) {
            out.push(letter);
        } else if c.is_alphanumeric() {
            for small in c.to_lowercase().filter(|&small| !is_combining_mark(small)) {
                fold_letter(small, |letter| out.push(letter));
            }
        } else if !is_combining_mark(c) {
            out.push(c);
        }
    }
}

/// The plain letter of a lower-case letter or digit of the three languages, where it is one.
fn plain(c: char) -> Option<char> {
    Some(match c {
        'a'..='z' | '0'..='9' => c,
        'ą' | 'ä' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ó' | 'ö' | 'ø' => 'o',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        'ü' => 'u',
        'đ' => 'd',
        'ı' => 'i',
        _ => return None,
    })
}

/// Gives the plain letters of a lower-case letter or digit: "ł" is "l", "ß" is "ss".
pub fn fold_letter(c: char, mut give: impl FnMut(char)) {
    match c {
        'ß' => "ss".chars().for_each(give),
        'æ' => "ae".chars().for_each(give),
        'œ' => "oe".chars().for_each(give),
        _ => match plain(c) {
            Some(letter) => give(letter),
            None => decompose_compatible(c, |part| {
                if part.is_alphanumeric() && !is_combining_mark(part) {
                    part.to_lowercase().for_each(&mut give);
                }
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_diacritics_of_all_three_languages_do_not_matter() {
        for (text, plain) in [
            ("ŁAZIENKA", "lazienka"),
            ("Zażółć gęślą jaźń", "zazolc gesla jazn"),
            ("STRAẞE, Straße", "strasse, strasse"),
            ("Fußböden für Häuser", "fussboden fur hauser"),
            ("Kitchen 50%", "kitchen 50%"),
        ] {
            assert_eq!(folded(text), plain);
        }
    }

    #[test]
    fn a_letter_and_its_mark_written_apart_are_one_letter() {
        assert_eq!(folded("z\u{307}o\u{301}\u{142}ty"), "zolty");
    }

    #[test]
    fn what_is_no_letter_stays() {
        assert_eq!(folded("„50 m²” – 👍\n"), "„50 m2” – 👍\n");
    }
}
