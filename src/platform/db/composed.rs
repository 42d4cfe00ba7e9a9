//! Statements put together from fixed pieces, for lists with many filters: a statement that names only the filters that
//! are set can use the index that fits them.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::Param;

/// Names of parameters, in order.
const NAMES: [&str; 12] = [
    "?1", "?2", "?3", "?4", "?5", "?6", "?7", "?8", "?9", "?10", "?11", "?12",
];

/// A statement in the making. Every piece is text of the program, so nothing from outside gets into the SQL.
#[derive(Default)]
pub struct Composed<'p> {
    pieces: Vec<&'static str>,
    params: Vec<Param<'p>>,
}

impl<'p> Composed<'p> {
    /// Adds SQL as it stands.
    pub fn sql(&mut self, piece: &'static str) -> &mut Self {
        self.pieces.push(piece);
        self
    }

    /// Adds a parameter. Beyond the twelfth it adds nothing the statement could be prepared with.
    pub fn param(&mut self, value: impl Into<Param<'p>>) -> &mut Self {
        self.pieces
            .push(NAMES.get(self.params.len()).copied().unwrap_or("?"));
        self.params.push(value.into());
        self
    }

    /// The statement and its parameters.
    pub fn finish(self) -> (&'static str, Vec<Param<'p>>) {
        (kept(self.pieces.concat()), self.params)
    }
}

/// The same text for as long as the program runs. There are only as many as the pieces can be combined.
fn kept(sql: String) -> &'static str {
    static KEPT: OnceLock<Mutex<HashSet<&'static str>>> = OnceLock::new();
    let mut kept = KEPT
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(sql.as_str()) {
        return known;
    }
    let sql: &'static str = Box::leak(sql.into_boxed_str());
    kept.insert(sql);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(has_name: bool) -> (&'static str, usize) {
        let mut sql = Composed::default();
        sql.sql("SELECT id FROM t WHERE a = ").param(1_i64);
        if has_name {
            sql.sql(" AND name = ").param("x");
        }
        let (sql, params) = sql.finish();
        (sql, params.len())
    }

    #[test]
    fn parameters_are_numbered_as_they_come_and_equal_statements_are_one() {
        let (sql, params) = statement(true);
        assert_eq!(sql, "SELECT id FROM t WHERE a = ?1 AND name = ?2");
        assert_eq!(params, 2);
        assert!(std::ptr::eq(statement(false).0, statement(false).0));
    }
}
