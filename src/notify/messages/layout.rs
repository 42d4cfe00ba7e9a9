//! The sheet of paper every letter is written on.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use super::markup::Body;
use super::render::MessageError;
use crate::nlu::Lang;

/// Characters of the text that mail programs show beside the subject.
const PREVIEW_CHARS: usize = 140;

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its website.
    pub website: String,
    /// Its address for letters.
    pub email: String,
    /// Its phone number as people write it.
    pub phone: String,
    /// Its colour, `#rrggbb`.
    pub brand: String,
    /// The colour of text on it, `#rrggbb`.
    pub on_brand: String,
}

/// The whole letter as HTML.
pub(super) fn page(
    subject: &str,
    body: &Body,
    lang: Lang,
    company: &Company,
) -> Result<String, MessageError> {
    let words: Vec<&str> = body.text.split_whitespace().collect();
    let preview: String = words.join(" ").chars().take(PREVIEW_CHARS).collect();
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let values = context! {
        company => Serde(company),
        subject,
        preview,
        lang => lang.code(),
        website_shown => company.website.split_once("://").map_or("", |(_, rest)| rest),
        body => Value::from_safe_string(body.html.clone()),
    };
    let layout = include_str!("../../../assets/templates/layout.html");
    let page = environment.render_str(layout, values);
    // The engine also escapes the slash, which is needless, and looks like hiding to filters when it is in a link.
    page.map(|page| page.replace("&#x2f;", "/"))
        .map_err(|error| MessageError::template("layout", &error))
}
