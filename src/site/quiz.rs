//! `/qualification`: the quiz, a question at a time. Answers stand in the address, so nothing is kept and one may go back
//! and forth; only who wants to be contacted sends a form.

use std::collections::BTreeMap;

use serde_json::json;

use super::asked::Asked;
use super::contact::{NAME_MAX_CHARS, marks, opened_at};
use super::fields::address;
use super::form::Form;
use super::templates::Sheet;
use super::texts::fill;
use super::{Reply, Site};
use crate::platform::http::Problem;
use crate::qualification::{Contact, Quiz, ShownQuestion};

pub(super) const PATH: &str = "/qualification";

pub(super) async fn reply(site: &Site, asked: &Asked) -> Result<Reply, Problem> {
    let page = Page {
        site,
        asked,
        questions: site.qualification.shown_questions(asked.lang),
    };
    let total = page.questions.len();
    let named = asked.query.text("step").parse::<usize>();
    // Sent forms belong to the result.
    let step = if asked.is_sent {
        total + 1
    } else {
        named.unwrap_or(1).clamp(1, total + 1)
    };
    // Before the last step every question has an answer, wherever somebody begins.
    let open = page
        .questions
        .iter()
        .position(|question| page.answer(question).is_none());
    match open {
        Some(at) if at + 1 < step => Ok(Reply::Page(page.question(at, true))),
        _ if step <= total => Ok(Reply::Page(page.question(step - 1, false))),
        _ if asked.is_sent => page.take().await,
        _ => Ok(Reply::Page(page.result(&Form::new(asked, &asked.query))?)),
    }
}

struct Page<'a> {
    site: &'a Site,
    asked: &'a Asked,
    questions: Vec<ShownQuestion>,
}

/// The name of a question's answer in the address.
fn name(question: &ShownQuestion) -> String {
    format!("a{}", question.id)
}

impl Page<'_> {
    /// What was typed or chosen; empty when nothing was.
    fn said(&self, question: &ShownQuestion) -> &str {
        self.asked.query.text(&name(question))
    }

    /// The same as the quiz keeps it; `None` when it is no answer.
    fn answer(&self, question: &ShownQuestion) -> Option<String> {
        let said = self.said(question);
        let id = u8::try_from(question.id).ok()?;
        if question.choices.is_empty() {
            Quiz::read(id, &plain_number(said)?)
        } else {
            Quiz::read(id, said)
        }
    }

    fn answers(&self) -> BTreeMap<i64, String> {
        let answers = self.questions.iter();
        answers
            .filter_map(|question| Some((question.id, self.answer(question)?)))
            .collect()
    }

    /// The address of a step, with all answers.
    fn url(&self, step: usize, more: Option<(&str, &str)>) -> String {
        let step = step.to_string();
        let names: Vec<String> = self.questions.iter().map(name).collect();
        let answers = names
            .iter()
            .zip(&self.questions)
            .map(|(name, question)| (name.as_str(), self.said(question)))
            .filter(|(_, said)| !said.is_empty());
        let lang = self
            .asked
            .is_lang_named
            .then(|| ("lang", self.asked.lang.code()));
        let query = answers
            .chain([("step", step.as_str())])
            .chain(more)
            .chain(lang);
        address(PATH, query)
    }

    /// * `at`: which question, from 0.
    /// * `is_missed`: its answer is missing or wrong.
    fn question(&self, at: usize, is_missed: bool) -> Sheet {
        let (question, total) = (&self.questions[at], self.questions.len());
        let others = self
            .questions
            .iter()
            .filter(|other| other.id != question.id);
        let kept: Vec<(String, &str)> = others
            .map(|other| (name(other), self.said(other)))
            .filter(|(_, said)| !said.is_empty())
            .collect();
        let problem = match (is_missed, question.choices.is_empty()) {
            (false, _) => None,
            (true, true) => Some(self.asked.text("errors", "number")),
            (true, false) => Some(self.asked.text("errors", "choose")),
        };
        let number = (at + 1).to_string();
        let progress = [("n", number.as_str()), ("total", &total.to_string())];
        let form = Form::new(self.asked, &self.asked.query);
        let mut title = form.title(self.asked.text("quiz", "title"));
        if is_missed {
            title = format!("{}{title}", self.asked.text("form", "wrong"));
        }
        let status = if is_missed {
            poem::http::StatusCode::UNPROCESSABLE_ENTITY
        } else {
            poem::http::StatusCode::OK
        };
        Sheet::new(
            "quiz_question.html",
            title,
            json!({
                "question": question,
                "said": self.said(question),
                "kept": kept,
                "number": at + 1,
                "total": total,
                "progress": fill(self.asked.text("quiz", "progress"), &progress),
                "problem": problem,
                "back_url": (at > 0).then(|| self.url(at, None)),
            }),
        )
        .with_status(status)
    }

    fn result(&self, form: &Form<'_>) -> Result<Sheet, Problem> {
        let total = self.questions.len();
        let suggested = self
            .site
            .qualification
            .suggest(&self.answers(), self.asked.lang)?;
        let fit = format!("{:.0}", suggested.fit_percent);
        let consent = self.site.qualification.consent_text(self.asked.lang);
        let details = suggested.details.as_ref();
        let shown_details = details.map(|package| {
            json!({
                "description": package.description,
                "includes": package.includes,
                "ideal_for": package.ideal_for,
            })
        });
        let mut shown = form.shown();
        if !self.asked.is_sent {
            // An address fills in no form.
            shown["values"] = json!({});
        }
        let sheet = Sheet::new(
            "quiz_result.html",
            form.title(self.asked.text("quiz", "title")),
            json!({
                "name": details.map_or(suggested.package, |package| package.name.as_str()),
                "fit": fill(self.asked.text("quiz", "fit"), &[("n", &fit)]),
                "details": shown_details,
                "is_sent": !self.asked.is_sent && self.asked.query.get("sent").is_some(),
                "form": shown,
                "consent": {"text": consent.text, "text_version": consent.text_version},
                "action": self.url(total + 1, None),
                "opened_at": opened_at(self.asked),
                "key": form.key_or_new(),
                "back_url": self.url(total, None),
                "again_url": self.asked.url(PATH, &[]),
            }),
        );
        Ok(sheet.with_status(form.status()))
    }

    /// Somebody wants to be contacted.
    async fn take(&self) -> Result<Reply, Problem> {
        let mut form = Form::new(self.asked, &self.asked.form);
        let name = form.line("name", NAME_MAX_CHARS, Some("name_missing"));
        let (email, phone) = form.reachable();
        let consent = form.consent(self.site.qualification.consent_text(self.asked.lang));
        let (true, Some(name), Some(consent)) = (form.is_right(), name, consent) else {
            return Ok(Reply::Page(self.result(&form)?));
        };
        let contact = Contact {
            name,
            email,
            phone,
            consent,
        };
        let quiz = &self.site.qualification;
        let marks = marks(self.asked);
        quiz.contact_on_page(&self.answers(), contact, form.key(), &marks)
            .await?;
        let total = self.questions.len();
        Ok(Reply::SeeOther(self.url(total + 1, Some(("sent", "1")))))
    }
}

/// A number as people write it, `62,5`, `150 000`, `150,000` or `150.000`, as the quiz reads it; `None` when it is none.
fn plain_number(said: &str) -> Option<String> {
    let close: String = said.chars().filter(|c| !c.is_whitespace()).collect();
    let mut parts = close.split(['.', ',']);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(first) || !rest.iter().all(|part| is_digits(part)) {
        return None;
    }
    let is_in_thousands = first.len() <= 3 && rest.iter().all(|part| part.len() == 3);
    match rest.as_slice() {
        [] => Some(close),
        _ if is_in_thousands => Some(format!("{first}{}", rest.concat())),
        [decimals] => Some(format!("{first}.{decimals}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_of_three_countries_write_them() {
        for (said, plain) in [
            ("62,5", "62.5"),
            ("62.5", "62.5"),
            (" 150 000 ", "150000"),
            ("150,000", "150000"),
            ("150.000", "150000"),
            ("1.500.000", "1500000"),
            ("40", "40"),
        ] {
            assert_eq!(plain_number(said).as_deref(), Some(plain), "{said}");
        }
        for said in ["", "-5", "abc", "1e9", "12 m²", "1,2,3", ".5", "5."] {
            assert_eq!(plain_number(said), None, "{said}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_reading_panic(said in "\\PC{0,30}") {
            let _ = plain_number(&said);
        }
    }
}
