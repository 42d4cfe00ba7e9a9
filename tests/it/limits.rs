//! Who may ask how often, and from where: rate limits, proxies, other sites, cookies.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::json;

use crate::support::{Actor, Answer, Server, send};

const LIMITED: [(&str, &str); 2] = [("RATE_LIMITS", "on"), ("NOVAHOUSE_RATE_CHAT_PER_MIN", "3")];

async fn chat_from(visitor: &Actor, forwarded_for: &str) -> Answer {
    let request = visitor
        .request(Method::POST, "/api/chatbot/chat")
        .header("X-Forwarded-For", forwarded_for);
    send(request.json(&json!({"message": "Jaka jest gwarancja?"}))).await
}

fn now_s() -> i64 {
    i64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs(),
    )
    .unwrap()
}

#[tokio::test]
async fn a_limited_answer_says_how_much_is_left_and_one_too_many_when_to_come_back() {
    let server = Server::start_with(&LIMITED);
    let visitor = server.anon();
    for left in ["2", "1", "0"] {
        let answer = chat_from(&visitor, "").await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            (
                answer.header("x-ratelimit-limit").as_str(),
                answer.header("x-ratelimit-remaining").as_str()
            ),
            ("3", left)
        );
        let reset: i64 = answer.header("x-ratelimit-reset").parse().unwrap();
        assert!((now_s() - 5..=now_s() + 65).contains(&reset), "{reset}");
    }
    let answer = chat_from(&visitor, "").await;
    answer.refused(429, "too_many_requests");
    assert!((1..=20).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    let read = visitor.get("/api/knowledge/faq").await;
    assert_eq!(
        (read.status, read.header("x-ratelimit-limit").as_str()),
        (200, "100"),
        "groups are counted apart"
    );
    let agent = server.agent().get("/api/intents").await;
    assert_eq!(
        (agent.status, agent.header("x-ratelimit-limit").as_str()),
        (200, "600")
    );
    for free in ["/", "/api/health", "/api/ready", "/openapi.json"] {
        let answer = visitor.get(free).await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit").as_str()),
            (200, ""),
            "{free}"
        );
    }
    assert_eq!(
        server.agent().conversation_count().await,
        3,
        "a refused message was stored"
    );
}

#[tokio::test]
async fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
    let server = Server::start_with(&LIMITED);
    let visitor = server.anon();
    for n in 0..3 {
        assert_eq!(
            chat_from(&visitor, &format!("203.0.113.{n}")).await.status,
            200
        );
    }
    chat_from(&visitor, "203.0.113.99")
        .await
        .refused(429, "too_many_requests");

    let [on, three] = LIMITED;
    let server = Server::start_with(&[
        on,
        three,
        ("NOVAHOUSE_TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8"),
    ]);
    let proxy = server.anon();
    for _ in 0..3 {
        assert_eq!(chat_from(&proxy, "203.0.113.1").await.status, 200);
    }
    chat_from(&proxy, "203.0.113.1")
        .await
        .refused(429, "too_many_requests");
    chat_from(&proxy, "6.6.6.6, 203.0.113.1")
        .await
        .refused(429, "too_many_requests");
    chat_from(&proxy, "203.0.113.1, 10.0.0.7")
        .await
        .refused(429, "too_many_requests");
    assert_eq!(chat_from(&proxy, "203.0.113.2").await.status, 200);
    for n in 0..3 {
        assert_eq!(
            chat_from(&proxy, &format!("2001:db8:1:2::{n}"))
                .await
                .status,
            200
        );
    }
    chat_from(&proxy, "2001:db8:1:2:ffff::1")
        .await
        .refused(429, "too_many_requests");
    assert_eq!(chat_from(&proxy, "2001:db8:1:3::1").await.status, 200);
}

#[tokio::test]
async fn any_site_may_read_public_answers_but_never_with_credentials() {
    let server = Server::start();
    let visitor = server.anon();
    let preflight = visitor
        .request(Method::OPTIONS, "/api/chatbot/chat")
        .header("Origin", "https://example.com")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    let answer = send(preflight).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("POST")
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("content-type")
    );
    for path in ["/api/chatbot/chat/", "/api/conversations/7", "/socket.io/"] {
        let plain = send(visitor.request(Method::OPTIONS, path)).await;
        assert_eq!(plain.status, 200, "{path}");
    }
    for path in ["/api", "/api/nothing", "/api/conversations/7/nothing"] {
        for asks in [None, Some("POST")] {
            let mut request = visitor
                .request(Method::OPTIONS, path)
                .header("Origin", "https://example.com");
            if let Some(method) = asks {
                request = request.header("Access-Control-Request-Method", method);
            }
            send(request).await.refused(404, "not_found");
        }
    }
    for path in ["/api/knowledge/faq", "/api/nothing", "/api/users"] {
        let answer = send(
            visitor
                .request(Method::GET, path)
                .header("Origin", "https://example.com"),
        )
        .await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "{path}"
        );
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("x-request-id")
        );
    }
    let server = Server::start_with(&[(
        "NOVAHOUSE_CORS_ORIGINS",
        "https://novahouse.pl,https://shop.example.com",
    )]);
    let visitor = server.anon();
    for (origin, allowed) in [
        ("https://novahouse.pl", "https://novahouse.pl"),
        ("https://shop.example.com", "https://shop.example.com"),
        ("https://example.com", ""),
    ] {
        let answer = send(
            visitor
                .request(Method::GET, "/api/knowledge/faq")
                .header("Origin", origin),
        )
        .await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
}

#[tokio::test]
async fn a_cookie_counts_only_for_requests_of_our_own_pages() {
    let server = Server::start();
    let browser = server.browser();
    let setup = json!({
        "token": server.setup_token(), "username": "anna", "email": "anna@example.com", "password": "zielony rower na dachu"
    });
    let cookie = browser
        .post("/api/auth/setup", &setup)
        .await
        .header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    let stranger = server.anon();
    let with = async |method: Method, path: &str, origin: Option<&str>| {
        let mut request = stranger.request(method, path).header("Cookie", cookie);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        send(request.json(&json!({"name": "a", "role": "agent"}))).await
    };
    let own = server.url().to_owned();
    for foreign in [
        None,
        Some("https://example.com"),
        Some("null"),
        Some("http://127.0.0.1:1"),
    ] {
        with(Method::POST, "/api/auth/keys", foreign)
            .await
            .refused(403, "foreign_origin");
    }
    assert_eq!(
        with(Method::POST, "/api/auth/keys", Some(&own))
            .await
            .status,
        201
    );
    assert_eq!(with(Method::GET, "/api/auth/keys", None).await.status, 200);
    assert_eq!(
        with(Method::GET, "/api/auth/keys", Some(&own)).await.status,
        200
    );
    with(Method::GET, "/api/auth/keys", Some("https://example.com"))
        .await
        .refused(401, "not_signed_in");
}
