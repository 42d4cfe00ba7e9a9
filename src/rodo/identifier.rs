//! What a person is named by in a request.

use data_encoding::HEXLOWER;

use crate::chat::SessionId;
use crate::leads::{Email, Phone};
use crate::platform::secrets::Secrets;

use super::RodoError;

/// Longer texts are no identifier.
const MAX_BYTES: usize = 254;
/// Bytes of a keyed hash that tell one person from another.
const PSEUDONYM_BYTES: usize = 16;

/// An identifier, parsed.
#[derive(Debug, Clone)]
pub enum Identifier {
    /// An e-mail address: one person.
    Email(Email),
    /// A phone number, which several people may share.
    Phone(Phone),
    /// A visitor's session.
    Session(SessionId),
    /// A lead's number, `lead:12`: what tells people apart who share a phone.
    Lead(i64),
    /// A booking's number, `booking:12`.
    Booking(i64),
}

impl Identifier {
    /// Reads an identifier: with an `@` it is an e-mail address, of digits and separators alone a phone number, else a
    /// number of a row or a session id.
    ///
    /// Errors: it is none of these.
    pub fn parse(text: &str, secrets: &Secrets) -> Result<Self, RodoError> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(RodoError::InvalidIdentifier);
        }
        if text.contains('@') {
            let email = Email::parse(text).map_err(|_| RodoError::InvalidIdentifier)?;
            return Ok(Self::Email(email));
        }
        if text
            .chars()
            .all(|c| c.is_ascii_digit() || "+ -./()".contains(c))
        {
            let phone = Phone::parse(text).map_err(|_| RodoError::InvalidIdentifier)?;
            return Ok(Self::Phone(phone));
        }
        let number = |prefix: &str| text.strip_prefix(prefix)?.parse::<u32>().ok();
        if let Some(id) = number("lead:") {
            return Ok(Self::Lead(id.into()));
        }
        if let Some(id) = number("booking:") {
            return Ok(Self::Booking(id.into()));
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b))
        {
            return Err(RodoError::InvalidIdentifier);
        }
        let session = SessionId::parse(text, secrets).map_err(|_| RodoError::InvalidIdentifier)?;
        Ok(Self::Session(session))
    }

    /// Reads what somebody can be reached by.
    ///
    /// Errors: no e-mail address and no phone number.
    pub fn parse_reachable(text: &str, secrets: &Secrets) -> Result<Self, RodoError> {
        match Self::parse(text, secrets) {
            Ok(reachable @ (Self::Email(_) | Self::Phone(_))) => Ok(reachable),
            _ => Err(RodoError::NotReachable),
        }
    }

    /// In the one form in which it is compared.
    pub fn key(&self) -> String {
        match self {
            Self::Email(email) => email.key().to_owned(),
            Self::Phone(phone) => phone.e164().to_owned(),
            Self::Session(session) => session.as_str().to_owned(),
            Self::Lead(id) => format!("lead:{id}"),
            Self::Booking(id) => format!("booking:{id}"),
        }
    }

    /// A keyed hash of it, which stands for whom it names in the audit log.
    pub(super) fn pseudonym(&self, secrets: &Secrets) -> String {
        let mac = secrets
            .tombstone_key()
            .mac(format!("subject:{}", self.key()).as_bytes());
        HEXLOWER.encode(&mac[..PSEUDONYM_BYTES])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Result<Identifier, RodoError> {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        Identifier::parse(text, &secrets)
    }

    #[test]
    fn addresses_numbers_sessions_and_rows_are_told_apart() {
        assert!(
            matches!(parsed(" Anna@Example.com "), Ok(Identifier::Email(e)) if e.key() == "anna@example.com")
        );
        assert!(
            matches!(parsed("600 100 200"), Ok(Identifier::Phone(p)) if p.e164() == "+48600100200")
        );
        assert!(matches!(parsed("abc123"), Ok(Identifier::Session(s)) if s.is_weak()));
        assert!(matches!(parsed("lead:7"), Ok(Identifier::Lead(7))));
        assert!(matches!(parsed("booking:7"), Ok(Identifier::Booking(7))));
    }

    #[test]
    fn what_names_nobody_is_refused() {
        let long = "a".repeat(10_000);
        for text in [
            "",
            " ",
            "%",
            "_%",
            "*",
            "12",
            "@",
            "a@b",
            "%@%",
            "' OR '1'='1",
            "x'; DROP TABLE leads;--",
            "a@example.com' OR 1=1",
            "zażółć",
            "a\0b",
            &long,
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in "\\PC{0,300}") {
            let _ = parsed(&text);
        }
    }
}
