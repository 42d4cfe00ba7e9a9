//! Looking through every text of a database, whatever tables it has.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;

use super::DbError;
use super::open::open_reader;

/// Counts the rows in which a column's text satisfies `is_meant`: by `table.column`, those with none left out (blocking).
///
/// Errors: the file cannot be opened or read.
pub fn scan(
    path: &Path,
    is_meant: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, u64>, DbError> {
    let connection = open_reader(path)?;
    let mut tables = connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut found = BTreeMap::new();
    for table in tables {
        // A name from the schema itself; quotes in it are doubled all the same.
        let quoted = table.replace('"', "\"\"");
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{quoted}\""))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (at, column) in columns.iter().enumerate() {
                if let ValueRef::Text(text) = row.get_ref(at)?
                    && is_meant(&String::from_utf8_lossy(text))
                {
                    *found.entry(format!("{table}.{column}")).or_insert(0) += 1;
                }
            }
        }
    }
    Ok(found)
}
