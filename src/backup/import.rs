//! An export back into rows: what CSV and JSON have in common, and the reading of JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Value as Json, json};

use super::archive::damaged;
use super::csv_import;
use super::export::{FORMAT, VERSION};
use super::files::{BUFFER_BYTES, check_room, size_bytes};
use super::seal::{Keys, open};
use super::swap::{Stage, recover};
use super::{BackupError, Place};
use crate::accounts::audit;
use crate::platform::db::{
    Column, DATABASE_FILE, SCHEMA_VERSION, Tables, Value, create_at, edit, integrity_check,
    migrate_file,
};

/// Fills an empty data folder, whose lock the caller holds, with the rows of an export, JSON or CSV; answers how many each
/// table got.
///
/// Errors: the folder has a database, the file is no export, was made by a newer version, or does not fit; the folder
/// is empty then.
pub fn import(
    place: &Place,
    file: &Path,
    keys: &Keys,
    at: Timestamp,
) -> Result<BTreeMap<String, u64>, BackupError> {
    recover(place)?;
    if place.database().exists() {
        return Err(BackupError::Folder(format!(
            "{} has a database already; an export is only taken into an empty data folder",
            place.data.display()
        )));
    }
    let mut source = open(file, keys)?;
    let is_csv = is_zip(&mut source).map_err(BackupError::reading("the file"))?;
    let stage = Stage::new(place)?;
    check_room(&stage.data(), size_bytes(file) * 2)?;
    let database = stage.data().join(DATABASE_FILE);
    let counts = if is_csv {
        csv_import::fill(&database, source)?
    } else {
        fill(&database, BufReader::with_capacity(BUFFER_BYTES, source))?
    };
    let total: u64 = counts.values().sum();
    edit(&database, |tx| {
        let details = json!({"rows": total});
        let now_ms = at.as_millisecond();
        audit::record(tx, audit::SYSTEM, "data_imported", None, &details, now_ms)
    })?;
    stage.exchange(false, at)?;
    Ok(counts)
}

/// Whether a file begins as a zip does; it is read from its beginning afterwards.
fn is_zip(file: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let mut beginning = Vec::new();
    file.by_ref().take(2).read_to_end(&mut beginning)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(beginning == b"PK")
}

/// Makes a database from a JSON export, brought to this program's schema.
fn fill(database: &Path, reader: impl Read) -> Result<BTreeMap<String, u64>, BackupError> {
    let mut filling = Filling {
        database,
        head: Head::default(),
        tables: None,
        counts: BTreeMap::new(),
        failure: None,
    };
    let mut json = serde_json::Deserializer::from_reader(reader);
    let read = (&mut filling)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    if let Some(failure) = filling.failure {
        return Err(failure);
    }
    read.map_err(|error| match error.classify() {
        serde_json::error::Category::Io => BackupError::reading("the export")(error.into()),
        _ => damaged(&error.to_string()),
    })?;
    let tables = filling
        .tables
        .ok_or_else(|| damaged("it holds no tables"))?;
    finish(database, tables, &filling.head.last_ids)?;
    Ok(filling.counts)
}

/// Makes the database that an export with this head goes into.
///
/// Errors: the head is none of ours, or of a newer version.
pub(super) fn begin(database: &Path, head: &Head) -> Result<Tables, BackupError> {
    if head.format != FORMAT {
        return Err(damaged("it is no export of NovaHouse"));
    }
    if head.schema_version > SCHEMA_VERSION || head.format_version > VERSION {
        return Err(BackupError::Newer {
            found: head.schema_version,
            known: SCHEMA_VERSION,
        });
    }
    if head.schema_version < 1 {
        return Err(damaged("its schema version is none"));
    }
    create_at(database, head.schema_version)?;
    let tables = Tables::fill(database)?;
    tables.clear("schema_version")?;
    Ok(tables)
}

/// Commits what was filled, checks it, and brings it to this program's schema.
pub(super) fn finish(
    database: &Path,
    tables: Tables,
    last_ids: &BTreeMap<String, i64>,
) -> Result<(), BackupError> {
    for (table, last_id) in last_ids {
        tables.set_last_id(table, *last_id)?;
    }
    tables.commit()?;
    if let Some(first) = integrity_check(database)?.first() {
        return Err(damaged(first));
    }
    Ok(migrate_file(database)?)
}

/// What stands before the tables.
#[derive(Default)]
pub(super) struct Head {
    pub(super) format: String,
    pub(super) format_version: u32,
    pub(super) schema_version: i64,
    pub(super) last_ids: BTreeMap<String, i64>,
}

/// Reads the document and writes its rows as they come. What goes wrong on our side is kept beside, since the reader only
/// knows errors of its own.
struct Filling<'d> {
    database: &'d Path,
    head: Head,
    tables: Option<Tables>,
    counts: BTreeMap<String, u64>,
    failure: Option<BackupError>,
}

impl Filling<'_> {
    /// Makes the database once the head is known.
    fn begin(&mut self) -> Result<(), BackupError> {
        self.tables = Some(begin(self.database, &self.head)?);
        Ok(())
    }

    /// Keeps `failure` for the caller and ends the reading.
    fn fail<E: serde::de::Error>(&mut self, failure: BackupError) -> E {
        let error = E::custom(&failure);
        self.failure = Some(failure);
        error
    }
}

impl<'de> DeserializeSeed<'de> for &mut Filling<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Filling<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an export of NovaHouse")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match &*key {
                "format" => self.head.format = map.next_value()?,
                "format_version" => self.head.format_version = map.next_value()?,
                "schema_version" => self.head.schema_version = map.next_value()?,
                "last_ids" => self.head.last_ids = map.next_value()?,
                "tables" => {
                    self.begin().map_err(|failure| self.fail(failure))?;
                    map.next_value_seed(TableList(self))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A seed over a part of the document that reads it with the whole at hand.
macro_rules! seed {
    ($name:ident, $deserialize:ident) => {
        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = ();

            fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
                d.$deserialize(self)
            }
        }
    };
}

struct TableList<'f, 'd>(&'f mut Filling<'d>);
seed!(TableList, deserialize_seq);

impl<'de> Visitor<'de> for TableList<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tables")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while list.next_element_seed(OneTable(self.0))?.is_some() {}
        Ok(())
    }
}

struct OneTable<'f, 'd>(&'f mut Filling<'d>);
seed!(OneTable, deserialize_map);

impl<'de> Visitor<'de> for OneTable<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table with name, columns and rows")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let (mut name, mut columns) = (None::<String>, None::<Vec<Column>>);
        while let Some(key) = map.next_key::<String>()? {
            match (&*key, &name, &columns) {
                ("name", ..) => name = Some(map.next_value()?),
                ("columns", ..) => columns = Some(map.next_value()?),
                ("rows", Some(table), Some(columns)) => {
                    map.next_value_seed(Rows {
                        filling: self.0,
                        table,
                        columns,
                    })?;
                }
                _ => return Err(M::Error::custom("a table begins with its name and columns")),
            }
        }
        Ok(())
    }
}

struct Rows<'f, 'd> {
    filling: &'f mut Filling<'d>,
    table: &'f str,
    columns: &'f [Column],
}
seed!(Rows, deserialize_seq);

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let Some(tables) = &self.filling.tables else {
            return Err(S::Error::custom("tables before the head"));
        };
        let known = tables.columns(self.table);
        if !matches!(&known, Ok(known) if known == self.columns && !known.is_empty()) {
            let why = format!("the table {} is none of this version", self.table);
            return Err(self.filling.fail(damaged(&why)));
        }
        let mut count = 0;
        while let Some(row) = list.next_element::<Vec<Json>>()? {
            let added = values(self.columns, row)
                .and_then(|row| Ok(tables.add(self.table, self.columns, &row)?));
            if let Err(error) = added {
                count += 1;
                let why = format!("row {count} of {}: {error}", self.table);
                return Err(self.filling.fail(damaged(&why)));
            }
            count += 1;
        }
        self.filling.counts.insert(self.table.to_owned(), count);
        Ok(())
    }
}

/// A row's values as their columns want them.
fn values(columns: &[Column], row: Vec<Json>) -> Result<Vec<Value>, BackupError> {
    if row.len() != columns.len() {
        return Err(damaged("it has not one value a column"));
    }
    let misfit = |column: &Column| damaged(&format!("{} is not {}", column.name, column.kind));
    let one = |(column, value): (&Column, Json)| {
        let fitting = match (&*column.kind, value) {
            (_, Json::Null) => Some(Value::Null),
            ("INTEGER", Json::Number(number)) => number.as_i64().map(Value::Integer),
            ("REAL", Json::String(text)) => text.parse().ok().map(Value::Real),
            ("TEXT", Json::String(text)) => Some(Value::Text(text)),
            ("BLOB", Json::String(text)) => STANDARD.decode(text).ok().map(Value::Blob),
            _ => None,
        };
        fitting.ok_or_else(|| misfit(column))
    };
    columns.iter().zip(row).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(schema_version: i64, tables: &str) -> String {
        format!(
            "{{\"format\":\"novahouse-export\",\"format_version\":1,\"schema_version\":{schema_version},\
             \"last_ids\":{{\"users\":9}},\"unknown\":[1],\"tables\":[{tables}]}}"
        )
    }

    const SETTINGS: &str = "{\"name\":\"settings\",\"columns\":[{\"name\":\"name\",\"type\":\"TEXT\"},\
        {\"name\":\"value_json\",\"type\":\"TEXT\"},{\"name\":\"updated_at_ms\",\"type\":\"INTEGER\"}],\"rows\":";
    const VERSIONS: &str = "{\"name\":\"schema_version\",\"columns\":[{\"name\":\"version\",\"type\":\"INTEGER\"}],\
        \"rows\":[[1]]}";

    fn filled(document: &str) -> Result<BTreeMap<String, u64>, BackupError> {
        let folder = tempfile::tempdir().unwrap();
        fill(&folder.path().join("a.db"), document.as_bytes())
    }

    #[test]
    fn rows_and_the_ids_that_were_given_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let tables = format!("{VERSIONS},{SETTINGS}[[\"a\",\"1\",5],[\"b\",\"2\",6]]}}");
        let counts = fill(&database, document(1, &tables).as_bytes()).unwrap();
        assert_eq!(counts["settings"], 2);
        let tables = Tables::open(&database).unwrap();
        assert_eq!(tables.last_ids().unwrap(), [("users".to_owned(), 9)]);
        assert_eq!(tables.count("schema_version").unwrap(), 1);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        for (rows, why) in [
            ("[[\"a\",\"1\"]]", "row 1 of settings"),
            ("[[\"a\",\"1\",5],[\"a\",\"2\",6]]", "row 2 of settings"),
            ("[[\"a\",\"1\",\"soon\"]]", "updated_at_ms is not INTEGER"),
            ("[[\"a\",null,5]]", "row 1 of settings"),
            ("[7]", "invalid type"),
        ] {
            let tables = format!("{VERSIONS},{SETTINGS}{rows}}}");
            let error = filled(&document(1, &tables)).unwrap_err().to_string();
            assert!(error.contains(why), "{error} does not say {why}");
        }
        let unknown = "{\"name\":\"x\\\"; DROP TABLE users\",\"columns\":[],\"rows\":[]}";
        let error = filled(&document(1, unknown)).unwrap_err().to_string();
        assert!(error.contains("none of this version"), "{error}");
    }

    #[test]
    fn what_is_no_export_or_a_newer_one_is_refused() {
        for document in [
            "",
            "[]",
            "{}",
            "{\"tables\":[]}",
            "null",
            "{\"format\":\"x\",\"tables\":[]}",
        ] {
            assert!(
                matches!(filled(document), Err(BackupError::Damaged(_))),
                "{document}"
            );
        }
        let newer = filled(&document(SCHEMA_VERSION + 1, ""));
        assert!(matches!(newer, Err(BackupError::Newer { .. })));
        let whole = document(1, VERSIONS);
        for end in 0..whole.len() {
            assert!(filled(&whole[..end]).is_err(), "{end}");
        }
    }
}
