//! The database under Litestream, the program that copies a database's changes elsewhere as they happen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use crate::process::{self, Process};
use crate::support::{Server, until_now};

/// `install.sh --test` gets it with pip.
fn litestream() -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let program = target.join("test-tools/bin/litestream");
    assert!(
        program.exists(),
        "{} is missing (install.sh --test gets it)",
        program.display()
    );
    Command::new(program)
}

/// Writes the recipe of README.md for a data folder.
fn recipe(data: &Path, away: &Path) -> PathBuf {
    let config = away.join("litestream.yml");
    let recipe = format!(
        "dbs:\n  - path: {}\n    replica:\n      type: file\n      path: {}\n      sync-interval: 100ms\n",
        data.join("novahouse.db").display(),
        away.join("replica").display(),
    );
    fs::write(&config, recipe).unwrap();
    config
}

/// Brings the database back under a new name; answers whether there was one.
fn bring_back(config: &Path, data: &Path, to: &Path) -> bool {
    let mut command = litestream();
    command.args(["restore", "-config"]).arg(config);
    command.arg("-o").arg(to).arg(data.join("novahouse.db"));
    process::run(command, b"").status.success()
}

#[tokio::test]
async fn what_litestream_copied_from_a_running_server_has_the_same_conversation() {
    let (folder, away, restored) = (
        process::data_folder(),
        process::empty_folder(),
        process::empty_folder(),
    );
    let data = folder.path();
    let mut server = Server::start_on(data, &[]);
    let config = recipe(data, away.path());
    let mut command = litestream();
    command.args(["replicate", "-config"]).arg(&config);
    let mut copying = Process::spawn(command);
    let visitor = server.anon();
    let session = visitor.session().await;
    visitor
        .say(&session, "Ile kosztuje wykończenie 60 m2?")
        .await;
    visitor.say(&session, "A ile trwa?").await;
    let history = visitor.history(&session).await;
    let said = i64::try_from(history.len()).unwrap();

    let mut looks = 0;
    until_now("the whole conversation is copied", || {
        looks += 1;
        let seen = away.path().join(format!("seen-{looks}.db"));
        if !bring_back(&config, data, &seen) {
            return false;
        }
        let database = Connection::open(&seen).unwrap();
        let count = "SELECT COUNT(*) FROM messages";
        let count: i64 = database.query_row(count, [], |row| row.get(0)).unwrap();
        count == said
    });
    server.kill_9();
    copying.kill_9();

    let database = restored.path().join("novahouse.db");
    assert!(bring_back(&config, data, &database));
    for file in ["secrets.json", "nlu-model.bin"] {
        fs::copy(data.join(file), restored.path().join(file)).unwrap();
    }
    let again = Server::start_on(restored.path(), &[]);
    assert_eq!(again.anon().history(&session).await, history);
    let doctor = process::run(
        process::novahouse(&["doctor", "--data", data.to_str().unwrap()]),
        b"",
    );
    assert!(
        doctor.stdout.contains("ok       database integrity"),
        "what the server was killed with: {}",
        doctor.stdout
    );
}
