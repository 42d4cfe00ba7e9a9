//! Webhooks: who is told what, that a signature holds, that nothing is lost, and where no request goes.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::bookings::{book, free_times, link};
use crate::notify::outbox;
use crate::process;
use crate::receiver::{Does, Got, Receiver};
use crate::support::{Actor, Server, text, until};

pub const PRIVATE: &[(&str, &str)] = &[("NOVAHOUSE_WEBHOOK_ALLOW_PRIVATE", "on")];

/// Adds a webhook; answers it.
pub async fn hook(server: &Server, receiver: &Receiver, events: &[&str]) -> Value {
    let url = format!("{}/hook?key=of-the-receiver", receiver.url());
    let body = json!({"url": url, "description": "CRM", "events": events});
    let answer = server.owner().post("/api/webhooks", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

async fn leave_contact(who: &Actor, name: &str) -> Value {
    let email = format!("{}@example.com", name.to_lowercase());
    let answer = who
        .post("/api/leads", &json!({"name": name, "email": email}))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

async fn deliveries(server: &Server, hook: &Value) -> Vec<Value> {
    let path = format!("/api/webhooks/{}/deliveries", hook["id"]);
    let list = server.owner().get(&path).await.ok();
    list["deliveries"].as_array().unwrap().clone()
}

/// Waits until the newest delivery has come so far.
async fn newest(server: &Server, hook: &Value, state: &str) -> Value {
    until("the delivery comes so far", async || {
        let all = deliveries(server, hook).await;
        all.first().is_some_and(|newest| newest["state"] == state)
    })
    .await;
    deliveries(server, hook).await[0].clone()
}

fn is_signed_by(got: &Got, secret: &Value) -> bool {
    let webhook = Webhook::new(secret.as_str().unwrap()).unwrap();
    webhook.verify(&got.body, &got.headers).is_ok()
}

fn kinds(got: &[Got]) -> Vec<String> {
    got.iter().map(|got| text(&got.json()["type"])).collect()
}

#[tokio::test]
async fn what_happens_is_told_once_with_a_signature_that_another_library_accepts() {
    let receiver = Receiver::answering(200, "ok");
    let server = Server::start_with(PRIVATE);
    let hook = hook(&server, &receiver, &["*"]).await;
    let (visitor, agent) = (server.anon(), server.agent());

    let session = visitor.session().await;
    let said = visitor.say(&session, "Jaka jest gwarancja?").await;
    visitor.say(&session, "A ile to trwa?").await;
    let body = json!({"session_id": session});
    visitor.post("/api/chatbot/handoff", &body).await.ok();
    let path = format!("/api/conversations/{}", said["conversation_id"]);
    let answer = json!({"message": "Dzień dobry!"});
    agent.post(&format!("{path}/messages"), &answer).await.ok();
    agent.post(&format!("{path}/messages"), &answer).await.ok();
    agent.post(&format!("{path}/close"), &json!({})).await.ok();
    leave_contact(&visitor, "Ola").await;
    leave_contact(&visitor, "Ola").await;
    let free = free_times(&visitor, "").await;
    let made = book(&visitor, &free[0]).await;
    let later = json!({"start_time": free[free.len() - 1]});
    let address = link(&made);
    visitor
        .post(&format!("{address}/reschedule"), &later)
        .await
        .ok();
    visitor
        .post(&format!("{address}/cancel"), &json!({}))
        .await
        .ok();

    let expected = [
        "booking.cancelled",
        "booking.created",
        "booking.rescheduled",
        "conversation.closed",
        "conversation.handed_over", // to the queue
        "conversation.handed_over", // to a person
        "conversation.started",
        "lead.created",
        "lead.created",
        "lead.status_changed",
        "lead.updated",
    ];
    let got = receiver.gets(expected.len()).await;
    let mut told = kinds(&got);
    told.sort();
    assert_eq!(told, expected);
    let ids: BTreeSet<String> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids.len(), got.len(), "each event has an id of its own");
    for got in &got {
        assert!(is_signed_by(got, &hook["secret"]), "{}", got.text());
        assert_eq!(got.line, "POST /hook?key=of-the-receiver HTTP/1.1");
        assert_eq!(got.header("content-type"), "application/json");
        assert!(
            !got.text().contains(&session),
            "a session's id opens it: {}",
            got.text()
        );
        let mut forged = got.clone();
        forged.body.push(b' ');
        assert!(!is_signed_by(&forged, &hook["secret"]));
    }
    let body = |kind: &str| {
        let found = got.iter().map(Got::json).find(|body| body["type"] == kind);
        found.unwrap()
    };
    assert!(body("lead.created")["timestamp"].is_string());
    assert_eq!(body("lead.status_changed")["data"]["old_status"], "new");
    let moved = &body("booking.rescheduled")["data"];
    assert_eq!(moved["booking"]["client_email"], "anna@example.com");
    assert_ne!(moved["previous"]["start"], moved["booking"]["start"]);
    assert_eq!(
        body("conversation.closed")["data"]["conversation"]["status"],
        "closed"
    );
    until("all are noted", async || {
        let all = deliveries(&server, &hook).await;
        all.len() == expected.len() && all.iter().all(|one| one["state"] == "delivered")
    })
    .await;
}

#[tokio::test]
async fn what_fails_comes_again_under_the_same_id_and_so_does_a_replay() {
    let receiver = Receiver::start(|before, _| match before {
        0 => Does::Answer(500, "", "<b>down</b>".into()),
        1 => Does::Close,
        _ => Does::Answer(204, "", String::new()),
    });
    let server = Server::start_with(PRIVATE);
    let hook = hook(&server, &receiver, &["lead.created"]).await;
    leave_contact(&server.anon(), "Ola").await;
    receiver.gets(1).await;
    until("the failure is noted", async || {
        deliveries(&server, &hook).await[0]["attempts"] == 1
    })
    .await;
    let waiting = deliveries(&server, &hook).await[0].clone();
    assert_eq!(
        (&waiting["state"], &waiting["response_status"]),
        (&json!("pending"), &json!(500))
    );
    assert_eq!(waiting["response_excerpt"], "<b>down</b>");
    assert!(waiting["next_try_at"].is_string());
    let replay = format!("/api/webhooks/deliveries/{}/replay", waiting["id"]);
    let owner = server.owner();
    owner
        .post(&replay, &json!({}))
        .await
        .refused(409, "delivery_underway");
    receiver.gets(2).await;

    // The next try is five minutes off; the owner need not wait.
    let path = format!("/api/webhooks/{}", hook["id"]);
    until("the second failure is noted", async || {
        owner.get(&path).await.ok()["failures"] == 2
    })
    .await;
    let folder = server.data().to_owned();
    let database = Connection::open(folder.join("novahouse.db")).unwrap();
    until("the third try is put off", async || {
        let hurried = database.execute(
            "UPDATE outbox_jobs SET run_at_ms = 0 WHERE kind = 'webhooks.deliver' AND state = 'pending'",
            [],
        );
        hurried.unwrap() == 1
    })
    .await;
    let delivered = newest(&server, &hook, "delivered").await;
    assert_eq!(
        (&delivered["attempts"], &delivered["last_error"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(owner.get(&path).await.ok()["failures"], 0);
    owner.post(&replay, &json!({})).await.ok();
    let got = receiver.gets(4).await;
    let ids: BTreeSet<String> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids, BTreeSet::from([text(&delivered["event_id"])]));
    let bodies: BTreeSet<String> = got.iter().map(Got::text).collect();
    assert_eq!(bodies.len(), 1, "the body never changes");
    assert!(got.iter().all(|got| is_signed_by(got, &hook["secret"])));
    owner
        .post("/api/webhooks/deliveries/4711/replay", &json!({}))
        .await
        .refused(404, "delivery_not_found");
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_and_a_test_says_what_was_answered() {
    let receiver = Receiver::start(|before, _| match before {
        0 => Does::Answer(200, "", "hello".into()),
        _ => Does::Answer(
            302,
            "location: http://127.0.0.1:1/\r\n",
            "x".repeat(100_000),
        ),
    });
    let server = Server::start_with(PRIVATE);
    let owner = server.owner();
    let hook = hook(&server, &receiver, &["lead.*"]).await;
    let path = format!("/api/webhooks/{}", hook["id"]);
    let rotate = format!("{path}/rotate-secret");
    let rotated = owner.post(&rotate, &json!({})).await.ok();
    assert_ne!(rotated["secret"], hook["secret"]);

    let test = format!("{path}/test");
    let tested = owner.post(&test, &json!({})).await.ok();
    assert_eq!(
        (&tested["success"], &tested["response_excerpt"]),
        (&json!(true), &json!("hello"))
    );
    let got = &receiver.got()[0];
    assert_eq!(got.json()["type"], "webhook.test");
    assert_eq!(got.header("webhook-id"), text(&tested["event_id"]));
    assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
    assert!(is_signed_by(got, &hook["secret"]) && is_signed_by(got, &rotated["secret"]));

    let again = owner.post(&rotate, &json!({})).await.ok();
    let redirected = owner.post(&test, &json!({})).await.ok();
    assert_eq!(
        (&redirected["success"], &redirected["response_status"]),
        (&json!(false), &json!(302))
    );
    assert_eq!(text(&redirected["response_excerpt"]).len(), 500);
    let got = &receiver.got()[1];
    assert!(is_signed_by(got, &rotated["secret"]) && is_signed_by(got, &again["secret"]));
    assert!(
        !is_signed_by(got, &hook["secret"]),
        "the first one signs no more"
    );
    let shown = owner.get(&path).await.ok();
    assert!(!shown.to_string().contains("whsec_"), "{shown}");
    assert_eq!(shown["failures"], 0, "a test is none");
    let states: Vec<_> = deliveries(&server, &hook)
        .await
        .iter()
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, ["failed", "delivered"]);
}

#[tokio::test]
async fn private_addresses_are_refused_when_a_webhook_is_made_and_when_it_is_called() {
    let receiver = Receiver::answering(200, "secret of the network");
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), PRIVATE);
    let hook = hook(&server, &receiver, &["lead.created"]).await;
    server.stop();
    let server = Server::start_on(folder.path(), &[]);
    let owner = server.owner();
    for url in [
        receiver.url().as_str(),
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://user@example.com/",
        "https://example.com:25/",
        "http://example.com/",
        "file:///etc/passwd",
    ] {
        let body = json!({"url": url, "events": ["*"]});
        let refused = owner.post("/api/webhooks", &body).await;
        let refused = refused.refused(422, "invalid_value");
        assert!(refused["details"]["url"].is_string(), "{refused}");
    }
    let test = format!("/api/webhooks/{}/test", hook["id"]);
    let tested = owner.post(&test, &json!({})).await.ok();
    assert_eq!(tested["success"], false);
    leave_contact(&server.anon(), "Ola").await;
    until("the try is noted", async || {
        deliveries(&server, &hook).await[0]["attempts"] == 1
    })
    .await;
    assert!(receiver.got().is_empty());
    for (field, wrong) in [
        ("events", json!([])),
        ("events", json!(["lead.exploded"])),
        ("description", json!("x".repeat(201))),
    ] {
        let mut body = json!({"url": "https://example.com/", "events": ["*"]});
        body[field] = wrong;
        let refused = owner.post("/api/webhooks", &body).await;
        let refused = refused.refused(422, "invalid_value");
        assert!(refused["details"][field].is_string(), "{refused}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_switched_off_and_the_team_is_told() {
    let receiver = Receiver::start(|before, _| match before {
        0 => Does::Answer(410, "", String::new()),
        _ => Does::Answer(200, "", String::new()),
    });
    let server = Server::start_with(PRIVATE);
    let owner = server.owner();
    let hook = hook(&server, &receiver, &["lead.created"]).await;
    let path = format!("/api/webhooks/{}", hook["id"]);
    leave_contact(&server.anon(), "Ola").await;
    let failed = newest(&server, &hook, "failed").await;
    let off = owner.get(&path).await.ok();
    assert_eq!(
        (&off["is_enabled"], &off["disabled_why"]),
        (&json!(false), &json!("gone"))
    );
    until("the letter is written", async || {
        let letters = outbox(&server, "").await;
        letters.iter().any(|letter| letter["message"] == "alarm")
    })
    .await;
    leave_contact(&server.anon(), "Ela").await;
    assert_eq!(
        deliveries(&server, &hook).await.len(),
        1,
        "nobody hears of it"
    );
    let replay = format!("/api/webhooks/deliveries/{}/replay", failed["id"]);
    owner
        .post(&replay, &json!({}))
        .await
        .refused(409, "webhook_disabled");

    let body = json!({"url": receiver.url(), "events": ["lead.created"]});
    let on = owner.put(&path, &body).await.ok();
    assert_eq!(
        (&on["is_enabled"], &on["failures"], &on["disabled_why"]),
        (&json!(true), &json!(0), &Value::Null)
    );
    owner.post(&replay, &json!({})).await.ok();
    newest(&server, &hook, "delivered").await;
    owner.delete(&path).await.ok();
    owner.get(&path).await.refused(404, "webhook_not_found");
}

#[tokio::test]
async fn nothing_but_failures_for_five_days_switch_a_webhook_off() {
    let receiver = Receiver::answering(503, "");
    let server = Server::start_with(PRIVATE);
    let hook = hook(&server, &receiver, &["lead.created"]).await;
    let path = format!("/api/webhooks/{}", hook["id"]);
    leave_contact(&server.anon(), "Ola").await;
    until("the failure is noted", async || {
        server.owner().get(&path).await.ok()["failures"] == 1
    })
    .await;
    assert_eq!(server.owner().get(&path).await.ok()["is_enabled"], true);
    assert_eq!(
        standing(&server).await,
        "1 of 1 do not answer and are tried again; 0 were switched off for failing too long"
    );
    let database = Connection::open(server.data().join("novahouse.db")).unwrap();
    let five_days_ms = 5 * 24 * 60 * 60 * 1000;
    database
        .execute(
            "UPDATE webhooks SET failing_since_ms = failing_since_ms - ?1",
            [five_days_ms],
        )
        .unwrap();
    leave_contact(&server.anon(), "Ela").await;
    until("it is switched off", async || {
        server.owner().get(&path).await.ok()["disabled_why"] == "failing"
    })
    .await;
    assert_eq!(
        standing(&server).await,
        "0 of 0 do not answer and are tried again; 1 were switched off for failing too long"
    );
}

/// Why the health of webhooks is not well.
async fn standing(server: &Server) -> Value {
    let health = server.agent().get("/api/health/deep").await.ok();
    let all = health["dependencies"].as_array().unwrap();
    let one = all.iter().find(|one| one["name"] == "webhooks").unwrap();
    one["why"].clone()
}

#[tokio::test]
async fn erasing_a_visitor_erases_what_was_told_of_them_and_tells_that_the_lead_is_gone() {
    let receiver = Receiver::answering(200, "");
    let server = Server::start_with(PRIVATE);
    let hook = hook(&server, &receiver, &["*"]).await;
    let visitor = server.anon();
    let session = visitor.session().await;
    visitor.say(&session, "Jaka jest gwarancja?").await;
    let free = free_times(&visitor, "").await;
    let mut wanted = crate::bookings::wish(&free[0]);
    wanted["session_id"] = json!(session);
    visitor.post("/api/booking/create", &wanted).await.ok();
    receiver.gets(4).await;
    let body = json!({"session_id": session});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    let left = deliveries(&server, &hook).await;
    let events: Vec<&str> = left
        .iter()
        .map(|one| one["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["lead.deleted"], "{left:?}");
    assert_eq!(
        left[0]["payload"]["data"]["lead"]
            .as_object()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_between_an_event_and_its_delivery_tells_it_after_its_start_under_one_id() {
    let receiver = Receiver::answering(200, "");
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), PRIVATE);
    let hook = hook(&server, &receiver, &["lead.created"]).await;
    let rounds = if std::env::var_os("NOVAHOUSE_LONG").is_some() {
        20
    } else {
        4
    };
    let mut promised = BTreeSet::new();
    for round in 0..rounds {
        for number in 0..5 {
            let lead = leave_contact(&server.anon(), &format!("Ola{round}x{number}")).await;
            promised.insert(lead["id"].as_i64().unwrap());
        }
        // In each round the crash meets another stage: nothing told yet, some of it.
        let told = promised.len().min(receiver.got().len() + round % 4);
        receiver.gets(told).await;
        server.kill_9();
        server.restart();
    }
    until("everything is told", async || {
        let path = format!("/api/webhooks/{}/deliveries?state=pending", hook["id"]);
        server.owner().get(&path).await.ok()["total"] == 0
    })
    .await;
    let got = receiver.got();
    let told: BTreeSet<i64> = got
        .iter()
        .map(|got| got.json()["data"]["lead"]["id"].as_i64().unwrap())
        .collect();
    assert_eq!(told, promised);
    let ids: BTreeSet<String> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids.len(), promised.len(), "a repeat has the same id");
    assert!(
        got.len() - ids.len() <= 4 * rounds,
        "{} of {}",
        got.len(),
        ids.len()
    );
}

#[tokio::test]
async fn webhooks_are_the_owners_alone_and_the_same_key_makes_one() {
    let server = Server::start_with(PRIVATE);
    let receiver = Receiver::answering(200, "");
    let hook = hook(&server, &receiver, &["*"]).await;
    let path = format!("/api/webhooks/{}", hook["id"]);
    for path in ["/api/webhooks", &path, &format!("{path}/deliveries")] {
        server.agent().get(path).await.refused(403, "role_required");
        server.anon().get(path).await.refused(401, "not_signed_in");
    }
    let body = json!({"url": receiver.url(), "events": ["*"]});
    let create = async || {
        let request = server
            .owner()
            .request(reqwest::Method::POST, "/api/webhooks");
        crate::support::send(request.header("Idempotency-Key", "one").json(&body)).await
    };
    let first = create().await.ok();
    assert_eq!(create().await.ok(), first);
    let list = server.owner().get("/api/webhooks").await.ok();
    assert_eq!(list["webhooks"].as_array().unwrap().len(), 2);
}
