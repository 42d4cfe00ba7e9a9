//! Encryption in the format of age: to public keys, or to a passphrase.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::Path;

use age::secrecy::{ExposeSecret, SecretString};
use age::stream::StreamWriter;
use age::{DecryptError, Decryptor, Encryptor, Identity, IdentityFile, x25519};

use super::BackupError;

/// What every encrypted file begins with.
const MAGIC: &[u8] = b"age-encryption.org/v1";
/// Most work a passphrase may ask for (2^this rounds of scrypt): a minute on a slow machine, and no more for a file made to
/// keep us busy.
const PASSPHRASE_WORK_MAX: u8 = 22;
/// Shortest passphrase that is taken.
const PASSPHRASE_MIN_CHARS: usize = 12;

/// Whom a backup is encrypted to.
#[derive(Clone, Default)]
pub enum Seal {
    /// Nobody: it is not encrypted.
    #[default]
    Open,
    /// Whoever has the secret key of one of these.
    Recipients(Vec<x25519::Recipient>),
    /// Whoever knows it.
    Passphrase(SecretString),
}

impl Seal {
    /// To public keys (`age1…`); not encrypted when there are none.
    ///
    /// Errors: one is none.
    pub fn to(recipients: &[String]) -> Result<Self, BackupError> {
        if recipients.is_empty() {
            return Ok(Self::Open);
        }
        let parsed = recipients.iter().map(|text| {
            text.trim().parse().map_err(|_| {
                BackupError::Field(
                    "encrypt_to",
                    "must be public keys as `novahouse backup keygen` prints them (age1…)".into(),
                )
            })
        });
        Ok(Self::Recipients(parsed.collect::<Result<_, _>>()?))
    }

    /// To the first line of a file.
    ///
    /// Errors: it cannot be read, or is shorter than 12 characters.
    pub fn passphrase(file: &Path) -> Result<Self, BackupError> {
        read_passphrase(file).map(Self::Passphrase)
    }

    /// Whether anything is encrypted.
    pub fn is_sealed(&self) -> bool {
        !matches!(self, Self::Open)
    }
}

/// What opens encrypted backups.
#[derive(Default)]
pub struct Keys(Vec<Box<dyn Identity + Send + Sync>>);

impl Keys {
    /// None: only what is not encrypted opens.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there are none.
    pub fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The identities of a file as `novahouse backup keygen` prints it.
    ///
    /// Errors: it cannot be read, or holds something else; the text never shows what.
    pub fn identity_file(file: &Path) -> Result<Self, BackupError> {
        let open = File::open(file).map_err(BackupError::io(file))?;
        let no_identities = |error: &dyn std::fmt::Display| {
            BackupError::KeyFile(format!("{}: {error}", file.display()))
        };
        let identities = IdentityFile::from_buffer(BufReader::new(open))
            .map_err(|error| no_identities(&error))?
            .into_identities()
            .map_err(|error| no_identities(&error))?;
        if identities.is_empty() {
            return Err(no_identities(&"holds no identity"));
        }
        Ok(Self(identities))
    }

    /// The first line of a file.
    ///
    /// Errors: it cannot be read.
    pub fn passphrase_file(file: &Path) -> Result<Self, BackupError> {
        Ok(Self::passphrase(read_passphrase(file)?))
    }

    fn passphrase(passphrase: SecretString) -> Self {
        let mut identity = age::scrypt::Identity::new(passphrase);
        identity.set_max_work_factor(PASSPHRASE_WORK_MAX);
        Self(vec![Box::new(identity)])
    }
}

fn read_passphrase(file: &Path) -> Result<SecretString, BackupError> {
    let mut line = String::new();
    File::open(file)
        .and_then(|file| BufReader::new(file).read_line(&mut line))
        .map_err(BackupError::io(file))?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.chars().count() < PASSPHRASE_MIN_CHARS {
        let why = format!(
            "{}: the passphrase must have at least {PASSPHRASE_MIN_CHARS} characters",
            file.display()
        );
        return Err(BackupError::KeyFile(why));
    }
    Ok(SecretString::from(text.to_owned()))
}

/// A public key and the identity that opens what is encrypted to it.
pub struct KeyPair {
    /// `age1…`, for the setting `backup_recipients`.
    pub public: String,
    /// `AGE-SECRET-KEY-1…`: capital letters and digits, so that it makes a small QR code.
    pub identity: SecretString,
}

impl KeyPair {
    /// A new pair.
    pub fn generate() -> Self {
        let identity = x25519::Identity::generate();
        Self {
            public: identity.to_public().to_string(),
            identity: identity.to_string(),
        }
    }

    /// The identity as text, to be printed once.
    pub fn expose(&self) -> &str {
        self.identity.expose_secret()
    }
}

/// Where a backup is written: as it is, or encrypted on its way.
pub(super) enum Sealed<W: Write> {
    Open(W),
    Encrypted(Box<StreamWriter<W>>),
}

impl<W: Write> Sealed<W> {
    /// Begins to write; the keys open the same file right afterwards, whoever it is meant for.
    pub(super) fn begin(seal: &Seal, out: W) -> Result<(Self, Keys), BackupError> {
        let encrypt = |encryptor: Encryptor, out| {
            let begun = encryptor.wrap_output(out).map(Box::new);
            begun
                .map(Self::Encrypted)
                .map_err(|error| BackupError::Io("the backup".into(), error))
        };
        match seal {
            Seal::Open => Ok((Self::Open(out), Keys::none())),
            Seal::Recipients(recipients) => {
                // It is in memory alone, and gone once the backup has been proved.
                let one_off = x25519::Identity::generate();
                let own = one_off.to_public();
                let all = recipients.iter().chain([&own]);
                let encryptor =
                    Encryptor::with_recipients(all.map(|one| one as &dyn age::Recipient))
                        .map_err(|error| BackupError::Internal(error.to_string()))?;
                Ok((encrypt(encryptor, out)?, Keys(vec![Box::new(one_off)])))
            }
            Seal::Passphrase(passphrase) => {
                let encryptor = Encryptor::with_user_passphrase(passphrase.clone());
                Ok((
                    encrypt(encryptor, out)?,
                    Keys::passphrase(passphrase.clone()),
                ))
            }
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Open(out) => Ok(out),
            Self::Encrypted(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(out) => out.write(bytes),
            Self::Encrypted(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(out) => out.flush(),
            Self::Encrypted(writer) => writer.flush(),
        }
    }
}

/// Something to read in any order.
pub(super) trait ReadSeek: Read + Seek + Send {}
impl<R: Read + Seek + Send> ReadSeek for R {}

/// Opens a backup, decrypting it where it is encrypted.
///
/// Errors: it cannot be read, is encrypted and no key was given, or the keys are others.
pub(super) fn open(path: &Path, keys: &Keys) -> Result<Box<dyn ReadSeek>, BackupError> {
    let mut file = File::open(path).map_err(BackupError::io(path))?;
    let mut beginning = Vec::new();
    Read::by_ref(&mut file)
        .take(MAGIC.len() as u64)
        .read_to_end(&mut beginning)
        .and_then(|_| file.rewind())
        .map_err(BackupError::io(path))?;
    let file = BufReader::with_capacity(super::files::BUFFER_BYTES, file);
    if beginning != MAGIC {
        return Ok(Box::new(file));
    }
    if keys.0.is_empty() {
        return Err(BackupError::KeyNeeded);
    }
    let decryptor = Decryptor::new_buffered(file).map_err(refused)?;
    let identities = keys.0.iter().map(|key| &**key as &dyn Identity);
    Ok(Box::new(decryptor.decrypt(identities).map_err(refused)?))
}

/// The content of a small file, decrypted where it is encrypted.
///
/// Errors: as those of a backup that cannot be opened.
pub fn read_sealed(path: &Path, keys: &Keys) -> Result<Vec<u8>, BackupError> {
    let mut content = Vec::new();
    open(path, keys)?
        .read_to_end(&mut content)
        .map_err(BackupError::reading("the encrypted file"))?;
    Ok(content)
}

/// Encrypts something small in memory.
pub(super) fn sealed(seal: &Seal, content: &[u8]) -> Result<Vec<u8>, BackupError> {
    let memory = |error| BackupError::Io("memory".into(), error);
    let (mut out, _) = Sealed::begin(seal, Vec::new())?;
    out.write_all(content).map_err(memory)?;
    out.finish().map_err(memory)
}

fn refused(error: DecryptError) -> BackupError {
    match error {
        DecryptError::NoMatchingKeys
        | DecryptError::KeyDecryptionFailed
        | DecryptError::DecryptionFailed => BackupError::WrongKey,
        DecryptError::Io(error) => BackupError::reading("the encryption's header")(error),
        error => BackupError::Damaged(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(seal: &Seal, text: &[u8]) -> (Vec<u8>, Keys) {
        let (mut writer, keys) = Sealed::begin(seal, Vec::new()).unwrap();
        writer.write_all(text).unwrap();
        (writer.finish().unwrap(), keys)
    }

    fn opened(bytes: &[u8], keys: &Keys) -> Result<Vec<u8>, BackupError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        std::fs::write(&file, bytes).unwrap();
        let mut text = Vec::new();
        open(&file, keys)?
            .read_to_end(&mut text)
            .map_err(BackupError::reading("a"))?;
        Ok(text)
    }

    fn identities(pair: &KeyPair) -> Keys {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.txt");
        std::fs::write(&file, format!("# a note\n{}\n", pair.expose())).unwrap();
        Keys::identity_file(&file).unwrap()
    }

    #[test]
    fn what_is_encrypted_opens_with_the_identity_and_right_after_writing_without_it() {
        let pair = KeyPair::generate();
        let seal = Seal::to(std::slice::from_ref(&pair.public)).unwrap();
        let (bytes, one_off) = sealed(&seal, b"words");
        assert!(!bytes.windows(5).any(|at| at == b"words"));
        for keys in [one_off, identities(&pair)] {
            assert_eq!(opened(&bytes, &keys).unwrap(), b"words");
        }
        let others = identities(&KeyPair::generate());
        assert!(matches!(
            opened(&bytes, &others),
            Err(BackupError::WrongKey)
        ));
        assert!(matches!(
            opened(&bytes, &Keys::none()),
            Err(BackupError::KeyNeeded)
        ));
    }

    #[test]
    fn a_passphrase_opens_and_another_does_not() {
        let seal = Seal::Passphrase("correct horse battery".to_owned().into());
        let (bytes, keys) = sealed(&seal, b"words");
        assert_eq!(opened(&bytes, &keys).unwrap(), b"words");
        let wrong = Keys::passphrase("another passphrase".to_owned().into());
        assert!(matches!(opened(&bytes, &wrong), Err(BackupError::WrongKey)));
    }

    #[test]
    fn every_damaged_or_missing_byte_is_noticed() {
        let pair = KeyPair::generate();
        let keys = identities(&pair);
        let seal = Seal::to(std::slice::from_ref(&pair.public)).unwrap();
        let (bytes, _) = sealed(&seal, b"words");
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_ne!(
                opened(&damaged, &keys).ok().as_deref(),
                Some(&b"words"[..]),
                "{at}"
            );
            assert!(opened(&bytes[..at], &keys).ok().as_deref() != Some(&b"words"[..]));
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        for text in ["", "age1", "AGE-SECRET-KEY-1QQ", "ssh-ed25519 AAAA"] {
            assert!(Seal::to(&[text.to_owned()]).is_err(), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key.txt");
        for text in ["", "# nothing\n", "hunter2 is my secret\n"] {
            std::fs::write(&file, text).unwrap();
            let Err(error) = Keys::identity_file(&file) else {
                panic!("{text}");
            };
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        std::fs::write(&file, "too short\n").unwrap();
        assert!(Seal::passphrase(&file).is_err());
    }
}
