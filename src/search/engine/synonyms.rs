//! Words that stand for others: those of the trade, and what the company adds.

use std::collections::HashMap;

use serde::Deserialize;

use super::stems::Stems;
use super::words::{accented, form, words};
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// A rule: who looks for `from` also finds `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    pub lang: Lang,
    /// A word or a short phrase.
    pub from: String,
    /// Words or short phrases.
    pub to: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    two_way: Vec<TwoWay>,
    one_way: Vec<OneWay>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TwoWay {
    lang: Lang,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneWay {
    lang: Lang,
    from: String,
    to: Vec<String>,
}

impl Synonym {
    /// Each of `words` finds the others.
    pub fn two_way(lang: Lang, words: &[String]) -> Vec<Self> {
        let others = |from: &String| words.iter().filter(|word| *word != from).cloned().collect();
        words
            .iter()
            .map(|from| Self {
                lang,
                from: from.clone(),
                to: others(from),
            })
            .collect()
    }

    /// Those of the trade (assets/search/synonyms.toml).
    ///
    /// Errors: the file does not parse.
    pub fn of_the_trade() -> Result<Vec<Self>, toml::de::Error> {
        let file: File = toml::from_str(include_str!("../../../assets/search/synonyms.toml"))?;
        let one_way = file.one_way.into_iter().map(|rule| Self {
            lang: rule.lang,
            from: rule.from,
            to: rule.to,
        });
        let two_way = file
            .two_way
            .iter()
            .flat_map(|rule| Self::two_way(rule.lang, &rule.words));
        Ok(two_way.chain(one_way).collect())
    }
}

/// Rules by the words they begin with.
#[derive(Default)]
pub struct Synonyms {
    rules: Vec<Rule>,
    /// Stem key of a rule's first word to the rule.
    by_first: PerLang<HashMap<Box<str>, Vec<u32>, foldhash::fast::RandomState>>,
}

struct Rule {
    /// Stem keys of each word.
    from: Vec<Vec<Box<str>>>,
    /// Phrases, in words as written.
    to: Vec<Vec<String>>,
}

/// A rule that applies to words of a query.
pub struct Applied<'s> {
    /// Which words: from, and up to but without.
    pub words: std::ops::Range<usize>,
    /// The phrase that stands for them.
    pub phrase: &'s [String],
}

impl Synonyms {
    pub fn new<'r>(rules: impl IntoIterator<Item = &'r Synonym>, stems: &Stems) -> Self {
        let mut synonyms = Self::default();
        for rule in rules {
            let from: Vec<Vec<Box<str>>> = words(&rule.from)
                .map(|word| keys(word.text, rule.lang, stems))
                .collect();
            let to = rule
                .to
                .iter()
                .map(|phrase| words(phrase).map(|word| word.text.to_lowercase()).collect());
            let to: Vec<Vec<String>> = to
                .filter(|phrase: &Vec<String>| !phrase.is_empty())
                .collect();
            let Some(first) = from.first() else { continue };
            let number = synonyms.rules.len() as u32;
            for key in first {
                synonyms
                    .by_first
                    .get_mut(rule.lang)
                    .entry(key.clone())
                    .or_default()
                    .push(number);
            }
            synonyms.rules.push(Rule { from, to });
        }
        synonyms
    }

    /// What may stand for which words of a query.
    ///
    /// * `asked`: the stem keys of each word.
    pub fn of(&self, asked: &[Vec<Box<str>>], lang: Lang) -> Vec<Applied<'_>> {
        let mut applied: Vec<Applied<'_>> = Vec::new();
        let by_first = self.by_first.get(lang);
        for at in 0..asked.len() {
            let mut numbers: Vec<u32> = asked[at]
                .iter()
                .filter_map(|key| by_first.get(key))
                .flatten()
                .copied()
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            for rule in numbers
                .into_iter()
                .map(|number| &self.rules[number as usize])
            {
                let Some(spanned) = asked.get(at..at + rule.from.len()) else {
                    continue;
                };
                let fits = spanned
                    .iter()
                    .zip(&rule.from)
                    .all(|(asked, from)| asked.iter().any(|key| from.contains(key)));
                if fits {
                    let words = at..at + rule.from.len();
                    applied.extend(rule.to.iter().map(|phrase| Applied {
                        words: words.clone(),
                        phrase,
                    }));
                }
            }
        }
        applied
    }
}

/// The stem keys of a word as written.
pub fn keys(word: &str, lang: Lang, stems: &Stems) -> Vec<Box<str>> {
    let mut keys = Vec::new();
    stems.keys(&form(word, lang), accented(word).as_deref(), lang, |key| {
        keys.push(key.into());
    });
    keys
}
