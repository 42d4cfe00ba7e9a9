//! A row of a file.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::columns::{Column, Columns, told as column_name};
use crate::leads::cleaning::{self, SHORT_MAX_CHARS, TEXT_MAX_CHARS};
use crate::leads::edit::set_status;
use crate::leads::export::as_written;
use crate::leads::model::{Lead, NewLead, Source, Status};
use crate::leads::{Email, LeadError, Phone, rules};
use crate::platform::http::Problem;

/// A clock of somebody else's may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What a row says.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) new: NewLead,
    status: Status,
    lost_reason: Option<String>,
    tags: Vec<String>,
    pub(super) note: Option<String>,
    created_at_ms: i64,
}

impl Row {
    /// Reads a row; days are days in `zone`.
    ///
    /// Errors: it has another number of cells than the first row, or a value is refused.
    pub(super) fn parse(
        record: &csv::StringRecord,
        columns: &Columns,
        zone: &TimeZone,
        now_ms: i64,
    ) -> Result<Self, LeadError> {
        if record.len() != columns.all.len() {
            let (has, first) = (record.len(), columns.all.len());
            let why = format!("has {has} cells, the first row {first}; look at its quotes");
            return Err(LeadError::File(why));
        }
        let cell = |wanted: Column| {
            let at = columns
                .all
                .iter()
                .position(|column| *column == Some(wanted))?;
            let cell = record.get(at)?.trim();
            (!cell.is_empty()).then(|| as_written(cell).to_owned())
        };
        let new = new_lead(&cell)?;
        let status = cell(Column::Status).map(|text| status(&text)).transpose()?;
        let tags: Vec<String> = cell(Column::Tags)
            .unwrap_or_default()
            .split(',')
            .filter(|tag| !tag.trim().is_empty())
            .map(str::to_owned)
            .collect();
        let created_at_ms = cell(Column::CreatedAt)
            .map(|text| moment(&text, zone, now_ms))
            .transpose()?;
        let reason = cell(Column::LostReason);
        let note = cell(Column::Notes);
        let row = Self {
            new: cleaning::cleaned(new)?,
            status: status.unwrap_or(Status::New),
            lost_reason: cleaning::optional("lost_reason", reason.as_deref(), SHORT_MAX_CHARS)?,
            tags: cleaning::tags(&tags)?,
            note: cleaning::optional("notes", note.as_deref(), TEXT_MAX_CHARS)?,
            created_at_ms: created_at_ms.unwrap_or(now_ms),
        };
        // So that no row is refused once a transaction is under way.
        let mut lead = rules::first(row.new.clone(), now_ms);
        set_status(&mut lead, row.status, row.lost_reason.clone())?;
        Ok(row)
    }

    /// A new lead of it.
    pub(super) fn into_lead(self, now_ms: i64) -> Lead {
        Lead {
            status: self.status,
            lost_reason: self.lost_reason,
            tags: self.tags,
            created_at_ms: self.created_at_ms,
            ..rules::first(self.new, now_ms)
        }
    }
}

/// What a row says of a person.
fn new_lead(cell: &impl Fn(Column) -> Option<String>) -> Result<NewLead, LeadError> {
    let parts = [cell(Column::FirstName), cell(Column::LastName)];
    let name = cell(Column::Name)
        .unwrap_or_else(|| parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let source = cell(Column::Source).and_then(|source| source.parse().ok());
    let numbers = |column| cell(column).map(|text| number(column, &text)).transpose();
    Ok(NewLead {
        email: cell(Column::Email)
            .map(|text| Email::parse(&text))
            .transpose()?,
        phone: cell(Column::Phone)
            .map(|text| Phone::parse(&text))
            .transpose()?,
        interested_package: cell(Column::Package),
        property_size: numbers(Column::PropertySize)?,
        property_type: cell(Column::PropertyType),
        location: cell(Column::Location),
        budget: numbers(Column::Budget)?.map(|budget| budget.round() as i64),
        message: cell(Column::Message),
        additional_info: cell(Column::AdditionalInfo),
        ..NewLead::new(&name, source.unwrap_or(Source::Import))
    })
}

/// The field that was refused and why, for people.
pub(in crate::leads) fn told(error: LeadError) -> (Option<String>, String) {
    match error {
        LeadError::Text(field, why) => (Some(field.to_owned()), why.to_string()),
        LeadError::Field(field, why) => (Some(field.to_owned()), why),
        LeadError::InvalidEmail => (Some("email".into()), error.to_string()),
        LeadError::InvalidPhone => (Some("phone".into()), error.to_string()),
        LeadError::File(why) => (None, why),
        other => (None, Problem::from(other).sentence().to_owned()),
    }
}

/// Square metres as people write them: `62,5 m²`.
pub(in crate::leads) fn square_metres(text: &str) -> Result<f64, LeadError> {
    number(Column::PropertySize, text)
}

/// A number as people write it: `62,5 m²`, `150 000 zł`, `150.000`.
fn number(column: Column, text: &str) -> Result<f64, LeadError> {
    let refused = || LeadError::Field(column_name(column), "must be a number".into());
    let said = text
        .trim_end_matches(|c: char| c.is_alphabetic() || "²³.".contains(c) || c.is_whitespace());
    // "62 m2" ends with a digit of its unit.
    let said = text.strip_suffix("m2").unwrap_or(said);
    let digits: String = said.chars().filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<&str> = digits.split([',', '.']).collect();
    let plain = match parts.as_slice() {
        [whole] => (*whole).to_owned(),
        // A single sign before three digits parts thousands, for no property is measured to the litre.
        [whole, rest] if rest.len() != 3 => format!("{whole}.{rest}"),
        [first, groups @ ..] if groups.iter().all(|group| group.len() == 3) => {
            format!("{first}{}", groups.concat())
        }
        [first, groups @ .., rest] if groups.iter().all(|group| group.len() == 3) => {
            format!("{first}{}.{rest}", groups.concat())
        }
        _ => return Err(refused()),
    };
    let is_number = plain.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number = plain.parse::<f64>().ok().filter(|_| is_number);
    number.ok_or_else(refused)
}

fn status(text: &str) -> Result<Status, LeadError> {
    let word = text.to_lowercase().replace([' ', '-'], "_");
    word.parse().map_err(|()| {
        let why = "must be new, contacted, qualified, consultation_booked, converted or lost";
        LeadError::Field("status", why.into())
    })
}

fn moment(text: &str, zone: &TimeZone, now_ms: i64) -> Result<i64, LeadError> {
    let refused = || {
        let why = "must be a day like 2026-11-24 or 24.11.2026, or RFC 3339, and not to come";
        LeadError::Field("created_at", why.into())
    };
    let turned = || {
        let parts: Vec<&str> = text.split('.').collect();
        let [day, month, year] = parts.as_slice() else {
            return None;
        };
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    };
    let midnight = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
    let at = text.parse::<Timestamp>().ok();
    let day = || text.parse::<Date>().ok().or_else(turned);
    let at = at.or_else(|| midnight(day()?)).ok_or_else(refused)?;
    let is_past = at.as_millisecond() <= now_ms.saturating_add(AHEAD.as_millis() as i64);
    is_past.then(|| at.as_millisecond()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW_MS: i64 = 1_795_360_044_120;

    fn parsed(columns: &[&str], cells: &[&str]) -> Result<Row, LeadError> {
        let columns = Columns::parse(&csv::StringRecord::from(columns.to_vec())).unwrap();
        let record = csv::StringRecord::from(cells.to_vec());
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        Row::parse(&record, &columns, &zone, NOW_MS)
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("62", 62.0),
            ("62,5", 62.5),
            ("62.5 m²", 62.5),
            ("62 m2", 62.0),
            ("150 000 zł", 150_000.0),
            ("150.000", 150_000.0),
            ("150,000.00 PLN", 150_000.0),
            ("1.250.000,50", 1_250_000.5),
            ("1 250 000", 1_250_000.0),
        ] {
            assert_eq!(number(Column::Budget, text).ok(), Some(expected), "{text}");
        }
        for text in ["", "a", "-5", "1,2,3", "1e9", "NaN", "inf", "1..2", ","] {
            assert!(number(Column::Budget, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_row_becomes_a_lead() {
        let columns = [
            "Imię",
            "Nazwisko",
            "Telefon",
            "Status",
            "Powód utraty",
            "Tagi",
            "Data",
        ];
        let cells = [
            "Anna",
            "Nowak",
            "'+48 600 100 200",
            "Lost",
            "cena",
            "a, b",
            "24.03.2026",
        ];
        let row = parsed(&columns, &cells).unwrap();
        let lead = row.into_lead(NOW_MS);
        assert_eq!(
            (lead.name.as_str(), lead.status),
            ("Anna Nowak", Status::Lost)
        );
        assert_eq!(lead.phone, Phone::parse("600100200").ok());
        assert_eq!(lead.tags, ["a", "b"]);
        let created = "2026-03-23T23:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(lead.created_at_ms, created.as_millisecond());
        assert_eq!(lead.source, Source::Import);
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let columns = ["name", "email", "status", "budget", "created_at", "tags"];
        for (cells, field) in [
            (["Anna", "anna", "", "", "", ""], Some("email")),
            (["", "a@example.com", "", "", "", ""], Some("name")),
            (["Anna", "", "", "", "", ""], None),
            (
                ["Anna", "a@example.com", "gone", "", "", ""],
                Some("status"),
            ),
            (
                ["Anna", "a@example.com", "lost", "", "", ""],
                Some("lost_reason"),
            ),
            (
                ["Anna", "a@example.com", "", "much", "", ""],
                Some("budget"),
            ),
            (
                ["Anna", "a@example.com", "", "", "2036-01-01", ""],
                Some("created_at"),
            ),
            (
                ["Anna", "a@example.com", "", "", "32.01.2026", ""],
                Some("created_at"),
            ),
            (["A\u{0}", "a@example.com", "", "", "", ""], Some("name")),
        ] {
            let (told, _) = told(parsed(&columns, &cells).unwrap_err());
            assert_eq!(told.as_deref(), field, "{cells:?}");
        }
        assert!(
            parsed(&columns, &["Anna", "a@example.com"]).is_err(),
            "too few cells"
        );
    }

    proptest! {
        #[test]
        fn no_cell_makes_reading_panic(cell in "\\PC{0,40}", number in "[0-9., m²zł-]{0,20}") {
            let columns = ["name", "email", "phone", "status", "budget", "created_at", "tags"];
            let cells = [&cell, "a@example.com", &number, &cell, &number, &number, &cell];
            let _ = parsed(&columns, &cells.map(|cell| cell as &str));
        }
    }
}
