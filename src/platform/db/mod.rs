//! The store: one writer that commits in groups, a few readers, one small trait over both.
//!
//! A use case is one closure over [`Tx`]; the same closures and the same SQL serve every supported database, so
//! statements keep to the portable subset described in ARCHITECTURE.md.
//!
//! * [`Store::write`]: the closure runs in a savepoint of a group transaction; the caller is answered after the
//!   group's COMMIT is on disk (`synchronous=FULL`), so what was acknowledged survives a power cut.
//! * [`Store::read`]: the closure sees one consistent snapshot and never waits for the writer.

mod checkpoint;
mod composed;
mod copy;
mod error;
mod migrate;
mod open;
mod reader;
mod scan;
mod scrub;
mod sql_log;
mod sqlite;
mod value;
mod writer;

pub use composed::Composed;
pub use copy::{Column, Tables, create_at, edit, migrate_file, snapshot, version_of, write_anew};
pub use error::DbError;
pub use migrate::{SCHEMA_SQL, SCHEMA_VERSION, migrate, steps};
pub use open::{DATABASE_FILE, Store, StoreOptions, in_memory, integrity_check, read_only};
pub use scan::scan;
pub use scrub::scrub;
pub use sqlite::SqliteTx;
pub use value::{FromValue, Param, Row, Value};

/// What a use case may do inside its transaction.
pub trait Tx {
    /// Runs a statement that returns rows (also `INSERT … RETURNING`).
    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, DbError>;

    /// Runs a statement that returns none; answers how many rows it changed.
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, DbError>;

    /// Runs an `INSERT` of one row into a table that numbers its rows by `id`; answers the number. Cheaper than
    /// `RETURNING id`, for which SQLite collects the rows of a statement in a table of its own.
    fn insert(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<i64, DbError>;
}

impl dyn Tx + '_ {
    /// The first row, if there is one.
    pub fn query_first(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// The first column of the only row of a statement that always has one (COUNT, RETURNING …).
    pub fn query_value<T: FromValue>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
    ) -> Result<T, DbError> {
        self.query_first(sql, params)?
            .ok_or_else(|| DbError::Internal("a statement that always has a row had none".into()))?
            .take(0)
    }
}
