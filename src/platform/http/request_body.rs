//! Bodies on their way in: how large they may be and how long they may take.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use poem::http::{HeaderMap, StatusCode, header};
use tokio::time::{Instant, timeout, timeout_at};

use super::Problem;
use super::problem::too_large;

/// How much of a body that is too large is read and dropped, so that the client gets to read the refusal.
const DRAIN_MAX_BYTES: usize = 16 * 1024 * 1024;
/// A streamed body that comes quicker than this is never late: half a megabit, a phone at the edge of its network.
const SLOWEST_BYTES_PER_S: f64 = 64.0 * 1024.0;

/// How a route takes its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLimit {
    /// As a whole, of at most so many bytes.
    Whole(usize),
    /// As it comes, of at most so many bytes.
    Streamed(usize),
}

/// Why a streamed body ended before it was whole; the route that reads it sees a broken stream only.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<OnceLock<fn() -> Problem>>);

impl Failure {
    /// The answer instead of the route's, if the body failed.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.0.get().map(|problem| problem())
    }

    fn set(&self, problem: fn() -> Problem) -> std::io::Error {
        let _ = self.0.set(problem);
        std::io::Error::other("the body ended early")
    }
}

/// Reads a body of at most `limit_bytes`; more than that is read and dropped, then refused.
pub(super) async fn whole(
    headers: &HeaderMap,
    mut body: Incoming,
    limit_bytes: usize,
    time: Duration,
) -> Result<Bytes, Problem> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    refuse_encoded(headers)?;
    let read = async {
        match Limited::new(&mut body, limit_bytes).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                drain(&mut body).await;
                Err(too_large())
            }
            Err(_) => Err(broken()),
        }
    };
    timeout(time, read).await.unwrap_or_else(|_| Err(late()))
}

/// Hands a body of at most `limit_bytes` on as it comes.
///
/// * `time`: for all of it, and more as long as it comes at [`SLOWEST_BYTES_PER_S`].
pub(super) fn streamed(
    headers: &HeaderMap,
    body: Incoming,
    limit_bytes: usize,
    time: Duration,
) -> Result<(poem::Body, Failure), Problem> {
    refuse_encoded(headers)?;
    let failure = Failure::default();
    let coming = Coming {
        body,
        left_bytes: limit_bytes,
        until: Instant::now() + time,
        failure: failure.clone(),
    };
    let chunks = stream::try_unfold(coming, Coming::next);
    Ok((poem::Body::from_bytes_stream(chunks), failure))
}

struct Coming {
    body: Incoming,
    left_bytes: usize,
    until: Instant,
    failure: Failure,
}

impl Coming {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        loop {
            let frame = match timeout_at(self.until, self.body.frame()).await {
                Err(_) => return Err(self.failure.set(late)),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(self.failure.set(broken)),
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            let Some(left_bytes) = self.left_bytes.checked_sub(data.len()) else {
                let _ = timeout_at(self.until, drain(&mut self.body)).await;
                return Err(self.failure.set(too_large));
            };
            self.left_bytes = left_bytes;
            self.until += Duration::from_secs_f64(data.len() as f64 / SLOWEST_BYTES_PER_S);
            return Ok(Some((data, self)));
        }
    }
}

async fn drain(body: &mut Incoming) {
    let _ = Limited::new(body, DRAIN_MAX_BYTES).collect().await;
}

/// A compressed body could unpack to any size.
fn refuse_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    if !headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "compressed_body",
        "Send the body without Content-Encoding.",
    ))
}

fn broken() -> Problem {
    Problem::bad_request("broken_body", "The body did not arrive whole.")
}

fn late() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_timeout",
        "The body took too long to arrive.",
    )
}
