//! Wrong addresses, methods and parameters, and what only the team may send wrong.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::shows_nothing_of_the_inside;
use crate::support::{Server, send};

#[tokio::test]
async fn wrong_parameters_are_refused_by_name_wherever_they_stand() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let session = visitor.session().await;
    for (path, status, code) in [
        ("/api/conversations/abc", 422, "invalid_parameter"),
        (
            "/api/conversations/99999999999999999999",
            422,
            "invalid_parameter",
        ),
        ("/api/conversations/-1", 404, "conversation_not_found"),
        ("/api/conversations?page=0", 422, "invalid_page"),
        ("/api/conversations?page=-1", 422, "invalid_parameter"),
        ("/api/conversations?page=x", 422, "invalid_parameter"),
        ("/api/conversations?per_page=201", 422, "invalid_page"),
        ("/api/conversations?status=new", 422, "invalid_value"),
        ("/api/conversations?handled_by=nobody", 422, "invalid_value"),
        ("/api/conversations?q=%00", 422, "text_control_characters"),
        ("/api/knowledge/documents?lang=fr", 422, "unknown_language"),
        ("/api/knowledge/documents/0", 404, "not_found"),
        ("/api/users/0", 404, "user_not_found"),
        ("/api/chatbot/history/%20", 422, "invalid_session_id"),
        ("/api/chatbot/history/%00", 422, "invalid_session_id"),
        ("/api/chatbot/history/%ff", 400, "malformed_address"),
    ] {
        let answer = owner.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        answer.refused(status, code);
        shows_nothing_of_the_inside(&answer);
    }
    let history = format!("/api/chatbot/history/{session}");
    visitor
        .get(&format!("{history}?since=x"))
        .await
        .refused(422, "invalid_parameter");
    visitor
        .get(&format!("{history}?limit=1.5"))
        .await
        .refused(422, "invalid_parameter");
    assert_eq!(
        visitor
            .get(&format!("{history}?since=-5&unknown=1"))
            .await
            .status,
        200
    );
    assert_eq!(
        owner
            .get("/api/conversations?page=4294967295&per_page=200")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_unknown_path_under_api_is_a_json_404_for_every_method() {
    let server = Server::start();
    let visitor = server.anon();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"];
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/chatbot",
        "/api/chatbot/chat/more",
        "/api/health.php",
        "/api//health",
    ] {
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
    for path in [
        "/nothing",
        "/chat/more",
        "/assets/nothing.js",
        "/index.html",
        "/.env",
        "/assets/",
    ] {
        let answer = server.anon().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{path}"
        );
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
        (
            &messages,
            json!({"message": "a".repeat(2001)}),
            422,
            "text_too_long",
        ),
        (
            &messages,
            json!({"message": "a", "client_id": "1"}),
            422,
            "invalid_value",
        ),
        (&messages, json!({"message": 5}), 400, "malformed_body"),
        (
            "/api/conversations/999/messages",
            json!({"message": "a"}),
            404,
            "conversation_not_found",
        ),
        (
            "/api/users",
            with("username", json!("a b")),
            422,
            "invalid_username",
        ),
        (
            "/api/users",
            with("email", json!("nobody")),
            422,
            "invalid_email",
        ),
        (
            "/api/users",
            with("password", json!("short")),
            422,
            "invalid_password",
        ),
        (
            "/api/users",
            with("password", json!("password123456")),
            422,
            "invalid_password",
        ),
        (
            "/api/users",
            with("role", json!("admin")),
            400,
            "malformed_body",
        ),
        (
            "/api/auth/keys",
            json!({"name": "", "role": "agent"}),
            422,
            "invalid_name",
        ),
        (
            "/api/auth/keys",
            json!({"name": "a", "role": "agent", "expires_at": "2020-01-01T00:00:00Z"}),
            422,
            "invalid_expires_at",
        ),
        (
            "/api/auth/keys",
            json!({"name": "a", "role": "agent", "expires_at": "tomorrow"}),
            422,
            "invalid_expires_at",
        ),
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
