//! Proof of work, as ALTCHA's widget does it: the client finds the number whose hash was given.
//!
//! Challenges are not stored: a MAC makes them ours. Those that were used are remembered until they expire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::LeadError;
use crate::platform::http::Problem;
use crate::platform::secrets::{Secrets, random_bytes, sha256};

const ALGORITHM: &str = "SHA-256";
/// The number is at most this: some tenths of a second on a phone.
const NUMBER_MAX: u64 = 100_000;
/// How long a challenge holds.
const HOLDS_MS: i64 = 10 * 60 * 1000;
/// Longest answer that is read.
const ANSWER_MAX_BYTES: usize = 2_000;

/// What to solve: the number from 0 to `maxnumber` with SHA-256(`salt` and the number in decimal digits) = `challenge`.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct ProofChallenge {
    /// `SHA-256`.
    pub algorithm: String,
    /// The hash to find, in hexadecimal digits.
    pub challenge: String,
    /// The number is at most this.
    pub maxnumber: u64,
    /// Stands before the number; holds when the challenge ends (`expires`, seconds since 1970).
    pub salt: String,
    /// Goes back as it came.
    pub signature: String,
}

/// The answer: JSON in base64.
#[derive(Deserialize)]
struct Answer {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

/// Gives out challenges and takes answers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Proofs {
    secrets: Secrets,
    /// When each used challenge ends, by its signature. Each entry has cost its sender the work.
    used: Arc<Mutex<HashMap<String, i64>>>,
}

impl Proofs {
    pub(super) fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            used: Arc::default(),
        }
    }

    /// A new challenge, for ten minutes.
    ///
    /// Errors: the operating system gives no random numbers.
    pub(super) fn challenge(&self, now_ms: i64) -> Result<ProofChallenge, Problem> {
        let random = random_bytes::<24>().map_err(Problem::internal)?;
        let (salt, number) = random.split_at(16);
        let number = number
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
            % (NUMBER_MAX + 1);
        let expires_s = (now_ms + HOLDS_MS) / 1000;
        // Without the last sign, digits could go over from the number to the time.
        let salt = format!("{}?expires={expires_s}&", HEXLOWER.encode(salt));
        let challenge = hash(&salt, number);
        Ok(ProofChallenge {
            algorithm: ALGORITHM.to_owned(),
            signature: self.signature(&challenge),
            challenge,
            maxnumber: NUMBER_MAX,
            salt,
        })
    }

    /// Takes an answer, once.
    ///
    /// Errors: it is none, wrong, too late or was used before.
    pub(super) fn redeem(&self, answer: &str, now_ms: i64) -> Result<(), LeadError> {
        let answer = read(answer).ok_or(LeadError::Proof("cannot be read"))?;
        let signature = self.signature(&answer.challenge);
        let is_ours: bool = signature
            .as_bytes()
            .ct_eq(answer.signature.as_bytes())
            .into();
        let is_solved = answer.algorithm == ALGORITHM
            && answer.number <= NUMBER_MAX
            && hash(&answer.salt, answer.number) == answer.challenge;
        if !is_ours || !is_solved {
            return Err(LeadError::Proof("is wrong"));
        }
        let ends_ms = ends_ms(&answer.salt).unwrap_or_default();
        if ends_ms <= now_ms {
            return Err(LeadError::Proof("came too late; ask for another challenge"));
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, ends_ms| *ends_ms > now_ms);
        if used.insert(signature, ends_ms).is_some() {
            return Err(LeadError::Proof(
                "was used before; ask for another challenge",
            ));
        }
        Ok(())
    }

    fn signature(&self, challenge: &str) -> String {
        HEXLOWER.encode(&self.secrets.proof_mac(challenge))
    }
}

fn read(answer: &str) -> Option<Answer> {
    if answer.len() > ANSWER_MAX_BYTES {
        return None;
    }
    let json = STANDARD.decode(answer.trim()).ok()?;
    serde_json::from_slice(&json).ok()
}

fn hash(salt: &str, number: u64) -> String {
    HEXLOWER.encode(&sha256(format!("{salt}{number}")))
}

fn ends_ms(salt: &str) -> Option<i64> {
    let (_, parameters) = salt.split_once('?')?;
    let expires = parameters
        .split('&')
        .find_map(|pair| pair.strip_prefix("expires="))?;
    expires.parse::<i64>().ok()?.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_360_044_120;

    fn proofs() -> Proofs {
        let folder = tempfile::tempdir().unwrap();
        Proofs::new(Secrets::open(&folder.path().join("secrets.json")).unwrap())
    }

    fn solved(challenge: &ProofChallenge) -> serde_json::Value {
        let number = (0..=challenge.maxnumber)
            .find(|number| hash(&challenge.salt, *number) == challenge.challenge)
            .unwrap();
        serde_json::json!({
            "algorithm": challenge.algorithm, "challenge": challenge.challenge, "number": number,
            "salt": challenge.salt, "signature": challenge.signature
        })
    }

    fn sent(answer: &serde_json::Value) -> String {
        STANDARD.encode(answer.to_string())
    }

    #[test]
    fn a_solved_challenge_is_taken_once_and_in_time() {
        let proofs = proofs();
        let answer = sent(&solved(&proofs.challenge(NOW_MS).unwrap()));
        assert!(proofs.redeem(&answer, NOW_MS + HOLDS_MS).is_err(), "late");
        assert!(proofs.redeem(&answer, NOW_MS + 1000).is_ok());
        assert!(proofs.redeem(&answer, NOW_MS + 2000).is_err(), "twice");
        let other = sent(&solved(&proofs.challenge(NOW_MS).unwrap()));
        assert!(proofs.redeem(&other, NOW_MS).is_ok());
    }

    #[test]
    fn a_changed_answer_is_refused() {
        let proofs = proofs();
        let right = solved(&proofs.challenge(NOW_MS).unwrap());
        let salt = right["salt"].as_str().unwrap();
        for (field, value) in [
            ("number", (right["number"].as_u64().unwrap() + 1).into()),
            ("salt", salt.replace("expires=", "expires=9").into()),
            ("signature", "00".into()),
            ("signature", "".into()),
            ("challenge", "00".into()),
            ("algorithm", "SHA-1".into()),
            ("number", "1".into()),
        ] {
            let mut wrong = right.clone();
            wrong[field] = value;
            assert!(proofs.redeem(&sent(&wrong), NOW_MS).is_err(), "{wrong}");
        }
        for no_answer in ["", "x", "e30=", &"A".repeat(2001)] {
            assert!(proofs.redeem(no_answer, NOW_MS).is_err(), "{no_answer}");
        }
        assert!(proofs.redeem(&sent(&right), NOW_MS).is_ok());
    }

    #[test]
    fn another_servers_challenge_is_none_of_ours() {
        let answer = sent(&solved(&proofs().challenge(NOW_MS).unwrap()));
        assert!(proofs().redeem(&answer, NOW_MS).is_err());
    }
}
