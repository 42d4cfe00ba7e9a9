//! A server of its own for each test, and the people who speak to it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue, ORIGIN};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{self, AGENT_KEY, LOOK_EVERY, OWNER_KEY, Process};

/// Waiting for what must come about, far longer than it takes.
const COMES_ABOUT_WITHIN: Duration = Duration::from_secs(30);
/// An answer that takes longer will not come.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A running server on its own data folder.
pub struct Server {
    process: Process,
    url: String,
    env: Vec<(String, String)>,
    data: PathBuf,
    /// Removed after the process has ended, which stands above.
    folder: Option<TempDir>,
}

impl Server {
    /// On a copy of the prepared folder, without rate limits.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more in the environment.
    pub fn start_with(env: &[(&str, &str)]) -> Self {
        let folder = process::data_folder();
        let mut server = Self::start_on(folder.path(), env);
        server.folder = Some(folder);
        server
    }

    /// On a folder that belongs to the caller.
    pub fn start_on(data: &Path, env: &[(&str, &str)]) -> Self {
        let mut server = Self::run_on(data, process::serve(data, env));
        server.env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        server
    }

    /// With a command of the test's own.
    pub fn run_on(data: &Path, command: Command) -> Self {
        let mut process = Process::spawn(command);
        let url = process.wait_until_it_listens();
        Self {
            process,
            url,
            env: Vec::new(),
            data: data.to_owned(),
            folder: None,
        }
    }

    /// Starts again on the same data; the port is another one.
    pub fn restart(&mut self) {
        if self.process.is_running() {
            self.process.stop();
        }
        let env: Vec<_> = self
            .env
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.process = Process::spawn(process::serve(&self.data, &env));
        self.url = self.process.wait_until_it_listens();
    }

    pub fn stop(&mut self) -> ExitStatus {
        self.process.stop()
    }

    pub fn kill_9(&mut self) {
        self.process.kill_9();
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        self.url.split_once("://").unwrap().1
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn stdout(&self) -> String {
        self.process.stdout()
    }

    pub fn log(&self) -> String {
        self.process.log()
    }

    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The token of the set-up link it printed.
    pub fn setup_token(&self) -> String {
        let mut token = None;
        // It is printed after the address, which the start waits for.
        until_now("the set-up link is printed", || {
            let printed = self.stdout();
            let link = printed.split_once("/admin#setup=");
            token = link.and_then(|(_, rest)| Some(rest.split_once('\n')?.0.to_owned()));
            token.is_some()
        });
        token.unwrap()
    }

    /// Somebody without any credentials.
    pub fn anon(&self) -> Actor {
        self.actor(HeaderMap::new(), false)
    }

    /// A program with the agent's key.
    pub fn agent(&self) -> Actor {
        self.with_key(AGENT_KEY)
    }

    /// A program with the owner's key.
    pub fn owner(&self) -> Actor {
        self.with_key(OWNER_KEY)
    }

    pub fn with_key(&self, key: &str) -> Actor {
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", HeaderValue::from_str(key).unwrap());
        self.actor(headers, false)
    }

    /// A browser on our own pages: keeps cookies and says where it comes from.
    pub fn browser(&self) -> Actor {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_str(&self.url).unwrap());
        self.actor(headers, true)
    }

    fn actor(&self, headers: HeaderMap, keeps_cookies: bool) -> Actor {
        let client = Client::builder()
            .default_headers(headers)
            .cookie_store(keeps_cookies)
            .no_proxy()
            .timeout(ANSWER_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Actor {
            client,
            base: self.url.clone(),
        }
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Actor {
    client: Client,
    base: String,
}

impl Actor {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub async fn delete_with(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::DELETE, path).json(body)).await
    }

    /// A session id handed out by the server.
    pub async fn session(&self) -> String {
        let answer = self.post("/api/chatbot/sessions", &json!({})).await.ok();
        text(&answer["session_id"])
    }

    /// One turn of a chat.
    pub async fn say(&self, session_id: &str, message: &str) -> Value {
        let body = json!({"session_id": session_id, "message": message});
        self.post("/api/chatbot/chat", &body).await.ok()
    }

    /// The messages of a session.
    pub async fn history(&self, session_id: &str) -> Vec<Value> {
        let answer = self
            .get(&format!("/api/chatbot/history/{session_id}"))
            .await
            .ok();
        answer["messages"].as_array().unwrap().clone()
    }

    /// How many conversations there are (agents).
    pub async fn conversation_count(&self) -> i64 {
        self.get("/api/conversations?per_page=1").await.ok()["total"]
            .as_i64()
            .unwrap()
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Sends a request; a connection that breaks fails the test.
pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.unwrap()
}

/// Sends a request to a server that may go away meanwhile.
pub async fn try_send(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await?.to_vec();
    Ok(Answer {
        status,
        headers,
        body,
    })
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            self.text()
        );
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    /// Checks that this is a refusal in the one shape all errors have.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["success"], false, "{body}");
        assert!(
            body["error"]
                .as_str()
                .is_some_and(|sentence| sentence.ends_with('.')),
            "{body}"
        );
        assert!(body["details"].is_object(), "{body}");
        assert_eq!(body["request_id"], self.header("x-request-id"), "{body}");
        assert!(!self.header("x-request-id").is_empty());
        assert!(self.header("content-type").starts_with("application/json"));
        body
    }
}

/// A JSON string's text.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// A new UUID.
pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Looks again and again until `check` holds.
pub async fn until(what: &str, mut check: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + COMES_ABOUT_WITHIN;
    while !check().await {
        assert!(Instant::now() < deadline, "in vain waited until {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The same outside of async tests.
pub fn until_now(what: &str, mut check: impl FnMut() -> bool) {
    let deadline = Instant::now() + COMES_ABOUT_WITHIN;
    while !check() {
        assert!(Instant::now() < deadline, "in vain waited until {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}
