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
use super::cells;
use super::create::{Out, zip_failed};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::Tables;

/// Names the form in the JSON document.
pub(super) const FORMAT: &str = "novahouse-export";
/// Its version.
pub(super) const VERSION: u32 = 1;
/// What a CSV export says of itself, under a name that no table has.
pub(super) const HEAD_FILE: &str = "novahouse-export.csv";
/// In it, before the name of a table: the highest id that table has given.
pub(super) const LAST_ID: &str = "last_id:";

/// What an export says of itself.
fn head(tables: &Tables, at: Timestamp) -> Result<[(&'static str, Value); 5], BackupError> {
    Ok([
        ("format", FORMAT.into()),
        ("format_version", VERSION.into()),
        ("schema_version", tables.version()?.into()),
        ("program_version", env!("CARGO_PKG_VERSION").into()),
        ("created_at", to_rfc3339(at.as_millisecond()).into()),
    ])
}

/// Writes one JSON document: a head, then for each table its columns with their types and its rows, each an array in the
/// order of the columns, streamed. NULL is null, INTEGER a number, TEXT a string; REAL is a string too, so that no reader
/// rounds it, and BLOB one in base64.
pub(super) fn json(database: &Path, at: Timestamp, mut out: Out) -> Result<Out, BackupError> {
    let tables = Tables::open(database)?;
    let head = head(&tables, at)?.map(|(name, value)| (name.to_owned(), value));
    let mut head = Value::Object(head.into_iter().collect()).to_string();
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
        ValueRef::Text(bytes) => cells::text(bytes)?.into(),
        ValueRef::Blob(bytes) => STANDARD.encode(bytes).into(),
    })
}

/// Writes a zip of CSV files: [`HEAD_FILE`] with names and values, then one a table, its first line the names of the columns.
/// What a cell stands for: `cells.rs`.
pub(super) fn csv(database: &Path, at: Timestamp, out: Out) -> Result<Out, BackupError> {
    let tables = Tables::open(database)?;
    let mut zip = ZipWriter::new_stream(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
        .unix_permissions(0o600);
    zip.start_file(HEAD_FILE, options).map_err(zip_failed)?;
    let mut lines = csv::Writer::from_writer(&mut zip);
    lines.write_record(["name", "value"]).map_err(csv_failed)?;
    for (name, value) in head(&tables, at)? {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        lines
            .write_record([name, value.as_str()])
            .map_err(csv_failed)?;
    }
    for (table, id) in tables.last_ids()? {
        lines
            .write_record([format!("{LAST_ID}{table}"), id.to_string()])
            .map_err(csv_failed)?;
    }
    lines.flush().map_err(failed)?;
    drop(lines);
    for table in tables.names()? {
        zip.start_file(format!("{table}.csv"), options)
            .map_err(zip_failed)?;
        let mut lines = csv::Writer::from_writer(&mut zip);
        let columns = tables.columns(&table)?;
        let names = columns.iter().map(|column| &*column.name);
        lines.write_record(names).map_err(csv_failed)?;
        tables.rows(&table, |row| {
            for value in row {
                lines
                    .write_field(cells::written(value)?)
                    .map_err(csv_failed)?;
            }
            lines.write_record(None::<&[u8]>).map_err(csv_failed)
        })?;
        lines.flush().map_err(failed)?;
    }
    Ok(zip.finish().map_err(zip_failed)?.into_inner())
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
