//! Work that comes by the clock.

use rusqlite::Connection;

use crate::process;
use crate::support::{Server, until_now};

fn number(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_daily_task_missed_while_the_server_was_off_is_made_up_for_at_the_next_start() {
    const LEFT: &str = "SELECT COUNT(*) FROM idempotency_keys WHERE caller = 'long ago'";
    const DONE: &str =
        "SELECT COUNT(*) FROM outbox_jobs WHERE kind = 'maintenance' AND state = 'done'";
    let folder = process::data_folder();
    let database = Connection::open(folder.path().join("novahouse.db")).unwrap();
    let missed = database
        .execute(
            "UPDATE schedule_runs SET last_due_at_ms = 0 WHERE name = 'maintenance'",
            [],
        )
        .unwrap();
    assert_eq!(missed, 1, "the first start did not note the task");
    database
        .execute(
            "INSERT INTO idempotency_keys (caller, route, request_key, body_hash, answer_json, created_at_ms) \
             VALUES ('long ago', 'r', 'k', x'00', '{}', 0)",
            [],
        )
        .unwrap();
    assert_eq!(number(&database, DONE), 0);
    let mut server = Server::start_on(folder.path(), &[]);
    until_now("the missed task is done", || number(&database, DONE) == 1);
    assert_eq!(number(&database, LEFT), 0);
    server.restart();
    assert!(server.stop().success());
    let jobs = "SELECT COUNT(*) FROM outbox_jobs WHERE kind = 'maintenance'";
    assert_eq!(number(&database, jobs), 1, "it was made up for twice");
}
