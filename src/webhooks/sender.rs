//! One request to a webhook: bounded in time and size, without redirects, only where [`guard`] lets it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, redirect};

use super::guard::{self, Refused, Resolver};
use super::model::Tried;
use crate::notify::SendError;
use crate::notify::api::retry_after;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Standard Webhooks suggests 15 to 30 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// The answer's body only serves the log.
const BODY_WITHIN: Duration = Duration::from_secs(2);
const BODY_MAX_BYTES: usize = 16 * 1024;
const EXCERPT_MAX_CHARS: usize = 500;

/// Sends requests.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    http: Client,
    allow_private: bool,
}

/// A request as Standard Webhooks has it.
pub(super) struct Request<'a> {
    pub(super) url: &'a str,
    /// `webhook-id`
    pub(super) event_id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub(super) at_s: i64,
    /// `webhook-signature`
    pub(super) signatures: String,
    pub(super) body: String,
}

impl Sender {
    /// * `allow_private`: the setting `webhook_allow_private`.
    /// * `within`: for the whole answer; 15 s without it.
    /// * Errors: TLS cannot be set up.
    pub(super) fn new(allow_private: bool, within: Option<Duration>) -> Result<Self, SendError> {
        let http = Client::builder()
            // A proxy would look the name up itself.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver { allow_private }))
            .connect_timeout(CONNECT_WITHIN)
            .timeout(within.unwrap_or(ANSWER_WITHIN))
            .user_agent(concat!("NovaHouse/", env!("CARGO_PKG_VERSION")))
            .build();
        let http = http.map_err(|_| SendError::Permanent {
            what: "the HTTP client cannot be set up".into(),
        })?;
        Ok(Self {
            http,
            allow_private,
        })
    }

    /// Sends a request and says what came of it.
    pub(super) async fn post(&self, request: Request<'_>) -> Tried {
        let url = match guard::parse(request.url, self.allow_private) {
            Ok(url) => url,
            Err(why) => return unsent(format!("the address {why}")),
        };
        let sent = self
            .http
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", request.event_id)
            .header("webhook-timestamp", request.at_s)
            .header("webhook-signature", request.signatures)
            .body(request.body)
            .send();
        match sent.await {
            Ok(response) => answered(response).await,
            Err(error) => unsent(why(&error)),
        }
    }
}

async fn answered(response: Response) -> Tried {
    let status = response.status();
    let retry_after = retry_after(&response);
    let error = match status.as_u16() {
        200..=299 => None,
        number @ 300..=399 => Some(format!("it answers {number}; redirects are not followed")),
        number => Some(format!("it answers {number}")),
    };
    Tried {
        status: Some(status.as_u16()),
        excerpt: excerpt(response).await,
        error,
        retry_after,
    }
}

/// The beginning of the answer's body, as far as it comes soon.
async fn excerpt(mut response: Response) -> Option<String> {
    let mut body: Vec<u8> = Vec::new();
    let read = async {
        while body.len() < BODY_MAX_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
    };
    // What came until then is enough.
    let _ = tokio::time::timeout(BODY_WITHIN, read).await;
    let text = String::from_utf8_lossy(&body[..body.len().min(BODY_MAX_BYTES)]);
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(EXCERPT_MAX_CHARS)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn unsent(why: String) -> Tried {
    Tried {
        status: None,
        excerpt: None,
        error: Some(why),
        retry_after: None,
    }
}

/// Why there was no answer. The library's own text names the address, which may hold a key.
fn why(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(one) = cause {
        if let Some(refused) = one.downcast_ref::<Refused>() {
            return refused.to_string();
        }
        cause = one.source();
    }
    let what = if error.is_connect() {
        "no connection: the name, the port or the certificate is wrong, or nobody is there"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke before an answer came"
    };
    what.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::test_peer::{Does, Peer};

    const SOON: Duration = Duration::from_millis(300);

    async fn post(does: Does, allow_private: bool) -> (Tried, Peer) {
        let peer = Peer::always(does).await;
        let sender = Sender::new(allow_private, Some(SOON)).unwrap();
        let url = format!("{}/hook?key=1", peer.url());
        let request = Request {
            url: &url,
            event_id: "msg_1",
            at_s: 1_614_265_330,
            signatures: "v1,x v1,y".into(),
            body: "{}".into(),
        };
        (sender.post(request).await, peer)
    }

    #[tokio::test]
    async fn a_request_has_the_headers_of_standard_webhooks() {
        let (tried, peer) = post(Does::Answer(200, "", " fine\n".into()), true).await;
        assert_eq!((tried.status, tried.error), (Some(200), None));
        assert_eq!(tried.excerpt.as_deref(), Some("fine"));
        let asked = &peer.asked()[0];
        assert!(asked.head.starts_with("POST /hook?key=1 HTTP/1.1"));
        for (name, value) in [
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,x v1,y"),
            ("content-type", "application/json"),
        ] {
            assert_eq!(asked.header(name), Some(value));
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_and_a_wait_is_kept() {
        let (tried, peer) = post(
            Does::Answer(307, "location: /elsewhere\r\n", String::new()),
            true,
        )
        .await;
        assert_eq!(tried.status, Some(307));
        assert!(tried.error.is_some());
        assert_eq!(peer.asked().len(), 1);
        let (busy, _) = post(Does::Answer(429, "retry-after: 9\r\n", "x".into()), true).await;
        assert_eq!(busy.retry_after, Some(Duration::from_secs(9)));
    }

    #[tokio::test]
    async fn silence_and_endless_answers_end() {
        for does in [Does::Sleep, Does::Close] {
            let (tried, _) = post(does, true).await;
            assert_eq!(tried.status, None);
            assert!(tried.error.is_some());
        }
        let (endless, _) = post(Does::Drip, true).await;
        assert_eq!((endless.status, endless.error), (Some(200), None));
        assert!(
            endless
                .excerpt
                .is_none_or(|text| text.len() <= EXCERPT_MAX_CHARS)
        );
    }

    #[tokio::test]
    async fn nothing_is_sent_to_a_private_address() {
        let (tried, peer) = post(Does::Answer(200, "", String::new()), false).await;
        assert!(tried.error.is_some());
        assert!(peer.asked().is_empty());
    }

    #[tokio::test]
    async fn an_error_says_nothing_of_the_address() {
        let sender = Sender::new(true, Some(SOON)).unwrap();
        let request = Request {
            url: "http://127.0.0.1:1/?key=hush",
            event_id: "msg_1",
            at_s: 0,
            signatures: String::new(),
            body: String::new(),
        };
        let error = sender.post(request).await.error.unwrap();
        assert!(error.starts_with("no connection"), "{error}");
        assert!(!error.contains("hush"));
    }
}
