//! The company's facts: the one place contact data and hours stand, and where prices come in and go out.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::KnowledgeError;
use super::pack::PerLang;
use crate::quotes::Prices;

/// Facts that do not depend on the language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Name as visitors know it.
    pub name: String,
    /// Address of the company's own website.
    pub website: String,
    /// Address for letters from visitors.
    pub email: String,
    /// Phone number in E.164.
    pub phone: String,
    /// The same as people write it.
    pub phone_display: String,
    /// Street and town of the office, in one line; empty: nobody is received there.
    #[serde(default)]
    pub address: String,
    /// IANA name; days and opening hours are counted in it.
    pub time_zone: String,
    /// Makers whose products are used.
    #[serde(default)]
    pub partners: Vec<String>,
    /// The price list. It is kept in versions by the quotes slice and only passes through here.
    pub prices: Prices,
    /// Opening hours by weekday.
    pub hours: Hours,
    /// Single days on which nobody is there, as `YYYY-MM-DD`.
    #[serde(default)]
    pub closures: Vec<String>,
    /// Numbers the texts name.
    pub facts: Facts,
    /// Where the company works, per language.
    pub areas: Vec<PerLang<String>>,
}

/// Opening hours: per weekday the spans `09:00-17:00`, empty when closed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the fields are the days
pub struct Hours {
    pub mon: Vec<String>,
    pub tue: Vec<String>,
    pub wed: Vec<String>,
    pub thu: Vec<String>,
    pub fri: Vec<String>,
    pub sat: Vec<String>,
    pub sun: Vec<String>,
}

/// Numbers the texts name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Length of the warranty from hand-over.
    pub warranty_months: u32,
    /// Shortest time a project takes; text, since it may be `1.5`.
    pub duration_min_months: String,
    /// Size of the example flat.
    pub example_area: String,
    /// How long the example flat takes at least.
    pub example_weeks: u32,
    /// Finished projects, e.g. `30+`.
    pub projects: String,
    /// Share of satisfied clients, 0 to 100.
    pub satisfied_percent: u32,
    /// Share of projects done before the deadline, 0 to 100.
    pub before_deadline_percent: u32,
}

/// A span of opening hours within one day.
pub(super) type Span = (Time, Time);

impl Hours {
    /// The days from Monday, as written.
    pub fn days(&self) -> [&Vec<String>; 7] {
        [
            &self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun,
        ]
    }

    /// The spans of each weekday from Monday, in order of time.
    ///
    /// Errors: a span that is not `HH:MM-HH:MM`, ends before it begins, or overlaps the one before.
    pub(super) fn spans(&self) -> Result<[Vec<Span>; 7], KnowledgeError> {
        let mut week: [Vec<Span>; 7] = Default::default();
        for (spans, day) in week.iter_mut().zip(self.days()) {
            for text in day {
                let span = text
                    .split_once('-')
                    .and_then(|(from, to)| Some((clock(from)?, clock(to)?)))
                    .filter(|(from, to)| from < to);
                let fits = |span: &Span| spans.last().is_none_or(|(_, end)| *end <= span.0);
                match span {
                    Some(span) if fits(&span) => spans.push(span),
                    _ => {
                        return Err(KnowledgeError::invalid(
                            "hours",
                            format!("{text:?} is not a span like 09:00-17:00 after the one before"),
                        ));
                    }
                }
            }
        }
        Ok(week)
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl Company {
    /// The company's time zone.
    ///
    /// Errors: the name is no zone of the IANA database.
    pub fn zone(&self) -> Result<TimeZone, KnowledgeError> {
        TimeZone::get(&self.time_zone).map_err(|_| {
            KnowledgeError::invalid("time_zone", "must be a name like Europe/Warsaw".into())
        })
    }

    /// Days on which nobody is there.
    pub fn closed_days(&self) -> Result<Vec<Date>, KnowledgeError> {
        self.closures
            .iter()
            .map(|day| {
                day.parse().map_err(|_| {
                    KnowledgeError::invalid(
                        "closures",
                        format!("{day:?} is not a day like 2026-12-24"),
                    )
                })
            })
            .collect()
    }

    /// Checks everything a reader relies on.
    pub fn validate(&self) -> Result<(), KnowledgeError> {
        self.zone()?;
        self.hours.spans()?;
        self.closed_days()?;
        let texts = [
            ("name", &self.name),
            ("website", &self.website),
            ("email", &self.email),
            ("phone", &self.phone),
            ("phone_display", &self.phone_display),
        ];
        for (field, text) in texts {
            if text.trim().is_empty() || text.chars().count() > 200 {
                return Err(KnowledgeError::invalid(
                    field,
                    "must be 1 to 200 characters".into(),
                ));
            }
        }
        if self.address.contains(char::is_control) || self.address.chars().count() > 200 {
            return Err(KnowledgeError::invalid(
                "address",
                "must be one line of 200 characters at most".into(),
            ));
        }
        if !self.website.starts_with("https://") && !self.website.starts_with("http://") {
            return Err(KnowledgeError::invalid(
                "website",
                "must begin with https://".into(),
            ));
        }
        self.prices
            .validate()
            .map_err(|error| KnowledgeError::invalid("prices", error.to_string()))?;
        Ok(())
    }
}
