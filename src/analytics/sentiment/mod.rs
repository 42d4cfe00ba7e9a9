//! The mood of a message: a lexicon a language, negation, words that strengthen or weaken, emoji. Pure, some
//! microseconds a message.
//!
//! Weights from -3 to 3 of what is found are added up and brought to −1 to 1 by a hyperbolic tangent, so that one clear
//! word says most and the fifth adds little. What a sentence asks counts half: "is that expensive?" is no complaint.
//!
//! ```text
//! lexicon.rs  the words, read once      words.rs  a message as folded words and the signs between them
//! ```

mod lexicon;
#[cfg(test)]
mod tests;
mod words;

use crate::nlu::Lang;
use lexicon::{LEXICA, Lexicon, Role, SIGNS};
use words::{Mark, Words};

/// The mood of a message or a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case")]
pub enum Sentiment {
    /// Glad, grateful, pleased.
    Positive,
    /// None to be read.
    Neutral,
    /// Annoyed, disappointed, doubting.
    Negative,
}

impl Sentiment {
    /// As counted and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Neutral => "neutral",
            Self::Negative => "negative",
        }
    }
}

/// From here on, and from its opposite down, a score is no longer neutral: one weak word of a sentence is enough, one in
/// a question is not.
const CLASS_FROM: f64 = 0.2;

/// Sum of weights at which the score is tanh(1) = 0.76.
const SCALE: f64 = 3.0;

/// Words after a negation that it turns.
const NEGATION_REACH: usize = 3;
/// Words before a German one that it turns: "das gefällt mir leider gar nicht".
const NEGATION_REACH_BACK: usize = 4;
/// "Not good" is less than "bad", and "not bad" less than "good".
const TURNED: f64 = -0.8;

/// What was expected and does not happen.
const MISSED: f64 = -1.2;

const STRONGER: f64 = 1.4;
const WEAKER: f64 = 0.6;
/// What stands before "but".
const BEFORE_CONTRAST: f64 = 0.5;
const ASKED: f64 = 0.5;
/// Each exclamation mark up to three.
const EXCLAIMED: f64 = 0.15;

/// The mood of `text`, −1 (negative) to 1 (positive); 0 without any word that says one.
pub fn score(text: &str, lang: Lang) -> f64 {
    let words = Words::of(text, lang);
    let lexicon = LEXICA.get(lang);
    let total: f64 = words
        .sentences()
        .map(|sentence| of_sentence(&words, sentence, lexicon, lang))
        .sum();
    // Adding 0.0 makes a negative zero positive.
    (total / SCALE).tanh() + 0.0
}

/// What a score means.
pub fn class(score: f64) -> Sentiment {
    if score >= CLASS_FROM {
        Sentiment::Positive
    } else if score <= -CLASS_FROM {
        Sentiment::Negative
    } else {
        Sentiment::Neutral
    }
}

/// A word or several that say something.
struct Hit {
    /// First word and the one after the last.
    from: usize,
    to: usize,
    weight: f64,
    /// Its weight under a negation.
    turned: f64,
}

/// Sum of weights between two words of a text (the second not included).
fn of_sentence(words: &Words, (from, to): (usize, usize), lexicon: &Lexicon, lang: Lang) -> f64 {
    let mut hits: Vec<Hit> = Vec::new();
    let mut negations: Vec<usize> = Vec::new();
    let mut contrast = None;
    let mut at = from;
    while at < to {
        match lexicon.longest(words, at, to) {
            Some((end, role)) => {
                let mut hit = |weight: f64, turned: f64| {
                    let factor = strength(words, (from, at), lexicon);
                    hits.push(Hit {
                        from: at,
                        to: end,
                        weight: weight * factor,
                        turned: turned * factor,
                    });
                };
                match role {
                    Role::Weight(weight) => hit(weight, weight * TURNED),
                    Role::Expected => hit(0.0, MISSED),
                    Role::Negation => negations.push(at),
                    Role::Contrast => contrast = Some(at),
                    Role::Stronger | Role::Weaker => {}
                }
                at = end;
            }
            None => at += 1,
        }
    }
    turn(&mut hits, &negations, words, lang);
    let is_before_contrast = |hit: &Hit| contrast.is_some_and(|contrast| hit.from < contrast);
    let mut sum: f64 = hits
        .iter()
        .map(|hit| {
            if is_before_contrast(hit) {
                hit.weight * BEFORE_CONTRAST
            } else {
                hit.weight
            }
        })
        .sum();
    let (mut exclaimed, mut asked) = (0, false);
    for mark in words.marks((from, to)) {
        match mark {
            Mark::Exclaim => exclaimed += 1,
            Mark::Ask => asked = true,
            Mark::Sign(sign) => sum += SIGNS.get(&sign).copied().unwrap_or(0.0),
            Mark::Smile => sum += 2.0,
            Mark::Frown => sum -= 2.0,
            Mark::Pause | Mark::End => {}
        }
    }
    sum *= 1.0 + EXCLAIMED * f64::from(exclaimed.min(3));
    // "Why does nobody call back?!" is no question.
    if asked && exclaimed == 0 {
        sum *= ASKED;
    }
    sum
}

/// What the word or the two words before `at` make of its weight.
fn strength(words: &Words, (from, at): (usize, usize), lexicon: &Lexicon) -> f64 {
    let mut factor = 1.0;
    for start in at.saturating_sub(2).max(from)..at {
        if words.has_pause((start, at)) {
            continue;
        }
        match lexicon.longest(words, start, at) {
            Some((_, Role::Stronger)) => factor *= STRONGER,
            Some((_, Role::Weaker)) => factor *= WEAKER,
            _ => {}
        }
    }
    factor
}

/// Turns what negations reach. Two of them turn once: Polish has one in every word ("nikt nic nie").
fn turn(hits: &mut [Hit], negations: &[usize], words: &Words, lang: Lang) {
    let mut turned = vec![false; hits.len()];
    for &negation in negations {
        let mut reaches = false;
        for (hit, turned) in hits.iter().zip(&mut turned) {
            let is_in_reach = hit.from > negation
                && hit.from - negation <= NEGATION_REACH
                && !words.has_pause((negation, hit.from));
            if is_in_reach {
                *turned = true;
                reaches = true;
            }
        }
        if reaches || lang != Lang::De {
            continue;
        }
        let before = hits.iter().zip(&mut turned).rev().find(|(hit, _)| {
            hit.to <= negation
                && negation - hit.to < NEGATION_REACH_BACK
                && !words.has_pause((hit.from, negation))
        });
        if let Some((_, turned)) = before {
            *turned = true;
        }
    }
    for (hit, is_turned) in hits.iter_mut().zip(turned) {
        if is_turned {
            hit.weight = hit.turned;
        }
    }
}
