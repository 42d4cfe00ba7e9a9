//! Asking an HTTP interface of somebody else: bounded in time and size, without redirects.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, redirect};
use serde::de::DeserializeOwned;

use super::SendError;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Longest answer that is read; all of them are a few kB.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// Whether asking the same again can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// It changes nothing, or the other side recognises the repetition.
    Harmless,
    /// It would be done twice.
    Doubles,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    body: Vec<u8>,
}

/// A client that follows no redirect: it could carry a key elsewhere.
///
/// Errors: the system has no usable certificates.
pub(crate) fn client(within: Option<Duration>) -> Result<Client, SendError> {
    Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .timeout(within.unwrap_or(ANSWER_WITHIN))
        .build()
        .map_err(|_| SendError::permanent("the HTTP client cannot be set up"))
}

/// Sends `request` to `party` (a name for error texts) and reads its answer.
///
/// Errors: no connection is temporary; once the request was on its way, it depends on `repeat`.
pub(crate) async fn ask(
    request: RequestBuilder,
    party: &str,
    repeat: Repeat,
) -> Result<Answer, SendError> {
    let mut response = request.send().await.map_err(|error| {
        if error.is_builder() {
            SendError::permanent(format!("a request to {party} cannot be made"))
        } else if error.is_connect() {
            SendError::temporary(format!("no connection to {party}"))
        } else {
            unanswered(party, repeat)
        }
    })?;
    let status = response.status().as_u16();
    let retry_after = retry_after(&response);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_MAX_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => return Err(unanswered(party, repeat)),
        }
    }
    Ok(Answer {
        status,
        retry_after,
        body,
    })
}

/// The header `Retry-After` in seconds; its other form, a date, is not used by those we ask.
pub(crate) fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn unanswered(party: &str, repeat: Repeat) -> SendError {
    let what = format!("no whole answer from {party}");
    match repeat {
        Repeat::Harmless => SendError::temporary(what),
        Repeat::Doubles => SendError::uncertain(what),
    }
}

impl Answer {
    /// The body as JSON, if it is that.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What a refusal means.
    ///
    /// 429 and 503 say themselves that nothing was done; other 5xx may come from a gateway behind which it was.
    ///
    /// * `detail`: the party's own code, if it gave one.
    pub(crate) fn refusal(&self, party: &str, detail: &str, repeat: Repeat) -> SendError {
        let mut what = format!("{party} answers {}", self.status);
        if !detail.is_empty() {
            what = format!("{what}, {detail}");
        }
        match self.status {
            429 | 503 => SendError::Temporary {
                what,
                retry_after: self.retry_after,
            },
            400..=499 => SendError::permanent(what),
            _ if repeat == Repeat::Harmless => SendError::temporary(what),
            _ => SendError::uncertain(what),
        }
    }
}
