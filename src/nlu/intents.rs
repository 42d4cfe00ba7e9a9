//! One language's intents: training from phrases, classification, confidence, zones.

use super::codec::{Reader, Writer};
use super::features::{Shape, Vocabulary};
use super::linear::{Linear, softmax};
use super::solver::{self, Example, Plan};
use super::text::{Views, join_umlauts};
use super::{Lang, NluError, OUT_OF_SCOPE};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Words and pairs, characters 2 to 5 inside word borders.
const SHAPE: Shape = Shape {
    words: true,
    reach: 1,
    stem: 5,
    ordered: true,
    chars_min: 2,
    chars_max: 5,
};

/// Settings of training and confidence, chosen by cross-validation over the built-in phrases.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// x
    pub shape: Shape,
    /// Grams in fewer phrases are left out.
    pub min_views: u32,
    /// Length of the words' block against the characters' (1).
    pub word_share: f32,
    /// Of the training.
    pub plan: Plan,
    /// Weight of an `out_of_scope` example against another.
    pub oos_weight: f32,
    /// Scores are multiplied by this before the softmax.
    pub sharpness: f32,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            shape: SHAPE,
            min_views: 1,
            word_share: 0.5,
            plan: Plan {
                strength: 60.0,
                bias: 0.3,
                passes: 15,
                tolerance: 0.02,
            },
            oos_weight: 1.0,
            sharpness: 1.0,
        }
    }
}

/// Most intents a pack may have.
const MAX_INTENTS: usize = 1_000;

/// From this confidence on the bot answers.
const ANSWER_FROM: f32 = 0.5;
/// From this confidence on it asks "did you mean".
const ASK_FROM: f32 = 0.25;
/// A winner this close to the next intent is asked about too.
const CLEAR_MARGIN: f32 = 0.1;
/// Offered alternatives at most.
const ALTERNATIVES: usize = 3;

/// What a message means.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The most probable intent; may be [`OUT_OF_SCOPE`].
    pub intent: Arc<str>,
    /// Probability that `intent` is right, 0 to 1.
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
    let mut others = found.alternatives.iter().filter(|a| &*a.intent != OUT_OF_SCOPE);
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
    word_share: f32,
    sharpness: f32,
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
        let vocabulary = Vocabulary::learn(texts, tuning.shape, tuning.min_views)?;
        let example = |(view, intent): &(Vec<char>, &str)| Example {
            vector: vocabulary.vector(view, tuning.word_share),
            class: classes.get(intent).copied().unwrap_or(0),
            weight: if *intent == OUT_OF_SCOPE { tuning.oos_weight } else { 1.0 },
        };
        let examples: Vec<Example> = views.iter().map(example).collect();
        let linear = solver::train(&examples, vocabulary.rows(), classes.len(), tuning.plan);
        Ok(IntentModel {
            lang,
            vocabulary,
            linear,
            intents: classes.into_keys().map(Arc::from).collect(),
            word_share: tuning.word_share,
            sharpness: tuning.sharpness,
        })
    }

    /// Bytes held on the heap.
    pub fn bytes(&self) -> usize {
        self.vocabulary.bytes() + self.linear.bytes()
    }

    /// Classifies a folded view. A text without a single known gram is out of scope.
    pub fn classify(&self, views: &Views) -> Classification {
        let text = self.vocabulary.vector(&reading(views, self.lang), self.word_share);
        if text.items.is_empty() {
            return Classification::nothing();
        }
        let mut scores = self.linear.scores(&text);
        softmax(&mut scores, self.sharpness);
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

    /// Writes the model.
    pub fn encode(&self, out: &mut Writer) {
        out.u32(self.intents.len() as u32);
        self.intents.iter().for_each(|intent| out.str(intent));
        out.f32s(&[self.word_share, self.sharpness]);
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
        let [word_share, sharpness] = input.f32s()?[..] else {
            return Err(NluError::Damaged("settings"));
        };
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
            word_share,
            sharpness,
        })
    }
}

/// The view intents are read from: the folded one; German with "ae", "oe", "ue" read as "ä", "ö",
/// "ü" (folded), because visitors write either.
fn reading(views: &Views, lang: Lang) -> Cow<'_, [char]> {
    match lang {
        Lang::De => Cow::Owned(join_umlauts(&views.folded)),
        Lang::Pl | Lang::En => Cow::Borrowed(&views.folded),
    }
}
