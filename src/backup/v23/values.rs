//! Cells as what they stand for. Pure.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::mapping::Column;
use super::source::{Cell, Row};

/// A field that could not be read, and why; never what it says.
pub(super) type Fault = (&'static str, String);

/// 2.3 wrote nothing before.
const EARLIEST_MS: i64 = 1_577_836_800_000; // 2020-01-01
/// A clock of another machine may be ahead.
const AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

fn fault<T>(column: Column, why: &str) -> Result<T, Fault> {
    Err((column[0], why.to_owned()))
}

/// A text without the control characters that no text here holds; an empty one is none.
pub(super) fn text(row: &Row, column: Column) -> Result<Option<String>, Fault> {
    let text = match row.cell(column) {
        None | Some(Cell::Null) => return Ok(None),
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Integer(number)) => number.to_string(),
        Some(Cell::Real(number)) => number.to_string(),
        Some(Cell::Unreadable) => return fault(column, "is no text"),
    };
    let printable: String = text
        .replace("\r\n", "\n")
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    let text = printable.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A text that must be there.
pub(super) fn needed_text(row: &Row, column: Column) -> Result<String, Fault> {
    match text(row, column)? {
        Some(text) => Ok(text),
        None => fault(column, "is missing"),
    }
}

/// A whole number.
pub(super) fn integer(row: &Row, column: Column) -> Result<Option<i64>, Fault> {
    match text(row, column)? {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => fault(column, "is no whole number"),
        },
    }
}

/// Yes or no, as SQLite (0, 1), JSON and Python write it.
pub(super) fn needed_answer(row: &Row, column: Column) -> Result<bool, Fault> {
    match &*needed_text(row, column)?.to_lowercase() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => fault(column, "is neither yes nor no"),
    }
}

/// A time in milliseconds UTC. Without a zone it is UTC, as `datetime.utcnow` wrote it.
pub(super) fn time(row: &Row, column: Column, now_ms: i64) -> Result<Option<i64>, Fault> {
    let Some(text) = text(row, column)? else {
        return Ok(None);
    };
    let with_zone = text.parse::<Timestamp>().ok();
    let without = || {
        let time: DateTime = text.parse().ok()?;
        Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let Some(at) = with_zone.or_else(without) else {
        return fault(column, "is no date and time");
    };
    let at_ms = at.as_millisecond();
    if !(EARLIEST_MS..=now_ms.saturating_add(AHEAD_MS)).contains(&at_ms) {
        return fault(column, "is before 2020 or to come");
    }
    Ok(Some(at_ms))
}

/// A time that must be there.
pub(super) fn needed_time(row: &Row, column: Column, now_ms: i64) -> Result<i64, Fault> {
    match time(row, column, now_ms)? {
        Some(at_ms) => Ok(at_ms),
        None => fault(column, "is missing"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW_MS: i64 = 1_795_360_044_120;
    const A: Column = &["a", "b"];

    fn row(cell: Cell) -> Row {
        Row::new([("b".to_owned(), cell)])
    }

    fn of(text: &str) -> Row {
        row(Cell::Text(text.to_owned()))
    }

    #[test]
    fn times_are_read_as_python_and_databases_write_them_and_are_utc_without_a_zone() {
        let expected = "2025-11-18T21:12:15.123Z".parse::<Timestamp>().unwrap();
        for text in [
            "2025-11-18 21:12:15.123456",
            "2025-11-18T21:12:15.123456",
            "2025-11-18T21:12:15.123456+00:00",
            "2025-11-18 22:12:15.123+01",
            "2025-11-18T21:12:15.123Z",
        ] {
            let read = time(&of(text), A, NOW_MS);
            assert_eq!(read, Ok(Some(expected.as_millisecond())), "{text}");
        }
        for text in [
            "soon",
            "2025-13-01",
            "0001-01-01 00:00:00",
            "2999-01-01",
            "12",
        ] {
            let (field, _) = time(&of(text), A, NOW_MS).unwrap_err();
            assert_eq!(field, "a", "{text}");
        }
        assert_eq!(time(&of("  "), A, NOW_MS), Ok(None));
        assert!(needed_time(&of(""), A, NOW_MS).is_err());
    }

    #[test]
    fn texts_lose_control_characters_alone_and_numbers_are_texts_too() {
        assert_eq!(
            text(&of(" <b>a</b>\r\n\u{0}\u{1b}c "), A),
            Ok(Some("<b>a</b>\nc".into()))
        );
        assert_eq!(
            text(&row(Cell::Integer(600_100_200)), A),
            Ok(Some("600100200".into()))
        );
        assert_eq!(text(&row(Cell::Null), A), Ok(None));
        assert_eq!(
            text(&row(Cell::Unreadable), A),
            Err(("a", "is no text".into()))
        );
    }

    #[test]
    fn answers_are_yes_or_no() {
        for (cell, is_yes) in [
            (Cell::Integer(1), true),
            (Cell::Text("False".into()), false),
        ] {
            assert_eq!(needed_answer(&row(cell), A), Ok(is_yes));
        }
        assert!(needed_answer(&of("maybe"), A).is_err());
        assert!(needed_answer(&of(""), A).is_err());
    }

    proptest! {
        #[test]
        fn no_cell_makes_reading_panic(said in "\\PC{0,30}", number in any::<i64>(), real in any::<f64>()) {
            for cell in [Cell::Text(said.clone()), Cell::Integer(number), Cell::Real(real)] {
                let row = row(cell);
                let _ = (text(&row, A), integer(&row, A), needed_answer(&row, A), time(&row, A, NOW_MS));
            }
        }
    }
}
