//! What both providers have in common.

use jiff::Timestamp;

use super::gsm7::Prepared;
use super::{SmsApi, Twilio};
use crate::notify::SendError;

/// An amount as the provider states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// In ten-thousandths of the unit.
    pub ten_thousandths: i64,
    /// A currency like `USD`, or `points`, in which SMSAPI counts.
    pub unit: String,
}

impl Cost {
    /// Reads a decimal number like `-0.00750`; the sign (Twilio's: money that goes) is dropped, what is finer than a
    /// ten-thousandth is rounded up. `None` when it is no number.
    pub(super) fn parse(number: &str, unit: &str) -> Option<Self> {
        let number = number.trim().trim_start_matches('-');
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || !fraction.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let (kept, finer) = fraction.split_at(fraction.len().min(4));
        let kept: i64 = format!("{kept:0<4}").parse().ok()?;
        let up = i64::from(finer.bytes().any(|digit| digit != b'0'));
        Some(Self {
            ten_thousandths: whole.checked_mul(10_000)?.checked_add(kept + up)?,
            unit: unit.to_owned(),
        })
    }
}

/// The provider has taken a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its id there; missing when the provider only says that it had the message before.
    pub provider_id: Option<String>,
    /// How many messages it makes of it, if it says so.
    pub parts: Option<u32>,
    /// What it costs, if that is known yet.
    pub cost: Option<Cost>,
}

/// How far a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// With the provider.
    Queued,
    /// With the network.
    Sent,
    /// On the phone.
    Delivered,
    /// It will not arrive; the provider's code, if there is one.
    Failed(Option<String>),
}

/// How far a message is and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryStatus {
    /// How far.
    pub delivery: Delivery,
    /// What it cost, if that is known.
    pub cost: Option<Cost>,
}

/// The provider the company has an account with.
#[derive(Debug, Clone)]
pub enum SmsProvider {
    /// twilio.com
    Twilio(Twilio),
    /// smsapi.pl or smsapi.com
    SmsApi(SmsApi),
}

impl SmsProvider {
    /// Sends a message.
    ///
    /// * `to`: E.164.
    /// * `key`: the same for every try to send this message.
    /// * Errors: [`SendError::Uncertain`] from Twilio alone, when it may have the message: [`find`](Self::find) it before
    ///   it is sent again. SMSAPI knows the key and refuses a second message with it on one day, so there a time-out is
    ///   temporary.
    pub async fn send(
        &self,
        to: &str,
        message: &Prepared,
        key: &str,
    ) -> Result<Accepted, SendError> {
        match self {
            Self::Twilio(twilio) => twilio.send(to, message).await,
            Self::SmsApi(smsapi) => smsapi.send(to, message, key).await,
        }
    }

    /// How far a message is.
    pub async fn status(&self, provider_id: &str) -> Result<DeliveryStatus, SendError> {
        match self {
            Self::Twilio(twilio) => twilio.status(provider_id).await,
            Self::SmsApi(smsapi) => smsapi.status(provider_id).await,
        }
    }

    /// The id of a message that was sent to `to` at `since` or later, if the provider has it.
    ///
    /// Only Twilio ever needs to be asked; with SMSAPI it is always `None`.
    pub async fn find(
        &self,
        to: &str,
        message: &Prepared,
        since: Timestamp,
    ) -> Result<Option<String>, SendError> {
        match self {
            Self::Twilio(twilio) => twilio.find(to, message, since).await,
            Self::SmsApi(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_without_floating_point() {
        for (text, expected) in [
            ("-0.00750", Some(75)),
            ("0.16", Some(1600)),
            ("0.16001", Some(1601)),
            ("12", Some(120_000)),
            ("-1.5", Some(15_000)),
            ("", None),
            (".5", None),
            ("1e3", None),
            ("0.-5", None),
            ("99999999999999999999", None),
            ("999999999999999999", None),
        ] {
            let cost = Cost::parse(text, "USD");
            assert_eq!(cost.map(|cost| cost.ten_thousandths), expected, "{text}");
        }
    }
}
