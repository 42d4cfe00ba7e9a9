//! The second factor: one-time codes by the clock (RFC 6238: SHA-1, 30 seconds, six digits, one step of tolerance).

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::error::AccountError;
use crate::platform::secrets::random_bytes;

/// Length of a secret: that of SHA-1's output, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
const STEP_MS: i64 = 30 * 1000;
/// Steps before and after the current one that count, for clocks that are a little off.
const TOLERANCE_STEPS: i64 = 1;
/// What authenticator apps show above the code.
const ISSUER: &str = "NovaHouse";

/// A secret for a new enrolment.
pub(super) fn new_secret() -> Result<[u8; SECRET_BYTES], AccountError> {
    Ok(random_bytes()?)
}

/// The secret as apps take it when typed.
pub(super) fn to_base32(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The address that apps read from a QR code (Google's key URI format). `username` needs no escaping: its alphabet
/// is that of `rules::username`.
pub(super) fn otpauth_url(username: &str, secret: &[u8]) -> String {
    let secret = to_base32(secret);
    format!(
        "otpauth://totp/{ISSUER}:{username}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30"
    )
}

/// The time step whose code `typed` is, if it counts at `now_ms` and lies after `last_step`, the last one accepted:
/// no code works twice. Spaces in the code are passed over.
pub(super) fn matching_step(
    secret: &[u8],
    typed: &str,
    now_ms: i64,
    last_step: Option<i64>,
) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let now_step = now_ms.div_euclid(STEP_MS);
    // Every step is computed and compared, so that time does not tell which one fitted.
    (now_step - TOLERANCE_STEPS..=now_step + TOLERANCE_STEPS)
        .filter(|step| {
            let code = code_at(secret, *step);
            let fits: bool = code.as_bytes().ct_eq(typed.as_bytes()).into();
            fits & last_step.is_none_or(|last| *step > last)
        })
        .fold(None, |_, step| Some(step))
}

/// The six digits of one time step (RFC 4226, 5.3).
pub(super) fn code_at(secret: &[u8], step: i64) -> String {
    // HMAC takes keys of any length; this error cannot happen. No code is six letters.
    let Ok(mut mac) = <Hmac<Sha1> as hmac::KeyInit>::new_from_slice(secret) else {
        return "no key".into();
    };
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let offset = usize::from(hash[19] & 0x0f);
    let word = u32::from_be_bytes([
        hash[offset] & 0x7f,
        hash[offset + 1],
        hash[offset + 2],
        hash[offset + 3],
    ]);
    format!("{:06}", word % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B; the six digits are the last ones of its eight.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, seconds / 30), code);
            assert_eq!(
                matching_step(SECRET, code, seconds * 1000, None),
                Some(seconds / 30)
            );
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_one_step_late() {
        let now_step = 1000;
        let now_ms = now_step * STEP_MS + 29_999;
        let fits = |step| matching_step(SECRET, &code_at(SECRET, step), now_ms, None).is_some();
        assert!(fits(999) && fits(1000) && fits(1001));
        assert!(!fits(998) && !fits(1002));
    }

    #[test]
    fn no_code_works_twice_nor_one_older_than_the_last() {
        let code = code_at(SECRET, 1000);
        let now_ms = 1000 * STEP_MS;
        assert_eq!(matching_step(SECRET, &code, now_ms, Some(999)), Some(1000));
        assert_eq!(matching_step(SECRET, &code, now_ms, Some(1000)), None);
        assert_eq!(matching_step(SECRET, &code, now_ms, Some(1001)), None);
    }

    #[test]
    fn a_code_may_be_typed_with_a_space_but_must_be_whole() {
        let code = code_at(SECRET, 1000);
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        let fits = |typed: &str| matching_step(SECRET, typed, 1000 * STEP_MS, None).is_some();
        assert!(fits(&spaced));
        assert!(!fits(&code[..5]) && !fits("") && !fits("no key"));
    }

    #[test]
    fn the_address_for_apps_holds_the_secret_in_base32() {
        assert_eq!(
            otpauth_url("anna", b"12345678901234567890"),
            "otpauth://totp/NovaHouse:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=NovaHouse&algorithm=SHA1&digits=6&period=30"
        );
    }
}
