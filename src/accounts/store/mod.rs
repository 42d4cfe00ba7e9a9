//! All SQL of this slice.

mod keys;
mod password_links;
mod sessions;
mod users;

pub(super) use keys::*;
pub(super) use password_links::*;
pub(super) use sessions::*;
pub(super) use users::*;

use crate::platform::db::{DbError, Row};
use crate::platform::http::Role;

fn role(row: &mut Row, index: usize) -> Result<Role, DbError> {
    let text: String = row.take(index)?;
    text.parse()
        .map_err(|()| DbError::Internal("a role that is neither agent nor owner".into()))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
