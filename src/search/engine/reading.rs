//! A state of the index that can be searched, and the search.

use std::cell::RefCell;
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{
    DocSet, InvertedIndexReader, ReloadPolicy, SegmentReader, TERMINATED, TantivyError, Term,
};

use super::Lexicon;
use super::entry::Key;
use super::found::{Counts, Filter, Found, Hit};
use super::index::{Committed, DiskIndex, Place};
use super::vocabulary::{Counted, Vocabulary};
use super::wanted::{Fit, Slot, Wanted};
use super::words::form;
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// What a word is worth where it stands.
const TITLE: f32 = 1.0;
const TAGS: f32 = 0.8;
const BODY: f32 = 0.5;
/// A word says less of a longer title, down to this length in words.
const TITLE_WORD: f32 = 0.015;
const TITLE_WORDS_MAX: u32 = 12;
/// A word that stands once in a long text keeps this share.
const BODY_ONCE: f32 = 0.75;

/// A state of the index; never changes.
pub struct Reading {
    segments: Vec<Segment>,
    vocabularies: PerLang<Vocabulary>,
    committed: Option<Committed>,
    tag: Field,
}

struct Segment {
    reader: SegmentReader,
    keys: Vec<Key>,
    langs: PerLang<LangIndex>,
}

struct LangIndex {
    /// In the order of [`Place::ALL`].
    places: [PlaceIndex; 3],
    accented: Arc<InvertedIndexReader>,
    /// By document.
    lengths: Vec<Lengths>,
}

/// What the lengths of a document's texts make of a word.
struct Lengths {
    /// What one is worth in the title.
    title: f32,
    /// Against how many others one in the body stands, see [`LangIndex::worth`].
    body: f32,
}

/// Where words stand at one place of the entries.
struct PlaceIndex {
    reader: Arc<InvertedIndexReader>,
    /// By the ordinal of a form, where its documents are listed: a word may stand for dozens of forms, and looking up
    /// each on disk takes longer than reading its list.
    terms: Vec<Option<TermInfo>>,
}

impl Reading {
    /// Reads what was committed last.
    pub fn open(disk: &DiskIndex, lexicon: &Lexicon) -> Result<Self, TantivyError> {
        let fields = &disk.fields;
        let reader = disk
            .index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let searcher = reader.searcher();
        let segments = searcher
            .segment_readers()
            .iter()
            .map(|reader| Segment::open(reader, disk));
        let mut segments = segments.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            vocabularies: PerLang::try_from_fn(|lang| vocabulary(&mut segments, lang, lexicon))?,
            segments,
            committed: disk.committed()?,
            tag: fields.tag,
        })
    }

    /// The words of a language.
    pub fn vocabulary(&self, lang: Lang) -> &Vocabulary {
        self.vocabularies.get(lang)
    }

    /// What its last commit said.
    pub fn committed(&self) -> Option<Committed> {
        self.committed
    }

    /// Key and version of every entry.
    pub fn versions(&self) -> Result<Vec<(Key, u64)>, TantivyError> {
        let mut versions = Vec::new();
        for segment in &self.segments {
            let column = segment.reader.fast_fields().u64("version")?;
            versions.extend(
                segment
                    .alive()
                    .map(|doc| (segment.keys[doc as usize], column.first(doc).unwrap_or(0))),
            );
        }
        Ok(versions)
    }

    /// Numbers about it.
    pub fn counts(&self) -> Counts {
        let mut found = Found::none();
        for segment in &self.segments {
            segment
                .alive()
                .for_each(|doc| found.count(segment.keys[doc as usize]));
        }
        Counts {
            kinds: found.kinds,
            langs: found.langs,
            forms: Lang::ALL
                .iter()
                .map(|&lang| self.vocabulary(lang).len())
                .sum(),
        }
    }

    /// Finds what has the words of `wanted`, one for each language that is searched; at most `limit` hits.
    pub fn find(
        &self,
        wanted: &[Wanted],
        filter: &Filter,
        limit: usize,
    ) -> Result<Found, TantivyError> {
        let mut found = Found::none();
        for segment in &self.segments {
            let tagged = filter
                .tag
                .as_deref()
                .map(|tag| self.tagged(segment, tag))
                .transpose()?;
            for wanted in wanted {
                SCRATCH.with_borrow_mut(|scratch| {
                    let run = Run {
                        reading: self,
                        segment,
                        wanted,
                    };
                    let rarity = run.weigh(scratch)?;
                    run.collect(scratch, &rarity, &mut found, limit, |doc, key: Key| {
                        (filter.kinds.is_empty() || filter.kinds.contains(&key.kind()))
                            && tagged
                                .as_ref()
                                .is_none_or(|tagged| tagged.binary_search(&doc).is_ok())
                    });
                    Ok::<_, TantivyError>(())
                })?;
            }
        }
        Ok(found)
    }

    /// The documents of a segment that have a tag, in order.
    fn tagged(&self, segment: &Segment, tag: &str) -> Result<Vec<u32>, TantivyError> {
        let index = segment.reader.inverted_index(self.tag)?;
        let mut docs = Vec::new();
        for lang in Lang::ALL {
            let term = Term::from_field_text(self.tag, &form(tag, lang));
            if let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? {
                while postings.doc() != TERMINATED {
                    docs.push(postings.doc());
                    postings.advance();
                }
            }
        }
        docs.sort_unstable();
        docs.dedup();
        Ok(docs)
    }

    fn entries(&self) -> f32 {
        self.segments
            .iter()
            .map(|segment| segment.reader.num_docs())
            .sum::<u32>() as f32
    }
}

impl Segment {
    fn open(reader: &SegmentReader, disk: &DiskIndex) -> Result<Self, TantivyError> {
        let column = reader.fast_fields().u64("key")?;
        let keys = (0..reader.max_doc())
            .map(|doc| Key(column.first(doc).unwrap_or(0)))
            .collect();
        let langs = PerLang::try_from_fn(|lang| {
            let fields = disk.fields.langs.get(lang);
            let [title, tags, body] = fields.places;
            Ok::<_, TantivyError>(LangIndex {
                places: [
                    PlaceIndex::new(reader.inverted_index(title)?),
                    PlaceIndex::new(reader.inverted_index(tags)?),
                    PlaceIndex::new(reader.inverted_index(body)?),
                ],
                accented: reader.inverted_index(fields.accented)?,
                lengths: lengths(
                    &reader.get_fieldnorms_reader(title)?,
                    &reader.get_fieldnorms_reader(body)?,
                ),
            })
        })?;
        Ok(Self {
            reader: reader.clone(),
            keys,
            langs,
        })
    }

    fn alive(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.reader.max_doc()).filter(|&doc| !self.reader.is_deleted(doc))
    }
}

/// * `titles`, `bodies`: how many words there are in those of each document.
fn lengths(titles: &FieldNormReader, bodies: &FieldNormReader) -> Vec<Lengths> {
    let of = |doc| {
        let title = titles.fieldnorm(doc).clamp(1, TITLE_WORDS_MAX);
        Lengths {
            title: TITLE * (1.0 - TITLE_WORD * (title - 1) as f32),
            body: 0.5 + bodies.fieldnorm(doc) as f32 / 100.0,
        }
    };
    (0..titles.num_docs()).map(of).collect()
}

impl PlaceIndex {
    fn new(reader: Arc<InvertedIndexReader>) -> Self {
        Self {
            reader,
            terms: Vec::new(),
        }
    }
}

/// The words of a language in all segments, which then know where each stands.
fn vocabulary(
    segments: &mut [Segment],
    lang: Lang,
    lexicon: &Lexicon,
) -> Result<Vocabulary, TantivyError> {
    let (mut forms, mut accented) = (Vec::new(), Vec::new());
    for index in segments.iter().map(|segment| segment.langs.get(lang)) {
        for place in &index.places {
            each_term(&place.reader, |term, info| {
                forms.push((Box::from(term), info.doc_freq));
            })?;
        }
        each_term(&index.accented, |term, _| accented.push(Box::from(term)))?;
    }
    // Stable, since that is quick on lists that are sorted in parts.
    forms.sort();
    let mut counted: Vec<Counted> = Vec::with_capacity(forms.len());
    for (form, count) in forms {
        match counted.last_mut() {
            Some(last) if last.form == form => last.count += count,
            _ => counted.push(Counted { form, count }),
        }
    }
    let vocabulary = Vocabulary::new(counted, &accented, &lexicon.stems, &lexicon.parts, lang);
    for segment in segments {
        for place in &mut segment.langs.get_mut(lang).places {
            place.terms = vec![None; vocabulary.len()];
            let mut ordinal = 0;
            each_term(&place.reader, |term, info| {
                // Both are sorted, so the next one is never before this one.
                while vocabulary.form(ordinal) != term {
                    ordinal += 1;
                }
                place.terms[ordinal as usize] = Some(info.clone());
            })?;
        }
    }
    Ok(vocabulary)
}

fn each_term(
    index: &InvertedIndexReader,
    mut give: impl FnMut(&str, &TermInfo),
) -> Result<(), TantivyError> {
    let mut stream = index.terms().stream()?;
    while let Some((term, info)) = stream.next() {
        if let Ok(term) = std::str::from_utf8(term) {
            give(term, info);
        }
    }
    Ok(())
}

/// How well a word is found in each document of a segment: dense, so that it is written without looking.
#[derive(Default)]
struct Scores {
    of: Vec<f32>,
    found: Vec<u32>,
}

impl Scores {
    fn raise(&mut self, doc: u32, score: f32) {
        let kept = &mut self.of[doc as usize];
        if score > *kept {
            if *kept == 0.0 {
                self.found.push(doc);
            }
            *kept = score;
        }
    }

    fn clear(&mut self) {
        for &doc in &self.found {
            self.of[doc as usize] = 0.0;
        }
        self.found.clear();
    }
}

thread_local! {
    static SCRATCH: RefCell<Vec<Scores>> = RefCell::default();
}

/// A query in one language over one segment.
struct Run<'r> {
    reading: &'r Reading,
    segment: &'r Segment,
    wanted: &'r Wanted,
}

impl Run<'_> {
    /// Fills one of `scratch` for each slot; those behind are for phrases.
    ///
    /// Returns how rare each word is.
    fn weigh(&self, scratch: &mut Vec<Scores>) -> Result<Vec<f32>, TantivyError> {
        let slots = &self.wanted.slots;
        let phrase_words = slots
            .iter()
            .flat_map(|slot| &slot.phrases)
            .map(|phrase| phrase.words.len());
        let size = slots.len() + phrase_words.max().unwrap_or(0);
        if scratch.len() < size {
            scratch.resize_with(size, Scores::default);
        }
        let docs = self.segment.reader.max_doc() as usize;
        for scores in &mut scratch[..size] {
            scores.clear();
            if scores.of.len() < docs {
                scores.of.resize(docs, 0.0);
            }
        }
        let (of_slots, of_phrases) = scratch.split_at_mut(slots.len());
        let entries = self.reading.entries();
        let mut rarity = Vec::with_capacity(slots.len());
        for (slot, scores) in slots.iter().zip(of_slots) {
            self.read(&slot.fits, scores)?;
            self.read_phrases(slot, scores, of_phrases)?;
            rarity.push((1.0 + entries / (scores.found.len() as f32 + 1.0)).ln());
        }
        Ok(rarity)
    }

    fn read(&self, fits: &[Fit], scores: &mut Scores) -> Result<(), TantivyError> {
        let index = self.segment.langs.get(self.wanted.lang);
        let with_freqs = IndexRecordOption::WithFreqs;
        for (place, at) in Place::ALL.into_iter().zip(&index.places) {
            // Each list is read into the room of the one before.
            let mut opened: Option<BlockSegmentPostings> = None;
            for &(ordinal, fit) in fits {
                let Some(info) = &at.terms[ordinal as usize] else {
                    continue;
                };
                let list = match &mut opened {
                    Some(list) => {
                        at.reader.reset_block_postings_from_terminfo(info, list)?;
                        list
                    }
                    None => opened.insert(
                        at.reader
                            .read_block_postings_from_terminfo(info, with_freqs)?,
                    ),
                };
                while list.block_len() > 0 {
                    for (&doc, &times) in list.docs().iter().zip(list.freqs()) {
                        scores.raise(doc, fit * index.worth(place, doc, times));
                    }
                    list.advance();
                }
            }
        }
        Ok(())
    }

    fn read_phrases(
        &self,
        slot: &Slot,
        scores: &mut Scores,
        scratch: &mut [Scores],
    ) -> Result<(), TantivyError> {
        for phrase in &slot.phrases {
            let words = &mut scratch[..phrase.words.len()];
            for (fits, scores) in phrase.words.iter().zip(&mut *words) {
                scores.clear();
                self.read(fits, scores)?;
            }
            let Some(first) = words.first() else { continue };
            for &doc in &first.found {
                let each = words.iter().map(|scores| scores.of[doc as usize]);
                if each.clone().all(|score| score > 0.0) {
                    scores.raise(doc, phrase.weight * each.sum::<f32>() / words.len() as f32);
                }
            }
        }
        Ok(())
    }

    /// Takes the documents with any of the words; more words come before better ones.
    fn collect(
        &self,
        scratch: &[Scores],
        rarity: &[f32],
        found: &mut Found,
        limit: usize,
        passes: impl Fn(u32, Key) -> bool,
    ) {
        let slots = &scratch[..rarity.len()];
        let wanted: f32 = self.wanted.slots.iter().map(|slot| slot.weight).sum();
        for (at, scores) in slots.iter().enumerate() {
            for &doc in &scores.found {
                let was_seen = slots[..at]
                    .iter()
                    .any(|earlier| earlier.of[doc as usize] > 0.0);
                let key = self.segment.keys[doc as usize];
                if was_seen || self.segment.reader.is_deleted(doc) || !passes(doc, key) {
                    continue;
                }
                let (mut words, mut sum, mut weights) = (0.0, 0.0, 0.0);
                for ((scores, rarity), slot) in slots.iter().zip(rarity).zip(&self.wanted.slots) {
                    let score = scores.of[doc as usize];
                    let weight = if score > 0.0 { slot.weight } else { 0.0 };
                    words += weight;
                    sum += score * rarity * weight;
                    weights += rarity * weight;
                }
                found.count(key);
                let quality = sum / weights;
                let score = if words < 1.0 {
                    words * quality
                } else {
                    words - 1.0 + quality
                } / wanted;
                found.keep(Hit { key, score }, limit);
            }
        }
    }
}

impl LangIndex {
    /// What a word at `place` is worth, 0 to 1: less in a long title, more where it stands often in a short text.
    fn worth(&self, place: Place, doc: u32, times: u32) -> f32 {
        let lengths = &self.lengths[doc as usize];
        match place {
            Place::Title => lengths.title,
            Place::Tags => TAGS,
            Place::Body => {
                let times = times as f32;
                BODY * (BODY_ONCE + (1.0 - BODY_ONCE) * times / (times + lengths.body))
            }
        }
    }
}
