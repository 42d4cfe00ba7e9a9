//! Twilio's Messages resource (API 2010-04-01).

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;

use super::gsm7::Prepared;
use super::provider::{Accepted, Cost, Delivery, DeliveryStatus};
use crate::config::Secret;
use crate::notify::SendError;
use crate::notify::api::{self, Answer, Repeat};

const PARTY: &str = "Twilio";
/// Of the messages to one number so many of the newest are looked through.
const LOOKED_THROUGH: &str = "100";
/// Their clock and ours may differ by so much.
const CLOCKS_DIFFER: Duration = Duration::from_secs(120);

/// Whom messages come from.
#[derive(Debug, Clone)]
pub enum TwilioSender {
    /// A number (E.164) or a name of up to 11 characters.
    From(String),
    /// A messaging service, which chooses the number.
    Service(String),
}

/// An account with Twilio.
#[derive(Debug, Clone)]
pub struct Twilio {
    http: Client,
    messages: Url,
    account_sid: String,
    auth_token: Secret,
    sender: TwilioSender,
    status_callback: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    status: String,
    num_segments: Option<String>,
    price: Option<String>,
    price_unit: Option<String>,
    error_code: Option<i64>,
    #[serde(default)]
    body: String,
    date_created: Option<String>,
}

#[derive(Deserialize)]
struct List {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
}

impl Message {
    fn cost(&self) -> Option<Cost> {
        let price = self.price.as_deref()?;
        Cost::parse(price, self.price_unit.as_deref().unwrap_or("USD"))
    }

    fn delivery(&self) -> Delivery {
        match self.status.as_str() {
            "delivered" | "read" => Delivery::Delivered,
            "sent" => Delivery::Sent,
            "undelivered" | "failed" | "canceled" => {
                Delivery::Failed(self.error_code.map(|code| code.to_string()))
            }
            _ => Delivery::Queued,
        }
    }
}

impl Twilio {
    /// Where Twilio is reached.
    pub const BASE_URL: &str = "https://api.twilio.com";

    /// * `base_url`: [`Self::BASE_URL`].
    /// * `status_callback`: an address of ours that hears how far a message is.
    /// * Errors: permanent, when the account's id is none.
    pub fn new(
        base_url: &str,
        account_sid: &str,
        auth_token: Secret,
        sender: TwilioSender,
        status_callback: Option<String>,
    ) -> Result<Self, SendError> {
        let is_id = account_sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let base_url = base_url.trim_end_matches('/');
        let messages = format!("{base_url}/2010-04-01/Accounts/{account_sid}/Messages.json");
        let messages = Url::parse(&messages).ok().filter(|_| is_id);
        Ok(Self {
            http: api::client(None)?,
            messages: messages
                .ok_or_else(|| SendError::permanent("the account's id is not one of Twilio's"))?,
            account_sid: account_sid.to_owned(),
            auth_token,
            sender,
            status_callback,
        })
    }

    #[cfg(test)]
    pub(super) fn answering_within(mut self, within: Duration) -> Self {
        self.http = api::client(Some(within)).unwrap();
        self
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.account_sid, Some(self.auth_token.expose()))
    }

    pub(super) async fn send(&self, to: &str, message: &Prepared) -> Result<Accepted, SendError> {
        let mut form = vec![("To", to), ("Body", message.text())];
        form.push(match &self.sender {
            TwilioSender::From(from) => ("From", from),
            TwilioSender::Service(sid) => ("MessagingServiceSid", sid),
        });
        if let Some(url) = &self.status_callback {
            form.push(("StatusCallback", url));
        }
        let request = self.signed(self.http.post(self.messages.clone()));
        let answer = api::ask(request.form(&form), PARTY, Repeat::Doubles).await?;
        if !matches!(answer.status, 200 | 201) {
            return Err(refusal(&answer, Repeat::Doubles));
        }
        let Some(message): Option<Message> = answer.json() else {
            return Err(SendError::uncertain("Twilio's answer cannot be read"));
        };
        Ok(Accepted {
            parts: message
                .num_segments
                .as_deref()
                .and_then(|text| text.parse().ok()),
            cost: message.cost(),
            provider_id: Some(message.sid),
        })
    }

    pub(super) async fn status(&self, sid: &str) -> Result<DeliveryStatus, SendError> {
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SendError::permanent(
                "the message's id is not one of Twilio's",
            ));
        }
        let path = self
            .messages
            .path()
            .replace(".json", &format!("/{sid}.json"));
        let mut url = self.messages.clone();
        url.set_path(&path);
        let message: Message = self.get(url).await?;
        Ok(DeliveryStatus {
            delivery: message.delivery(),
            cost: message.cost(),
        })
    }

    /// Looks through the newest messages to a number. Not by `DateSent`: a message that still waits has none.
    pub(super) async fn find(
        &self,
        to: &str,
        message: &Prepared,
        since: Timestamp,
    ) -> Result<Option<String>, SendError> {
        let mut url = self.messages.clone();
        url.query_pairs_mut()
            .append_pair("To", to)
            .append_pair("PageSize", LOOKED_THROUGH);
        let list: List = self.get(url).await?;
        let since = since.saturating_sub(CLOCKS_DIFFER).unwrap_or(since);
        let is_it = |found: &Message| {
            let created = found.date_created.as_deref();
            let created = created.and_then(|text| rfc2822::parse(text).ok());
            // A trial account puts a sentence of its own in front.
            found.body.ends_with(message.text())
                && created.is_some_and(|at| at.timestamp() >= since)
        };
        let mut messages = list.messages.into_iter();
        Ok(messages.find(is_it).map(|found| found.sid))
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, SendError> {
        let request = self.signed(self.http.get(url));
        let answer = api::ask(request, PARTY, Repeat::Harmless).await?;
        if answer.status != 200 {
            return Err(refusal(&answer, Repeat::Harmless));
        }
        let read = answer.json();
        read.ok_or_else(|| SendError::temporary("Twilio's answer cannot be read"))
    }
}

/// Twilio's code says what is wrong (21211 is a wrong number, 21610 one that wants no more messages); the sentence
/// beside it repeats the number.
fn refusal(answer: &Answer, repeat: Repeat) -> SendError {
    let refusal: Option<Refusal> = answer.json();
    let detail = refusal.map_or(String::new(), |refusal| format!("code {}", refusal.code));
    answer.refusal(PARTY, &detail, repeat)
}
