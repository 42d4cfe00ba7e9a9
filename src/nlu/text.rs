//! Text as the models see it: two flat views of a message, words between single blanks.
//!
//! * `lower`: canonical form (NFC, or NFKC where the text has characters above U+02FF), lower-case,
//!   diacritics kept. For language detection, where "ł" and "ü" tell the most.
//! * `folded`: the same without diacritics (NFKD, marks dropped; ł→l, ß→ss by hand, which NFKD
//!   leaves). For intents, because visitors write "zolty" as often as "żółty".
//!
//! Both have the shape `" word word word "`: a blank before, between and after the words, so that a
//! word together with its borders is a slice. No words: an empty view. Punctuation and control
//! characters separate words, invisible ones (zero-width, direction marks, soft hyphens, variation
//! selectors) vanish, symbols such as emoji become words of their own in `folded` only.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::platform::folding::fold_letter;

/// How many characters of a message are read; what follows is ignored.
pub const MAX_CHARS: usize = 2_000;

/// Upper bound of a view's length in characters (compatibility forms and symbols may expand).
const MAX_VIEW: usize = 2 * MAX_CHARS + 2;

/// Letters in a row that count: "haloooo" is read as "haloo".
const MAX_RUN: usize = 2;

/// The two views of one text (module documentation).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Views {
    /// Lower-case, with diacritics.
    pub lower: Vec<char>,
    /// Lower-case, without diacritics.
    pub folded: Vec<char>,
}

impl Views {
    /// Reads the first [`MAX_CHARS`] characters of `text`.
    pub fn of(text: &str) -> Views {
        let head = match text.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => &text[..end],
            None => text,
        };
        let room = head.len().min(MAX_CHARS) + 2;
        let mut lower = View::with_room(room);
        let mut folded = View::with_room(room);
        if head.chars().all(|c| c < '\u{300}') {
            head.chars().for_each(|c| put(c, &mut lower, &mut folded));
        } else {
            head.chars()
                .filter(|&c| !is_invisible(c))
                .nfkc()
                .take(MAX_CHARS)
                .for_each(|c| put(c, &mut lower, &mut folded));
        }
        Views {
            lower: lower.close(),
            folded: folded.close(),
        }
    }
}

/// The folded form as a string, for comparing and for reading in tests and logs: `"zolty dom"`.
pub fn fold(text: &str) -> String {
    let folded = Views::of(text).folded;
    folded.iter().collect::<String>().trim().to_owned()
}

/// Leaves out the "e" of "ae", "oe" and "ue" unless a vowel or "q" stands before ("neue", "bauen",
/// "Quelle" stay), so that a folded German view is the same for "möchte" and "moechte". Words like
/// "aktuell" lose a letter too, everywhere alike.
pub fn join_umlauts(folded: &[char]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(folded.len());
    for (index, &c) in folded.iter().enumerate() {
        let base = index.checked_sub(1).map_or(' ', |at| folded[at]);
        let before = index.checked_sub(2).map_or(' ', |at| folded[at]);
        let umlaut = c == 'e' && matches!(base, 'a' | 'o' | 'u');
        if !umlaut || matches!(before, 'a' | 'e' | 'i' | 'o' | 'u' | 'q') {
            out.push(c);
        }
    }
    out
}

/// One view under construction.
struct View {
    chars: Vec<char>,
    /// How often the last character already stands there in a row.
    run: usize,
}

impl View {
    fn with_room(room: usize) -> View {
        let mut chars = Vec::with_capacity(room);
        chars.push(' ');
        View { chars, run: 1 }
    }

    fn letter(&mut self, c: char) {
        if self.chars.len() >= MAX_VIEW {
            return;
        }
        if self.chars.last() == Some(&c) {
            self.run += 1;
            if self.run > MAX_RUN && !c.is_ascii_digit() {
                return;
            }
        } else {
            self.run = 1;
        }
        self.chars.push(c);
    }

    fn border(&mut self) {
        if self.chars.last() != Some(&' ') {
            self.chars.push(' ');
            self.run = 1;
        }
    }

    fn close(mut self) -> Vec<char> {
        self.border();
        if self.chars.len() < 2 {
            self.chars.clear();
        }
        self.chars
    }
}

/// Puts one canonical character into both views.
fn put(c: char, lower: &mut View, folded: &mut View) {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            let c = c.to_ascii_lowercase();
            lower.letter(c);
            folded.letter(c);
        } else {
            lower.border();
            folded.border();
        }
    } else if is_invisible(c) || is_combining_mark(c) {
    } else if c.is_alphanumeric() {
        for small in c.to_lowercase().filter(|&s| !is_combining_mark(s)) {
            lower.letter(small);
            fold_letter(small, |plain| folded.letter(plain));
        }
    } else {
        lower.border();
        folded.border();
        if is_symbol(c) {
            folded.letter(c);
            folded.border();
        }
    }
}

/// Characters without a width of their own that people paste along without seeing them.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Emoji and other symbols that may carry a meaning ("👋").
fn is_symbol(c: char) -> bool {
    matches!(c, '€' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(text: &str) -> String {
        Views::of(text).lower.iter().collect()
    }

    #[test]
    fn words_stand_between_single_blanks() {
        assert_eq!(lower("  Ile,  kosztuje?! "), " ile kosztuje ");
        assert_eq!(fold("50m²/1.990 zł"), "50m2 1 990 zl");
    }

    #[test]
    fn folding_drops_diacritics_of_all_three_languages() {
        assert_eq!(fold("Zażółć GĘŚLĄ jaźń"), "zazolc gesla jazn");
        assert_eq!(fold("Größe, Übergabe, Straße"), "grosse ubergabe strasse");
        assert_eq!(lower("Größe"), " größe ");
        assert_eq!(fold("naïve façade Œuvre Ærø"), "naive facade oeuvre aero");
    }

    #[test]
    fn written_out_umlauts_fold_like_umlauts() {
        let joined = |text: &str| {
            join_umlauts(&Views::of(text).folded)
                .into_iter()
                .collect::<String>()
        };
        assert_eq!(
            joined("Möchte Gespräch für"),
            joined("moechte Gespraech fuer")
        );
        assert_eq!(joined("neue Quelle bauen"), " neue quelle bauen ");
        assert_eq!(joined(""), "");
    }

    #[test]
    fn composed_and_decomposed_text_are_the_same() {
        let composed = "łóżko w żółci über";
        let decomposed: String = composed.nfd().collect();
        assert_eq!(Views::of(composed), Views::of(&decomposed));
    }

    #[test]
    fn invisible_characters_vanish_and_controls_separate() {
        assert_eq!(fold("ga\u{200b}ran\u{ad}cja\u{202e}"), "garancja");
        assert_eq!(fold("a\u{0}b\tc\r\nd"), "a b c d");
    }

    #[test]
    fn emoji_are_words_of_the_folded_view_only() {
        assert_eq!(fold("hej👋🏽ok"), "hej 👋 ok");
        assert_eq!(lower("hej👋🏽ok"), " hej ok ");
    }

    #[test]
    fn styled_letters_are_plain_letters() {
        assert_eq!(fold("𝐂𝐞𝐧𝐚 ｃｅｎａ ﬁrma"), "cena cena firma");
    }

    #[test]
    fn nothing_readable_gives_empty_views() {
        for text in [
            "",
            " ",
            "?!…",
            "\u{200b}\u{200f}",
            "\u{301}\u{301}",
            "\u{0}\u{7}",
        ] {
            assert_eq!(Views::of(text), Views::default(), "{text:?}");
        }
    }

    #[test]
    fn long_runs_of_a_letter_are_cut_and_numbers_are_not() {
        assert_eq!(fold("haloooooo 10000"), "haloo 10000");
    }

    #[test]
    fn huge_texts_are_capped() {
        let views = Views::of(&"ab".repeat(2_000_000));
        assert_eq!(views.folded.len(), MAX_CHARS + 2);
        let marks = format!("a{}", "\u{301}".repeat(100_000));
        assert_eq!(fold(&marks), "a");
        assert!(Views::of(&"\u{fdfa}".repeat(5_000)).folded.len() <= MAX_VIEW + 1);
    }
}
