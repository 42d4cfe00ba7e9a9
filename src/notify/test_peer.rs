//! A server for tests that answers HTTP exactly as told, and keeps what it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Answers with a status, more header lines (each with its line end) and a body.
    Answer(u16, &'static str, String),
    /// Reads the request and never answers.
    Sleep,
    /// Reads the request and closes.
    Close,
    /// Begins an answer of this many bytes and goes on, byte by byte, for ever.
    Drip,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// The server; it ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Peer {
    /// Does `first` to the first request and `then` to all later ones.
    pub(crate) async fn start(first: Does, then: Does) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(
                    stream,
                    first.clone(),
                    then.clone(),
                    Arc::clone(&kept),
                ));
            }
        });
        Self { port, asked }
    }

    /// One that always does the same.
    pub(crate) async fn always(does: Does) -> Self {
        Self::start(does.clone(), does).await
    }

    /// One that always answers so.
    pub(crate) async fn answering(status: u16, body: &str) -> Self {
        Self::always(Does::Answer(status, "", body.to_owned())).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, first: Does, then: Does, kept: Arc<Mutex<Vec<Asked>>>) {
    while let Some(request) = read(&mut stream).await {
        let is_first = {
            let mut kept = kept.lock().unwrap();
            kept.push(request);
            kept.len() == 1
        };
        match if is_first { &first } else { &then } {
            Does::Answer(status, headers, body) => {
                let answer = format!(
                    "HTTP/1.1 {status} Told\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                    body.len()
                );
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Does::Sleep => std::future::pending().await,
            Does::Close => return,
            Does::Drip => {
                let head = "HTTP/1.1 200 Told\r\ncontent-length: 1000000000\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(b"x").await.is_ok() {
                    tokio::task::yield_now().await;
                }
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let asked = Asked {
                head,
                body: bytes[end + 4..].to_vec(),
            };
            let length = asked
                .header("content-length")
                .map_or(0, |text| text.parse().unwrap());
            if asked.body.len() >= length {
                return Some(asked);
            }
        }
        let mut chunk = [0; 8192];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}
