//! From a message and its template to what is sent.

use std::collections::BTreeSet;

use jiff::Zoned;
use jiff::civil::Date;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};
use serde::{Deserialize, Serialize};

use super::layout::{self, Company};
use super::samples::sample;
use super::{Message, Name, markup, shared, words};
use crate::nlu::Lang;

/// Steps a template may take.
const FUEL: u64 = 50_000;
/// Longest subject, own body and result.
const SUBJECT_MAX_CHARS: usize = 200;
const BODY_MAX_BYTES: usize = 20 * 1024;
const RENDERED_MAX_BYTES: usize = 64 * 1024;
/// What a template knows besides a message's values.
const ALWAYS_KNOWN: [&str; 3] = ["company", "range", "loop"];

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    /// By e-mail.
    Letter(Letter),
    /// By SMS; not yet in the alphabet of phones.
    Sms(String),
}

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its subject, one line.
    pub subject: String,
    /// Its body as plain text.
    pub text: String,
    /// The same as a page of HTML.
    pub html: String,
}

/// The owner's words in place of the built-in ones, for one message in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnWords {
    /// A letter's subject.
    pub subject: Option<String>,
    /// A letter's body in light markup, or a text message.
    pub body: Option<String>,
}

/// Why a message cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// There is no such message.
    #[error("there is no such message")]
    UnknownName,
    /// The template is wrong.
    #[error("{part}: {why}")]
    Template {
        /// `subject`, `body` or `layout`.
        part: &'static str,
        /// What is wrong, as the template engine says it.
        why: String,
    },
    /// The template names something the message does not have.
    #[error("{part}: there is no {name:?} here; there are {known}")]
    UnknownValue {
        /// `subject` or `body`.
        part: &'static str,
        /// What it names.
        name: String,
        /// What there is.
        known: String,
    },
    /// Nothing remains, or too much.
    #[error("{part}: must not be empty, nor longer than {max}")]
    Length {
        /// `subject` or `body`.
        part: &'static str,
        /// The limit.
        max: &'static str,
    },
    /// A text message has no subject.
    #[error("subject: a text message has none")]
    SmsSubject,
}

impl MessageError {
    pub(super) fn template(part: &'static str, error: &minijinja::Error) -> Self {
        Self::Template {
            part,
            why: error.to_string(),
        }
    }
}

/// Renders a message.
///
/// * `own`: the owner's words, where there are any.
/// * Errors: only for words that did not pass [`check`].
pub fn render(
    message: &Message,
    lang: Lang,
    company: &Company,
    own: &OwnWords,
) -> Result<Rendered, MessageError> {
    let name = message.name();
    let (subject, body) = parts(name, lang, own);
    let environment = environment(lang)?;
    let values = context! { company => Serde(company), ..message.values() };
    let fill = |part, file: &str, template: &str| {
        let filled = environment.render_named_str(file, template, &values);
        let filled = filled.map_err(|error| MessageError::template(part, &error))?;
        if filled.trim().is_empty() || filled.len() > RENDERED_MAX_BYTES {
            return Err(MessageError::Length { part, max: "64 kB" });
        }
        Ok(filled)
    };
    let Some(subject) = subject else {
        let text = fill("body", "body.txt", body)?;
        return Ok(Rendered::Sms(text.trim().to_owned()));
    };
    let subject = fill("subject", "subject.txt", subject)?;
    let one_line: Vec<&str> = subject.split_whitespace().collect();
    let subject: String = one_line.join(" ").chars().take(SUBJECT_MAX_CHARS).collect();
    let body = markup::write(&fill("body", "body.md", body)?, company);
    Ok(Rendered::Letter(Letter {
        html: layout::page(&subject, &body, lang, company)?,
        text: body.text,
        subject,
    }))
}

/// Checks the owner's words before they are kept: they render with everything a message may have and without all that
/// may be missing, and name nothing it never has.
pub fn check(
    name: Name,
    lang: Lang,
    company: &Company,
    own: &OwnWords,
) -> Result<(), MessageError> {
    if name.is_sms() && own.subject.is_some() {
        return Err(MessageError::SmsSubject);
    }
    let subject_max = ("subject", &own.subject, SUBJECT_MAX_CHARS, "200 characters");
    let body_max = ("body", &own.body, BODY_MAX_BYTES, "20 kB");
    for (part, words, max_bytes, max) in [subject_max, body_max] {
        let Some(words) = words else { continue };
        if words.trim().is_empty() || words.len() > max_bytes {
            return Err(MessageError::Length { part, max });
        }
        known_only(part, words, name, lang)?;
    }
    for is_full in [true, false] {
        render(&sample(name, lang, is_full), lang, company, own)?;
    }
    Ok(())
}

/// The built-in words, for an editor to begin with.
pub fn built_in(name: Name, lang: Lang) -> OwnWords {
    let nothing_own = OwnWords::default();
    let (subject, body) = parts(name, lang, &nothing_own);
    OwnWords {
        subject: subject.map(str::to_owned),
        body: Some(body.trim().to_owned()),
    }
}

/// The values a template of this message may use.
pub fn values_of(name: Name) -> Vec<String> {
    let values = sample(name, Lang::En, true).values();
    let names = values.try_iter().into_iter().flatten();
    names.map(|name| name.to_string()).collect()
}

fn known_only(part: &'static str, words: &str, name: Name, lang: Lang) -> Result<(), MessageError> {
    let environment = environment(lang)?;
    let template = environment.template_from_str(words);
    let template = template.map_err(|error| MessageError::template(part, &error))?;
    let values = values_of(name);
    let is_known = |named: &String| {
        ALWAYS_KNOWN.contains(&named.as_str()) || values.iter().any(|value| value == named)
    };
    let named: BTreeSet<String> = template.undeclared_variables(false).into_iter().collect();
    match named.into_iter().find(|named| !is_known(named)) {
        None => Ok(()),
        Some(name) => Err(MessageError::UnknownValue {
            part,
            name,
            known: format!("company, {}", values.join(", ")),
        }),
    }
}

/// Subject (letters only) and body: the owner's, else the built-in ones.
fn parts(name: Name, lang: Lang, own: &OwnWords) -> (Option<&str>, &str) {
    let source = name.source(lang);
    let (subject, body) = if name.is_sms() {
        (None, source)
    } else {
        let (subject, body) = source.split_once('\n').unwrap_or((source, ""));
        (Some(own.subject.as_deref().unwrap_or(subject)), body)
    };
    (subject, own.body.as_deref().unwrap_or(body))
}

fn environment(lang: Lang) -> Result<Environment<'static>, MessageError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .map_err(|error| MessageError::template("body", &error))?;
    environment.set_syntax(syntax);
    environment.set_auto_escape_callback(|file| match file.rsplit_once('.') {
        Some((_, "md")) => AutoEscape::Custom("markup".into()),
        _ => AutoEscape::None,
    });
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        // What is missing is left out: the owner's words need not ask first.
        let text = if value.is_none() {
            String::new()
        } else {
            value.to_string()
        };
        let is_markup = matches!(state.auto_escape(), AutoEscape::Custom(_));
        let written = if is_markup {
            markup::escape(&text)
        } else {
            text
        };
        out.write_str(&written).map_err(minijinja::Error::from)
    });
    environment.set_loader(move |file| Ok(shared(file, lang).map(str::to_owned)));
    environment.add_filter("date_time", move |at: &str| {
        moment(at).map(|at| words::date_time(&at, lang))
    });
    environment.add_filter("short", move |at: &str| {
        moment(at).map(|at| words::short(&at, lang))
    });
    environment.add_filter("date", move |at: &str| {
        let day = at
            .parse::<Date>()
            .or_else(|_| moment(at).map(|at| at.date()));
        day.map(|day| words::date(day, lang))
    });
    Ok(environment)
}

fn moment(text: &str) -> Result<Zoned, minijinja::Error> {
    text.parse()
        .map_err(|_| minijinja::Error::new(ErrorKind::InvalidOperation, "this is not a time"))
}
