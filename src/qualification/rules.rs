//! What answers mean, and the package that follows from them. Pure.

use serde_json::Value;

use super::questions::{Choice, Kind, Package, Points, QUESTIONS, Question};
use crate::nlu::fold;

/// Most answers looked at.
const ANSWERS_MAX: usize = 100;
/// Longest answer in words.
const ANSWER_MAX_BYTES: usize = 100;
/// Area in m² and budget in whole units of the currency go up to here.
const NUMBER_MAX: f64 = 1_000_000_000.0;

/// What a visitor answered to one question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Said {
    /// Square metres or whole units of the currency.
    Number(f64),
    YesNo(bool),
    /// The value of a choice.
    Choice(&'static str),
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::YesNo(true) => f.write_str("yes"),
            Self::YesNo(false) => f.write_str("no"),
            Self::Choice(value) => f.write_str(value),
        }
    }
}

/// An answer that was understood.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    pub(super) question: &'static Question,
    pub(super) said: Said,
}

/// Why answers are refused; `at` counts from 0 in the list that was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not one answer.
    #[error("must hold at least one answer")]
    None,
    /// More than any quiz asks.
    #[error("must hold at most 100 answers")]
    TooMany,
    /// There is no such question.
    #[error("there is no question with this id")]
    UnknownQuestion {
        /// Which answer.
        at: usize,
    },
    /// The question was answered before in the same list.
    #[error("answers a question a second time")]
    Twice {
        /// Which answer.
        at: usize,
    },
    /// A number was asked for.
    #[error("must be a number above 0")]
    NotANumber {
        /// Which answer.
        at: usize,
    },
    /// Yes or no was asked for.
    #[error("must be true or false, yes or no")]
    NotYesOrNo {
        /// Which answer.
        at: usize,
    },
    /// One of a few was asked for.
    #[error("must be one of {choices}")]
    NotAChoice {
        /// Which answer.
        at: usize,
        /// The choices there are.
        choices: String,
    },
}

impl AnswerError {
    /// The field of the request.
    pub(super) fn field(&self) -> String {
        match self {
            Self::None | Self::TooMany => "answers".into(),
            Self::UnknownQuestion { at } | Self::Twice { at } => {
                format!("answers[{at}].question_id")
            }
            Self::NotANumber { at } | Self::NotYesOrNo { at } | Self::NotAChoice { at, .. } => {
                format!("answers[{at}].answer")
            }
        }
    }
}

/// Understands the answers, each a question's id and what was said: numbers also as text, yes and no also as words,
/// choices by value or by their words in any of the three languages.
///
/// Errors: none or too many, an unknown question, one answered twice, or an answer that does not fit.
pub(super) fn understood(sent: &[(i64, Value)]) -> Result<Vec<Answer>, AnswerError> {
    if sent.is_empty() {
        return Err(AnswerError::None);
    }
    if sent.len() > ANSWERS_MAX {
        return Err(AnswerError::TooMany);
    }
    let mut answers: Vec<Answer> = Vec::with_capacity(QUESTIONS.len());
    for (at, (id, value)) in sent.iter().enumerate() {
        let question = QUESTIONS
            .iter()
            .find(|question| question.id == *id)
            .ok_or(AnswerError::UnknownQuestion { at })?;
        if answers.iter().any(|answer| answer.question.id == *id) {
            return Err(AnswerError::Twice { at });
        }
        let said = match &question.kind {
            Kind::Number { .. } => number(value).ok_or(AnswerError::NotANumber { at })?,
            Kind::YesNo { .. } => yes_no(value).ok_or(AnswerError::NotYesOrNo { at })?,
            Kind::Choice(choices) => {
                chosen(value, choices).ok_or_else(|| AnswerError::NotAChoice {
                    at,
                    choices: choices
                        .iter()
                        .map(|choice| choice.value)
                        .collect::<Vec<_>>()
                        .join(", "),
                })?
            }
        };
        answers.push(Answer { question, said });
    }
    Ok(answers)
}

fn number(value: &Value) -> Option<Said> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) if text.len() <= ANSWER_MAX_BYTES => {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            match text.split_once(',') {
                // "150,000" is a thousand times more in English than in Polish: better to ask again.
                Some((_, decimals)) if decimals.len() == 3 => return None,
                Some((whole, decimals)) => format!("{whole}.{decimals}").parse().ok()?,
                None => text.parse().ok()?,
            }
        }
        _ => return None,
    };
    (number > 0.0 && number <= NUMBER_MAX).then_some(Said::Number(number))
}

fn yes_no(value: &Value) -> Option<Said> {
    match value {
        Value::Bool(is_yes) => Some(Said::YesNo(*is_yes)),
        Value::String(text) => match words(text)?.as_str() {
            "yes" | "true" | "tak" | "ja" => Some(Said::YesNo(true)),
            "no" | "false" | "nie" | "nein" => Some(Said::YesNo(false)),
            _ => None,
        },
        _ => None,
    }
}

fn chosen(value: &Value, choices: &'static [Choice]) -> Option<Said> {
    let words = words(value.as_str()?)?;
    choices
        .iter()
        .find(|choice| {
            choice.value.replace('_', " ") == words || choice.also.contains(&words.as_str())
        })
        .map(|choice| Said::Choice(choice.value))
}

/// Lower case without diacritics, words apart by one space.
fn words(text: &str) -> Option<String> {
    (text.len() <= ANSWER_MAX_BYTES).then(|| {
        fold(text)
            .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// What follows from the answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Recommendation {
    pub(super) package: Package,
    /// Weighted points, in the order of [`Package::ALL`].
    pub(super) scores: [u32; 3],
    /// The winner's share of all points in percent, one decimal.
    pub(super) confidence: f64,
}

/// Adds up the weighted points; the most wins, at equal points the simpler package.
pub(super) fn recommend(answers: &[Answer]) -> Recommendation {
    let mut scores = [0_u32; 3];
    for answer in answers {
        let (points, package) = points(answer);
        scores[package as usize] += points * answer.question.weight;
    }
    let mut package = Package::Standard;
    for other in Package::ALL {
        if scores[other as usize] > scores[package as usize] {
            package = other;
        }
    }
    let sum: u32 = scores.iter().sum();
    let share = f64::from(scores[package as usize]) / f64::from(sum.max(1));
    Recommendation {
        package,
        scores,
        confidence: (share * 1000.0).round() / 10.0,
    }
}

fn points(answer: &Answer) -> Points {
    match (&answer.question.kind, answer.said) {
        (Kind::Number { bands }, Said::Number(number)) => {
            let [low, middle, high] = bands;
            if number <= low.0 {
                low.1
            } else if number <= middle.0 {
                middle.1
            } else {
                high.1
            }
        }
        (Kind::YesNo { yes, no }, Said::YesNo(is_yes)) => {
            if is_yes {
                *yes
            } else {
                *no
            }
        }
        (Kind::Choice(choices), Said::Choice(value)) => choices
            .iter()
            .find(|choice| choice.value == value)
            .map_or((0, Package::Standard), |choice| choice.points),
        // `understood` pairs every question with an answer of its kind.
        (Kind::Number { .. } | Kind::YesNo { .. } | Kind::Choice(_), _) => (0, Package::Standard),
    }
}

/// The number said to a question, if it was answered.
pub(super) fn number_said(answers: &[Answer], key: &str) -> Option<f64> {
    answers.iter().find_map(|answer| match answer.said {
        Said::Number(number) if answer.question.key == key => Some(number),
        _ => None,
    })
}

/// The choice made at a question, if it was answered.
pub(super) fn choice_said(answers: &[Answer], key: &str) -> Option<&'static str> {
    answers.iter().find_map(|answer| match answer.said {
        Said::Choice(value) if answer.question.key == key => Some(value),
        _ => None,
    })
}
