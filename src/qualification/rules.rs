//! The questions, what their answers count, and the package that follows. Pure.
//!
//! Weights and points are those of version 2.3; there areas and budgets between two bands (40.5 m²) counted nothing, here
//! every number falls in one.

use serde_json::Value;

use crate::nlu::fold;

/// Most answers looked at.
const ANSWERS_MAX: usize = 100;
/// Longest answer in words.
const ANSWER_MAX_BYTES: usize = 100;
/// Area in m² and budget in whole units of the currency go up to here.
const NUMBER_MAX: f64 = 1_000_000_000.0;

/// A package the company offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    Standard,
    Premium,
    Luxury,
}

impl Package {
    /// From the simplest on; at equal points the earlier one is recommended.
    pub(super) const ALL: [Package; 3] = [Self::Standard, Self::Premium, Self::Luxury];

    /// As clients and the company's documents call it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Premium => "premium",
            Self::Luxury => "luxury",
        }
    }
}

/// Points for one package.
type Points = (u32, Package);

/// One possible answer.
pub(super) struct Choice {
    /// As clients send it.
    pub(super) value: &'static str,
    /// Other words for it, folded: of version 2.3 and of the three languages.
    also: &'static [&'static str],
    points: Points,
}

/// How a question is answered.
pub(super) enum Kind {
    /// A number; each band ends at, and includes, its bound, the last has none.
    Number {
        bands: [(f64, Points); 3],
    },
    YesNo {
        yes: Points,
        no: Points,
    },
    Choice(&'static [Choice]),
}

/// One question of the quiz.
pub(super) struct Question {
    /// 1 to 8, as in version 2.3.
    pub(super) id: i64,
    /// Its name in the texts.
    pub(super) key: &'static str,
    /// `number`, `range`, `boolean` or `choice`, as in version 2.3.
    pub(super) type_name: &'static str,
    /// What a number counts.
    pub(super) unit: Option<&'static str>,
    weight: u32,
    pub(super) kind: Kind,
}

use Package::{Luxury, Premium, Standard};

const fn choice(value: &'static str, also: &'static [&'static str], points: Points) -> Choice {
    Choice {
        value,
        also,
        points,
    }
}

/// The quiz.
pub(super) static QUESTIONS: [Question; 8] = [
    Question {
        id: 1,
        key: "area",
        type_name: "number",
        unit: Some("m²"),
        weight: 10,
        kind: Kind::Number {
            bands: [
                (40.0, (5, Standard)),
                (70.0, (10, Premium)),
                (f64::INFINITY, (15, Luxury)),
            ],
        },
    },
    Question {
        id: 2,
        key: "budget",
        type_name: "range",
        unit: Some("PLN"),
        weight: 20,
        kind: Kind::Number {
            bands: [
                (100_000.0, (5, Standard)),
                (200_000.0, (10, Premium)),
                (f64::INFINITY, (15, Luxury)),
            ],
        },
    },
    Question {
        id: 3,
        key: "quick_deadline",
        type_name: "boolean",
        unit: None,
        weight: 5,
        kind: Kind::YesNo {
            yes: (5, Standard),
            no: (10, Premium),
        },
    },
    Question {
        id: 4,
        key: "materials",
        type_name: "choice",
        unit: None,
        weight: 15,
        kind: Kind::Choice(&[
            choice("basic", &["podstawowe", "einfache"], (5, Standard)),
            choice(
                "medium",
                &["sredniej jakosci", "mid range", "mittlere qualitat"],
                (8, Standard),
            ),
            choice("premium", &[], (12, Premium)),
            choice("luxury", &["luksusowe", "luxuriose"], (15, Luxury)),
        ]),
    },
    Question {
        id: 5,
        key: "property_type",
        type_name: "choice",
        unit: None,
        weight: 8,
        kind: Kind::Choice(&[
            choice(
                "flat",
                &["mieszkanie", "apartment", "wohnung"],
                (5, Standard),
            ),
            choice("house", &["dom", "haus"], (10, Premium)),
            choice(
                "apartment_building",
                &["apartamentowiec", "mehrfamilienhaus"],
                (8, Premium),
            ),
            choice(
                "commercial",
                &[
                    "powierzchnia komercyjna",
                    "commercial space",
                    "gewerbeflache",
                ],
                (12, Luxury),
            ),
        ]),
    },
    Question {
        id: 6,
        key: "style",
        type_name: "choice",
        unit: None,
        weight: 7,
        kind: Kind::Choice(&[
            choice(
                "minimalist",
                &["minimalistyczny", "minimalistisch"],
                (8, Premium),
            ),
            choice("modern", &["nowoczesny"], (10, Premium)),
            choice("classic", &["klasyczny", "klassisch"], (6, Standard)),
            choice(
                "industrial",
                &["industrialny", "industriell"],
                (10, Premium),
            ),
            choice(
                "scandinavian",
                &["skandynawski", "skandinavisch"],
                (9, Premium),
            ),
        ]),
    },
    Question {
        id: 7,
        key: "smart_home",
        type_name: "boolean",
        unit: None,
        weight: 12,
        kind: Kind::YesNo {
            yes: (15, Luxury),
            no: (5, Standard),
        },
    },
    Question {
        id: 8,
        key: "designer",
        type_name: "boolean",
        unit: None,
        weight: 5,
        kind: Kind::YesNo {
            yes: (10, Premium),
            no: (3, Standard),
        },
    },
];

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
    let mut package = Standard;
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
            .map_or((0, Standard), |choice| choice.points),
        // `understood` pairs every question with an answer of its kind.
        (Kind::Number { .. } | Kind::YesNo { .. } | Kind::Choice(_), _) => (0, Standard),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn answers(values: &Value) -> Vec<Answer> {
        let sent: Vec<(i64, Value)> = (1..).zip(values.as_array().unwrap().clone()).collect();
        understood(&sent).unwrap()
    }

    #[test]
    fn the_cheapest_answer_to_all_is_standard_without_doubt() {
        let result = recommend(&answers(&json!([
            30, 80_000, true, "basic", "flat", "classic", false, false
        ])));
        assert_eq!(result.package, Standard);
        assert_eq!(result.scores, [407, 0, 0]);
        assert!((result.confidence - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_large_costly_shop_is_luxury() {
        let result = recommend(&answers(&json!([
            120,
            400_000,
            "no",
            "luxury",
            "commercial",
            "industrial",
            "yes",
            "yes"
        ])));
        assert_eq!(result.package, Luxury);
        assert_eq!(result.scores, [0, 170, 951]);
        assert!((result.confidence - 84.8).abs() < 1e-9);
    }

    #[test]
    fn a_house_with_good_materials_is_premium() {
        let result = recommend(&answers(&json!([
            65, 150_000, "no", "premium", "house", "modern", "yes", "yes"
        ])));
        assert_eq!(result.package, Premium);
        assert_eq!(result.scores, [0, 730, 180]);
        assert!((result.confidence - 80.2).abs() < 1e-9);
    }

    #[test]
    fn every_number_falls_in_a_band_and_a_bound_belongs_to_the_lower_one() {
        for (area, scores) in [
            (json!(40), [50, 0, 0]),
            (json!(40.5), [0, 100, 0]),
            (json!("40,5"), [0, 100, 0]),
            (json!(70), [0, 100, 0]),
            (json!(70.01), [0, 0, 150]),
        ] {
            assert_eq!(recommend(&answers(&json!([area]))).scores, scores, "{area}");
        }
        let budget = |said: i64| recommend(&understood(&[(2, json!(said))]).unwrap()).scores;
        assert_eq!(budget(100_000), [100, 0, 0]);
        assert_eq!(budget(100_001), [0, 200, 0]);
        assert_eq!(budget(200_001), [0, 0, 300]);
    }

    #[test]
    fn at_equal_points_the_simpler_package_is_recommended() {
        // 8 × 5 standard against 5 × 8 … no single pair of answers ties; 5 × 10 premium and 10 × 5 standard do.
        let tie = understood(&[(1, json!(40)), (3, json!("no"))]).unwrap();
        assert_eq!(recommend(&tie).scores, [50, 50, 0]);
        assert_eq!(recommend(&tie).package, Standard);
    }

    #[test]
    fn choices_are_understood_in_the_words_of_three_languages_and_of_version_2_3() {
        for words in ["Średniej jakości", "MEDIUM", "mid-range"] {
            let answers = understood(&[(4, json!(words))]).unwrap();
            assert_eq!(answers[0].said, Said::Choice("medium"), "{words}");
        }
        for words in [
            "apartment building",
            "apartment_building",
            "Apartamentowiec",
        ] {
            let answers = understood(&[(5, json!(words))]).unwrap();
            assert_eq!(answers[0].said, Said::Choice("apartment_building"));
        }
        for words in ["tak", "Ja", "yes", "true"] {
            let answers = understood(&[(7, json!(words))]).unwrap();
            assert_eq!(answers[0].said, Said::YesNo(true));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        let refused = |sent: &[(i64, Value)]| understood(sent).err().unwrap();
        assert_eq!(refused(&[]), AnswerError::None);
        assert_eq!(refused(&vec![(1, json!(1)); 101]), AnswerError::TooMany);
        assert_eq!(
            refused(&[(1, json!(50)), (9, json!(1))]),
            AnswerError::UnknownQuestion { at: 1 }
        );
        assert_eq!(
            refused(&[(1, json!(50)), (1, json!(60))]),
            AnswerError::Twice { at: 1 }
        );
        for wrong in [
            json!("big"),
            json!(0),
            json!(-5),
            json!(null),
            json!("NaN"),
            json!("inf"),
            json!("150,000"),
        ] {
            assert_eq!(
                refused(&[(1, wrong.clone())]),
                AnswerError::NotANumber { at: 0 },
                "{wrong}"
            );
        }
        assert_eq!(refused(&[(3, json!(1))]), AnswerError::NotYesOrNo { at: 0 });
        assert_eq!(
            refused(&[(6, json!("gothic"))]).field(),
            "answers[0].answer"
        );
    }

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<f64>().prop_map(|number| json!(number)),
            any::<i64>().prop_map(|number| json!(number)),
            any::<bool>().prop_map(|is_yes| json!(is_yes)),
            "\\PC{0,30}".prop_map(|text| json!(text)),
            prop::sample::select(vec![
                "basic", "luxury", "house", "flat", "modern", "classic", "yes", "no", "55,5",
            ])
            .prop_map(|text| json!(text)),
            Just(json!(null)),
            Just(json!([1])),
        ]
    }

    proptest! {
        #[test]
        fn random_answers_never_panic_and_confidence_stays_within_0_and_100(
            sent in prop::collection::vec((-1_i64..11, any_value()), 0..12)
        ) {
            if let Ok(answers) = understood(&sent) {
                let result = recommend(&answers);
                prop_assert!((0.0..=100.0).contains(&result.confidence));
                prop_assert_eq!(
                    result.scores[result.package as usize],
                    result.scores.into_iter().max().unwrap_or_default()
                );
            }
        }

        #[test]
        fn a_larger_area_never_scores_for_a_simpler_package(a in 0.1_f64..1e6, b in 0.1_f64..1e6) {
            let package = |m2: f64| recommend(&understood(&[(1, json!(m2))]).unwrap()).package as usize;
            prop_assert!(package(a.min(b)) <= package(a.max(b)));
        }
    }
}
