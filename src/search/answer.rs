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
    pub(super) wanted: Vec<Wanted>,
    query: &'q str,
    marker: Marker<'q>,
}

/// A hit with its texts and where the query's words stand in them.
struct Marked<'t> {
    hit: Hit,
    texts: Texts<'t>,
    title: Vec<Mark>,
    body: Vec<Mark>,
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
        let wanted: Vec<Wanted> = langs.into_iter().map(of).collect();
        Self {
            marker: Marker::new(words, &wanted, reading),
            wanted,
            query,
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
        let marked = |hit: &Hit| Some(self.marked(*hit, texts(hit.key)?));
        let is_ordered = self.words() > 1 || !self.query.is_ascii();
        let near = if is_ordered { CLOSENESS_HITS } else { 0 };
        let (near, far) = found.hits.split_at(near.min(found.hits.len()));
        let near = self.in_order(near, offset + limit, marked);
        let skipped = offset.saturating_sub(near.len());
        let near = near.into_iter().skip(offset);
        let far = far.iter().skip(skipped).filter_map(marked);
        near.chain(far).take(limit).map(shown).collect()
    }

    /// Puts hits in their final order; those that cannot be among the first `needed` may be left out.
    fn in_order<'t>(
        &self,
        hits: &[Hit],
        needed: usize,
        marked: impl Fn(&Hit) -> Option<Marked<'t>>,
    ) -> Vec<Marked<'t>> {
        let mut ordered: Vec<Marked<'t>> = Vec::with_capacity(hits.len());
        for hit in hits {
            let most = (hit.score + self.closeness_worth()).min(1.0);
            let last = ordered.get(needed.saturating_sub(1));
            if last.is_some_and(|last| last.hit.score > most) {
                break;
            }
            let Some(mut marked) = marked(hit) else {
                continue;
            };
            marked.hit.score = (hit.score + self.closeness(&marked)).min(1.0);
            let at = ordered.partition_point(|other| other.hit.score >= marked.hit.score);
            ordered.insert(at, marked);
        }
        ordered
    }

    /// What is added to the score of a hit whose words stand as close as can be.
    fn closeness_worth(&self) -> f32 {
        CLOSENESS / self.words().max(1) as f32
    }

    /// How many words it has.
    pub(super) fn words(&self) -> usize {
        self.marker.asked().len()
    }

    fn marked<'t>(&self, hit: Hit, texts: Texts<'t>) -> Marked<'t> {
        let lang = hit.key.lang();
        Marked {
            title: self.marker.marks(&texts.title, lang),
            body: self.marker.marks(&texts.body, lang),
            hit,
            texts,
        }
    }

    fn closeness(&self, marked: &Marked<'_>) -> f32 {
        let of = |marks: &[Mark]| closeness(marks, self.words());
        self.closeness_worth() * of(&marked.title).max(of(&marked.body))
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
        let marker = &self.marker;
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

fn shown(marked: Marked<'_>) -> Shown {
    let Marked {
        hit,
        texts,
        title,
        body,
    } = marked;
    let part = snippet(&texts.body, &body);
    Shown {
        key: hit.key,
        score: hit.score,
        title_html: html(&texts.title, &title),
        title: texts.title.into_owned(),
        content: part.text,
        content_html: part.html,
    }
}
