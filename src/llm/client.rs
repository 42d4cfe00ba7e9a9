//! The `/chat/completions` protocol with streaming, as `OpenAI`, Gemini, `vLLM`, Ollama and llama.cpp speak it.
//!
//! Only what all of them understand is sent: model, messages, `stream`. The length is bounded on our side, by reading no
//! further. Redirects are not followed (they could carry the key elsewhere), and the body of a refusal is not read.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client as Http, Response, redirect};
use serde::{Deserialize, Serialize};

use super::prompt::Message;
use crate::config::Secret;

/// Longest line and longest answer that are read. A token comes in some 200 bytes of JSON.
const LINE_MAX_BYTES: usize = 64 * 1024;
const BODY_MAX_BYTES: usize = 1024 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Where a model is reached.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Address without `/chat/completions`.
    pub base_url: String,
    /// Sent as a bearer token.
    pub key: Option<Secret>,
    /// Name of the model.
    pub model: String,
    /// Time for a whole answer.
    pub timeout: Duration,
}

impl Endpoint {
    /// The host that gets visitors' words, for the privacy notice; `None` when it is this machine.
    pub fn third_party(&self) -> Option<&str> {
        let rest = self.base_url.split_once("://")?.1;
        let authority = rest.split('/').next().unwrap_or(rest);
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => authority.split(':').next().unwrap_or(authority),
        };
        let is_local = host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        (!is_local).then_some(host)
    }
}

/// Why no answer came. Holds no text of the other side, no address and no key, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The HTTP client could not be made, or the key is no header's value.
    #[error("the HTTP client cannot be set up")]
    SetUp,
    /// No connection, or it broke.
    #[error("no connection, or it broke")]
    Connection,
    /// Another status than 200.
    #[error("status {0}")]
    Status(u16),
    /// Not the protocol, an error in it, or an end before the end.
    #[error("{0}")]
    Protocol(&'static str),
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
}

/// Asks one endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: Http,
    url: String,
    model: String,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message],
    stream: bool,
}

impl Client {
    /// Errors: the client cannot be made.
    pub(super) fn new(endpoint: &Endpoint) -> Result<Self, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &endpoint.key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))
                .map_err(|_| ClientError::SetUp)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let http = Http::builder()
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_WITHIN)
            .build()
            .map_err(|_| ClientError::SetUp)?;
        Ok(Self {
            http,
            url: format!("{}/chat/completions", endpoint.base_url),
            model: endpoint.model.clone(),
        })
    }

    /// What is sent for `messages`.
    pub(super) fn body(&self, messages: &[Message]) -> Result<Vec<u8>, ClientError> {
        let body = Body {
            model: &self.model,
            messages,
            stream: true,
        };
        serde_json::to_vec(&body).map_err(|_| ClientError::SetUp)
    }

    /// Sends `body`; answers once the other side begins to.
    pub(super) async fn ask(&self, body: Vec<u8>) -> Result<Incoming, ClientError> {
        let sent = self.http.post(&self.url).body(body).send().await;
        let response = sent.map_err(|_| ClientError::Connection)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(ClientError::Status(response.status().as_u16()));
        }
        Ok(Incoming {
            response,
            events: Events::default(),
        })
    }
}

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Incoming {
    response: Response,
    events: Events,
}

impl Incoming {
    /// The next piece of text; `None` at its proper end.
    pub(super) async fn next(&mut self) -> Result<Option<String>, ClientError> {
        loop {
            let chunk = self.response.chunk().await;
            let chunk = chunk.map_err(|_| ClientError::Connection)?;
            let chunk = chunk.ok_or(ClientError::Protocol("the answer ended too early"))?;
            let text = self.events.push(&chunk)?;
            if self.events.is_over {
                // What came with the end is given first; asked again, there is nothing more.
                return Ok((!text.is_empty()).then_some(text));
            }
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
    }

    /// The answer has come to its end.
    pub(super) fn is_over(&self) -> bool {
        self.events.is_over
    }
}

/// Server-sent events: lines `data: {…}` up to `data: [DONE]`.
#[derive(Debug, Default)]
struct Events {
    line: Vec<u8>,
    read_bytes: usize,
    is_over: bool,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    error: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
}

impl Events {
    /// The text in `bytes`, which may end anywhere, even inside of a letter.
    fn push(&mut self, bytes: &[u8]) -> Result<String, ClientError> {
        self.read_bytes += bytes.len();
        if self.read_bytes > BODY_MAX_BYTES {
            return Err(ClientError::Protocol("the answer is too long"));
        }
        let mut text = String::new();
        for byte in bytes {
            if self.is_over {
                break;
            }
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take_line(&line, &mut text)?;
            } else if self.line.len() < LINE_MAX_BYTES {
                self.line.push(*byte);
            } else {
                return Err(ClientError::Protocol("a line is too long"));
            }
        }
        Ok(text)
    }

    fn take_line(&mut self, line: &[u8], text: &mut String) -> Result<(), ClientError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(data) = line.strip_prefix(b"data:") else {
            // Blank lines, comments, event names.
            let is_known = line.is_empty()
                || [&b":"[..], b"event:", b"id:", b"retry:"]
                    .iter()
                    .any(|begin| line.starts_with(begin));
            return if is_known {
                Ok(())
            } else {
                Err(ClientError::Protocol("no stream of events"))
            };
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.is_over = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(data)
            .map_err(|_| ClientError::Protocol("an event is no JSON of this protocol"))?;
        if chunk.error.is_some() {
            return Err(ClientError::Protocol("the other side reports an error"));
        }
        if let Some(choice) = chunk.choices.into_iter().next() {
            text.push_str(choice.delta.content.as_deref().unwrap_or_default());
            match choice.finish_reason.as_deref() {
                None | Some("") => {}
                Some("stop") => self.is_over = true,
                Some(_) => return Err(ClientError::Protocol("the answer was cut off")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STREAM: &str = ": hello\r\n\r\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"Zażółć \"},\"finish_reason\":null}]}\r\n\r\n\
        event: message\ndata:{\"choices\":[{\"delta\":{\"content\":\"gęślą\"},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{}}\n\ndata: [DONE]\n\n";

    proptest! {
        #[test]
        fn a_stream_is_read_alike_however_it_is_cut(size in 1_usize..40) {
            let mut events = Events::default();
            let texts: Result<String, _> =
                STREAM.as_bytes().chunks(size).map(|bytes| events.push(bytes)).collect();
            prop_assert_eq!(texts.unwrap(), "Zażółć gęślą");
            prop_assert!(events.is_over);
        }

        #[test]
        fn garbage_is_an_error_or_nothing_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut events = Events::default();
            let text = events.push(&bytes).unwrap_or_default();
            prop_assert!(text.is_empty());
        }
    }

    #[test]
    fn the_privacy_notice_names_whoever_is_not_this_machine() {
        for (base_url, host) in [
            ("https://models.example/v1", Some("models.example")),
            ("http://192.0.2.7:8000", Some("192.0.2.7")),
            ("http://127.0.0.1:11434/v1", None),
            ("http://localhost:8080", None),
            ("http://[::1]:8080/v1", None),
        ] {
            let endpoint = Endpoint {
                base_url: base_url.into(),
                key: None,
                model: "m".into(),
                timeout: Duration::from_secs(1),
            };
            assert_eq!(endpoint.third_party(), host, "{base_url}");
        }
    }

    #[test]
    fn what_is_no_proper_answer_is_an_error() {
        for stream in [
            "<html>\n",
            "data: {\n",
            "data: {\"error\":{\"message\":\"x\"}}\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n",
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n",
        ] {
            assert!(
                Events::default().push(stream.as_bytes()).is_err(),
                "{stream}"
            );
        }
    }

    #[test]
    fn lines_and_answers_without_end_are_refused() {
        assert!(
            Events::default()
                .push(&vec![b'a'; LINE_MAX_BYTES + 1])
                .is_err()
        );
        let mut events = Events::default();
        let line = [&b": "[..], &[b'a'; 1000], b"\n"].concat();
        let result = (0..2_000).try_for_each(|_| events.push(&line).map(|_| ()));
        assert!(result.is_err());
    }
}
