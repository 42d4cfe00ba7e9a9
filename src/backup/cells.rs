//! Values as cells of CSV, so that a spreadsheet shows them and none is taken for another. Pure.
//!
//! An empty cell is NULL. A text that is empty, that a spreadsheet would take for a formula, or that begins with `'`, has a
//! `'` before it. BLOB is base64 by the same rule.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;

use super::BackupError;
use crate::platform::db::{DbError, Value};

const MARK: char = '\'';

/// A value as a cell.
///
/// Errors: a text that is no UTF-8, which no table holds.
pub(super) fn written(value: &ValueRef<'_>) -> Result<String, BackupError> {
    Ok(match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => marked(text(bytes)?),
        ValueRef::Blob(bytes) => marked(&STANDARD.encode(bytes)),
    })
}

/// The text of a TEXT column.
///
/// Errors: it is no UTF-8, which no table holds.
pub(super) fn text(bytes: &[u8]) -> Result<&str, BackupError> {
    std::str::from_utf8(bytes)
        .map_err(|_| DbError::Internal("a TEXT column holds invalid UTF-8".into()).into())
}

fn marked(text: &str) -> String {
    let is_misread = text.is_empty() || text.starts_with(['=', '+', '-', '@', '\t', '\r', MARK]);
    if is_misread {
        format!("{MARK}{text}")
    } else {
        text.to_owned()
    }
}

/// The value a cell stands for in a column of this type; `None`: it stands for none.
pub(super) fn read(kind: &str, cell: &str) -> Option<Value> {
    if cell.is_empty() {
        return Some(Value::Null);
    }
    let text = cell.strip_prefix(MARK).unwrap_or(cell);
    match kind {
        "INTEGER" => cell.parse().ok().map(Value::Integer),
        "REAL" => cell.parse().ok().map(Value::Real),
        "TEXT" => Some(Value::Text(text.to_owned())),
        "BLOB" => STANDARD.decode(text).ok().map(Value::Blob),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn comes_back(kind: &str, value: &ValueRef<'_>, expected: &Value) {
        let cell = written(value).unwrap();
        assert_eq!(read(kind, &cell).as_ref(), Some(expected), "{cell:?}");
    }

    #[test]
    fn no_text_of_a_visitor_becomes_a_formula() {
        for text in ["=1+1", "+48 500", "-1", "@a", "\t=1", "\r", "'quoted'", ""] {
            let cell = written(&ValueRef::Text(text.as_bytes())).unwrap();
            assert!(cell.starts_with('\''), "{cell}");
        }
        // The base64 of these bytes begins with a plus.
        assert!(written(&ValueRef::Blob(&[0xf8])).unwrap().starts_with('\''));
    }

    #[test]
    fn null_and_everything_empty_stay_apart() {
        comes_back("TEXT", &ValueRef::Null, &Value::Null);
        comes_back("BLOB", &ValueRef::Null, &Value::Null);
        comes_back("TEXT", &ValueRef::Text(b""), &Value::Text(String::new()));
        comes_back("BLOB", &ValueRef::Blob(b""), &Value::Blob(Vec::new()));
    }

    #[test]
    fn what_is_no_value_of_the_type_is_none() {
        for (kind, cell) in [
            ("INTEGER", "1.5"),
            ("INTEGER", "9223372036854775808"),
            ("INTEGER", "'"),
            ("REAL", "1,5"),
            ("BLOB", "a"),
            ("ANY", "a"),
        ] {
            assert_eq!(read(kind, cell), None, "{kind} {cell}");
        }
    }

    proptest! {
        #[test]
        fn every_value_comes_back(
            text in "['=+@\\-]?\\PC{0,9}[\\r\\n\\t]?",
            bytes in proptest::collection::vec(any::<u8>(), 0..9),
            whole in any::<i64>(),
            real in proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL,
        ) {
            comes_back("TEXT", &ValueRef::Text(text.as_bytes()), &Value::Text(text.clone()));
            comes_back("BLOB", &ValueRef::Blob(&bytes), &Value::Blob(bytes.clone()));
            comes_back("INTEGER", &ValueRef::Integer(whole), &Value::Integer(whole));
            comes_back("REAL", &ValueRef::Real(real), &Value::Real(real));
        }
    }
}
