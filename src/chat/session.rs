//! Session ids: what a visitor holds to speak in, and read back, one conversation.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::ChatError;
use crate::platform::secrets::{Secrets, SecretsError, random_bytes};

/// Beginning of every id we hand out.
const PREFIX: &str = "nh_";
/// Random bytes of an id: 128 bits, so that none can be guessed.
const RANDOM_BYTES: usize = 16;
/// Bytes of the MAC that are kept: 80 bits, so that none can be made up.
const MAC_BYTES: usize = 10;
/// Longest id a client may choose itself.
const WEAK_MAX_CHARS: usize = 100;

/// Any session id: one of ours, or a weak one that the client chose.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionId {
    text: String,
    is_weak: bool,
}

/// A session id we handed out: whoever holds it may read its conversation back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VisitorSession(SessionId);

impl SessionId {
    /// Makes a new id. Nothing is stored: the MAC proves later that it is ours.
    ///
    /// Errors: the operating system gives no randomness.
    pub fn mint(secrets: &Secrets) -> Result<Self, SecretsError> {
        let random: [u8; RANDOM_BYTES] = random_bytes()?;
        let mac = secrets.session_mac(&random);
        let mut bytes = random.to_vec();
        bytes.extend_from_slice(&mac[..MAC_BYTES]);
        Ok(Self {
            text: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)),
            is_weak: false,
        })
    }

    /// Reads an id from outside; one that is not ours is weak.
    ///
    /// Errors: empty, longer than 100 characters, or holding anything but printable ASCII without spaces.
    pub fn parse(text: &str, secrets: &Secrets) -> Result<Self, ChatError> {
        let foreign = Self::foreign(text)?;
        Ok(Self {
            is_weak: !is_ours(text, secrets),
            ..foreign
        })
    }

    /// Takes an id that another program gave out: weak, whatever it looks like.
    ///
    /// Errors: as for [`SessionId::parse`].
    pub fn foreign(text: &str) -> Result<Self, ChatError> {
        if text.is_empty()
            || text.len() > WEAK_MAX_CHARS
            || !text.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(ChatError::InvalidSessionId);
        }
        Ok(Self {
            text: text.to_owned(),
            is_weak: true,
        })
    }

    /// The id as clients send it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when the client chose it: nothing may be read back with it.
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }
}

fn is_ours(text: &str, secrets: &Secrets) -> bool {
    use subtle::ConstantTimeEq;
    let Some(encoded) = text.strip_prefix(PREFIX) else {
        return false;
    };
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(encoded) else {
        return false;
    };
    if bytes.len() != RANDOM_BYTES + MAC_BYTES {
        return false;
    }
    let (random, mac) = bytes.split_at(RANDOM_BYTES);
    secrets.session_mac(random)[..MAC_BYTES].ct_eq(mac).into()
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl VisitorSession {
    /// The right to read a conversation back.
    ///
    /// Errors: the id is malformed, or weak (403 `weak_session_id`).
    pub fn parse(text: &str, secrets: &Secrets) -> Result<Self, ChatError> {
        let id = SessionId::parse(text, secrets)?;
        if id.is_weak {
            return Err(ChatError::WeakSessionId);
        }
        Ok(Self(id))
    }

    /// The id.
    pub fn id(&self) -> &SessionId {
        &self.0
    }

    /// The id as clients send it.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets(folder: &tempfile::TempDir) -> Secrets {
        Secrets::open(&folder.path().join("secrets.json")).unwrap()
    }

    #[test]
    fn an_id_we_handed_out_is_ours_and_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let id = SessionId::mint(&secrets(&folder)).unwrap();
        assert!(VisitorSession::parse(id.as_str(), &secrets(&folder)).is_ok());
    }

    #[test]
    fn ids_of_another_server_and_chosen_ones_are_weak() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let foreign = SessionId::mint(&secrets(&there)).unwrap();
        for text in [
            foreign.as_str(),
            "abc123",
            "nh_",
            "nh_AAAA",
            "session_1700000000",
        ] {
            let id = SessionId::parse(text, &secrets(&here)).unwrap();
            assert!(id.is_weak(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn changing_any_character_makes_an_id_weak(at in 3_usize..38, letter in "[A-Za-z0-9_-]") {
            let folder = tempfile::tempdir().unwrap();
            let secrets = secrets(&folder);
            let id = SessionId::mint(&secrets).unwrap();
            let mut text = id.as_str().to_owned();
            prop_assume!(text.as_bytes()[at] != letter.as_bytes()[0]);
            text.replace_range(at..=at, &letter);
            // The last character carries padding bits; decoding refuses those that are set.
            let parsed = SessionId::parse(&text, &secrets).unwrap();
            prop_assert!(parsed.is_weak());
        }

        #[test]
        fn no_text_makes_parsing_panic(text in "\\PC{0,120}") {
            let folder = tempfile::tempdir().unwrap();
            let _ = SessionId::parse(&text, &secrets(&folder));
        }
    }
}
