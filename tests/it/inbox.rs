//! The team's side of a conversation.

use serde_json::{Value, json};

use crate::support::{Actor, Server, text, uuid};

async fn conversation(agent: &Actor, session: &str) -> Value {
    let list = agent.get("/api/conversations").await.ok();
    let all = list["conversations"].as_array().unwrap();
    all.iter()
        .find(|item| item["session_id"] == session)
        .expect("not in the list")
        .clone()
}

fn senders(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .map(|message| text(&message["sender"]))
        .collect()
}

/// A conversation with one answered question; its session and its path for the team.
async fn begun(visitor: &Actor) -> (String, String) {
    let session = visitor.session().await;
    let answer = visitor.say(&session, "Jaka jest gwarancja?").await;
    (
        session,
        format!("/api/conversations/{}", answer["conversation_id"]),
    )
}

#[tokio::test]
async fn asking_for_a_person_puts_the_conversation_first_in_the_teams_list_and_tells_the_visitor_once()
 {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, _) = begun(&visitor).await;
    let (newer, _) = begun(&visitor).await;
    for _ in 0..2 {
        let answer = visitor
            .post("/api/chatbot/handoff", &json!({"session_id": session}))
            .await
            .ok();
        assert_eq!(answer["handled_by"], "queue");
        assert!(answer["business_open"].is_boolean());
    }
    assert_eq!(
        senders(&visitor.history(&session).await),
        ["user", "bot", "bot"]
    );
    visitor.say(&newer, "A ile to kosztuje?").await;
    let list = agent.get("/api/conversations").await.ok();
    assert_eq!(list["conversations"][0]["session_id"], session);
    assert!(list["conversations"][0]["queued_at"].is_string());

    let answer = visitor.say(&session, "Halo?").await;
    assert_eq!(answer["handled_by"], "queue");
    let answer = visitor.say(&session, "Halo!").await;
    assert_eq!(
        answer["response"], "",
        "a second notice that it was passed on"
    );
}

#[tokio::test]
async fn words_that_ask_for_a_person_do_the_same_as_the_button() {
    let server = Server::start();
    let visitor = server.anon();
    for words in ["intent:human_handoff", "I want to talk to a human"] {
        let session = visitor.session().await;
        assert_eq!(visitor.say(&session, words).await["handled_by"], "queue");
        assert_eq!(
            conversation(&server.agent(), &session).await["handled_by"],
            "queue"
        );
    }
}

#[tokio::test]
async fn once_a_person_has_answered_the_assistant_is_silent_until_it_is_handed_back() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, path) = begun(&visitor).await;
    let answer = agent
        .post(
            &format!("{path}/messages"),
            &json!({"message": "Dzień dobry"}),
        )
        .await
        .ok();
    assert_eq!(answer["sender"], "agent");
    assert!(!text(&answer["agent_name"]).is_empty());

    let name = answer["agent_name"].clone();
    let answer = visitor
        .say(&session, "Ile kosztuje wykończenie mieszkania?")
        .await;
    assert_eq!(
        (answer["handled_by"].clone(), answer["response"].clone()),
        (json!("human"), json!(""))
    );
    assert_eq!(answer["agent_name"], name);
    let messages = visitor.history(&session).await;
    assert_eq!(
        senders(&messages),
        ["user", "bot", "system", "agent", "user"]
    );
    assert_eq!(messages[3]["message"], "Dzień dobry");

    let handed_back = agent
        .post(&format!("{path}/handback"), &json!({}))
        .await
        .ok();
    assert_eq!(handed_back["conversation"]["handled_by"], "bot");
    let answer = visitor
        .say(&session, "Ile kosztuje wykończenie mieszkania?")
        .await;
    assert_eq!(answer["handled_by"], "bot");
    assert!(text(&answer["response"]).contains("949"));
}

#[tokio::test]
async fn a_closed_conversation_opens_again_with_the_assistant_when_the_visitor_writes() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, path) = begun(&visitor).await;
    agent
        .post(
            &format!("{path}/messages"),
            &json!({"message": "Już wszystko wiem"}),
        )
        .await
        .ok();
    for _ in 0..2 {
        let closed = agent.post(&format!("{path}/close"), &json!({})).await.ok();
        assert_eq!(closed["conversation"]["status"], "closed");
    }
    assert_eq!(
        senders(&visitor.history(&session).await),
        ["user", "bot", "system", "agent", "system"]
    );
    let closed = agent.get("/api/conversations?status=closed").await.ok();
    assert_eq!(closed["total"], 1);
    let answer = visitor.say(&session, "Jaka jest gwarancja?").await;
    assert!(text(&answer["response"]).contains("36"), "{answer}");
    let now = conversation(&agent, &session).await;
    assert_eq!(
        (text(&now["status"]), text(&now["handled_by"])),
        ("open".into(), "bot".into())
    );
}

#[tokio::test]
async fn an_agents_message_sent_again_with_its_client_id_is_stored_once() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (session, path) = begun(&visitor).await;
    let body = json!({"message": "Dzień dobry", "client_id": uuid()});
    let first = agent.post(&format!("{path}/messages"), &body).await.ok();
    let again = agent.post(&format!("{path}/messages"), &body).await.ok();
    assert_eq!(first, again);
    assert_eq!(
        senders(&visitor.history(&session).await),
        ["user", "bot", "system", "agent"]
    );
}

#[tokio::test]
async fn a_conversation_can_be_given_to_a_member_of_the_team_and_back_to_the_queue() {
    let server = Server::start();
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    let (session, path) = begun(&visitor).await;
    let member = json!({
        "username": "jan", "email": "jan@example.com", "password": "cztery koty i pies",
        "role": "agent", "display_name": "Jan z biura"
    });
    let id = owner.post("/api/users", &member).await.ok()["id"].clone();
    let given = agent
        .post(&format!("{path}/assign"), &json!({"agent_id": id}))
        .await
        .ok();
    let given = &given["conversation"];
    assert_eq!(
        (
            &given["handled_by"],
            &given["agent_id"],
            &given["agent_name"]
        ),
        (&json!("human"), &id, &json!("Jan z biura"))
    );
    assert!(text(&visitor.history(&session).await[2]["message"]).contains("Jan z biura"));
    let who = async || {
        let history = visitor
            .get(&format!("/api/chatbot/history/{session}?since=99"))
            .await
            .ok();
        (history["handled_by"].clone(), history["agent_name"].clone())
    };
    assert_eq!(who().await, (json!("human"), json!("Jan z biura")));
    assert_eq!(visitor.say(&session, "Halo?").await["handled_by"], "human");
    assert_eq!(
        conversation(&agent, &session).await["agent_id"],
        id,
        "the visitor's message took it away"
    );

    let queued = agent
        .post(&format!("{path}/assign"), &json!({"agent_id": null}))
        .await
        .ok();
    assert_eq!(
        (
            &queued["conversation"]["handled_by"],
            &queued["conversation"]["agent_id"]
        ),
        (&json!("queue"), &Value::Null)
    );
    assert_eq!(who().await, (json!("queue"), Value::Null));
    agent
        .post(&format!("{path}/assign"), &json!({"agent_id": 9999}))
        .await
        .refused(422, "no_such_agent");
    agent
        .post("/api/conversations/9999/assign", &json!({"agent_id": null}))
        .await
        .refused(404, "conversation_not_found");
}

#[tokio::test]
async fn the_list_is_filtered_by_status_owner_and_words_and_comes_in_pages() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (first, _) = begun(&visitor).await;
    let (_, second) = begun(&visitor).await;
    visitor
        .say(&first, "Rabat 100%_sure dla sąsiadów? Łazienka, Straße")
        .await;
    agent
        .post(
            &format!("{second}/messages"),
            &json!({"message": "Dzień dobry"}),
        )
        .await
        .ok();
    for (query, total) in [
        ("", 2),
        ("?status=open", 2),
        ("?status=closed", 0),
        ("?handled_by=human", 1),
        ("?handled_by=bot", 1),
        ("?q=rabat", 1),
        ("?q=100%25_SURE", 1),
        ("?q=100__sure", 0),
        ("?q=ŁAZIENKA", 1),
        ("?q=lazienka", 1),
        ("?q=SASIADÓW", 1),
        ("?q=strasse", 1),
        ("?q=łazienki", 0),
        ("?q=nic+takiego", 0),
        ("?status=open&handled_by=bot&q=rabat", 1),
    ] {
        assert_eq!(
            agent.get(&format!("/api/conversations{query}")).await.ok()["total"],
            total,
            "{query}"
        );
    }
    let page = agent.get("/api/conversations?page=2&per_page=1").await.ok();
    assert_eq!(
        (
            &page["page"],
            &page["per_page"],
            &page["total"],
            &page["pages"]
        ),
        (&json!(2), &json!(1), &json!(2), &json!(2))
    );
    assert_eq!(page["conversations"][0]["session_id"], first);
}
