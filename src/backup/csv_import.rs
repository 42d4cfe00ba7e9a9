//! A CSV export back into rows.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::Path;

use zip::ZipArchive;

use super::BackupError;
use super::archive::{damaged, refused};
use super::cells;
use super::export::{HEAD_FILE, LAST_ID};
use super::files::check_room;
use super::import::{Head, begin, finish};
use crate::platform::db::{Column, Tables, Value};

/// Makes a database from a CSV export, brought to this program's schema; answers how many rows each table got.
///
/// Errors: it is no such export, a newer one, or does not fit.
pub(super) fn fill(
    database: &Path,
    file: impl Read + Seek,
) -> Result<BTreeMap<String, u64>, BackupError> {
    let mut zip = ZipArchive::new(file).map_err(refused)?;
    let head = read_head(&mut zip)?;
    if let Some(folder) = database.parent() {
        check_room(folder, total_bytes(&mut zip)?)?;
    }
    let tables = begin(database, &head)?;
    let counts = pour(&mut zip, &tables)?;
    finish(database, tables, &head.last_ids)?;
    Ok(counts)
}

/// What all entries say they unpack to.
fn total_bytes<R: Read + Seek>(zip: &mut ZipArchive<R>) -> Result<u64, BackupError> {
    let mut total: u64 = 0;
    for at in 0..zip.len() {
        let entry = zip.by_index_raw(at).map_err(refused)?;
        total = total.saturating_add(entry.size());
    }
    Ok(total)
}

fn read_head<R: Read + Seek>(zip: &mut ZipArchive<R>) -> Result<Head, BackupError> {
    if zip.index_for_name(HEAD_FILE).is_none() {
        return Err(damaged(&format!(
            "it is a zip without {HEAD_FILE}, so no CSV export; `novahouse restore` brings back a whole backup"
        )));
    }
    let mut head = Head::default();
    for_each_record(zip, HEAD_FILE, &["name", "value"], |record| {
        let (name, value) = (&record[0], &record[1]);
        let number = || {
            value
                .parse::<i64>()
                .map_err(|_| damaged(&format!("{name} of {HEAD_FILE} is no number")))
        };
        match name {
            "format" => value.clone_into(&mut head.format),
            "format_version" => head.format_version = u32::try_from(number()?).unwrap_or(u32::MAX),
            "schema_version" => head.schema_version = number()?,
            _ => {
                if let Some(table) = name.strip_prefix(LAST_ID) {
                    head.last_ids.insert(table.to_owned(), number()?);
                }
            }
        }
        Ok(())
    })?;
    Ok(head)
}

/// Adds the rows of every table; each has its file, and there are no others.
fn pour<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    tables: &Tables,
) -> Result<BTreeMap<String, u64>, BackupError> {
    let names = tables.names()?;
    if zip.len() != names.len() + 1 {
        return Err(damaged("it holds not one file a table of this version"));
    }
    let mut counts = BTreeMap::new();
    for table in names {
        let columns = tables.columns(&table)?;
        let header: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
        let mut count = 0;
        for_each_record(zip, &format!("{table}.csv"), &header, |record| {
            count += 1;
            let added = values(&columns, record)
                .and_then(|values| Ok(tables.add(&table, &columns, &values)?));
            added.map_err(|error| damaged(&format!("row {count} of {table}: {error}")))
        })?;
        counts.insert(table, count);
    }
    Ok(counts)
}

fn values(columns: &[Column], record: &csv::StringRecord) -> Result<Vec<Value>, BackupError> {
    let one = |(column, cell): (&Column, &str)| {
        let misfit = || damaged(&format!("{} is not {}", column.name, column.kind));
        cells::read(&column.kind, cell).ok_or_else(misfit)
    };
    columns.iter().zip(record).map(one).collect()
}

/// Hands each record of a file to `take`. Nothing beyond the size the zip states is read, and the file ends there.
fn for_each_record<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    name: &str,
    header: &[&str],
    mut take: impl FnMut(&csv::StringRecord) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let entry = zip
        .by_name(name)
        .map_err(|_| damaged(&format!("{name} is missing or cannot be unpacked")))?;
    let size_bytes = entry.size();
    let mut limited = entry.take(size_bytes);
    let mut lines = csv::Reader::from_reader(&mut limited);
    let unreadable = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => BackupError::reading(name)(error),
        kind => damaged(&format!("{name}: {}", shape(&kind))),
    };
    let first = lines.headers().map_err(unreadable)?;
    if !first.iter().eq(header.iter().copied()) {
        let columns = header.join(",");
        return Err(damaged(&format!("{name} does not begin with {columns}")));
    }
    let mut record = csv::StringRecord::new();
    while lines.read_record(&mut record).map_err(unreadable)? {
        take(&record)?;
    }
    drop(lines);
    limited.set_limit(1);
    // At its end the checksum is compared, too.
    let more = limited.read(&mut [0]).map_err(BackupError::reading(name))?;
    if more > 0 {
        return Err(damaged(&format!("{name} is longer than it says")));
    }
    Ok(())
}

/// What is wrong with a line, without its contents.
fn shape(kind: &csv::ErrorKind) -> String {
    match kind {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line} has {len} cells instead of {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".into(),
        _ => "it is no CSV".into(),
    }
}

#[cfg(test)]
#[path = "csv_import_tests.rs"]
mod tests;
