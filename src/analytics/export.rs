//! Everything as a file, for other programs.

use std::collections::VecDeque;

use poem::Body;
use poem_openapi::Enum;
use serde_json::{Map, Value, json};

use super::days::date_of;
use super::fold::STAGES;
use super::store;
use crate::leads::harmless;
use crate::params;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{Parts, written_while_sent};

/// Rows a part holds.
const PART: i64 = 1_000;

/// What a file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "AnalyticsExportType")]
pub(super) enum Kind {
    /// What happened, one row each.
    #[default]
    Events,
    /// Sessions of visitors.
    Sessions,
    /// Counts by day, in the company's time zone.
    Daily,
    /// All three, as one JSON object of arrays.
    All,
}

/// As which file it leaves the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "AnalyticsExportFormat")]
pub(super) enum Format {
    /// For spreadsheets: UTF-8 with a byte order mark, commas, CRLF.
    #[default]
    Csv,
    /// An array of objects.
    Json,
}

/// The rows of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Events,
    Sessions,
    Daily,
}

const EVENTS: &[&str] = &["id", "timestamp", "session", "event", "details"];
const SESSIONS: &[&str] = &[
    "id",
    "started_at",
    "last_at",
    "language",
    "device",
    "browser",
    "source",
    "campaign",
    "page",
    "last_source",
    "last_campaign",
    "last_page",
    "messages",
    "active_seconds",
    "stage",
];
const DAILY: &[&str] = &["metric", "date", "label", "count", "total"];

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Sessions => "sessions",
            Self::Daily => "daily",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Events => EVENTS,
            Self::Sessions => SESSIONS,
            Self::Daily => DAILY,
        }
    }
}

impl Kind {
    /// What the file is called, without its ending.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Sessions => "sessions",
            Self::Daily => "daily",
            Self::All => "analytics",
        }
    }

    fn sections(self) -> VecDeque<Section> {
        match self {
            Self::Events => [Section::Events].into(),
            Self::Sessions => [Section::Sessions].into(),
            Self::Daily => [Section::Daily].into(),
            Self::All => [Section::Events, Section::Sessions, Section::Daily].into(),
        }
    }
}

/// What is older stays out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since {
    /// Milliseconds UTC.
    pub(super) at_ms: i64,
    /// The same as a day.
    pub(super) day: i64,
}

/// How far a section is read.
#[derive(Debug, Clone, Default)]
struct Cursor {
    id: i64,
    daily: (String, i64, String),
}

/// A row in the order of its section's columns.
type Cells = Vec<Value>;

struct Reading {
    store: Store,
    format: Format,
    since: Since,
    is_all: bool,
    sections: VecDeque<Section>,
    cursor: Cursor,
    has_rows: bool,
    is_open: bool,
}

/// Everything of a kind since a time.
///
/// Errors: the first part cannot be read.
pub(super) async fn stream(
    store: Store,
    kind: Kind,
    format: Format,
    since: Since,
) -> Result<Body, DbError> {
    let sections = kind.sections();
    let head = match (format, kind) {
        (Format::Json, Kind::All) => b"{".to_vec(),
        (Format::Json, _) => Vec::new(),
        (Format::Csv, _) => {
            let columns = sections.front().map_or(EVENTS, |section| section.columns());
            format!("\u{feff}{}\r\n", columns.join(",")).into_bytes()
        }
    };
    let reading = Reading {
        store,
        format,
        since,
        is_all: kind == Kind::All,
        sections,
        cursor: Cursor::default(),
        has_rows: false,
        is_open: false,
    };
    written_while_sent(head, reading).await
}

impl Parts for Reading {
    type Error = DbError;

    async fn next(&mut self) -> Result<Option<Vec<u8>>, DbError> {
        let Some(section) = self.sections.front().copied() else {
            return Ok(None);
        };
        let (mut cursor, since) = (self.cursor.clone(), self.since);
        let read = self.store.read(move |tx| {
            let rows = rows(tx, section, &mut cursor, since)?;
            Ok::<_, DbError>((rows, cursor))
        });
        let (rows, cursor) = read.await?;
        self.cursor = cursor;
        let is_json = self.format == Format::Json;
        let mut part = Vec::new();
        if is_json && !self.is_open {
            if self.is_all {
                part.extend(format!("\"{}\":", section.name()).into_bytes());
            }
            part.push(b'[');
            self.is_open = true;
        }
        if let Some(rows) = rows {
            part.extend(match self.format {
                Format::Csv => csv_rows(&rows)?,
                Format::Json => self.elements(section, rows),
            });
            return Ok(Some(part));
        }
        self.sections.pop_front();
        self.cursor = Cursor::default();
        (self.has_rows, self.is_open) = (false, false);
        if is_json {
            part.push(b']');
            if self.is_all && !self.sections.is_empty() {
                part.push(b',');
            }
        }
        Ok(Some(part))
    }

    fn tail(&self) -> &'static [u8] {
        if self.is_all { b"}" } else { b"" }
    }
}

impl Reading {
    fn elements(&mut self, section: Section, rows: Vec<Cells>) -> Vec<u8> {
        let mut text = String::new();
        for row in rows {
            if self.has_rows {
                text.push(',');
            }
            self.has_rows = true;
            let columns = section.columns().iter().map(|column| (*column).to_owned());
            let object: Map<String, Value> = columns.zip(row).collect();
            text.push_str(&Value::Object(object).to_string());
        }
        text.into_bytes()
    }
}

/// The next rows of a section, without those that are too old; `None` after the last ones.
fn rows(
    tx: &mut dyn Tx,
    section: Section,
    cursor: &mut Cursor,
    since: Since,
) -> Result<Option<Vec<Cells>>, DbError> {
    match section {
        Section::Events => events(tx, cursor, since),
        Section::Sessions => sessions(tx, cursor, since),
        Section::Daily => daily(tx, cursor, since),
    }
}

fn events(
    tx: &mut dyn Tx,
    cursor: &mut Cursor,
    since: Since,
) -> Result<Option<Vec<Cells>>, DbError> {
    let events = store::events_after(tx, cursor.id, PART)?;
    let Some(last) = events.last() else {
        return Ok(None);
    };
    cursor.id = last.id;
    let young = events
        .into_iter()
        .filter(|event| event.at_ms >= since.at_ms);
    let row = |recorded: store::Recorded| {
        let kind = recorded.event.as_ref().map(super::model::Event::kind);
        let mut details = json!(recorded.event);
        if let Some(fields) = details.as_object_mut() {
            fields.remove("kind");
        }
        vec![
            json!(recorded.id),
            json!(to_rfc3339(recorded.at_ms)),
            json!(recorded.session_id),
            json!(kind),
            details,
        ]
    };
    Ok(Some(young.map(row).collect()))
}

fn sessions(
    tx: &mut dyn Tx,
    cursor: &mut Cursor,
    since: Since,
) -> Result<Option<Vec<Cells>>, DbError> {
    let sessions = store::sessions_after(tx, cursor.id, PART)?;
    let Some(last) = sessions.last() else {
        return Ok(None);
    };
    cursor.id = last.id;
    let young = (sessions.into_iter()).filter(|session| session.started_at_ms >= since.at_ms);
    let row = |session: super::fold::Session| {
        let so_far = session.so_far;
        let stage = usize::try_from(so_far.stage - 1).ok();
        vec![
            json!(session.id),
            json!(to_rfc3339(session.started_at_ms)),
            json!(to_rfc3339(so_far.last_at_ms)),
            json!(session.lang),
            json!(session.device),
            json!(session.browser),
            json!(session.first.source),
            json!(session.first.campaign),
            json!(session.first.path),
            json!(so_far.last.source),
            json!(so_far.last.campaign),
            json!(so_far.last.path),
            json!(so_far.messages),
            json!(so_far.active_ms as f64 / 1000.0),
            json!(stage.and_then(|at| STAGES.get(at))),
        ]
    };
    Ok(Some(young.map(row).collect()))
}

fn daily(
    tx: &mut dyn Tx,
    cursor: &mut Cursor,
    since: Since,
) -> Result<Option<Vec<Cells>>, DbError> {
    let (metric, day, label) = &cursor.daily;
    let found = tx.query(
        "SELECT metric, day, label, count, total FROM analytics_days WHERE (metric, day, label) > (?1, ?2, ?3) \
         ORDER BY metric, day, label LIMIT ?4",
        params![metric, *day, label, PART],
    )?;
    let mut rows = Vec::with_capacity(found.len());
    let mut newest = None;
    for mut row in found {
        let (metric, day, label): (String, i64, String) =
            (row.take(0)?, row.take(1)?, row.take(2)?);
        let (count, total): (i64, f64) = (row.take(3)?, row.take(4)?);
        if day >= since.day {
            rows.push(vec![
                json!(metric),
                json!(date_of(day).to_string()),
                json!(label),
                json!(count),
                json!(total),
            ]);
        }
        newest = Some((metric, day, label));
    }
    let Some(newest) = newest else {
        return Ok(None);
    };
    cursor.daily = newest;
    Ok(Some(rows))
}

fn csv_rows(rows: &[Cells]) -> Result<Vec<u8>, DbError> {
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let failed = |error: String| DbError::Internal(format!("a row cannot be written: {error}"));
    for row in rows {
        file.write_record(row.iter().map(cell))
            .map_err(|error| failed(error.to_string()))?;
    }
    file.into_inner().map_err(|error| failed(error.to_string()))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text).into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_text_that_no_spreadsheet_runs() {
        assert_eq!(cell(&json!("=1+1")), "'=1+1");
        assert_eq!(cell(&json!(-3)), "-3");
        assert_eq!(cell(&Value::Null), "");
        assert_eq!(cell(&json!({"a": 1})), "{\"a\":1}");
    }

    #[test]
    fn rows_are_parted_by_line_breaks() {
        let rows = [vec![json!(1), json!("a,b")], vec![json!(2), json!("c")]];
        let text = String::from_utf8(csv_rows(&rows).unwrap()).unwrap();
        assert_eq!(text, "1,\"a,b\"\r\n2,c\r\n");
    }
}
