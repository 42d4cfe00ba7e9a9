//! The questions in three languages: assets/quiz.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::QualificationError;
use super::questions::{Kind, QUESTIONS, Question};
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// The words of the quiz in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    pub(super) yes: String,
    pub(super) no: String,
    questions: BTreeMap<String, QuestionText>,
}

/// The words of one question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionText {
    pub(super) question: String,
    /// A line below it.
    pub(super) help: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, String>,
}

impl Texts {
    /// The built-in texts.
    ///
    /// Errors: a file is damaged, or a question or choice has no words.
    pub(super) fn built_in() -> Result<PerLang<Texts>, QualificationError> {
        PerLang::try_from_fn(|lang| {
            let file = format!("quiz/{}.toml", lang.code());
            let source = match lang {
                Lang::Pl => include_str!("../../assets/quiz/pl.toml"),
                Lang::En => include_str!("../../assets/quiz/en.toml"),
                Lang::De => include_str!("../../assets/quiz/de.toml"),
            };
            let wrong = |why: String| QualificationError::Texts(file.clone(), why);
            let texts: Texts =
                toml::from_str(source).map_err(|error| wrong(error.message().to_owned()))?;
            texts.check().map_err(wrong)?;
            Ok(texts)
        })
    }

    fn check(&self) -> Result<(), String> {
        for question in &QUESTIONS {
            let words = self
                .question(question)
                .ok_or_else(|| format!("has no question {}", question.key))?;
            let choices = choices(question);
            if let Some(choice) = choices.iter().find(|c| !words.options.contains_key(**c)) {
                return Err(format!("{} has no words for {choice}", question.key));
            }
            if words.options.len() != choices.len() {
                return Err(format!("{} has words for no choice", question.key));
            }
        }
        if self.questions.len() == QUESTIONS.len() {
            Ok(())
        } else {
            Err("has a question that is not asked".into())
        }
    }

    /// The words of a question.
    pub(super) fn question(&self, question: &Question) -> Option<&QuestionText> {
        self.questions.get(question.key)
    }

    /// What can be clicked: value and label. Empty for numbers.
    pub(super) fn choices(&self, question: &Question) -> Vec<(&'static str, &str)> {
        if matches!(question.kind, Kind::YesNo { .. }) {
            return vec![("yes", self.yes.as_str()), ("no", self.no.as_str())];
        }
        let words = self.question(question);
        choices(question)
            .into_iter()
            .filter_map(|value| Some((value, words?.options.get(value)?.as_str())))
            .collect()
    }
}

fn choices(question: &Question) -> Vec<&'static str> {
    match &question.kind {
        Kind::Choice(choices) => choices.iter().map(|choice| choice.value).collect(),
        Kind::Number { .. } | Kind::YesNo { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qualification::rules::understood;

    #[test]
    fn every_question_and_choice_has_words_in_every_language() {
        assert!(Texts::built_in().is_ok());
    }

    #[test]
    fn what_the_page_shows_is_understood_when_it_is_sent_back() {
        let texts = Texts::built_in().unwrap();
        for lang in Lang::ALL {
            for question in &QUESTIONS {
                for (value, label) in texts.get(lang).choices(question) {
                    assert!(
                        understood(&[(question.id, value.into())]).is_ok(),
                        "{value}"
                    );
                    assert!(
                        understood(&[(question.id, label.into())]).is_ok(),
                        "{lang} {}: {label}",
                        question.key
                    );
                }
            }
        }
    }
}
