//! The quiz as the chat asks it: one question at a time, buttons for choices, words read as answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::QualificationError;
use super::questions::{Kind, QUESTIONS, Question};
use super::rules;
use super::texts::Texts;
use crate::knowledge::PerLang;
use crate::nlu::Lang;

/// The questions with their words. Cheap to clone.
#[derive(Clone)]
pub struct Quiz {
    texts: Arc<PerLang<Texts>>,
}

/// What a question wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Square metres.
    Area,
    /// Whole units of the currency.
    Budget,
    /// One of the options.
    Option,
}

impl Quiz {
    /// Reads the built-in texts.
    ///
    /// Errors: they are damaged.
    pub fn built_in() -> Result<Self, QualificationError> {
        Ok(Self {
            texts: Arc::new(Texts::built_in()?),
        })
    }

    pub(super) fn texts(&self, lang: Lang) -> &Texts {
        self.texts.get(lang)
    }

    /// The ids of the questions, in the order they are asked.
    pub fn ids() -> impl Iterator<Item = u8> {
        QUESTIONS
            .iter()
            .filter_map(|question| u8::try_from(question.id).ok())
    }

    /// What question `id` wants to hear; `None` when there is no such question.
    pub fn wanted(id: u8) -> Option<Wanted> {
        question(id).map(|question| match (&question.kind, question.unit) {
            (Kind::Number { .. }, Some("m²")) => Wanted::Area,
            (Kind::Number { .. }, _) => Wanted::Budget,
            (Kind::YesNo { .. } | Kind::Choice(_), _) => Wanted::Option,
        })
    }

    /// The words of question `id`; empty when there is no such question.
    pub fn text(&self, id: u8, lang: Lang) -> &str {
        question(id)
            .and_then(|question| self.texts(lang).question(question))
            .map_or("", |words| words.question.as_str())
    }

    /// What can be tapped: value and label. Empty for numbers.
    pub fn options(&self, id: u8, lang: Lang) -> Vec<(&'static str, &str)> {
        question(id).map_or_else(Vec::new, |question| self.texts(lang).choices(question))
    }

    /// Reads words as an answer to question `id`, as it is to be kept; `None` when they do not fit.
    pub fn read(id: u8, words: &str) -> Option<String> {
        let understood = rules::understood(&[(i64::from(id), words.into())]).ok()?;
        understood.first().map(|answer| answer.said.to_string())
    }

    /// The package that follows from kept answers, `standard`, `premium` or `luxury`; `None` without a single answer.
    pub fn recommend(answers: &BTreeMap<u8, String>) -> Option<&'static str> {
        let sent: Vec<_> = answers
            .iter()
            .map(|(id, said)| (i64::from(*id), said.as_str().into()))
            .collect();
        let understood = rules::understood(&sent).ok()?;
        Some(rules::recommend(&understood).package.as_str())
    }
}

fn question(id: u8) -> Option<&'static Question> {
    QUESTIONS
        .iter()
        .find(|question| question.id == i64::from(id))
}
