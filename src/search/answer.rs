//! From what the engine found to what is shown.

use std::borrow::Cow;

use super::engine::{
    Found, Hit, Key, Lexicon, Mark, Marker, Reading, Typing, Wanted, closeness, html, snippet,
    words,
};
use crate::nlu::Lang;

/// So many of the best hits are put in order by how close their words stand together. Always as many, so that pages
/// neither overlap nor leave a gap.
pub(super) const CLOSENESS_HITS: usize = 20;
/// What closeness is worth beside the score of one word.
const CLOSENESS: f32 = 0.1;

/// The texts of an entry, read where they are kept.
pub(super) struct Texts<'t> {
    pub(super) title: Cow<'t, str>,
    pub(super) body: Cow<'t, str>,
}

/// A hit as it is shown.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) key: Key,
    /// 0 to 1.
    pub(super) score: f32,
    pub(super) title: String,
    /// HTML with `<mark>`.
    pub(super) title_html: String,
    /// The sentence that says most.
    pub(super) content: String,
    /// HTML with `<mark>`.
    pub(super) content_html: String,
}

/// A query over one reading of an index.
pub(super) struct Asked<'q> {
    pub(super) words: Vec<&'q str>,
    pub(super) wanted: Vec<Wanted>,
    query: &'q str,
    reading: &'q Reading,
}

impl<'q> Asked<'q> {
    /// * `lang`: the only language to search, or all.
    pub(super) fn new(
        query: &'q str,
        lang: Option<Lang>,
        has_typos: bool,
        reading: &'q Reading,
        lexicon: &Lexicon,
    ) -> Self {
        let langs = lang.map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
        let words = lexicon.words_of(query, &langs);
        let typing = Typing {
            is_cut: query.ends_with(char::is_alphanumeric),
            has_typos,
        };
        let of = |lang| Wanted::new(&words, typing, reading.vocabulary(lang), lexicon);
        let wanted = langs.into_iter().map(of).collect();
        Self {
            words,
            wanted,
            query,
            reading,
        }
    }

    /// Puts the best hits in their final order and shows those from `offset` on, `limit` at most. Hits whose texts are
    /// no more are left out.
    pub(super) fn show<'t>(
        &self,
        found: &Found,
        offset: usize,
        limit: usize,
        texts: impl Fn(Key) -> Option<Texts<'t>>,
    ) -> Vec<Shown> {
        let marker = Marker::new(&self.words, &self.wanted, self.reading);
        let mut hits = found.hits.clone();
        if self.words.len() > 1 || !self.query.is_ascii() {
            let near = &mut hits[..found.hits.len().min(CLOSENESS_HITS)];
            for hit in near.iter_mut() {
                if let Some(texts) = texts(hit.key) {
                    hit.score = (hit.score + self.closeness(&marker, hit, &texts)).min(1.0);
                }
            }
            near.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        let page = hits.iter().skip(offset).take(limit);
        page.filter_map(|hit| Some(shown(hit, &marker, &texts(hit.key)?)))
            .collect()
    }

    fn closeness(&self, marker: &Marker<'_>, hit: &Hit, texts: &Texts<'_>) -> f32 {
        let of = |text: &str| closeness(&marker.marks(text, hit.key.lang()), self.words.len());
        let best = of(&texts.title).max(of(&texts.body));
        CLOSENESS * best / self.words.len().max(1) as f32
    }

    /// The query as it was understood, when words were taken for misspelt; `best` says how they are written.
    pub(super) fn corrected<'t>(
        &self,
        best: &Shown,
        texts: impl Fn(Key) -> Option<Texts<'t>>,
    ) -> Option<String> {
        let wanted = self
            .wanted
            .iter()
            .find(|wanted| wanted.lang == best.key.lang())?;
        if !wanted.slots.iter().any(|slot| slot.is_misspelt) {
            return None;
        }
        let texts = texts(best.key)?;
        let marker = Marker::new(&self.words, &self.wanted, self.reading);
        let words_in = |text: &str| -> Vec<(usize, String)> {
            let marks = marker.marks(text, best.key.lang());
            marks
                .iter()
                .map(|mark: &Mark| (mark.slot(), text[mark.at.clone()].to_lowercase()))
                .collect()
        };
        let mut written = words_in(&texts.title);
        written.extend(words_in(&texts.body));
        let mut corrected = String::new();
        let mut at = 0;
        for (slot, word) in words(self.query).enumerate() {
            let is_misspelt = wanted.slots.get(slot).is_some_and(|slot| slot.is_misspelt);
            let right = written.iter().find(|(of, _)| is_misspelt && *of == slot);
            corrected.push_str(&self.query[at..word.start]);
            corrected.push_str(right.map_or(word.text, |(_, right)| right));
            at = word.end();
        }
        corrected.push_str(&self.query[at..]);
        (corrected != self.query).then_some(corrected)
    }
}

fn shown(hit: &Hit, marker: &Marker<'_>, texts: &Texts<'_>) -> Shown {
    let lang = hit.key.lang();
    let part = snippet(&texts.body, &marker.marks(&texts.body, lang));
    Shown {
        key: hit.key,
        score: hit.score,
        title: texts.title.clone().into_owned(),
        title_html: html(&texts.title, &marker.marks(&texts.title, lang)),
        content: part.text,
        content_html: part.html,
    }
}
