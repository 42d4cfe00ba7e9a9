//! Bookings: what is done once, what survives, what is erased.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::json;

use crate::bookings::{book, free_times, link, whole, wish};
use crate::mail_server::MailServer;
use crate::notify::{env, outbox};
use crate::process;
use crate::support::{Server, send, text, try_send, until, uuid};

#[tokio::test]
async fn the_same_key_books_once() {
    let server = Server::start();
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let key = uuid();
    let post = async |start: &str| {
        let request = visitor.request(Method::POST, "/api/booking/create");
        send(request.header("Idempotency-Key", &key).json(&wish(start))).await
    };
    let first = post(&free[0]).await.ok();
    assert_eq!(post(&free[0]).await.ok(), first);
    post(&free[9]).await.refused(422, "idempotency_key_reused");
    let list = server.agent().get("/api/booking/list").await.ok();
    assert_eq!(list["total"], 1);
}

#[tokio::test]
async fn booking_counts_against_the_limit_of_what_creates() {
    let server = Server::start_with(&[
        ("RATE_LIMITS", "on"),
        ("NOVAHOUSE_RATE_CREATE_PER_MIN", "2"),
    ]);
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let path = link(&book(&visitor, &free[0]).await);
    visitor
        .post(&format!("{path}/cancel"), &json!({}))
        .await
        .ok();
    visitor
        .post("/api/booking/create", &wish(&free[8]))
        .await
        .refused(429, "too_many_requests");
}

#[tokio::test]
async fn a_restart_keeps_bookings_reminders_and_links() {
    let mut server = Server::start();
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let made = book(&visitor, &free[3]).await;
    let before = whole(&server.agent(), &made["booking_id"]).await;
    server.restart();
    let (visitor, agent) = (server.anon(), server.agent());
    assert_eq!(whole(&agent, &made["booking_id"]).await, before);
    assert_eq!(visitor.get(&link(&made)).await.ok()["status"], "booked");
    assert!(!free_times(&visitor, "").await.contains(&free[3]));
    assert_eq!(
        visitor.get("/api/booking/services").await.ok()["count"],
        1,
        "a start sets up once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_many_book_leaves_whole_bookings_and_all_that_were_confirmed() {
    let mut server = Server::start();
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let confirmed = Arc::new(Mutex::new(BTreeSet::new()));
    let all: Vec<_> = free
        .iter()
        .step_by(3)
        .map(|start| {
            let request = visitor.request(Method::POST, "/api/booking/create");
            let request = request.json(&wish(start));
            let confirmed = confirmed.clone();
            tokio::spawn(async move {
                if let Ok(answer) = try_send(request).await
                    && answer.status == 201
                {
                    let id = answer.json()["booking_id"].as_i64().unwrap();
                    confirmed.lock().unwrap().insert(id);
                }
            })
        })
        .collect();
    until("some are booked", async || {
        confirmed.lock().unwrap().len() >= 5
    })
    .await;
    server.kill_9();
    for one in all {
        one.await.unwrap();
    }
    server.restart();
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let mut statement = database
        .prepare(
            "SELECT b.id, (b.busy_to_ms - b.busy_from_ms) / 300000 = \
             (SELECT COUNT(*) FROM booking_times t WHERE t.booking_id = b.id AND t.staff_id = b.staff_id) \
             AND (SELECT COUNT(*) FROM booking_history h WHERE h.booking_id = b.id) = 1 \
             AND (SELECT COUNT(*) FROM booking_reminders r WHERE r.booking_id = b.id) = 2 \
             AND b.lead_id IN (SELECT id FROM leads) FROM bookings b",
        )
        .unwrap();
    let stored: Vec<(i64, bool)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(stored.iter().all(|(_, is_whole)| *is_whole), "{stored:?}");
    let stored: BTreeSet<i64> = stored.into_iter().map(|(id, _)| id).collect();
    let confirmed = confirmed.lock().unwrap().clone();
    assert!(confirmed.is_subset(&stored), "{confirmed:?} {stored:?}");
    let strays: i64 = database
        .query_row(
            "SELECT COUNT(*) FROM booking_times WHERE booking_id NOT IN (SELECT id FROM bookings)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(strays, 0);
}

#[tokio::test]
async fn a_visitor_sees_and_erases_the_bookings_of_their_session_and_the_time_is_free_again() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, other) = (visitor.session().await, visitor.session().await);
    let free = free_times(&visitor, "").await;
    for (start, session) in [(&free[0], &session), (&free[9], &other)] {
        let mut body = wish(start);
        body["session_id"] = session.as_str().into();
        let answer = visitor.post("/api/booking/create", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let path = format!("/api/chatbot/export-data/{session}");
    let data = visitor.get(&path).await.ok();
    let bookings = data["bookings"].as_array().unwrap();
    assert_eq!(bookings.len(), 1);
    assert_eq!(bookings[0]["client_email"], "anna@example.com");
    let body = json!({"session_id": session});
    let gone = visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    assert_eq!(gone["deleted"]["bookings"], 1);
    assert_eq!(visitor.get(&path).await.ok()["bookings"], json!([]));
    assert_eq!(agent.get("/api/booking/list").await.ok()["total"], 1);
    assert!(free_times(&visitor, "").await.contains(&free[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_again_and_again_between_booking_and_delivery_loses_no_letter() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let env = env(mail.port());
    let mut server = Server::start_on(folder.path(), &env);
    let free = free_times(&server.anon(), "").await;
    let rounds = if std::env::var_os("NOVAHOUSE_LONG").is_some() {
        25
    } else {
        6
    };
    let mut confirmed = BTreeSet::new();
    for (round, starts) in free.chunks(12).take(rounds).enumerate() {
        let visitor = server.anon();
        for start in starts.iter().step_by(3) {
            let made = book(&visitor, start).await;
            confirmed.insert(made["booking_id"].as_i64().unwrap());
        }
        // In each round the crash meets another stage: nothing sent yet, some of it, most of it.
        let sent = mail.letters().len() + round % 4;
        until("letters are under way", async || {
            mail.letters().len() >= sent
        })
        .await;
        server.kill_9();
        server.restart();
    }
    until("everything left", async || {
        outbox(&server, "state=pending").await.is_empty()
    })
    .await;
    let states = outbox(&server, "state=failed&per_page=1").await;
    assert!(states.is_empty(), "{states:?}");

    let letters = mail.letters_to("anna@example.com");
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for letter in &letters {
        *copies.entry(text(&letter["message_id"])).or_default() += 1;
    }
    assert_eq!(copies.len(), confirmed.len(), "each visit is confirmed");
    // A crash finds at most four letters between the mail server's answer and our note of it.
    let doubled = letters.len() - copies.len();
    assert!(
        doubled <= 4 * rounds,
        "{doubled} of {} came again",
        letters.len()
    );
    assert!(
        copies.values().all(|count| *count <= 1 + rounds),
        "{copies:?}"
    );
}
