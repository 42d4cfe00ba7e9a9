//! Delivering one event to one receiver.

use std::time::{Duration, Instant};

use reqwest::{Client, Response};

use super::guard::{self, Destination, DestinationError, Reach};
use super::sign::{Secret, signature};
use crate::notify::SendError;
use crate::notify::api;

/// Time for connecting, sending and the answer; Standard Webhooks suggests 15 to 30 seconds.
const DELIVER_WITHIN: Duration = Duration::from_secs(15);
/// So much of an answer is kept for the log; the rest is not read.
const BODY_KEPT_BYTES: usize = 1024;

/// Delivers events.
#[derive(Debug, Clone)]
pub struct Webhooks {
    http: Client,
}

/// A receiver has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The status it answered with.
    pub status: u16,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The beginning of its answer, 1 kB at most.
    pub body_start: String,
}

/// Why an event was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The receiver answered, but not with 2xx.
    #[error("the receiver answers {}", .answer.status)]
    Refused {
        /// Its answer.
        answer: Delivered,
        /// It asked not to come back sooner.
        retry_after: Option<Duration>,
    },
    /// Its name leads to addresses inside alone.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// No connection, no TLS, or it broke.
    #[error("no connection to the receiver, or it broke")]
    Connection,
    /// 15 seconds were not enough.
    #[error("the receiver does not answer in time")]
    Timeout,
}

impl DeliveryError {
    /// The receiver says that it will never take an event again (410): it is to be switched off.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { answer, .. } if answer.status == 410)
    }
}

impl From<DeliveryError> for SendError {
    /// For whoever tries again: only what leads inside is not worth it, and a receiver that is gone.
    fn from(error: DeliveryError) -> Self {
        let what = error.to_string();
        match error {
            DeliveryError::Destination(_) => SendError::Permanent { what },
            _ if error.is_gone() => SendError::Permanent { what },
            DeliveryError::Refused { retry_after, .. } => {
                SendError::Temporary { what, retry_after }
            }
            DeliveryError::Connection | DeliveryError::Timeout => SendError::temporary(what),
        }
    }
}

/// An event on its way.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// The same for every try; letters, digits, `_` and `-`.
    pub id: &'a str,
    /// The time of this try, in seconds.
    pub timestamp_s: i64,
    /// JSON.
    pub body: &'a [u8],
}

impl Webhooks {
    /// Errors: permanent, when the system has no usable certificates.
    pub fn new(reach: Reach) -> Result<Self, SendError> {
        Self::delivering_within(reach, DELIVER_WITHIN)
    }

    fn delivering_within(reach: Reach, within: Duration) -> Result<Self, SendError> {
        let http = guard::client(reach, within)
            .map_err(|_| SendError::permanent("the HTTP client cannot be set up"))?;
        Ok(Self { http })
    }

    /// Delivers one event, signed with each of `secrets`.
    pub async fn deliver(
        &self,
        to: &Destination,
        secrets: &[Secret],
        event: Event<'_>,
    ) -> Result<Delivered, DeliveryError> {
        let Event {
            id,
            timestamp_s,
            body,
        } = event;
        let began = Instant::now();
        let request = self
            .http
            .post(to.url().clone())
            .header("content-type", "application/json")
            .header(
                "user-agent",
                concat!("NovaHouse/", env!("CARGO_PKG_VERSION")),
            )
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp_s)
            .header(
                "webhook-signature",
                signature(secrets, id, timestamp_s, body),
            )
            .body(body.to_vec());
        let response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status();
        let retry_after = api::retry_after(&response);
        let answer = Delivered {
            status: status.as_u16(),
            body_start: body_start(response).await,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        if status.is_success() {
            Ok(answer)
        } else {
            Err(DeliveryError::Refused {
                answer,
                retry_after,
            })
        }
    }
}

fn failure(error: &reqwest::Error) -> DeliveryError {
    if guard::led_inside(error) {
        DeliveryError::Destination(DestinationError::Inside)
    } else if error.is_timeout() {
        DeliveryError::Timeout
    } else {
        DeliveryError::Connection
    }
}

/// What came of the body before it broke, ended or was enough: the status alone decides.
async fn body_start(mut response: Response) -> String {
    let mut kept = Vec::new();
    while kept.len() < BODY_KEPT_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        let room = BODY_KEPT_BYTES - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    let text = String::from_utf8_lossy(&kept);
    // A letter cut in two at the end is not worth a mark.
    text.trim_end_matches(char::REPLACEMENT_CHARACTER)
        .to_owned()
}

#[cfg(test)]
#[path = "deliver_tests.rs"]
mod tests;
