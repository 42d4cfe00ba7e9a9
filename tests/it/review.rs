//! What visitors asked in vain, what the team does about it, and the versions of the model that come of it.

use serde_json::{Value, json};

use crate::chat::UNCLEAR;
use crate::pack::{Files, export, import, pack, unpack};
use crate::support::{Actor, Server, text, until};

/// Intents the small company knows phrases of.
const TAUGHT: [&str; 7] = [
    "greeting",
    "price",
    "warranty",
    "contact",
    "duration",
    "human_handoff",
    "out_of_scope",
];
const PHRASES_EACH: usize = 6;
const IN_VAIN: &str = "zzyzx garply waldo?";

/// The built-in company with few phrases, which is learned in no time.
pub async fn become_small(server: &Server) {
    let owner = server.owner();
    let files: Files = unpack(&export(&owner).await)
        .into_iter()
        .map(|(name, bytes)| {
            if !name.starts_with("phrases/") {
                return (name, bytes);
            }
            let mut table: toml::Table =
                toml::from_str(std::str::from_utf8(&bytes).unwrap()).unwrap();
            table.retain(|intent, _| TAUGHT.contains(&intent));
            for (_, phrases) in &mut table {
                phrases.as_array_mut().unwrap().truncate(PHRASES_EACH);
            }
            (name, toml::to_string(&table).unwrap().into_bytes())
        })
        .collect();
    import(&owner, pack(&files)).await.ok();
}

async fn groups(who: &Actor) -> Vec<Value> {
    let answer = who.get("/api/nlu/unanswered").await.ok();
    let groups = answer["groups"].as_array().unwrap().clone();
    assert_eq!(answer["total"], groups.len(), "{answer}");
    groups
}

/// Asks something on a session of its own.
async fn ask(visitor: &Actor, question: &str) -> Value {
    visitor.say(&visitor.session().await, question).await
}

/// Groups are of one language, and nonsense is in none.
async fn ask_in_english(visitor: &Actor, session: &str, question: &str) {
    let body = json!({"message": question, "session_id": session, "lang": "en"});
    visitor.post("/api/chatbot/chat", &body).await.ok();
}

async fn newest_version(who: &Actor) -> Value {
    who.get("/api/nlu/versions?per_page=1").await.ok()["versions"][0].clone()
}

/// Asks until something is unclear to the assistant; answers the question, the session and the intents it offers.
pub async fn ask_something_unclear(visitor: &Actor) -> (&'static str, String, Vec<String>) {
    for question in UNCLEAR {
        let session = visitor.session().await;
        let answer = visitor.say(&session, question).await;
        let offered: Vec<String> = answer["quick_replies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|button| text(&button["payload"]))
            .collect();
        if offered
            .last()
            .is_some_and(|last| last == "say:none_of_these")
        {
            let intents = offered
                .iter()
                .filter_map(|payload| payload.strip_prefix("intent:"));
            return (question, session, intents.map(str::to_owned).collect());
        }
    }
    panic!("everything was clear");
}

#[tokio::test]
async fn what_fell_back_is_grouped_counted_and_masked_and_what_was_answered_is_not_there() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    assert!(groups(&agent).await.is_empty());
    for question in [
        IN_VAIN,
        "ZZYZX garply waldo",
        "How much does it cost?",
        "intent:warranty",
    ] {
        ask_in_english(&visitor, &visitor.session().await, question).await;
    }
    // A weak session's words count too.
    let with_contact = "Zzyzx garply waldo: a.b@example.com, 601 234 567";
    ask_in_english(&visitor, "abc123", with_contact).await;
    let found = groups(&agent).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let group = &found[0];
    assert_eq!(
        (&group["count"], &group["text"]),
        (&json!(3), &json!(IN_VAIN)),
        "{group}"
    );
    assert_eq!(
        group["causes"],
        json!({"fallback": 3, "unsure": 0, "search": 0})
    );
    let examples = group["examples"].to_string();
    assert!(
        examples.contains("ZZYZX") && examples.contains("Zzyzx garply waldo: …, …"),
        "{examples}"
    );
    assert!(
        !group.to_string().contains("example.com") && !group.to_string().contains("601"),
        "{group}"
    );
}

#[tokio::test]
async fn what_a_visitor_taps_after_did_you_mean_is_a_correction() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let (question, session, offered) = ask_something_unclear(&visitor).await;
    let group = groups(&agent).await.remove(0);
    assert_eq!(
        (&group["text"], &group["causes"]["unsure"]),
        (&json!(question), &json!(1)),
        "{group}"
    );
    assert_eq!(group["chosen"], json!([]));
    assert!(
        !group["suggestions"].as_array().unwrap().is_empty(),
        "{group}"
    );
    visitor
        .say(&session, &format!("intent:{}", offered[1]))
        .await;
    // A button tapped later is about something else.
    visitor
        .say(&session, &format!("intent:{}", offered[0]))
        .await;
    let group = groups(&agent).await.remove(0);
    assert_eq!(
        group["chosen"],
        json!([{"intent": offered[1], "count": 1}]),
        "{group}"
    );

    let session = visitor.session().await;
    visitor.say(&session, question).await;
    visitor.say(&session, "say:none_of_these").await;
    let group = groups(&agent).await.remove(0);
    assert_eq!(
        group["causes"],
        json!({"fallback": 1, "unsure": 1, "search": 0}),
        "{group}"
    );
    assert_eq!(group["count"], 2);
}

#[tokio::test]
async fn a_phrase_makes_a_question_understood_the_report_tells_and_an_older_version_forgets_it() {
    let server = Server::start();
    become_small(&server).await;
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    ask(&visitor, IN_VAIN).await;
    let id = groups(&agent).await[0]["id"].clone();
    let before = newest_version(&agent).await;
    assert_eq!(
        (&before["version"], &before["evaluation"]),
        (&json!(2), &Value::Null),
        "{before}"
    );
    assert_eq!(before["intents"], TAUGHT.len() - 1);

    let add =
        json!({"action": "add_phrase", "intent": "warranty", "texts": [IN_VAIN, "garply waldo"]});
    let path = format!("/api/nlu/unanswered/{id}");
    assert_eq!(agent.post(&path, &add).await.ok()["resolved"], 1);
    assert!(groups(&agent).await.is_empty());
    agent
        .post(&path, &add)
        .await
        .refused(409, "question_resolved");
    let trained = owner.post("/api/nlu/train", &json!({})).await.ok();
    assert_eq!(trained["version"], 3, "{trained}");
    assert_eq!(
        trained["phrases"].as_i64(),
        before["phrases"].as_i64().map(|n| n + 2)
    );
    let report = trained["evaluation"].as_object().unwrap();
    assert_eq!(report.len(), 1, "one language has new phrases: {trained}");
    let (_, report) = report.iter().next().unwrap();
    assert_eq!(report["sentences"], TAUGHT.len() * PHRASES_EACH, "{report}");
    for (count, examples) in [("better", "examples_better"), ("worse", "examples_worse")] {
        assert_eq!(
            report[count],
            report[examples].as_array().unwrap().len(),
            "{report}"
        );
    }
    assert_eq!(ask(&visitor, IN_VAIN).await["intent"], "warranty");

    // Nothing has changed since, so this is the same version with the same report.
    let again = owner.post("/api/nlu/train", &json!({})).await.ok();
    assert_eq!(again, trained);
    let restored = owner
        .post("/api/nlu/versions/2/restore", &json!({}))
        .await
        .ok();
    assert_eq!(
        (&restored["version"], &restored["phrases"]),
        (&json!(4), &before["phrases"]),
        "{restored}"
    );
    assert_eq!(ask(&visitor, IN_VAIN).await["intent"], "out_of_scope");
    owner
        .post("/api/nlu/versions/9/restore", &json!({}))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn training_comes_by_itself_and_visitors_are_answered_meanwhile() {
    let mut server = Server::start();
    become_small(&server).await;
    let (visitor, agent) = (server.anon(), server.agent());
    ask(&visitor, IN_VAIN).await;
    let id = groups(&agent).await[0]["id"].clone();
    let add = json!({"action": "add_phrase", "intent": "warranty"});
    agent
        .post(&format!("/api/nlu/unanswered/{id}"), &add)
        .await
        .ok();
    until("the new version answers", async || {
        let answer = ask(&visitor, "price").await;
        assert_eq!(answer["intent"], "price", "{answer}");
        newest_version(&agent).await["version"] == 3
    })
    .await;
    let version = newest_version(&agent).await;
    assert!(
        version["evaluation"].is_object() && version["created_by"].is_null(),
        "{version}"
    );
    until("it is understood", async || {
        ask(&visitor, IN_VAIN).await["intent"] == "warranty"
    })
    .await;
    server.stop();
    server.restart();
    assert_eq!(
        newest_version(&server.agent()).await,
        version,
        "a start is no new version"
    );
    assert_eq!(ask(&server.anon(), IN_VAIN).await["intent"], "warranty");
}

#[tokio::test]
async fn a_new_answer_is_an_intent_with_buttons_and_texts_in_every_language() {
    let server = Server::start();
    become_small(&server).await;
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    ask(&visitor, IN_VAIN).await;
    let path = format!("/api/nlu/unanswered/{}", groups(&agent).await[0]["id"]);
    let new = |intent: &str, answer: &str| {
        json!({
            "action": "new_answer", "intent": intent,
            "titles": {"pl": "Zzyzx", "en": "Zzyzx", "de": "Zzyzx"},
            "answers": {"pl": answer, "en": answer, "de": answer},
            "texts": [IN_VAIN, "zzyzx", "garply", "waldo garply"]
        })
    };
    for (body, status, code) in [
        (new("price", "Yes."), 409, "intent_taken"),
        (new("out_of_scope", "Yes."), 409, "intent_taken"),
        (new("No Name", "Yes."), 422, "invalid_value"),
        (new("zzyzx", " "), 422, "invalid_value"),
        (new("zzyzx", "{{ no_such_fact }}"), 422, "invalid_template"),
        (
            json!({"action": "new_answer", "intent": "zzyzx"}),
            422,
            "invalid_value",
        ),
        (json!({"action": "add_phrase"}), 422, "invalid_value"),
        (
            json!({"action": "add_phrase", "intent": "no_such"}),
            422,
            "invalid_value",
        ),
        (
            json!({"action": "add_phrase", "intent": "price", "texts": ["x".repeat(501)]}),
            422,
            "invalid_value",
        ),
        (json!({"action": "forget"}), 400, "malformed_body"),
    ] {
        agent.post(&path, &body).await.refused(status, code);
    }
    assert_eq!(groups(&agent).await.len(), 1, "a refusal changes nothing");
    agent
        .post(&path, &new("zzyzx", "Call {{ phone }}."))
        .await
        .ok();
    owner.post("/api/nlu/train", &json!({})).await.ok();
    let answer = ask(&visitor, IN_VAIN).await;
    assert_eq!(answer["intent"], "zzyzx", "{answer}");
    assert!(text(&answer["response"]).contains("Call +48"), "{answer}");
    let zip = export(&owner).await;
    import(&owner, zip.clone()).await.ok();
    assert_eq!(export(&owner).await, zip, "what was added fits into a pack");
}

#[tokio::test]
async fn ignored_questions_and_those_of_erased_sessions_are_gone_from_the_list() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    ask(&visitor, IN_VAIN).await;
    let session = visitor.session().await;
    visitor.say(&session, "quux frobnicate?").await;
    assert_eq!(groups(&agent).await.len(), 2);
    let erase = json!({"session_id": session});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &erase)
        .await
        .ok();
    let left = groups(&agent).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["text"], IN_VAIN);
    let path = format!("/api/nlu/unanswered/{}", left[0]["id"]);
    let ignore = json!({"action": "ignore"});
    assert_eq!(agent.post(&path, &ignore).await.ok()["resolved"], 1);
    assert!(groups(&agent).await.is_empty());
    agent
        .post(&path, &ignore)
        .await
        .refused(409, "question_resolved");
    agent
        .post("/api/nlu/unanswered/999", &ignore)
        .await
        .refused(404, "question_not_found");
    // Asked again, it is there again.
    ask(&visitor, IN_VAIN).await;
    let lang = text(&groups(&agent).await[0]["lang"]);
    let of = async |lang: &str| {
        agent
            .get(&format!("/api/nlu/unanswered?lang={lang}"))
            .await
            .ok()["total"]
            .clone()
    };
    assert_eq!(of(&lang).await, 1);
    assert_eq!(of(if lang == "pl" { "de" } else { "pl" }).await, 0);
}

#[tokio::test]
async fn a_reply_the_dialogue_understands_is_no_missed_question() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    for message in ["I would like a quote", "62 m2", "Premium", "no thanks"] {
        visitor.say(&session, message).await;
    }
    assert!(
        groups(&agent).await.is_empty(),
        "{:?}",
        groups(&agent).await
    );
}

#[tokio::test]
async fn agents_review_and_only_owners_train_and_go_back() {
    let server = Server::start();
    let (anon, agent) = (server.anon(), server.agent());
    for path in ["/api/nlu/unanswered", "/api/nlu/versions"] {
        anon.get(path).await.refused(401, "not_signed_in");
        agent.get(path).await.ok();
    }
    for path in ["/api/nlu/train", "/api/nlu/versions/1/restore"] {
        agent
            .post(path, &json!({}))
            .await
            .refused(403, "role_required");
    }
}
