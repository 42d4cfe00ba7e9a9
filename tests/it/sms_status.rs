//! Text messages: whether they arrived.

use rusqlite::Connection;
use serde_json::json;

use crate::bookings::{book, free_times};
use crate::notify::outbox;
use crate::receiver::{Does, Got, Receiver};
use crate::support::{Server, text, until};

/// Sends a visit's reminder by SMS and has the provider asked about it at once; the row it ends as.
async fn reminded(server: &Server, ends_as: &str) -> serde_json::Value {
    let free = free_times(&server.anon(), "").await;
    let made = book(&server.anon(), &free[0]).await;
    let whole = format!("/api/booking/{}", made["booking_id"]);
    let reminders = server.agent().get(&whole).await.ok()["reminders"].clone();
    let sms = reminders
        .as_array()
        .unwrap()
        .iter()
        .find(|reminder| reminder["channel"] == "sms")
        .unwrap();
    let now = format!("/api/reminders/{}/send-now", sms["id"]);
    server.agent().post(&now, &json!({})).await.ok();
    let database = Connection::open(server.data().join("novahouse.db")).unwrap();
    // Asked after minutes; the test does not wait for them.
    until("the provider is to be asked", async || {
        let hurried = database.execute(
            "UPDATE outbox_jobs SET run_at_ms = 0 WHERE kind = 'notify.sms_status' AND state = 'pending' \
             AND run_at_ms > 0",
            [],
        );
        hurried.unwrap() == 1
    })
    .await;
    let query = format!("channel=sms&state={ends_as}");
    until("the state is known", async || {
        !outbox(server, &query).await.is_empty()
    })
    .await;
    outbox(server, &query).await[0].clone()
}

fn twilio(status: &'static str) -> Receiver {
    Receiver::start(move |_, got: &Got| {
        let body = if got.line.starts_with("POST ") {
            r#"{"sid": "SM1", "status": "queued", "num_segments": "1"}"#.to_owned()
        } else {
            format!(r#"{{"sid": "SM1", "status": {status}}}"#)
        };
        Does::Answer(
            if got.line.starts_with("POST ") {
                201
            } else {
                200
            },
            "",
            body,
        )
    })
}

fn with_twilio(url: &str) -> [(&str, &str); 4] {
    [
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("TWILIO_AUTH_TOKEN", "token-of-twilio-77c1"),
        ("TWILIO_PHONE_NUMBER", "+15005550006"),
        ("NOVAHOUSE_SMS_BASE_URL", url),
    ]
}

#[tokio::test]
async fn a_text_message_that_arrived_says_so() {
    let twilio = twilio(r#""delivered""#);
    let server = Server::start_with(&with_twilio(&twilio.url()));
    let row = reminded(&server, "delivered").await;
    assert_eq!(row["provider_id"], "SM1");
    assert!(row["last_error"].is_null());
    let asked = twilio.got();
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1]
            .line
            .starts_with("GET /2010-04-01/Accounts/AC123/Messages/SM1.json ")
    );
    let database = Connection::open(server.data().join("novahouse.db")).unwrap();
    let left: i64 = database
        .query_row(
            "SELECT COUNT(*) FROM outbox_jobs WHERE kind = 'notify.sms_status' AND state = 'pending'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(left, 0, "a known state is not asked for again");
}

#[tokio::test]
async fn one_that_did_not_says_why_the_team_is_told_and_it_can_be_sent_again() {
    let twilio = twilio(r#""undelivered", "error_code": 30005"#);
    let server = Server::start_with(&with_twilio(&twilio.url()));
    let row = reminded(&server, "undelivered").await;
    assert_eq!(row["last_error"], "it did not arrive: code 30005");
    let letters = outbox(&server, "").await;
    assert!(
        letters.iter().any(|letter| letter["message"] == "alarm"),
        "{letters:?}"
    );
    let retry = format!("/api/outbox/{}/retry", row["id"]);
    let again = server.agent().post(&retry, &json!({})).await.ok();
    assert_eq!(again["state"], "pending");
    until("it is sent again", async || twilio.got().len() == 3).await;
}

#[tokio::test]
async fn smsapi_is_asked_too_and_again_while_it_does_not_know() {
    let smsapi = Receiver::start(|before, got| {
        let status = match before {
            0 => "QUEUE",
            1 => "SENT",
            _ => "DELIVERED",
        };
        let is_question = got.text().starts_with("status=");
        assert_eq!(is_question, before > 0);
        let body = format!(
            r#"{{"count": 1, "list": [{{"id": "65A1", "points": 0.16, "status": "{status}"}}]}}"#
        );
        Does::Answer(200, "", body)
    });
    let url = smsapi.url();
    let server = Server::start_with(&[
        ("SMSAPI_TOKEN", "token-of-smsapi-19d0"),
        ("NOVAHOUSE_SMS_BASE_URL", &url),
    ]);
    let row = reminded(&server, "sent").await;
    let database = Connection::open(server.data().join("novahouse.db")).unwrap();
    until("it is asked again", async || {
        let hurried = database.execute(
            "UPDATE outbox_jobs SET run_at_ms = 0 WHERE kind = 'notify.sms_status' AND state = 'pending'",
            [],
        );
        hurried.unwrap();
        outbox(&server, "channel=sms&state=delivered").await.len() == 1
    })
    .await;
    assert_eq!(text(&row["provider_id"]), "65A1");
}
