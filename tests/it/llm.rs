//! What visitors get of a language model: what stands in the company's texts, or the assistant's own answer.

use reqwest::Method;
use serde_json::{Value, json};

use crate::model::{Manner, Model};
use crate::support::{Actor, Server, send, text, until, uuid};

/// The assistant does not know what this is about, and the knowledge says something about walls.
const UNCLEAR: &str = "Who checks the quality of the plaster?";
const TRUE_PIECES: &[&str] = &[
    "The walls get la",
    "tex paint in Standard",
    " and a gypsum finish in Premium. For any",
    "thing else ask a person on +48 585 004 663.",
];
const TRUE: &str = "The walls get latex paint in Standard and a gypsum finish in Premium. For anything else ask a person \
    on +48 585 004 663.";
const LIE: &[&str] = &[
    "The walls get latex paint in Standard. ",
    "It costs PLN 499 per m² and takes ",
    "5 days.",
];

fn start(model: &Model, more: &[(&str, &str)]) -> Server {
    let env: Vec<_> = model
        .env()
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    Server::start_with(&env)
}

/// Waits until the index of the knowledge, which a start makes in the background, finds something.
async fn found(server: &Server) {
    let path = "/api/search/?lang=en&q=walls%20finished";
    until("the knowledge is found", async || {
        let answer = server.agent().get("/api/search/stats").await;
        answer.status == 200 && server.anon().get(path).await.ok()["count"] != 0
    })
    .await;
}

async fn ask(visitor: &Actor, session: &str) -> Value {
    let body = json!({"session_id": session, "message": UNCLEAR, "lang": "en"});
    visitor.post("/api/chatbot/chat", &body).await.ok()
}

/// The assistant's own answer to [`UNCLEAR`]: "did you mean".
fn is_built_in(answer: &Value) -> bool {
    let last = answer["quick_replies"]
        .as_array()
        .and_then(|all| all.last());
    last.is_some_and(|button| button["payload"] == "say:none_of_these")
        && answer["sources"].as_array().is_some_and(Vec::is_empty)
}

#[tokio::test]
async fn what_the_assistant_does_not_understand_is_answered_from_the_knowledge_with_its_sources() {
    let model = Model::start(Manner::Says(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    let session = visitor.session().await;
    let answer = ask(&visitor, &session).await;
    let response = text(&answer["response"]);
    assert!(response.ends_with(TRUE), "{response}");
    assert!(
        response.contains("automatic assistant"),
        "the first answer says who speaks: {response}"
    );
    let titles: Vec<_> = answer["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| text(&source["title"]))
        .collect();
    assert_eq!(titles[0], "How are the walls finished?", "{titles:?}");
    assert_eq!(
        answer["quick_replies"][0]["payload"],
        "intent:human_handoff"
    );
    assert_eq!(
        (&answer["handled_by"], &answer["seq"]),
        (&json!("bot"), &json!(2))
    );

    let history = visitor.history(&session).await;
    assert_eq!(history.len(), 2);
    assert_eq!(history[1]["message"], response);
    let asked = &model.asked()[0];
    assert_eq!(asked.path, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(asked.authorization, "Bearer key-of-the-model-91d7");
    assert_eq!(
        (&asked.body["model"], &asked.body["stream"]),
        (&json!("test-model"), &json!(true))
    );
    assert!(text(&asked.body["messages"][0]["content"]).contains("gypsum finish"));
    assert!(text(&asked.body["messages"][1]["content"]).contains(UNCLEAR));

    let questions = server.agent().get("/api/nlu/unanswered").await.ok();
    assert!(
        questions.to_string().contains(UNCLEAR),
        "the team still sees it: {questions}"
    );
    let metrics = server.agent().get("/metrics").await.text();
    assert!(
        metrics.contains("novahouse_language_model_questions_total{outcome=\"Answered\"} 1"),
        "{metrics}"
    );
    let health = server.agent().get("/api/health/deep").await.ok();
    assert!(
        health["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["name"] == "language_model" && it["status"] == "ok")
    );
}

#[tokio::test]
async fn the_model_sees_the_last_turns_without_addresses_numbers_and_names() {
    let model = Model::start(Manner::Says(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    let session = visitor.session().await;
    let first = "What warranty do you give? How long is the warranty? marta@example.org, 601 234 567. Regards, Marta Nowak";
    let body = json!({"session_id": session, "lang": "en", "message": first});
    let answer = visitor.post("/api/chatbot/chat", &body).await.ok();
    assert_eq!(answer["intent"], "warranty", "{answer}");
    ask(&visitor, &session).await;
    let Some(asked) = model.asked().into_iter().next_back() else {
        panic!("the model was not asked");
    };
    let sent = text(&asked.body["messages"][1]["content"]);
    for secret in ["Marta", "Nowak", "601", "234", "567", "example.org"] {
        assert!(!sent.contains(secret), "{secret} was sent: {sent}");
    }
    assert!(
        sent.contains("[e-mail]") && sent.contains("[name]"),
        "{sent}"
    );
    assert!(sent.contains("What warranty"), "{sent}");
    assert!(
        sent.contains("36"),
        "the assistant's answer about the warranty is a turn: {sent}"
    );
}

#[tokio::test]
async fn the_model_is_not_asked_what_the_assistant_knows_nor_what_the_knowledge_does_not_tell() {
    let model = Model::start(Manner::Says(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    for message in [
        "Jaka jest gwarancja?",
        "Ile kosztuje wykończenie mieszkania?",
        "jaka bedzie jutro pogoda",
        "intent:price",
        "zzyzx garply",
    ] {
        let answer = visitor.say(&visitor.session().await, message).await;
        assert!(!text(&answer["response"]).is_empty());
    }
    assert_eq!(model.asked().len(), 0);
}

#[tokio::test]
async fn whatever_goes_wrong_the_visitor_gets_the_assistants_own_answer() {
    for manner in [
        Manner::Says(LIE),
        Manner::Says(&["I don't know."]),
        Manner::Says(&["NO_", "ANSWER"]),
        Manner::Says(&["The walls get latex paint, see https://evil.example/walls."]),
        Manner::Says(&[]),
        Manner::Breaks(&["The walls get latex paint in Standard. "]),
        Manner::Hangs(&["The walls get latex paint in Standard. "]),
        Manner::Hangs(&[]),
        Manner::Raw(
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ),
        Manner::Raw(
            "HTTP/1.1 200 OK\r\ncontent-length: 16\r\nconnection: close\r\n\r\n<html>no</html>\n",
        ),
        Manner::Raw("what is this"),
        Manner::Raw(""),
    ] {
        let model = Model::start(manner);
        let server = start(&model, &[("NOVAHOUSE_LLM_TIMEOUT_S", "1")]);
        found(&server).await;
        let visitor = server.anon();
        let session = visitor.session().await;
        let answer = ask(&visitor, &session).await;
        assert!(is_built_in(&answer), "{answer}");
        assert_eq!(model.asked().len(), 1);
        let history = visitor.history(&session).await;
        assert_eq!(history.len(), 2, "{history:?}");
        let kept = history[1]["message"].to_string();
        assert!(!kept.contains("499") && !kept.contains("latex"), "{kept}");
    }
}

#[tokio::test]
async fn the_key_follows_no_redirect() {
    let elsewhere = Model::start(Manner::Says(TRUE_PIECES));
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {}/chat/completions\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.base_url()
    );
    let model = Model::start(Manner::Raw(redirect.leak()));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    assert!(is_built_in(&ask(&visitor, &visitor.session().await).await));
    assert_eq!((model.asked().len(), elsewhere.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_model_that_fails_again_and_again_is_left_alone_and_health_says_so() {
    let model = Model::start(Manner::Breaks(&[]));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    for _ in 0..5 {
        assert!(is_built_in(&ask(&visitor, &visitor.session().await).await));
    }
    assert_eq!(model.asked().len(), 3);
    let health = server.agent().get("/api/health/deep").await.ok();
    let state = health["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "language_model")
        .unwrap();
    assert_eq!(state["status"], "fallback", "{state}");
    assert_eq!(health["status"], "ok");
}

#[tokio::test]
async fn nobody_listens_at_the_address_and_visitors_are_answered_all_the_same() {
    let server = Server::start_with(&[
        ("LLM_BASE_URL", "http://127.0.0.1:9/v1"),
        ("LLM_MODEL", "m"),
    ]);
    found(&server).await;
    let visitor = server.anon();
    assert!(is_built_in(&ask(&visitor, &visitor.session().await).await));
}

#[tokio::test]
async fn a_visitor_has_so_many_questions_a_day_and_the_day_so_many_also_after_a_restart() {
    let model = Model::start(Manner::Says(TRUE_PIECES));
    let limits = [
        ("NOVAHOUSE_LLM_VISITOR_LIMIT_PER_DAY", "2"),
        ("NOVAHOUSE_LLM_LIMIT_PER_DAY", "3"),
        ("NOVAHOUSE_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let mut server = start(&model, &limits);
    found(&server).await;
    let asks = async |server: &Server, address: &str| {
        let visitor = server.anon();
        let body = json!({"session_id": visitor.session().await, "message": UNCLEAR, "lang": "en"});
        let request = visitor
            .request(Method::POST, "/api/chatbot/chat")
            .json(&body);
        send(request.header("x-forwarded-for", address)).await.ok()
    };
    for _ in 0..2 {
        assert!(!is_built_in(&asks(&server, "192.0.2.1").await));
    }
    assert!(
        is_built_in(&asks(&server, "192.0.2.1").await),
        "the visitor's are used up"
    );
    assert!(!is_built_in(&asks(&server, "192.0.2.2").await));
    assert!(
        is_built_in(&asks(&server, "192.0.2.3").await),
        "the day's are used up"
    );
    server.restart();
    found(&server).await;
    assert!(
        is_built_in(&asks(&server, "192.0.2.4").await),
        "a restart gives none back"
    );
    assert_eq!(model.asked().len(), 3);
}

#[tokio::test]
async fn a_conversation_that_was_handed_over_meanwhile_gets_no_answer_of_the_model() {
    let model = Model::start(Manner::SaysWhenReleased(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    let session = visitor.session().await;
    let (answer, ()) = tokio::join!(ask(&visitor, &session), async {
        model.is_asked(1).await;
        let body = json!({"session_id": session});
        visitor.post("/api/chatbot/handoff", &body).await.ok();
        model.release();
    });
    assert_eq!(answer["response"], "", "{answer}");
    assert_eq!(answer["handled_by"], "queue", "{answer}");
    let history = visitor.history(&session).await;
    assert_eq!(history.len(), 2, "question and hand-over: {history:?}");
    assert!(!history[1].to_string().contains("latex"));
}

#[tokio::test]
async fn a_newer_message_is_answered_at_once_and_the_late_answer_to_the_older_one_is_dropped() {
    let model = Model::start(Manner::SaysWhenReleased(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    let session = visitor.session().await;
    let (late, newer) = tokio::join!(ask(&visitor, &session), async {
        model.is_asked(1).await;
        let body =
            json!({"session_id": session, "message": "What warranty do you give?", "lang": "en"});
        let newer = visitor.post("/api/chatbot/chat", &body).await.ok();
        model.release();
        newer
    });
    assert!(text(&newer["response"]).contains("36"), "{newer}");
    assert_eq!(late["response"], "", "{late}");
    let senders: Vec<_> = visitor
        .history(&session)
        .await
        .iter()
        .map(|message| text(&message["sender"]))
        .collect();
    assert_eq!(senders, ["user", "user", "bot"]);
}

#[tokio::test]
async fn a_message_sent_again_after_a_crash_gets_the_answer_that_was_never_stored() {
    let model = Model::start(Manner::Hangs(&[]));
    let mut server = start(&model, &[]);
    found(&server).await;
    let session = server.anon().session().await;
    let body =
        json!({"session_id": session, "message": UNCLEAR, "lang": "en", "client_id": uuid()});
    let request = server
        .anon()
        .request(Method::POST, "/api/chatbot/chat")
        .json(&body);
    let sent = tokio::spawn(request.send());
    model.is_asked(1).await;
    server.kill_9();
    assert!(sent.await.unwrap().is_err());
    server.restart();
    let visitor = server.anon();
    assert_eq!(
        visitor.history(&session).await.len(),
        1,
        "the question was on disk"
    );
    let answer = visitor.post("/api/chatbot/chat", &body).await.ok();
    assert!(is_built_in(&answer), "{answer}");
    assert!(
        text(&answer["response"]).contains("automatic assistant"),
        "{answer}"
    );
    let again = visitor.post("/api/chatbot/chat", &body).await.ok();
    assert_eq!(again, answer);
    assert_eq!(visitor.history(&session).await.len(), 2);
    assert_eq!(model.asked().len(), 1, "it is not asked twice");
}

#[tokio::test]
async fn a_message_sent_again_gets_the_models_answer_again_and_asks_once() {
    let model = Model::start(Manner::Says(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    let body = json!({"session_id": visitor.session().await, "message": UNCLEAR, "lang": "en", "client_id": uuid()});
    let first = visitor.post("/api/chatbot/chat", &body).await.ok();
    assert_eq!(visitor.post("/api/chatbot/chat", &body).await.ok(), first);
    assert!(text(&first["response"]).ends_with(TRUE));
    assert_eq!(model.asked().len(), 1);
}

#[tokio::test]
async fn a_server_that_stops_gives_whoever_waits_the_assistants_own_answer() {
    let model = Model::start(Manner::Hangs(&[]));
    let mut server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    let session = visitor.session().await;
    let asking = {
        let (visitor, session) = (visitor.clone(), session.clone());
        tokio::spawn(async move { ask(&visitor, &session).await })
    };
    model.is_asked(1).await;
    let server = tokio::task::spawn_blocking(move || {
        assert!(server.stop().success());
        server
    });
    assert!(is_built_in(&asking.await.unwrap()));
    server.await.unwrap();
}

#[tokio::test]
async fn behind_an_id_that_may_be_in_many_hands_nothing_said_before_is_sent() {
    let model = Model::start(Manner::Says(TRUE_PIECES));
    let server = start(&model, &[]);
    found(&server).await;
    let visitor = server.anon();
    visitor.say("abc123", "What warranty do you give?").await;
    let answer = ask(&visitor, "abc123").await;
    assert!(text(&answer["response"]).ends_with(TRUE), "{answer}");
    let sent = text(&model.asked()[0].body["messages"][1]["content"]);
    assert!(!sent.contains("warranty"), "{sent}");
}

#[tokio::test]
async fn the_privacy_notice_names_whoever_gets_visitors_words_and_nobody_else() {
    let path = "/api/knowledge/privacy?lang=en";
    let own = Server::start();
    let notice = text(&own.anon().get(path).await.ok()["markdown"]);
    assert!(notice.contains("uses no third-party services") && !notice.contains("language model"));
    let env = [
        ("LLM_BASE_URL", "https://models.example/v1"),
        ("LLM_MODEL", "m"),
    ];
    let other = Server::start_with(&env);
    let notice = text(&other.anon().get(path).await.ok()["markdown"]);
    assert!(notice.contains("models.example"), "{notice}");
}

#[tokio::test]
async fn neither_words_nor_the_key_stand_in_the_log() {
    let model = Model::start(Manner::Says(LIE));
    let mut server = start(&model, &[("NOVAHOUSE_LOG_LEVEL", "trace")]);
    found(&server).await;
    let visitor = server.anon();
    ask(&visitor, &visitor.session().await).await;
    model.now(Manner::Breaks(&["The walls get latex paint in Standard. "]));
    ask(&visitor, &visitor.session().await).await;
    server.stop();
    let log = server.log();
    assert!(
        log.contains("was not shown") && log.contains("did not answer"),
        "{log}"
    );
    for secret in [
        "key-of-the-model",
        "quality of the plaster",
        "latex paint",
        "PLN 499",
        model.base_url(),
    ] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
}
