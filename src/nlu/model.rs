//! [`Nlu`]: the models of all languages, their training set and the cache format.

use super::codec::{Reader, Writer, checksum};
use super::intents::{Classification, IntentModel, Tuning};
use super::language::{Detector, LanguageScores, Sample};
use super::text::Views;
use super::{Lang, NluError, OUT_OF_SCOPE};
use sha2::{Digest, Sha256};

/// Raised with every change that makes a model trained before give other results.
const ALGORITHM: u32 = 1;

/// Raised with every change of the cache's layout.
const FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = b"NovaNLU\n";

/// A training phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The language it is in.
    pub lang: Lang,
    /// What it means.
    pub intent: String,
    /// As a visitor may write it.
    pub text: String,
}

/// Everything the models learn from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrainingSet {
    /// For intents and language.
    pub phrases: Vec<Phrase>,
    /// Other texts of the pack, for language only.
    pub texts: Vec<(Lang, String)>,
}

impl TrainingSet {
    /// SHA-256 over the content, its order and the version of the algorithm: the key of the cache.
    pub fn key(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut put = |part: &str| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        put(&format!("nlu {ALGORITHM} {} {}", self.phrases.len(), self.texts.len()));
        for phrase in &self.phrases {
            [phrase.lang.code(), &phrase.intent, &phrase.text].into_iter().for_each(&mut put);
        }
        for (lang, text) in &self.texts {
            [lang.code(), text].into_iter().for_each(&mut put);
        }
        hash.finalize().into()
    }
}

/// A message in every language it may be in.
#[derive(Debug, Clone, PartialEq)]
pub struct Understanding {
    /// Which language it is in.
    pub scores: LanguageScores,
    first: (Lang, Classification),
    others: Vec<(Lang, Classification)>,
}

impl Understanding {
    /// The language to answer in and what the message means in it; `prior` is the language of the
    /// conversation so far ([`LanguageScores::choose`]).
    pub fn pick(&self, prior: Option<Lang>) -> (Lang, &Classification) {
        let lang = self.scores.choose(prior);
        let found = self.others.iter().find(|(other, _)| *other == lang);
        let (lang, classification) = found.unwrap_or(&self.first);
        (*lang, classification)
    }
}

/// The models of all languages. Immutable and shared between threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Nlu {
    key: [u8; 32],
    /// In the order of [`Lang::ALL`]; `None` if there are no phrases in that language.
    intents: [Option<IntentModel>; 3],
    /// `None` if only one language has phrases or texts.
    detector: Option<Detector>,
}

impl Nlu {
    /// Trains all models, each in a thread of its own; the same set gives the same models.
    ///
    /// A language may be without phrases: everything in it is out of scope then. Errors: no phrases
    /// at all, only one intent in a language, or too much of something.
    pub fn train(set: &TrainingSet) -> Result<Nlu, NluError> {
        if set.phrases.is_empty() {
            return Err(NluError::NoPhrases);
        }
        let mut intents = [Ok(None), Ok(None), Ok(None)];
        let mut detector = Ok(None);
        std::thread::scope(|scope| {
            for (lang, slot) in Lang::ALL.into_iter().zip(&mut intents) {
                scope.spawn(move || *slot = train_intents(set, lang));
            }
            scope.spawn(|| detector = Detector::train(&samples(set)));
        });
        let [pl, en, de] = intents;
        Ok(Nlu {
            key: set.key(),
            intents: [pl?, en?, de?],
            detector: detector?,
        })
    }

    /// The probabilities of the languages for a text; uniform if nothing in it can be read.
    pub fn detect(&self, text: &str) -> LanguageScores {
        self.detect_views(&Views::of(text))
    }

    /// What a text means, if it is in `lang`.
    pub fn classify(&self, text: &str, lang: Lang) -> Classification {
        self.classify_views(&Views::of(text), lang)
    }

    /// Detects the language and classifies in each one that can win against a conversation's
    /// language: normally one.
    pub fn understand(&self, text: &str) -> Understanding {
        let views = Views::of(text);
        let scores = self.detect_views(&views);
        let best = scores.best();
        let others = scores.candidates().filter(|lang| *lang != best);
        Understanding {
            scores,
            first: (best, self.classify_views(&views, best)),
            others: others.map(|lang| (lang, self.classify_views(&views, lang))).collect(),
        }
    }

    /// Bytes the models hold on the heap.
    pub fn bytes(&self) -> usize {
        let intents = self.intents.iter().flatten().map(IntentModel::bytes);
        intents.sum::<usize>() + self.detector.as_ref().map_or(0, Detector::bytes)
    }

    fn detect_views(&self, views: &Views) -> LanguageScores {
        match &self.detector {
            Some(detector) => detector.detect(views),
            None => self.only_language(),
        }
    }

    fn classify_views(&self, views: &Views, lang: Lang) -> Classification {
        match &self.intents[lang as usize] {
            Some(model) => model.classify(views),
            None => Classification::nothing(),
        }
    }

    /// Without a detector there is one language with phrases.
    fn only_language(&self) -> LanguageScores {
        let has = |lang: Lang| f32::from(u8::from(self.intents[lang as usize].is_some()));
        LanguageScores {
            pl: has(Lang::Pl),
            en: has(Lang::En),
            de: has(Lang::De),
        }
    }

    /// The cache: magic, format, key, models, checksum; little-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.raw(MAGIC);
        out.u32(FORMAT);
        out.raw(&self.key);
        for model in &self.intents {
            out.u8(u8::from(model.is_some()));
            if let Some(model) = model {
                model.encode(&mut out);
            }
        }
        out.u8(u8::from(self.detector.is_some()));
        if let Some(detector) = &self.detector {
            detector.encode(&mut out);
        }
        let sum = checksum(out.bytes());
        out.u64(sum);
        out.into_bytes()
    }

    /// Reads a cache written by [`Nlu::encode`] for the training set with this `key`.
    ///
    /// Errors: another format, another key, damage of any kind. The file is ours; the checks are
    /// against accidents, but no byte sequence makes it panic or allocate more than its own length.
    pub fn decode(bytes: &[u8], key: &[u8; 32]) -> Result<Nlu, NluError> {
        let mut input = Reader::new(bytes);
        let format = NluError::WrongFormat(FORMAT);
        if input.raw(MAGIC.len()).map_err(|_| format.clone())? != MAGIC {
            return Err(format);
        }
        if input.u32()? != FORMAT {
            return Err(format);
        }
        if input.raw(key.len())? != key {
            return Err(NluError::WrongKey);
        }
        let (body, sum) = bytes
            .split_last_chunk::<8>()
            .ok_or(NluError::Damaged("it ends too early"))?;
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(NluError::Damaged("its checksum"));
        }
        let mut intents = [None, None, None];
        for (lang, slot) in Lang::ALL.into_iter().zip(&mut intents) {
            if input.u8()? != 0 {
                *slot = Some(IntentModel::decode(lang, &mut input)?);
            }
        }
        let detector = match input.u8()? {
            0 => None,
            _ => Some(Detector::decode(&mut input)?),
        };
        if input.u64()? != u64::from_le_bytes(*sum) || !input.is_empty() {
            return Err(NluError::Damaged("its end"));
        }
        Ok(Nlu {
            key: *key,
            intents,
            detector,
        })
    }
}

fn train_intents(set: &TrainingSet, lang: Lang) -> Result<Option<IntentModel>, NluError> {
    let rows: Vec<(&str, &str)> = set
        .phrases
        .iter()
        .filter(|phrase| phrase.lang == lang)
        .map(|phrase| (phrase.text.as_str(), phrase.intent.as_str()))
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    IntentModel::train(lang, &rows, &Tuning::default()).map(Some)
}

fn samples(set: &TrainingSet) -> Vec<Sample<'_>> {
    let phrases = set.phrases.iter().map(|phrase| Sample {
        lang: phrase.lang,
        text: &phrase.text,
        doubtful: phrase.intent == OUT_OF_SCOPE,
    });
    let texts = set.texts.iter().map(|(lang, text)| Sample {
        lang: *lang,
        text,
        doubtful: false,
    });
    phrases.chain(texts).collect()
}
