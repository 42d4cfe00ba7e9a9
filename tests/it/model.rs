//! A language model of the tests' own: a server that speaks `/chat/completions`, and misbehaves when it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use serde_json::{Value, json};

use crate::support::until;

/// What it does with a question.
#[derive(Clone)]
pub enum Manner {
    /// Answers with these pieces.
    Says(&'static [&'static str]),
    /// The same, after [`Model::release`].
    SaysWhenReleased(&'static [&'static str]),
    /// Sends the pieces and never more.
    Hangs(&'static [&'static str]),
    /// Sends the pieces and hangs up.
    Breaks(&'static [&'static str]),
    /// Sends these bytes as its whole answer.
    Raw(&'static str),
}

/// A question as it came in.
#[derive(Clone)]
pub struct Asked {
    pub authorization: String,
    pub path: String,
    pub body: Value,
}

struct Shared {
    manner: Mutex<Manner>,
    asked: Mutex<Vec<Asked>>,
    is_released: Mutex<bool>,
    released: Condvar,
}

pub struct Model {
    shared: Arc<Shared>,
    base_url: String,
}

impl Model {
    pub fn start(manner: Manner) -> Self {
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            asked: Mutex::default(),
            is_released: Mutex::default(),
            released: Condvar::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let of_thread = Arc::clone(&shared);
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || {
                    // A client that goes away while it is answered is part of the tests.
                    let _ = shared.serve(stream.unwrap());
                });
            }
        });
        Self { shared, base_url }
    }

    /// The environment of a server that asks it.
    pub fn env(&self) -> [(&str, &str); 3] {
        [
            ("LLM_BASE_URL", self.base_url.as_str()),
            ("LLM_MODEL", "test-model"),
            ("LLM_API_KEY", "key-of-the-model-91d7"),
        ]
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub fn now(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    pub async fn is_asked(&self, times: usize) {
        until("the model is asked", async || self.asked().len() >= times).await;
    }

    pub fn release(&self) {
        *self.shared.is_released.lock().unwrap() = true;
        self.shared.released.notify_all();
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let asked = read(&stream)?;
        self.asked.lock().unwrap().push(asked);
        let manner = self.manner.lock().unwrap().clone();
        match manner {
            Manner::Raw(bytes) => stream.write_all(bytes.as_bytes()),
            Manner::Says(pieces) => say(&mut stream, pieces, true),
            Manner::SaysWhenReleased(pieces) => {
                let is_released = self.is_released.lock().unwrap();
                drop(
                    self.released
                        .wait_while(is_released, |is_released| !*is_released),
                );
                say(&mut stream, pieces, true)
            }
            Manner::Breaks(pieces) => say(&mut stream, pieces, false),
            Manner::Hangs(pieces) => {
                say(&mut stream, pieces, false)?;
                // Until the other side gives up.
                stream.read_exact(&mut [0])
            }
        }
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        head.iter()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or_else(String::new, |(_, value)| value.to_owned())
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Asked {
        authorization: header("authorization"),
        path: head[0].clone(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

fn say(stream: &mut TcpStream, pieces: &[&str], ends: bool) -> std::io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n",
    )?;
    for piece in pieces {
        let event =
            json!({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}]});
        write!(stream, "data: {event}\n\n")?;
    }
    if ends {
        write!(stream, "data: [DONE]\n\n")?;
    }
    stream.flush()
}
