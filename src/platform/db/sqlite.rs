//! [`Tx`] over one SQLite connection.

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::sql_log::SqlLog;
use super::{DbError, Param, Row, Tx, Value};

/// A transaction's view of a SQLite connection.
pub struct SqliteTx<'c> {
    connection: &'c Connection,
    log: Option<&'c SqlLog>,
}

impl<'c> SqliteTx<'c> {
    /// Wraps a connection whose transaction somebody else opened.
    pub fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            log: None,
        }
    }

    pub(super) fn logged(connection: &'c Connection, log: Option<&'c SqlLog>) -> Self {
        Self { connection, log }
    }

    fn note(&self, sql: &'static str) {
        if let Some(log) = self.log {
            log.note(sql);
        }
    }
}

impl Tx for SqliteTx<'_> {
    fn query(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        self.note(sql);
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(columns);
            for index in 0..columns {
                values.push(owned(row.get_ref(index)?)?);
            }
            found.push(Row(values));
        }
        Ok(found)
    }

    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, DbError> {
        self.note(sql);
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    fn insert(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<i64, DbError> {
        self.note(sql);
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.insert(rusqlite::params_from_iter(params))?)
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Integer(v) => ValueRef::Integer(*v),
            Param::Real(v) => ValueRef::Real(*v),
            Param::Text(v) => ValueRef::Text(v.as_bytes()),
            Param::Blob(v) => ValueRef::Blob(v),
        }))
    }
}

fn owned(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(v) => Value::Integer(v),
        ValueRef::Real(v) => Value::Real(v),
        ValueRef::Text(v) => Value::Text(
            String::from_utf8(v.to_vec())
                .map_err(|_| DbError::Internal("a TEXT column holds invalid UTF-8".into()))?,
        ),
        ValueRef::Blob(v) => Value::Blob(v.to_vec()),
    })
}
