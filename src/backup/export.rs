//! Every row in a form for other programs: JSON with types, or CSV for spreadsheets. Uploads, keys and settings files are
//! in the zip alone.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::BackupError;
use super::create::{Out, zip_failed};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tables};

/// Names the form in the JSON document.
pub(super) const FORMAT: &str = "novahouse-export";
/// Its version.
pub(super) const VERSION: u32 = 1;

/// Writes one JSON document: a head, then for each table its columns with their types and its rows, each an array in the
/// order of the columns, streamed. NULL is null, INTEGER a number, TEXT a string; REAL is a string too, so that no reader
/// rounds it, and BLOB one in base64.
pub(super) fn json(database: &Path, at: Timestamp, mut out: Out) -> Result<Out, BackupError> {
    let tables = Tables::open(database)?;
    let head = json!({
        "format": FORMAT,
        "format_version": VERSION,
        "schema_version": tables.version()?,
        "program_version": env!("CARGO_PKG_VERSION"),
        "created_at": to_rfc3339(at.as_millisecond()),
    });
    let mut head = head.to_string();
    // What follows belongs into the same object.
    head.truncate(head.len() - 1);
    let last_ids: serde_json::Map<String, Value> = tables
        .last_ids()?
        .into_iter()
        .map(|(table, id)| (table, id.into()))
        .collect();
    let last_ids = Value::Object(last_ids);
    write!(out, "{head},\n\"last_ids\":{last_ids},\n\"tables\":[").map_err(failed)?;
    for (number, table) in tables.names()?.iter().enumerate() {
        let (name, columns) = (json!(table), json!(tables.columns(table)?));
        let comma = if number == 0 { "" } else { "," };
        write!(
            out,
            "{comma}\n{{\"name\":{name},\"columns\":{columns},\"rows\":["
        )
        .map_err(failed)?;
        let mut comma = "";
        tables.rows(table, |row| {
            writeln!(out, "{comma}").map_err(failed)?;
            comma = ",";
            let row = row.iter().map(json_value).collect::<Result<Vec<_>, _>>()?;
            serde_json::to_writer(&mut out, &row).map_err(|error| failed(error.into()))
        })?;
        write!(out, "]}}").map_err(failed)?;
    }
    writeln!(out, "]}}").map_err(failed)?;
    Ok(out)
}

fn json_value(value: &ValueRef<'_>) -> Result<Value, BackupError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => (*number).into(),
        ValueRef::Real(number) => number.to_string().into(),
        ValueRef::Text(bytes) => text(bytes)?.into(),
        ValueRef::Blob(bytes) => STANDARD.encode(bytes).into(),
    })
}

fn text(bytes: &[u8]) -> Result<&str, BackupError> {
    std::str::from_utf8(bytes)
        .map_err(|_| DbError::Internal("a TEXT column holds invalid UTF-8".into()).into())
}

/// Writes a zip of one CSV file a table, its first line the names of the columns. An empty cell is NULL; BLOB is base64.
/// A text that a spreadsheet would take for a formula, that begins with `'`, or that is empty, has a `'` before it.
pub(super) fn csv(database: &Path, out: Out) -> Result<Out, BackupError> {
    let tables = Tables::open(database)?;
    let mut zip = ZipWriter::new_stream(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
        .unix_permissions(0o600);
    for table in tables.names()? {
        zip.start_file(format!("{table}.csv"), options)
            .map_err(zip_failed)?;
        let mut lines = csv::Writer::from_writer(&mut zip);
        let columns = tables.columns(&table)?;
        let names = columns.iter().map(|column| &*column.name);
        lines.write_record(names).map_err(csv_failed)?;
        tables.rows(&table, |row| {
            for value in row {
                lines.write_field(cell(value)?).map_err(csv_failed)?;
            }
            lines.write_record(None::<&[u8]>).map_err(csv_failed)
        })?;
        lines.flush().map_err(failed)?;
    }
    Ok(zip.finish().map_err(zip_failed)?.into_inner())
}

fn cell(value: &ValueRef<'_>) -> Result<String, BackupError> {
    Ok(match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => text_cell(text(bytes)?),
        ValueRef::Blob(bytes) => STANDARD.encode(bytes),
    })
}

/// See [`csv`].
fn text_cell(text: &str) -> String {
    let is_misread = text.is_empty() || text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']);
    let mark = if is_misread { "'" } else { "" };
    format!("{mark}{text}")
}

fn failed(error: std::io::Error) -> BackupError {
    BackupError::Io("the export".into(), error)
}

fn csv_failed(error: csv::Error) -> BackupError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => failed(error),
        kind => BackupError::Internal(format!("CSV: {kind:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_visitor_becomes_a_formula_and_every_text_can_be_told_back() {
        let texts = [
            "=1+1",
            "+48 500",
            "-1",
            "@a",
            "\t=1",
            "\r",
            "'quoted'",
            "",
            "zwykły; \"tekst\"",
        ];
        for text in texts {
            let cell = text_cell(text);
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
            assert!(!cell.is_empty());
            assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), text);
        }
    }

    #[test]
    fn a_number_keeps_every_digit() {
        for number in [0.1 + 0.2, f64::MIN_POSITIVE, -1e300, f64::INFINITY] {
            let text = json_value(&ValueRef::Real(number)).unwrap();
            let back: f64 = text.as_str().unwrap().parse().unwrap();
            assert_eq!(back.to_bits(), number.to_bits());
        }
        let large = json_value(&ValueRef::Integer(i64::MAX)).unwrap();
        assert_eq!(large.as_i64(), Some(i64::MAX));
    }
}
