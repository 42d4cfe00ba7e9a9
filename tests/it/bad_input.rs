//! Whatever is wrong gets a clear 4xx; nothing is stored, nothing of the inside is shown.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server, send};

/// Words that only stand in source text, SQL, panics or errors of libraries.
const INTERNALS: [&str; 14] = [
    "src/",
    ".rs",
    "SELECT",
    "INSERT",
    "panicked",
    "ChatRequest",
    "serde",
    "poem",
    "rusqlite",
    "sqlite",
    "at line",
    "column",
    "Expected input type",
    "RUST_BACKTRACE",
];

#[track_caller]
pub fn shows_nothing_of_the_inside(answer: &Answer) {
    let shown = answer.text();
    for word in INTERNALS {
        assert!(!shown.contains(word), "{word:?} in {shown}");
    }
}

fn chat_bodies() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let nested = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let nested_objects = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let json = |value: Value| value.to_string().into_bytes();
    vec![
        (
            "empty message",
            json(json!({"message": ""})),
            422,
            "text_empty",
        ),
        (
            "only white space",
            json(json!({"message": " \n\t "})),
            422,
            "text_empty",
        ),
        (
            "2,001 characters",
            json(json!({"message": "ż".repeat(2001)})),
            422,
            "text_too_long",
        ),
        (
            "200,000 characters",
            json(json!({"message": "a".repeat(200_000)})),
            422,
            "text_too_long",
        ),
        (
            "NUL",
            json(json!({"message": "a\u{0}b"})),
            422,
            "text_control_characters",
        ),
        (
            "escape",
            json(json!({"message": "a\u{1b}[31mb"})),
            422,
            "text_control_characters",
        ),
        (
            "C1 control",
            json(json!({"message": "a\u{85}b"})),
            422,
            "text_control_characters",
        ),
        (
            "invalid UTF-8",
            b"{\"message\":\"\xff\xfe\"}".to_vec(),
            400,
            "malformed_body",
        ),
        (
            "half a surrogate pair",
            b"{\"message\":\"\\ud800\"}".to_vec(),
            400,
            "malformed_body",
        ),
        (
            "a number as message",
            json(json!({"message": 5})),
            400,
            "malformed_body",
        ),
        (
            "null as message",
            json(json!({"message": null})),
            400,
            "malformed_body",
        ),
        (
            "true as message",
            json(json!({"message": true})),
            400,
            "malformed_body",
        ),
        (
            "a list as message",
            json(json!({"message": ["a"]})),
            400,
            "malformed_body",
        ),
        (
            "an object as message",
            json(json!({"message": {"a": 1}})),
            400,
            "malformed_body",
        ),
        (
            "a number as session",
            json(json!({"message": "a", "session_id": 7})),
            400,
            "malformed_body",
        ),
        (
            "a list as session",
            json(json!({"message": "a", "session_id": []})),
            400,
            "malformed_body",
        ),
        (
            "a number as client id",
            json(json!({"message": "a", "client_id": 7})),
            400,
            "malformed_body",
        ),
        ("no message", json(json!({})), 400, "malformed_body"),
        ("a list", json(json!([])), 400, "malformed_body"),
        ("a text", json(json!("a")), 400, "malformed_body"),
        ("nothing", Vec::new(), 400, "malformed_body"),
        (
            "half a body",
            b"{\"message\":\"a".to_vec(),
            400,
            "malformed_body",
        ),
        ("no JSON", b"message=a".to_vec(), 400, "malformed_body"),
        (
            "two bodies",
            b"{\"message\":\"a\"}{\"message\":\"b\"}".to_vec(),
            400,
            "malformed_body",
        ),
        (
            "deep lists",
            format!("{{\"message\":{nested}}}").into_bytes(),
            400,
            "malformed_body",
        ),
        (
            "deep objects",
            format!("{{\"message\":\"a\",\"x\":{nested_objects}}}").into_bytes(),
            400,
            "malformed_body",
        ),
        (
            "unknown language",
            json(json!({"message": "a", "lang": "fr"})),
            422,
            "unknown_language",
        ),
        (
            "empty language",
            json(json!({"message": "a", "lang": ""})),
            422,
            "unknown_language",
        ),
        (
            "client id that is no UUID",
            json(json!({"message": "a", "client_id": "1"})),
            422,
            "invalid_value",
        ),
        (
            "empty session",
            json(json!({"message": "a", "session_id": ""})),
            422,
            "invalid_session_id",
        ),
        (
            "long session",
            json(json!({"message": "a", "session_id": "a".repeat(101)})),
            422,
            "invalid_session_id",
        ),
        (
            "spaces in the session",
            json(json!({"message": "a", "session_id": "a b"})),
            422,
            "invalid_session_id",
        ),
        (
            "control in the session",
            json(json!({"message": "a", "session_id": "a\n"})),
            422,
            "invalid_session_id",
        ),
        (
            "300 KB",
            json(json!({"message": "a".repeat(300_000)})),
            413,
            "too_large",
        ),
    ]
}

#[tokio::test]
async fn every_bad_chat_message_is_refused_by_its_code_and_nothing_is_stored() {
    let server = Server::start();
    let visitor = server.anon();
    for (what, body, status, code) in chat_bodies() {
        let request = visitor
            .request(Method::POST, "/api/chatbot/chat")
            .header("content-type", "application/json");
        let answer = send(request.body(body)).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        answer.refused(status, code);
        shows_nothing_of_the_inside(&answer);
    }
    assert_eq!(
        server.agent().conversation_count().await,
        0,
        "something was stored"
    );
    visitor
        .say(&visitor.session().await, &"ż".repeat(2000))
        .await;
    assert_eq!(server.agent().conversation_count().await, 1);
}

#[tokio::test]
async fn a_field_that_is_refused_is_named_with_the_reason() {
    let server = Server::start();
    let visitor = server.anon();
    for (field, value) in [
        ("message", ""),
        ("lang", "fr"),
        ("client_id", "1"),
        ("session_id", "a b"),
    ] {
        let mut body = json!({"message": "a"});
        body[field] = value.into();
        let problem = visitor.post("/api/chatbot/chat", &body).await.json();
        assert!(
            problem["details"][field]
                .as_str()
                .is_some_and(|why| !why.is_empty()),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_kind_or_missing_is_named_too() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let settings = |pointer: &str, value: Option<Value>| {
        let range = json!({"min": 1, "max": 2});
        let mut company = json!({"prices": {
            "currency": "PLN", "prices_are": "gross", "valid_days": 30,
            "per_m2": {"standard": range, "premium": range, "luxury": range},
        }});
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = company
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        match value {
            Some(value) => parent.insert(name.into(), value),
            None => parent.remove(name),
        };
        json!({"company": company})
    };
    let chat = "/api/chatbot/chat";
    for (actor, method, path, body, field, why) in [
        (
            &visitor,
            Method::POST,
            chat,
            json!({}),
            "message",
            "is missing",
        ),
        (
            &visitor,
            Method::POST,
            chat,
            json!({"message": 5}),
            "message",
            "must be text",
        ),
        (
            &visitor,
            Method::POST,
            chat,
            json!({"message": "a", "client_id": 7}),
            "client_id",
            "must be text",
        ),
        (
            &visitor,
            Method::POST,
            chat,
            json!({"message": "a", "lang": true}),
            "lang",
            "must be text",
        ),
        (
            &visitor,
            Method::POST,
            "/api/chatbot/sessions",
            json!({"utm": {"source": 7}}),
            "utm.source",
            "must be text",
        ),
        (
            &visitor,
            Method::POST,
            "/api/chatbot/rate",
            json!({"session_id": "a", "rating": "5"}),
            "rating",
            "must be a whole number",
        ),
        (
            &visitor,
            Method::POST,
            "/api/auth/login",
            json!({"username": "a"}),
            "password",
            "is missing",
        ),
        (
            &owner,
            Method::POST,
            "/api/auth/keys",
            json!({"name": "a", "role": "king"}),
            "role",
            "must be one of: agent, owner",
        ),
        (
            &owner,
            Method::PUT,
            "/api/settings",
            json!({"company": 7}),
            "company",
            "must be an object",
        ),
        (
            &owner,
            Method::PUT,
            "/api/settings",
            settings("/prices/currency", None),
            "company.prices.currency",
            "",
        ),
        (
            &owner,
            Method::PUT,
            "/api/settings",
            settings("/prices/valid_days", Some(json!(-1))),
            "company.prices.valid_days",
            "",
        ),
        (
            &owner,
            Method::PUT,
            "/api/settings",
            settings("/prices/more", Some(json!(1))),
            "company.prices.more",
            "",
        ),
        (
            &owner,
            Method::PUT,
            "/api/settings",
            settings("/colour", Some(json!("red"))),
            "company.colour",
            "",
        ),
    ] {
        let answer = send(actor.request(method, path).json(&body)).await;
        shows_nothing_of_the_inside(&answer);
        let problem = answer.refused(400, "malformed_body");
        let said = &problem["details"][field];
        assert!(
            said.as_str()
                .is_some_and(|said| !said.is_empty() && (why.is_empty() || said == why)),
            "{body}: {problem}"
        );
        assert_eq!(problem["details"].as_object().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_body_of_another_type_or_compressed_is_refused_with_415() {
    let server = Server::start();
    let visitor = server.anon();
    let body = r#"{"message":"a"}"#;
    let post = || {
        visitor
            .request(Method::POST, "/api/chatbot/chat")
            .body(body)
    };
    send(post()).await.refused(415, "unsupported_media_type");
    for other in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
    ] {
        send(post().header("content-type", other))
            .await
            .refused(415, "unsupported_media_type");
    }
    for encoding in ["gzip", "br", "deflate", "zstd", "unknown"] {
        let request = post()
            .header("content-type", "application/json")
            .header("content-encoding", encoding);
        send(request).await.refused(415, "compressed_body");
    }
    send(post().header("content-type", "application/json; charset=utf-8"))
        .await
        .ok();
    assert_eq!(server.agent().conversation_count().await, 1);
}
