//! Erasures that are killed: not begun, or finished after the next start.

use std::fs;
use std::path::Path;
use std::time::Instant;

use reqwest::Method;
use serde_json::json;

use crate::chance::{Chance, kills_wanted};
use crate::rodo::{SAID, erase, files_with, who};
use crate::support::{Server, try_send, until};

/// Somebody with a chat and a lead; answers their session.
async fn someone(server: &Server, email: &str) -> String {
    let session = server.anon().session().await;
    server.anon().say(&session, SAID).await;
    let body = json!({"name": "Ola", "email": email, "session_id": session});
    let answer = server.anon().post("/api/leads", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    session
}

/// The database of a server that was killed holds together before anybody mends it.
fn is_whole(data: &Path) {
    // Whoever may write would put the log away at closing.
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = data.join("novahouse.db");
    let database = rusqlite::Connection::open_with_flags(file, flags).unwrap();
    let check = database.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(check.unwrap(), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_while_it_erases_has_not_erased_or_finishes_it_after_its_start() {
    let mut chance = Chance::new();
    let mut server = Server::start();
    let mut gone = Vec::new();
    // One that nobody disturbs says how long an erasure takes.
    someone(&server, "pierwsza.unikat@example.com").await;
    let began = Instant::now();
    erase(&server.owner(), "pierwsza.unikat@example.com").await;
    let took = began.elapsed();
    for round in 0..kills_wanted(16) {
        let email = format!("osoba{round}.unikat@example.com");
        let session = someone(&server, &email).await;
        let request = server.owner().request(Method::POST, "/api/rodo/delete");
        let body = json!({"user_identifier": email, "confirm": true});
        let erasing = tokio::spawn(try_send(request.json(&body)));
        // Each round the crash meets another stage, also those after the answer.
        let (began, after) = (Instant::now(), chance.up_to(took * 2));
        while began.elapsed() < after {
            tokio::task::yield_now().await;
        }
        server.kill_9();
        let _ = erasing.await.unwrap();
        is_whole(server.data());
        server.restart();
        let found = server.owner().post("/api/rodo/find", &who(&email)).await;
        if found.status == 200 {
            let found = found.json();
            assert_eq!(found["found"]["leads"], 1, "half erased: {found}");
            assert_eq!(found["found"]["sessions"], 1, "half erased: {found}");
            assert!(found["found"]["messages"].as_u64() > Some(0), "{found}");
        } else {
            found.refused(404, "person_not_found");
            gone.push((email, session));
        }
    }
    let data = server.data().to_owned();
    until("what was begun is finished", async || {
        let database = rusqlite::Connection::open(data.join("novahouse.db")).unwrap();
        let sql = "SELECT COUNT(*) FROM erasures WHERE completed_at_ms IS NULL";
        let open: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
        open == 0
    })
    .await;
    server.stop();
    let stones = fs::read_to_string(data.join("tombstones.log")).unwrap_or_default();
    assert_eq!(stones.lines().count(), gone.len() + 1);
    for (email, session) in gone {
        assert_eq!(files_with(&data, &email), [""; 0], "{email}");
        assert_eq!(files_with(&data, &session), [""; 0], "{email}");
    }
}
