//! A server in place of somebody else's: answers HTTP as the test says, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::support::until;

/// What it does with a request.
#[derive(Debug, Clone)]
pub enum Does {
    /// Answers with a status, more header lines (each with its line end) and a body.
    Answer(u16, &'static str, String),
    /// Reads the request and closes.
    Close,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    /// `POST /hook HTTP/1.1`
    pub line: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Got {
    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

type Manner = dyn Fn(usize, &Got) -> Does + Send + Sync;

pub struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// `manner`: what is done with a request, of which so many came before.
    pub fn start(manner: impl Fn(usize, &Got) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let (kept, manner): (_, Arc<Manner>) = (Arc::clone(&got), Arc::new(manner));
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, manner) = (Arc::clone(&kept), Arc::clone(&manner));
                std::thread::spawn(move || {
                    // A client that goes away while it is answered is part of the tests.
                    let _ = serve(stream.unwrap(), &kept, &*manner);
                });
            }
        });
        Self { port, got }
    }

    /// One that always answers so.
    pub fn answering(status: u16, body: &'static str) -> Self {
        Self::start(move |_, _| Does::Answer(status, "", body.to_owned()))
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request, the first first.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Waits for that many requests.
    pub async fn gets(&self, count: usize) -> Vec<Got> {
        until("the requests come", async || self.got().len() >= count).await;
        self.got()
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Got>>, manner: &Manner) -> std::io::Result<()> {
    let got = read(&stream)?;
    let before = {
        let mut kept = kept.lock().unwrap();
        kept.push(got.clone());
        kept.len() - 1
    };
    let Does::Answer(status, headers, body) = manner(before, &got) else {
        return Ok(());
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} Told\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )?;
    stream.flush()
}

fn read(stream: &TcpStream) -> std::io::Result<Got> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            // Whoever asks was killed before it had asked.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let mut headers = HeaderMap::new();
    for (name, value) in head.iter().filter_map(|line| line.split_once(": ")) {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    let length = headers.get("content-length");
    let length = length.map_or(0, |value| value.to_str().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Got {
        line: head.into_iter().next().unwrap_or_default(),
        headers,
        body,
    })
}
