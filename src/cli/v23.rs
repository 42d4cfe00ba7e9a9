//! `novahouse import --v23`: what version 2.3 kept, into a data folder that no server holds.

use std::path::Path;

use super::Failure;
use super::erased::Erased;
use crate::app::Opened;
use crate::backup::{BackupError, Keys, Place, v23};
use crate::config::{Config, Flags};
use crate::platform::clock::now_ms;
use crate::platform::db::Tx;

/// Takes over a file, or tells what would become of it.
///
/// Errors: the file is none of 2.3, a server holds the folder, or it cannot be written; nothing was changed then.
pub(super) fn run(flags: &Flags, file: &Path, is_dry: bool) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let place = Place::of(&config);
    let source = v23::Source::read(file)?;
    let erased = Erased::read(None, [&place.data, &place.data], &Keys::none())?;
    let at_ms = now_ms();
    if is_dry {
        let report = v23::rehearse(&place.database(), |tx| {
            take_over(tx, &source, erased.as_ref(), at_ms)
        })?;
        println!("{}nothing was written: this was a dry run", report.told());
        return Ok(());
    }
    let opened = Opened::open(&config)?;
    let (source, report) = opened.store.write_blocking(move |tx| {
        let report = take_over(tx, &source, erased.as_ref(), at_ms)?;
        Ok::<_, BackupError>((source, report))
    })?;
    v23::write_experiments(&place.data, &source)?;
    print!("{}", report.told());
    Ok(())
}

/// Everything of it, without those who were erased here before.
fn take_over(
    tx: &mut dyn Tx,
    source: &v23::Source,
    erased: Option<&Erased>,
    at_ms: i64,
) -> Result<v23::Report, BackupError> {
    let mut report = v23::take_over(tx, source, at_ms)?;
    if let Some(erased) = erased {
        report.forgotten = erased.forget(tx).map_err(BackupError::Forget)?;
    }
    Ok(report)
}
