//! A malware scanner, where one is configured: `clamd` of `ClamAV`, asked over its own protocol.
//!
//! A connection carries one command. The content goes in pieces, each after its length (4 bytes, big-endian), a length of
//! zero ends it; commands and replies end with a zero byte. "Clean" counts only when the whole content was sent and the
//! whole reply came. clamd's protocol: `man clamd`, section "COMMANDS".

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::{ClamdAddress, ClamdDown};

/// Time for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Time for a whole scan, waiting for its turn included.
const SCAN_WITHIN: Duration = Duration::from_secs(30);
/// Time for a sign of life.
const PING_WITHIN: Duration = Duration::from_secs(5);
/// Scans at once; more wait. clamd itself has 10 threads unless told otherwise.
const AT_ONCE: usize = 4;
/// Longest reply that is read.
const REPLY_MAX_BYTES: u64 = 4096;
/// Bytes of content after each length.
const PIECE_BYTES: usize = 64 * 1024;
/// Longest name or text of clamd that is passed on.
const TOLD_MAX_CHARS: usize = 200;

/// What the scanner says of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// The signature of this name was found.
    Infected(String),
}

/// Why the scanner said nothing. Holds nothing of the content, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Nobody listens at the address.
    #[error("the malware scanner cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("the malware scanner did not answer in time")]
    Timeout,
    /// The connection ended before the reply did.
    #[error("the connection to the malware scanner broke")]
    Broken,
    /// The reply is none that clamd gives.
    #[error("what listens at the address of the malware scanner does not speak its protocol")]
    Protocol,
    /// The content is longer than clamd is set to take.
    #[error("the malware scanner takes no file of this size; raise StreamMaxLength in clamd.conf")]
    TooLarge,
    /// clamd reports an error.
    #[error("the malware scanner failed: {0}")]
    Failed(String),
}

/// What becomes of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It is clean.
    Clean,
    /// It is taken although the scanner could not be asked.
    Unscanned(ScanError),
    /// It is refused, because the signature of this name was found.
    Infected(String),
    /// It is refused, because the scanner did not say that it is clean.
    Refused(ScanError),
}

/// The scanner. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Scanner {
    address: Arc<ClamdAddress>,
    when_down: ClamdDown,
    slots: Arc<Semaphore>,
    limits: Limits,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    scan_within: Duration,
    ping_within: Duration,
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<C: AsyncRead + AsyncWrite + Send + Unpin> Connection for C {}

impl Scanner {
    /// A scanner at `address`; connects only to ask. `when_down` says what [`Scanner::admit`] does while it cannot be asked.
    pub fn new(address: ClamdAddress, when_down: ClamdDown) -> Self {
        Self {
            address: Arc::new(address),
            when_down,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            limits: Limits {
                scan_within: SCAN_WITHIN,
                ping_within: PING_WITHIN,
            },
        }
    }

    /// Whether uploads are taken unscanned while it cannot be asked.
    pub fn accepts_when_down(&self) -> bool {
        self.when_down == ClamdDown::Accept
    }

    /// What becomes of an upload of this content.
    pub async fn admit(&self, content: &[u8]) -> Admission {
        admission(self.scan(content).await, self.when_down)
    }

    /// Has the content scanned.
    ///
    /// Errors: the scanner could not be asked within 30 s, or says neither yes nor no.
    pub async fn scan(&self, content: &[u8]) -> Result<Verdict, ScanError> {
        let scanned = timeout(self.limits.scan_within, async {
            let _slot = self.slots.acquire().await;
            let (mut incoming, mut outgoing) = tokio::io::split(self.connect().await?);
            // clamd may reply before it has read all, and then closes: the reply must be read before it is lost.
            let (sent, reply) = tokio::join!(
                send_content(&mut outgoing, content),
                read_reply(&mut incoming)
            );
            match verdict(&reply?)? {
                Verdict::Clean if sent.is_err() => Err(ScanError::Broken),
                verdict => Ok(verdict),
            }
        });
        scanned.await.unwrap_or(Err(ScanError::Timeout))
    }

    /// Asks for a sign of life and the version, e.g. `ClamAV 1.4.6/27450/Mon Nov 23 09:12:00 2026`: the program's, the
    /// signatures' and when those were made.
    pub async fn ping(&self) -> Result<String, ScanError> {
        let answered = timeout(self.limits.ping_within, async {
            if self.ask(b"zPING\0").await? != "PONG" {
                return Err(ScanError::Protocol);
            }
            self.ask(b"zVERSION\0").await.map(|told| printable(&told))
        });
        answered.await.unwrap_or(Err(ScanError::Timeout))
    }

    async fn ask(&self, command: &[u8]) -> Result<String, ScanError> {
        let (mut incoming, mut outgoing) = tokio::io::split(self.connect().await?);
        outgoing
            .write_all(command)
            .await
            .map_err(|_| ScanError::Broken)?;
        read_reply(&mut incoming).await
    }

    async fn connect(&self) -> Result<Box<dyn Connection>, ScanError> {
        let connecting = async {
            Ok(match &*self.address {
                ClamdAddress::Tcp(host, port) => {
                    let stream = TcpStream::connect((host.as_str(), *port)).await?;
                    Box::new(stream) as Box<dyn Connection>
                }
                ClamdAddress::Unix(path) => Box::new(UnixStream::connect(path).await?),
            })
        };
        match timeout(CONNECT_WITHIN, connecting).await {
            Ok(connected) => {
                connected.map_err(|error: io::Error| ScanError::Unreachable(error.to_string()))
            }
            Err(_) => Err(ScanError::Unreachable("no connection in time".into())),
        }
    }
}

/// What the scanner said, or what the owner wants while it cannot be asked. A file that it was shown and could not judge
/// is refused in any case: otherwise a file made for that would be the way past it.
fn admission(scanned: Result<Verdict, ScanError>, when_down: ClamdDown) -> Admission {
    match (scanned, when_down) {
        (Ok(Verdict::Clean), _) => Admission::Clean,
        (Ok(Verdict::Infected(signature)), _) => Admission::Infected(signature),
        (
            Err(
                error @ (ScanError::Unreachable(_)
                | ScanError::Timeout
                | ScanError::Broken
                | ScanError::Protocol),
            ),
            ClamdDown::Accept,
        ) => Admission::Unscanned(error),
        (Err(error), _) => Admission::Refused(error),
    }
}

async fn send_content(to: &mut (impl AsyncWrite + Unpin), content: &[u8]) -> io::Result<()> {
    to.write_all(b"zINSTREAM\0").await?;
    for piece in content.chunks(PIECE_BYTES) {
        to.write_all(&(piece.len() as u32).to_be_bytes()).await?; // PIECE_BYTES at most
        to.write_all(piece).await?;
    }
    to.write_all(&0_u32.to_be_bytes()).await?;
    to.flush().await
}

/// A whole reply, without the zero byte at its end.
async fn read_reply(from: &mut (impl AsyncRead + Unpin)) -> Result<String, ScanError> {
    let mut reply = Vec::new();
    BufReader::new(from.take(REPLY_MAX_BYTES))
        .read_until(0, &mut reply)
        .await
        .map_err(|_| ScanError::Broken)?;
    match reply.pop() {
        Some(0) => String::from_utf8(reply).map_err(|_| ScanError::Protocol),
        Some(_) if reply.len() as u64 + 1 == REPLY_MAX_BYTES => Err(ScanError::Protocol),
        _ => Err(ScanError::Broken),
    }
}

/// Reads the reply to `INSTREAM`.
fn verdict(reply: &str) -> Result<Verdict, ScanError> {
    if let Some(found) = reply.strip_prefix("stream: ") {
        if found == "OK" {
            return Ok(Verdict::Clean);
        }
        if let Some(signature) = found.strip_suffix(" FOUND") {
            return Ok(Verdict::Infected(printable(signature)));
        }
    }
    match reply.strip_suffix(" ERROR") {
        Some("INSTREAM size limit exceeded.") => Err(ScanError::TooLarge),
        Some(why) => Err(ScanError::Failed(printable(why))),
        None => Err(ScanError::Protocol),
    }
}

/// One line of bounded length, whatever the other side sent.
fn printable(text: &str) -> String {
    let no_controls = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    no_controls.take(TOLD_MAX_CHARS).collect()
}

#[cfg(test)]
#[path = "clamd_tests.rs"]
mod tests;
