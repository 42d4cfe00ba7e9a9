//! German compound words: numbers ("hundertzwanzigtausend", "zweieinhalb" is none) and kinds of homes
//! ("Dreizimmerwohnung", "Einfamilienhaus").

use super::lexicon::Property;

const TEENS: [(&str, u32); 16] = [
    ("zehn", 10),
    ("elf", 11),
    ("zwolf", 12),
    ("zwoelf", 12),
    ("dreizehn", 13),
    ("vierzehn", 14),
    ("funfzehn", 15),
    ("fuenfzehn", 15),
    ("sechzehn", 16),
    ("sechszehn", 16),
    ("siebzehn", 17),
    ("siebenzehn", 17),
    ("achtzehn", 18),
    ("neunzehn", 19),
    ("hundert", 100),
    ("einhundert", 100),
];

const TENS: [(&str, u32); 11] = [
    ("zwanzig", 20),
    ("dreissig", 30),
    ("dreizig", 30),
    ("vierzig", 40),
    ("funfzig", 50),
    ("fuenfzig", 50),
    ("sechzig", 60),
    ("sechszig", 60),
    ("siebzig", 70),
    ("achtzig", 80),
    ("neunzig", 90),
];

const UNITS: [(&str, u32); 12] = [
    ("eins", 1),
    ("ein", 1),
    ("zwei", 2),
    ("zwo", 2),
    ("drei", 3),
    ("vier", 4),
    ("funf", 5),
    ("fuenf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
];

/// Longest word that is read: "neunhundertneunundneunzigtausendneunhundertneunundneunzig".
const MAX_BYTES: usize = 64;

/// The number a folded German word is, below a million.
pub(super) fn number(word: &str) -> Option<u32> {
    if word.len() > MAX_BYTES {
        return None;
    }
    let (thousands, rest) = match word.split_once("tausend") {
        Some(("", rest)) => (1, rest),
        Some((thousands, rest)) => (below_thousand(thousands)?, rest),
        None => (0, word),
    };
    let rest = rest.strip_prefix("und").unwrap_or(rest);
    match rest {
        "" if thousands > 0 => Some(thousands * 1000),
        _ => Some(thousands * 1000 + below_thousand(rest)?),
    }
}

fn below_thousand(word: &str) -> Option<u32> {
    let (hundreds, rest) = match word.split_once("hundert") {
        Some(("", rest)) => (1, rest),
        Some((hundreds, rest)) => (exact(&UNITS, hundreds)?, rest),
        None => (0, word),
    };
    match rest.strip_prefix("und").unwrap_or(rest) {
        "" if hundreds > 0 => Some(hundreds * 100),
        rest => Some(hundreds * 100 + below_hundred(rest)?),
    }
}

fn below_hundred(word: &str) -> Option<u32> {
    exact(&UNITS, word)
        .or_else(|| exact(&TEENS, word))
        .or_else(|| exact(&TENS, word))
        .or_else(|| {
            let (unit, tens) = UNITS.iter().find_map(|(unit, value)| {
                let tens = word.strip_prefix(unit)?.strip_prefix("und")?;
                Some((value, tens))
            })?;
            Some(unit + exact(&TENS, tens)?)
        })
}

fn exact(table: &[(&str, u32)], word: &str) -> Option<u32> {
    table
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, value)| *value)
}

/// The rooms of "Dreizimmerwohnung" and its forms.
pub(super) fn rooms(word: &str) -> Option<u32> {
    let (count, rest) = word.split_once("zimmer")?;
    rest.starts_with("wohnung").then(|| number(count)).flatten()
}

/// Words that end in "haus" and are no home.
const NO_HOME: [&str; 9] = [
    "treppenhaus",
    "krankenhaus",
    "kaufhaus",
    "rathaus",
    "zuhause",
    "nachhause",
    "novahaus",
    "gewachshaus",
    "baumhaus",
];

/// What a compound of "Wohnung" or "Haus" is.
pub(super) fn property(word: &str) -> Option<Property> {
    let ends = |ends: &[&str]| {
        ends.iter()
            .any(|end| word.ends_with(end) && word.len() > end.len())
    };
    if ends(&["wohnung", "wohnungen"]) {
        let is_studio = rooms(word) == Some(1);
        return Some(if is_studio {
            Property::Studio
        } else {
            Property::Flat
        });
    }
    let is_house =
        ends(&["haus", "hauses", "hause", "hauser", "haeuser"]) && !NO_HOME.contains(&word);
    is_house.then_some(Property::House)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compound_numbers_are_read() {
        for (word, value) in [
            ("sechzig", 60),
            ("zwolf", 12),
            ("funfundsechzig", 65),
            ("fuenfundsechzig", 65),
            ("hundertzwanzig", 120),
            ("einhundertzwanzigtausend", 120_000),
            ("hundertzwanzigtausend", 120_000),
            ("zweihundertfunfzigtausendfunfhundert", 250_500),
            ("tausend", 1_000),
            ("hunderteins", 101),
            (
                "neunhundertneunundneunzigtausendneunhundertneunundneunzig",
                999_999,
            ),
        ] {
            assert_eq!(number(word), Some(value), "{word}");
        }
        for word in [
            "",
            "und",
            "haus",
            "tausendsassa",
            "einerlei",
            "zweifel",
            "achtung",
            "hundertwasser",
        ] {
            assert_eq!(number(word), None, "{word}");
        }
    }

    #[test]
    fn compounds_of_home_are_read() {
        assert_eq!(rooms("dreizimmerwohnung"), Some(3));
        assert_eq!(rooms("wohnzimmer"), None);
        assert_eq!(property("einzimmerwohnung"), Some(Property::Studio));
        assert_eq!(property("altbauwohnung"), Some(Property::Flat));
        assert_eq!(property("einfamilienhaus"), Some(Property::House));
        assert_eq!(property("treppenhaus"), None);
        assert_eq!(property("haus"), None, "the word list knows it");
    }
}
