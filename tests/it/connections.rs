//! The server below HTTP: what single connections may do, and how they end. Spoken by hand, since a well-behaved
//! client cannot send what is wrong here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{self, run, signal};
use crate::support::Server;

/// Long enough for anything that happens at all.
const READ_WITHIN: Duration = Duration::from_secs(60);

/// One connection.
struct Wire {
    out: TcpStream,
    input: BufReader<TcpStream>,
}

/// An answer as it came.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

impl Wire {
    fn connect(server: &Server) -> Self {
        let out = TcpStream::connect(server.address()).unwrap();
        out.set_read_timeout(Some(READ_WITHIN)).unwrap();
        let input = BufReader::new(out.try_clone().unwrap());
        Self { out, input }
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.out.write_all(bytes.as_ref()).unwrap();
    }

    fn get(&mut self, path: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        self.reply().expect("no answer")
    }

    /// The next answer; `None` when the connection was closed.
    fn reply(&mut self) -> Option<Reply> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            match self.input.read_line(&mut head) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error} after {head:?}"),
            }
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.input.read_exact(&mut body).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Reply { status, head, body })
    }
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn ten_megabytes_of_json_are_refused_with_413_and_the_same_connection_goes_on() {
    let server = Server::start();
    let mut wire = Wire::connect(&server);
    let body = json!({"message": "a".repeat(10_000_000)}).to_string();
    wire.send(post("/api/chatbot/chat", body.as_bytes()));
    let reply = wire.reply().unwrap();
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (413, &json!("too_large"))
    );
    assert_eq!(wire.get("/api/health").status, 200);
    wire.send(post(
        "/api/chatbot/chat",
        br#"{"message":"Jaka jest gwarancja?"}"#,
    ));
    assert_eq!(wire.reply().unwrap().status, 200);
}

#[test]
fn after_a_bad_body_the_same_connection_goes_on() {
    let server = Server::start();
    let mut wire = Wire::connect(&server);
    for body in [
        &b"{\"message\":\"\xff\"}"[..],
        b"{\"mes",
        b"",
        b"{\"message\":\"\"}",
    ] {
        wire.send(post("/api/chatbot/chat", body));
        assert!((400..500).contains(&wire.reply().unwrap().status));
    }
    assert_eq!(wire.get("/api/health").status, 200);
}

#[test]
fn headers_that_are_too_many_too_long_or_malformed_are_refused_and_others_are_served() {
    let server = Server::start();
    let long = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "X-A: a\r\n".repeat(150)
    );
    for (request, status) in [
        (long.as_str(), 431),
        (&many, 431),
        ("GARBAGE\r\n\r\n", 400),
        ("GET /\u{0} HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (
            "POST /api/chatbot/chat HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            400,
        ),
        (
            "POST /api/chatbot/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            400,
        ),
    ] {
        let mut wire = Wire::connect(&server);
        wire.send(request);
        let reply = wire.reply().unwrap();
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(Wire::connect(&server).get("/api/health").status, 200);
    }
}

#[test]
fn no_path_leads_out_of_the_built_pages() {
    let server = Server::start();
    let mut wire = Wire::connect(&server);
    for path in [
        "/assets/../../Cargo.toml",
        "/assets/../index.html",
        "/assets/%2e%2e/%2e%2e/Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/..%5c..%5cCargo.toml",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/../../../../etc/passwd",
        "/assets/....//....//Cargo.toml",
        "/assets/%00",
    ] {
        let reply = wire.get(path);
        assert_eq!(reply.status, 404, "{path}");
        let body = String::from_utf8_lossy(&reply.body);
        assert!(
            !body.contains("[dependencies]") && !body.contains("root:"),
            "{path}: {body}"
        );
    }
}

#[test]
fn a_client_that_never_finishes_its_headers_is_cut_and_one_that_is_idle_too() {
    let server = Server::start_with(&[("NOVAHOUSE_HEADER_TIMEOUT_S", "1")]);
    let mut slow = Wire::connect(&server);
    slow.send("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Half: ");
    let mut idle = Wire::connect(&server);
    assert_eq!(idle.get("/api/health").status, 200);
    let reply = slow.reply();
    assert!(reply.is_none_or(|reply| reply.status == 408));
    assert!(
        idle.reply().is_none(),
        "an idle connection stays open for ever"
    );
    assert_eq!(Wire::connect(&server).get("/api/health").status, 200);
}

#[test]
fn a_body_that_does_not_arrive_is_refused_with_408() {
    let server = Server::start_with(&[("NOVAHOUSE_BODY_TIMEOUT_S", "1")]);
    let mut wire = Wire::connect(&server);
    let request = post(
        "/api/chatbot/chat",
        br#"{"message":"Jaka jest gwarancja?"}"#,
    );
    wire.send(&request[..request.len() - 5]);
    let reply = wire.reply().unwrap();
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (408, &json!("body_timeout"))
    );
}

#[test]
fn a_client_may_open_only_so_many_connections_at_once() {
    let server = Server::start_with(&[
        ("RATE_LIMITS", "on"),
        ("NOVAHOUSE_MAX_CONNECTIONS_PER_CLIENT", "2"),
    ]);
    let (mut first, mut second) = (Wire::connect(&server), Wire::connect(&server));
    assert_eq!(first.get("/api/health").status, 200);
    assert_eq!(second.get("/api/health").status, 200);
    let mut third = Wire::connect(&server);
    // The server may have closed it before the request is written.
    let _ = third
        .out
        .write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(third.reply().is_none(), "a third connection was served");
    assert_eq!(first.get("/api/health").status, 200);
}

#[test]
fn told_to_stop_the_server_finishes_the_request_under_way_and_takes_no_more() {
    let mut server = Server::start();
    let request = post(
        "/api/chatbot/chat",
        br#"{"message":"Jaka jest gwarancja?"}"#,
    );
    let (begin, end) = request.split_at(request.len() - 5);
    let mut wire = Wire::connect(&server);
    assert_eq!(wire.get("/api/health").status, 200);
    wire.send(begin);
    let mut idle = Wire::connect(&server);
    assert_eq!(idle.get("/api/health").status, 200);
    signal(server.pid(), "TERM");
    assert!(
        idle.reply().is_none(),
        "an idle connection keeps the server from stopping"
    );
    let address = server.address().to_owned();
    crate::support::until_now("nobody is let in any more", || {
        TcpStream::connect(&address).is_err()
    });
    assert!(
        server.process().is_running(),
        "it went before the request was answered"
    );
    wire.send(end);
    let reply = wire.reply().unwrap();
    assert_eq!(reply.status, 200);
    assert!(reply.json()["response"].as_str().unwrap().contains("36"));
    assert_eq!(server.process().wait().code(), Some(0));
    let session = reply.json()["session_id"].as_str().unwrap().to_owned();
    server.restart();
    let history = Wire::connect(&server).get(&format!("/api/chatbot/history/{session}"));
    assert_eq!(history.json()["last_seq"], 2);
    assert!(reply.head.contains("x-request-id"));
}

#[test]
fn ctrl_c_stops_the_server_as_well() {
    let mut server = Server::start();
    signal(server.pid(), "INT");
    assert_eq!(server.process().wait().code(), Some(0));
}

#[test]
fn a_second_server_on_the_same_data_folder_says_who_holds_it() {
    let server = Server::start();
    let second = run(process::serve(server.data(), &[]), b"");
    assert_eq!(second.status.code(), Some(1));
    assert!(
        second
            .stderr
            .contains(&format!("in use by process {}", server.pid())),
        "{}",
        second.stderr
    );
    assert_eq!(Wire::connect(&server).get("/api/health").status, 200);
}

#[test]
fn a_taken_address_is_refused_with_a_sentence() {
    let server = Server::start();
    let folder = process::data_folder();
    let mut command = process::novahouse(&["serve", "--listen", server.address(), "--data"]);
    command.arg(folder.path());
    let ended = run(command, b"");
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended
            .stderr
            .contains(&format!("cannot listen on {}", server.address())),
        "{}",
        ended.stderr
    );
}
