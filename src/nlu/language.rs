//! Language detection: a linear model over the characters of words, trained from the pack's own
//! phrases and texts.
//!
//! A single word is weak evidence, a sentence strong: scores are sharpened with the number of
//! letters, so [`LanguageScores::choose`] needs no look at the text.

use super::codec::{Reader, Writer};
use super::features::{Shape, Shares, Vocabulary};
use super::linear::{Linear, softmax};
use super::solver::{self, Example, Plan};
use super::text::Views;
use super::{Lang, NluError};

/// Characters 1 to 4 inside word borders. Whole words on top told no better.
const SHAPE: Shape = Shape {
    words: false,
    stem: 0,
    chars_min: 1,
    chars_max: 4,
};

/// There are only characters.
const SHARES: Shares = [0.0, 0.0, 1.0];

const PLAN: Plan = Plan {
    strength: 10.0,
    bias: 0.0,
    passes: 8,
    tolerance: 0.05,
};

/// Texts are learnt in pieces of so many words, about as long as a message.
const PIECE_WORDS: usize = 8;

/// So many pieces of a language are enough; of more, evenly spread ones are taken.
const MAX_PIECES: usize = 12_000;

/// Passes of the first model, which only judges doubtful samples.
const FIRST_PASSES: usize = 2;

/// Grams seen in fewer pieces are left out.
const MIN_VIEWS: u32 = 3;

/// How many times more probable than the conversation's language another one must be to take over.
const SWITCH_ODDS: f32 = 8.0;

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
        let better = |best: Lang, lang| {
            if self.of(lang) > self.of(best) {
                lang
            } else {
                best
            }
        };
        Lang::ALL.into_iter().fold(Lang::Pl, better)
    }

    /// The language to answer in, if the conversation so far was in `prior`: that one, unless
    /// another is clearly more probable.
    pub fn choose(&self, prior: Option<Lang>) -> Lang {
        let best = self.best();
        match prior {
            Some(prior) if self.of(best) <= SWITCH_ODDS * self.of(prior) => prior,
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
        let mut pieces: Vec<Piece> = Vec::new();
        sure.for_each(|sample| cut(sample, &mut pieces));
        let mut pieces = thin_out(pieces, MAX_PIECES);
        let quick = Plan {
            passes: FIRST_PASSES,
            ..PLAN
        };
        let Some(first) = Detector::learn(&pieces, quick)? else {
            return Ok(None);
        };
        for sample in samples.iter().filter(|sample| sample.doubtful) {
            if first.detect(&Views::of(sample.text)).best() == sample.lang {
                cut(sample, &mut pieces);
            }
        }
        Detector::learn(&pieces, PLAN)
    }

    fn learn(pieces: &[Piece], plan: Plan) -> Result<Option<Detector>, NluError> {
        let has = |lang: &Lang| pieces.iter().any(|(other, _)| other == lang);
        let langs: Vec<Lang> = Lang::ALL.into_iter().filter(has).collect();
        if langs.len() < 2 {
            return Ok(None);
        }
        let views = pieces.iter().map(|(_, view)| view.as_slice());
        let vocabulary = Vocabulary::learn(views, SHAPE, MIN_VIEWS)?;
        let example = |(lang, view): &Piece| Example {
            vector: vocabulary.vector(view, SHARES),
            class: langs.iter().position(|l| l == lang).unwrap_or(0),
            weight: 1.0,
        };
        let examples: Vec<Example> = pieces.iter().map(example).collect();
        let linear = solver::train(&examples, vocabulary.rows(), langs.len(), plan);
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
        let text = self.vocabulary.vector(&views.lower, SHARES);
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
        let mask = self
            .langs
            .iter()
            .fold(0u8, |mask, lang| mask | 1 << *lang as u8);
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

/// How many natural logarithms of odds a margin is worth in a text of so many characters.
fn sharpness(chars: usize) -> f32 {
    (chars as f32 / 7.0).clamp(1.2, 6.0)
}

/// A view and the language it is in.
type Piece = (Lang, Vec<char>);

/// Keeps at most `most` pieces of each language, evenly spread.
fn thin_out(pieces: Vec<Piece>, most: usize) -> Vec<Piece> {
    let mut counts = [0usize; 3];
    for (lang, _) in &pieces {
        counts[*lang as usize] += 1;
    }
    let mut seen = [0usize; 3];
    let keep = |(lang, _): &Piece| {
        let (all, at) = (counts[*lang as usize], &mut seen[*lang as usize]);
        *at += 1;
        all <= most || *at * most / all != (*at - 1) * most / all
    };
    let mut pieces = pieces;
    pieces.retain(keep);
    pieces
}

/// Cuts a sample into pieces of [`PIECE_WORDS`], each with its diacritics and, if it has any, also
/// without, because visitors leave them out.
fn cut(sample: &Sample<'_>, pieces: &mut Vec<Piece>) {
    let mut rest = sample.text;
    while !rest.is_empty() {
        let end = rest
            .split_ascii_whitespace()
            .nth(PIECE_WORDS)
            .map_or(rest.len(), |word| {
                word.as_ptr() as usize - rest.as_ptr() as usize
            });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::{OUT_OF_SCOPE, samples};

    fn scores(pl: f32, en: f32, de: f32) -> LanguageScores {
        LanguageScores { pl, en, de }
    }

    fn detector() -> Detector {
        let set = samples::set();
        let phrases = set.phrases.iter().map(|p| Sample {
            lang: p.lang,
            text: &p.text,
            doubtful: p.intent == OUT_OF_SCOPE,
        });
        let texts = set.texts.iter().map(|(lang, text)| Sample {
            lang: *lang,
            text,
            doubtful: false,
        });
        let all: Vec<_> = phrases.chain(texts).collect();
        Detector::train(&all).unwrap().unwrap()
    }

    #[test]
    fn sentences_are_recognised_with_and_without_diacritics() {
        let detector = detector();
        for (text, lang) in [
            ("Ile kosztuje wykończenie?", Lang::Pl),
            ("jak dlugo to trwa", Lang::Pl),
            ("how much does it cost", Lang::En),
            ("is there a warranty", Lang::En),
            ("Wie lange dauert die Arbeit", Lang::De),
            ("was kosten die Wohnungen", Lang::De),
        ] {
            assert_eq!(detector.detect(&Views::of(text)).best(), lang, "{text}");
        }
    }

    #[test]
    fn scores_are_a_distribution_for_any_text() {
        let detector = detector();
        for text in samples::hostile() {
            let found = detector.detect(&Views::of(&text));
            let sum = found.pl + found.en + found.de;
            assert!((sum - 1.0).abs() < 1e-4, "{:?}", text.get(..20));
        }
        assert_eq!(detector.detect(&Views::default()), LanguageScores::UNIFORM);
    }

    #[test]
    fn samples_of_one_language_make_no_detector() {
        let sample = |lang, text| Sample {
            lang,
            text,
            doubtful: false,
        };
        assert_eq!(Detector::train(&[]), Ok(None));
        assert_eq!(
            Detector::train(&[sample(Lang::Pl, "dom"), sample(Lang::Pl, "las")]),
            Ok(None)
        );
        assert_eq!(
            Detector::train(&[sample(Lang::Pl, "dom"), sample(Lang::De, "?")]),
            Ok(None)
        );
    }

    #[test]
    fn the_language_of_the_conversation_stays_unless_another_is_clear() {
        let odd = scores(0.2, 0.7, 0.1);
        assert_eq!(odd.choose(None), Lang::En);
        assert_eq!(odd.choose(Some(Lang::Pl)), Lang::Pl);
        let clear = scores(0.02, 0.97, 0.01);
        assert_eq!(clear.choose(Some(Lang::Pl)), Lang::En);
        for lang in Lang::ALL {
            assert_eq!(LanguageScores::UNIFORM.choose(Some(lang)), lang);
        }
    }

    #[test]
    fn candidates_are_what_some_prior_may_choose() {
        let list = |scores: LanguageScores| scores.candidates().collect::<Vec<_>>();
        assert_eq!(list(scores(0.98, 0.01, 0.01)), [Lang::Pl]);
        assert_eq!(list(scores(0.2, 0.75, 0.05)), [Lang::En, Lang::Pl]);
        assert_eq!(list(LanguageScores::UNIFORM), Lang::ALL);
    }

    #[test]
    fn of_many_pieces_evenly_spread_ones_are_kept() {
        let piece = |lang, n: u32| (lang, char::from_digit(n % 10, 10).into_iter().collect());
        let mut pieces: Vec<Piece> = (0..100).map(|n| piece(Lang::Pl, n)).collect();
        pieces.push(piece(Lang::De, 1));
        let kept = thin_out(pieces.clone(), 10);
        assert_eq!(kept.iter().filter(|p| p.0 == Lang::Pl).count(), 10);
        assert!(kept.iter().all(|p| p.0 == Lang::De || p.1 == ['9']));
        assert_eq!(kept.len(), 11);
        assert_eq!(thin_out(pieces.clone(), 100), pieces);
    }

    #[test]
    fn texts_are_cut_into_pieces_with_and_without_diacritics() {
        let text = "raz dwa trzy cztery pięć sześć siedem osiem  dziewięć ten";
        let sample = Sample {
            lang: Lang::Pl,
            text,
            doubtful: false,
        };
        let mut pieces = Vec::new();
        cut(&sample, &mut pieces);
        let texts: Vec<String> = pieces
            .iter()
            .map(|(_, view)| view.iter().collect())
            .collect();
        assert_eq!(texts[0], " raz dwa trzy cztery piec szesc siedem osiem ");
        assert_eq!(texts[1], " raz dwa trzy cztery pięć sześć siedem osiem ");
        assert_eq!(texts[2..], [" dziewiec ten ", " dziewięć ten "]);
    }
}
