//! `novahouse demo-data`: a generated past, which gets in nobody's way.

use std::path::Path;

use rusqlite::Connection;

use crate::config_cli::with_data;
use crate::process::{self, Ended};
use crate::support::{Server, until};

fn demo_data(data: &Path, rest: &[&str]) -> Ended {
    let statements = process::statements_file();
    let env = [("NOVAHOUSE_SQL_LOG_FILE", statements.to_str().unwrap())];
    with_data(&["demo-data"], data, rest, &env)
}

fn printed(ended: &Ended, what: &str) -> i64 {
    let prefix = format!("{what}: ");
    let line = (ended.stdout.lines()).find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {what}: {}", ended.stdout))
        .parse()
        .unwrap()
}

fn database(data: &Path) -> Connection {
    Connection::open(data.join("novahouse.db")).unwrap()
}

fn count(data: &Path, rows: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {rows}");
    database(data)
        .query_row(&sql, [], |row| row.get(0))
        .unwrap()
}

/// What nobody may get because of generated data.
fn heard_of_it(data: &Path) -> i64 {
    let tables = [
        "deliveries",
        "webhook_deliveries",
        "monday_leads",
        "booking_reminders",
        "conversations WHERE handled_by <> 'bot'",
    ];
    tables.into_iter().map(|rows| count(data, rows)).sum()
}

#[tokio::test]
async fn what_is_generated_stands_in_the_lists_and_nobody_hears_of_it() {
    let folder = process::data_folder();
    let data = folder.path();
    let month = ["--months", "1", "--conversations-per-day", "8"];
    let made = demo_data(data, &month);
    assert!(made.status.success(), "{}", made.stderr);
    assert!(made.stderr.contains(" messages so far"), "{}", made.stderr);
    assert!(printed(&made, "conversations") > 100, "{}", made.stdout);
    assert!(printed(&made, "leads") > 0, "{}", made.stdout);
    assert_eq!(count(data, "messages"), printed(&made, "messages"));
    assert_eq!(count(data, "quotes"), printed(&made, "quotes"));
    assert_eq!(
        count(data, "analytics_sessions"),
        printed(&made, "sessions")
    );
    assert_eq!(count(data, "analytics_events"), printed(&made, "events"));
    assert_eq!(heard_of_it(data), 0);

    let mut server = Server::start_on(data, &[]);
    let owner = server.owner();
    for (path, what) in [
        ("/api/conversations?per_page=1", "conversations"),
        ("/api/leads?per_page=1", "leads"),
        ("/api/booking/list?per_page=1", "bookings"),
    ] {
        let list = owner.get(path).await.ok();
        assert_eq!(list["total"], printed(&made, what), "{path}");
    }
    let health = owner.get("/api/health/deep").await.ok();
    assert_eq!(health["is_data_generated"], true, "{health}");
    assert!(server.log().contains("is generated"), "{}", server.log());
    let talks = owner.get("/api/analytics/conversations?days=60").await.ok();
    assert!(talks["total_analyzed"].as_i64() > Some(100), "{talks}");
    until("the conversion model is fitted", async || {
        let model = owner.get("/api/analytics/conversion-model").await.ok();
        !model["model"]["fitted_at"].is_null()
    })
    .await;
    server.stop();
    assert_eq!(heard_of_it(data), 0);

    let again = demo_data(data, &month);
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stderr.contains("holds generated data already"));
    assert_eq!(count(data, "messages"), printed(&made, "messages"));
}

#[tokio::test]
async fn a_folder_with_a_real_conversation_is_left_alone() {
    let mut server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    visitor.say(&session, "dzień dobry").await;
    let health = server.agent().get("/api/health/deep").await.ok();
    assert_eq!(health["is_data_generated"], false, "{health}");

    let while_it_runs = demo_data(server.data(), &[]);
    assert_eq!(while_it_runs.status.code(), Some(1));
    let holder = format!("in use by process {}", server.pid());
    assert!(while_it_runs.stderr.contains(&holder));

    server.stop();
    let refused = demo_data(server.data(), &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        refused.stderr.contains("not generated"),
        "{}",
        refused.stderr
    );
    assert_eq!(count(server.data(), "conversations"), 1);
    let marks = "settings WHERE name = 'generated_data'";
    assert_eq!(count(server.data(), marks), 0);
}

#[test]
fn the_same_seed_says_the_same_at_the_same_times() {
    /// What was said on days that both runs hold whole: whoever comes back just now may not have come yet in the other.
    fn said(data: &Path) -> Vec<(i64, String)> {
        let database = database(data);
        let sql = "SELECT created_at_ms, body FROM messages, (SELECT MAX(created_at_ms) AS newest FROM messages) \
                   WHERE created_at_ms BETWEEN newest - 25 * 86400000 AND newest - 3 * 86400000 \
                   ORDER BY created_at_ms, body";
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }
    let run = |seed: &str| {
        let folder = process::data_folder();
        let asked = ["--months", "1", "--conversations-per-day", "3", "--seed"];
        let made = demo_data(folder.path(), &[&asked[..], &[seed]].concat());
        assert!(made.status.success(), "{}", made.stderr);
        said(folder.path())
    };
    let first = run("7");
    assert!(first.len() > 100, "{}", first.len());
    // The newest message may differ by what was said in the seconds between, so the spans are compared where they meet.
    let second = run("7");
    let from = first[0].0.max(second[0].0);
    let to = first[first.len() - 1].0.min(second[second.len() - 1].0);
    let between = |said: Vec<(i64, String)>| -> Vec<(i64, String)> {
        let within = |one: &(i64, String)| (from..=to).contains(&one.0);
        said.into_iter().filter(within).collect()
    };
    let other = run("8");
    assert_ne!(between(first.clone()), between(other));
    assert_eq!(between(first), between(second));
}

#[test]
fn months_and_conversations_out_of_bounds_are_refused() {
    let folder = process::empty_folder();
    for wrong in [
        ["--months", "0"],
        ["--months", "37"],
        ["--conversations-per-day", "0"],
        ["--seed", "-1"],
    ] {
        let ended = demo_data(folder.path(), &wrong);
        assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
