//! Whatever is wrong gets a clear 4xx; nothing is stored, nothing of the inside is shown.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Server, send};

/// Words that only stand in source text, SQL, panics or errors of libraries.
const INTERNALS: [&str; 14] = [
    "src/", ".rs", "SELECT", "INSERT", "panicked", "ChatRequest", "serde", "poem", "rusqlite", "sqlite", "at line",
    "column", "Expected input type", "RUST_BACKTRACE",
];

#[track_caller]
fn shows_nothing_of_the_inside(answer: &Answer) {
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
        ("empty message", json(json!({"message": ""})), 422, "text_empty"),
        ("only white space", json(json!({"message": " \n\t "})), 422, "text_empty"),
        ("2,001 characters", json(json!({"message": "ż".repeat(2001)})), 422, "text_too_long"),
        ("200,000 characters", json(json!({"message": "a".repeat(200_000)})), 422, "text_too_long"),
        ("NUL", json(json!({"message": "a\u{0}b"})), 422, "text_control_characters"),
        ("escape", json(json!({"message": "a\u{1b}[31mb"})), 422, "text_control_characters"),
        ("C1 control", json(json!({"message": "a\u{85}b"})), 422, "text_control_characters"),
        ("invalid UTF-8", b"{\"message\":\"\xff\xfe\"}".to_vec(), 400, "malformed_body"),
        ("half a surrogate pair", b"{\"message\":\"\\ud800\"}".to_vec(), 400, "malformed_body"),
        ("a number as message", json(json!({"message": 5})), 400, "malformed_body"),
        ("null as message", json(json!({"message": null})), 400, "malformed_body"),
        ("true as message", json(json!({"message": true})), 400, "malformed_body"),
        ("a list as message", json(json!({"message": ["a"]})), 400, "malformed_body"),
        ("an object as message", json(json!({"message": {"a": 1}})), 400, "malformed_body"),
        ("a number as session", json(json!({"message": "a", "session_id": 7})), 400, "malformed_body"),
        ("a list as session", json(json!({"message": "a", "session_id": []})), 400, "malformed_body"),
        ("a number as client id", json(json!({"message": "a", "client_id": 7})), 400, "malformed_body"),
        ("no message", json(json!({})), 400, "malformed_body"),
        ("a list", json(json!([])), 400, "malformed_body"),
        ("a text", json(json!("a")), 400, "malformed_body"),
        ("nothing", Vec::new(), 400, "malformed_body"),
        ("half a body", b"{\"message\":\"a".to_vec(), 400, "malformed_body"),
        ("no JSON", b"message=a".to_vec(), 400, "malformed_body"),
        ("two bodies", b"{\"message\":\"a\"}{\"message\":\"b\"}".to_vec(), 400, "malformed_body"),
        ("deep lists", format!("{{\"message\":{nested}}}").into_bytes(), 400, "malformed_body"),
        ("deep objects", format!("{{\"message\":\"a\",\"x\":{nested_objects}}}").into_bytes(), 400, "malformed_body"),
        ("unknown language", json(json!({"message": "a", "lang": "fr"})), 422, "unknown_language"),
        ("empty language", json(json!({"message": "a", "lang": ""})), 422, "unknown_language"),
        ("client id that is no UUID", json(json!({"message": "a", "client_id": "1"})), 422, "invalid_value"),
        ("empty session", json(json!({"message": "a", "session_id": ""})), 422, "invalid_session_id"),
        ("long session", json(json!({"message": "a", "session_id": "a".repeat(101)})), 422, "invalid_session_id"),
        ("spaces in the session", json(json!({"message": "a", "session_id": "a b"})), 422, "invalid_session_id"),
        ("control in the session", json(json!({"message": "a", "session_id": "a\n"})), 422, "invalid_session_id"),
        ("300 KB", json(json!({"message": "a".repeat(300_000)})), 413, "too_large"),
    ]
}

#[tokio::test]
async fn every_bad_chat_message_is_refused_by_its_code_and_nothing_is_stored() {
    let server = Server::start();
    let visitor = server.anon();
    for (what, body, status, code) in chat_bodies() {
        let request = visitor.request(Method::POST, "/api/chatbot/chat").header("content-type", "application/json");
        let answer = send(request.body(body)).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        answer.refused(status, code);
        shows_nothing_of_the_inside(&answer);
    }
    assert_eq!(server.agent().conversation_count().await, 0, "something was stored");
    visitor.say(&visitor.session().await, &"ż".repeat(2000)).await;
    assert_eq!(server.agent().conversation_count().await, 1);
}

#[tokio::test]
async fn a_field_that_is_refused_is_named_with_the_reason() {
    let server = Server::start();
    let visitor = server.anon();
    for (field, value) in [("message", ""), ("lang", "fr"), ("client_id", "1"), ("session_id", "a b")] {
        let mut body = json!({"message": "a"});
        body[field] = value.into();
        let problem = visitor.post("/api/chatbot/chat", &body).await.json();
        assert!(problem["details"][field].as_str().is_some_and(|why| !why.is_empty()), "{problem}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_or_compressed_is_refused_with_415() {
    let server = Server::start();
    let visitor = server.anon();
    let body = r#"{"message":"a"}"#;
    let post = || visitor.request(Method::POST, "/api/chatbot/chat").body(body);
    send(post()).await.refused(415, "unsupported_media_type");
    for other in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"] {
        send(post().header("content-type", other)).await.refused(415, "unsupported_media_type");
    }
    for encoding in ["gzip", "br", "deflate", "zstd", "unknown"] {
        let request = post().header("content-type", "application/json").header("content-encoding", encoding);
        send(request).await.refused(415, "compressed_body");
    }
    send(post().header("content-type", "application/json; charset=utf-8")).await.ok();
    assert_eq!(server.agent().conversation_count().await, 1);
}

#[tokio::test]
async fn wrong_parameters_are_refused_by_name_wherever_they_stand() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let session = visitor.session().await;
    for (path, status, code) in [
        ("/api/conversations/abc", 422, "invalid_parameter"),
        ("/api/conversations/99999999999999999999", 422, "invalid_parameter"),
        ("/api/conversations/-1", 404, "conversation_not_found"),
        ("/api/conversations?page=0", 422, "invalid_page"),
        ("/api/conversations?page=-1", 422, "invalid_parameter"),
        ("/api/conversations?page=x", 422, "invalid_parameter"),
        ("/api/conversations?per_page=201", 422, "invalid_page"),
        ("/api/conversations?status=new", 422, "invalid_value"),
        ("/api/conversations?handled_by=nobody", 422, "invalid_value"),
        ("/api/conversations?q=%00", 422, "text_control_characters"),
        ("/api/knowledge/documents?lang=fr", 422, "unknown_language"),
        ("/api/knowledge/documents/0", 404, "document_not_found"),
        ("/api/users/0", 404, "user_not_found"),
        ("/api/chatbot/history/%20", 422, "invalid_session_id"),
        ("/api/chatbot/history/%00", 422, "invalid_session_id"),
        ("/api/chatbot/history/%ff", 422, "invalid_session_id"),
    ] {
        let answer = owner.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        answer.refused(status, code);
        shows_nothing_of_the_inside(&answer);
    }
    let history = format!("/api/chatbot/history/{session}");
    visitor.get(&format!("{history}?since=x")).await.refused(422, "invalid_parameter");
    visitor.get(&format!("{history}?limit=1.5")).await.refused(422, "invalid_parameter");
    assert_eq!(visitor.get(&format!("{history}?since=-5&unknown=1")).await.status, 200);
    assert_eq!(owner.get("/api/conversations?page=4294967295&per_page=200").await.status, 200);
}

#[tokio::test]
async fn an_unknown_path_under_api_is_a_json_404_for_every_method() {
    let server = Server::start();
    let visitor = server.anon();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"];
    for path in ["/api", "/api/", "/api/nothing", "/api/chatbot", "/api/chatbot/chat/more", "/api/health.php", "/api//health"] {
        for method in methods {
            let answer = send(visitor.request(method.parse().unwrap(), path)).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
            answer.refused(404, "not_found");
        }
        let answer = send(visitor.request(Method::HEAD, path)).await;
        assert_eq!((answer.status, answer.body.len()), (404, 0), "HEAD {path}");
    }
}

#[tokio::test]
async fn a_method_a_path_does_not_take_is_a_json_405() {
    let server = Server::start();
    let visitor = server.anon();
    for (method, path) in [
        ("GET", "/api/chatbot/chat"),
        ("PUT", "/api/chatbot/chat"),
        ("DELETE", "/api/health"),
        ("POST", "/api/knowledge/faq"),
        ("PATCH", "/api/settings"),
        ("POST", "/openapi.json"),
        ("POST", "/metrics"),
        ("POST", "/"),
        ("DELETE", "/chat"),
    ] {
        let answer = send(visitor.request(method.parse().unwrap(), path)).await;
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
        answer.refused(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn an_unknown_page_is_a_404_with_the_page_for_it() {
    let server = Server::start();
    for path in ["/nothing", "/chat/more", "/assets/nothing.js", "/index.html", "/.env", "/assets/"] {
        let answer = server.anon().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    }
}

#[tokio::test]
async fn bad_bodies_of_the_teams_endpoints_are_refused_and_change_nothing() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let session = visitor.session().await;
    let id = visitor.say(&session, "Jaka jest gwarancja?").await["conversation_id"].clone();
    let messages = format!("/api/conversations/{id}/messages");
    let user = json!({"username": "jan", "email": "jan@example.com", "password": "cztery koty i pies", "role": "agent"});
    let with = |field: &str, value: Value| {
        let mut user = user.clone();
        user[field] = value;
        user
    };
    for (path, body, status, code) in [
        (messages.as_str(), json!({"message": ""}), 422, "text_empty"),
        (&messages, json!({"message": "a".repeat(2001)}), 422, "text_too_long"),
        (&messages, json!({"message": "a", "client_id": "1"}), 422, "invalid_value"),
        (&messages, json!({"message": 5}), 400, "malformed_body"),
        ("/api/conversations/999/messages", json!({"message": "a"}), 404, "conversation_not_found"),
        ("/api/users", with("username", json!("a b")), 422, "invalid_username"),
        ("/api/users", with("email", json!("nobody")), 422, "invalid_email"),
        ("/api/users", with("password", json!("short")), 422, "invalid_password"),
        ("/api/users", with("password", json!("password123456")), 422, "invalid_password"),
        ("/api/users", with("role", json!("admin")), 400, "malformed_body"),
        ("/api/auth/keys", json!({"name": "", "role": "agent"}), 422, "invalid_name"),
        ("/api/auth/keys", json!({"name": "a", "role": "agent", "expires_at": "2020-01-01T00:00:00Z"}), 422, "invalid_expires_at"),
        ("/api/auth/keys", json!({"name": "a", "role": "agent", "expires_at": "tomorrow"}), 422, "invalid_expires_at"),
    ] {
        let answer = owner.post(path, &body).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        answer.refused(status, code);
        shows_nothing_of_the_inside(&answer);
    }
    assert_eq!(visitor.history(&session).await.len(), 2);
    assert_eq!(owner.get("/api/users").await.ok(), json!([]));
    assert_eq!(owner.get("/api/auth/keys").await.ok()["keys"], json!([]));
}
