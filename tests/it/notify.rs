//! Letters: what causes them, that none is lost or doubled, and what becomes of those that cannot be sent.

use serde_json::{Value, json};

use crate::mail_server::MailServer;
use crate::process;
use crate::support::{Server, text, until};

pub const TEAM: &str = "team@example.com";

pub fn env(port: &str) -> [(&str, &str); 5] {
    [
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", port),
        ("SMTP_TLS", "none"),
        ("FROM_EMAIL", "office@example.com"),
        ("ADMIN_EMAIL", TEAM),
    ]
}

fn lead(name: &str, email: &str) -> Value {
    json!({
        "name": name, "email": email, "property_type": "flat", "property_size": 62.5,
        "budget": 150_000, "message": "<b>Wann?</b>", "location": "Sopot",
        "consent": {"text_version": "2026-11", "text": "Ich stimme zu.", "language": "de"}
    })
}

async fn submit(server: &Server, lead: &Value) -> i64 {
    let answer = server.anon().post("/api/leads", lead).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_i64().unwrap()
}

pub async fn outbox(server: &Server, query: &str) -> Vec<Value> {
    let list = server
        .agent()
        .get(&format!("/api/outbox?{query}"))
        .await
        .ok();
    list["messages"].as_array().unwrap().clone()
}

async fn until_sent(server: &Server, count: usize) {
    until("every letter left", async || {
        outbox(server, "state=sent").await.len() == count
            && outbox(server, "state=pending").await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_lead_reaches_the_team_and_is_confirmed_to_the_person_in_their_language() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let id = submit(&server, &lead("Łucja", "lucja@example.com")).await;
    until_sent(&server, 2).await;

    let to_team = &mail.letters_to(TEAM)[0];
    assert_eq!(to_team["subject"], "Nowy kontakt: Łucja, Sopot");
    assert!(text(&to_team["reply_to"]).contains("lucja@example.com"));
    assert_eq!(to_team["from"], "NovaHouse <office@example.com>");
    let body = text(&to_team["text"]);
    for part in ["mieszkanie, 62,5 m²", "150000 PLN", "Sopot", "<b>Wann?</b>"] {
        assert!(body.contains(part), "{part} in {body}");
    }
    let html = text(&to_team["html"]);
    assert!(
        html.contains("&lt;b&gt;Wann?") && !html.contains("<b>Wann?"),
        "{html}"
    );
    assert!(html.contains("/admin\""), "{html}");

    let to_person = &mail.letters_to("lucja@example.com")[0];
    let body = text(&to_person["text"]);
    assert!(
        body.contains("Łucja") && body.contains("Ihre Anfrage"),
        "{body}"
    );

    let rows = outbox(&server, "").await;
    let states: Vec<&str> = rows
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states.iter().filter(|state| **state == "handed_on").count(),
        1,
        "{rows:?}"
    );
    let about = format!("lead:{id}");
    assert!(
        rows.iter().all(|row| row["about"] == about.as_str()),
        "{rows:?}"
    );
    let provider_id =
        rows.iter().find(|row| row["recipient"] == TEAM).unwrap()["provider_id"].clone();
    assert_eq!(provider_id, to_team["message_id"]);
    server
        .anon()
        .get("/api/outbox")
        .await
        .refused(401, "not_signed_in");
}

#[tokio::test]
async fn who_comes_back_is_news_to_the_team_and_gets_no_second_confirmation() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    for _ in 0..3 {
        submit(&server, &lead("Łucja", "lucja@example.com")).await;
    }
    until("the team heard of both", async || {
        mail.letters_to(TEAM).len() >= 2
    })
    .await;
    until("nothing is under way", async || {
        outbox(&server, "state=pending").await.is_empty()
    })
    .await;
    let subjects: Vec<String> = mail
        .letters_to(TEAM)
        .iter()
        .map(|letter| text(&letter["subject"]))
        .collect();
    let again = subjects
        .iter()
        .filter(|subject| subject.starts_with("Ponowny kontakt"));
    // The hour may turn between two of them.
    assert!((1..=2).contains(&again.count()), "{subjects:?}");
    assert_eq!(mail.letters_to("lucja@example.com").len(), 1);
}

#[tokio::test]
async fn a_greylisted_letter_comes_later_and_a_rejected_one_is_given_up_and_told() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    submit(&server, &lead("Ola", "greylisted@example.com")).await;
    submit(&server, &lead("Ela", "rejected@example.com")).await;
    until("the letter was given up", async || {
        !outbox(&server, "state=failed").await.is_empty()
    })
    .await;
    until("the greylisted letter came", async || {
        !mail.letters_to("greylisted").is_empty()
    })
    .await;
    let failed = &outbox(&server, "state=failed").await[0];
    assert_eq!(failed["recipient"], "rejected@example.com");
    assert_eq!(failed["last_error"], "the mail server answers 550 5.1.1");
    until("the team was told", async || {
        let letters = mail.letters_to(TEAM);
        letters
            .iter()
            .any(|letter| text(&letter["subject"]).contains("nie została wysłana"))
    })
    .await;
    until("nothing is under way", async || {
        outbox(&server, "state=pending").await.is_empty()
    })
    .await;
    let waited = outbox(&server, "").await;
    let waited = waited
        .iter()
        .find(|row| row["recipient"] == "greylisted@example.com")
        .unwrap();
    assert_eq!(
        (&waited["state"], &waited["attempts"]),
        (&json!("sent"), &json!(1))
    );

    let agent = server.agent();
    let retry = |row: &Value| format!("/api/outbox/{}/retry", row["id"]);
    agent
        .post(&retry(waited), &json!({}))
        .await
        .refused(409, "not_unsent");
    agent
        .post("/api/outbox/4711/retry", &json!({}))
        .await
        .refused(404, "message_not_found");
    let again = agent.post(&retry(failed), &json!({})).await.ok();
    assert_eq!(
        (&again["state"], &again["attempts"]),
        (&json!("pending"), &json!(0))
    );
    until("it was given up again", async || {
        outbox(&server, "state=failed").await.len() == 1
    })
    .await;
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_lost_and_visitors_notice_nothing() {
    let folder = process::data_folder();
    let server = Server::start_on(folder.path(), &[("ADMIN_EMAIL", TEAM)]);
    submit(&server, &lead("Łucja", "lucja@example.com")).await;
    until("both are marked", async || {
        outbox(&server, "state=not_configured").await.len() == 2
    })
    .await;
    let health = server.agent().get("/api/health/deep").await.ok();
    let parts = health["dependencies"].as_array().unwrap();
    let mail = parts.iter().find(|part| part["name"] == "mail").unwrap();
    assert_eq!(
        (&mail["status"], &health["status"]),
        (&json!("not_configured"), &json!("ok"))
    );
    drop(server);

    let mail = MailServer::start();
    let server = Server::start_on(folder.path(), &env(mail.port()));
    let retried = server
        .agent()
        .post("/api/outbox/retry-failed", &json!({}))
        .await
        .ok();
    assert_eq!(retried["retried"], 2);
    until_sent(&server, 2).await;
    assert_eq!(mail.letters().len(), 2);
}

#[tokio::test]
async fn a_killed_server_sends_after_its_start_what_it_had_promised_and_once() {
    let folder = process::data_folder();
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port().to_string()
    };
    let mut server = Server::start_on(folder.path(), &env(&port));
    for number in 0..5 {
        submit(
            &server,
            &lead("Łucja", &format!("person{number}@example.com")),
        )
        .await;
    }
    server.kill_9();
    let mail = MailServer::start_on(&port);
    server.restart();
    until_sent(&server, 10).await;
    let mut ids: Vec<String> = mail
        .letters()
        .iter()
        .map(|letter| text(&letter["message_id"]))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10, "each letter has a Message-ID of its own");
    assert_eq!(mail.letters().len(), 10);
}

#[tokio::test]
async fn erasing_a_visitor_erases_the_letters_about_them() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let visitor = server.anon();
    let session = visitor.session().await;
    let mut lead = lead("Łucja", "lucja@example.com");
    lead["session_id"] = json!(session);
    submit(&server, &lead).await;
    until_sent(&server, 2).await;
    visitor
        .delete_with(
            "/api/chatbot/delete-my-data",
            &json!({"session_id": session}),
        )
        .await
        .ok();
    assert!(outbox(&server, "").await.is_empty());
}

#[tokio::test]
async fn the_owner_changes_words_and_what_would_not_render_is_refused() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let owner = server.owner();
    let path = "/api/messages/lead_confirmation/de";
    let list = owner.get("/api/messages").await.ok();
    let ours = list["messages"].as_array().unwrap().iter();
    let ours: Vec<&Value> = ours
        .filter(|one| one["name"] == "lead_confirmation")
        .collect();
    assert_eq!(ours.len(), 3);
    assert!(ours.iter().all(|one| one["is_own"] == false), "{ours:?}");
    let built_in = ours[2]["words"]["subject"].clone();

    for (words, field) in [
        (json!({"subject": "Hallo {{ nobody }}"}), "subject"),
        (json!({"body": "{% for x in %}"}), "body"),
        (json!({"subject": " "}), "subject"),
        (json!({"body": "x".repeat(30_000)}), "body"),
    ] {
        let refused = owner
            .put(path, &words)
            .await
            .refused(422, "invalid_template");
        assert!(refused["details"][field].is_string(), "{refused}");
    }
    owner
        .put("/api/messages/nothing/de", &json!({}))
        .await
        .refused(404, "message_not_found");
    owner
        .put("/api/messages/lead_team/fr", &json!({}))
        .await
        .refused(422, "unknown_language");
    server
        .agent()
        .put(path, &json!({}))
        .await
        .refused(403, "role_required");

    let words = json!({"subject": "Hallo von {{ company.name }}"});
    let preview = owner.post(&format!("{path}/preview"), &words).await.ok();
    assert_eq!(preview["subject"], "Hallo von NovaHouse");
    owner.put(path, &words).await.ok();
    submit(&server, &lead("Łucja", "lucja@example.com")).await;
    until_sent(&server, 2).await;
    assert_eq!(
        mail.letters_to("lucja")[0]["subject"],
        "Hallo von NovaHouse"
    );
    let back = owner.put(path, &json!({})).await.ok();
    assert_eq!(
        (&back["is_own"], &back["words"]["subject"]),
        (&json!(false), &built_in)
    );
}

#[tokio::test]
async fn a_hostile_name_gets_into_no_header_and_no_letter_to_a_stranger() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let name = "Win at www.example.net\r\nBcc: victim@example.com";
    let answer = server
        .anon()
        .post("/api/leads", &lead(name, "stranger@example.com"))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    until_sent(&server, 2).await;
    let letter = &mail.letters_to("stranger")[0];
    assert!(!letter.to_string().contains("example.net"), "{letter}");
    assert!(mail.letters_to("victim").is_empty());
    let to_team = &mail.letters_to(TEAM)[0];
    assert_eq!(to_team["to"], TEAM);
    assert!(!text(&to_team["subject"]).contains('\n'));
}

#[test]
fn a_preview_is_written_to_a_file() {
    let folder = process::empty_folder();
    let (out, data) = (
        folder.path().join("letter.html"),
        folder.path().join("data"),
    );
    let mut command =
        process::novahouse(&["mail", "preview", "booking_confirmation", "--lang", "de"]);
    command.arg("--out").arg(&out).arg("--data").arg(&data);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let html = std::fs::read_to_string(&out).unwrap();
    assert!(
        html.starts_with("<!DOCTYPE html>") && html.contains("NovaHouse"),
        "{html}"
    );
    let unknown = process::novahouse(&["mail", "preview", "nothing"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(
        !unknown.status.success() && said.contains("lead_confirmation"),
        "{said}"
    );
}

#[tokio::test]
async fn whoever_left_gets_the_teams_answer_by_letter_once_a_question_with_a_way_back() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    let mut contact = lead("Łucja", "lucja@example.com");
    contact["session_id"] = json!(session);
    let asked = visitor.say(&session, "Czy robicie schody kręcone?").await;
    submit(&server, &contact).await;
    until_sent(&server, 2).await;
    let path = format!("/api/conversations/{}/messages", asked["conversation_id"]);
    for answer in ["Tak, na zamówienie.", "Od ilu stopni?"] {
        agent.post(&path, &json!({"message": answer})).await.ok();
    }
    until_sent(&server, 3).await;
    let letter = mail.letters_to("lucja@example.com")[1].clone();
    let body = text(&letter["text"]);
    for part in [
        "schody kręcone",
        "Tak, na zamówienie.",
        &format!("/chat#session={session}"),
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    visitor.say(&session, "A z dębu?").await;
    agent.post(&path, &json!({"message": "Też."})).await.ok();
    until_sent(&server, 4).await;
    let body = json!({"session_id": session});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    assert!(outbox(&server, "").await.is_empty());
}
