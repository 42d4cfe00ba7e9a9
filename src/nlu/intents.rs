//! One language's intents: training from phrases, classification, confidence, zones.

use super::codec::{Reader, Writer};
use super::features::{Shape, Shares, Vocabulary};
use super::linear::Linear;
use super::solver::{self, Example, Plan};
use super::text::{Views, join_umlauts};
use super::{Lang, NluError, OUT_OF_SCOPE};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Words and pairs of their beginnings, characters 2 to 4 inside word borders.
const SHAPE: Shape = Shape {
    words: true,
    stem: 5,
    chars_min: 2,
    chars_max: 4,
};

/// Settings of the training, chosen by cross-validation (ARCHITECTURE.md has the figures).
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Grams in fewer phrases are left out.
    pub min_views: u32,
    /// Lengths of the blocks of words, pairs and characters.
    pub shares: Shares,
    /// Of the training.
    pub plan: Plan,
    /// Weight of an `out_of_scope` example against another.
    pub oos_weight: f32,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            min_views: 1,
            shares: [0.5, 0.5, 1.0],
            plan: Plan {
                strength: 1.0,
                bias: 1.0,
                passes: 12,
                tolerance: 0.02,
            },
            oos_weight: 1.0,
        }
    }
}

/// How much of the `out_of_scope` margin counts against an intent's margin.
const OOS_PULL: f32 = 0.5;
/// The `out_of_scope` margin of a model that was shown none.
const OOS_UNSEEN: f32 = -1.0;
/// Natural logarithm of the odds that an intent is right, per unit of its margin less the pull: a little under what
/// was fitted (2.85, with −0.20 at 0) to margins of built-in phrases that were not trained on.
const SLOPE: f32 = 2.6;

/// Most intents a pack may have.
const MAX_INTENTS: usize = 1_000;

/// From this confidence on the bot answers. Of built-in phrases that were not trained on, 95 % of the in-scope ones reach
/// it, nine in ten of them with the right intent first, and 17 % of the out-of-scope ones.
pub const ANSWER_FROM: f32 = 0.5;
/// From this confidence on it asks "did you mean": nearly all other in-scope ones; 45 % of the out-of-scope
/// ones stay below.
pub const ASK_FROM: f32 = 0.2;
/// A winner this close to the next intent is asked about too.
pub const CLEAR_MARGIN: f32 = 0.1;
/// Offered alternatives at most.
const ALTERNATIVES: usize = 3;

/// What a message means.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The most probable intent; may be [`OUT_OF_SCOPE`].
    pub intent: Arc<str>,
    /// Probability that `intent` is right, 0 to 1. Each intent is judged by itself, so those of a text need not add
    /// up to 1; that of `out_of_scope` is what the best intent leaves.
    pub confidence: f32,
    /// The next ones, best first, at most 3; `out_of_scope` may be among them.
    pub alternatives: Vec<Alternative>,
}

/// A less probable intent.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Its id.
    pub intent: Arc<str>,
    /// Its probability, 0 to 1.
    pub confidence: f32,
}

impl Classification {
    /// Certainly nothing for the bot: an empty or unreadable message.
    pub fn nothing() -> Classification {
        Classification {
            intent: Arc::from(OUT_OF_SCOPE),
            confidence: 1.0,
            alternatives: Vec::new(),
        }
    }

    /// The most probable intent besides [`OUT_OF_SCOPE`], with its confidence; `None` for an unreadable message.
    pub fn best_in_scope(&self) -> Option<(&Arc<str>, f32)> {
        let first = std::iter::once((&self.intent, self.confidence));
        let others = self.alternatives.iter().map(|a| (&a.intent, a.confidence));
        first
            .chain(others)
            .find(|(intent, _)| &***intent != OUT_OF_SCOPE)
    }
}

/// What the bot does with a classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Answer the intent.
    Answer,
    /// Offer the intent and its alternatives as buttons.
    DidYouMean,
    /// Say that the question was not understood.
    Fallback,
}

/// Chooses what to do (constants above).
pub fn zone(found: &Classification) -> Zone {
    let mut others = found
        .alternatives
        .iter()
        .filter(|a| &*a.intent != OUT_OF_SCOPE);
    let next = others.next().map_or(0.0, |a| a.confidence);
    if &*found.intent == OUT_OF_SCOPE {
        return if next >= ASK_FROM {
            Zone::DidYouMean
        } else {
            Zone::Fallback
        };
    }
    if found.confidence >= ANSWER_FROM && found.confidence - next >= CLEAR_MARGIN {
        Zone::Answer
    } else if found.confidence >= ASK_FROM {
        Zone::DidYouMean
    } else {
        Zone::Fallback
    }
}

/// The intents of one language.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentModel {
    lang: Lang,
    vocabulary: Vocabulary,
    linear: Linear,
    /// Ids by class, ascending.
    intents: Vec<Arc<str>>,
    shares: Shares,
}

impl IntentModel {
    /// Trains on (text, intent) pairs; pairs without a readable text are left out.
    ///
    /// Errors: nothing to learn from, only one intent, or too many of anything.
    pub fn train(lang: Lang, rows: &[(&str, &str)], tuning: &Tuning) -> Result<Self, NluError> {
        let views: Vec<(Vec<char>, &str)> = rows
            .iter()
            .map(|(text, intent)| (reading(&Views::of(text), lang).into_owned(), *intent))
            .filter(|(view, _)| !view.is_empty())
            .collect();
        let mut classes: BTreeMap<&str, usize> = views.iter().map(|(_, i)| (*i, 0)).collect();
        for (class, slot) in classes.values_mut().enumerate() {
            *slot = class;
        }
        match classes.len() {
            0 => return Err(NluError::NoPhrases),
            1 => return Err(NluError::OneIntent(lang)),
            2..=MAX_INTENTS => {}
            _ => return Err(NluError::TooLarge("intents")),
        }
        let texts = views.iter().map(|(view, _)| view.as_slice());
        let vocabulary = Vocabulary::learn(texts, SHAPE, tuning.min_views)?;
        let example = |(view, intent): &(Vec<char>, &str)| Example {
            vector: vocabulary.vector(view, tuning.shares),
            class: classes.get(intent).copied().unwrap_or(0),
            weight: if *intent == OUT_OF_SCOPE {
                tuning.oos_weight
            } else {
                1.0
            },
        };
        let examples: Vec<Example> = views.iter().map(example).collect();
        let linear = solver::train(&examples, vocabulary.rows(), classes.len(), tuning.plan);
        Ok(IntentModel {
            lang,
            vocabulary,
            linear,
            intents: classes.into_keys().map(Arc::from).collect(),
            shares: tuning.shares,
        })
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.vocabulary.bytes() + self.linear.bytes()
    }

    /// Classifies a message. A text without a single known gram is out of scope.
    pub fn classify(&self, views: &Views) -> Classification {
        let text = self
            .vocabulary
            .vector(&reading(views, self.lang), self.shares);
        if text.items.is_empty() {
            return Classification::nothing();
        }
        let scores = self.confidences(self.linear.scores(&text));
        let mut best: Vec<usize> = (0..scores.len()).collect();
        let shown = ALTERNATIVES + 1;
        if best.len() > shown {
            best.select_nth_unstable_by(shown, |a, b| scores[*b].total_cmp(&scores[*a]));
            best.truncate(shown);
        }
        best.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        let mut ranked = best.into_iter().map(|class| Alternative {
            intent: Arc::clone(&self.intents[class]),
            confidence: scores[class],
        });
        match ranked.next() {
            Some(first) => Classification {
                intent: first.intent,
                confidence: first.confidence,
                alternatives: ranked.collect(),
            },
            None => Classification::nothing(),
        }
    }

    /// Turns margins into confidences ([`Classification::confidence`]).
    ///
    /// How near a text is to the nearest intent says more about being in scope than how clearly that intent leads the
    /// next: two close intents are both in scope. So intents do not compete with each other here, only with
    /// `out_of_scope`.
    fn confidences(&self, mut scores: Vec<f32>) -> Vec<f32> {
        let oos = self.intents.iter().position(|id| &**id == OUT_OF_SCOPE);
        let against = OOS_PULL * oos.map_or(OOS_UNSEEN, |class| scores[class]);
        let mut best = 0.0f32;
        for (class, score) in scores.iter_mut().enumerate() {
            if Some(class) != oos {
                *score = logistic(SLOPE * (*score - against));
                best = best.max(*score);
            }
        }
        if let Some(class) = oos {
            scores[class] = 1.0 - best;
        }
        scores
    }

    /// Writes the model.
    pub fn encode(&self, out: &mut Writer) {
        out.u32(self.intents.len() as u32);
        self.intents.iter().for_each(|intent| out.str(intent));
        out.f32s(&self.shares);
        self.vocabulary.encode(out);
        self.linear.encode(out);
    }

    /// Reads what [`IntentModel::encode`] wrote. Errors: damaged bytes.
    pub fn decode(lang: Lang, input: &mut Reader<'_>) -> Result<IntentModel, NluError> {
        let count = input.u32()? as usize;
        if !(2..=MAX_INTENTS).contains(&count) {
            return Err(NluError::Damaged("number of intents"));
        }
        let intents = (0..count)
            .map(|_| input.str().map(Arc::from))
            .collect::<Result<Vec<Arc<str>>, NluError>>()?;
        let shares = Shares::try_from(input.f32s()?).map_err(|_| NluError::Damaged("settings"))?;
        let vocabulary = Vocabulary::decode(input)?;
        let linear = Linear::decode(input)?;
        if linear.classes() != count || linear.rows() != vocabulary.rows() {
            return Err(NluError::Damaged("sizes that do not match"));
        }
        Ok(IntentModel {
            lang,
            vocabulary,
            linear,
            intents,
            shares,
        })
    }
}

/// The standard logistic function.
fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The view intents are read from: the folded one; German with "ae", "oe", "ue" read as "ä", "ö",
/// "ü" (folded), because visitors write either.
fn reading(views: &Views, lang: Lang) -> Cow<'_, [char]> {
    match lang {
        Lang::De => Cow::Owned(join_umlauts(&views.folded)),
        Lang::Pl | Lang::En => Cow::Borrowed(&views.folded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::samples;

    fn model(lang: Lang) -> IntentModel {
        let set = samples::set();
        let own = set.phrases.iter().filter(|phrase| phrase.lang == lang);
        let rows: Vec<_> = own.map(|p| (p.text.as_str(), p.intent.as_str())).collect();
        IntentModel::train(lang, &rows, &Tuning::default()).unwrap()
    }

    fn found(intent: &str, confidence: f32, others: &[(&str, f32)]) -> Classification {
        Classification {
            intent: Arc::from(intent),
            confidence,
            alternatives: others
                .iter()
                .map(|(intent, confidence)| Alternative {
                    intent: Arc::from(*intent),
                    confidence: *confidence,
                })
                .collect(),
        }
    }

    #[test]
    fn wordings_near_the_phrases_are_understood_with_typos_and_without_diacritics() {
        let model = model(Lang::Pl);
        for (text, intent) in [
            ("Ile kosztuje metr?", "price"),
            ("jak dlugo to trwa", "duration"),
            ("JAKĄ DAJECIE GWARANCJĘ", "warranty"),
            ("gwarancje", "warranty"),
            ("ile kosztoje mert", "price"),
            ("jaka dziś pogoda", OUT_OF_SCOPE),
        ] {
            assert_eq!(&*model.classify(&Views::of(text)).intent, intent, "{text}");
        }
    }

    #[test]
    fn written_out_umlauts_mean_the_same() {
        let model = model(Lang::De);
        let of = |text: &str| model.classify(&Views::of(text));
        assert_eq!(of("Gewährleistung"), of("gewaehrleistung"));
    }

    #[test]
    fn the_alternatives_are_the_next_three_best_first() {
        let found = model(Lang::Pl).classify(&Views::of("ile lat trwa gwarancja"));
        assert_eq!(found.alternatives.len(), 3);
        let all = found.alternatives.iter().map(|a| a.confidence);
        let order: Vec<f32> = std::iter::once(found.confidence).chain(all).collect();
        assert!(order.is_sorted_by(|a, b| a >= b));
        let best = found.best_in_scope().unwrap().1;
        let oos = found
            .alternatives
            .iter()
            .find(|a| &*a.intent == OUT_OF_SCOPE);
        assert!((best + oos.unwrap().confidence - 1.0).abs() < 1e-6);
        assert!(found.alternatives.iter().all(|a| a.intent != found.intent));
    }

    #[test]
    fn what_has_no_known_gram_is_certainly_out_of_scope() {
        let model = model(Lang::Pl);
        for text in ["", "?!", "\u{200b}", "価格", "👋"] {
            assert_eq!(
                model.classify(&Views::of(text)),
                Classification::nothing(),
                "{text}"
            );
        }
    }

    #[test]
    fn training_needs_at_least_two_intents() {
        let train = |rows: &[(&str, &str)]| IntentModel::train(Lang::En, rows, &Tuning::default());
        assert_eq!(train(&[]), Err(NluError::NoPhrases));
        assert_eq!(train(&[("?", "a"), ("", "b")]), Err(NluError::NoPhrases));
        assert_eq!(
            train(&[("x", "a"), ("y", "a")]),
            Err(NluError::OneIntent(Lang::En))
        );
        let names: Vec<String> = (0..=MAX_INTENTS).map(|n| format!("i{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), n.as_str())).collect();
        assert_eq!(train(&many), Err(NluError::TooLarge("intents")));
    }

    #[test]
    fn a_sure_winner_is_answered() {
        assert_eq!(
            zone(&found("price", 0.9, &[("duration", 0.05)])),
            Zone::Answer
        );
        assert_eq!(zone(&found("price", ANSWER_FROM, &[])), Zone::Answer);
        assert_eq!(
            zone(&found("price", 0.6, &[(OUT_OF_SCOPE, 0.35)])),
            Zone::Answer
        );
    }

    #[test]
    fn a_close_second_or_a_middling_confidence_asks_back() {
        assert_eq!(
            zone(&found("price", 0.5, &[("duration", 0.46)])),
            Zone::DidYouMean
        );
        assert_eq!(zone(&found("price", ASK_FROM, &[])), Zone::DidYouMean);
        assert_eq!(
            zone(&found(OUT_OF_SCOPE, 0.5, &[("price", 0.4)])),
            Zone::DidYouMean
        );
    }

    #[test]
    fn the_rest_falls_back() {
        assert_eq!(
            zone(&found("price", 0.1, &[("duration", 0.1)])),
            Zone::Fallback
        );
        assert_eq!(
            zone(&found(OUT_OF_SCOPE, 0.9, &[("price", 0.05)])),
            Zone::Fallback
        );
        assert_eq!(zone(&Classification::nothing()), Zone::Fallback);
    }
}
