//! [`Nlu`]: the models of all languages, their training set and the cache format.

use super::codec::{Reader, Writer, checksum};
use super::intents::{Classification, IntentModel, Tuning};
use super::language::{Detector, LanguageScores, Sample};
use super::text::Views;
use super::{Lang, NluError, OUT_OF_SCOPE};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Raised with every change of the code that makes a model trained before give other results
/// ([`Tuning`] counts by itself).
const ALGORITHM: u32 = 4;

/// Raised with every change of the cache's layout.
const FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = b"NovaNLU\n";

/// A training phrase; in JSON `[language, intent, text]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(Lang, String, String)", into = "(Lang, String, String)")]
pub struct Phrase {
    /// The language it is in.
    pub lang: Lang,
    /// What it means.
    pub intent: String,
    /// As a visitor may write it.
    pub text: String,
}

impl From<(Lang, String, String)> for Phrase {
    fn from((lang, intent, text): (Lang, String, String)) -> Self {
        Self { lang, intent, text }
    }
}

impl From<Phrase> for (Lang, String, String) {
    fn from(phrase: Phrase) -> Self {
        (phrase.lang, phrase.intent, phrase.text)
    }
}

/// Everything the models learn from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrainingSet {
    /// For intents and language.
    pub phrases: Vec<Phrase>,
    /// Other texts of the pack, for language only.
    pub texts: Vec<(Lang, String)>,
}

/// SHA-256 over the content of a [`TrainingSet`] and its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TrainingDigest([u8; 32]);

impl TrainingDigest {
    /// The key of the cache: SHA-256 over the digest, the version and the settings of the algorithm.
    pub fn key(&self) -> [u8; 32] {
        let algorithm = format!("nlu {ALGORITHM} {:?}", Tuning::default());
        Sha256::new()
            .chain_update(self.0)
            .chain_update(algorithm)
            .finalize()
            .into()
    }
}

impl TrainingSet {
    /// [`TrainingDigest::key`] of its digest.
    pub fn key(&self) -> [u8; 32] {
        self.digest().key()
    }

    /// Tells this set from any other.
    pub fn digest(&self) -> TrainingDigest {
        let mut hash = Sha256::new();
        hash.update((self.phrases.len() as u64).to_le_bytes());
        let mut put = |part: &str| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        for phrase in &self.phrases {
            [phrase.lang.code(), &phrase.intent, &phrase.text]
                .into_iter()
                .for_each(&mut put);
        }
        for (lang, text) in &self.texts {
            [lang.code(), text].into_iter().for_each(&mut put);
        }
        TrainingDigest(hash.finalize().into())
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

    /// [`TrainingSet::key`] of what it was trained from.
    pub fn key(&self) -> [u8; 32] {
        self.key
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
            others: others
                .map(|lang| (lang, self.classify_views(&views, lang)))
                .collect(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::samples;

    #[test]
    fn a_question_is_understood_in_its_language() {
        let nlu = Nlu::train(&samples::set()).unwrap();
        for (text, lang, intent) in [
            ("Ile kosztuje wykończenie?", Lang::Pl, "price"),
            ("how long does it all take", Lang::En, "duration"),
            ("Gibt es eine Garantie auf alles?", Lang::De, "warranty"),
        ] {
            let understood = nlu.understand(text);
            let (found, classification) = understood.pick(None);
            assert_eq!((found, &*classification.intent), (lang, intent), "{text}");
            assert_eq!(*classification, nlu.classify(text, lang));
            assert_eq!(understood.scores, nlu.detect(text));
        }
    }

    #[test]
    fn picking_with_any_prior_gives_that_languages_classification() {
        let nlu = Nlu::train(&samples::set()).unwrap();
        for text in [
            "ok",
            "smart home",
            "garantie",
            "ile",
            "",
            "what does it cost",
        ] {
            let understood = nlu.understand(text);
            for prior in Lang::ALL.map(Some).into_iter().chain([None]) {
                let (lang, classification) = understood.pick(prior);
                assert_eq!(lang, understood.scores.choose(prior), "{text}");
                assert_eq!(*classification, nlu.classify(text, lang), "{text}");
            }
        }
    }

    #[test]
    fn hostile_texts_give_probabilities_and_no_panic() {
        let nlu = Nlu::train(&samples::set()).unwrap();
        for text in samples::hostile() {
            let understood = nlu.understand(&text);
            let (_, found) = understood.pick(None);
            assert!(
                (0.0..=1.0001).contains(&found.confidence),
                "{:?}",
                text.get(..20)
            );
        }
    }

    #[test]
    fn unreadable_messages_are_out_of_scope_in_no_language() {
        let nlu = Nlu::train(&samples::set()).unwrap();
        let understood = nlu.understand("\u{200b} … \u{7}");
        assert_eq!(understood.scores, LanguageScores::UNIFORM);
        assert_eq!(
            understood.pick(Some(Lang::De)),
            (Lang::De, &Classification::nothing())
        );
    }

    #[test]
    fn training_is_repeatable_and_survives_the_cache() {
        let set = samples::set();
        let nlu = Nlu::train(&set).unwrap();
        let bytes = nlu.encode();
        assert_eq!(bytes, Nlu::train(&set).unwrap().encode());
        assert_eq!(Nlu::decode(&bytes, &set.key()), Ok(nlu));
    }

    #[test]
    fn a_cache_of_other_content_or_format_is_refused() {
        let set = samples::set();
        let bytes = Nlu::train(&set).unwrap().encode();
        assert_eq!(Nlu::decode(&bytes, &[0; 32]), Err(NluError::WrongKey));
        let mut other = bytes.clone();
        other[8] ^= 0xff;
        assert_eq!(
            Nlu::decode(&other, &set.key()),
            Err(NluError::WrongFormat(FORMAT))
        );
        assert_eq!(
            Nlu::decode(b"", &set.key()),
            Err(NluError::WrongFormat(FORMAT))
        );
        assert_eq!(
            Nlu::decode(b"something else", &set.key()),
            Err(NluError::WrongFormat(FORMAT))
        );
    }

    #[test]
    fn a_damaged_cache_is_an_error_and_never_a_panic() {
        let set = samples::set();
        let key = set.key();
        let bytes = Nlu::train(&set).unwrap().encode();
        for end in (0..200).chain((200..bytes.len()).step_by(997)) {
            assert!(Nlu::decode(&bytes[..end], &key).is_err(), "cut at {end}");
        }
        for at in (44..400).chain((400..bytes.len()).step_by(991)) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            assert!(Nlu::decode(&damaged, &key).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn damage_that_keeps_the_checksum_does_not_panic_either() {
        let set = samples::set();
        let key = set.key();
        let bytes = Nlu::train(&set).unwrap().encode();
        let body = bytes.len() - 8;
        let mut random = 7u64;
        for _ in 0..400 {
            let mut damaged = bytes.clone();
            for _ in 0..3 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let within = if random & 1 == 0 { body - 44 } else { 300 };
                damaged[44 + (random >> 33) as usize % within] = (random >> 8) as u8;
            }
            let sum = checksum(&damaged[..body]).to_le_bytes();
            damaged[body..].copy_from_slice(&sum);
            if let Ok(nlu) = Nlu::decode(&damaged, &key) {
                for text in ["ile kosztuje", "wie lange", "", "👋"] {
                    nlu.understand(text).pick(Some(Lang::En));
                }
            }
        }
    }

    #[test]
    fn the_key_follows_the_content() {
        let set = samples::set();
        let mut longer = set.clone();
        longer.texts.push((Lang::Pl, String::new()));
        let mut moved = set.clone();
        let second = moved.phrases[1].text.clone();
        moved.phrases[0].text.push_str(&second);
        let mut other = set.clone();
        other.phrases[0].lang = Lang::De;
        let keys = [set.key(), longer.key(), moved.key(), other.key()];
        assert_eq!(set.key(), samples::set().key());
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key));
        }
    }

    #[test]
    fn one_language_needs_no_detector_and_others_are_out_of_scope() {
        let mut set = samples::set();
        set.phrases.retain(|phrase| phrase.lang == Lang::De);
        set.texts.clear();
        let nlu = Nlu::train(&set).unwrap();
        assert_eq!(nlu.understand("was kostet das").pick(None).0, Lang::De);
        assert!((nlu.detect("anything").de - 1.0).abs() < f32::EPSILON);
        assert_eq!(nlu.classify("cena", Lang::Pl), Classification::nothing());
        assert_eq!(Nlu::decode(&nlu.encode(), &set.key()), Ok(nlu));
    }

    #[test]
    fn nothing_to_learn_from_is_an_error() {
        assert_eq!(
            Nlu::train(&TrainingSet::default()),
            Err(NluError::NoPhrases)
        );
        let mut set = samples::set();
        set.phrases
            .retain(|p| p.lang != Lang::En || p.intent == "price");
        assert_eq!(Nlu::train(&set), Err(NluError::OneIntent(Lang::En)));
    }

    #[test]
    fn models_are_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Nlu>();
    }
}
