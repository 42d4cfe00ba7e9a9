//! The list of erased persons beside the copies of backups, with the key it is written under, so that a restore elsewhere
//! can forget them again.
//!
//! Its name has a mark of the key in it, and lines are only ever added: a new server at the same place, whose list is
//! still empty, takes nothing away. The key is encrypted to the recipients of backups. Where there are none, it lies there as
//! it is if the owner lets backups lie there as they are, since it says less than they do; else it stays at home.

use std::collections::BTreeSet;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::settings::OffsiteSettings;
use super::target::{Listing, Target};
use crate::backup::seal::{Seal, sealed};
use crate::backup::{BackupError, files};
use crate::platform::secrets::TombstoneKey;

const BEGINNING: &str = "tombstones-";
const LIST_ENDING: &str = ".log";
/// The key that is not encrypted.
const KEY_ENDING: &str = ".key";
/// The encrypted one.
const SEALED_KEY_ENDING: &str = ".key.age";
/// Bytes of the mark.
const MARK_BYTES: usize = 8;

/// In which form the key is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyForm {
    /// Encrypted to these public keys.
    SealedTo(Vec<String>),
    /// As it is.
    Clear,
    /// Not at all.
    AtHome,
}

impl KeyForm {
    /// As it should be.
    pub(super) fn wanted(recipients: &[String], settings: &OffsiteSettings) -> Self {
        match recipients {
            [] if settings.allow_unencrypted => Self::Clear,
            [] => Self::AtHome,
            some => Self::SealedTo(some.to_vec()),
        }
    }
}

/// What was copied of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ListCopy {
    /// How long the list was; it only grows.
    pub(super) size_bytes: u64,
    /// The key beside it.
    pub(super) key: KeyForm,
    /// When, in milliseconds UTC.
    pub(super) copied_at_ms: i64,
}

impl ListCopy {
    /// Whether it is what a list of this length needs.
    pub(super) fn is_current(&self, size_bytes: u64, key: &KeyForm) -> bool {
        self.size_bytes == size_bytes && self.key == *key
    }
}

/// Copies a list and its key.
pub(super) async fn copy(
    target: &Target,
    list: &[u8],
    key: &TombstoneKey,
    form: &KeyForm,
) -> Result<(), BackupError> {
    let stem = stem(key);
    let name = |ending: &str| format!("{stem}{ending}");
    let there = target.read(&name(LIST_ENDING)).await?.unwrap_or_default();
    let (there, here) = (
        String::from_utf8_lossy(&there),
        String::from_utf8_lossy(list),
    );
    let all = merged(&there, &here);
    target.write(&name(LIST_ENDING), all.into_bytes()).await?;
    let json = key.to_json().into_bytes();
    match form {
        KeyForm::SealedTo(recipients) => {
            let sealed = sealed(&Seal::to(recipients)?, &json)?;
            target.write(&name(SEALED_KEY_ENDING), sealed).await?;
            target.remove(&name(KEY_ENDING)).await
        }
        KeyForm::Clear => target.write(&name(KEY_ENDING), json).await,
        KeyForm::AtHome => Ok(()),
    }
}

/// Gets every list and key of a place into a folder, in place of what was got before; answers the names of the lists.
pub(super) async fn fetch(
    target: &Target,
    listing: &Listing,
    folder: &Path,
) -> Result<Vec<String>, BackupError> {
    let mut lists = Vec::new();
    for name in listing.keys().filter(|name| is_ours(name)) {
        if let Some(content) = target.read(name).await? {
            files::replace(&folder.join(name), &content)?;
            if name.ends_with(LIST_ENDING) {
                lists.push(name.clone());
            }
        }
    }
    Ok(lists)
}

/// What the names of a key's files begin with: a mark of it that only its holder could make.
fn stem(key: &TombstoneKey) -> String {
    let mark = HEXLOWER.encode(&key.mac(b"mark:")[..MARK_BYTES]);
    format!("{BEGINNING}{mark}")
}

/// Whether a name is one that [`copy`] gives; no other is written anywhere.
fn is_ours(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(BEGINNING) else {
        return false;
    };
    let Some((mark, ending)) = rest.split_at_checked(2 * MARK_BYTES) else {
        return false;
    };
    mark.bytes().all(|byte| byte.is_ascii_hexdigit())
        && [LIST_ENDING, KEY_ENDING, SEALED_KEY_ENDING].contains(&ending)
}

/// The whole lines of both, each once, those that are there first. What a crash cut off is left out.
fn merged(there: &str, here: &str) -> String {
    let mut seen = BTreeSet::new();
    let mut all = String::new();
    for line in there.lines().chain(here.lines()) {
        let is_whole = serde_json::from_str::<IgnoredAny>(line).is_ok();
        if is_whole && seen.insert(line) {
            all.push_str(line);
            all.push('\n');
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{KeyPair, Keys, read_sealed};
    use crate::platform::secrets::Secrets;

    fn key() -> TombstoneKey {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        secrets.tombstone_key().clone()
    }

    #[test]
    fn a_shorter_list_takes_nothing_away_and_a_line_cut_off_is_left_out() {
        assert_eq!(merged("", "{\"a\":1}\n{\"b\""), "{\"a\":1}\n");
        assert_eq!(
            merged("{\"a\":1}\n{\"b\":2}\n", "{\"b\":2}\n{\"c\":3}\n"),
            "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n"
        );
        assert_eq!(merged("{\"a\":1}\n", ""), "{\"a\":1}\n");
    }

    #[test]
    fn the_key_leaves_in_clear_only_where_backups_may() {
        let allow = |allow_unencrypted| OffsiteSettings {
            allow_unencrypted,
            ..OffsiteSettings::default()
        };
        let some = ["age1x".to_owned()];
        assert_eq!(KeyForm::wanted(&[], &allow(false)), KeyForm::AtHome);
        assert_eq!(KeyForm::wanted(&[], &allow(true)), KeyForm::Clear);
        let sealed = KeyForm::SealedTo(some.to_vec());
        assert_eq!(KeyForm::wanted(&some, &allow(true)), sealed);
        assert_eq!(KeyForm::wanted(&some, &allow(false)), sealed);
    }

    #[test]
    fn names_are_ours_alone() {
        let stem = stem(&key());
        for ending in [".log", ".key", ".key.age"] {
            assert!(is_ours(&format!("{stem}{ending}")));
        }
        for name in [
            "tombstones.log",
            "tombstones-../../../etc/x.log",
            "tombstones-0123456789abcdef.log/x",
            "tombstones-0123456789abcdeg.log",
            "tombstones-0123456789abcdef.toml",
        ] {
            assert!(!is_ours(name), "{name}");
        }
    }

    #[tokio::test]
    async fn lists_of_two_servers_lie_beside_each_other_and_come_back_with_their_keys() {
        let target = Target::in_memory();
        let pair = KeyPair::generate();
        let (one, other) = (key(), key());
        let sealed_to = KeyForm::SealedTo(vec![pair.public.clone()]);
        copy(&target, b"{\"a\":1}\n", &one, &KeyForm::Clear)
            .await
            .unwrap();
        copy(&target, b"{\"a\":1}\n", &one, &sealed_to)
            .await
            .unwrap();
        copy(&target, b"", &other, &KeyForm::AtHome).await.unwrap();
        let listing = target.list().await.unwrap();
        let names: Vec<&String> = listing.keys().collect();
        let clear = names.iter().any(|name| name.ends_with(KEY_ENDING));
        assert!(names.len() == 3 && !clear, "{names:?}");

        let folder = tempfile::tempdir().unwrap();
        let lists = fetch(&target, &listing, folder.path()).await.unwrap();
        assert_eq!(lists.len(), 2);
        let identity = folder.path().join("identity");
        std::fs::write(&identity, pair.expose()).unwrap();
        let keys = Keys::identity_file(&identity).unwrap();
        let file = folder.path().join(format!("{}.key.age", stem(&one)));
        let json = read_sealed(&file, &keys).unwrap();
        let read = TombstoneKey::from_json(&json, "key").unwrap();
        assert_eq!(read.mac(b"x"), one.mac(b"x"));
        assert!(read_sealed(&file, &Keys::none()).is_err());
    }
}
