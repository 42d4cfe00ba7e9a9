//! monday.com: leads become items, once, and follow their lead.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::bookings::{book, free_times};
use crate::notify::outbox;
use crate::receiver::{Does, Got, Receiver};
use crate::support::{Server, text, until};

const COLUMNS: &str = r#"{"data": {"boards": [{"name": "Leads", "columns": [
    {"id": "name", "title": "Name", "type": "name"},
    {"id": "status7", "title": "Status", "type": "status"},
    {"id": "mail1", "title": "Kontakt", "type": "email"},
    {"id": "phone1", "title": "Telefon", "type": "phone"},
    {"id": "m2", "title": "Powierzchnia", "type": "numbers"},
    {"id": "text3", "title": "Miasto", "type": "text"},
    {"id": "date4", "title": "Termin", "type": "date"}]}]}}"#;

/// What a request wants.
fn wants(got: &Got) -> &'static str {
    let query = text(&got.json()["query"]);
    for what in [
        "create_item",
        "change_multiple_column_values",
        "items_page_by_column_values",
        "delete_item",
        "boards",
    ] {
        if query.contains(what) {
            return what;
        }
    }
    panic!("{query}");
}

fn ok(body: &str) -> Does {
    Does::Answer(200, "content-type: application/json\r\n", body.to_owned())
}

/// monday.com as it is when nothing is wrong.
fn well(got: &Got) -> Does {
    ok(match wants(got) {
        "create_item" => r#"{"data": {"create_item": {"id": "991"}}}"#,
        "change_multiple_column_values" => {
            r#"{"data": {"change_multiple_column_values": {"id": "991"}}}"#
        }
        "items_page_by_column_values" => {
            r#"{"data": {"items_page_by_column_values": {"items": [{"id": "991"}]}}}"#
        }
        "delete_item" => r#"{"data": {"delete_item": {"id": "991"}}}"#,
        _ => COLUMNS,
    })
}

fn start(monday: &Receiver) -> Server {
    let url = monday.url();
    Server::start_with(&[
        ("MONDAY_API_KEY", "key-of-monday-3f2a"),
        ("MONDAY_BOARD_ID", "4711"),
        ("NOVAHOUSE_MONDAY_BASE_URL", &url),
    ])
}

fn lead() -> Value {
    json!({
        "name": "Łucja", "email": "lucja@example.com", "phone": "600 100 200", "property_size": 62.5, "location": "Sopot"
    })
}

async fn leave(server: &Server, lead: &Value) -> i64 {
    let answer = server.anon().post("/api/leads", lead).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_i64().unwrap()
}

async fn item_of(server: &Server, lead_id: i64) -> Value {
    let lead = server.agent().get(&format!("/api/leads/{lead_id}")).await;
    lead.ok()["monday_item_id"].clone()
}

async fn has_item(server: &Server, lead_id: i64) {
    until("the lead has its item", async || {
        item_of(server, lead_id).await == "991"
    })
    .await;
}

fn of(monday: &Receiver, what: &str) -> Vec<Value> {
    let mut all = monday.got();
    all.retain(|got| wants(got) == what);
    all.iter().map(Got::json).collect()
}

fn values(request: &Value) -> Value {
    serde_json::from_str(request["variables"]["values"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_lead_becomes_an_item_whose_columns_are_known_by_their_titles_and_follows_its_status() {
    let monday = Receiver::start(|_, got| well(got));
    let server = start(&monday);
    let id = leave(&server, &lead()).await;
    has_item(&server, id).await;
    let created = &of(&monday, "create_item")[0];
    assert_eq!(created["variables"]["board"], "4711");
    assert_eq!(created["variables"]["name"], format!("Łucja #{id}"));
    assert_eq!(
        values(created),
        json!({
            "status7": {"label": "new"},
            "mail1": {"email": "lucja@example.com", "text": "lucja@example.com"},
            "phone1": {"phone": "+48600100200", "countryShortName": "PL"},
            "m2": "62.5",
            "text3": "Sopot",
        })
    );
    let first = &monday.got()[0];
    assert_eq!(first.header("authorization"), "key-of-monday-3f2a");

    let free = free_times(&server.anon(), "").await;
    let made = book(&server.anon(), &free[0]).await;
    assert!(made["booking_id"].is_i64());
    until("the item follows", async || {
        let changed = of(&monday, "change_multiple_column_values");
        let last = changed.last().map(values);
        last.is_some_and(|last| last["status7"]["label"] == "consultation booked")
    })
    .await;
    let changed = of(&monday, "change_multiple_column_values");
    assert_eq!(changed[0]["variables"]["item"], "991");
    assert_eq!(
        of(&monday, "create_item").len(),
        1,
        "the same person is one lead"
    );
}

#[tokio::test]
async fn what_monday_may_have_is_looked_for_before_it_is_made_again() {
    let creates = Arc::new(Mutex::new(0));
    let monday = Receiver::start(move |_, got| {
        if wants(got) == "create_item" {
            *creates.lock().unwrap() += 1;
            return Does::Close;
        }
        well(got)
    });
    let server = start(&monday);
    let id = leave(&server, &lead()).await;
    has_item(&server, id).await;
    assert_eq!(of(&monday, "create_item").len(), 1);
    let looked = &of(&monday, "items_page_by_column_values")[0];
    assert_eq!(looked["variables"]["name"], format!("Łucja #{id}"));
}

#[tokio::test]
async fn what_is_over_a_limit_passes_and_is_tried_again() {
    let monday = Receiver::start(|before, got| match (before, wants(got)) {
        (0, _) => ok(
            r#"{"error_message": "x", "error_code": "ComplexityException", "status_code": 200,
            "error_data": {"retry_in_seconds": 1}}"#,
        ),
        (_, "create_item") if before < 3 => {
            ok(r#"{"errors": [{"message": "Complexity budget exhausted",
            "extensions": {"code": "COMPLEXITY_BUDGET_EXHAUSTED", "status_code": 429, "retry_in_seconds": 6}}]}"#)
        }
        (_, "items_page_by_column_values") => {
            ok(r#"{"data": {"items_page_by_column_values": {"items": []}}}"#)
        }
        _ => well(got),
    });
    let server = start(&monday);
    let id = leave(&server, &lead()).await;
    until("the second refusal is noted", async || {
        of(&monday, "create_item").len() == 1
    })
    .await;
    // The third try would be five minutes off.
    let database = Connection::open(server.data().join("novahouse.db")).unwrap();
    until("the third try is put off", async || {
        let hurried = database
            .execute(
                "UPDATE outbox_jobs SET run_at_ms = 0 WHERE kind = 'monday.sync' AND state = 'pending'",
                [],
            )
            .unwrap();
        hurried == 1
    })
    .await;
    has_item(&server, id).await;
    assert_eq!(of(&monday, "create_item").len(), 2);
}

#[tokio::test]
async fn a_wrong_key_is_told_once_and_a_test_that_works_sends_what_is_missing() {
    let is_wrong = Arc::new(Mutex::new(true));
    let now = Arc::clone(&is_wrong);
    let monday = Receiver::start(move |_, got| {
        if *now.lock().unwrap() {
            let body = r#"{"errors": [{"message": "Not Authenticated"}]}"#;
            return Does::Answer(401, "", body.to_owned());
        }
        well(got)
    });
    let server = start(&monday);
    let id = leave(&server, &lead()).await;
    until("the team is told", async || {
        let letters = outbox(&server, "").await;
        letters.iter().any(|letter| letter["message"] == "alarm")
    })
    .await;
    assert_eq!(monday.got().len(), 1, "a wrong key is not tried again");
    let test = async || {
        server
            .owner()
            .post("/api/chatbot/monday-test", &json!({}))
            .await
    };
    let failed = test().await.ok();
    assert_eq!(
        (&failed["success"], &failed["configured"], &failed["failed"]),
        (&json!(false), &json!(true), &json!(1))
    );
    assert!(text(&failed["message"]).contains("401"), "{failed}");

    *is_wrong.lock().unwrap() = false;
    let works = test().await.ok();
    assert_eq!(
        (&works["success"], &works["board"], &works["retried"]),
        (&json!(true), &json!("Leads"), &json!(1))
    );
    assert_eq!(works["columns"][2]["holds"], "email");
    assert_eq!(works["columns"][6]["holds"], Value::Null);
    has_item(&server, id).await;
    server
        .agent()
        .post("/api/chatbot/monday-test", &json!({}))
        .await
        .refused(403, "role_required");
}

#[tokio::test]
async fn erasing_a_lead_removes_its_item() {
    let monday = Receiver::start(|_, got| well(got));
    let server = start(&monday);
    let visitor = server.anon();
    let session = visitor.session().await;
    let mut lead = lead();
    lead["session_id"] = json!(session);
    let id = leave(&server, &lead).await;
    has_item(&server, id).await;
    let body = json!({"session_id": session});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    until("the item is removed", async || {
        !of(&monday, "delete_item").is_empty()
    })
    .await;
    assert_eq!(of(&monday, "delete_item")[0]["variables"]["item"], "991");
}

#[tokio::test]
async fn without_a_board_nothing_is_written_and_nobody_notices() {
    let server = Server::start();
    leave(&server, &lead()).await;
    let tested = server
        .owner()
        .post("/api/chatbot/monday-test", &json!({}))
        .await
        .ok();
    assert_eq!(
        (&tested["success"], &tested["configured"]),
        (&json!(false), &json!(false))
    );
    let database = Connection::open(server.data().join("novahouse.db")).unwrap();
    let rows: i64 = database
        .query_row(
            "SELECT (SELECT COUNT(*) FROM monday_leads) + \
             (SELECT COUNT(*) FROM outbox_jobs WHERE kind LIKE 'monday%')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(rows, 0);
}
