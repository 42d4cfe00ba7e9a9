//! Which leads a list or a file holds, and in what order. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use poem_openapi::Enum;

use super::LeadError;
use super::cleaning::{self, SHORT_MAX_CHARS};
use super::model::Status;
use crate::platform::folding::folded;

/// What is asked for, as it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) status: Option<Status>,
    pub(super) start_date: Option<String>,
    pub(super) end_date: Option<String>,
    pub(super) package: Option<String>,
    pub(super) assigned_to: Option<String>,
    pub(super) min_score: Option<i64>,
    pub(super) q: Option<String>,
    pub(super) spam: Option<bool>,
}

/// Which leads are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// Those in the spam folder, or all others.
    pub(super) is_spam: bool,
    pub(super) status: Option<Status>,
    /// Those that first came from then on.
    pub(super) from_ms: Option<i64>,
    /// Those that first came before.
    pub(super) to_ms: Option<i64>,
    pub(super) package: Option<String>,
    pub(super) assigned: Option<Assigned>,
    pub(super) min_score: Option<i64>,
    /// For LIKE with the escape `!`, folded.
    pub(super) pattern: Option<String>,
}

/// Who cares for a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assigned {
    Nobody,
    Member(i64),
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "LeadSort")]
pub(super) enum SortBy {
    /// When the person first came.
    #[default]
    CreatedAt,
    /// When something last changed.
    UpdatedAt,
    /// Case and diacritics do not matter.
    Name,
    Score,
    /// Leads without one come last.
    Budget,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "LeadSortOrder")]
pub(super) enum SortOrder {
    Asc,
    #[default]
    Desc,
}

impl Filter {
    /// Reads what is asked for. Days are days in `zone`, the last one included; of two moments the second is not.
    ///
    /// Errors: a value that cannot be, with its field.
    pub(super) fn parse(asked: &Asked, zone: &TimeZone) -> Result<Self, LeadError> {
        let from_ms = filled(asked.start_date.as_ref())
            .map(|text| moment("start_date", text, zone, 0))
            .transpose()?;
        let to_ms = filled(asked.end_date.as_ref())
            .map(|text| moment("end_date", text, zone, 1))
            .transpose()?;
        if from_ms.zip(to_ms).is_some_and(|(from, to)| from >= to) {
            let why = "must leave some time after start_date";
            return Err(LeadError::Field("end_date", why.into()));
        }
        if asked
            .min_score
            .is_some_and(|score| !(0..=100).contains(&score))
        {
            return Err(LeadError::Field(
                "min_score",
                "must be from 0 to 100".into(),
            ));
        }
        Ok(Self {
            is_spam: asked.spam.unwrap_or_default(),
            status: asked.status,
            from_ms,
            to_ms,
            package: cleaning::optional("package", asked.package.as_deref(), SHORT_MAX_CHARS)?,
            assigned: filled(asked.assigned_to.as_ref())
                .map(assigned)
                .transpose()?,
            min_score: asked.min_score,
            pattern: cleaning::optional("q", asked.q.as_deref(), SHORT_MAX_CHARS)?
                .map(|text| pattern(&text)),
        })
    }
}

fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn assigned(text: &str) -> Result<Assigned, LeadError> {
    if text == "none" {
        return Ok(Assigned::Nobody);
    }
    let why = || LeadError::Field("assigned_to", "must be a member's id or none".into());
    text.parse().map(Assigned::Member).map_err(|_| why())
}

/// A moment, or the beginning of a day or of the one `days_later`.
fn moment(
    field: &'static str,
    text: &str,
    zone: &TimeZone,
    days_later: i64,
) -> Result<i64, LeadError> {
    let why = "must be a day like 2026-11-24 or a time like 2026-11-24T09:00:00+01:00";
    let begin = |day: Date| {
        let day = day.checked_add(days_later.days()).ok()?;
        Some(day.to_zoned(zone.clone()).ok()?.timestamp())
    };
    let at = if text.len() == "2026-11-24".len() {
        text.parse::<Date>().ok().and_then(begin)
    } else {
        // In an address a plus that was not escaped arrives as a space.
        text.replace(' ', "+").parse::<Timestamp>().ok()
    };
    at.map(Timestamp::as_millisecond)
        .ok_or_else(|| LeadError::Field(field, why.into()))
}

/// What is searched by: the name first, since lists are sorted by it.
pub(super) fn find_text(name: &str, rest: [Option<&str>; 4]) -> String {
    let parts = std::iter::once(name).chain(rest.into_iter().flatten());
    folded(&parts.collect::<Vec<_>>().join("\n"))
}

/// A LIKE pattern (escape `!`) that finds `text` anywhere in [`find_text`]. A phone number is found however it is
/// written, so its separators go.
fn pattern(text: &str) -> String {
    let is_separator = |c: char| " -./()".contains(c);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = digits >= 3
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || c == '+' || is_separator(c));
    let mut pattern = String::from("%");
    for c in folded(text)
        .chars()
        .filter(|c| !is_number || !is_separator(*c))
    {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn warsaw() -> TimeZone {
        TimeZone::get("Europe/Warsaw").unwrap()
    }

    fn between(start: &str, end: &str) -> Result<Filter, LeadError> {
        let asked = Asked {
            start_date: Some(start.into()),
            end_date: Some(end.into()),
            ..Asked::default()
        };
        Filter::parse(&asked, &warsaw())
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn days_are_days_of_the_company_and_the_last_one_counts() {
        let day = between("2026-03-29", "2026-03-29").unwrap();
        assert_eq!(day.from_ms, Some(ms("2026-03-28T23:00:00Z")));
        assert_eq!(day.to_ms, Some(ms("2026-03-29T22:00:00Z")), "23 hours long");
        let moments = between("2026-03-29T10:00:00+02:00", "2026-03-29T10:00:00Z").unwrap();
        assert_eq!(moments.from_ms, Some(ms("2026-03-29T08:00:00Z")));
        assert_eq!(moments.to_ms, Some(ms("2026-03-29T10:00:00Z")));
        let unescaped = between("2026-03-29T10:00:00 02:00", "2026-03-30").unwrap();
        assert_eq!(unescaped.from_ms, moments.from_ms);
    }

    #[test]
    fn what_is_no_day_and_a_wrong_order_are_refused() {
        for (start, end) in [
            ("2026-13-01", "2026-03-01"),
            ("2026-02-29", "2026-03-01"),
            ("29.03.2026", "2026-03-01"),
            ("2026-03-01", "tomorrow"),
            ("2026-03-01T10:00:00", "2026-03-02"),
            ("2026-03-03", "2026-03-01"),
            ("-009999-01-01", "9999-12-31"),
            ("9999-12-31", "9999-12-31"),
        ] {
            assert!(between(start, end).is_err(), "{start} {end}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written_and_wildcards_are_letters() {
        assert_eq!(pattern("600 100-200"), "%600100200%");
        assert_eq!(pattern("Łucja 100%"), "%lucja 100!%%");
        assert_eq!(pattern("a_b"), "%a!_b%");
    }

    #[test]
    fn other_values_are_refused_by_field() {
        let refused = |asked: Asked| Filter::parse(&asked, &warsaw()).is_err();
        for score in [-1, 101, i64::MAX] {
            assert!(refused(Asked {
                min_score: Some(score),
                ..Asked::default()
            }));
        }
        for whom in ["x", "1.5", "99999999999999999999"] {
            assert!(refused(Asked {
                assigned_to: Some(whom.into()),
                ..Asked::default()
            }));
        }
        for q in ["a\u{0}", &"x".repeat(101)] {
            assert!(refused(Asked {
                q: Some(q.into()),
                ..Asked::default()
            }));
        }
        let asked = Asked {
            assigned_to: Some("none".into()),
            q: Some(" ".into()),
            ..Asked::default()
        };
        let filter = Filter::parse(&asked, &warsaw()).unwrap();
        assert_eq!(
            (filter.assigned, filter.pattern),
            (Some(Assigned::Nobody), None)
        );
    }

    proptest! {
        #[test]
        fn nothing_makes_reading_a_filter_panic(text in "\\PC{0,40}", day in "[0-9+:TZ -]{0,30}") {
            let asked = Asked {
                start_date: Some(day.clone()),
                end_date: Some(text.clone()),
                package: Some(text.clone()),
                assigned_to: Some(day),
                q: Some(text),
                ..Asked::default()
            };
            let _ = Filter::parse(&asked, &TimeZone::UTC);
        }
    }
}
