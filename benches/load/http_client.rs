//! A keep-alive HTTP/1.1 client that costs as little as possible.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failure;
use crate::report::Latencies;

/// The bytes of a GET.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

/// The bytes of a POST with a JSON body.
pub(crate) fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// One blocking request on a connection of its own.
pub(crate) fn get_once(address: SocketAddr, path: &str) -> Result<(), Failure> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(answer.into())
    }
}

/// Keeps `clients` connections busy, one request at a time each; counts what is answered after the warm-up.
pub(crate) async fn run<R: AsRef<[u8]> + Send>(
    address: SocketAddr,
    clients: usize,
    warm_up: Duration,
    measure: Duration,
    request: impl Fn(usize, u64) -> R + Clone + Send + 'static,
) -> Result<Latencies, Failure> {
    let began = Instant::now();
    let (from, until) = (began + warm_up, began + warm_up + measure);
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let request = request.clone();
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies = Latencies::default();
            let mut turn = 0;
            while Instant::now() < until {
                let bytes = request(client, turn);
                turn += 1;
                let sent = Instant::now();
                let is_ok = connection.exchange(bytes.as_ref()).await?;
                if sent < from {
                    continue;
                }
                if is_ok {
                    latencies.add(sent.elapsed());
                } else {
                    latencies.add_error();
                }
            }
            Ok::<_, std::io::Error>(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(done) = tasks.join_next().await {
        all.merge(done??);
    }
    Ok(all.finish(measure))
}

/// Sends `per_s` requests a second over `clients` connections while `goes_on` says so, at even times. A time counts from
/// when the request was due, so that one held up by the answer before counts as late.
pub(crate) async fn run_at<R: AsRef<[u8]> + Send>(
    address: SocketAddr,
    clients: u32,
    per_s: u32,
    goes_on: impl Fn() -> bool + Clone + Send + 'static,
    request: impl Fn(usize, u64) -> R + Clone + Send + 'static,
) -> Result<Latencies, Failure> {
    let began = Instant::now();
    let apart = Duration::from_secs(1) * clients / per_s;
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let (request, goes_on) = (request.clone(), goes_on.clone());
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies = Latencies::default();
            let mut due = began + apart * client / clients;
            let mut turn = 0;
            while goes_on() {
                tokio::time::sleep_until(due.into()).await;
                let bytes = request(client as usize, turn);
                turn += 1;
                if connection.exchange(bytes.as_ref()).await? {
                    latencies.add(due.elapsed());
                } else {
                    latencies.add_error();
                }
                due += apart;
            }
            Ok::<_, std::io::Error>(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(done) = tasks.join_next().await {
        all.merge(done??);
    }
    Ok(all.finish(began.elapsed()))
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Sends a request and reads its whole answer; true for success.
    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<bool> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(length) = answer_length(&self.buffer)
                && self.buffer.len() >= length
            {
                return Ok(self.buffer.starts_with(b"HTTP/1.1 20"));
            }
        }
    }
}

/// Length of head and body, once the head is there.
fn answer_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let body: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.trim().parse().ok())?;
    Some(head + body)
}
