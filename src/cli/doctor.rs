//! `novahouse doctor`: looks for what would keep the server from working, and says what to do.

use std::os::unix::fs::PermissionsExt;

use super::Failure;
use crate::config::{Config, Flags};
use crate::platform::db::{DATABASE_FILE, integrity_check};

/// Prints one line a check.
///
/// Errors: the configuration cannot be read, or a check found something.
pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let mut findings = 0;
    let mut report = |name: &str, finding: Option<String>| match finding {
        None => println!("ok       {name}"),
        Some(what) => {
            findings += 1;
            println!("PROBLEM  {name}: {what}");
        }
    };
    for warning in &config.warnings {
        println!("note     configuration: {warning}");
    }
    for fallback in &config.fallbacks {
        println!("note     {}: {}", fallback.what, fallback.why);
    }
    let folder = &config.data_dir;
    match std::fs::metadata(folder) {
        Err(_) => {
            println!(
                "note     {} does not exist yet; the first start makes it",
                folder.display()
            );
            return Ok(());
        }
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o077;
            let what = "other users may look into it; run chmod 700 on it";
            report(
                "data folder permissions",
                (mode != 0).then(|| what.to_owned()),
            );
        }
    }
    let database = folder.join(DATABASE_FILE);
    if database.exists() {
        match integrity_check(&database) {
            Ok(found) => report(
                "database integrity",
                (!found.is_empty()).then(|| found.join("; ")),
            ),
            Err(error) => report("database", Some(error.to_string())),
        }
    } else {
        println!("note     there is no database yet; the first start makes it");
    }
    if findings > 0 {
        return Err(format!("{findings} problem(s) found").into());
    }
    Ok(())
}
