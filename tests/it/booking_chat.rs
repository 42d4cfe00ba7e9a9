//! A visit agreed on in a conversation.

use serde_json::{Value, json};

use crate::bookings::{free_times, whole, wish};
use crate::support::{Actor, Server, text};

/// Takes the conversation to the consent; answers the time that was chosen, as it is on its button.
async fn to_consent(visitor: &Actor, session: &str) -> Value {
    let offered = visitor.say(session, "Chcę umówić konsultację").await;
    let time = offered["quick_replies"][0].clone();
    visitor.say(session, &text(&time["payload"])).await;
    for said in ["Jan Kowalski", "jan@example.com"] {
        visitor.say(session, said).await;
    }
    let asked = visitor.say(session, "600 100 200").await;
    assert_eq!(
        asked["quick_replies"][0]["payload"], "consent:yes",
        "{asked}"
    );
    time
}

#[tokio::test]
async fn the_team_has_the_visit_with_its_lead_and_consent_and_the_link_in_the_answer_opens_it() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    let time = to_consent(&visitor, &session).await;
    let booked = visitor.say(&session, "consent:yes").await;
    let list = agent.get("/api/booking/list").await.ok();
    let row = &list["bookings"][0];
    let start: jiff::Timestamp = text(&row["start"]).parse().unwrap();
    assert_eq!(time["payload"], format!("time:{}", start.as_millisecond()));
    assert_eq!(
        (&row["client_name"], &row["lang"]),
        (&json!("Jan Kowalski"), &json!("pl"))
    );
    assert_eq!(row["session_id"], session.as_str());
    let lead = agent
        .get(&format!("/api/leads/{}", row["lead_id"]))
        .await
        .ok();
    assert_eq!(lead["status"], "consultation_booked");
    assert_eq!(lead["consents"].as_array().unwrap().len(), 1, "{lead}");
    let link = whole(&agent, &row["id"]).await["manage_url"].clone();
    assert!(text(&booked["response"]).contains(&text(&link)), "{booked}");
    let free = free_times(&visitor, "").await;
    let is_free = |at: &String| at.parse::<jiff::Timestamp>().unwrap() == start;
    assert!(!free.iter().any(is_free));
}

#[tokio::test]
async fn whoever_is_too_late_is_offered_other_times_and_need_not_say_everything_again() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    let time = to_consent(&visitor, &session).await;
    let start_ms: i64 = text(&time["payload"])["time:".len()..].parse().unwrap();
    let start = jiff::Timestamp::from_millisecond(start_ms)
        .unwrap()
        .to_string();
    let quicker = server
        .anon()
        .post("/api/booking/create", &wish(&start))
        .await;
    assert_eq!(quicker.status, 201, "{}", quicker.text());

    let late = visitor.say(&session, "consent:yes").await;
    assert!(
        text(&late["response"]).contains("zajął ktoś inny"),
        "{late}"
    );
    let other = late["quick_replies"][0].clone();
    assert_ne!(other["payload"], time["payload"]);
    assert_eq!(agent.get("/api/booking/list").await.ok()["total"], 1);
    let asked = visitor.say(&session, &text(&other["payload"])).await;
    assert_eq!(
        asked["quick_replies"][0]["payload"], "consent:yes",
        "{asked}"
    );
    visitor.say(&session, "consent:yes").await;
    assert_eq!(agent.get("/api/booking/list").await.ok()["total"], 2);
}

#[tokio::test]
async fn of_several_services_one_is_chosen_and_without_any_the_team_is_asked_to_call() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let second = json!({"name": "Pomiar mieszkania", "duration_min": 30, "location_kind": "phone"});
    let second = agent.post("/api/booking/services", &second).await.ok();
    let member = json!({"name": "Ola", "email": "ola@example.com", "services": [1, second["id"]]});
    agent.put("/api/booking/staff/1", &member).await.ok();
    let session = visitor.session().await;
    let which = visitor.say(&session, "Chcę umówić konsultację").await;
    let said = text(&which["response"]);
    assert!(said.contains("automatycznym asystentem"), "{said}");
    assert_eq!(
        which["quick_replies"][1]["title"], "Pomiar mieszkania",
        "{which}"
    );
    let payload = text(&which["quick_replies"][1]["payload"]);
    let times = visitor.say(&session, &payload).await;
    assert!(
        text(&times["quick_replies"][0]["payload"]).starts_with("time:"),
        "{times}"
    );

    for id in [&json!(1), &second["id"]] {
        agent
            .delete(&format!("/api/booking/services/{id}"))
            .await
            .ok();
    }
    let session = visitor.session().await;
    let none = visitor.say(&session, "Chcę umówić konsultację").await;
    assert_eq!(none["quick_replies"][0]["payload"], "goal:lead", "{none}");
}
