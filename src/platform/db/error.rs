//! What can go wrong in the store.

/// An error of the store, already sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Disk full, I/O error, queue full or server stopping: nothing was changed, trying again later may work.
    #[error("the database cannot be used right now: {0}")]
    Unavailable(String),
    /// A unique or primary key is taken. Holds its columns as `table.column`.
    #[error("there is already a row with the same {}", .0.join(", "))]
    Unique(Vec<String>),
    /// Other rows refer to the row, or it refers to one that is not there.
    #[error("a reference between rows would be broken")]
    Reference,
    /// Another constraint said no.
    #[error("a constraint of the database said no: {0}")]
    Constraint(String),
    /// A fault of the program or a damaged database.
    #[error("database error: {0}")]
    Internal(String),
}

impl DbError {
    /// True when a unique key over (among others) `column` (`table.column`) refused the row.
    pub fn is_unique(&self, column: &str) -> bool {
        matches!(self, DbError::Unique(columns) if columns.iter().any(|taken| taken == column))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly,
            SystemIoFailure,
        };
        use rusqlite::ffi::{
            SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE,
        };
        if let rusqlite::Error::SqliteFailure(cause, Some(detail)) = &error {
            match cause.extended_code {
                SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY => {
                    return DbError::Unique(columns(detail));
                }
                SQLITE_CONSTRAINT_FOREIGNKEY => return DbError::Reference,
                _ => {}
            }
        }
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ConstraintViolation) => DbError::Constraint(text),
            Some(
                DiskFull | SystemIoFailure | CannotOpen | DatabaseBusy | DatabaseLocked | ReadOnly,
            ) => DbError::Unavailable(text),
            _ => DbError::Internal(text),
        }
    }
}

/// The columns of a key. The code says that one is taken, only the text says which:
/// `UNIQUE constraint failed: users.username, users.email`.
fn columns(detail: &str) -> Vec<String> {
    let (_, list) = detail.rsplit_once(": ").unwrap_or(("", detail));
    list.split(", ").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(sql: &str) -> DbError {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE pairs (id INTEGER PRIMARY KEY, a TEXT NOT NULL, ab TEXT, UNIQUE (a, ab)); \
                 INSERT INTO pairs VALUES (1, 'x', 'y');",
            )
            .unwrap();
        connection.execute_batch(sql).unwrap_err().into()
    }

    #[test]
    fn a_taken_key_names_its_columns_and_no_others() {
        let pair = refused("INSERT INTO pairs VALUES (2, 'x', 'y')");
        assert!(pair.is_unique("pairs.a") && pair.is_unique("pairs.ab"));
        assert!(!pair.is_unique("pairs.id") && !pair.is_unique("pairs"));
        let id = refused("INSERT INTO pairs VALUES (1, 'z', 'z')");
        assert!(id.is_unique("pairs.id") && !id.is_unique("pairs.a"));
    }

    #[test]
    fn another_constraint_is_no_taken_key() {
        let missing = refused("INSERT INTO pairs VALUES (2, NULL, 'y')");
        assert!(matches!(missing, DbError::Constraint(_)) && !missing.is_unique("pairs.a"));
    }
}
