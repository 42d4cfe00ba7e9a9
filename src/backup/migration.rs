//! The copy that is kept before a migration, and the way back to it.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;

use super::files::{check_room, flush_folder, remove_file, size_bytes};
use super::restore::Forget;
use super::shelf::Shelf;
use super::swap::{Stage, recover, stamp, stamped};
use super::{BackupError, Place};
use crate::accounts::audit;
use crate::platform::db::{
    DATABASE_FILE, SCHEMA_VERSION, edit, integrity_check, snapshot, version_of,
};

/// Copies are called `before-migration-v<schema version>-<time>.db`.
const BEGINNING: &str = "before-migration-v";
const ENDING: &str = ".db";

/// Keeps a copy of the database if opening it would migrate it; answers where. To be called by whoever holds the data
/// folder, before the store opens.
///
/// Errors: the copy cannot be made; then nothing may be migrated.
pub fn before_migration(place: &Place, at: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    copy_if_older(place, SCHEMA_VERSION, at)
}

fn copy_if_older(place: &Place, known: i64, at: Timestamp) -> Result<Option<PathBuf>, BackupError> {
    let database = place.database();
    if !database.exists() {
        return Ok(None);
    }
    let version = version_of(&database)?;
    if version == 0 || version >= known {
        return Ok(None);
    }
    let shelf = Shelf::open(&place.backups)?;
    let working = shelf.work()?;
    check_room(shelf.folder(), size_bytes(&database))?;
    let temporary = working.temporary("before-migration");
    snapshot(&database, &temporary)?;
    std::fs::set_permissions(
        &temporary,
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .map_err(BackupError::io(&temporary))?;
    flush_folder(&temporary)?;
    let name = format!("{BEGINNING}{version}-{}{ENDING}", stamp(at));
    let copy = shelf.folder().join(name);
    std::fs::rename(&temporary, &copy).map_err(BackupError::io(&copy))?;
    flush_folder(shelf.folder())?;
    Ok(Some(copy))
}

/// Brings the database back to how it was before the newest migration; answers which schema version it has and where the
/// one from before is. The caller holds the data folder. Uploads and keys stay as they are.
///
/// Errors: there is no copy, it is damaged, or erasures cannot be repeated on it; nothing was changed then.
pub fn rollback(
    place: &Place,
    forget: &mut Forget<'_>,
    at: Timestamp,
) -> Result<(i64, PathBuf), BackupError> {
    recover(place)?;
    let shelf = Shelf::open(&place.backups)?;
    let working = shelf.work()?;
    let newest = copies(&shelf)?.into_iter().max_by_key(|(at, _)| *at);
    let (copied_at, name) = newest
        .ok_or_else(|| BackupError::Folder("there is no copy from before a migration".into()))?;
    let copy = shelf.folder().join(name);
    let stage = Stage::new(place)?;
    check_room(&stage.data(), size_bytes(&copy))?;
    let database = stage.data().join(DATABASE_FILE);
    snapshot(&copy, &database)?;
    if let Some(first) = integrity_check(&database)?.first() {
        return Err(BackupError::Damaged(first.clone()));
    }
    edit(&database, |tx| {
        let forgotten = forget(tx, copied_at.as_millisecond()).map_err(BackupError::Forget)?;
        let details = json!({
            "copied_at_ms": copied_at.as_millisecond(),
            "persons_erased_again": forgotten,
        });
        let now_ms = at.as_millisecond();
        audit::record(
            tx,
            audit::SYSTEM,
            "migration_undone",
            None,
            &details,
            now_ms,
        )?;
        Ok::<_, BackupError>(())
    })?;
    let version = version_of(&database)?;
    let aside = stage.exchange(false, at)?;
    drop(working);
    Ok((version, aside))
}

/// Copies from before migrations, with their times.
fn copies(shelf: &Shelf) -> Result<Vec<(Timestamp, String)>, BackupError> {
    let names = shelf.file_names()?.into_iter();
    Ok(names
        .filter_map(|name| {
            let rest = name.strip_prefix(BEGINNING)?.strip_suffix(ENDING)?;
            let at = stamped(rest.split_once('-')?.1)?;
            Some((at, name))
        })
        .collect())
}

/// Removes copies made before a time; answers their names.
pub(super) fn prune_copies(shelf: &Shelf, before: Timestamp) -> Result<Vec<String>, BackupError> {
    let mut removed = Vec::new();
    for (at, name) in copies(shelf)? {
        if at < before {
            remove_file(&shelf.folder().join(&name))?;
            removed.push(name);
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::{Tables, create_at, read_only};
    use crate::platform::settings;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn place() -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::within(folder.path().to_owned());
        create_at(&place.database(), 1).unwrap();
        (folder, place)
    }

    fn remember(place: &Place, value: i64) {
        edit(&place.database(), |tx| settings::save(tx, "a", &value, 1)).unwrap();
    }

    fn remembered(place: &Place) -> Option<i64> {
        read_only(&place.database(), |tx| settings::load(tx, "a")).unwrap()
    }

    #[test]
    fn a_copy_is_kept_before_a_migration_and_only_then() {
        let (_folder, place) = place();
        assert_eq!(copy_if_older(&place, 1, at(0)).unwrap(), None);
        let copy = copy_if_older(&place, 2, at(0)).unwrap().unwrap();
        assert!(copy.ends_with("before-migration-v1-1970-01-01T00-00-00Z.db"));
        assert_eq!(version_of(&copy).unwrap(), 1);
        let shelf = Shelf::open(&place.backups).unwrap();
        assert_eq!(prune_copies(&shelf, at(0)).unwrap().len(), 0);
        assert_eq!(prune_copies(&shelf, at(1)).unwrap().len(), 1);
    }

    #[test]
    fn rolling_back_returns_to_the_newest_copy_and_erases_again() {
        let (_folder, place) = place();
        let none = rollback(&place, &mut |_, _| Ok(0), at(9));
        assert!(matches!(none, Err(BackupError::Folder(_))));
        remember(&place, 1);
        copy_if_older(&place, 2, at(1)).unwrap();
        remember(&place, 2);
        copy_if_older(&place, 2, at(2)).unwrap();
        remember(&place, 3);
        let mut since = None;
        let mut forget = |_: &mut dyn crate::platform::db::Tx, at_ms| {
            since = Some(at_ms);
            Ok(0)
        };
        let (version, aside) = rollback(&place, &mut forget, at(3)).unwrap();
        assert_eq!((version, since), (1, Some(2000)));
        assert_eq!(remembered(&place), Some(2));
        let tables = Tables::open(&aside.join(DATABASE_FILE)).unwrap();
        assert_eq!(tables.count("settings").unwrap(), 1);
    }

    #[test]
    fn without_repeating_erasures_nothing_comes_back() {
        let (_folder, place) = place();
        remember(&place, 1);
        copy_if_older(&place, 2, at(1)).unwrap();
        remember(&place, 2);
        let refused = rollback(&place, &mut |_, _| Err("no keys".into()), at(3));
        assert!(matches!(refused, Err(BackupError::Forget(_))));
        assert_eq!(remembered(&place), Some(2));
    }
}
