//! Parameters and rows in the five types every supported database shares.

use std::str::FromStr;

use super::DbError;

/// A parameter of a statement (`?1`, `?2`, …), borrowed from the caller.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    /// SQL NULL.
    Null,
    /// INTEGER; also booleans (0 or 1) and times (milliseconds UTC).
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT; also JSON.
    Text(&'a str),
    /// BLOB.
    Blob(&'a [u8]),
}

macro_rules! param_from {
    ($($from:ty => |$v:ident| $to:expr),* $(,)?) => {
        $(impl<'a> From<$from> for Param<'a> {
            fn from($v: $from) -> Self { $to }
        })*
    };
}

param_from! {
    i64 => |v| Param::Integer(v),
    i32 => |v| Param::Integer(i64::from(v)),
    u32 => |v| Param::Integer(i64::from(v)),
    bool => |v| Param::Integer(i64::from(v)),
    f64 => |v| Param::Real(v),
    f32 => |v| Param::Real(f64::from(v)),
    &'a str => |v| Param::Text(v),
    &'a String => |v| Param::Text(v.as_str()),
    &'a [u8] => |v| Param::Blob(v),
    &'a Vec<u8> => |v| Param::Blob(v.as_slice()),
    &'a [u8; 32] => |v| Param::Blob(v.as_slice()),
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

/// Writes `&[Param]` from plain values: `params![id, name.as_str(), now_ms]`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::platform::db::Param<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::platform::db::Param::from($value)),+] };
}

/// Gives an enum the words a TEXT column holds: `as_str` and `FromStr`.
#[macro_export]
macro_rules! text_column {
    ($type:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        impl $type {
            /// As stored and sent.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl std::str::FromStr for $type {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(()) }
            }
        }
    };
}

/// One column of a result row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// INTEGER.
    Integer(i64),
    /// REAL.
    Real(f64),
    /// TEXT.
    Text(String),
    /// BLOB.
    Blob(Vec<u8>),
}

impl Value {
    /// The same, borrowed as a parameter.
    pub fn as_param(&self) -> Param<'_> {
        match self {
            Value::Null => Param::Null,
            Value::Integer(v) => Param::Integer(*v),
            Value::Real(v) => Param::Real(*v),
            Value::Text(v) => Param::Text(v),
            Value::Blob(v) => Param::Blob(v),
        }
    }
}

/// One row of a result; columns are read by position, in the order of the SELECT.
#[derive(Debug, Clone)]
pub struct Row(pub(super) Vec<Value>);

/// A type a column can be read as.
pub trait FromValue: Sized {
    /// The name used in the error when the column holds something else.
    const NAME: &'static str;
    /// `None` when the value has another type.
    fn from_value(value: Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($to:ty, $name:literal, $pattern:pat => $result:expr);* $(;)?) => {
        $(impl FromValue for $to {
            const NAME: &'static str = $name;
            fn from_value(value: Value) -> Option<Self> {
                match value { $pattern => Some($result), _ => None }
            }
        })*
    };
}

from_value! {
    i64, "INTEGER", Value::Integer(v) => v;
    u32, "INTEGER from 0 to 2^32", Value::Integer(v) => u32::try_from(v).ok()?;
    bool, "INTEGER 0 or 1", Value::Integer(v) => v != 0;
    f64, "REAL", Value::Real(v) => v;
    String, "TEXT", Value::Text(v) => v;
    Vec<u8>, "BLOB", Value::Blob(v) => v;
}

impl<T: FromValue> FromValue for Option<T> {
    const NAME: &'static str = T::NAME;
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl Row {
    /// Takes column `index` (from 0) out of the row.
    ///
    /// Errors: [`DbError::Internal`] when the column is missing or holds another type; that is a fault of the
    /// statement beside it, so the message names position and type.
    pub fn take<T: FromValue>(&mut self, index: usize) -> Result<T, DbError> {
        let value = self
            .0
            .get_mut(index)
            .map(|slot| std::mem::replace(slot, Value::Null))
            .ok_or_else(|| DbError::Internal(format!("the row has no column {index}")))?;
        T::from_value(value)
            .ok_or_else(|| DbError::Internal(format!("column {index} is not {}", T::NAME)))
    }

    /// Takes a column that holds one of a few words.
    ///
    /// Errors: as [`Row::take`], and when the word is none of them.
    pub fn word<T: FromStr>(&mut self, index: usize) -> Result<T, DbError> {
        self.take::<String>(index)?
            .parse()
            .map_err(|_| DbError::Internal(format!("column {index} holds an unknown word")))
    }
}
