//! Language detection: a linear model over the characters of words, trained from the pack's own
//! phrases and texts.
//!
//! A single word is weak evidence, a sentence strong: scores are sharpened with the number of
//! letters, so [`LanguageScores::choose`] needs no look at the text.

use super::codec::{Reader, Writer};
use super::features::{Shape, Vocabulary};
use super::linear::{Linear, softmax};
use super::solver::{self, Example, Plan};
use super::text::Views;
use super::{Lang, NluError};

/// Words, characters 1 to 4 inside word borders.
const SHAPE: Shape = Shape {
    words: true,
    reach: 0,
    stem: 0,
    ordered: true,
    chars_min: 1,
    chars_max: 4,
};

const PLAN: Plan = Plan {
    strength: 10.0,
    bias: 0.0,
    passes: 8,
    tolerance: 0.05,
};

/// Texts are learnt in pieces of so many words, about as long as a message.
const PIECE_WORDS: usize = 8;

/// Grams seen in fewer pieces are left out.
const MIN_VIEWS: u32 = 2;

/// Another language takes over a conversation from this probability on.
const SWITCH_FROM: f32 = 0.85;

/// Probabilities of the languages; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LanguageScores {
    /// Polish.
    pub pl: f32,
    /// English.
    pub en: f32,
    /// German.
    pub de: f32,
}

impl LanguageScores {
    /// Nothing known.
    pub const UNIFORM: LanguageScores = LanguageScores {
        pl: 1.0 / 3.0,
        en: 1.0 / 3.0,
        de: 1.0 / 3.0,
    };

    /// The probability of one language.
    pub fn of(&self, lang: Lang) -> f32 {
        match lang {
            Lang::Pl => self.pl,
            Lang::En => self.en,
            Lang::De => self.de,
        }
    }

    /// The most probable language; of equal ones the first in [`Lang::ALL`].
    pub fn best(&self) -> Lang {
        let better = |best: Lang, lang| if self.of(lang) > self.of(best) { lang } else { best };
        Lang::ALL.into_iter().fold(Lang::Pl, better)
    }

    /// The language to answer in, if the conversation so far was in `prior`: that one, unless
    /// another is clear.
    pub fn choose(&self, prior: Option<Lang>) -> Lang {
        let best = self.best();
        match prior {
            Some(prior) if self.of(best) < SWITCH_FROM => prior,
            _ => best,
        }
    }

    /// The languages that [`LanguageScores::choose`] can return, the best first.
    pub fn candidates(&self) -> impl Iterator<Item = Lang> + '_ {
        let best = self.best();
        let may = move |lang: &Lang| *lang != best && self.choose(Some(*lang)) == *lang;
        std::iter::once(best).chain(Lang::ALL.into_iter().filter(may))
    }
}

/// A text to learn a language from.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Its language.
    pub lang: Lang,
    /// The text.
    pub text: &'a str,
    /// Whether words of other languages may be in it (phrases of `out_of_scope`): such a piece is
    /// learnt only if the model from all others agrees.
    pub doubtful: bool,
}

/// The trained detector.
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    vocabulary: Vocabulary,
    linear: Linear,
    /// Languages that had samples, by class.
    langs: Vec<Lang>,
}

impl Detector {
    /// Trains on `samples`; `None` if they are of fewer than two languages.
    pub fn train(samples: &[Sample<'_>]) -> Result<Option<Detector>, NluError> {
        let sure = samples.iter().filter(|sample| !sample.doubtful);
        let mut pieces: Vec<(Lang, Vec<char>)> = Vec::new();
        sure.for_each(|sample| cut(sample, &mut pieces));
        let Some(first) = Detector::learn(&pieces)? else {
            return Ok(None);
        };
        let before = pieces.len();
        for sample in samples.iter().filter(|sample| sample.doubtful) {
            if first.detect(&Views::of(sample.text)).best() == sample.lang {
                cut(sample, &mut pieces);
            }
        }
        if pieces.len() == before {
            return Ok(Some(first));
        }
        Detector::learn(&pieces)
    }

    fn learn(pieces: &[(Lang, Vec<char>)]) -> Result<Option<Detector>, NluError> {
        let has = |lang: &Lang| pieces.iter().any(|(other, _)| other == lang);
        let langs: Vec<Lang> = Lang::ALL.into_iter().filter(has).collect();
        if langs.len() < 2 {
            return Ok(None);
        }
        let views = pieces.iter().map(|(_, view)| view.as_slice());
        let vocabulary = Vocabulary::learn(views, SHAPE, MIN_VIEWS)?;
        let example = |(lang, view): &(Lang, Vec<char>)| Example {
            vector: vocabulary.vector(view, 1.0),
            class: langs.iter().position(|l| l == lang).unwrap_or(0),
            weight: 1.0,
        };
        let examples: Vec<Example> = pieces.iter().map(example).collect();
        let linear = solver::train(&examples, vocabulary.rows(), langs.len(), PLAN);
        Ok(Some(Detector {
            vocabulary,
            linear,
            langs,
        }))
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.vocabulary.bytes() + self.linear.bytes()
    }

    /// The probabilities for a text; uniform if nothing in it is known.
    pub fn detect(&self, views: &Views) -> LanguageScores {
        let text = self.vocabulary.vector(&views.lower, 1.0);
        if text.items.is_empty() {
            return LanguageScores::UNIFORM;
        }
        let mut probabilities = self.linear.scores(&text);
        softmax(&mut probabilities, sharpness(views.lower.len()));
        let mut scores = LanguageScores {
            pl: 0.0,
            en: 0.0,
            de: 0.0,
        };
        for (lang, probability) in self.langs.iter().zip(probabilities) {
            match lang {
                Lang::Pl => scores.pl = probability,
                Lang::En => scores.en = probability,
                Lang::De => scores.de = probability,
            }
        }
        scores
    }

    /// Writes the detector.
    pub fn encode(&self, out: &mut Writer) {
        let mask = self.langs.iter().fold(0u8, |mask, lang| mask | 1 << *lang as u8);
        out.u8(mask);
        self.vocabulary.encode(out);
        self.linear.encode(out);
    }

    /// Reads what [`Detector::encode`] wrote. Errors: damaged bytes.
    pub fn decode(input: &mut Reader<'_>) -> Result<Detector, NluError> {
        let mask = input.u8()?;
        let in_mask = |lang: &Lang| mask & 1 << *lang as u8 != 0;
        let langs: Vec<Lang> = Lang::ALL.into_iter().filter(in_mask).collect();
        let vocabulary = Vocabulary::decode(input)?;
        let linear = Linear::decode(input)?;
        if linear.classes() != langs.len() || linear.rows() != vocabulary.rows() {
            return Err(NluError::Damaged("sizes that do not match"));
        }
        Ok(Detector {
            vocabulary,
            linear,
            langs,
        })
    }
}

/// How far the scores of a text with so many characters are to be trusted.
fn sharpness(chars: usize) -> f32 {
    (chars as f32 / 20.0).clamp(0.4, 2.0)
}

/// Cuts a sample into pieces of [`PIECE_WORDS`], each with its diacritics and, if it has any, also
/// without, because visitors leave them out.
fn cut(sample: &Sample<'_>, pieces: &mut Vec<(Lang, Vec<char>)>) {
    let mut rest = sample.text;
    while !rest.is_empty() {
        let end = rest
            .split_ascii_whitespace()
            .nth(PIECE_WORDS)
            .map_or(rest.len(), |word| word.as_ptr() as usize - rest.as_ptr() as usize);
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        let views = Views::of(piece);
        if views.lower.is_empty() {
            continue;
        }
        if views.folded != views.lower {
            pieces.push((sample.lang, views.folded));
        }
        pieces.push((sample.lang, views.lower));
    }
}
