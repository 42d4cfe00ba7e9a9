//! What the team does with leads: editing, status, assignment, notes, merging, deleting, and the history of it all.

use reqwest::Method;
use serde_json::{Value, json};

use crate::leads::{all, anna, create};
use crate::notify::outbox;
use crate::support::{Actor, Answer, Server, send, text};

async fn patch(who: &Actor, path: &str, body: &Value) -> Answer {
    send(who.request(Method::PATCH, path).json(body)).await
}

pub fn path(lead: &Value) -> String {
    format!("/api/leads/{}", lead["id"])
}

pub async fn timeline(server: &Server, lead: &Value) -> Vec<Value> {
    let answer = server
        .agent()
        .get(&format!("{}/timeline", path(lead)))
        .await;
    answer.ok()["events"].as_array().unwrap().clone()
}

/// Members of the team, by the owner's invitation; their ids.
async fn members(server: &Server) -> Vec<i64> {
    let mut ids = Vec::new();
    for name in ["ola", "piotr"] {
        let member = json!({
            "username": name, "email": format!("{name}@example.com"), "password": "cztery koty i pies",
            "role": "agent", "display_name": name
        });
        let made = server.owner().post("/api/users", &member).await.ok();
        ids.push(made["id"].as_i64().unwrap());
    }
    ids
}

#[tokio::test]
async fn an_edit_keeps_what_it_does_not_name_and_every_change_stands_in_the_timeline() {
    let server = Server::start();
    let agent = server.agent();
    let sent =
        json!({"name": "Anna", "email": "anna@example.com", "location": "Gdańsk", "budget": 1000});
    let lead = create(&server.anon(), &sent).await;
    let change = json!({
        "name": "Anna Nowak", "phone": "600 100 200", "location": null, "tags": ["pilne", "VIP"],
        "notes": "Dzwonić po 16."
    });
    let edited = agent.put(&path(&lead), &change).await.ok();
    assert_eq!(edited["name"], "Anna Nowak");
    assert_eq!(edited["email"], "anna@example.com");
    assert_eq!(edited["location"], Value::Null);
    assert_eq!(edited["budget"], 1000);
    assert_eq!(edited["tags"], json!(["pilne", "VIP"]));
    assert_eq!(edited["notes"], "Dzwonić po 16.");
    assert_eq!(edited, agent.get(&path(&lead)).await.ok());
    let points = edited["score_reasons"].as_array().unwrap().iter();
    let sum: i64 = points
        .map(|reason| reason["points"].as_i64().unwrap())
        .sum();
    assert_eq!(edited["score"], sum);
    let score = agent.get(&format!("{}/score", path(&lead))).await.ok();
    assert_eq!(
        (&score["score"], &score["reasons"]),
        (&edited["score"], &edited["score_reasons"])
    );

    let again = agent.put(&path(&lead), &change).await.ok();
    assert_eq!(again["updated_at"], edited["updated_at"], "nothing changed");
    let events = timeline(&server, &lead).await;
    let kinds: Vec<String> = events.iter().map(|event| text(&event["kind"])).collect();
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "updated").count(),
        1,
        "{kinds:?}"
    );
    assert_eq!(kinds[0], "created");
    let update = events
        .iter()
        .find(|event| event["kind"] == "updated")
        .unwrap();
    assert_eq!(update["by"], "key:environment");
    let changes = update["changes"].as_array().unwrap();
    let of = |field: &str| {
        changes
            .iter()
            .find(|change| change["field"] == field)
            .unwrap()
    };
    assert_eq!(
        (&of("name")["old"], &of("name")["new"]),
        (&json!("Anna"), &json!("Anna Nowak"))
    );
    assert_eq!(
        (&of("location")["old"], &of("location")["new"]),
        (&json!("Gdańsk"), &Value::Null)
    );
    assert_eq!(changes.len(), 4, "{changes:?}");
    let note = events.iter().find(|event| event["kind"] == "note").unwrap();
    assert_eq!(note["text"], "Dzwonić po 16.");
    assert!(kinds.contains(&"letter".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn what_is_wrong_with_an_edit_is_said_by_field_and_changes_nothing() {
    let server = Server::start();
    let agent = server.agent();
    let lead = create(&server.anon(), &anna()).await;
    let before = agent.get(&path(&lead)).await.ok();
    for (change, code, field) in [
        (json!({"email": null}), "contact_required", "email"),
        (json!({"email": "anna"}), "invalid_email", "email"),
        (json!({"phone": "12"}), "invalid_phone", "phone"),
        (json!({"name": " "}), "text_empty", "name"),
        (json!({"name": "x".repeat(10_000)}), "text_too_long", "name"),
        (
            json!({"location": "a\u{7}"}),
            "text_control_characters",
            "location",
        ),
        (json!({"budget": -1}), "invalid_value", "budget"),
        (
            json!({"property_size": 0}),
            "invalid_value",
            "property_size",
        ),
        (json!({"tags": ["a,b"]}), "invalid_value", "tags"),
        (json!({"status": "lost"}), "invalid_value", "lost_reason"),
        (
            json!({"lost_reason": "cena"}),
            "invalid_value",
            "lost_reason",
        ),
        (json!({"assigned_to": 4711}), "no_such_agent", "agent_id"),
        (json!({"notes": "x".repeat(2001)}), "text_too_long", "notes"),
    ] {
        let refusal = agent.put(&path(&lead), &change).await.refused(422, code);
        assert!(refusal["details"][field].is_string(), "{refusal}");
    }
    assert_eq!(
        agent.put(&path(&lead), &json!({"name": 7})).await.status,
        400
    );
    assert_eq!(
        agent
            .put(&path(&lead), &json!({"status": "gone"}))
            .await
            .status,
        400
    );
    agent
        .put("/api/leads/4711", &json!({}))
        .await
        .refused(404, "lead_not_found");
    assert_eq!(agent.get(&path(&lead)).await.ok(), before);
}

#[tokio::test]
async fn a_status_changes_once_and_lost_needs_a_reason() {
    let server = Server::start();
    let agent = server.agent();
    let lead = create(&server.anon(), &anna()).await;
    let status = format!("{}/status", path(&lead));
    for old in ["new", "contacted"] {
        let moved = patch(&agent, &status, &json!({"status": "contacted"}))
            .await
            .ok();
        assert_eq!(
            moved,
            json!({"id": lead["id"], "old_status": old, "new_status": "contacted", "monday_synced": false})
        );
    }
    let refusal = patch(&agent, &status, &json!({"status": "lost"})).await;
    assert!(refusal.refused(422, "invalid_value")["details"]["lost_reason"].is_string());
    let reasonless = json!({"status": "qualified", "lost_reason": "cena"});
    patch(&agent, &status, &reasonless)
        .await
        .refused(422, "invalid_value");
    let lost = json!({"status": "lost", "lost_reason": "Wybrali inną firmę"});
    patch(&agent, &status, &lost).await.ok();
    assert_eq!(
        agent.get(&path(&lead)).await.ok()["lost_reason"],
        "Wybrali inną firmę"
    );
    patch(&agent, &status, &json!({"status": "qualified"}))
        .await
        .ok();
    assert_eq!(
        agent.get(&path(&lead)).await.ok()["lost_reason"],
        Value::Null
    );
    assert_eq!(
        patch(&agent, &status, &json!({"status": "gone"}))
            .await
            .status,
        400
    );
    patch(&agent, "/api/leads/4711/status", &json!({"status": "new"}))
        .await
        .refused(404, "lead_not_found");
    let events = timeline(&server, &lead).await;
    let changes = events
        .iter()
        .filter(|event| event["kind"] == "status_changed");
    assert_eq!(changes.count(), 3, "the same status is no change");
}

#[tokio::test]
async fn many_leads_are_moved_at_once_and_those_that_cannot_be_are_told() {
    let server = Server::start();
    let agent = server.agent();
    let mut ids = Vec::new();
    for n in 0..3 {
        let body = json!({"name": "Anna", "phone": format!("60010020{n}")});
        ids.push(create(&server.anon(), &body).await["id"].clone());
    }
    let body = json!({"lead_ids": [ids[0], ids[1], ids[1], 4711], "status": "contacted"});
    let moved = agent.post("/api/leads/bulk-update", &body).await.ok();
    assert_eq!(
        (&moved["success"], &moved["updated"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(moved["errors"][0]["id"], 4711);
    assert_eq!(moved["errors"][0]["code"], "lead_not_found");
    let again = agent.post("/api/leads/bulk-update", &body).await.ok();
    assert_eq!(
        (&again["updated"], &again["unchanged"]),
        (&json!(0), &json!(2))
    );
    let lost = json!({"lead_ids": ids, "status": "lost"});
    let refused = agent.post("/api/leads/bulk-update", &lost).await.ok();
    assert_eq!(
        (
            &refused["updated"],
            refused["errors"].as_array().unwrap().len()
        ),
        (&json!(0), 3)
    );
    let statuses: Vec<Value> = all(&server)
        .await
        .iter()
        .map(|lead| lead["status"].clone())
        .collect();
    assert_eq!(statuses, ["new", "contacted", "contacted"]);
    for wrong in [json!([]), json!(vec![1; 501])] {
        let body = json!({"lead_ids": wrong, "status": "new"});
        let refusal = agent.post("/api/leads/bulk-update", &body).await;
        assert!(refusal.refused(422, "invalid_value")["details"]["lead_ids"].is_string());
    }
}

#[tokio::test]
async fn leads_are_given_to_members_by_choice_and_in_turn() {
    let server = Server::start();
    let agent = server.agent();
    let lead = create(&server.anon(), &anna()).await;
    let assign = format!("{}/assign", path(&lead));
    agent
        .post(&assign, &json!({"round_robin": true}))
        .await
        .refused(409, "no_team");
    let team = members(&server).await;
    let mut given = Vec::new();
    for body in [
        json!({"agent_id": team[1]}),
        json!({"round_robin": true}),
        json!({"round_robin": true}),
        json!({"round_robin": true}),
        json!({"agent_id": null}),
    ] {
        given.push(agent.post(&assign, &body).await.ok()["assigned_to"].clone());
    }
    let (first, second) = (json!(team[0]), json!(team[1]));
    assert_eq!(
        given,
        [
            second.clone(),
            first.clone(),
            second.clone(),
            first.clone(),
            Value::Null
        ]
    );
    for (body, code) in [
        (json!({"agent_id": 4711}), "no_such_agent"),
        (json!({}), "invalid_value"),
        (
            json!({"agent_id": team[0], "round_robin": true}),
            "invalid_value",
        ),
    ] {
        let refusal = agent.post(&assign, &body).await.refused(422, code);
        assert!(refusal["details"]["agent_id"].is_string(), "{refusal}");
    }
    let given = timeline(&server, &lead).await;
    assert_eq!(
        given
            .iter()
            .filter(|event| event["kind"] == "assigned")
            .count(),
        5
    );

    let unassigned = create(
        &server.anon(),
        &json!({"name": "Jan", "phone": "600100209"}),
    )
    .await;
    assert_eq!(
        agent.get(&path(&unassigned)).await.ok()["assigned_to"],
        Value::Null
    );
    let settings = json!({"leads": {"assigns_new": true}});
    server.owner().put("/api/settings", &settings).await.ok();
    for (n, member) in [(1, &second), (2, &first)] {
        let body = json!({"name": "Jan", "phone": format!("60010030{n}")});
        let lead = create(&server.anon(), &body).await;
        assert_eq!(
            lead["assigned_to"],
            Value::Null,
            "no stranger learns who it is"
        );
        assert_eq!(&agent.get(&path(&lead)).await.ok()["assigned_to"], member);
    }
}

#[tokio::test]
async fn notes_stay_and_the_newest_stands_in_the_lead() {
    let server = Server::start();
    let agent = server.agent();
    let lead = create(&server.anon(), &anna()).await;
    let notes = format!("{}/notes", path(&lead));
    for note in ["Pierwsza", "Druga"] {
        for _ in 0..2 {
            let request = agent
                .request(Method::POST, &notes)
                .header("Idempotency-Key", note);
            let answer = send(request.json(&json!({"note": note}))).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
    }
    assert_eq!(agent.get(&path(&lead)).await.ok()["notes"], "Druga");
    let events = timeline(&server, &lead).await;
    let notes_of = events.iter().filter(|event| event["kind"] == "note");
    let texts: Vec<&Value> = notes_of.map(|event| &event["text"]).collect();
    assert_eq!(texts, ["Pierwsza", "Druga"]);
    agent
        .post(&notes, &json!({"note": " "}))
        .await
        .refused(422, "text_empty");
    agent
        .post("/api/leads/4711/notes", &json!({"note": "x"}))
        .await
        .refused(404, "lead_not_found");
}

#[tokio::test]
async fn a_deleted_lead_is_gone_with_its_letters_and_the_audit_log_knows() {
    let server = Server::start();
    let agent = server.agent();
    let lead = create(&server.anon(), &anna()).await;
    agent
        .post(&format!("{}/notes", path(&lead)), &json!({"note": "x"}))
        .await
        .ok();
    assert!(!outbox(&server, "").await.is_empty());
    assert_eq!(agent.delete(&path(&lead)).await.ok()["success"], true);
    agent
        .delete(&path(&lead))
        .await
        .refused(404, "lead_not_found");
    agent
        .get(&format!("{}/timeline", path(&lead)))
        .await
        .refused(404, "lead_not_found");
    assert!(outbox(&server, "").await.is_empty());
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let audit = "SELECT details_json FROM audit_log WHERE action = 'lead_deleted'";
    let details: String = database.query_row(audit, [], |row| row.get(0)).unwrap();
    assert_eq!(details, format!("{{\"lead_id\":{}}}", lead["id"]));
    let next = create(&server.anon(), &anna()).await;
    assert_ne!(next["id"], lead["id"], "numbers are not given again");
    assert_eq!(next["joined"], false);
}

#[tokio::test]
async fn the_team_alone_works_on_leads() {
    let server = Server::start();
    let lead = create(&server.anon(), &anna()).await;
    let anon = server.anon();
    for (method, rest) in [
        (Method::PUT, ""),
        (Method::DELETE, ""),
        (Method::PATCH, "/status"),
        (Method::PATCH, "/spam"),
        (Method::GET, "/timeline"),
        (Method::GET, "/score"),
        (Method::POST, "/notes"),
        (Method::POST, "/assign"),
        (Method::POST, "/merge"),
    ] {
        let request = anon.request(method, &format!("{}{rest}", path(&lead)));
        send(request.json(&json!({})))
            .await
            .refused(401, "not_signed_in");
    }
    for rest in ["filter", "export"] {
        anon.get(&format!("/api/leads/{rest}"))
            .await
            .refused(401, "not_signed_in");
    }
    for rest in ["bulk-update", "import"] {
        let answer = anon.post(&format!("/api/leads/{rest}"), &json!({})).await;
        answer.refused(401, "not_signed_in");
    }
}
