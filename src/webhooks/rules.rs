//! Pure decisions: who hears of what, what signs, when a webhook is switched off.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::model::{Disabled, EventKind};
use crate::platform::clock::to_rfc3339;

/// Length of a secret; Standard Webhooks wants 24 to 64 bytes.
pub(super) const SECRET_BYTES: usize = 32;
/// How long the secret before a rotation signs too.
pub(super) const OLD_SECRET_MS: i64 = 24 * 60 * 60 * 1000;
/// A webhook that does nothing but fail for so long is switched off.
const FAILING_MAX_MS: i64 = 5 * 24 * 60 * 60 * 1000;
/// `Gone`: the other side wants no more.
const GONE: u16 = 410;

/// Whether a webhook hears of an event.
///
/// * `patterns`: names of events; a `*` at the end stands for the rest.
pub(super) fn hears(patterns: &[String], kind: EventKind) -> bool {
    patterns.iter().any(|pattern| matches(pattern, kind))
}

fn matches(pattern: &str, kind: EventKind) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => kind.as_str().starts_with(beginning),
        None => kind.as_str() == pattern,
    }
}

/// The patterns in order and once each.
///
/// Errors: the first that no event fits, or that there is none.
pub(super) fn patterns(texts: &[String]) -> Result<Vec<String>, String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        let text = text.trim();
        let is_whole = matches!(text, "*" | "lead.*" | "booking.*" | "conversation.*");
        let is_one = EventKind::HEARD.iter().any(|kind| kind.as_str() == text);
        if !is_whole && !is_one {
            return Err(
                "must be events like lead.created, lead.*, booking.*, conversation.* or *".into(),
            );
        }
        if !kept.iter().any(|one| one == text) {
            kept.push(text.to_owned());
        }
    }
    if kept.is_empty() {
        return Err("must name at least one event".into());
    }
    Ok(kept)
}

/// The body of a request.
pub(super) fn payload(kind: EventKind, at_ms: i64, data: &Value) -> String {
    json!({"type": kind.as_str(), "timestamp": to_rfc3339(at_ms), "data": data}).to_string()
}

/// A secret as receivers are given it.
pub(super) fn shown(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The header `webhook-signature`: one signature for each secret.
///
/// * `at_s`: the header `webhook-timestamp`, seconds since 1970.
pub(super) fn signatures(secrets: &[Vec<u8>], event_id: &str, at_s: i64, body: &str) -> String {
    let signed = format!("{event_id}.{at_s}.{body}");
    let signatures = secrets.iter().map(|secret| {
        // HMAC takes keys of any length; this error cannot happen, and an empty signature fits nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
            return String::new();
        };
        mac.update(signed.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

/// Whether a webhook is to be switched off after a failed try.
///
/// * `failing_since_ms`: the first failure since the last success.
pub(super) fn disabled(
    status: Option<u16>,
    failing_since_ms: i64,
    now_ms: i64,
) -> Option<Disabled> {
    if status == Some(GONE) {
        return Some(Disabled::Gone);
    }
    (now_ms - failing_since_ms >= FAILING_MAX_MS).then_some(Disabled::Failing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn patterns_choose_events() {
        for (given, kind, is_heard) in [
            (&["lead.created"][..], EventKind::LeadCreated, true),
            (&["lead.created"], EventKind::LeadUpdated, false),
            (&["booking.*", "lead.*"], EventKind::LeadStatusChanged, true),
            (&["booking.*"], EventKind::LeadCreated, false),
            (&["*"], EventKind::ConversationClosed, true),
        ] {
            let given = patterns(&owned(given)).unwrap();
            assert_eq!(hears(&given, kind), is_heard, "{given:?} {kind:?}");
        }
        assert_eq!(patterns(&owned(&["*", " * "])).unwrap(), ["*"]);
        for wrong in [
            &[][..],
            &["lead.exploded"],
            &["lead"],
            &["l*"],
            &[""],
            &["webhook.test"],
        ] {
            assert!(patterns(&owned(wrong)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_signature_is_that_of_the_specifications_example() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let sign = |secrets: &[Vec<u8>]| {
            signatures(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
        };
        assert_eq!(sign(std::slice::from_ref(&secret)), one);
        let both = sign(&[vec![7; 32], secret.clone()]);
        let (other, last) = both.split_once(' ').unwrap();
        assert!(other.starts_with("v1,") && other != one && last == one);
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn a_webhook_is_switched_off_when_it_is_gone_or_fails_for_five_days() {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        assert_eq!(disabled(Some(410), 0, 0), Some(Disabled::Gone));
        assert_eq!(disabled(Some(500), 0, 5 * DAY_MS - 1), None);
        assert_eq!(disabled(Some(500), 0, 5 * DAY_MS), Some(Disabled::Failing));
        assert_eq!(disabled(None, 0, 5 * DAY_MS), Some(Disabled::Failing));
    }
}
