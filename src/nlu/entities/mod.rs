//! Data in a message: area, budget, town, kind of home, rooms, package, name, e-mail, phone, date and time.
//!
//! The text is cut into tokens once, each word is looked up once in a lexicon of all three languages
//! (`assets/nlu/words.toml`), then each rule reads what the ones before left. Pure: today's date, the hour and the
//! company's own names are arguments. What cannot be true (31 February, -5 m²) is no data; the time is linear in the
//! message, of which the first 2,000 characters are read.
//!
//! ```text
//! tokens.rs    words, digits, symbols            lexicon.rs  what words mean
//! message.rs   both together, and what is taken  numbers.rs, german.rs  numbers in digits and words
//! contact.rs   e-mail, phone                     area.rs, money.rs, rooms.rs
//! city.rs      towns (declension.rs: their cases) home.rs    kind of home, package
//! dates.rs, times.rs                             names.rs
//! figures.rs   every figure of a text, for comparing texts
//! ```
//!
//! ```
//! use novahouse::nlu::{Lang, entities::{Context, Vocabulary, extract}};
//!
//! let vocabulary = Vocabulary::default();
//! let context = Context { now: jiff::civil::date(2026, 11, 22).at(12, 0, 0, 0), vocabulary: &vocabulary };
//! let found = extract("Mieszkanie 62,5 mkw w Gdańsku, jutro o 17", Lang::Pl, &context);
//! assert_eq!((found.area_m2, found.city.as_deref()), (Some(62.5), Some("Gdańsk")));
//! assert_eq!(found.date, Some(jiff::civil::date(2026, 11, 23)));
//! ```

mod area;
mod city;
mod contact;
mod dates;
mod declension;
mod figures;
mod german;
mod home;
mod lexicon;
mod mask;
mod message;
mod money;
mod names;
mod numbers;
mod rooms;
#[cfg(test)]
mod tests;
mod times;
mod tokens;

pub use figures::{Counted, Figure, Measure, Says, figures};
pub use lexicon::Property;
pub use mask::{masked, masked_by};
pub use names::people;

use crate::nlu::Lang;
use jiff::civil::{Date, DateTime, Time};
use lexicon::{Phrases, spellings};
use message::Message;
use serde::{Serialize, Serializer};
use std::ops::Range;

/// What a message tells; what it does not tell is `None` and absent in JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Entities {
    /// Square metres, rounded to hundredths; the middle of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_m2: Option<f64>,
    /// Whole zlotys; the upper end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_pln: Option<i64>,
    /// A town, in the nominative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// What is to be finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_type: Option<Property>,
    /// Number of rooms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<u32>,
    /// The company's name of one of its packages: `standard`, `premium`, `luxury` in the built-in company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The visitor's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address in small letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Day in the company's time zone; `2026-12-15` in JSON.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub date: Option<Date>,
    /// Time of day in the company's time zone; `17:30` in JSON.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_hour_and_minute"
    )]
    pub time: Option<Time>,
    /// Where each of them stands, in the order they were found.
    #[serde(skip)]
    pub found: Vec<Found>,
}

impl Entities {
    /// Whether `text`, which this was found in, holds at most one word besides the data: "70 m2", "w Gdyni", "Jan".
    pub fn is_all_of(&self, text: &str) -> bool {
        let is_data = |at: usize| self.found.iter().any(|found| found.bytes.contains(&at));
        let words = text.split_whitespace().filter(|word| {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            !is_data(at) && word.chars().any(char::is_alphabetic)
        });
        words.count() <= 1
    }
}

/// Where a piece of data stands in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: EntityKind,
    /// The bytes that tell it.
    pub bytes: Range<usize>,
}

/// The kinds of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the variants are the fields of `Entities`, described there
pub enum EntityKind {
    Area,
    Budget,
    City,
    PropertyType,
    Rooms,
    Package,
    Name,
    Email,
    Phone,
    Date,
    Time,
}

/// What the rules need to know beside the message.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Date and time now, in the company's time zone.
    pub now: DateTime,
    /// The company's own names.
    pub vocabulary: &'a Vocabulary,
}

/// The company's own names of towns, packages and kinds of homes. Built once, used by every message.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// Folded, so that "Nova House" is not read as a house.
    company: String,
    cities: Phrases<city::Place>,
    packages: Phrases<String>,
    properties: Phrases<Option<Property>>,
}

impl Vocabulary {
    /// Takes the company's name and its entities: per entity the name (`city`, `package`, `property_type`; others are
    /// passed over) and per value the canonical name first, then other ways to write it. Towns are inflected by rule; a
    /// kind of home must be one of [`Property`]'s names.
    pub fn new<'a>(
        company: &str,
        entities: impl IntoIterator<Item = (&'a str, &'a [Vec<String>])>,
    ) -> Vocabulary {
        let mut vocabulary = Vocabulary {
            company: crate::nlu::fold(company),
            ..Vocabulary::default()
        };
        for (entity, values) in entities {
            for value in values {
                if let Some((name, others)) = value.split_first() {
                    vocabulary.add(entity, name, others);
                }
            }
        }
        vocabulary
    }

    fn add(&mut self, entity: &str, name: &str, others: &[String]) {
        match entity {
            "city" => city::add(&mut self.cities, name, others, false),
            "package" => {
                for phrase in std::iter::once(name)
                    .chain(others.iter().map(String::as_str))
                    .flat_map(spellings)
                {
                    if let Some(package) = self.packages.entry(&phrase) {
                        name.clone_into(package);
                    }
                }
            }
            "property_type" => {
                for phrase in others.iter().flat_map(|other| spellings(other)) {
                    if let Some(property) = self.properties.entry(&phrase) {
                        *property = Property::named(name);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reads the data in a message.
///
/// * `lang`: the language of the message; decides only where a word means different things in two languages.
/// * Errors: none; what is absurd or ambiguous is left out.
pub fn extract(text: &str, lang: Lang, context: &Context) -> Entities {
    read(text, lang, context, None)
}

/// Reads the reply to a question for `kind`: like [`extract`], and a bare value counts as what was asked for ("60" as
/// an area, "150" as a budget in thousands, "Jan Kowalski" as a name, "17" as a time).
pub fn extract_expected(kind: EntityKind, text: &str, lang: Lang, context: &Context) -> Entities {
    read(text, lang, context, Some(kind))
}

fn read(text: &str, lang: Lang, context: &Context, expected: Option<EntityKind>) -> Entities {
    let is = |kind: EntityKind| expected == Some(kind);
    let vocabulary = context.vocabulary;
    let mut message = Message::read(text, lang);
    contact::email(&mut message);
    contact::phone(&mut message);
    area::find(&mut message);
    home::property(&mut message, vocabulary);
    rooms::find(&mut message);
    money::find(&mut message);
    if is(EntityKind::Area) && message.found.area_m2.is_none() {
        area::expected(&mut message);
    }
    if is(EntityKind::Rooms) && message.found.rooms.is_none() {
        rooms::expected(&mut message);
    }
    if is(EntityKind::Budget) && message.found.budget_pln.is_none() {
        money::expected(&mut message);
    }
    // Before towns: a bare "Marek" is Marki in the genitive, but not from somebody who was asked for a name.
    if is(EntityKind::Name) {
        names::find(&mut message);
        if message.found.name.is_none() {
            names::expected(&mut message);
        }
    }
    dates::find(&mut message, context, is(EntityKind::Date));
    times::find(&mut message, is(EntityKind::Time));
    city::find(&mut message, vocabulary, is(EntityKind::City));
    home::package(&mut message, vocabulary, is(EntityKind::Package));
    if message.found.name.is_none() {
        names::find(&mut message);
    }
    message.found
}

/// Serialisers of optional fields that are skipped when absent.
#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // the signature serde asks for
fn as_text<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)]
fn as_hour_and_minute<S: Serializer>(
    time: &Option<Time>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(&time.strftime("%H:%M")),
        None => serializer.serialize_none(),
    }
}
