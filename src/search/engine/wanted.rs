//! What a query asks for in one language: for each of its words the forms it may stand for, and how well each fits.
//!
//! The order is that of the weights below: the word itself, what begins with it (the last word, which may be cut off),
//! its other inflected forms, synonyms, compounds, one typo, two.

use super::Lexicon;
use super::synonyms::keys;
use super::typos::Near;
use super::vocabulary::Vocabulary;
use super::words::form;
use crate::nlu::Lang;

/// From so many letters on a word may have one typo, and from so many two.
const ONE_TYPO_LETTERS: usize = 4;
const TWO_TYPOS_LETTERS: usize = 8;
/// Most words of a query that count, and most forms looked up for one of them.
pub const WORDS_MAX: usize = 12;
const FORMS_MAX: usize = 160;

const EXACT: f32 = 1.0;
const PREFIX: f32 = 0.9;
/// Each letter a prefix lacks.
const LETTER_MORE: f32 = 0.02;
const PREFIX_LEAST: f32 = 0.82;
const STEM: f32 = 0.8;
const SYNONYM: f32 = 0.7;
const COMPOUND: f32 = 0.66;
/// One part of a compound that is found nowhere whole.
const COMPOUND_PART: f32 = 0.4;
const ONE_TYPO: f32 = 0.65;
const ONE_TYPO_CUT: f32 = 0.6;
/// What another inflected form of a misspelt word keeps of its worth.
const TYPO_STEM: f32 = 0.77;
const TWO_TYPOS: f32 = 0.45;
const TWO_TYPOS_CUT: f32 = 0.35;
/// A cut word with a typo keeps this share at least, however much is missing.
const CUT_LEAST: f32 = 0.5;

/// What a word counts for that says nothing: enough to choose between equals.
const STOPWORD: f32 = 0.1;

/// The ordinal of a form and how well it fits, 0 to 1.
pub type Fit = (u32, f32);

/// A word of the query.
#[derive(Debug, Clone, Default)]
pub struct Slot {
    /// What it may stand for, best first.
    pub fits: Vec<Fit>,
    /// Several words together that may stand for it.
    pub phrases: Vec<Phrase>,
    /// What it counts for: 1, or [`STOPWORD`].
    pub weight: f32,
    /// Only typos lead anywhere.
    pub is_misspelt: bool,
}

/// Words that are all needed.
#[derive(Debug, Clone)]
pub struct Phrase {
    /// Of what each of them is worth.
    pub weight: f32,
    /// What each may stand for.
    pub words: Vec<Vec<Fit>>,
}

/// A query in one language.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The language.
    pub lang: Lang,
    /// One a word.
    pub slots: Vec<Slot>,
}

impl Wanted {
    /// * `asked`: the words as typed, [`WORDS_MAX`] at most; see [`Lexicon::words_of`].
    pub fn new(asked: &[&str], typing: Typing, vocabulary: &Vocabulary, lexicon: &Lexicon) -> Self {
        let lang = vocabulary.lang();
        let words: Vec<Asked> = asked
            .iter()
            .map(|word| Asked::new(word, lang, lexicon))
            .collect();
        let expand = Expand {
            vocabulary,
            lexicon,
        };
        let mut slots: Vec<Slot> = words
            .iter()
            .enumerate()
            .map(|(at, word)| {
                expand.slot(
                    word,
                    typing.is_cut && at + 1 == words.len(),
                    typing.has_typos,
                )
            })
            .collect();
        let keys: Vec<_> = words.into_iter().map(|word| word.keys).collect();
        expand.synonyms(&keys, &mut slots);
        for slot in &mut slots {
            best_first(&mut slot.fits);
        }
        Self { lang, slots }
    }
}

/// How a query was typed.
#[derive(Debug, Clone, Copy)]
pub struct Typing {
    /// The last word may go on.
    pub is_cut: bool,
    /// Words may be misspelt.
    pub has_typos: bool,
}

/// A word of the query with all that is asked of it more than once.
struct Asked {
    form: String,
    keys: Vec<Box<str>>,
    letters: usize,
    is_number: bool,
    is_stopword: bool,
}

impl Asked {
    fn new(word: &str, lang: Lang, lexicon: &Lexicon) -> Self {
        let form = form(word, lang);
        Self {
            keys: keys(word, lang, &lexicon.stems),
            letters: form.chars().count(),
            is_stopword: lexicon.stopwords.has_form(&form, lang),
            is_number: form.bytes().any(|byte| byte.is_ascii_digit()),
            form,
        }
    }
}

struct Expand<'v> {
    vocabulary: &'v Vocabulary,
    lexicon: &'v Lexicon,
}

impl Expand<'_> {
    /// Numbers and words that say nothing stand for nothing but themselves.
    fn slot(&self, word: &Asked, is_cut: bool, has_typos: bool) -> Slot {
        let mut slot = Slot {
            weight: if word.is_stopword { STOPWORD } else { 1.0 },
            ..Slot::default()
        };
        if let Some(ordinal) = self.vocabulary.ordinal(&word.form) {
            slot.fits.push((ordinal, EXACT));
        }
        if is_cut && !word.is_number {
            self.begun(&word.form, &mut slot.fits);
        }
        if word.is_number || word.is_stopword {
            return slot;
        }
        self.inflected(&word.keys, STEM, &mut slot.fits);
        self.compounds(word, &mut slot);
        slot.is_misspelt = slot.fits.is_empty() && slot.phrases.is_empty();
        if has_typos && word.letters >= ONE_TYPO_LETTERS {
            self.misspelt(word, is_cut, &mut slot);
        }
        slot
    }

    fn inflected(&self, keys: &[Box<str>], weight: f32, fits: &mut Vec<Fit>) {
        let same = keys.iter().flat_map(|key| self.vocabulary.same_stem(key));
        fits.extend(same.map(|ordinal| (ordinal, weight)));
    }

    fn begun(&self, begin: &str, fits: &mut Vec<Fit>) {
        let mut forms: Vec<u32> = self.vocabulary.prefixed(begin).collect();
        if forms.len() > FORMS_MAX {
            forms
                .sort_unstable_by_key(|&ordinal| std::cmp::Reverse(self.vocabulary.count(ordinal)));
            forms.truncate(FORMS_MAX);
        }
        fits.extend(forms.into_iter().map(|ordinal| {
            let more = self.vocabulary.form(ordinal).len() - begin.len();
            (
                ordinal,
                (PREFIX - LETTER_MORE * more as f32).max(PREFIX_LEAST),
            )
        }));
    }

    /// The word is a part of compounds, or is one whose parts may stand apart.
    fn compounds(&self, word: &Asked, slot: &mut Slot) {
        let Some(parts) = &self.vocabulary.parts else {
            return;
        };
        let with = word
            .keys
            .iter()
            .flat_map(|key| self.vocabulary.compounds_with(key));
        slot.fits.extend(with.map(|ordinal| (ordinal, COMPOUND)));
        let words: Vec<Vec<Fit>> = parts
            .split(&word.form)
            .into_iter()
            .map(|part| self.part(part))
            .collect();
        if words.is_empty() {
            return;
        }
        if slot.fits.is_empty() {
            for part in &words {
                slot.fits.extend(
                    part.iter()
                        .map(|&(ordinal, fit)| (ordinal, fit * COMPOUND_PART)),
                );
            }
        }
        add_phrase(
            Phrase {
                weight: COMPOUND,
                words,
            },
            slot,
        );
    }

    /// A part of a compound, by itself or within another one.
    fn part(&self, part: &str) -> Vec<Fit> {
        let mut fits = self.whole(part);
        let keys = keys(part, self.vocabulary.lang(), &self.lexicon.stems);
        let within = keys
            .iter()
            .flat_map(|key| self.vocabulary.compounds_with(key));
        fits.extend(within.map(|ordinal| (ordinal, COMPOUND)));
        best_first(&mut fits);
        fits
    }

    /// A word that is not the visitor's own: itself and its inflected forms.
    fn whole(&self, word: &str) -> Vec<Fit> {
        let lang = self.vocabulary.lang();
        let mut fits = Vec::new();
        if let Some(ordinal) = self.vocabulary.ordinal(&form(word, lang)) {
            fits.push((ordinal, EXACT));
        }
        self.inflected(&keys(word, lang, &self.lexicon.stems), STEM, &mut fits);
        best_first(&mut fits);
        fits
    }

    fn misspelt(&self, word: &Asked, is_cut: bool, slot: &mut Slot) {
        let typos = if word.letters >= TWO_TYPOS_LETTERS {
            2
        } else {
            1
        };
        let near = Near {
            typos,
            is_prefix: is_cut,
            same_first: true,
        };
        self.near(&word.form, near, &mut slot.fits);
        if !slot.is_misspelt {
            return;
        }
        if slot.fits.is_empty() {
            self.near(
                &word.form,
                Near {
                    same_first: false,
                    ..near
                },
                &mut slot.fits,
            );
        }
        if slot.fits.is_empty() {
            self.near_stem(word, &mut slot.fits);
        }
        self.inflected_of_best(&mut slot.fits);
    }

    /// A form that occurs nowhere, and misspelt besides: what begins nearly with its stem.
    fn near_stem(&self, word: &Asked, fits: &mut Vec<Fit>) {
        let stem = word.keys.iter().find(|key| !key.starts_with('='));
        if let Some(stem) = stem.filter(|stem| stem.chars().count() >= ONE_TYPO_LETTERS) {
            self.near(
                stem,
                Near {
                    typos: 1,
                    is_prefix: true,
                    same_first: true,
                },
                fits,
            );
        }
    }

    /// Adds the other inflected forms of what fits best.
    fn inflected_of_best(&self, fits: &mut Vec<Fit>) {
        let best = fits.iter().map(|fit| fit.1).fold(0.0, f32::max);
        let mut others = Vec::new();
        for &(ordinal, fit) in fits.iter().filter(|fit| fit.1 >= best) {
            let keys = keys(
                self.vocabulary.form(ordinal),
                self.vocabulary.lang(),
                &self.lexicon.stems,
            );
            self.inflected(&keys, fit * TYPO_STEM, &mut others);
        }
        fits.append(&mut others);
    }

    fn near(&self, word: &str, near: Near, fits: &mut Vec<Fit>) {
        self.vocabulary.near(word, near, |ordinal, typos| {
            let more = self.vocabulary.form(ordinal).len() as f32 - word.len() as f32;
            let cut = |weight: f32| (weight - LETTER_MORE * more).max(weight * CUT_LEAST);
            let weight = match (typos, more <= f32::from(typos)) {
                (0, _) => return,
                (1, true) => ONE_TYPO,
                (1, false) => cut(ONE_TYPO_CUT),
                (_, true) => TWO_TYPOS,
                (_, false) => cut(TWO_TYPOS_CUT),
            };
            fits.push((ordinal, weight));
        });
    }

    fn synonyms(&self, keys: &[Vec<Box<str>>], slots: &mut [Slot]) {
        let synonyms = self.lexicon.synonyms.load();
        for applied in synonyms.of(keys, self.vocabulary.lang()) {
            let words: Vec<Vec<Fit>> = applied.phrase.iter().map(|word| self.whole(word)).collect();
            for slot in &mut slots[applied.words] {
                let before = (slot.fits.len(), slot.phrases.len());
                add_phrase(
                    Phrase {
                        weight: SYNONYM,
                        words: words.clone(),
                    },
                    slot,
                );
                slot.is_misspelt &= before == (slot.fits.len(), slot.phrases.len());
            }
        }
    }
}

/// Each form once, with its best weight; the best ones.
fn best_first(fits: &mut Vec<Fit>) {
    fits.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    fits.dedup_by_key(|fit| fit.0);
    fits.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    fits.truncate(FORMS_MAX);
}

/// One word alone is a form like others.
fn add_phrase(phrase: Phrase, slot: &mut Slot) {
    if phrase.words.iter().any(Vec::is_empty) {
        return;
    }
    if let [only] = &*phrase.words {
        slot.fits.extend(
            only.iter()
                .map(|&(ordinal, fit)| (ordinal, fit * phrase.weight)),
        );
    } else {
        slot.phrases.push(phrase);
    }
}
