//! The file of 2.3, read whole: tables of rows of cells, whatever they are called.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use rusqlite::types::ValueRef;
use serde_json::{Map, Value};

use super::mapping::{AUDIT, CONSENTS, CONVERSATIONS, EXPERIMENTS, LEADS, MESSAGES};
use crate::backup::BackupError;
use crate::backup::archive::begins_with;
use crate::platform::db::{DbError, Tables};

/// How every SQLite database begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// What stands in a column of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    /// Bytes, or text that is not UTF-8.
    Unreadable,
}

/// A row; its columns by their names in lower case.
#[derive(Debug, Default)]
pub(super) struct Row(BTreeMap<String, Cell>);

impl Row {
    pub(super) fn new(cells: impl IntoIterator<Item = (String, Cell)>) -> Self {
        let cells = cells.into_iter();
        Self(
            cells
                .map(|(name, cell)| (name.to_lowercase(), cell))
                .collect(),
        )
    }

    /// The first of these columns that says something; else one that says nothing, if there is one.
    pub(super) fn cell(&self, names: &[&str]) -> Option<&Cell> {
        let mut cells = names.iter().filter_map(|name| self.0.get(*name));
        let says = |cell: &&Cell| **cell != Cell::Null;
        cells.clone().find(says).or_else(|| cells.next())
    }

    pub(super) fn id(&self) -> Option<i64> {
        match self.0.get("id") {
            Some(Cell::Integer(id)) => Some(*id),
            Some(Cell::Text(id)) => id.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let cells = self.0.iter().map(|(name, cell)| {
            let value = match cell {
                Cell::Null | Cell::Unreadable => Value::Null,
                Cell::Integer(number) => (*number).into(),
                Cell::Real(number) => (*number).into(),
                Cell::Text(text) => text.clone().into(),
            };
            (name.clone(), value)
        });
        Value::Object(cells.collect())
    }
}

/// What version 2.3 kept.
pub struct Source(BTreeMap<String, Vec<Row>>);

impl Source {
    /// Reads a database or a JSON document: an object of tables, each an array of rows, each an object of columns; also
    /// one whose tables stand in its field `tables`.
    ///
    /// Errors: it cannot be read, is neither, or holds no table that 2.3 had.
    pub fn read(file: &Path) -> Result<Self, BackupError> {
        let tables = if begins_with(file, SQLITE)? {
            database(file).map_err(|error| BackupError::V23(error.to_string()))?
        } else {
            document(file)?
        };
        let source = Self(tables);
        let known = [LEADS, CONVERSATIONS, MESSAGES, CONSENTS, AUDIT, EXPERIMENTS];
        let has = |name: &&str| source.0.contains_key(*name);
        if !known.concat().iter().any(has) {
            return Err(BackupError::V23("it holds none of its tables".into()));
        }
        Ok(source)
    }

    /// The rows of a table; none when there is no such table.
    pub(super) fn rows(&self, table: &str) -> &[Row] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// Every table with its rows.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&str, &[Row])> {
        let tables = self.0.iter();
        tables.map(|(name, rows)| (name.as_str(), rows.as_slice()))
    }
}

fn database(file: &Path) -> Result<BTreeMap<String, Vec<Row>>, DbError> {
    let database = Tables::open(file)?;
    let mut tables = BTreeMap::new();
    for table in database.names()? {
        let names: Vec<String> = database
            .columns(&table)?
            .into_iter()
            .map(|column| column.name)
            .collect();
        let mut rows = Vec::new();
        database.rows::<DbError>(&table, |row| {
            rows.push(Row::new(names.iter().cloned().zip(row.iter().map(cell))));
            Ok(())
        })?;
        tables.insert(table.to_lowercase(), rows);
    }
    Ok(tables)
}

fn cell(value: &ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(*number),
        ValueRef::Real(number) => Cell::Real(*number),
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map_or(Cell::Unreadable, |text| Cell::Text(text.to_owned()))
        }
        ValueRef::Blob(_) => Cell::Unreadable,
    }
}

fn document(file: &Path) -> Result<BTreeMap<String, Vec<Row>>, BackupError> {
    let reader = BufReader::new(File::open(file).map_err(BackupError::io(file))?);
    let refused = |why: &str| BackupError::V23(why.to_owned());
    let mut document: Map<String, Value> = serde_json::from_reader(reader).map_err(|error| {
        if error.is_io() {
            BackupError::io(file)(error.into())
        } else {
            // The error itself may repeat what stands in the file.
            BackupError::V23(format!("line {} is no such JSON", error.line()))
        }
    })?;
    if document.get("format").and_then(Value::as_str) == Some(crate::backup::export::FORMAT) {
        return Err(refused("it is an export of this version; leave --v23 away"));
    }
    if let Some(Value::Object(tables)) = document.remove("tables") {
        document = tables;
    }
    let tables = document
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::Array(rows) => Some((name.to_lowercase(), rows.into_iter().map(row).collect())),
            _ => None,
        });
    Ok(tables.collect())
}

/// An element that is no object has no column, so that it is told as a row without an id.
fn row(value: Value) -> Row {
    let Value::Object(cells) = value else {
        return Row::default();
    };
    Row::new(cells.into_iter().map(|(name, value)| {
        let cell = match value {
            Value::Null => Cell::Null,
            Value::Bool(is_true) => Cell::Integer(is_true.into()),
            Value::Number(number) => match number.as_i64() {
                Some(number) => Cell::Integer(number),
                None => number.as_f64().map_or(Cell::Unreadable, Cell::Real),
            },
            Value::String(text) => Cell::Text(text),
            other => Cell::Text(other.to_string()),
        };
        (name, cell)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Source, BackupError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, bytes).unwrap();
        Source::read(&file)
    }

    #[test]
    fn tables_stand_in_the_document_or_in_its_field_tables() {
        for text in [
            "{\"Leads\": [{\"ID\": 3, \"Name\": \"A\", \"ok\": true, \"n\": null}, 7], \"version\": \"2.2\"}",
            "{\"export_date\": \"x\", \"tables\": {\"leads\": [{\"id\": \"3\", \"name\": \"A\", \"ok\": 1}, []]}}",
        ] {
            let source = read(text.as_bytes()).ok().unwrap();
            let rows = source.rows("leads");
            assert_eq!((rows.len(), rows[0].id(), rows[1].id()), (2, Some(3), None));
            assert_eq!(
                rows[0].cell(&["none", "name"]),
                Some(&Cell::Text("A".into()))
            );
            assert_eq!(rows[0].cell(&["n", "ok"]), Some(&Cell::Integer(1)));
        }
    }

    #[test]
    fn what_is_neither_a_database_nor_such_a_document_is_refused() {
        for (bytes, why) in [
            (&b""[..], "line"),
            (b"[]", "line"),
            (b"{\"name\": \"secret", "line 1 is no such JSON"),
            (b"{}", "none of its tables"),
            (b"{\"recipes\": [{\"id\": 1}]}", "none of its tables"),
            (b"{\"format\": \"novahouse-export\"}", "leave --v23 away"),
            (
                b"SQLite format 3\0 and then nothing of the kind",
                "no database",
            ),
            (b"PK\x03\x04", "line 1"),
        ] {
            let error = read(bytes).err().unwrap().to_string();
            assert!(error.contains(why) && !error.contains("secret"), "{error}");
        }
    }
}
