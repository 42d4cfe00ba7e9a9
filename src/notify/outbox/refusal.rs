//! That an address wants no more of something: letters of a kind, or anything for a purpose, which withdraws the consent
//! to it. The link in a letter says both by itself and holds a hash in place of the address, so that it works for as long
//! as the letter is kept, also when nothing else is known of its reader.

use data_encoding::HEXLOWER;
use subtle::ConstantTimeEq;

use super::store::refusals;
use crate::notify::messages::{Ground, Name};
use crate::platform::db::{DbError, Tx};
use crate::platform::secrets::{Secrets, sha256};
use crate::rodo::Purpose;

/// What the address of the page begins with.
pub const REFUSAL_FOLDER: &str = "/privacy/withdraw/";
/// Bytes of the MAC that are kept.
const MAC_BYTES: usize = 16;
/// Longer texts are no token of ours.
const TOKEN_MAX_BYTES: usize = 200;

/// What is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Messages of this kind.
    Message(Name),
    /// Everything for this purpose; a consent given later counts again.
    Purpose(Purpose),
}

impl Refused {
    /// What somebody who gets a message can refuse; `None`: it is sent in any case.
    fn of(name: Name) -> Option<Self> {
        match name.ground() {
            Ground::Service => None,
            Ground::NotRefused => Some(Self::Message(name)),
            Ground::Consent(purpose) => Some(Self::Purpose(purpose)),
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Message(name) => name.as_str(),
            Self::Purpose(purpose) => purpose.as_str(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let purpose = text.parse().ok().map(Self::Purpose);
        purpose.or_else(|| text.parse().ok().map(Self::Message))
    }
}

/// An address, as a hash, and what it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// What is refused.
    pub what: Refused,
    address_hash: [u8; 32],
}

impl Refusal {
    /// That an e-mail address or number wants no more of something.
    pub fn new(what: Refused, address: &str) -> Self {
        Self {
            what,
            address_hash: address_hash(address),
        }
    }

    /// What the token in a letter's link says; `None` when it is none of ours.
    pub fn read(token: &str, secrets: &Secrets) -> Option<Self> {
        if token.len() > TOKEN_MAX_BYTES {
            return None;
        }
        let mut parts = token.split('.');
        let (what, hash, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let refusal = Self {
            what: Refused::parse(what)?,
            address_hash: HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?,
        };
        let mac = HEXLOWER.decode(mac.as_bytes()).ok()?;
        let is_ours: bool = refusal.mac(secrets).ct_eq(&mac).into();
        (is_ours && parts.next().is_none()).then_some(refusal)
    }

    fn token(&self, secrets: &Secrets) -> String {
        let hash = HEXLOWER.encode(&self.address_hash);
        let mac = HEXLOWER.encode(&self.mac(secrets));
        format!("{}.{hash}.{mac}", self.what.as_str())
    }

    fn mac(&self, secrets: &Secrets) -> Vec<u8> {
        let hash = HEXLOWER.encode(&self.address_hash);
        let purpose = format!("refusal:{}:{hash}", self.what.as_str());
        secrets.link_mac(&purpose, 0)[..MAC_BYTES].to_vec()
    }
}

/// The path under which whoever gets a message can refuse its like; `None`: it is sent in any case.
pub(super) fn path(name: Name, address: &str, secrets: &Secrets) -> Option<String> {
    let refusal = Refusal::new(Refused::of(name)?, address);
    Some(format!("{REFUSAL_FOLDER}{}", refusal.token(secrets)))
}

/// Notes a refusal; letters on their way are not sent either. Again, it counts from now.
pub fn refuse(tx: &mut dyn Tx, refusal: &Refusal, now_ms: i64) -> Result<(), DbError> {
    refusals::put(tx, refusal.what.as_str(), &refusal.address_hash, now_ms)
}

/// Since when an e-mail address or number refuses something, milliseconds UTC; `None`: it does not.
pub fn refused_since(
    tx: &mut dyn Tx,
    what: Refused,
    address: &str,
) -> Result<Option<i64>, DbError> {
    refusals::since(tx, what.as_str(), &address_hash(address))
}

fn address_hash(address: &str) -> [u8; 32] {
    sha256(address.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_no_other_text_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        for what in [
            Refused::Purpose(Purpose::EmailMarketing),
            Refused::Message(Name::WeeklyReport),
        ] {
            let refusal = Refusal::new(what, " Anna@Example.com ");
            let token = refusal.token(&secrets);
            assert_eq!(Refusal::read(&token, &secrets), Some(refusal));
            assert_eq!(refusal, Refusal::new(what, "anna@example.com"));
            assert!(!token.contains("anna"), "{token}");
            let other = token.replace(what.as_str(), "sms_marketing");
            for forged in [
                other.as_str(),
                &format!("{token}.a"),
                "",
                "a.b.c",
                "email_marketing",
            ] {
                assert_eq!(Refusal::read(forged, &secrets), None, "{forged}");
            }
        }
    }

    #[test]
    fn only_letters_that_may_be_refused_have_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        let has_link = |name| path(name, "anna@example.com", &secrets).is_some();
        assert!(has_link(Name::FollowUp) && has_link(Name::WeeklyReport));
        assert!(!has_link(Name::BookingConfirmation) && !has_link(Name::OneTimeCodeSms));
    }
}
