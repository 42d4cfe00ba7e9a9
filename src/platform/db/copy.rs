//! Database files that nobody serves from: copies taken beside a running store, and what is made of them.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::migrate::{apply, current_version};
use super::open::{open_durable, open_reader, prepared};
use super::{DbError, SqliteTx, Tx, Value, migrate, steps};

/// Writes a consistent copy of a database to `copy`, which must not exist. The copy holds live rows alone: what was
/// erased cannot ride along in free pages. It works beside a running store and never makes its writer wait; it is not
/// flushed to disk.
///
/// Errors: the database cannot be read, or the copy not be written whole.
pub fn snapshot(database: &Path, copy: &Path) -> Result<(), DbError> {
    let connection = open_reader(database)?;
    // Whoever keeps the copy flushes it; what only lies there for a moment need never reach the disk.
    connection.pragma_update(None, "synchronous", "OFF")?;
    let copy = copy
        .to_str()
        .ok_or_else(|| DbError::Unavailable("the copy's path is not UTF-8".into()))?;
    connection.execute("VACUUM INTO ?1", [copy])?;
    Ok(())
}

/// The schema version a database file has; 0 when there is no schema in it.
///
/// Errors: it cannot be opened or is no database.
pub fn version_of(database: &Path) -> Result<i64, DbError> {
    current_version(&open_reader(database)?)
}

/// Brings a file that nobody has open to the schema of this program.
///
/// Errors: as [`migrate`].
pub fn migrate_file(database: &Path) -> Result<(), DbError> {
    let mut connection = for_editing(database)?;
    migrate(&mut connection)
}

/// Makes a new file with the schema it had at `version`.
///
/// Errors: the version is none this program knows, or the file cannot be written.
pub fn create_at(database: &Path, version: i64) -> Result<(), DbError> {
    let mut connection = prepared(Connection::open(database)?)?;
    let steps = steps();
    let known = usize::try_from(version)
        .ok()
        .filter(|version| (1..=steps.len()).contains(version))
        .ok_or_else(|| DbError::Internal(format!("there is no schema version {version}")))?;
    for (step, sql) in (1_i64..).zip(steps).take(known) {
        apply(&mut connection, sql, step)?;
    }
    Ok(())
}

/// Runs `work` in one transaction on a file that nobody has open; all of it is on disk afterwards, or nothing changed.
///
/// Errors: the file cannot be opened, what the closure says, or the transaction cannot be committed.
pub fn edit<T, E: From<DbError>>(
    database: &Path,
    work: impl FnOnce(&mut dyn Tx) -> Result<T, E>,
) -> Result<T, E> {
    let connection = for_editing(database)?;
    let set_up = || -> Result<(), DbError> {
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(())
    };
    set_up()?;
    let done = work(&mut SqliteTx::new(&connection))?;
    connection.execute_batch("COMMIT").map_err(DbError::from)?;
    Ok(done)
}

/// Writes a file that nobody has open anew, so that nothing deleted is left in its pages.
///
/// Errors: the file cannot be opened, or the disk is full.
pub fn write_anew(database: &Path) -> Result<(), DbError> {
    for_editing(database)?.execute_batch("VACUUM")?;
    Ok(())
}

/// In the journal mode that leaves no second file behind.
fn for_editing(database: &Path) -> Result<Connection, DbError> {
    let connection = open_durable(database)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "secure_delete", true)?;
    prepared(connection)
}

/// The tables of a database file as they are, whatever they are called: for exporting, counting and filling them.
pub struct Tables {
    connection: Connection,
}

/// A column's name and declared type.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// INTEGER, REAL, TEXT or BLOB.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Tables {
    /// Reads one state of the file for as long as the value lives, beside a running store.
    ///
    /// Errors: the file cannot be opened.
    pub fn open(database: &Path) -> Result<Self, DbError> {
        let connection = open_reader(database)?;
        connection.execute_batch("BEGIN")?;
        Ok(Self { connection })
    }

    /// Opens a new file to be filled in one transaction, in any order of tables.
    ///
    /// Errors: the file cannot be opened.
    pub fn fill(database: &Path) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = prepared(Connection::open_with_flags(database, flags)?)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self { connection })
    }

    /// The highest schema version noted in it.
    pub fn version(&self) -> Result<i64, DbError> {
        current_version(&self.connection)
    }

    /// Names of the tables in alphabetical order, without SQLite's own and Litestream's.
    pub fn names(&self) -> Result<Vec<String>, DbError> {
        let mut statement = self.connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name NOT LIKE '\\_litestream\\_%' ESCAPE '\\' ORDER BY name",
        )?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> Result<u64, DbError> {
        let sql = format!("SELECT COUNT(*) FROM {}", quoted(table));
        let count: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The columns of a table in their order.
    pub fn columns(&self, table: &str) -> Result<Vec<Column>, DbError> {
        let mut statement = self
            .connection
            .prepare("SELECT name, type FROM pragma_table_info(?1) ORDER BY cid")?;
        let columns = statement.query_map([table], |row| {
            Ok(Column {
                name: row.get(0)?,
                kind: row.get(1)?,
            })
        })?;
        Ok(columns.collect::<Result<_, _>>()?)
    }

    /// Hands each row of a table to `take`, its values in the order of [`Tables::columns`], in the order in which the table
    /// keeps them.
    pub fn rows<E: From<DbError>>(
        &self,
        table: &str,
        mut take: impl FnMut(&[ValueRef<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let db = |error: rusqlite::Error| E::from(DbError::from(error));
        let sql = format!("SELECT * FROM {}", quoted(table));
        let mut statement = self.connection.prepare(&sql).map_err(db)?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(db)?;
        while let Some(row) = rows.next().map_err(db)? {
            let mut values = Vec::with_capacity(columns);
            for index in 0..columns {
                values.push(row.get_ref(index).map_err(db)?);
            }
            take(&values)?;
        }
        Ok(())
    }

    /// The highest id each table that numbers its rows has ever given, so that none is given twice.
    pub fn last_ids(&self) -> Result<Vec<(String, i64)>, DbError> {
        let mut statement = self
            .connection
            .prepare("SELECT name, seq FROM sqlite_sequence ORDER BY name")?;
        let ids = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Adds a row.
    ///
    /// Errors: a value does not fit its column, or a key is taken.
    pub fn add(&self, table: &str, columns: &[Column], values: &[Value]) -> Result<(), DbError> {
        let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({marks})",
            quoted(table),
            names.join(", ")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.execute(rusqlite::params_from_iter(
            values.iter().map(Value::as_param),
        ))?;
        Ok(())
    }

    /// Removes every row of a table.
    pub fn clear(&self, table: &str) -> Result<(), DbError> {
        let sql = format!("DELETE FROM {}", quoted(table));
        self.connection.execute(&sql, [])?;
        Ok(())
    }

    /// Notes the highest id a table has given.
    pub fn set_last_id(&self, table: &str, last_id: i64) -> Result<(), DbError> {
        self.connection
            .execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
        self.connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
            rusqlite::params![table, last_id],
        )?;
        Ok(())
    }

    /// Ends the transaction of [`Tables::fill`].
    ///
    /// Errors: it cannot be committed.
    pub fn commit(self) -> Result<(), DbError> {
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }
}

/// A name as SQL takes it, whatever it holds.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::SCHEMA_VERSION;
    use crate::platform::settings;

    #[test]
    fn a_copy_has_the_rows_of_its_moment_and_none_of_what_was_erased_before() {
        let folder = tempfile::tempdir().unwrap();
        let (live, copy) = (folder.path().join("live.db"), folder.path().join("copy.db"));
        create_at(&live, SCHEMA_VERSION).unwrap();
        edit(&live, |tx| settings::save(tx, "a", &"kept words", 1)).unwrap();
        let connection = Connection::open(&live).unwrap();
        connection
            .execute_batch(
                "PRAGMA secure_delete = OFF; INSERT INTO settings VALUES ('b', '\"erased words\"', 1); \
                 DELETE FROM settings WHERE name = 'b';",
            )
            .unwrap();
        snapshot(&live, &copy).unwrap();
        let bytes = std::fs::read(&copy).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|at| at == text);
        assert!(holds(b"kept words") && !holds(b"erased words"));
        assert_eq!(version_of(&copy).unwrap(), SCHEMA_VERSION);
        assert!(snapshot(&live, &copy).is_err(), "a copy was overwritten");
    }

    #[test]
    fn an_edit_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        create_at(&file, SCHEMA_VERSION).unwrap();
        let failed = edit(&file, |tx| {
            settings::save(tx, "a", &1, 1)?;
            Err::<(), _>(DbError::Reference)
        });
        assert!(matches!(failed, Err(DbError::Reference)));
        assert_eq!(Tables::open(&file).unwrap().count("settings").unwrap(), 0);
    }

    #[test]
    fn a_version_nobody_knows_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        for version in [-1, 0, SCHEMA_VERSION + 1] {
            assert!(create_at(&folder.path().join("a.db"), version).is_err());
        }
    }
}
