//! What a message looks like, without a server.

use std::path::Path;

use super::NotifyError;
use super::service::company_of;
use super::words;
use crate::knowledge::snapshot_at;
use crate::nlu::Lang;
use crate::notify::messages::{Name, Rendered, render, sample};
use crate::platform::db::{DATABASE_FILE, read_only};

/// A message as the company of a data folder would send it, with examples in place of its values (blocking). Without a
/// database there, it is the built-in company.
///
/// Errors: the database cannot be read.
pub fn preview_at(data_dir: &Path, name: Name, lang: Lang) -> Result<Rendered, NotifyError> {
    let snapshot = snapshot_at(data_dir)?;
    let database = data_dir.join(DATABASE_FILE);
    let mut own = if database.exists() {
        read_only(&database, words::load)?
    } else {
        words::AllWords::default()
    };
    let own = own.remove(&words::key(name, lang)).unwrap_or_default();
    let message = sample(name, lang, true);
    Ok(render(&message, lang, &company_of(&snapshot), &own)?)
}
