//! A form that was sent: its values are kept, what is wrong with them is said at each field.

use jiff::civil::DateTime;
use poem::http::StatusCode;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::asked::Asked;
use super::fields::Fields;
use super::texts::fill;
use crate::leads::{ConsentGiven, Email, Phone};
use crate::platform::http::{IdempotencyKey, TextError, clean_text};

/// A form under check.
pub(super) struct Form<'a> {
    asked: &'a Asked,
    fields: &'a Fields,
    /// Field and sentence, in the order of the form.
    wrong: Vec<(&'static str, String)>,
}

impl<'a> Form<'a> {
    /// * `fields`: those of the form or, where a form is sent by GET, those of the address.
    pub(super) fn new(asked: &'a Asked, fields: &'a Fields) -> Self {
        Self {
            asked,
            fields,
            wrong: Vec::new(),
        }
    }

    /// 200, or 422 when something is wrong.
    pub(super) fn status(&self) -> StatusCode {
        if self.wrong.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    pub(super) fn is_right(&self) -> bool {
        self.wrong.is_empty()
    }

    /// A page's title, which says first that something is wrong.
    pub(super) fn title(&self, title: &str) -> String {
        if self.is_right() {
            title.to_owned()
        } else {
            format!("{}{title}", self.asked.text("form", "wrong"))
        }
    }

    /// What templates show of it.
    pub(super) fn shown(&self) -> Json {
        let values: Map<String, Json> = (self.fields.iter())
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let wrong: Map<String, Json> = (self.wrong.iter())
            .map(|(field, text)| ((*field).to_owned(), text.as_str().into()))
            .collect();
        let errors: Vec<Json> = (self.wrong.iter())
            .map(|(field, text)| json!({"field": field, "text": text}))
            .collect();
        json!({"values": values, "wrong": wrong, "errors": errors})
    }

    /// Says at a field what is wrong with it.
    pub(super) fn refuse(&mut self, field: &'static str, why: &str) {
        self.wrong
            .push((field, self.asked.text("errors", why).to_owned()));
    }

    fn refuse_text(&mut self, field: &'static str, why: &str, max_chars: usize) {
        let text = self.asked.text("errors", why);
        let text = fill(text, &[("max", &max_chars.to_string())]);
        self.wrong.push((field, text));
    }

    /// A text of at most `max_chars`; `None` when it is empty or refused.
    ///
    /// * `missing`: what is said when it is empty; `None`: it may be.
    pub(super) fn text(
        &mut self,
        field: &'static str,
        max_chars: usize,
        missing: Option<&str>,
    ) -> Option<String> {
        match (clean_text(self.fields.text(field), max_chars), missing) {
            (Ok(text), _) => return Some(text),
            (Err(TextError::Empty), None) => {}
            (Err(TextError::Empty), Some(missing)) => self.refuse(field, missing),
            (Err(TextError::TooLong(_)), _) => self.refuse_text(field, "long", max_chars),
            (Err(TextError::Control), _) => self.refuse(field, "control"),
        }
        None
    }

    /// The same on one line.
    pub(super) fn line(
        &mut self,
        field: &'static str,
        max_chars: usize,
        missing: Option<&str>,
    ) -> Option<String> {
        let text = self.text(field, max_chars, missing)?;
        if text.contains(['\n', '\t']) {
            self.refuse_text(field, "line", max_chars);
            return None;
        }
        Some(text)
    }

    /// An e-mail address; `None` when it is empty or refused.
    pub(super) fn email(&mut self, missing: Option<&str>) -> Option<Email> {
        let text = self.fields.text("email");
        if text.is_empty() {
            if let Some(missing) = missing {
                self.refuse("email", missing);
            }
            return None;
        }
        let email = Email::parse(text).ok();
        if email.is_none() {
            self.refuse("email", "email");
        }
        email
    }

    /// A phone number; `None` when it is empty or refused.
    pub(super) fn phone(&mut self, missing: Option<&str>) -> Option<Phone> {
        let text = self.fields.text("phone");
        if text.is_empty() {
            if let Some(missing) = missing {
                self.refuse("phone", missing);
            }
            return None;
        }
        let phone = Phone::parse(text).ok();
        if phone.is_none() {
            self.refuse("phone", "phone");
        }
        phone
    }

    /// E-mail or phone, of which one is needed.
    pub(super) fn reachable(&mut self) -> (Option<Email>, Option<Phone>) {
        if self.fields.text("email").is_empty() && self.fields.text("phone").is_empty() {
            self.refuse("email", "contact_missing");
            return (None, None);
        }
        (self.email(None), self.phone(None))
    }

    /// The consent that is shown now, when it is the one the visitor agreed to.
    pub(super) fn consent(&mut self, shown: ConsentGiven) -> Option<ConsentGiven> {
        if self.fields.text("consent").is_empty() {
            self.refuse("consent", "consent_missing");
        } else if self.fields.text("text_version") != shown.text_version {
            self.refuse("consent", "consent_changed");
        } else {
            return Some(shown);
        }
        None
    }

    /// The consent to be written to unasked, where the visitor gave it; nothing else depends on it.
    pub(super) fn marketing(&mut self, shown: ConsentGiven) -> Option<ConsentGiven> {
        if self.fields.text("marketing").is_empty() {
            return None;
        }
        if self.fields.text("marketing_version") != shown.text_version {
            self.refuse("marketing", "consent_changed");
            return None;
        }
        Some(shown)
    }

    /// A time on the company's clock, `2026-11-24T09:00`.
    pub(super) fn start(&mut self) -> Option<DateTime> {
        let start = start(self.fields.text("start"));
        if start.is_none() {
            self.refuse("start", "start");
        }
        start
    }

    /// The key under which the form is taken once.
    pub(super) fn key(&self) -> IdempotencyKey {
        IdempotencyKey::of_form(Uuid::parse_str(self.fields.text("key")).ok())
    }

    /// The form's own key, or a new one.
    pub(super) fn key_or_new(&self) -> String {
        let own = Uuid::parse_str(self.fields.text("key"));
        own.unwrap_or_else(|_| Uuid::new_v4()).to_string()
    }
}

/// Reads a time on the company's clock, `2026-11-24T09:00`.
pub(super) fn start(text: &str) -> Option<DateTime> {
    // A day alone would be its midnight, and an offset has no place on a clock.
    let is_whole = text.len() == "2026-11-24T09:00".len();
    text.parse().ok().filter(|_| is_whole)
}
