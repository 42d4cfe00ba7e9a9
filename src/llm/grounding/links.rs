//! Addresses in a text: of pages, of mailboxes, and whatever a browser or a reader could take for one.

use std::collections::HashSet;

/// Endings of addresses that make a word of "nova . pl"; words of our languages are not among them.
const ENDINGS: [&str; 12] = [
    "pl", "com", "eu", "org", "net", "de", "uk", "info", "biz", "app", "dev", "io",
];

/// Every address, without what a sentence puts around it, in small letters.
pub(super) fn addresses(text: &str) -> HashSet<String> {
    let mut found: HashSet<String> = text
        .split_whitespace()
        .flat_map(|piece| piece.split(['(', ')', '"', '„', '“', '”', '«', '»', '<', '>', '[', ']']))
        .map(|piece| piece.trim_matches(|c: char| ".,;:!?'’‘…–—".contains(c)))
        .filter(|piece| is_address(piece))
        .map(str::to_lowercase)
        .collect();
    found.extend(spelled_out(text));
    found
}

fn is_address(piece: &str) -> bool {
    let has_host = piece.match_indices('.').any(|(at, _)| {
        let letters = |text: &str, from_end: bool| {
            let is_letter = |c: &char| c.is_alphabetic();
            if from_end {
                text.chars().rev().take_while(is_letter).count()
            } else {
                text.chars().take_while(is_letter).count()
            }
        };
        let before = piece[..at].chars().next_back();
        // "m.in." and "z.B." are no hosts: a host's ending has two letters, its name one letter or digit at least.
        before.is_some_and(char::is_alphanumeric)
            && letters(&piece[at + 1..], false) >= 2
            && !matches!(&piece[at + 1..], "in" | "in.")
    });
    let has_path = piece.starts_with('/')
        || piece
            .split('/')
            .any(|part| part.contains(['?', '=', '#', '_', '~', '&']));
    piece.contains("//")
        || piece.contains(['@', '#', '=', '_', '~'])
        || piece.contains("www")
        || has_host
        || has_path
}

/// "nova . pl", "nova. pl": an ending of its own after a dot.
fn spelled_out(text: &str) -> impl Iterator<Item = String> {
    let mut dots = text.match_indices('.');
    std::iter::from_fn(move || {
        dots.find_map(|(at, _)| {
            let rest = text[at + 1..].trim_start();
            let word: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            ENDINGS
                .contains(&word.as_str())
                .then(|| format!(". {word}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut found: Vec<String> = addresses(text).into_iter().collect();
        found.sort();
        found
    }

    #[test]
    fn addresses_are_found_however_they_are_written() {
        for (text, address) in [
            ("Patrz https://nova.example/a.", "https://nova.example/a"),
            ("(www.nova.example)", "www.nova.example"),
            ("nova.pl!", "nova.pl"),
            ("Napisz: Biuro@Nova.pl.", "biuro@nova.pl"),
            ("Otwórz /oferta", "/oferta"),
            ("//evil.example", "//evil.example"),
            ("t.me/nova", "t.me/nova"),
            ("a?x=1", "a?x=1"),
            ("nova . com", ". com"),
        ] {
            assert!(
                found(text).contains(&address.to_owned()),
                "{text}: {:?}",
                found(text)
            );
        }
    }

    #[test]
    fn ordinary_prose_has_no_address() {
        for text in [
            "Malujemy, kładziemy m.in. płytki (np. gres). Tak.",
            "z.B. die Küche, i.d.R. schnell",
            "e.g. tiles, i.e. gres",
            "od 949 zł/m² i/lub 24/7, ok. 1.990 zł",
            "To jest zdanie.\nI drugie…",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
