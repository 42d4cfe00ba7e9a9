//! Text in the alphabet of phones, and how many parts it takes (3GPP TS 23.038, 23.040).
//!
//! A letter outside of GSM-7 makes the whole message UCS-2: 70 characters instead of 160. So Polish letters, and all
//! others that have one, get their Latin base letter; typographic signs get their plain form; emoji and other symbols
//! go. What then remains are letters of other scripts, in a name for example: they would be unreadable as `?`, so such
//! a message is sent as it was written, in UCS-2, and counted so.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";
/// Two septets each: an escape goes before.
const EXTENDED: &str = "^{}\\[~]|€";
/// Signs and letters that have no Latin base by decomposition.
const PLAIN: [(&str, &str); 22] = [
    ("łŁ", "lL"),
    ("đĐ", "dD"),
    ("ıŀ", "il"),
    ("\u{a0}\u{202f}\u{2009}\t", "    "),
    ("‘’‚‛′´`", "'''''''"),
    ("“”„‟«»″", "\"\"\"\"\"\"\""),
    ("‐‑‒–—―−", "-------"),
    ("•·", "--"),
    ("×", "x"),
    ("÷", "/"),
    ("ẞ", "ß"),
    ("…", "..."),
    ("œ", "oe"),
    ("Œ", "OE"),
    ("þ", "th"),
    ("Þ", "Th"),
    ("ð", "d"),
    ("™", "TM"),
    ("©", "(c)"),
    ("®", "(R)"),
    ("≈", "~"),
    ("→", "->"),
];
/// Longest message in parts; beyond, people would get a novel and the company its price.
const PARTS_MAX: usize = 6;

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// 160 characters in one part, 153 in each of several.
    Gsm7,
    /// 70 characters in one part, 67 in each of several.
    Ucs2,
}

impl Encoding {
    /// Room in the only part, and in each of several, where a header takes some.
    fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// Septets or UTF-16 units of one character.
    fn units(self, c: char) -> usize {
        match self {
            Self::Gsm7 => 1 + usize::from(EXTENDED.contains(c)),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// The message is longer than six parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message takes {parts} parts; {PARTS_MAX} is the most")]
pub struct TooLong {
    /// How many it would take.
    pub parts: usize,
}

/// A message as it is sent, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    text: String,
    encoding: Encoding,
    units: usize,
    parts: usize,
}

impl Prepared {
    /// Makes `text` ready. Control characters other than line ends go, as do spaces around it.
    ///
    /// Errors: it is longer than six parts.
    pub fn new(text: &str) -> Result<Self, TooLong> {
        let written: String = text
            .trim()
            .nfc()
            .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
            .collect();
        let plain = transliterated(&written);
        let (text, encoding) = match plain {
            Some(plain) => (plain, Encoding::Gsm7),
            None => (written, Encoding::Ucs2),
        };
        let (units, parts) = measure(&text, encoding);
        if parts > PARTS_MAX {
            return Err(TooLong { parts });
        }
        Ok(Self {
            text,
            encoding,
            units,
            parts,
        })
    }

    /// What is sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it travels.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Its length in septets or UTF-16 units.
    pub fn units(&self) -> usize {
        self.units
    }

    /// How many messages are paid for.
    pub fn parts(&self) -> usize {
        self.parts
    }
}

/// `text` in GSM-7; `None` when letters remain that have no place there.
fn transliterated(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if is_gsm7(c) {
            plain.push(c);
        } else if let Some(instead) = instead_of(c) {
            plain.push_str(&instead);
        } else if c.is_alphanumeric() {
            return None;
        }
    }
    // Where a symbol stood between two spaces there is one too many now.
    while plain.contains("  ") {
        plain = plain.replace("  ", " ");
    }
    Some(plain.trim().to_owned())
}

fn is_gsm7(c: char) -> bool {
    c != '\r' && (BASIC.contains(c) || EXTENDED.contains(c))
}

fn instead_of(c: char) -> Option<String> {
    for (from, to) in PLAIN {
        let mut pairs = from.chars();
        if let Some(index) = pairs.position(|known| known == c) {
            let is_one = from.chars().count() == 1;
            let chosen = to.chars().nth(index).map(String::from);
            return if is_one { Some(to.to_owned()) } else { chosen };
        }
    }
    let base: String = c.nfkd().filter(|part| !is_combining_mark(*part)).collect();
    let is_plain = !base.is_empty() && base.chars().all(is_gsm7);
    is_plain.then_some(base)
}

/// Units and parts. A character is never divided between two parts.
fn measure(text: &str, encoding: Encoding) -> (usize, usize) {
    let (single, each) = encoding.room();
    let units: usize = text.chars().map(|c| encoding.units(c)).sum();
    if units <= single {
        return (units, 1);
    }
    let mut parts = 1;
    let mut used = 0;
    for c in text.chars() {
        let needs = encoding.units(c);
        if used + needs > each {
            parts += 1;
            used = 0;
        }
        used += needs;
    }
    (units, parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prepared(text: &str) -> Prepared {
        Prepared::new(text).unwrap()
    }

    #[test]
    fn polish_letters_get_their_base_and_german_ones_stay() {
        let text = "Zażółć gęślą jaźń ŁĄKA, Grüße aus Köln: 5 €";
        assert_eq!(
            prepared(text).text(),
            "Zazolc gesla jazn LAKA, Grüße aus Köln: 5 €"
        );
        assert_eq!(prepared(text).encoding(), Encoding::Gsm7);
        // The euro sign takes two.
        assert_eq!(prepared(text).units(), text.chars().count() + 1);
        // The same, written with combining marks.
        assert_eq!(prepared("z\u{307}o\u{301}ł u\u{308}").text(), "zol ü");
    }

    #[test]
    fn typographic_signs_get_their_plain_form_and_symbols_go() {
        assert_eq!(
            prepared("„Tak” – 50–60\u{a0}m²… ✅ It’s 20 × 30 🎉").text(),
            "\"Tak\" - 50-60 m2... It's 20 x 30"
        );
        assert_eq!(prepared("a\u{0}\u{7}b\r\nc").text(), "ab\nc");
    }

    #[test]
    fn letters_of_another_script_are_sent_as_written() {
        let text = "Dzień dobry, Олена";
        let prepared = prepared(text);
        assert_eq!(prepared.text(), text);
        assert_eq!(prepared.encoding(), Encoding::Ucs2);
        assert_eq!(prepared.units(), 18);
    }

    #[test]
    fn parts_are_counted_as_the_networks_do() {
        for (text, parts) in [
            ("", 1),
            (&*"a".repeat(160), 1),
            (&*"a".repeat(161), 2),
            (&*"a".repeat(306), 2),
            (&*"a".repeat(307), 3),
            (&*"€".repeat(80), 1),
            (&*"€".repeat(81), 2),
            // 76 in a part of 153, since none is divided: two parts hold 152.
            (&*"€".repeat(152), 2),
            (&*"€".repeat(153), 3),
            (&*"я".repeat(70), 1),
            (&*"я".repeat(71), 2),
            (&*"я".repeat(134), 2),
            (&*"я".repeat(135), 3),
            // 33 in a part of 67, since a pair is not divided either.
            (&*format!("я{}", "🎉".repeat(34)), 1),
            (&*format!("яя{}", "🎉".repeat(66)), 3),
        ] {
            assert_eq!(
                prepared(text).parts(),
                parts,
                "{} {text}",
                text.chars().count()
            );
        }
        assert_eq!(Prepared::new(&"a".repeat(1000)), Err(TooLong { parts: 7 }));
    }

    proptest! {
        #[test]
        fn gsm7_has_nothing_else_and_is_stable(text in "[ -~ąćęłńóśźżäöüß€„”–… \\n🎉é]{0,200}") {
            let prepared = Prepared::new(&text).unwrap();
            prop_assert_eq!(prepared.encoding(), Encoding::Gsm7);
            prop_assert!(prepared.text().chars().all(is_gsm7));
            prop_assert_eq!(&Prepared::new(prepared.text()).unwrap(), &prepared);
        }

        #[test]
        fn the_parts_hold_the_units(text in "(?s).{0,120}") {
            let prepared = Prepared::new(&text).unwrap();
            let (single, each) = prepared.encoding().room();
            let parts = prepared.parts();
            let room = if parts == 1 { single } else { parts * each };
            prop_assert!(prepared.units() <= room);
        }
    }
}
