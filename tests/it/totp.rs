//! The authenticator app of a tester: one-time codes as RFC 6238 has them.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Length of a time step.
const STEP_S: u64 = 30;

/// The code of the time step that lies `steps_ahead` after the current one. No code works twice, so a second one
/// within the same half minute has to be the next step's, which a server with a tolerance of one step takes.
pub fn code(secret_base32: &str, steps_ahead: u64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    at_step(secret_base32, now / STEP_S + steps_ahead)
}

fn at_step(secret_base32: &str, step: u64) -> String {
    let key = data_encoding::BASE32_NOPAD
        .decode(secret_base32.trim_end_matches('=').as_bytes())
        .unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[hash.len() - 1] & 0xf);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[test]
fn the_testers_app_gives_the_codes_of_rfc_6238() {
    let secret = data_encoding::BASE32_NOPAD.encode(b"12345678901234567890");
    assert_eq!(at_step(&secret, 59 / STEP_S), "287082");
    assert_eq!(at_step(&secret, 1_111_111_109 / STEP_S), "081804");
}
