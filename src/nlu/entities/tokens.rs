//! One tokenisation for all rules: words, digits and symbols, each with its place in the message.
//!
//! Words are kept folded (lower-case, no diacritics); a border between letters and digits ends a token, so "62m²" is
//! `62`, `m`, `2`. Invisible characters and loose combining marks vanish inside words and never end one.

use crate::nlu::text::{MAX_CHARS, is_invisible};
use crate::platform::folding::fold_letter;
use unicode_normalization::char::is_combining_mark;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// Decimal digits, also those written full-width or raised.
    Digits,
    /// One other character; dashes are `-`, apostrophes `'`.
    Symbol(char),
}

/// A piece of the message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: Kind,
    /// Bytes in the message.
    pub start: usize,
    pub end: usize,
    /// Bytes in the folded text.
    from: usize,
    to: usize,
    /// White space stands before it.
    pub spaced: bool,
    /// A line break stands before it.
    pub on_new_line: bool,
    /// Its first letter is a capital.
    pub is_capitalised: bool,
}

/// The tokens of a message's first [`MAX_CHARS`] characters.
pub(super) struct Tokens {
    folded: String,
    all: Vec<Token>,
}

impl Tokens {
    pub fn of(text: &str) -> Tokens {
        let mut tokens = Tokens {
            folded: String::with_capacity(text.len().min(MAX_CHARS * 2)),
            all: Vec::with_capacity(text.len().min(MAX_CHARS) / 4 + 2),
        };
        let (mut spaced, mut on_new_line) = (true, true);
        for (at, c) in text.char_indices().take(MAX_CHARS) {
            if is_invisible(c) || is_combining_mark(c) {
                continue;
            }
            if c.is_whitespace() || c.is_control() {
                spaced = true;
                on_new_line |= c == '\n' || c == '\r';
                continue;
            }
            tokens.push(c, at, spaced, on_new_line);
            (spaced, on_new_line) = (false, false);
        }
        tokens
    }

    fn push(&mut self, c: char, start: usize, spaced: bool, on_new_line: bool) {
        let from = self.folded.len();
        let kind = self.fold(c);
        let end = start + c.len_utf8();
        let to = self.folded.len();
        if let (Some(last), false) = (self.all.last_mut(), spaced)
            && last.kind == kind
            && !matches!(kind, Kind::Symbol(_))
        {
            (last.end, last.to) = (end, to);
            return;
        }
        self.all.push(Token {
            kind,
            start,
            end,
            from,
            to,
            spaced,
            on_new_line,
            is_capitalised: c.is_uppercase(),
        });
    }

    /// Appends what `c` is without case and diacritics, and tells what it makes a token of.
    fn fold(&mut self, c: char) -> Kind {
        let from = self.folded.len();
        let folded = &mut self.folded;
        if c.is_alphanumeric() {
            for small in c.to_lowercase() {
                fold_letter(small, |plain| folded.push(plain));
            }
            let plain = &self.folded[from..];
            if plain.len() == 1 && plain.as_bytes()[0].is_ascii_digit() {
                return Kind::Digits;
            }
            if c.is_alphabetic() && !plain.is_empty() {
                return Kind::Word;
            }
            self.folded.truncate(from);
        }
        Kind::Symbol(match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            '\u{2018}' | '\u{2019}' | '`' | '´' => '\'',
            _ => c,
        })
    }

    /// The folded words of a list of any length.
    pub fn of_list(text: &str) -> Vec<String> {
        let word = |word: &str| Tokens::of(word).word(0).to_owned();
        text.split_whitespace().map(word).collect()
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, at: usize) -> Option<&Token> {
        self.all.get(at)
    }

    /// The folded word at `at`; empty for anything else.
    pub fn word(&self, at: usize) -> &str {
        self.folded_of(at, Kind::Word)
    }

    /// The ASCII digits at `at`; empty for anything else.
    pub fn digits(&self, at: usize) -> &str {
        self.folded_of(at, Kind::Digits)
    }

    fn folded_of(&self, at: usize, kind: Kind) -> &str {
        match self.all.get(at) {
            Some(token) if token.kind == kind => &self.folded[token.from..token.to],
            _ => "",
        }
    }

    pub fn symbol(&self, at: usize) -> Option<char> {
        match self.all.get(at)?.kind {
            Kind::Symbol(c) => Some(c),
            Kind::Word | Kind::Digits => None,
        }
    }

    /// Whether the symbol `c` stands at `at`.
    pub fn is(&self, at: usize, c: char) -> bool {
        self.symbol(at) == Some(c)
    }

    /// Whether nothing stands between `at` and the token before.
    pub fn is_glued(&self, at: usize) -> bool {
        at > 0 && self.all.get(at).is_some_and(|token| !token.spaced)
    }

    /// Digits that follow their predecessor without a blank.
    pub fn glued_digits(&self, at: usize) -> &str {
        if self.is_glued(at) {
            self.digits(at)
        } else {
            ""
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let tokens = Tokens::of(text);
        (0..tokens.len())
            .map(|at| match tokens.symbol(at) {
                Some(c) => c.to_string(),
                None => format!("{}{}", tokens.word(at), tokens.digits(at)),
            })
            .collect()
    }

    #[test]
    fn words_digits_and_symbols_are_told_apart() {
        assert_eq!(
            read("Mam 62,5m² w Gdańsku."),
            ["mam", "62", ",", "5", "m", "2", "w", "gdansku", "."]
        );
        assert_eq!(read("50–60 o’clock"), ["50", "-", "60", "o", "'", "clock"]);
        assert_eq!(read("６０ ½ ٣"), ["60", "½", "٣"]);
    }

    #[test]
    fn invisible_characters_never_end_a_word() {
        assert_eq!(
            read("Gda\u{200b}ń\u{ad}sk\u{202e} 6\u{200f}0"),
            ["gdansk", "60"]
        );
        assert_eq!(read("Gdan\u{301}sk"), ["gdansk"]);
    }

    #[test]
    fn places_are_bytes_of_the_message() {
        let text = "żółty dom";
        let tokens = Tokens::of(text);
        let second = tokens.get(1).unwrap();
        assert_eq!(&text[second.start..second.end], "dom");
        assert!(second.spaced && !tokens.is_glued(0));
    }
}
