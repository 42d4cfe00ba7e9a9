//! The quiz on the page without scripts: what it shows, what it suggests, and who wants to be contacted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::questions::QUESTIONS;
use super::rules::{self, Answer};
use super::service::{Contact, Qualification, new_lead};
use crate::knowledge::Package;
use crate::leads::{Email, Marks, Phone};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::http::{IdempotencyKey, Problem};

/// A question as the page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ShownQuestion {
    /// 1 to 8.
    pub id: i64,
    /// Its words.
    pub question: String,
    /// A line below it.
    pub help: Option<String>,
    /// What a number counts; `None` for choices.
    pub unit: Option<&'static str>,
    /// What can be chosen, value and label; empty for numbers.
    pub choices: Vec<(&'static str, String)>,
}

/// The package that follows from answers.
#[derive(Debug)]
pub struct Suggestion {
    /// `standard`, `premium` or `luxury`.
    pub package: &'static str,
    /// What the company tells about it.
    pub details: Option<Package>,
    /// Its share of all points in percent.
    pub fit_percent: f64,
}

impl Qualification {
    /// The questions, in the order they are asked.
    pub fn shown_questions(&self, lang: Lang) -> Vec<ShownQuestion> {
        let texts = self.quiz.texts(lang);
        let shown = QUESTIONS.iter().filter_map(|question| {
            let words = texts.question(question)?;
            let choices = texts.choices(question).into_iter();
            Some(ShownQuestion {
                id: question.id,
                question: words.question.clone(),
                help: words.help.clone(),
                unit: question.unit,
                choices: choices
                    .map(|(value, label)| (value, label.to_owned()))
                    .collect(),
            })
        });
        shown.collect()
    }

    /// The package that follows from answers, as [`Quiz::read`](super::Quiz::read) keeps them.
    ///
    /// Errors: an answer that is none, or not one answer.
    pub fn suggest(
        &self,
        answers: &BTreeMap<i64, String>,
        lang: Lang,
    ) -> Result<Suggestion, Problem> {
        let recommendation = rules::recommend(&understood(answers)?);
        let package = recommendation.package.as_str();
        Ok(Suggestion {
            package,
            details: self.knowledge.snapshot().package(package, lang),
            fit_percent: recommendation.confidence,
        })
    }

    /// Saves who wants to be contacted as a lead with the answers, once a key, and tells the team.
    ///
    /// * `marks`: what betrays a program, whose leads go to the spam folder.
    /// * Errors: answers that are none, a lead that is refused, a key that was used for something else.
    pub async fn contact_on_page(
        &self,
        answers: &BTreeMap<i64, String>,
        contact: Contact,
        key: IdempotencyKey,
        marks: &Marks,
    ) -> Result<(), Problem> {
        let understood = understood(answers)?;
        let body = (
            answers.clone(),
            contact.name.clone(),
            contact.email.as_ref().map(Email::to_string),
            contact.phone.as_ref().map(Phone::to_string),
        );
        let recommendation = rules::recommend(&understood);
        let mut lead = new_lead(contact, &understood, recommendation, std::iter::empty());
        lead.spam = marks.suspicion(now_ms());
        self.save_lead(key, body, lead).await?;
        Ok(())
    }
}

fn understood(answers: &BTreeMap<i64, String>) -> Result<Vec<Answer>, Problem> {
    let sent: Vec<_> = answers
        .iter()
        .map(|(id, said)| (*id, said.as_str().into()))
        .collect();
    Ok(rules::understood(&sent)?)
}
