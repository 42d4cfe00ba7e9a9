//! Two leads of one person become one.

use serde_json::json;

use crate::leads::{all, anna, create};
use crate::leads_team::{path, timeline};
use crate::support::{Server, text};

#[tokio::test]
async fn two_leads_become_one_with_everything_of_both() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (one, other) = (visitor.session().await, visitor.session().await);
    let into = json!({"name": "Anna", "email": "anna@example.com", "session_id": one, "message": "Kiedy?"});
    let into = create(&visitor, &into).await;
    let from =
        json!({"name": "A. Nowak", "phone": "600100200", "session_id": other, "budget": 5000});
    let from = create(&visitor, &from).await;
    agent
        .post(&format!("{}/notes", path(&from)), &json!({"note": "Miła"}))
        .await
        .ok();
    let quote = json!({"area_m2": 60.0, "package": "premium", "lead_id": from["id"]});
    let quote = agent.post("/api/quotes", &quote).await.ok();

    let merge = json!({"from": from["id"], "fields": {"name": "from"}});
    let merged = agent
        .post(&format!("{}/merge", path(&into)), &merge)
        .await
        .ok();
    assert_eq!(merged["id"], into["id"]);
    assert_eq!(
        (&merged["name"], &merged["email"]),
        (&json!("A. Nowak"), &json!("anna@example.com"))
    );
    assert_eq!(
        (&merged["phone"], &merged["budget"]),
        (&json!("600100200"), &json!(5000))
    );
    assert_eq!(
        (&merged["message"], &merged["notes"]),
        (&json!("Kiedy?"), &json!("Miła"))
    );
    assert!(text(&merged["additional_info"]).contains("name: Anna"));
    agent.get(&path(&from)).await.refused(404, "lead_not_found");
    assert_eq!(
        agent
            .get(&format!("/api/quotes/{}", quote["id"]))
            .await
            .ok()["lead_id"],
        into["id"]
    );

    let events = timeline(&server, &into).await;
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    for (kind, count) in [("created", 2), ("note", 1), ("merged", 1), ("quote", 1)] {
        assert_eq!(
            kinds.iter().filter(|known| **known == kind).count(),
            count,
            "{kinds:?}"
        );
    }
    let merged_in = events
        .iter()
        .find(|event| event["kind"] == "merged")
        .unwrap();
    assert_eq!(merged_in["ref_id"], from["id"]);

    let again = create(&visitor, &json!({"name": "Anna", "phone": "600100200"})).await;
    assert_eq!(
        (&again["joined"], &again["id"]),
        (&json!(true), &into["id"])
    );
    for session in [&one, &other] {
        let export = visitor
            .get(&format!("/api/chatbot/export-data/{session}"))
            .await
            .ok();
        assert_eq!(
            export["leads_left_out"], 1,
            "it also holds what the other session said"
        );
    }
    let body = json!({"session_id": other});
    let deleted = visitor
        .delete_with("/api/chatbot/delete-my-data", &body)
        .await
        .ok();
    assert_eq!(deleted["deleted"]["leads"], 1);
    assert!(all(&server).await.is_empty());
}

#[tokio::test]
async fn leads_merge_only_with_others_that_are_there() {
    let server = Server::start();
    let agent = server.agent();
    let lead = create(&server.anon(), &anna()).await;
    let merge = format!("{}/merge", path(&lead));
    for body in [
        json!({}),
        json!({"into": 1, "from": 2}),
        json!({"into": lead["id"]}),
    ] {
        agent
            .post(&merge, &body)
            .await
            .refused(422, "invalid_value");
    }
    agent
        .post(&merge, &json!({"into": 4711}))
        .await
        .refused(404, "lead_not_found");
    let unknown = json!({"into": 4711, "fields": {"shoe_size": "from"}});
    assert_eq!(agent.post(&merge, &unknown).await.status, 400);
    assert_eq!(all(&server).await.len(), 1);
}
