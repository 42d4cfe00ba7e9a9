//! Asking for one's own data, or for its erasure: whoever can read a code sent to an address or number is its owner.
//!
//! A request is answered before anybody looks whether there is such a person; a job looks, and sends the code. So neither
//! the answer nor its time tells. A request without a code refuses every code as one with another code does.

use data_encoding::HEXLOWER;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::erase;
use super::export::Export;
use super::{Identifier, Person, Receipt, Rodo, RodoError, person, store};
use crate::accounts::audit;
use crate::nlu::Lang;
use crate::notify::messages::{Message, OneTimeCode};
use crate::notify::outbox::{self, About, NewDelivery, Recipient};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Tx};
use crate::platform::jobs::{HandlerError, NewJob, enqueue};
use crate::platform::secrets::{Secrets, random_bytes, random_token, sha256};
use crate::text_column;

/// The job that sends a code where there is a person; its payload is the request's number.
pub const CODE_JOB: &str = "rodo.send_code";
/// How long a code, and then a link, is valid.
const VALID_MIN: u32 = 10;
const VALID_MS: i64 = VALID_MIN as i64 * 60_000;
/// Codes that may be tried.
const ATTEMPTS_MAX: i64 = 5;
/// Digits of a code.
const CODE_DIGITS: u32 = 6;
/// Codes sent to one address or number within an hour; somebody else may be asking.
const CODES_AN_HOUR: usize = 3;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Requests are kept this long after their end, so that somebody who asks can be told that they did.
pub(super) const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// Longest token of a request or link that is looked up.
const TOKEN_MAX_BYTES: usize = 64;

/// What somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum)]
#[oai(rename_all = "snake_case", rename = "PrivacyRequestKind")]
pub enum Kind {
    /// Everything that is kept about them.
    Export,
    /// That it is erased.
    Delete,
}

text_column!(Kind {
    Export = "export",
    Delete = "delete"
});

/// A request as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) identifier: String,
    pub(super) lang: Lang,
    pub(super) code_hash: Option<Vec<u8>>,
    pub(super) attempts: i64,
    pub(super) created_at_ms: i64,
    pub(super) expires_at_ms: i64,
}

/// What a right code brings.
pub(crate) enum Confirmed {
    /// The token of a link that works once, until a time.
    Export { token: String, until_ms: i64 },
    /// It is done.
    Deleted(Receipt),
}

/// What the transaction that checks a code decided.
enum Checked {
    Wrong,
    Export { token: String, until_ms: i64 },
    Deleted(Receipt, Person),
}

impl Rodo {
    /// Takes a request down; answers its public name. Whether there is such a person is looked at later.
    pub(crate) async fn request(
        &self,
        identifier: &Identifier,
        kind: Kind,
        lang: Lang,
    ) -> Result<String, RodoError> {
        let token = random_token()?;
        let token_hash = sha256(&token);
        let now = now_ms();
        let request = Request {
            id: 0,
            kind,
            identifier: identifier.key(),
            lang,
            code_hash: None,
            attempts: 0,
            created_at_ms: now,
            expires_at_ms: now + VALID_MS,
        };
        let write = self.0.store.write(move |tx| {
            let id = store::insert_request(tx, &request, &token_hash)?;
            let job = NewJob {
                kind: CODE_JOB,
                payload_json: &id.to_string(),
                dedupe_key: None,
            };
            enqueue(tx, &job, now)
        });
        write.await?;
        Ok(token)
    }

    /// Sends the code of a request, if anything is kept about whoever it names.
    pub async fn send_code(&self, payload_json: &str) -> Result<(), HandlerError> {
        let id: i64 = payload_json
            .parse()
            .map_err(|_| HandlerError::Final("the payload is no number".into()))?;
        let secrets = self.0.secrets.clone();
        let write = self
            .0
            .store
            .write(move |tx| send_code(tx, id, &secrets, now_ms()));
        write
            .await
            .map_err(|error| HandlerError::Retry(error.to_string()))
    }

    /// Tries a code: a right one gives the link to an export, or erases.
    ///
    /// Errors: wrong, out of date, tried too often, or no such request, which is all one answer; several people share the
    /// phone number; a legal hold forbids erasing.
    pub(crate) async fn confirm(&self, token: &str, code: &str) -> Result<Confirmed, RodoError> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(RodoError::WrongCode);
        }
        let (token_hash, code) = (sha256(token), code.trim().to_owned());
        let secrets = self.0.secrets.clone();
        let download = random_token()?;
        let write = self.0.store.write(move |tx| {
            let Some(request) = store::request_named(tx, &token_hash)? else {
                return Ok(Checked::Wrong);
            };
            store::count_attempt(tx, request.id)?;
            let now = now_ms();
            if !is_right(&request, &code, &secrets, now) {
                return Ok(Checked::Wrong);
            }
            fulfil(tx, &request, download, &secrets, now)
        });
        match write.await? {
            Checked::Wrong => Err(RodoError::WrongCode),
            Checked::Export { token, until_ms } => Ok(Confirmed::Export { token, until_ms }),
            Checked::Deleted(receipt, person) => {
                self.finish_or_leave(receipt.id, &person).await;
                Ok(Confirmed::Deleted(receipt))
            }
        }
    }

    /// The export a link leads to, once, in the language of its request.
    ///
    /// Errors: the link was used, is out of date, or never was one.
    pub(super) async fn fetch(&self, token: &str) -> Result<(Export, Lang), RodoError> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(RodoError::LinkGone);
        }
        let download_hash = sha256(token);
        let write = self.0.store.write(move |tx| {
            let request = store::request_ready(tx, &download_hash)?;
            let request = request.filter(|request| now_ms() < request.expires_at_ms);
            if let Some(request) = &request {
                store::close(tx, request.id)?;
            }
            Ok::<_, RodoError>(request)
        });
        let request = write.await?.ok_or(RodoError::LinkGone)?;
        let identifier = Identifier::parse(&request.identifier, &self.0.secrets)?;
        let export = self.export(identifier, audit::VISITOR.to_owned()).await?;
        Ok((export, request.lang))
    }
}

/// Does what a request asks for, its code being right.
fn fulfil(
    tx: &mut dyn Tx,
    request: &Request,
    download: String,
    secrets: &Secrets,
    now_ms: i64,
) -> Result<Checked, RodoError> {
    let identifier = Identifier::parse(&request.identifier, secrets)?;
    let person = person::find(tx, &identifier, secrets).map_err(|error| match error {
        // What tells the others apart is theirs.
        RodoError::SeveralPeople(_) => RodoError::SeveralPeople(json!([])),
        error => error,
    })?;
    match request.kind {
        Kind::Export => {
            let until_ms = now_ms + VALID_MS;
            store::make_ready(tx, request.id, &sha256(&download), until_ms)?;
            Ok(Checked::Export {
                token: download,
                until_ms,
            })
        }
        Kind::Delete => {
            store::close(tx, request.id)?;
            let receipt = erase::erase(tx, &person, audit::VISITOR, secrets, now_ms)?;
            Ok(Checked::Deleted(receipt, person))
        }
    }
}

/// Whether a code opens a request; its attempts count the one before this.
fn is_right(request: &Request, code: &str, secrets: &Secrets, now_ms: i64) -> bool {
    let hash = code_hash(request.id, code, secrets);
    let is_code = request
        .code_hash
        .as_ref()
        .is_some_and(|known| known.ct_eq(&hash).into());
    is_code && request.attempts < ATTEMPTS_MAX && now_ms < request.expires_at_ms
}

/// A code has a million values, so that its hash is one under a key.
fn code_hash(id: i64, code: &str, secrets: &Secrets) -> [u8; 32] {
    secrets
        .tombstone_key()
        .mac(format!("code:{id}:{code}").as_bytes())
}

fn new_code() -> Result<String, RodoError> {
    let random = u64::from_be_bytes(random_bytes()?);
    let code = random % 10_u64.pow(CODE_DIGITS);
    Ok(format!("{code:0width$}", width = CODE_DIGITS as usize))
}

fn send_code(tx: &mut dyn Tx, id: i64, secrets: &Secrets, now_ms: i64) -> Result<(), RodoError> {
    let Some(request) = store::request(tx, id)? else {
        return Ok(());
    };
    // A job that runs twice must not make the code worthless that is on its way.
    if request.code_hash.is_some() || now_ms >= request.expires_at_ms {
        return Ok(());
    }
    let since_ms = now_ms - HOUR_MS;
    let asked = store::requests_of(tx, &request.identifier)?;
    let before = |(other, _, at_ms): &&(i64, Kind, i64)| *other < id && *at_ms > since_ms;
    if asked.iter().filter(before).count() >= CODES_AN_HOUR {
        return Ok(());
    }
    let identifier = Identifier::parse(&request.identifier, secrets)?;
    match person::find(tx, &identifier, secrets) {
        Ok(_) | Err(RodoError::SeveralPeople(_)) => {}
        Err(RodoError::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    }
    let code = new_code()?;
    store::set_code(tx, id, &code_hash(id, &code, secrets))?;
    Ok(queue(tx, &request, code, now_ms)?)
}

fn queue(tx: &mut dyn Tx, request: &Request, code: String, now_ms: i64) -> Result<(), DbError> {
    let values = OneTimeCode {
        code,
        valid_min: VALID_MIN,
    };
    let message = if request.identifier.contains('@') {
        Message::OneTimeCode(values)
    } else {
        Message::OneTimeCodeSms(values)
    };
    let delivery = NewDelivery {
        key: format!("privacy_request:{}", request.id),
        message: &message,
        lang: Some(request.lang),
        to: Recipient::Person {
            address: request.identifier.clone(),
            name: String::new(),
        },
        about: Some(About::PrivacyRequest(request.id)),
        calendar: None,
    };
    outbox::queue(tx, &delivery, now_ms)
}

/// Whether a text can be the token of a link.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() <= TOKEN_MAX_BYTES
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A name of a receipt.
pub(crate) fn is_receipt(text: &str) -> bool {
    HEXLOWER
        .decode(text.as_bytes())
        .is_ok_and(|bytes| bytes.len() == 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> (tempfile::TempDir, Secrets) {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        (folder, secrets)
    }

    fn request(code: Option<&str>, attempts: i64, secrets: &Secrets) -> Request {
        Request {
            id: 7,
            kind: Kind::Export,
            identifier: "anna@example.com".into(),
            lang: Lang::Pl,
            code_hash: code.map(|code| code_hash(7, code, secrets).to_vec()),
            attempts,
            created_at_ms: 0,
            expires_at_ms: VALID_MS,
        }
    }

    #[test]
    fn only_the_right_code_in_time_opens_a_request_at_most_at_the_fifth_try() {
        let (_folder, secrets) = secrets();
        let opens = |code: Option<&str>, tried: &str, attempts, now_ms| {
            is_right(&request(code, attempts, &secrets), tried, &secrets, now_ms)
        };
        assert!(opens(Some("012345"), "012345", 0, 0));
        assert!(opens(Some("012345"), "012345", 4, VALID_MS - 1));
        assert!(!opens(Some("012345"), "012345", 5, 0));
        assert!(!opens(Some("012345"), "012345", 0, VALID_MS));
        assert!(!opens(Some("012345"), "012346", 0, 0));
        assert!(!opens(None, "", 0, 0));
    }

    #[test]
    fn a_code_has_six_digits_and_its_hash_belongs_to_its_request() {
        let (_folder, secrets) = secrets();
        let code = new_code().unwrap();
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
        assert_ne!(code_hash(1, &code, &secrets), code_hash(2, &code, &secrets));
    }
}
