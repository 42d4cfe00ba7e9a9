//! Keys the server makes for itself at first start, in `secrets.json` (0600) beside the database, so that a copy of
//! the database alone gives nobody a valid session or link.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, Payload};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Reading or writing the file failed.
    #[error("cannot read or write {0}: {1}")]
    Io(String, std::io::Error),
    /// The file is there but not what this program wrote.
    #[error(
        "{0} is damaged: restore it from a backup, or delete it (open visitor sessions and second factors then end)"
    )]
    Damaged(String),
    /// The operating system gave no randomness.
    #[error("the operating system gives no random numbers")]
    Random,
    /// Encrypting failed.
    #[error("sealing failed")]
    Seal,
    /// The key, the purpose or the bytes are not those of then.
    #[error("a sealed secret does not open with the key in secrets.json")]
    Unseal,
}

const NONCE_BYTES: usize = 24;

/// The server's own keys, 256 random bits each.
#[derive(Clone)]
pub struct Secrets {
    session: [u8; 32],
    totp: [u8; 32],
    tombstone: TombstoneKey,
}

/// The key under which erased persons are remembered; without it their list says nothing.
#[derive(Clone)]
pub struct TombstoneKey([u8; 32]);

#[derive(Serialize, Deserialize)]
struct StoredTombstoneKey {
    tombstone_mac_key: String,
}

impl TombstoneKey {
    /// HMAC-SHA256 over what an erased person was known by, which only this server can tell again.
    pub fn mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.0, message)
    }

    /// As text, for a copy beside the list: the server's other keys are not in it.
    pub fn to_json(&self) -> String {
        let key = URL_SAFE_NO_PAD.encode(self.0);
        serde_json::json!({ "tombstone_mac_key": key }).to_string()
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// * `name`: of the file it was in, for the error.
    /// * Errors: [`SecretsError::Damaged`].
    pub fn from_json(json: &[u8], name: &str) -> Result<Self, SecretsError> {
        let stored: Option<StoredTombstoneKey> = serde_json::from_slice(json).ok();
        stored
            .and_then(|stored| decode(&stored.tombstone_mac_key))
            .map(Self)
            .ok_or_else(|| SecretsError::Damaged(name.to_owned()))
    }
}

fn decode(key: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(key).ok()?.try_into().ok()
}

#[derive(Serialize, Deserialize)]
struct Stored {
    session_mac_key: String,
    totp_seal_key: String,
    /// Missing in files of earlier versions, which then get one.
    tombstone_mac_key: Option<String>,
}

impl Secrets {
    /// Reads the keys, or makes them when the file does not exist yet.
    pub fn open(path: &Path) -> Result<Self, SecretsError> {
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            Ok(text) => {
                let stored: Stored =
                    serde_json::from_str(&text).map_err(|_| SecretsError::Damaged(name.clone()))?;
                let read =
                    |key: &str| decode(key).ok_or_else(|| SecretsError::Damaged(name.clone()));
                let known = stored.tombstone_mac_key.as_deref().map(read);
                let secrets = Self {
                    session: read(&stored.session_mac_key)?,
                    totp: read(&stored.totp_seal_key)?,
                    tombstone: TombstoneKey(known.unwrap_or_else(random_bytes)?),
                };
                if stored.tombstone_mac_key.is_none() {
                    secrets
                        .save(path)
                        .map_err(|error| SecretsError::Io(name, error))?;
                }
                Ok(secrets)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secrets = Self {
                    session: random_bytes()?,
                    totp: random_bytes()?,
                    tombstone: TombstoneKey(random_bytes()?),
                };
                secrets
                    .save(path)
                    .map_err(|error| SecretsError::Io(name, error))?;
                Ok(secrets)
            }
            Err(error) => Err(SecretsError::Io(name, error)),
        }
    }

    fn save(&self, path: &Path) -> std::io::Result<()> {
        let stored = Stored {
            session_mac_key: URL_SAFE_NO_PAD.encode(self.session),
            totp_seal_key: URL_SAFE_NO_PAD.encode(self.totp),
            tombstone_mac_key: Some(URL_SAFE_NO_PAD.encode(self.tombstone.0)),
        };
        let temporary = path.with_extension("json.new");
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(serde_json::to_string_pretty(&stored)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        // The rename itself must survive a power cut, or sessions handed out before it would die with it.
        path.parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }

    /// HMAC-SHA256 over a visitor's session id.
    pub fn session_mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.session, message)
    }

    /// HMAC-SHA256 over what a signed link opens: row `id` of the things called `purpose`. A session's message is always
    /// 16 bytes, this one never is, so the two cannot stand for each other.
    pub fn link_mac(&self, purpose: &str, id: i64) -> [u8; 32] {
        mac(&self.session, format!("link:{purpose}:{id:020}").as_bytes())
    }

    /// HMAC-SHA256 over the challenge of a proof of work; its message begins as neither of the others can.
    pub fn proof_mac(&self, challenge: &str) -> [u8; 32] {
        mac(&self.session, format!("proof:{challenge}").as_bytes())
    }

    /// The key under which erased persons are remembered.
    pub fn tombstone_key(&self) -> &TombstoneKey {
        &self.tombstone
    }

    /// Encrypts what must not lie in the database in clear (XChaCha20-Poly1305, random nonce in front).
    ///
    /// * `purpose`: binds the sealed bytes to their place, e.g. `totp:7`; they open nowhere else.
    pub fn seal(&self, purpose: &str, clear: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let nonce: [u8; NONCE_BYTES] = random_bytes()?;
        let payload = Payload {
            msg: clear,
            aad: purpose.as_bytes(),
        };
        let sealed = XChaCha20Poly1305::new((&self.totp).into())
            .encrypt(&nonce.into(), payload)
            .map_err(|_| SecretsError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Self::seal`] closed.
    ///
    /// Errors: [`SecretsError::Unseal`].
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretsError> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SecretsError::Unseal)?;
        let payload = Payload {
            msg: body,
            aad: purpose.as_bytes(),
        };
        XChaCha20Poly1305::new((&self.totp).into())
            .decrypt(nonce.into(), payload)
            .map_err(|_| SecretsError::Unseal)
    }
}

fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length; this error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// `N` random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], SecretsError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SecretsError::Random)?;
    Ok(bytes)
}

/// A token of 256 random bits as URL-safe text, for links, cookies and API keys.
pub fn random_token() -> Result<String, SecretsError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// SHA-256, for tokens that are random enough not to need a slow hash.
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(bytes.as_ref()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keys_are_made_once_and_only_readable_by_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let first = Secrets::open(&path).unwrap();
        let second = Secrets::open(&path).unwrap();
        assert_eq!(first.session_mac(b"x"), second.session_mac(b"x"));
        assert_ne!(first.session_mac(b"x"), first.session_mac(b"y"));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn sealed_bytes_open_only_with_their_key_at_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Secrets::open(&folder.path().join(name)).unwrap();
        let (secrets, other) = (open("secrets.json"), open("other.json"));
        let sealed = secrets.seal("totp:1", b"hush").unwrap();
        assert_eq!(secrets.unseal("totp:1", &sealed).unwrap(), b"hush");
        assert_ne!(sealed, secrets.seal("totp:1", b"hush").unwrap());
        assert!(secrets.unseal("totp:2", &sealed).is_err());
        assert!(other.unseal("totp:1", &sealed).is_err());
        assert!(secrets.unseal("totp:1", &sealed[..20]).is_err());
    }

    #[test]
    fn the_key_of_tombstones_is_handed_out_alone_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        let json = secrets.tombstone_key().to_json();
        let stored = fs::read_to_string(folder.path().join("secrets.json")).unwrap();
        let others: Stored = serde_json::from_str(&stored).unwrap();
        assert!(!json.contains(&others.session_mac_key) && !json.contains(&others.totp_seal_key));
        let read = TombstoneKey::from_json(json.as_bytes(), "a").unwrap();
        assert_eq!(read.mac(b"x"), secrets.tombstone_key().mac(b"x"));
        let whole = TombstoneKey::from_json(stored.as_bytes(), "a").unwrap();
        assert_eq!(whole.mac(b"x"), read.mac(b"x"));
        assert!(TombstoneKey::from_json(b"{}", "a").is_err());
    }

    #[test]
    fn a_damaged_file_is_an_error_and_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        fs::write(&path, "{}").unwrap();
        assert!(matches!(
            Secrets::open(&path),
            Err(SecretsError::Damaged(_))
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    }
}
