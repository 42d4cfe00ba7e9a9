//! What keeps programs from filling the list: a trap, a clock, work to do, and the spam folder.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::leads::{all, anna, create};
use crate::mail_server::MailServer;
use crate::notify::{TEAM, env};
use crate::support::{Server, send, text, until};

async fn spam(server: &Server) -> Vec<Value> {
    let leads = server.agent().get("/api/leads?spam=true").await.ok();
    leads.as_array().unwrap().clone()
}

/// Solves a challenge as ALTCHA's widget does.
fn solve(challenge: &Value) -> String {
    let (salt, wanted) = (text(&challenge["salt"]), text(&challenge["challenge"]));
    let hash =
        |number: u64| data_encoding::HEXLOWER.encode(&Sha256::digest(format!("{salt}{number}")));
    let number = (0..=challenge["maxnumber"].as_u64().unwrap())
        .find(|number| hash(*number) == wanted)
        .expect("no number solves it");
    STANDARD.encode(
        json!({
            "algorithm": challenge["algorithm"], "challenge": challenge["challenge"], "number": number,
            "salt": salt, "signature": challenge["signature"], "took": 5
        })
        .to_string(),
    )
}

#[tokio::test]
async fn what_looks_like_a_programs_is_kept_apart_and_its_sender_cannot_tell() {
    let server = Server::start();
    let visitor = server.anon();
    let trapped =
        json!({"name": "Program", "phone": "600100200", "website": "https://example.com"});
    let answer = create(&visitor, &trapped).await;
    assert_eq!(
        (&answer["joined"], &answer["is_spam"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(spam(&server).await[0]["spam_reason"], "honeypot");
    until("a form that was sent at once is caught", async || {
        let quick = json!({"name": "Program", "phone": "600100201", "opened_at": now()});
        create(&visitor, &quick).await;
        let kept = spam(&server).await;
        kept.len() == 2 && kept[0]["spam_reason"] == "too_fast"
    })
    .await;
    let calm = json!({
        "name": "Anna", "email": "anna@example.com", "opened_at": "2026-01-01T10:00:00Z", "website": ""
    });
    create(&visitor, &calm).await;
    assert_eq!(all(&server).await[0]["name"], "Anna");
    let found = server.agent().get("/api/leads/filter?spam=true").await.ok();
    assert_eq!(found["pagination"]["total"], 2);
    let honest = json!({"name": "Jan", "phone": "600100200"});
    assert_eq!(
        create(&visitor, &honest).await["joined"],
        false,
        "it joins no spam"
    );
    let by_team = json!({"name": "Ewa", "phone": "600100209", "website": "https://example.com"});
    assert_eq!(create(&server.agent(), &by_team).await["is_spam"], false);
}

/// The present moment as a page would write it.
fn now() -> String {
    jiff::Timestamp::now().to_string()
}

#[tokio::test]
async fn what_is_released_is_announced_and_its_letters_are_sent_then() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let mut body = anna();
    body["website"] = json!("https://example.com");
    create(&server.anon(), &body).await;
    let honest = json!({"name": "Jan", "email": "jan@example.com"});
    create(&server.anon(), &honest).await;
    until("the honest one's letters arrived", async || {
        mail.letters().len() == 2
    })
    .await;
    assert!(mail.letters_to("anna@example.com").is_empty());

    let lead = spam(&server).await.remove(0);
    let path = format!("/api/leads/{}/spam", lead["id"]);
    let agent = server.agent();
    for _ in 0..2 {
        let request = agent.request(Method::PATCH, &path);
        let released = send(request.json(&json!({"is_spam": false}))).await.ok();
        assert_eq!(
            (&released["is_spam"], &released["spam_reason"]),
            (&json!(false), &Value::Null)
        );
    }
    until("its letters arrived", async || mail.letters().len() == 4).await;
    assert_eq!(mail.letters_to("anna@example.com").len(), 1);
    assert_eq!(mail.letters_to(TEAM).len(), 2);
    assert!(spam(&server).await.is_empty());
    assert_eq!(all(&server).await.len(), 2);

    let request = agent.request(Method::PATCH, &path);
    let marked = send(request.json(&json!({"is_spam": true}))).await.ok();
    assert_eq!(marked["spam_reason"], "marked");
    let events = agent
        .get(&format!("/api/leads/{}/timeline", lead["id"]))
        .await
        .ok();
    let kinds: Vec<&Value> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["kind"])
        .collect();
    for kind in ["released", "marked_spam"] {
        assert_eq!(
            kinds.iter().filter(|known| **known == kind).count(),
            1,
            "{kinds:?}"
        );
    }
}

#[tokio::test]
async fn whoever_sends_much_works_for_it_and_ten_a_minute_is_the_end() {
    let server = Server::start_with(&[("RATE_LIMITS", "on")]);
    let visitor = server.anon();
    let lead = |n: usize| json!({"name": "Anna", "phone": format!("60010020{n}")});
    for n in 0..5 {
        create(&visitor, &lead(n)).await;
    }
    let refused = visitor.post("/api/leads", &lead(5)).await;
    let challenge = refused.refused(403, "proof_of_work_required")["challenge"].clone();
    let proof = solve(&challenge);
    let mut body = lead(5);
    body["altcha"] = json!(proof);
    for _ in 0..2 {
        let request = visitor
            .request(Method::POST, "/api/leads")
            .header("Idempotency-Key", "one");
        assert_eq!(
            send(request.json(&body)).await.status,
            201,
            "a repeat is no second use"
        );
    }
    let mut again = lead(6);
    again["altcha"] = json!(proof);
    let used = visitor
        .post("/api/leads", &again)
        .await
        .refused(422, "invalid_proof_of_work");
    assert!(used["details"]["altcha"].is_string());
    let fresh = visitor.get("/api/leads/challenge").await.ok();
    again["altcha"] = json!(solve(&fresh));
    create(&visitor, &again).await;
    let limit = visitor.post("/api/leads/", &lead(7)).await;
    limit.refused(429, "too_many_requests");
    assert_eq!(limit.header("x-ratelimit-limit"), "10");
    assert_eq!(all(&server).await.len(), 7);
    for n in 7..10 {
        create(&server.agent(), &lead(n)).await;
    }
}

#[tokio::test]
async fn a_proof_that_is_none_is_refused_whenever_it_is_sent() {
    let server = Server::start();
    let visitor = server.anon();
    let mut challenge = visitor.get("/api/leads/challenge").await.ok();
    assert_eq!(challenge["algorithm"], "SHA-256");
    let right = solve(&challenge);
    challenge["signature"] = json!("0".repeat(64));
    for wrong in ["x", "e30=", &solve(&challenge), &"A".repeat(5000)] {
        let mut body = anna();
        body["altcha"] = json!(wrong);
        visitor
            .post("/api/leads", &body)
            .await
            .refused(422, "invalid_proof_of_work");
    }
    assert!(all(&server).await.is_empty());
    let mut body = anna();
    body["altcha"] = json!(right);
    create(&visitor, &body).await;
}
