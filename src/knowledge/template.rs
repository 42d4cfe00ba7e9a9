//! Filling the placeholders of texts from the company's facts. Money, phone numbers and hours stand nowhere else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::KnowledgeError;
use super::company::Company;
use super::opening::say_hours;
use crate::nlu::Lang;
use crate::quotes::plain_amount;

/// Longest rendered text, so that a template cannot blow up.
const RENDERED_MAX_BYTES: usize = 64 * 1024;
/// Steps a template may take.
const FUEL: u64 = 20_000;

/// Renders texts in one language.
pub(super) struct Renderer {
    environment: Environment<'static>,
    facts: Value,
}

impl Renderer {
    /// Takes the facts of `company` in the words of `lang`.
    ///
    /// * `third_party`: the host of a language model that gets visitors' words, if one does.
    pub(super) fn new(company: &Company, third_party: Option<&str>, lang: Lang) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        let areas: Vec<&str> = company
            .areas
            .iter()
            .map(|area| area.get(lang).as_str())
            .collect();
        let and = match lang {
            Lang::Pl => " i ",
            Lang::En => " and ",
            Lang::De => " und ",
        };
        let cities = match areas.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => format!("{}{and}{last}", rest.join(", ")),
            None => String::new(),
        };
        let facts = &company.facts;
        let prices = company.prices.per_m2.all();
        let months = match lang {
            Lang::En => facts.duration_min_months.clone(),
            Lang::Pl | Lang::De => facts.duration_min_months.replace('.', ","),
        };
        let facts = context! {
            company => company.name.as_str(),
            phone => company.phone_display.as_str(),
            email => company.email.as_str(),
            website => company.website.as_str(),
            price_min => plain_amount(prices.min, lang),
            price_max => plain_amount(prices.max, lang),
            warranty_months => facts.warranty_months,
            duration_min_months => months,
            example_area => facts.example_area.as_str(),
            example_weeks => facts.example_weeks,
            projects => facts.projects.as_str(),
            satisfied_percent => facts.satisfied_percent,
            before_deadline_percent => facts.before_deadline_percent,
            partner_count => company.partners.len(),
            partners => company.partners.join(", "),
            cities => cities,
            opening_hours => say_hours(&company.hours, lang),
            language_model_host => third_party.unwrap_or_default(),
            ..context_of_marks()
        };
        Self { environment, facts }
    }

    /// Fills `template`. Errors: an unknown placeholder, or a result that is too long.
    pub(super) fn render(&self, template: &str) -> Result<String, KnowledgeError> {
        if !template.contains('{') {
            return Ok(template.trim_end().to_owned());
        }
        let text = self
            .environment
            .render_str(template, &self.facts)
            .map_err(|error| KnowledgeError::Template(error.to_string()))?;
        if text.len() > RENDERED_MAX_BYTES {
            return Err(KnowledgeError::Template("the text becomes too long".into()));
        }
        Ok(text.trim_end().to_owned())
    }

    /// Fills every text inside a JSON value.
    pub(super) fn render_json(&self, value: &mut serde_json::Value) -> Result<(), KnowledgeError> {
        match value {
            serde_json::Value::String(text) => *text = self.render(text)?,
            serde_json::Value::Array(items) => {
                for item in items {
                    self.render_json(item)?;
                }
            }
            serde_json::Value::Object(fields) => {
                for field in fields.values_mut() {
                    self.render_json(field)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// What only the moment or the conversation knows; [`fill`] puts it in.
const MARKS: [&str; 6] = [
    "next_open",
    "agent_name",
    "noted",
    "link",
    "package",
    "when",
];

fn context_of_marks() -> Value {
    let marks: BTreeMap<_, _> = MARKS.iter().map(|name| (*name, mark(name))).collect();
    Value::from(marks)
}

/// Stands for `name` in a rendered text. The control character cannot come in with a text from outside.
fn mark(name: &str) -> String {
    format!("\u{1}{name}\u{2}")
}

/// A text as a translator reads it: what only the moment knows is a placeholder again.
pub(super) fn with_placeholders(text: &str) -> String {
    let values = MARKS.map(|name| (name, format!("{{{{ {name} }}}}")));
    fill(
        text,
        &values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str())),
    )
}

/// Fills what only the moment or the conversation knows.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        filled = filled.replace(&mark(name), value);
    }
    filled
}

/// A placeholder a text still waits for.
pub(super) fn unfilled(text: &str) -> Option<&'static str> {
    MARKS.into_iter().find(|name| text.contains(&mark(name)))
}

/// The time `at_ms` in the company's zone, for the texts that name days.
pub(super) fn local(company: &Company, at_ms: i64) -> Result<jiff::Zoned, KnowledgeError> {
    let zone = company.zone()?;
    Timestamp::from_millisecond(at_ms)
        .map(|at| at.to_zoned(zone))
        .map_err(|_| KnowledgeError::invalid("time", "out of range".into()))
}
