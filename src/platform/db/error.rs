//! What can go wrong in the store.

/// An error of the store, already sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Disk full, I/O error, queue full or server stopping: nothing was changed, trying again later may work.
    #[error("the database cannot be used right now: {0}")]
    Unavailable(String),
    /// A unique or foreign key said no. Holds the columns as `table.column`.
    #[error("a constraint of the database said no: {0}")]
    Constraint(String),
    /// A fault of the program or a damaged database.
    #[error("database error: {0}")]
    Internal(String),
}

impl DbError {
    /// True when a unique key over (among others) `column` (`table.column`) refused the row.
    pub fn is_unique(&self, column: &str) -> bool {
        matches!(self, DbError::Constraint(what) if what.contains(column))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly,
            SystemIoFailure,
        };
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
