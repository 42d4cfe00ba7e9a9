//! The signature: HMAC-SHA256 over `id.timestamp.body`, as `v1,<base64>` (Standard Webhooks 1.0).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How a secret begins when it is shown.
const PREFIX: &str = "whsec_";
/// Lengths that Standard Webhooks allows.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What a receiver checks our signatures with. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Not a secret of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be whsec_ and 24 to 64 bytes in base64")]
pub struct SecretError;

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Secret {
    /// A new one.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads one as it is shown.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(SecretError)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| SecretError)?;
        if !BYTES.contains(&bytes.len()) {
            return Err(SecretError);
        }
        Ok(Self(bytes))
    }

    /// As it is shown to the owner, once, and kept sealed.
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn sign(&self, signed: &[&[u8]]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in signed {
            mac.update(part);
        }
        let code = mac.finalize().into_bytes();
        Some(format!("v1,{}", STANDARD.encode(code)))
    }
}

/// The header `webhook-signature`: one signature for each secret. During a rotation there are two, and a receiver that
/// knows either accepts.
///
/// * `id`: the same for every try to deliver this event; without dots.
/// * `timestamp_s`: of this try, in seconds.
pub fn signature(secrets: &[Secret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let timestamp = timestamp_s.to_string();
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let all = secrets.iter().filter_map(|secret| secret.sign(&signed));
    all.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification's reference implementations, which all carry this example.
    #[test]
    fn the_well_known_example_has_the_well_known_signature() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = signature(&[secret], id, 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_read_as_it_was_shown_and_no_other_length_is_taken() {
        let secret = Secret::from_random([7; 32]);
        assert_eq!(Secret::parse(&secret.to_text()), Ok(secret.clone()));
        assert!(!format!("{secret:?}").contains(&secret.to_text()[6..]));
        for length in [0, 23, 65] {
            let text = format!("whsec_{}", STANDARD.encode(vec![1; length]));
            assert_eq!(Secret::parse(&text), Err(SecretError), "{length}");
        }
        for wrong in ["", "whsec_", "whsec_???", &secret.to_text()[6..]] {
            assert_eq!(Secret::parse(wrong), Err(SecretError), "{wrong}");
        }
    }
}
