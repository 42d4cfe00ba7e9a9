//! Which column of a board holds what of a lead. Boards are the company's own, so a column is known by its title, and those
//! for e-mail addresses and phone numbers by their type. Pure.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::leads::Lead;
use crate::platform::folding::folded;

/// A column as monday.com describes it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Column {
    pub(super) id: String,
    pub(super) title: String,
    /// `text`, `status`, `email` …
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// What of a lead a column can hold, by its names in API and pages, folded.
const FIELDS: [(&str, &[&str]); 11] = [
    ("status", &["status", "etap", "stage"]),
    (
        "email",
        &["email", "e-mail", "adres e-mail", "e-mail-adresse"],
    ),
    (
        "phone",
        &["phone", "telefon", "telefonnummer", "numer telefonu"],
    ),
    ("package", &["package", "pakiet", "paket"]),
    ("area", &["area", "powierzchnia", "metraz", "flache", "m2"]),
    (
        "property_type",
        &[
            "property type",
            "rodzaj nieruchomosci",
            "typ nieruchomosci",
            "objektart",
        ],
    ),
    (
        "location",
        &["location", "city", "lokalizacja", "miasto", "ort"],
    ),
    ("budget", &["budget", "budzet"]),
    ("message", &["message", "wiadomosc", "nachricht"]),
    ("source", &["source", "zrodlo", "quelle"]),
    ("score", &["score", "ocena", "punkty", "bewertung"]),
];

/// What a column holds, if we fill it.
pub(super) fn field(column: &Column) -> Option<&'static str> {
    let title = folded(column.title.trim());
    let titled = FIELDS
        .iter()
        .find(|(_, titles)| titles.contains(&title.as_str()))
        .map(|(field, _)| *field);
    match column.kind.as_str() {
        "email" => Some("email"),
        "phone" => Some("phone"),
        "text" | "long_text" | "numbers" | "dropdown" | "status" => titled,
        _ => None,
    }
}

/// The lead as values of the board's columns; what it does not hold is left out.
pub(super) fn values(columns: &[Column], lead: &Lead) -> Value {
    let values = columns.iter().filter_map(|column| {
        let text = text(field(column)?, lead)?;
        Some((column.id.clone(), value(&column.kind, &text)?))
    });
    Value::Object(values.collect::<Map<_, _>>())
}

/// What the item of a lead is called; the number makes it the only one, so that it can be found again.
pub(super) fn item_name(lead: &Lead) -> String {
    format!("{} #{}", lead.name, lead.id)
}

fn text(field: &str, lead: &Lead) -> Option<String> {
    match field {
        "status" => Some(lead.status.as_str().replace('_', " ")),
        "email" => lead.email.as_ref().map(|email| email.as_str().to_owned()),
        "phone" => lead.phone.as_ref().map(|phone| phone.e164().to_owned()),
        "package" => lead.interested_package.clone(),
        "area" => lead.property_size.map(|m2| m2.to_string()),
        "property_type" => lead.property_type.clone(),
        "location" => lead.location.clone(),
        "budget" => lead.budget.map(|budget| budget.to_string()),
        "message" => lead.message.clone(),
        "source" => Some(lead.source.as_str().to_owned()),
        "score" => Some(lead.score.to_string()),
        _ => None,
    }
}

/// A text in the form a type of column takes.
fn value(kind: &str, text: &str) -> Option<Value> {
    Some(match kind {
        "email" => json!({"email": text, "text": text}),
        "phone" => json!({"phone": text, "countryShortName": country(text)}),
        "status" => json!({"label": text}),
        "dropdown" => json!({"labels": [text]}),
        "long_text" => json!({"text": text}),
        "numbers" => json!(text.parse::<f64>().ok()?.to_string()),
        _ => json!(text),
    })
}

/// The flag beside a number; others have none.
fn country(e164: &str) -> &'static str {
    let countries = [("+48", "PL"), ("+49", "DE"), ("+44", "GB")];
    let country = countries.iter().find(|(code, _)| e164.starts_with(code));
    country.map_or("", |(_, name)| name)
}
