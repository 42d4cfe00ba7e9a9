//! Records every distinct SQL statement in a file (setting `sql_log_file`), so that a test can prepare each one on
//! the other supported databases.

use std::collections::HashSet;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use super::DbError;

/// The file and what is already in it from this process.
pub(super) struct SqlLog {
    seen: Mutex<HashSet<&'static str>>,
    file: Mutex<File>,
}

impl SqlLog {
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|e| DbError::Unavailable(format!("cannot open sql_log_file: {e}")))?;
        Ok(Self {
            seen: Mutex::default(),
            file: Mutex::new(file),
        })
    }

    /// Appends the statement, once, as one JSON string a line. A full disk loses lines of this log, nothing else.
    pub(super) fn note(&self, sql: &'static str) {
        let is_new = self.seen.lock().is_ok_and(|mut seen| seen.insert(sql));
        if is_new && let Ok(mut file) = self.file.lock() {
            let line = format!("{}\n", serde_json::Value::from(sql));
            let _ = file.write_all(line.as_bytes());
        }
    }
}
