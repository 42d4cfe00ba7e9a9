use std::io::{BufWriter, Cursor, Write};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::super::export;
use super::super::files::{Hashing, Steady};
use super::super::seal::{Seal, Sealed};
use super::*;
use crate::platform::db::SCHEMA_VERSION;

const TEXTS: [&str; 8] = [
    "",
    "=HYPERLINK(\"http://x\")",
    "'quoted' \"twice\"",
    "line\nbreak\r\nand, comma; semicolon\ttab",
    "\r",
    "+48 600 100 200",
    "zażółć 🏠 \u{feff}",
    "NULL",
];
const NUMBERS: [i64; 8] = [i64::MAX, i64::MIN, 0, -1, 1, 1 << 53, -(1 << 53) - 1, 42];
const REALS: [f64; 8] = [
    0.1 + 0.2,
    -0.0,
    f64::MAX,
    f64::MIN_POSITIVE,
    -1.5e-300,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1.0,
];

/// An odd value of a column; a column that may hold NULL holds it now and then.
fn odd(column: &Column, may_be_null: bool, row: usize) -> Value {
    if may_be_null && row % 3 == 2 {
        return Value::Null;
    }
    match &*column.kind {
        "INTEGER" => Value::Integer(NUMBERS[row]),
        "REAL" => Value::Real(REALS[row]),
        "TEXT" => Value::Text(TEXTS[row].to_owned()),
        _ => Value::Blob([&b""[..], &[0xf8, 0], b"\0\"\n", &[0xff; 40]][row % 4].to_vec()),
    }
}

fn nullable(database: &Path, table: &str, column: &str) -> bool {
    let connection = Connection::open(database).unwrap();
    let sql = "SELECT \"notnull\" = 0 AND pk = 0 FROM pragma_table_info(?1) WHERE name = ?2";
    let found = connection.query_row(sql, [table, column], |row| row.get(0));
    found.unwrap()
}

/// A database with odd values in every column of every table; what refers to rows that are not there is no matter here.
fn odd_database(database: &Path) {
    crate::platform::db::create_at(database, SCHEMA_VERSION).unwrap();
    let reading = Tables::open(database).unwrap();
    let mut rows = Vec::new();
    for table in reading.names().unwrap() {
        let columns = reading.columns(&table).unwrap();
        for row in 0..TEXTS.len() {
            let values: Vec<Value> = columns
                .iter()
                .map(|column| odd(column, nullable(database, &table, &column.name), row))
                .collect();
            rows.push((table.clone(), columns.clone(), values));
        }
    }
    drop(reading);
    let tables = Tables::fill(database).unwrap();
    tables.clear("schema_version").unwrap();
    for (table, columns, values) in &rows {
        // Some tables hold fewer: a column without duplicates takes each value once.
        let _ = tables.add(table, columns, values);
    }
    for table in tables.names().unwrap() {
        assert!(tables.count(&table).unwrap() > 1, "{table}");
    }
    tables.commit().unwrap();
}

fn exported(database: &Path) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.zip");
    let file = BufWriter::new(Steady::create(&path).unwrap());
    let seal = Seal::to(&[]).unwrap();
    let (out, _) = Sealed::begin(&seal, Hashing::new(file)).unwrap();
    let out = export::csv(database, Timestamp::UNIX_EPOCH, out).unwrap();
    let (mut file, ..) = out.finish().unwrap().finish();
    file.flush().unwrap();
    std::fs::read(&path).unwrap()
}

/// Every row of every table, reals by their bits.
fn rows(database: &Path) -> BTreeMap<String, Vec<Vec<String>>> {
    let tables = Tables::open(database).unwrap();
    let mut all = BTreeMap::new();
    for table in tables.names().unwrap() {
        let mut rows = Vec::new();
        tables
            .rows::<BackupError>(&table, |row| {
                let told = row
                    .iter()
                    .map(|value| match Cell::try_from(*value).unwrap() {
                        Cell::Real(real) => format!("Real {}", real.to_bits()),
                        other => format!("{other:?}"),
                    });
                rows.push(told.collect());
                Ok(())
            })
            .unwrap();
        all.insert(table, rows);
    }
    all
}

#[test]
fn odd_values_in_every_column_of_every_table_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("a.db"), folder.path().join("b.db"));
    odd_database(&from);
    let mut zip = ZipArchive::new(Cursor::new(exported(&from))).unwrap();
    crate::platform::db::create_at(&to, SCHEMA_VERSION).unwrap();
    let tables = Tables::fill(&to).unwrap();
    tables.clear("schema_version").unwrap();
    pour(&mut zip, &tables).unwrap();
    tables.commit().unwrap();
    assert_eq!(rows(&to), rows(&from));
}

fn filled(zip: Vec<u8>) -> Result<BTreeMap<String, u64>, BackupError> {
    let folder = tempfile::tempdir().unwrap();
    fill(&folder.path().join("a.db"), Cursor::new(zip))
}

/// An export of an empty database, its files as `change` leaves them.
fn export_with(change: impl Fn(&str, String) -> Option<String>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    crate::platform::db::create_at(&database, SCHEMA_VERSION).unwrap();
    let mut from = ZipArchive::new(Cursor::new(exported(&database))).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let mut entry = from.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        if let Some(text) = change(&name, text) {
            to.start_file(name, SimpleFileOptions::default()).unwrap();
            to.write_all(text.as_bytes()).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn ids_that_were_given_are_not_given_again() {
    let zip = export_with(|name, text| {
        let is_head = name == HEAD_FILE;
        Some(if is_head {
            format!("{text}last_id:users,9\n")
        } else {
            text
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("a.db");
    fill(&database, Cursor::new(zip)).unwrap();
    let last_ids = Tables::open(&database).unwrap().last_ids().unwrap();
    assert_eq!(last_ids, [("users".to_owned(), 9)]);
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    assert!(filled(export_with(|_, text| Some(text))).is_ok());
    let settings = |rows: &'static str| {
        move |name: &str, text: String| {
            let more = if name == "settings.csv" { rows } else { "" };
            Some(format!("{text}{more}"))
        }
    };
    let head = |from: &'static str, to: &'static str| {
        move |name: &str, text: String| {
            let is_head = name == HEAD_FILE;
            Some(if is_head {
                text.replace(from, to)
            } else {
                text
            })
        }
    };
    for (zip, why) in [
        (export_with(settings("a,1,soon\n")), "row 1 of settings"),
        (export_with(settings("a,1,5\na,1,5\n")), "row 2 of settings"),
        (export_with(settings("a,,5\n")), "row 1 of settings"),
        (export_with(settings("a,1\n")), "has 2 cells instead of 3"),
        (
            export_with(|name, text| (name != "users.csv").then_some(text)),
            "not one file a table",
        ),
        (
            export_with(|name, text| (name != HEAD_FILE).then_some(text)),
            "novahouse restore",
        ),
        (
            export_with(|name, text| {
                let is_users = name == "users.csv";
                Some(if is_users {
                    text.replace("username", "login")
                } else {
                    text
                })
            }),
            "does not begin with",
        ),
        (export_with(head("format,", "form,")), "no export"),
        (
            export_with(head("schema_version,", "schema_version,x")),
            "is no number",
        ),
        (b"PK".to_vec(), "damaged"),
    ] {
        let error = filled(zip).unwrap_err().to_string();
        assert!(error.contains(why), "{error} does not say {why}");
    }
    let newer = filled(export_with(head("schema_version,", "schema_version,9")));
    assert!(matches!(newer, Err(BackupError::Newer { .. })));
}

#[test]
fn a_cut_off_or_changed_zip_is_refused() {
    let whole = export_with(|_, text| Some(text));
    for end in [0, 1, 2, 22, whole.len() / 2, whole.len() - 1] {
        assert!(filled(whole[..end].to_vec()).is_err(), "{end}");
    }
    // Flips the content of the head: its checksum no longer fits, or its words do not.
    let mut flipped = whole.clone();
    let at = whole
        .windows(HEAD_FILE.len())
        .position(|name| name == HEAD_FILE.as_bytes())
        .unwrap();
    flipped[at + HEAD_FILE.len() + 20] ^= 1;
    assert!(filled(flipped).is_err());
}
