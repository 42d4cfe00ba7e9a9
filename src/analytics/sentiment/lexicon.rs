//! The words of assets/analytics/sentiment, read once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use foldhash::fast::RandomState;
use serde::Deserialize;

use super::words::Words;
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// Says a mood, -3 to 3.
    Weight(f64),
    /// Says nothing, but that it does not happen is a complaint: "does not work", "never called back".
    Expected,
    /// Turns what follows.
    Negation,
    /// Makes what follows stronger.
    Stronger,
    /// Makes it weaker.
    Weaker,
    /// What stands before it counts less.
    Contrast,
}

/// Letters that may follow a stem.
const ENDING_MAX: usize = 7;
/// Words of the longest entry.
const WORDS_MAX: usize = 5;
/// "Unfriendly" is "friendly" turned.
const PREFIXED: f64 = -0.8;

type Table = HashMap<Box<str>, Role, RandomState>;

/// One language's words.
#[derive(Default)]
pub(super) struct Lexicon {
    whole: Table,
    stems: Table,
    /// First words of entries that have several.
    heads: HashSet<Box<str>, RandomState>,
    negating_prefixes: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    negators: String,
    expected: String,
    negating_prefixes: String,
    intensifiers: String,
    diminishers: String,
    contrasts: String,
    weights: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SignsFile {
    weights: BTreeMap<String, String>,
}

macro_rules! source {
    ($name:literal) => {
        include_str!(concat!(
            "../../../assets/analytics/sentiment/",
            $name,
            ".toml"
        ))
    };
}

/// The file of a language.
pub(super) fn source(lang: Lang) -> &'static str {
    match lang {
        Lang::Pl => source!("pl"),
        Lang::En => source!("en"),
        Lang::De => source!("de"),
    }
}

/// Signs and their weights.
pub(super) const SIGNS_SOURCE: &str = source!("signs");

// The files are part of the executable; a test proves that each is read as a whole.
/// The words of each language.
pub(super) static LEXICA: LazyLock<PerLang<Lexicon>> = LazyLock::new(|| PerLang {
    pl: Lexicon::read(source(Lang::Pl), Lang::Pl).unwrap_or_default(),
    en: Lexicon::read(source(Lang::En), Lang::En).unwrap_or_default(),
    de: Lexicon::read(source(Lang::De), Lang::De).unwrap_or_default(),
});

/// The weights of signs.
pub(super) static SIGNS: LazyLock<HashMap<char, f64, RandomState>> =
    LazyLock::new(|| signs(SIGNS_SOURCE).unwrap_or_default());

/// Errors: it does not parse.
pub(super) fn signs(toml: &str) -> Result<HashMap<char, f64, RandomState>, toml::de::Error> {
    let file: SignsFile = toml::from_str(toml)?;
    let mut signs = HashMap::default();
    for (weight, list) in &file.weights {
        let Ok(weight) = weight.parse::<f64>() else {
            continue;
        };
        let each = list
            .split_whitespace()
            .filter_map(|sign| sign.chars().next());
        signs.extend(each.map(|sign| (sign, weight)));
    }
    Ok(signs)
}

impl Lexicon {
    /// Errors: it does not parse.
    pub(super) fn read(toml: &str, lang: Lang) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(toml)?;
        let mut lexicon = Self::default();
        for (weight, list) in &file.weights {
            if let Ok(weight) = weight.parse() {
                lexicon.add(list, Role::Weight(weight), lang);
            }
        }
        for (list, role) in [
            (&file.negators, Role::Negation),
            (&file.expected, Role::Expected),
            (&file.intensifiers, Role::Stronger),
            (&file.diminishers, Role::Weaker),
            (&file.contrasts, Role::Contrast),
        ] {
            lexicon.add(list, role, lang);
        }
        let prefixes = file.negating_prefixes.split(',');
        lexicon.negating_prefixes = prefixes.map(|prefix| prefix.trim().to_owned()).collect();
        Ok(lexicon)
    }

    /// Adds a list; what is there already stays.
    fn add(&mut self, list: &str, role: Role, lang: Lang) {
        for entry in list.split(',').map(str::trim) {
            let stem = entry.strip_suffix('*');
            let words = Words::of(stem.unwrap_or(entry), lang);
            let count = words.len();
            if count == 0 {
                continue;
            }
            let table = if stem.is_some() {
                &mut self.stems
            } else {
                &mut self.whole
            };
            table.entry(words.slice(0, count).into()).or_insert(role);
            if count > 1 {
                self.heads.insert(words.slice(0, 1).into());
            }
        }
    }

    /// The longest entry that begins at word `at` and ends before `to`: the word after it, and what it does.
    pub(super) fn longest(&self, words: &Words, at: usize, to: usize) -> Option<(usize, Role)> {
        let most = if self.heads.contains(words.slice(at, at + 1)) {
            WORDS_MAX.min(to - at)
        } else {
            1
        };
        (1..=most)
            .rev()
            .find_map(|count| Some((at + count, self.role(words.slice(at, at + count))?)))
            .or_else(|| Some((at + 1, self.prefixed(words.slice(at, at + 1))?)))
    }

    fn role(&self, text: &str) -> Option<Role> {
        if let Some(role) = self.whole.get(text) {
            return Some(*role);
        }
        // Folded texts of the three languages are ASCII; in others no stem is found.
        let shortest = text.len().saturating_sub(ENDING_MAX).max(1);
        (shortest..=text.len()).rev().find_map(|end| {
            let stem = text.get(..end)?;
            self.stems.get(stem).copied()
        })
    }

    fn prefixed(&self, word: &str) -> Option<Role> {
        let mut prefixes = self.negating_prefixes.iter();
        prefixes.find_map(
            |prefix| match self.role(word.strip_prefix(prefix.as_str())?)? {
                Role::Weight(weight) if weight != 0.0 => Some(Role::Weight(weight * PREFIXED)),
                _ => None,
            },
        )
    }
}
