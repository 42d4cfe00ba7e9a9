//! Filling the placeholders of texts from the company's facts. Money, phone numbers and hours stand nowhere else.

use jiff::Timestamp;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::KnowledgeError;
use super::company::Company;
use super::opening::say_hours;
use crate::nlu::Lang;

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
    pub(super) fn new(company: &Company, lang: Lang) -> Self {
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
        let months = match lang {
            Lang::En => facts.duration_min_months.clone(),
            Lang::Pl | Lang::De => facts.duration_min_months.replace('.', ","),
        };
        let facts = context! {
            company => company.name.as_str(),
            phone => company.phone_display.as_str(),
            email => company.email.as_str(),
            website => company.website.as_str(),
            price_min => company.prices.per_m2_min,
            price_max => company.prices.per_m2_max,
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
            next_open => NEXT_OPEN,
            agent_name => AGENT_NAME,
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

/// Stands for the next opening in a sentence until [`fill`] knows it.
const NEXT_OPEN: &str = "\u{1}next_open";
/// Stands for a person's name.
const AGENT_NAME: &str = "\u{1}agent_name";

/// Fills what only the moment knows.
pub(super) fn fill(text: &str, next_open: &str, agent_name: &str) -> String {
    text.replace(NEXT_OPEN, next_open)
        .replace(AGENT_NAME, agent_name)
}

/// True when a rendered text still waits for the next opening.
pub(super) fn names_next_open(text: &str) -> bool {
    text.contains(NEXT_OPEN)
}

/// The time `at_ms` in the company's zone, for the texts that name days.
pub(super) fn local(company: &Company, at_ms: i64) -> Result<jiff::Zoned, KnowledgeError> {
    let zone = company.zone()?;
    Timestamp::from_millisecond(at_ms)
        .map(|at| at.to_zoned(zone))
        .map_err(|_| KnowledgeError::invalid("time", "out of range".into()))
}
