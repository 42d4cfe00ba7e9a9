//! What a word of a query may stand for in a language: which forms, and how well each fits.

use super::stems::Stems;
use super::vocabulary::Vocabulary;
use super::words::{accented, form};

/// From so many letters a word may have one typo, and from so many two.
const ONE_TYPO_LETTERS: usize = 4;
const TWO_TYPOS_LETTERS: usize = 8;
/// Most forms a word is looked for in.
const FORMS_MAX: usize = 160;

#[derive(Debug, Clone)]
pub struct Weights {
    pub prefix: f32, pub prefix_step: f32, pub prefix_min: f32,
    pub stem: f32, pub typo1: f32, pub typo1_prefix: f32, pub typo2: f32, pub typo2_prefix: f32, pub typo_stem: f32,
    pub title: f32, pub tags: f32, pub body: f32, pub title_len: f32, pub proximity: f32, pub unaccented: f32,
    pub fixed: f32,
}
impl Default for Weights {
    fn default() -> Self {
        Self { prefix: 0.9, prefix_step: 0.02, prefix_min: 0.6, stem: 0.8, typo1: 0.65, typo1_prefix: 0.55, typo2: 0.45, typo2_prefix: 0.35, typo_stem: 0.5,
            title: 1.0, tags: 0.8, body: 0.5, title_len: 0.02, proximity: 0.1, unaccented: 0.97, fixed: 0.0 }
    }
}

/// A form and how well it fits, 0 to 1.
pub type Fit = (u32, f32);

/// The forms `word` may stand for, best first.
pub fn expand(word: &str, is_last: bool, fuzzy: bool, vocabulary: &Vocabulary, stems: &Stems, w: &Weights) -> Vec<Fit> {
    let lang = vocabulary.lang();
    let asked = form(word, lang);
    let letters = asked.chars().count();
    let is_number = asked.bytes().any(|b| b.is_ascii_digit());
    let mut fits: Vec<Fit> = Vec::new();
    if let Some(ordinal) = vocabulary.ordinal(&asked) {
        fits.push((ordinal, 1.0));
    }
    if !is_number {
        let mut give = |key: &str| {
            for &ordinal in vocabulary.same_stem(key) {
                fits.push((ordinal, w.stem));
            }
        };
        stems.keys(&asked, accented(word).as_deref(), lang, &mut give);
    }
    if is_last && !is_number {
        let mut range: Vec<Fit> = vocabulary
            .prefixed(&asked)
            .map(|ordinal| {
                let more = vocabulary.form(ordinal).len() - asked.len();
                (ordinal, (w.prefix - w.prefix_step * more as f32).max(w.prefix_min))
            })
            .collect();
        if range.len() > FORMS_MAX {
            range.sort_unstable_by_key(|&(ordinal, _)| std::cmp::Reverse(vocabulary.frequencies[ordinal as usize]));
            range.truncate(FORMS_MAX);
        }
        fits.extend(range);
    }
    if fuzzy && !is_number && letters >= ONE_TYPO_LETTERS {
        let distance = if letters >= TWO_TYPOS_LETTERS { 2 } else { 1 };
        typos(&asked, distance, is_last, false, vocabulary, w, &mut fits);
        if fits.is_empty() {
            typos(&asked, distance, is_last, true, vocabulary, w, &mut fits);
        }
    }
    fits.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    fits.dedup_by_key(|fit| fit.0);
    fits.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
    fits.truncate(FORMS_MAX);
    fits
}

fn typos(asked: &str, distance: u8, is_last: bool, any_first: bool, vocabulary: &Vocabulary, w: &Weights, fits: &mut Vec<Fit>) {
    vocabulary.near(asked, distance, is_last, any_first, |ordinal, typos| {
        let more = vocabulary.form(ordinal).len() as i32 - asked.len() as i32;
        let is_whole = more <= i32::from(typos) ;
        let weight = match (typos, is_whole) {
            (0, _) => return,
            (1, true) => w.typo1,
            (1, false) => (w.typo1_prefix - w.prefix_step * more as f32).max(w.typo1_prefix * 0.5),
            (_, true) => w.typo2,
            (_, false) => (w.typo2_prefix - w.prefix_step * more as f32).max(w.typo2_prefix * 0.5),
        };
        fits.push((ordinal, weight));
    });
}
