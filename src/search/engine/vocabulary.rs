//! Every word of an index in one language: its forms, which of them are the same word, which are a typo away.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::compounds::Parts;
use super::stems::Stems;
use super::typos::{Letters, Misspelt, Near};
use super::words::form;
use crate::nlu::Lang;

/// A form and in how many entries' fields it stands.
pub struct Counted {
    /// Folded, see [`form`].
    pub form: Box<str>,
    /// How often.
    pub count: u32,
}

/// The words of one language. A form is known by its place among the sorted ones, its ordinal.
pub struct Vocabulary {
    lang: Lang,
    forms: Vec<Counted>,
    /// Of each form: few are compared with a misspelt word letter by letter.
    letters: Vec<Letters>,
    /// Stem key to the forms that have it.
    stems: ByKey,
    /// Stem key of a part to the compounds it is in.
    compounds: ByKey,
    /// What compounds are made of; German alone.
    pub parts: Option<Parts>,
}

impl Vocabulary {
    /// * `forms`: sorted, no two alike; `accented`: the same words with diacritics where they have some.
    pub fn new(
        forms: Vec<Counted>,
        accented: &[Box<str>],
        stems: &Stems,
        parts: &Parts,
        lang: Lang,
    ) -> Self {
        let letters = forms.iter().map(|counted| Letters::of(&counted.form));
        let mut vocabulary = Self {
            lang,
            letters: letters.collect(),
            forms,
            stems: ByKey::default(),
            compounds: ByKey::default(),
            parts: None,
        };
        vocabulary.learn_stems(accented, stems);
        if lang == Lang::De {
            vocabulary.learn_compounds(parts, stems);
        }
        vocabulary
    }

    fn learn_stems(&mut self, accented: &[Box<str>], stems: &Stems) {
        let mut by_key = ByKey::default();
        for (ordinal, counted) in self.forms.iter().enumerate() {
            let put = |key: &str| by_key.put(key, ordinal as u32);
            stems.keys(&counted.form, None, self.lang, put);
        }
        for word in accented {
            let form = form(word, self.lang);
            if let Some(ordinal) = self.ordinal(&form) {
                let put = |key: &str| by_key.put(key, ordinal);
                stems.keys(&form, Some(word), self.lang, put);
            }
        }
        self.stems = by_key.sorted();
    }

    fn learn_compounds(&mut self, parts: &Parts, stems: &Stems) {
        let parts = parts.with(self.forms.iter().map(|counted| &*counted.form));
        let mut by_key = ByKey::default();
        for (ordinal, counted) in self.forms.iter().enumerate() {
            for part in parts.split(&counted.form) {
                let put = |key: &str| by_key.put(key, ordinal as u32);
                stems.keys(part, None, self.lang, put);
            }
        }
        self.compounds = by_key.sorted();
        self.parts = Some(parts);
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Number of forms.
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// The ordinal of a form that occurs.
    pub fn ordinal(&self, form: &str) -> Option<u32> {
        let found = self
            .forms
            .binary_search_by(|counted| (*counted.form).cmp(form));
        found.ok().map(|ordinal| ordinal as u32)
    }

    /// The form with that ordinal.
    pub fn form(&self, ordinal: u32) -> &str {
        &self.forms[ordinal as usize].form
    }

    /// In how many entries' fields it stands.
    pub fn count(&self, ordinal: u32) -> u32 {
        self.forms[ordinal as usize].count
    }

    /// The forms with a stem key.
    pub fn same_stem(&self, key: &str) -> impl Iterator<Item = u32> + '_ {
        self.stems.get(key)
    }

    /// The compounds in which a word with that stem key is a part.
    pub fn compounds_with(&self, key: &str) -> impl Iterator<Item = u32> + '_ {
        self.compounds.get(key)
    }

    /// The forms that begin with `prefix`; they follow one another.
    pub fn prefixed(&self, prefix: &str) -> Range<u32> {
        let from = self
            .forms
            .partition_point(|counted| &*counted.form < prefix);
        let length = self.forms[from..].partition_point(|counted| counted.form.starts_with(prefix));
        from as u32..(from + length) as u32
    }

    /// Gives each form that is so near to `word`, and by how many typos.
    pub fn near(&self, word: &str, near: Near, mut give: impl FnMut(u32, u8)) {
        let Some(misspelt) = Misspelt::new(word) else {
            return;
        };
        let first = word.chars().next().filter(|_| near.same_first);
        let looked_at = first.map_or(0..self.forms.len() as u32, |first| {
            self.prefixed(first.encode_utf8(&mut [0; 4]))
        });
        let letters = &self.letters[looked_at.start as usize..looked_at.end as usize];
        for (ordinal, &letters) in looked_at.zip(letters) {
            if misspelt.may_be(letters, near)
                && let Some(typos) = misspelt.typos(self.form(ordinal), near)
            {
                give(ordinal, typos);
            }
        }
    }
}

/// Ordinals by the hash of a key, sorted: a list rather than a map, since it is made anew after each change.
#[derive(Default)]
struct ByKey(Vec<(u64, u32)>);

impl ByKey {
    fn put(&mut self, key: &str, ordinal: u32) {
        self.0.push((Self::hash(key), ordinal));
    }

    fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self.0.dedup();
        self
    }

    fn get(&self, key: &str) -> impl Iterator<Item = u32> + '_ {
        let hash = Self::hash(key);
        let from = self.0.partition_point(|&(other, _)| other < hash);
        self.0[from..]
            .iter()
            .take_while(move |&&(other, _)| other == hash)
            .map(|&(_, ordinal)| ordinal)
    }

    fn hash(key: &str) -> u64 {
        FixedState::default().hash_one(key)
    }
}
