//! The server with its own certificate, as browsers and programs reach it without a proxy.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Method, Version};
use serde_json::json;
use tempfile::TempDir;

use crate::accounts::{PASSWORD, login};
use crate::process::{self, run};
use crate::support::{Server, send};

/// A server that speaks TLS, and the certificate its clients trust.
struct TlsServer {
    server: Server,
    certificate: Certificate,
    _folder: TempDir,
}

impl TlsServer {
    fn start(env: &[(&str, &str)]) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let folder = process::data_folder();
        let (cert_file, key_file) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        fs::write(&cert_file, made.cert.pem()).unwrap();
        fs::write(&key_file, made.signing_key.serialize_pem()).unwrap();
        let mut command = process::serve(folder.path(), env);
        command
            .env("NOVAHOUSE_TLS_CERT_FILE", &cert_file)
            .env("NOVAHOUSE_TLS_KEY_FILE", &key_file);
        Self {
            server: Server::run_on(folder.path(), command),
            certificate: Certificate::from_pem(made.cert.pem().as_bytes()).unwrap(),
            _folder: folder,
        }
    }

    /// A client that trusts this server alone and speaks what `how` leaves it.
    fn client(&self, how: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let builder = Client::builder()
            .tls_certs_only([self.certificate.clone()])
            .cookie_store(true)
            .no_proxy()
            .timeout(Duration::from_secs(60));
        how(builder).build().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }
}

#[tokio::test]
async fn a_tls_client_gets_http_2_or_1_and_is_told_to_stay_with_https() {
    let tls = TlsServer::start(&[]);
    assert!(tls.server.url().starts_with("https://"));
    for (client, version) in [
        (tls.client(|builder| builder), Version::HTTP_2),
        (tls.client(ClientBuilder::http1_only), Version::HTTP_11),
    ] {
        for path in ["/api/health", "/api/chatbot/health"] {
            let response = client.get(tls.url(path)).send().await.unwrap();
            assert_eq!(
                (response.status().as_u16(), response.version()),
                (200, version)
            );
            let policy = response.headers()["strict-transport-security"].to_str();
            assert!(policy.unwrap().starts_with("max-age="), "{path}");
        }
        let chat = client
            .post(tls.url("/api/chatbot/chat"))
            .json(&json!({"message": "Jaka jest gwarancja?"}));
        let answer = send(chat).await.ok();
        assert!(
            answer["response"].as_str().unwrap().contains("36"),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_for_https_alone_and_counts_for_the_https_origin_alone() {
    let tls = TlsServer::start(&[]);
    assert!(tls.server.stdout().contains("https://127.0.0.1"));
    let (own, plain) = (
        tls.server.url().to_owned(),
        format!("http://{}", tls.server.address()),
    );
    let owner = json!({
        "token": tls.server.setup_token(), "username": "anna", "email": "anna@example.com", "password": PASSWORD
    });
    let setup = tls
        .client(|builder| builder)
        .post(tls.url("/api/auth/setup"));
    send(setup.header("origin", &own).json(&owner)).await.ok();
    for how in [|builder| builder, ClientBuilder::http1_only] {
        let browser = tls.client(how);
        let from = |origin: &str, method: Method, path: &str| {
            browser
                .request(method, tls.url(path))
                .header("origin", origin)
        };
        let entered =
            send(from(&own, Method::POST, "/api/auth/login").json(&login("anna", PASSWORD))).await;
        entered.ok();
        let cookie = entered.header("set-cookie");
        assert!(
            cookie.contains("; Secure") && cookie.contains("; HttpOnly"),
            "{cookie}"
        );
        send(from(&own, Method::GET, "/api/auth/me")).await.ok();
        send(from(&plain, Method::POST, "/api/auth/logout"))
            .await
            .refused(403, "foreign_origin");
        send(from(&own, Method::POST, "/api/auth/logout"))
            .await
            .ok();
        send(from(&own, Method::GET, "/api/auth/me"))
            .await
            .refused(401, "not_signed_in");
    }
}

#[tokio::test]
async fn plain_http_or_silence_on_the_tls_port_is_cut_and_others_are_served() {
    let tls = TlsServer::start(&[("NOVAHOUSE_HEADER_TIMEOUT_S", "1")]);
    let connect = || {
        let stream = TcpStream::connect(tls.server.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream
    };
    let mut silent = connect();
    let mut plain = connect();
    plain
        .write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    for stream in [&mut plain, &mut silent] {
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        assert!(
            ended.is_ok()
                || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset),
            "the connection stays open"
        );
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{answer:?}");
    }
    let health = tls.client(|builder| builder).get(tls.url("/api/health"));
    send(health).await.ok();
}

#[test]
fn a_certificate_that_is_none_stops_the_start_and_names_the_file() {
    let folder = process::data_folder();
    let (cert_file, key_file) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    let start = || {
        let mut command = process::serve(folder.path(), &[]);
        command
            .env("NOVAHOUSE_TLS_CERT_FILE", &cert_file)
            .env("NOVAHOUSE_TLS_KEY_FILE", &key_file);
        let ended = run(command, b"");
        assert_eq!(ended.status.code(), Some(1));
        ended.stderr
    };
    assert!(start().contains("cert.pem"), "no file");
    fs::write(&cert_file, "no certificate").unwrap();
    fs::write(&key_file, "no key").unwrap();
    assert!(start().contains("key.pem"), "no key");
    let names = || vec!["localhost".to_owned()];
    let (made, other) = (
        rcgen::generate_simple_self_signed(names()).unwrap(),
        rcgen::generate_simple_self_signed(names()).unwrap(),
    );
    fs::write(&key_file, other.signing_key.serialize_pem()).unwrap();
    assert!(start().contains("cert.pem"), "no certificate");
    fs::write(&cert_file, made.cert.pem()).unwrap();
    assert!(start().contains("cert.pem"), "another one's key");
}
