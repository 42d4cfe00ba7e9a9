//! What helps the team: notes, canned answers, suggestions, waiting times.

use serde_json::{Value, json};

use crate::support::{Actor, Server, text, until};

/// A conversation with one answered question; its session and its path for the team.
async fn begun(visitor: &Actor, question: &str) -> (String, String) {
    let session = visitor.session().await;
    let answer = visitor.say(&session, question).await;
    (
        session,
        format!("/api/conversations/{}", answer["conversation_id"]),
    )
}

fn canned(title: &str, body: &str, tags: &[&str]) -> Value {
    json!({"title": title, "body": body, "lang": "pl", "tags": tags})
}

/// Opens the doors at any hour of the day, so that waiting counts whenever the test runs.
async fn always_open(owner: &Actor) {
    let mut company = owner.get("/api/settings").await.ok()["settings"]["company"].clone();
    for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
        company["hours"][day] = json!(["00:00-23:59"]);
    }
    company["closures"] = json!([]);
    owner
        .put("/api/settings", &json!({"company": company}))
        .await
        .ok();
}

/// Stops the server, lets `minutes` pass for every conversation, and starts it again.
fn later(server: &mut Server, minutes: i64) {
    server.stop();
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let passed_ms = minutes * 60_000;
    database
        .execute(
            "UPDATE conversations SET updated_at_ms = updated_at_ms - ?1, queued_at_ms = queued_at_ms - ?1, \
             escalated_at_ms = escalated_at_ms - ?1",
            [passed_ms],
        )
        .unwrap();
    drop(database);
    server.restart();
}

#[tokio::test]
async fn a_note_is_for_the_team_and_in_the_export_and_never_in_the_chat() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, path) = begun(&visitor, "Jaka jest gwarancja?").await;
    let body = json!({"note": "Prosi o telefon po 15"});
    let notes = format!("{path}/notes");
    let note = async |key: &str, body: &Value| {
        let request = agent.request(reqwest::Method::POST, &notes);
        crate::support::send(request.header("idempotency-key", key).json(body)).await
    };
    let first = note("n-1", &body).await;
    assert_eq!(first.status, 201);
    assert_eq!(note("n-1", &body).await.ok(), first.ok());
    note("n-1", &json!({"note": "Coś innego"}))
        .await
        .refused(422, "idempotency_key_reused");

    let detail = agent.get(&path).await.ok();
    assert_eq!(detail["notes"].as_array().unwrap().len(), 1);
    assert_eq!(detail["notes"][0]["note"], "Prosi o telefon po 15");
    assert!(!text(&detail["notes"][0]["author_name"]).is_empty());
    assert_eq!(detail["conversation"]["handled_by"], "bot");

    let history = visitor
        .get(&format!("/api/chatbot/history/{session}"))
        .await;
    assert!(!history.text().contains("po 15"));
    visitor
        .post(&notes, &body)
        .await
        .refused(401, "not_signed_in");
    let export = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(export["notes"][0]["note"], "Prosi o telefon po 15");
    assert!(export["notes"][0].get("author_name").is_none());
    let erased = visitor
        .delete_with(
            "/api/chatbot/delete-my-data",
            &json!({"session_id": session}),
        )
        .await
        .ok();
    assert_eq!(erased["deleted"]["notes"], 1);
    agent
        .get(&path)
        .await
        .refused(404, "conversation_not_found");
}

#[tokio::test]
async fn a_note_needs_words_and_a_conversation() {
    let server = Server::start();
    let agent = server.agent();
    agent
        .post("/api/conversations/1/notes", &json!({"note": "x"}))
        .await
        .refused(404, "conversation_not_found");
    let (_, path) = begun(&server.anon(), "Jaka jest gwarancja?").await;
    let notes = format!("{path}/notes");
    agent
        .post(&notes, &json!({"note": " \n"}))
        .await
        .refused(422, "text_empty");
    agent
        .post(&notes, &json!({"note": "a".repeat(2_001)}))
        .await
        .refused(422, "text_too_long");
}

#[tokio::test]
async fn a_canned_answer_is_filled_with_the_companys_facts_and_the_senders_name() {
    let server = Server::start();
    let agent = server.agent();
    let body = canned(
        "Telefon",
        "Proszę zadzwonić: {{ phone }}. {{ agent_name }}",
        &["telefon", "telefon"],
    );
    let created = agent.post("/api/canned", &body).await;
    assert_eq!(created.status, 201);
    let created = created.ok();
    let filled = text(&created["text"]);
    assert!(filled.contains("58") && !filled.contains("{{"), "{filled}");
    assert_eq!(created["body"], body["body"]);
    assert_eq!(created["tags"], json!(["telefon"]));

    let path = format!("/api/canned/{}", created["id"]);
    assert_eq!(agent.get(&path).await.ok(), created);
    let changed = agent
        .put(&path, &canned("Adres", "Piszcie: {{ email }}", &[]))
        .await
        .ok();
    assert_eq!(changed["title"], "Adres");
    assert!(text(&changed["text"]).contains('@'));
    assert_eq!(agent.delete(&path).await.status, 204);
    for gone in [
        agent.get(&path).await,
        agent.delete(&path).await,
        agent.put(&path, &body).await,
    ] {
        gone.refused(404, "canned_not_found");
    }
    server
        .anon()
        .get("/api/canned")
        .await
        .refused(401, "not_signed_in");
}

#[tokio::test]
async fn what_a_canned_answer_may_not_hold_is_refused_and_names_its_field() {
    let server = Server::start();
    let agent = server.agent();
    let refused = async |body: &Value, code: &str, field: &str| {
        let problem = agent.post("/api/canned", body).await.refused(422, code);
        assert!(problem["details"].get(field).is_some(), "{problem}");
    };
    let mut french = canned("Bonjour", "Bonjour", &[]);
    french["lang"] = json!("fr");
    refused(&french, "unknown_language", "lang").await;
    refused(
        &canned("Telefon", "Numer: {{ telefon }}", &[]),
        "invalid_template",
        "body",
    )
    .await;
    refused(
        &canned("Jutro", "Do usłyszenia {{ next_open }}", &[]),
        "invalid_template",
        "body",
    )
    .await;
    refused(&canned("A\nB", "x", &[]), "invalid_value", "title").await;
    refused(&canned("", "x", &[]), "invalid_value", "title").await;
    refused(&canned("A", " ", &[]), "invalid_value", "body").await;
    let long = "{{ opening_hours }} ".repeat(100);
    refused(&canned("A", &long, &[]), "invalid_value", "body").await;
    let many: Vec<String> = (0..11).map(|n| format!("słowo{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused(&canned("A", "x", &many), "invalid_value", "tags").await;

    agent.post("/api/canned", &canned("A", "x", &[])).await.ok();
    agent
        .post("/api/canned", &canned("A", "y", &[]))
        .await
        .refused(409, "canned_title_taken");
}

#[tokio::test]
async fn canned_answers_are_found_by_language_and_by_any_part_of_them() {
    let server = Server::start();
    let agent = server.agent();
    for body in [
        canned("Żaluzje", "Montujemy je w cenie.", &["rolety"]),
        canned("Adres biura", "Zapraszamy.", &[]),
        json!({"title": "Blinds", "body": "Included.", "lang": "en"}),
    ] {
        agent.post("/api/canned", &body).await.ok();
    }
    for (query, titles) in [
        ("", json!(["Adres biura", "Blinds", "Żaluzje"])),
        ("?lang=pl", json!(["Adres biura", "Żaluzje"])),
        ("?q=zaluzje", json!(["Żaluzje"])),
        ("?q=ROLET", json!(["Żaluzje"])),
        ("?q=included", json!(["Blinds"])),
        ("?lang=pl&per_page=1&page=2", json!(["Żaluzje"])),
    ] {
        let list = agent.get(&format!("/api/canned{query}")).await.ok();
        let found = list["canned"].as_array().unwrap().iter();
        let found: Vec<_> = found.map(|canned| canned["title"].clone()).collect();
        assert_eq!(json!(found), titles, "{query}");
    }
}

#[tokio::test]
async fn replies_are_suggested_to_what_the_visitor_last_asked() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, path) = begun(&visitor, "Jaka jest gwarancja?").await;
    let suggestions = async || {
        let answer = agent.get(&format!("{path}/suggestions")).await.ok();
        answer["suggestions"].as_array().unwrap().clone()
    };
    let first = suggestions().await;
    assert!((1..=3).contains(&first.len()));
    assert_eq!(first[0]["kind"], "answer");
    assert!(text(&first[0]["text"]).contains("36"), "{first:?}");

    let body = canned(
        "Gwarancja na AGD",
        "Pytania o AGD: {{ phone }}",
        &["gwarancja"],
    );
    agent.post("/api/canned", &body).await.ok();
    let with_canned = suggestions().await;
    assert_eq!(with_canned[0]["kind"], "canned");
    assert_eq!(with_canned[0]["title"], "Gwarancja na AGD");
    assert!(!text(&with_canned[0]["text"]).contains("{{"));
    assert_eq!(with_canned[1]["kind"], "answer");

    visitor.say(&session, "Chcę rozmawiać z człowiekiem").await;
    assert_eq!(
        suggestions().await[0],
        with_canned[0],
        "asking for a person hides what was asked before"
    );
    agent
        .get("/api/conversations/9999/suggestions")
        .await
        .refused(404, "conversation_not_found");
}

#[tokio::test]
async fn who_waits_longer_than_set_in_opening_hours_is_escalated_and_comes_first_until_a_person_answers()
 {
    let mut server = Server::start();
    always_open(&server.owner()).await;
    let waits = async |server: &Server| {
        let (session, path) = begun(&server.anon(), "intent:human_handoff").await;
        (session, path)
    };
    let (_, long) = waits(&server).await;
    later(&mut server, 120);
    let agent = server.agent();
    let conversation = async |path: &str| agent.get(path).await.ok()["conversation"].clone();
    until("the conversation is escalated", async || {
        conversation(&long).await["is_escalated"] == true
    })
    .await;
    let (_, short) = waits(&server).await;
    assert_eq!(conversation(&short).await["is_escalated"], false);
    let list = agent.get("/api/conversations").await.ok();
    assert_eq!(list["conversations"][0]["is_escalated"], true);
    assert_eq!(list["conversations"].as_array().unwrap().len(), 2);

    agent
        .post(
            &format!("{long}/messages"),
            &json!({"message": "Już jestem"}),
        )
        .await
        .ok();
    assert_eq!(conversation(&long).await["is_escalated"], false);
}

#[tokio::test]
async fn a_persons_conversation_goes_back_to_the_assistant_after_silence_and_its_visitor_is_told() {
    let mut server = Server::start();
    let (session, path) = begun(&server.anon(), "Jaka jest gwarancja?").await;
    server
        .agent()
        .post(
            &format!("{path}/messages"),
            &json!({"message": "Dzień dobry"}),
        )
        .await
        .ok();
    later(&mut server, 29);
    let handled_by = async |server: &Server| {
        text(&server.agent().get(&path).await.ok()["conversation"]["handled_by"])
    };
    assert_eq!(handled_by(&server).await, "human");
    later(&mut server, 2);
    until("the conversation is handed back", async || {
        handled_by(&server).await == "bot"
    })
    .await;
    let messages = server.anon().history(&session).await;
    assert_eq!(messages.last().unwrap()["sender"], "system");
    assert_eq!(
        messages.len(),
        5,
        "question, answer, who joined, the person's message, and that it was handed back"
    );
    let answer = server.anon().say(&session, "Ile trwa remont?").await;
    assert_eq!(answer["handled_by"], "bot");
    assert!(!text(&answer["response"]).is_empty());
}

#[tokio::test]
async fn the_owner_sets_the_waiting_times_within_bounds() {
    let server = Server::start();
    let owner = server.owner();
    let path = "/api/settings/conversations";
    let times = json!({"escalate_after_min": 5, "hand_back_after_min": 30});
    assert_eq!(owner.get(path).await.ok(), times);
    let times = json!({"escalate_after_min": 2, "hand_back_after_min": 60});
    assert_eq!(owner.put(path, &times).await.ok(), times);
    assert_eq!(owner.get(path).await.ok(), times);
    let never = json!({"escalate_after_min": 0, "hand_back_after_min": 60});
    let problem = owner.put(path, &never).await.refused(422, "invalid_value");
    assert!(problem["details"]["escalate_after_min"].is_string());
    server
        .agent()
        .put(path, &times)
        .await
        .refused(403, "role_required");
}

#[tokio::test]
async fn the_team_is_listed_for_giving_a_conversation_to_a_colleague() {
    let server = Server::start();
    let member = json!({
        "username": "jan", "email": "jan@example.com", "password": "cztery koty i pies",
        "role": "agent", "display_name": "Jan z biura"
    });
    let id = server.owner().post("/api/users", &member).await.ok()["id"].clone();
    let team = async || server.agent().get("/api/conversations/team").await.ok()["team"].clone();
    assert_eq!(
        team().await,
        json!([{"id": id, "display_name": "Jan z biura"}])
    );
    server
        .owner()
        .put(&format!("/api/users/{id}"), &json!({"is_active": false}))
        .await
        .ok();
    assert_eq!(team().await, json!([]));
}
