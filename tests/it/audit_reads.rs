//! Who looked at whose data: one entry in the audit log for each view, by members and by keys, and none for visitors.

use serde_json::{Value, json};

use crate::bookings::{book, free_times};
use crate::rodo::{EMAIL, somebody, who};
use crate::support::{Server, text};

/// The views in the audit log, the oldest first.
async fn views(server: &Server) -> Vec<Value> {
    let path = "/api/chatbot/audit?action=data_viewed&per_page=200";
    let list = server.owner().get(path).await.ok();
    let mut entries = list["entries"].as_array().unwrap().clone();
    entries.reverse();
    entries
}

#[tokio::test]
async fn each_view_of_personal_data_by_the_team_is_one_entry_with_who_and_what() {
    let server = Server::start();
    let session = somebody(&server).await;
    let agent = server.agent();
    let free = free_times(&server.anon(), "").await;
    book(&server.anon(), &free[3]).await;
    assert_eq!(views(&server).await, [Value::Null; 0], "nobody looked yet");

    let history = format!("/api/chatbot/history/{session}");
    let data = format!("/api/chatbot/export-data/{session}");
    let consents = format!("/api/chatbot/rodo-consent/{session}");
    let looked = [
        ("/api/leads", "leads"),
        ("/api/leads?page=1&per_page=1", "leads"),
        ("/api/leads/1", "lead"),
        ("/api/leads/1/timeline", "lead_timeline"),
        ("/api/leads/filter", "leads"),
        ("/api/leads/export?format=csv", "lead_file"),
        ("/api/conversations", "conversations"),
        ("/api/conversations/1", "conversation"),
        (history.as_str(), "history"),
        (data.as_str(), "session_data"),
        (consents.as_str(), "session_consents"),
        ("/api/booking/list", "bookings"),
        ("/api/booking/1", "booking"),
        ("/api/search/all?q=kuchnia", "search"),
        ("/api/outbox", "messages"),
    ];
    for (path, _) in looked {
        let answer = agent.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    server.owner().get("/api/chatbot/consents").await.ok();
    let seen = views(&server).await;
    let kinds: Vec<String> = seen
        .iter()
        .map(|entry| text(&entry["details"]["view"]))
        .collect();
    let mut wanted: Vec<&str> = looked.iter().map(|(_, kind)| *kind).collect();
    wanted.push("consents");
    assert_eq!(kinds, wanted);
    let details = |kind: &str| {
        let entry = seen.iter().find(|entry| entry["details"]["view"] == kind);
        entry.unwrap()["details"].clone()
    };
    assert_eq!(details("leads")["count"], 2);
    assert_eq!(seen[1]["details"]["count"], 1, "a page of one: {seen:?}");
    assert_eq!(details("lead")["subject"], "lead:1");
    assert_eq!(details("lead_file")["count"], 2);
    assert_eq!(details("conversation")["subject"], "conversation:1");
    assert_eq!(details("booking")["subject"], "booking:1");
    let of_session = format!("/api/chatbot/audit?action=data_viewed&session_id={session}");
    let about = server.owner().get(&of_session).await.ok();
    assert_eq!(about["total"], 4, "{about}");
    assert!(seen.iter().all(|entry| entry["actor"] == "key:environment"));
}

#[tokio::test]
async fn what_visitors_see_of_themselves_and_what_is_refused_is_no_view() {
    let server = Server::start();
    let session = somebody(&server).await;
    let visitor = server.anon();
    for path in ["history", "export-data", "rodo-consent"] {
        visitor
            .get(&format!("/api/chatbot/{path}/{session}"))
            .await
            .ok();
    }
    visitor
        .get("/api/leads")
        .await
        .refused(401, "not_signed_in");
    server
        .agent()
        .get("/api/chatbot/consents")
        .await
        .refused(403, "role_required");
    server
        .agent()
        .get("/api/leads/99")
        .await
        .refused(404, "lead_not_found");
    assert_eq!(views(&server).await, [Value::Null; 0]);
}

#[tokio::test]
async fn looking_a_person_up_handing_them_out_and_asking_for_consents_names_them_by_a_hash_alone() {
    let server = Server::start();
    somebody(&server).await;
    let owner = server.owner();
    owner.post("/api/rodo/find", &who(EMAIL)).await.ok();
    owner.post("/api/rodo/export", &who(EMAIL)).await.ok();
    let email = json!({ "email": EMAIL });
    owner.post("/api/rodo/consent/check", &email).await.ok();
    let mut subjects = Vec::new();
    for action in ["person_looked_up", "data_exported", "consents_checked"] {
        let path = format!("/api/chatbot/audit?action={action}");
        let list = owner.get(&path).await.ok();
        assert_eq!(list["total"], 1, "{action}: {list}");
        assert!(!list.to_string().contains(EMAIL), "{list}");
        subjects.push(text(&list["entries"][0]["details"]["subject"]));
    }
    assert!(subjects.iter().all(|subject| *subject == subjects[0]));
    assert_eq!(subjects[0].len(), 32);
    let verified = owner.get("/api/chatbot/audit/verify").await.ok();
    assert_eq!(verified["is_whole"], true);
}
