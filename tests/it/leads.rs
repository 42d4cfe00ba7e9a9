//! Leads: leaving one, joining the open one, who may read them, and a visitor's rights over them.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Actor, Server, send, text};

pub fn anna() -> Value {
    json!({"name": "Anna", "email": "anna@example.com"})
}

pub async fn create(who: &Actor, body: &Value) -> Value {
    let answer = who.post("/api/leads", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

pub async fn all(server: &Server) -> Vec<Value> {
    let leads = server.agent().get("/api/leads").await.ok();
    leads.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_lead_is_stored_as_it_was_sent_and_the_team_reads_it() {
    let server = Server::start();
    let sent = json!({
        "name": " Anna ", "email": "Anna@Example.com", "phone": "600 100 200", "interested_package": "premium",
        "property_size": 62.5, "property_type": "flat", "location": "Gdańsk", "budget": 150_000,
        "message": "Odbiór w maju.", "page_url": "https://novahouse.pl/", "utm": {"utm_source": "ulotka"},
        "consent": {"text_version": "2026-11", "text": "Zgadzam się na kontakt.", "language": "pl"}
    });
    let lead = create(&server.anon(), &sent).await;
    assert_eq!(lead["joined"], false);
    let id = &lead["id"];
    let read = server.agent().get(&format!("/api/leads/{id}")).await.ok();
    for field in [
        "email",
        "phone",
        "interested_package",
        "property_size",
        "property_type",
        "location",
        "budget",
        "message",
    ] {
        assert_eq!(read[field], sent[field], "{field}");
        assert_eq!(lead[field], sent[field], "{field}");
    }
    assert_eq!(
        (&read["name"], &read["status"], &read["source"]),
        (&json!("Anna"), &json!("new"), &json!("form"))
    );
    assert_eq!(read["score"], 100);
    assert_eq!(read["first_touch"]["utm"]["utm_source"], "ulotka");
    let consent = &read["consents"][0];
    assert_eq!(
        (&consent["given"], &consent["text"], &consent["purpose"]),
        (
            &json!(true),
            &json!("Zgadzam się na kontakt."),
            &json!("contact")
        )
    );
    assert_eq!(text(&consent["given_at"]), text(&read["created_at"]));
    assert_eq!(all(&server).await, [read]);
}

#[tokio::test]
async fn the_same_person_joins_the_open_lead_and_a_stranger_learns_nothing_of_it() {
    let server = Server::start();
    let visitor = server.anon();
    let first = create(&visitor, &json!({"name": "Anna", "email": "anna@example.com", "phone": "600100200", "message": "Tajne"})).await;
    for same in [
        json!({"name": "Anna", "email": "ANNA@example.COM"}),
        json!({"name": "A. Nowak", "phone": "+48 600-100-200", "budget": 5000}),
    ] {
        let answer = create(&visitor, &same).await;
        assert_eq!(
            (&answer["joined"], &answer["id"]),
            (&json!(true), &first["id"])
        );
        assert_eq!(
            (&answer["name"], &answer["message"]),
            (&same["name"], &Value::Null)
        );
        assert_eq!(answer["email"], same["email"]);
    }
    let other = create(&visitor, &json!({"name": "Jan", "phone": "600100201"})).await;
    assert_eq!(other["joined"], false);
    let leads = all(&server).await;
    assert_eq!(leads.len(), 2);
    let anna = &leads[1];
    assert_eq!(
        (&anna["name"], &anna["message"], &anna["budget"]),
        (&json!("Anna"), &json!("Tajne"), &json!(5000))
    );
    assert!(
        text(&anna["additional_info"]).contains("A. Nowak"),
        "{anna}"
    );
    let seen = create(
        &server.agent(),
        &json!({"name": "Anna", "email": "anna@example.com"}),
    )
    .await;
    assert_eq!(seen["message"], "Tajne", "the team sees the whole lead");
}

#[tokio::test]
async fn fifty_equal_posts_at_once_make_one_lead() {
    let server = Server::start();
    let visitor = server.anon();
    let answers = join_all((0..50).map(|_| async { create(&visitor, &anna()).await })).await;
    let firsts = answers.iter().filter(|answer| answer["joined"] == false);
    assert_eq!(firsts.count(), 1);
    assert_eq!(all(&server).await.len(), 1);

    let keyed = join_all((0..50).map(|_| async {
        let request = visitor
            .request(Method::POST, "/api/leads")
            .header("Idempotency-Key", "one");
        send(request.json(&json!({"name": "Jan", "phone": "600100200"})))
            .await
            .ok()
    }))
    .await;
    assert!(
        keyed.iter().all(|answer| answer == &keyed[0]),
        "a repeat got another answer"
    );
    assert_eq!(keyed[0]["joined"], false);
    assert_eq!(all(&server).await.len(), 2);
    let reused = visitor
        .request(Method::POST, "/api/leads")
        .header("Idempotency-Key", "one");
    send(reused.json(&anna()))
        .await
        .refused(422, "idempotency_key_reused");
}

#[tokio::test]
async fn what_is_wrong_with_a_lead_is_said_by_field() {
    let server = Server::start();
    let visitor = server.anon();
    for (body, code, field) in [
        (json!({"name": "Anna"}), "contact_required", "phone"),
        (
            json!({"name": "Anna", "email": "", "phone": " "}),
            "contact_required",
            "email",
        ),
        (
            json!({"name": "Anna", "email": "anna"}),
            "invalid_email",
            "email",
        ),
        (
            json!({"name": "Anna", "phone": "12"}),
            "invalid_phone",
            "phone",
        ),
        (
            json!({"name": " ", "phone": "600100200"}),
            "text_empty",
            "name",
        ),
        (
            json!({"name": "x".repeat(101), "phone": "600100200"}),
            "text_too_long",
            "name",
        ),
        (
            json!({"name": "A\u{0}", "phone": "600100200"}),
            "text_control_characters",
            "name",
        ),
        (
            json!({"name": "Anna", "phone": "600100200", "property_size": -1}),
            "invalid_value",
            "property_size",
        ),
        (
            json!({"name": "Anna", "phone": "600100200", "budget": -1}),
            "invalid_value",
            "budget",
        ),
        (
            json!({"name": "Anna", "phone": "600100200", "session_id": "z y"}),
            "invalid_session_id",
            "session_id",
        ),
    ] {
        let refusal = visitor.post("/api/leads", &body).await.refused(422, code);
        assert!(refusal["details"][field].is_string(), "{refusal}");
    }
    for malformed in [
        json!({"email": "anna@example.com"}),
        json!({"name": 7, "email": "a@example.com"}),
        json!([]),
    ] {
        assert_eq!(visitor.post("/api/leads", &malformed).await.status, 400);
    }
    assert!(all(&server).await.is_empty(), "a refused lead was stored");
}

#[tokio::test]
async fn only_the_team_reads_leads_as_a_bare_array_or_by_page() {
    let server = Server::start();
    for path in ["/api/leads", "/api/leads/1", "/api/leads?page=1"] {
        server.anon().get(path).await.refused(401, "not_signed_in");
    }
    for n in 0..3 {
        create(
            &server.anon(),
            &json!({"name": format!("Osoba {n}"), "phone": format!("60010020{n}")}),
        )
        .await;
    }
    for who in [server.agent(), server.owner()] {
        let leads = who.get("/api/leads").await.ok();
        assert_eq!(
            (leads[0]["name"].as_str(), leads.as_array().unwrap().len()),
            (Some("Osoba 2"), 3)
        );
        let page = who.get("/api/leads?page=2&per_page=2").await.ok();
        assert_eq!(
            (&page["total"], &page["pages"], &page["leads"][0]["name"]),
            (&json!(3), &json!(2), &json!("Osoba 0"))
        );
        who.get("/api/leads?page=0")
            .await
            .refused(422, "invalid_page");
        who.get("/api/leads/4711")
            .await
            .refused(404, "lead_not_found");
    }
}

#[tokio::test]
async fn a_visitor_sees_and_erases_the_leads_of_their_session_only() {
    let server = Server::start();
    let visitor = server.anon();
    let (mine, other) = (visitor.session().await, visitor.session().await);
    create(
        &visitor,
        &json!({"name": "Anna", "phone": "600100200", "session_id": mine}),
    )
    .await;
    let again = create(
        &visitor,
        &json!({"name": "Anna", "email": "anna@example.com", "session_id": mine}),
    )
    .await;
    assert_eq!(
        again["joined"], true,
        "the session proves it is the same visitor"
    );
    create(
        &visitor,
        &json!({"name": "Jan", "phone": "600100201", "session_id": other}),
    )
    .await;
    let export = visitor
        .get(&format!("/api/chatbot/export-data/{mine}"))
        .await
        .ok();
    assert_eq!(
        (&export["leads"][0]["email"], &export["leads_left_out"]),
        (&json!("anna@example.com"), &json!(0))
    );
    assert_eq!(export["leads"].as_array().unwrap().len(), 1);
    let deleted = visitor
        .delete_with("/api/chatbot/delete-my-data", &json!({"session_id": mine}))
        .await
        .ok();
    assert_eq!(deleted["deleted"]["leads"], 1);
    let left = all(&server).await;
    assert_eq!((left.len(), &left[0]["name"]), (1, &json!("Jan")));
}

#[tokio::test]
async fn whoever_wrote_a_foreign_address_first_does_not_get_to_read_what_its_owner_adds() {
    let server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    create(
        &visitor,
        &json!({"name": "X", "email": "anna@example.com", "session_id": session}),
    )
    .await;
    let joined = create(
        &visitor,
        &json!({"name": "Anna", "email": "anna@example.com", "phone": "600100200"}),
    )
    .await;
    assert_eq!(joined["joined"], true);
    let path = format!("/api/chatbot/export-data/{session}");
    let export = visitor.get(&path).await;
    assert!(!export.text().contains("600100200"));
    assert_eq!(
        (&export.json()["leads"], &export.json()["leads_left_out"]),
        (&json!([]), &json!(1))
    );
    assert_eq!(
        server.agent().get(&path).await.ok()["leads"][0]["phone"],
        "600100200"
    );
}

#[tokio::test]
async fn a_weak_session_is_kept_but_joins_nothing() {
    let server = Server::start();
    let visitor = server.anon();
    for n in 0..2 {
        let lead = create(
            &visitor,
            &json!({"name": "Anna", "phone": format!("60010020{n}"), "session_id": "abc123"}),
        )
        .await;
        assert_eq!(
            (&lead["joined"], &lead["session_id"]),
            (&json!(false), &json!("abc123"))
        );
    }
    visitor
        .delete_with(
            "/api/chatbot/delete-my-data",
            &json!({"session_id": "abc123"}),
        )
        .await
        .refused(403, "weak_session_id");
    assert_eq!(all(&server).await.len(), 2);
}
