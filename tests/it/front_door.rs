//! What every answer goes through: headers, caches, compression, the log line; and health.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Server, send, text};

#[tokio::test]
async fn every_answer_carries_the_security_headers_that_fit_it() {
    let server = Server::start();
    let visitor = server.anon();
    for path in [
        "/",
        "/chat",
        "/admin",
        "/privacy",
        "/qualification",
        "/book",
        "/booking/forged",
        "/contact",
        "/docs",
        "/nothing",
        "/api/health",
        "/api/nothing",
        "/api/users",
    ] {
        let answer = visitor.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe") && policy.contains("default-src"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(!answer.header("permissions-policy").is_empty(), "{path}");
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "without TLS it means nothing"
        );
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert_eq!(answer.header("server"), "");
    }
    let private = server.agent().get("/api/conversations").await;
    assert_eq!(private.header("cache-control"), "no-store");
}

#[tokio::test]
async fn pages_are_asked_for_again_by_their_etag_and_built_files_never() {
    let server = Server::start();
    let visitor = server.anon();
    let page = visitor.get("/").await;
    assert_eq!(
        (page.status, page.header("cache-control").as_str()),
        (200, "no-cache")
    );
    let etag = page.header("etag");
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        format!("\"other\", {etag}"),
    ] {
        let answer = send(
            visitor
                .request(Method::GET, "/")
                .header("If-None-Match", known),
        )
        .await;
        assert_eq!((answer.status, answer.body.len()), (304, 0));
        assert_eq!(answer.header("etag"), etag);
    }
    let answer = send(
        visitor
            .request(Method::GET, "/")
            .header("If-None-Match", "\"other\""),
    )
    .await;
    assert_eq!(answer.status, 200);

    let html = page.text();
    let files: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert!(html.contains(".js\"") && html.contains(".css\""), "{html}");
    for file in files {
        let answer = visitor.get(file).await;
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{file}"
        );
        let known = send(
            visitor
                .request(Method::GET, file)
                .header("If-None-Match", answer.header("etag")),
        )
        .await;
        assert_eq!(known.status, 304, "{file}");
    }
}

#[tokio::test]
async fn a_large_answer_is_compressed_as_the_client_can_take_it_and_a_small_one_never() {
    let server = Server::start();
    let visitor = server.anon();
    let get = async |path: &str, accept: &str| {
        send(
            visitor
                .request(Method::GET, path)
                .header("Accept-Encoding", accept),
        )
        .await
    };
    let plain = visitor.get("/api/knowledge/faq").await;
    assert!(plain.body.len() > 2000);
    for (accept, encoding, magic) in [
        ("gzip", "gzip", &[0x1f, 0x8b][..]),
        ("zstd", "zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("br", "br", &[]),
        ("gzip;q=0.5, br", "br", &[]),
    ] {
        let answer = get("/api/knowledge/faq", accept).await;
        assert_eq!(
            (answer.status, answer.header("content-encoding").as_str()),
            (200, encoding),
            "{accept}"
        );
        assert!(
            answer.body.len() * 2 < plain.body.len() && answer.body.starts_with(magic),
            "{accept}"
        );
        assert!(
            answer
                .header("vary")
                .to_lowercase()
                .contains("accept-encoding")
        );
    }
    for (path, accept) in [
        ("/api/knowledge/faq", "identity"),
        ("/api/knowledge/faq", "lzma"),
        ("/api/health", "br, gzip"),
    ] {
        let answer = get(path, accept).await;
        assert_eq!(
            (answer.status, answer.header("content-encoding").as_str()),
            (200, ""),
            "{path} {accept}"
        );
    }
    assert_eq!(get("/api/knowledge/faq", "identity").await.body, plain.body);
}

#[tokio::test]
async fn pages_their_files_and_the_openapi_document_come_compressed_each_form_with_its_own_etag() {
    let server = Server::start();
    let visitor = server.anon();
    let get = async |path: &str, header: &str, value: &str, accept: &str| {
        let request = visitor.request(Method::GET, path);
        send(
            request
                .header("Accept-Encoding", accept)
                .header(header, value),
        )
        .await
    };
    let html = visitor.get("/").await.text();
    let script = html
        .split('"')
        .find(|part| {
            part.starts_with("/assets/") && Path::new(part).extension() == Some("js".as_ref())
        })
        .unwrap();
    for (path, accept, coding) in [
        ("/", "gzip, deflate, br, zstd", "br"),
        ("/", "gzip", "gzip"),
        (script, "gzip, deflate, br, zstd", "br"),
        (script, "gzip", "gzip"),
        ("/openapi.json", "gzip, deflate", "gzip"),
        ("/api/docs/spec", "gzip, deflate, br, zstd", "gzip"),
    ] {
        let plain = visitor.get(path).await;
        let answer = get(path, "X-Nothing", "1", accept).await;
        assert_eq!(answer.header("content-encoding"), coding, "{path}");
        assert_eq!(answer.header("vary"), "accept-encoding", "{path}");
        assert!(answer.body.len() < plain.body.len(), "{path}");
        let etag = answer.header("etag");
        assert_ne!(etag, plain.header("etag"), "{path}");
        let known = get(path, "If-None-Match", &etag, accept).await;
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
        let other = get(path, "If-None-Match", &etag, "identity").await;
        assert_eq!((other.status, other.body), (200, plain.body), "{path}");
    }
}

#[tokio::test]
async fn with_and_without_a_trailing_slash_and_by_head_an_address_means_the_same() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    for path in ["/api/knowledge/faq", "/chat", "/api/docs", "/openapi.json"] {
        let plain = visitor.get(path).await;
        let slash = visitor.get(&format!("{path}/")).await;
        assert_eq!((plain.status, &plain.body), (200, &slash.body), "{path}");
        let head = send(visitor.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(
            head.header("content-type"),
            plain.header("content-type"),
            "{path}"
        );
    }
    for path in [
        "/api/intents",
        "/api/intents/",
        "/api/conversations/?page=1",
    ] {
        assert_eq!(agent.get(path).await.status, 200, "{path}");
    }
    let answer = visitor
        .post(
            "/api/chatbot/chat/",
            &json!({"message": "Jaka jest gwarancja?"}),
        )
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn metrics_are_for_agents_and_whoever_has_the_token() {
    let server = Server::start_with(&[("NOVAHOUSE_METRICS_TOKEN", "it-metrics-token-1234")]);
    let visitor = server.anon();
    visitor.get("/metrics").await.refused(401, "not_signed_in");
    for wrong in [
        "Bearer it-metrics-token-12345",
        "Bearer ",
        "Basic it-metrics-token-1234",
        "it-metrics-token-1234",
    ] {
        send(
            visitor
                .request(Method::GET, "/metrics")
                .header("Authorization", wrong),
        )
        .await
        .refused(401, "not_signed_in");
    }
    visitor.get("/api/knowledge/faq?lang=en").await.ok();
    server.agent().get("/api/conversations/1").await;
    let right = send(
        visitor
            .request(Method::GET, "/metrics")
            .header("Authorization", "Bearer it-metrics-token-1234"),
    )
    .await;
    for answer in [right, server.agent().get("/metrics").await] {
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header("content-type")
                .starts_with("application/openmetrics-text")
        );
        let text = answer.text();
        assert!(text.ends_with("# EOF\n"), "{text}");
        assert!(
            text.contains("route=\"/api/knowledge/faq\",status=\"2xx\"} 1"),
            "{text}"
        );
        let declared = "route=\"/api/conversations/{id}\",status=\"4xx\"} 1";
        assert!(
            text.contains(declared) && !text.contains(":param"),
            "{text}"
        );
        assert!(text.contains("novahouse_resident_memory_bytes"));
    }
    let server = Server::start();
    let request = server
        .anon()
        .request(Method::GET, "/metrics")
        .header("Authorization", "Bearer ");
    send(request).await.refused(401, "not_signed_in");
}

#[tokio::test]
async fn health_tells_everyone_that_it_lives_and_agents_what_falls_back_and_why() {
    let server = Server::start_with(&[
        ("REDIS_URL", "redis://:hush-hush@127.0.0.1:1/0"),
        ("USE_CLOUD_STORAGE", "true"),
    ]);
    let (visitor, agent) = (server.anon(), server.agent());
    for path in ["/api/health", "/api/_ah/health"] {
        let health = visitor.get(path).await.ok();
        assert_eq!(
            (&health["status"], &health["database"], &health["service"]),
            (&json!("healthy"), &json!("connected"), &json!("novahouse"))
        );
        assert!(
            health["intents_loaded"].as_i64() >= Some(44)
                && health["entities_loaded"].as_i64() >= Some(1)
        );
    }
    assert_eq!(visitor.get("/api/ready").await.ok(), json!({"ready": true}));
    assert_eq!(
        visitor.get("/api/chatbot/health").await.ok()["status"],
        "healthy"
    );
    visitor
        .get("/api/health/deep")
        .await
        .refused(401, "not_signed_in");
    let answer = agent.get("/api/health/deep").await;
    assert!(!answer.text().contains("hush-hush"));
    let deep = answer.ok();
    let status_of = |dependency: &Value| (text(&dependency["name"]), text(&dependency["status"]));
    let dependencies: Vec<_> = deep["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(status_of)
        .collect();
    assert_eq!(dependencies.len(), 4, "{deep}");
    assert_eq!(dependencies[0], ("database".into(), "ok".into()));
    assert_eq!(dependencies[1], ("mail".into(), "not_configured".into()));
    for (at, (_, status)) in dependencies.iter().enumerate().skip(2) {
        assert_eq!(status, "fallback", "{deep}");
        assert!(!text(&deep["dependencies"][at]["why"]).is_empty());
    }
}

#[tokio::test]
async fn a_log_line_names_the_routes_pattern_and_never_path_query_or_text() {
    for format in ["text", "json"] {
        let mut server = Server::start_with(&[("NOVAHOUSE_LOG_FORMAT", format)]);
        let visitor = server.anon();
        let session = visitor.session().await;
        visitor.say(&session, "Moja tajna wiadomość").await;
        let answer = visitor
            .get(&format!(
                "/api/chatbot/history/{session}?since=0&tajne=zapytanie"
            ))
            .await;
        visitor.get("/tajna/strona").await;
        visitor.get("/api/tajna/sciezka").await;
        server.stop();
        let log = server.log();
        let request_id = answer.header("x-request-id");
        let line = log
            .lines()
            .find(|line| line.contains(&request_id))
            .expect("the request has no line");
        for part in [
            "/api/chatbot/history/{session_id}",
            "GET",
            "200",
            "duration_us",
        ] {
            assert!(line.contains(part), "{part} is missing: {line}");
        }
        assert_eq!(log.matches(&request_id).count(), 1);
        assert!(
            !log.contains(&session) && !log.to_lowercase().contains("tajn"),
            "{log}"
        );
        if format == "json" {
            for line in log.lines() {
                assert!(
                    serde_json::from_str::<Value>(line).is_ok(),
                    "no JSON: {line}"
                );
            }
        }
    }
}
