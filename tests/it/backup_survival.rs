//! Backups and restores that are killed or run out of room: the old state or the new one, never anything else.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::backup::{command, failed, made, printed};
use crate::chance::{Chance, kills_wanted};
use crate::process::{self, novahouse, run};

/// A value that says which state a folder is in, in the database and among the stored files.
fn mark(data: &Path, state: &str) {
    let database = Connection::open(data.join("novahouse.db")).unwrap();
    database
        .execute(
            "INSERT INTO settings (name, value_json, updated_at_ms) VALUES ('state', ?1, 0) \
             ON CONFLICT (name) DO UPDATE SET value_json = excluded.value_json",
            [state],
        )
        .unwrap();
    let blobs = data.join("uploads/blobs");
    fs::create_dir_all(&blobs).unwrap();
    for number in 0..40 {
        fs::write(blobs.join(format!("{number}.bin")), state.repeat(2000)).unwrap();
    }
}

/// The state of a folder; panics when it is neither one nor the other.
#[track_caller]
fn state(data: &Path) -> String {
    let doctor = printed(command(data, &["doctor"], &[]));
    assert!(doctor.contains("ok       database integrity"), "{doctor}");
    let database = Connection::open(data.join("novahouse.db")).unwrap();
    let state: String = database
        .query_row(
            "SELECT value_json FROM settings WHERE name = 'state'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    for number in 0..40 {
        let file = data.join(format!("uploads/blobs/{number}.bin"));
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            state.repeat(2000),
            "a stored file of another state"
        );
    }
    for left in [".restore-new", "restore.json", "uploads/.restore-new"] {
        assert!(!data.join(left).exists(), "{left} is left");
    }
    state
}

/// Attempts for each kill that is wanted: a command may end before its kill.
const ATTEMPTS_A_KILL: u32 = 5;

/// Runs a command and kills it some time after `begun` holds, unless it has ended; answers whether it was killed.
fn killed(mut command: Command, begun: impl Fn() -> bool, after: Duration) -> bool {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut kill_at = None;
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if kill_at.is_none() && begun() {
            kill_at = Some(Instant::now() + after);
        }
        if kill_at.is_some_and(|at| Instant::now() >= at) {
            break;
        }
        std::thread::yield_now();
    }
    let was_running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    was_running
}

#[test]
fn a_restore_that_is_killed_at_any_point_leaves_the_old_state_or_the_new_one() {
    let folder = process::data_folder();
    let data = folder.path();
    mark(data, "new");
    let zip = made(command(data, &["backup"], &[]));
    let zip = zip.to_str().unwrap();
    let restore = || {
        let mut command = novahouse(&["restore", zip, "--data"]);
        command.arg(data);
        command
    };
    mark(data, "old");
    let started = Instant::now();
    assert!(run(restore(), b"").status.success());
    let took = started.elapsed();
    assert_eq!(state(data), "new");
    let (mut chance, wanted) = (Chance::new(), kills_wanted(16));
    let mut kills = 0;
    for round in 0..wanted * ATTEMPTS_A_KILL {
        if kills == wanted {
            break;
        }
        mark(data, "old");
        // While it unpacks and proves, and in the short time of the exchange.
        let (sign, most) = match round % 3 {
            0 => (".", took / 4),
            1 => (".restore-new/novahouse.db", took / 2),
            _ => ("restore.json", Duration::from_millis(4)),
        };
        let begun = || data.join(sign).exists();
        kills += u32::from(killed(restore(), begun, chance.up_to(most)));
        // Whoever opens the folder next finishes or forgets what was begun.
        printed(command(
            data,
            &["admin"],
            &["api-key", "--name", "after a crash"],
        ));
        let found = state(data);
        assert!(found == "old" || found == "new", "{found}");
    }
    assert_eq!(kills, wanted, "restores that were killed");
    printed(command(data, &["restore"], &[zip]));
    assert_eq!(state(data), "new");
}

#[test]
fn a_backup_that_is_killed_at_any_point_is_not_there_and_the_next_one_is_whole() {
    let folder = process::data_folder();
    let data = folder.path();
    mark(data, "new");
    let backup = || {
        let mut command = novahouse(&["backup", "--data"]);
        command.arg(data);
        command
    };
    let started = Instant::now();
    printed(run(backup(), b""));
    let took = started.elapsed();
    let (mut chance, wanted) = (Chance::new(), kills_wanted(18));
    let mut kills = 0;
    for round in 0..wanted * ATTEMPTS_A_KILL {
        if kills == wanted {
            break;
        }
        let most = took / 2;
        let temporary = data.join("backups/.temporary-backup");
        let begun = || round % 2 == 0 || temporary.exists();
        kills += u32::from(killed(backup(), begun, chance.up_to(most)));
        assert_eq!(state(data), "new");
    }
    assert_eq!(kills, wanted, "backups that were killed");
    let last = made(run(backup(), b""));
    let shelf = last.parent().unwrap();
    for entry in fs::read_dir(shelf).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(!name.starts_with(".temporary"), "{name} is left");
        if path.extension().is_some_and(|ending| ending == "zip") {
            let name = path.to_str().unwrap();
            printed(command(data, &["backup"], &["verify", name]));
        }
    }
    assert_eq!(state(data), "new");
}

/// The command under a limit on the size of files, as if the disk were full at that size.
fn with_little_room(command: &Command, limit_bytes: u64) -> Command {
    let mut limited = Command::new("sh");
    // Without the trap the system would end the process at the first refused write; a full disk does not.
    limited
        .args(["-c", "trap '' XFSZ; exec prlimit --fsize=\"$0\" \"$@\""])
        .arg(limit_bytes.to_string())
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    limited
}

#[test]
fn a_full_disk_at_any_step_is_said_and_loses_nothing() {
    let folder = process::data_folder();
    let data = folder.path();
    mark(data, "new");
    let zip = made(command(data, &["backup"], &[]));
    let size = fs::metadata(&zip).unwrap().len();
    mark(data, "old");
    let mut backup = novahouse(&["backup", "--data"]);
    backup.arg(data);
    let mut restore = novahouse(&["restore", zip.to_str().unwrap(), "--data"]);
    restore.arg(data);
    for limit in [0, 100, 70_000, size / 3, size / 2, size - 1000] {
        // The last one is room enough for each file of a restore.
        let commands = [&backup, &restore].into_iter();
        for command in commands.take(if limit == size - 1000 { 1 } else { 2 }) {
            let ended = run(with_little_room(command, limit), b"");
            failed(&ended, "novahouse: ");
            assert_eq!(state(data), "old", "with room for {limit} bytes");
        }
    }
    let shelved = fs::read_dir(zip.parent().unwrap()).unwrap();
    let zips = shelved.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|ending| ending == "zip")
    });
    assert_eq!(zips.count(), 1);
    printed(run(backup, b""));
    printed(run(restore, b""));
    assert_eq!(state(data), "new");
}
