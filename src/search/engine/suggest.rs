//! Phrases that complete what is being typed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Lexicon;
use super::vocabulary::{Counted, Vocabulary};
use super::wanted::{Typing, Wanted};
use super::words::{accented, form, words};
use crate::nlu::Lang;

/// Something people may look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// As it is shown.
    pub text: String,
    /// How much more it is looked for than others, 0 to 1.
    pub weight: f32,
}

/// The phrases of one language.
pub struct Phrases {
    phrases: Vec<Phrase>,
    vocabulary: Vocabulary,
    /// How many words each has.
    lengths: Vec<u32>,
    /// By ordinal of a form: the phrases it is in, and its place among their words.
    places: Vec<Vec<(u32, u8)>>,
}

/// A phrase that begins with what was typed is worth more.
const BEGINS: f32 = 0.15;
const WEIGHT: f32 = 0.2;
/// Each word beyond those typed.
const WORD_MORE: f32 = 0.01;

thread_local! {
    static SCORES: RefCell<Vec<f32>> = RefCell::default();
}

impl Phrases {
    /// Ready to complete.
    pub fn new(phrases: Vec<Phrase>, lang: Lang, lexicon: &Lexicon) -> Self {
        let mut places: BTreeMap<String, Vec<(u32, u8)>> = BTreeMap::new();
        let mut marked = BTreeSet::new();
        let mut lengths = vec![0; phrases.len()];
        for (number, phrase) in phrases.iter().enumerate() {
            for (at, word) in words(&phrase.text).enumerate() {
                let at = u8::try_from(at).unwrap_or(u8::MAX);
                places
                    .entry(form(word.text, lang))
                    .or_default()
                    .push((number as u32, at));
                marked.extend(accented(word.text));
                lengths[number] += 1;
            }
        }
        let marked: Vec<Box<str>> = marked.into_iter().map(Into::into).collect();
        let counted = places.iter().map(|(form, places)| Counted {
            form: form.as_str().into(),
            count: places.len() as u32,
        });
        let vocabulary = Vocabulary::new(
            counted.collect(),
            &marked,
            &lexicon.stems,
            &lexicon.parts,
            lang,
        );
        Self {
            phrases,
            vocabulary,
            lengths,
            places: places.into_values().collect(),
        }
    }

    /// The best `limit` phrases that have every word typed so far; the last word may go on.
    pub fn complete(&self, typed: &str, lexicon: &Lexicon, limit: usize) -> Vec<(f32, &Phrase)> {
        let lang = self.vocabulary.lang();
        let asked = lexicon.words_of(typed, &[lang]);
        if asked.is_empty() || self.phrases.is_empty() {
            return Vec::new();
        }
        let typing = Typing {
            is_cut: typed.ends_with(char::is_alphanumeric),
            has_typos: true,
        };
        let wanted = Wanted::new(&asked, typing, &self.vocabulary, lexicon);
        SCORES.with_borrow_mut(|scores| self.best(&wanted, scores, limit))
    }

    fn best(&self, wanted: &Wanted, scores: &mut Vec<f32>, limit: usize) -> Vec<(f32, &Phrase)> {
        let slots = wanted.slots.len();
        scores.clear();
        scores.resize(self.phrases.len() * slots, 0.0);
        let mut touched: Vec<u32> = Vec::new();
        for (at, slot) in wanted.slots.iter().enumerate() {
            for &(ordinal, fit) in &slot.fits {
                for &(number, place) in &self.places[ordinal as usize] {
                    let begins = if usize::from(place) == at {
                        BEGINS
                    } else {
                        0.0
                    };
                    let score = &mut scores[number as usize * slots + at];
                    if at == 0 && *score == 0.0 {
                        touched.push(number);
                    }
                    *score = score.max(fit + begins);
                }
            }
        }
        let mut best: Vec<(f32, &Phrase)> = Vec::new();
        for number in touched {
            let of = &scores[number as usize * slots..][..slots];
            if of.contains(&0.0) {
                continue;
            }
            let phrase = &self.phrases[number as usize];
            let more = self.lengths[number as usize].saturating_sub(slots as u32) as f32;
            let score =
                of.iter().sum::<f32>() / slots as f32 + WEIGHT * phrase.weight - WORD_MORE * more;
            let at = best.partition_point(|&(other, _)| other >= score);
            if at < limit {
                best.insert(at, (score, phrase));
                best.truncate(limit);
            }
        }
        best
    }
}
