//! SMSAPI (`/sms.do`).
//!
//! Every message carries our key as `idx` with `check_idx`: a second one with the same key on one day is refused with
//! error 53. So a message can be sent again after a time-out, and error 53 means that it was taken before.

use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;
use serde_json::Value;

use super::gsm7::Prepared;
use super::provider::{Accepted, Cost, Delivery, DeliveryStatus};
use crate::config::Secret;
use crate::notify::SendError;
use crate::notify::api::{self, Answer, Repeat};
use crate::notify::key;

const PARTY: &str = "SMSAPI";
/// The message with this `idx` was taken before.
const TAKEN_BEFORE: i64 = 53;
/// Errors that pass: too many requests at once or in a time, theirs inside.
const PASSING: [i64; 7] = [52, 200, 201, 202, 203, 666, 999];

/// An account with SMSAPI.
#[derive(Debug, Clone)]
pub struct SmsApi {
    http: Client,
    send: Url,
    token: Secret,
    from: Option<String>,
    notify_url: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    error: Option<i64>,
    #[serde(default)]
    list: Vec<Item>,
    /// What `details` adds.
    parts: Option<Value>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    points: Option<Value>,
    #[serde(default)]
    status: String,
    parts: Option<Value>,
    error: Option<Value>,
}

impl Item {
    fn cost(&self) -> Option<Cost> {
        Cost::parse(&number(self.points.as_ref()?), "points")
    }

    fn delivery(&self) -> Delivery {
        match self.status.as_str() {
            "DELIVERED" => Delivery::Delivered,
            "SENT" | "ACCEPTED" => Delivery::Sent,
            "UNDELIVERED" | "FAILED" | "REJECTED" | "EXPIRED" | "NOT_FOUND" | "STOP" => {
                Delivery::Failed(Some(self.status.clone()))
            }
            _ => Delivery::Queued,
        }
    }
}

/// Numbers come as such or in quotes.
fn number(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl SmsApi {
    /// Where the Polish service is reached.
    pub const BASE_URL: &str = "https://api.smsapi.pl";

    /// * `base_url`: [`Self::BASE_URL`], or `https://api.smsapi.com`.
    /// * `from`: a sender's name registered with SMSAPI; without one, the account's own is used.
    /// * `notify_url`: an address of ours that hears how far a message is. SMSAPI does not sign, so the address must be
    ///   one that cannot be guessed.
    /// * Errors: permanent, when `base_url` is no address.
    pub fn new(
        base_url: &str,
        token: Secret,
        from: Option<String>,
        notify_url: Option<String>,
    ) -> Result<Self, SendError> {
        let send = Url::parse(&format!("{}/sms.do", base_url.trim_end_matches('/')));
        Ok(Self {
            http: api::client(None)?,
            send: send.map_err(|_| SendError::permanent("SMSAPI's address is none"))?,
            token,
            from,
            notify_url,
        })
    }

    #[cfg(test)]
    pub(super) fn answering_within(mut self, within: std::time::Duration) -> Self {
        self.http = api::client(Some(within)).unwrap();
        self
    }

    pub(super) async fn send(
        &self,
        to: &str,
        message: &Prepared,
        message_key: &str,
    ) -> Result<Accepted, SendError> {
        let idx = key::digest(message_key);
        let mut form = vec![
            ("to", to.trim_start_matches('+')),
            ("message", message.text()),
            ("format", "json"),
            ("encoding", "utf-8"),
            // Ours is done already, and counted.
            ("normalize", "0"),
            ("details", "1"),
            ("idx", &idx),
            ("check_idx", "1"),
        ];
        if let Some(from) = &self.from {
            form.push(("from", from));
        }
        if let Some(url) = &self.notify_url {
            form.push(("notify_url", url));
        }
        let request = self.http.post(self.send.clone()).form(&form);
        let (answer, reply) = self.ask(request).await?;
        let reply = reply.ok_or_else(|| refusal(&answer, None))?;
        if reply.error == Some(TAKEN_BEFORE) {
            return Ok(Accepted {
                provider_id: None,
                parts: None,
                cost: None,
            });
        }
        let item = reply.list.first().filter(|_| reply.error.is_none());
        let Some(item) = item.filter(|item| item.error.is_none()) else {
            let of_item = reply.list.first().and_then(|item| item.error.as_ref());
            let of_item = of_item.and_then(|code| number(code).parse().ok());
            return Err(refusal(&answer, reply.error.or(of_item)));
        };
        let parts = item.parts.as_ref().or(reply.parts.as_ref());
        Ok(Accepted {
            provider_id: Some(item.id.clone()),
            parts: parts.and_then(|parts| number(parts).parse().ok()),
            cost: item.cost(),
        })
    }

    pub(super) async fn status(&self, id: &str) -> Result<DeliveryStatus, SendError> {
        let form = [("status", id), ("format", "json")];
        let request = self.http.post(self.send.clone()).form(&form);
        let (answer, reply) = self.ask(request).await?;
        let item = reply.as_ref().and_then(|reply| reply.list.first());
        match item {
            Some(item) => Ok(DeliveryStatus {
                delivery: item.delivery(),
                cost: item.cost(),
            }),
            None => Err(refusal(&answer, reply.and_then(|reply| reply.error))),
        }
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(Answer, Option<Reply>), SendError> {
        let request = request.bearer_auth(self.token.expose());
        let answer = api::ask(request, PARTY, Repeat::Harmless).await?;
        let reply = answer.json();
        Ok((answer, reply))
    }
}

/// Refusals come with status 200 as well as with 4xx; the code decides.
fn refusal(answer: &Answer, code: Option<i64>) -> SendError {
    let Some(code) = code else {
        return if answer.status == 200 {
            SendError::temporary("SMSAPI's answer cannot be read")
        } else {
            answer.refusal(PARTY, "", Repeat::Harmless)
        };
    };
    let what = format!("SMSAPI refuses: code {code}");
    if PASSING.contains(&code) || matches!(answer.status, 429 | 500..) {
        SendError::Temporary {
            what,
            retry_after: answer.retry_after,
        }
    } else {
        SendError::Permanent { what }
    }
}
