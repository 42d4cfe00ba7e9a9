//! Brings a database to the schema this version needs.

use rusqlite::Connection;

use super::DbError;

/// What a new database gets.
pub const SCHEMA_SQL: &str = include_str!("../../../schema.sql");

/// The schema this version reads and writes.
pub const SCHEMA_VERSION: i64 = 1;

/// The numbered steps: `steps()[n]` brings version `n` to `n + 1`, the first one an empty database to version 1.
pub fn steps() -> [&'static str; SCHEMA_VERSION as usize] {
    [include_str!("../../../assets/migrations/0001_initial.sql")]
}

/// Creates the schema in an empty database, or applies the steps an older one lacks, each in a transaction of its
/// own together with its version number.
///
/// Errors: the database is newer than this program (nothing is changed), or a step fails (it is rolled back).
pub fn migrate(connection: &mut Connection) -> Result<(), DbError> {
    let version = current_version(connection)?;
    if version > SCHEMA_VERSION {
        return Err(DbError::Internal(format!(
            "the database has schema version {version}, this program knows {SCHEMA_VERSION} at most: \
             it was written by a newer version of NovaHouse; start that one, or restore an older backup"
        )));
    }
    if version == 0 {
        return apply(connection, SCHEMA_SQL, SCHEMA_VERSION);
    }
    for (step, sql) in (1_i64..).zip(steps()).skip(version as usize) {
        apply(connection, sql, step)?;
    }
    Ok(())
}

/// The version of an open database; 0 for an empty one.
pub(super) fn current_version(connection: &Connection) -> Result<i64, DbError> {
    let has_table: bool = connection.query_row(
        "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'",
        [],
        |row| row.get(0),
    )?;
    if !has_table {
        return Ok(0);
    }
    Ok(connection
        .query_row("SELECT MAX(version) FROM schema_version", [], |row| {
            row.get::<_, Option<i64>>(0)
        })?
        .unwrap_or(0))
}

pub(super) fn apply(connection: &mut Connection, sql: &str, version: i64) -> Result<(), DbError> {
    let tx = connection.transaction()?;
    tx.execute_batch(sql)?;
    tx.execute(
        "INSERT INTO schema_version (version) VALUES (?1)",
        [version],
    )?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables and columns with type, nullability and default, and the SQL of every index.
    fn shape(connection: &Connection) -> Vec<String> {
        let mut shape = Vec::new();
        let mut tables = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .unwrap();
        let names: Vec<String> = tables
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for name in names {
            let mut columns = connection
                .prepare(
                    "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(?1)",
                )
                .unwrap();
            let rows = columns
                .query_map([&name], |row| {
                    Ok(format!(
                        "{name}.{} {} {} {:?} {}",
                        row.get::<_, String>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, i64>(2)?,
                        row.get::<_, Option<String>>(3)?,
                        row.get::<_, i64>(4)?,
                    ))
                })
                .unwrap();
            shape.extend(rows.map(Result::unwrap));
        }
        let mut indexes = connection
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name")
            .unwrap();
        let rows = indexes
            .query_map([], |row| {
                let sql: Option<String> = row.get(1)?;
                let words = sql.unwrap_or_default();
                Ok(format!(
                    "{} {}",
                    row.get::<_, String>(0)?,
                    words.split_whitespace().collect::<Vec<_>>().join(" ")
                ))
            })
            .unwrap();
        shape.extend(rows.map(Result::unwrap));
        shape
    }

    #[test]
    fn a_new_database_and_a_migrated_one_have_the_same_schema() {
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        let mut migrated = Connection::open_in_memory().unwrap();
        for (step, sql) in (1_i64..).zip(steps()) {
            apply(&mut migrated, sql, step).unwrap();
        }
        assert_eq!(shape(&fresh), shape(&migrated));
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
            .execute(
                "INSERT INTO schema_version (version) VALUES (?1)",
                [SCHEMA_VERSION + 1],
            )
            .unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(error.to_string().contains("newer version"), "{error}");
    }

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let before = shape(&connection);
        migrate(&mut connection).unwrap();
        assert_eq!(before, shape(&connection));
    }
}
