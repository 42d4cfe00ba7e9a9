//! Taking over what NovaHouse 2.3 kept: its SQLite database, or a JSON document of the same tables.
//!
//! What becomes of what is the table in `mapping.rs`; each row is read tolerantly there and written by the slice that owns
//! its table. Every row is counted, and one that could not be taken over is told with its reason, by table, id and field,
//! never with what it says. A second run adds nothing: each row is known by its id and time of 2.3.
//!
//! ```text
//! source.rs   the file: tables of rows of cells       mapping.rs  names of tables and columns: pure
//! values.rs   cells as texts, times, answers: pure    report.rs   what became of the rows
//! leads.rs, conversations.rs, records.rs (consents, audit entries)   a part each
//! ```

mod conversations;
mod leads;
mod mapping;
mod records;
mod report;
mod source;
mod values;

use std::path::Path;

use serde_json::{Map, Value, json};

pub use report::Report;
pub use source::Source;

use super::BackupError;
use super::files::replace;
use crate::accounts::audit;
use crate::platform::db::{
    DATABASE_FILE, DbError, SCHEMA_VERSION, Tx, create_at, edit, migrate_file, snapshot,
};

/// What 2.3 knew of experiments, in the data folder: their definitions and sums, without visitors.
pub const EXPERIMENTS_FILE: &str = "v23-experiments.json";

/// Takes over leads, conversations, consents and audit entries. Part of the caller's transaction, so that all of it is
/// there or nothing.
///
/// * `now_ms`: when it is taken over, for what 2.3 gave no time.
///
/// Errors: the database's; a row that cannot be taken over is in the report.
pub fn take_over(tx: &mut dyn Tx, source: &Source, now_ms: i64) -> Result<Report, DbError> {
    let mut report = Report::default();
    leads::take_over(tx, source, now_ms, &mut report)?;
    conversations::take_over(tx, source, now_ms, &mut report)?;
    records::take_consents(tx, source, now_ms, &mut report)?;
    records::take_audit(tx, source, now_ms, &mut report)?;
    report.note_others(source);
    let taken = report.taken();
    if taken.values().sum::<u64>() > 0 {
        let details = json!({ "taken": taken });
        audit::record(tx, audit::SYSTEM, "v23_imported", None, &details, now_ms)?;
    }
    Ok(report)
}

/// Runs `work` on a copy of a database, or on an empty one where there is none; nothing of the data folder changes, and a
/// running server does not mind.
///
/// Errors: the copy cannot be made, or what the closure says.
pub fn rehearse<T>(
    database: &Path,
    work: impl FnOnce(&mut dyn Tx) -> Result<T, BackupError>,
) -> Result<T, BackupError> {
    let scratch = tempfile::tempdir().map_err(BackupError::io(&std::env::temp_dir()))?;
    let copy = scratch.path().join(DATABASE_FILE);
    if database.exists() {
        snapshot(database, &copy)?;
        migrate_file(&copy)?;
    } else {
        create_at(&copy, SCHEMA_VERSION)?;
    }
    edit(&copy, work)
}

/// Writes what 2.3 knew of experiments beside the database; answers whether there was any.
///
/// Errors: the file cannot be written.
pub fn write_experiments(folder: &Path, source: &Source) -> Result<bool, BackupError> {
    let mut tables = Map::new();
    for name in mapping::EXPERIMENTS {
        let rows: Vec<Value> = source.rows(name).iter().map(source::Row::to_json).collect();
        if !rows.is_empty() {
            tables.insert((*name).to_owned(), rows.into());
        }
    }
    if tables.is_empty() {
        return Ok(false);
    }
    let text = serde_json::to_vec_pretty(&tables)
        .map_err(|error| BackupError::Internal(error.to_string()))?;
    replace(&folder.join(EXPERIMENTS_FILE), &text)?;
    Ok(true)
}
