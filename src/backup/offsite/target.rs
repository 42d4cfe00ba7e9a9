//! Where copies go: a folder, or a cloud's storage by the same calls.
//!
//! A backup is complete there when its hash stands beside it (`NAME.sha256`), which is written last and removed first.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::backup::BackupError;
use crate::backup::model::{BackupName, Format};
use crate::config::OffsiteAddress;
use crate::platform::blobs::remove_leftovers;
use crate::platform::clock::now_ms;

/// Where our files lie within a configured folder.
const OURS: &str = "novahouse";
/// What has not been touched for so long was left by a copy that was killed.
const LEFTOVER_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// A cloud's storage, whose uploads in parts outlive the process.
pub(super) type Cloud = Arc<dyn MultipartStore>;

/// What is stored there, by name, with its size in bytes.
pub(super) type Listing = BTreeMap<String, u64>;

/// An opened place.
pub(super) struct Target {
    store: Arc<dyn ObjectStore>,
    cloud: Option<Cloud>,
    prefix: Path,
}

impl Target {
    /// Opens a place (blocking).
    ///
    /// * `is_known`: something was copied there before. Then a folder without ours in it is one whose disk is not mounted.
    /// * Errors: it is not there, or this build or this environment cannot reach it.
    pub(super) fn open(address: &OffsiteAddress, is_known: bool) -> Result<Self, BackupError> {
        let ((store, cloud), prefix) = match address {
            OffsiteAddress::Folder(folder) => return Self::folder(folder, is_known),
            OffsiteAddress::S3(bucket, prefix) => (s3(bucket)?, prefix),
            OffsiteAddress::Gcs(bucket, prefix) => (gcs(bucket)?, prefix),
        };
        let cloud = Some(cloud);
        let prefix = Path::from(prefix.as_str());
        Ok(Self {
            store,
            cloud,
            prefix,
        })
    }

    /// The folder itself is never made: it would be made where its disk is not mounted.
    fn folder(folder: &path::Path, is_known: bool) -> Result<Self, BackupError> {
        let unusable = |path: &path::Path, why: &str| {
            BackupError::Offsite(format!("{}: {why}", path.display()))
        };
        if !folder.is_dir() {
            return Err(unusable(folder, "there is no such folder"));
        }
        let ours = folder.join(OURS);
        if is_known && !ours.is_dir() {
            let why = "is gone, though backups were copied there; if its disk is mounted and this is meant to be, make \
                       the folder";
            return Err(unusable(&ours, why));
        }
        let failed = |error: io::Error| unusable(&ours, &error.to_string());
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(&ours)
            .map_err(failed)?;
        remove_leftovers(&ours, now_ms() - LEFTOVER_AFTER_MS).map_err(failed)?;
        Ok(Self {
            store: Arc::new(LocalFileSystem::new_with_prefix(&ours)?.with_fsync(true)),
            cloud: None,
            prefix: Path::default(),
        })
    }

    /// The place as its interface names it.
    pub(super) fn store(&self) -> &dyn ObjectStore {
        &*self.store
    }

    /// The same, where uploads in parts can go on after an interruption.
    pub(super) fn cloud(&self) -> Option<&Cloud> {
        self.cloud.as_ref()
    }

    /// Where something of this name lies.
    pub(super) fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    /// Everything stored there.
    pub(super) async fn list(&self) -> Result<Listing, BackupError> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let found = self.store.list_with_delimiter(prefix).await?.objects;
        let named = found.into_iter().filter_map(|one| {
            let name = one.location.filename()?.to_owned();
            Some((name, one.size))
        });
        Ok(named.collect())
    }

    /// A small file's content, if it is there.
    pub(super) async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, BackupError> {
        match self.store.get(&self.path(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores something small as a whole.
    pub(super) async fn write(&self, name: &str, content: Vec<u8>) -> Result<(), BackupError> {
        self.store.put(&self.path(name), content.into()).await?;
        Ok(())
    }

    /// Removes a file; none there is fine.
    pub(super) async fn remove(&self, name: &str) -> Result<(), BackupError> {
        match self.store.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The hash that stands beside a backup, in hexadecimal digits; `None` where the backup is not complete.
    pub(super) async fn hash_of(&self, name: &BackupName) -> Result<Option<String>, BackupError> {
        let line = self.read(&hash_file(name)).await?;
        let line = line.and_then(|line| String::from_utf8(line).ok());
        Ok(line.and_then(|line| Some(line.split_once(' ')?.0.to_owned())))
    }

    /// Notes a backup's hash beside it, as `sha256sum --check` reads it: from now on it is complete.
    pub(super) async fn note_hash(
        &self,
        name: &BackupName,
        sha256: &str,
    ) -> Result<(), BackupError> {
        let line = format!("{sha256}  {name}\n");
        self.write(&hash_file(name), line.into_bytes()).await
    }

    /// Removes a backup; none there is fine.
    pub(super) async fn remove_backup(&self, name: &BackupName) -> Result<(), BackupError> {
        self.remove(&hash_file(name)).await?;
        self.remove(&name.to_string()).await
    }
}

/// The complete zips of a listing, the newest first.
pub(super) fn complete(listing: &Listing) -> Vec<BackupName> {
    let names = listing.keys().rev();
    names
        .filter_map(|name| name.parse::<BackupName>().ok())
        .filter(|name| name.format() == Format::Zip && listing.contains_key(&hash_file(name)))
        .collect()
}

fn hash_file(name: &BackupName) -> String {
    format!("{name}.sha256")
}

type Opened = (Arc<dyn ObjectStore>, Cloud);

#[cfg(any(feature = "s3", feature = "gcs"))]
fn opened<S: ObjectStore + MultipartStore>(store: S) -> Opened {
    let store = Arc::new(store);
    (Arc::clone(&store) as Arc<dyn ObjectStore>, store)
}

#[cfg(feature = "s3")]
fn s3(bucket: &str) -> Result<Opened, BackupError> {
    let builder = object_store::aws::AmazonS3Builder::from_env().with_bucket_name(bucket);
    Ok(opened(builder.build()?))
}

#[cfg(not(feature = "s3"))]
fn s3(_bucket: &str) -> Result<Opened, BackupError> {
    Err(BackupError::Offsite(
        "this build has no feature `s3`".into(),
    ))
}

#[cfg(feature = "gcs")]
fn gcs(bucket: &str) -> Result<Opened, BackupError> {
    let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket);
    Ok(opened(builder.build()?))
}

#[cfg(not(feature = "gcs"))]
fn gcs(_bucket: &str) -> Result<Opened, BackupError> {
    Err(BackupError::Offsite(
        "this build has no feature `gcs`".into(),
    ))
}

#[cfg(test)]
impl Target {
    /// A cloud in memory.
    pub(super) fn in_memory() -> Self {
        let store = Arc::new(object_store::memory::InMemory::new());
        Self {
            store: Arc::clone(&store) as Arc<dyn ObjectStore>,
            cloud: Some(store),
            prefix: Path::from("a/b"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "novahouse-2026-11-23T03-00-00Z.zip";

    #[tokio::test]
    async fn a_folder_is_never_made_and_one_that_is_gone_is_not_filled_again() {
        let disk = tempfile::tempdir().unwrap();
        let missing = OffsiteAddress::Folder(disk.path().join("missing"));
        assert!(Target::open(&missing, false).is_err());
        assert!(!disk.path().join("missing").exists());
        let folder = OffsiteAddress::Folder(disk.path().to_owned());
        assert!(
            Target::open(&folder, true).is_err(),
            "its disk is not mounted"
        );
        let target = Target::open(&folder, false).unwrap();
        target.write("a", b"1".to_vec()).await.unwrap();
        assert!(Target::open(&folder, true).is_ok());
        assert_eq!(target.read("a").await.unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(target.read("b").await.unwrap(), None);
        target.remove("b").await.unwrap();
    }

    #[tokio::test]
    async fn a_backup_counts_when_its_hash_stands_beside_it_and_leftovers_do_not() {
        let disk = tempfile::tempdir().unwrap();
        let folder = OffsiteAddress::Folder(disk.path().to_owned());
        for target in [Target::open(&folder, false).unwrap(), Target::in_memory()] {
            let name: BackupName = NAME.parse().unwrap();
            target.write(NAME, b"zip".to_vec()).await.unwrap();
            target.write("readme", b"x".to_vec()).await.unwrap();
            assert!(complete(&target.list().await.unwrap()).is_empty());
            assert_eq!(target.hash_of(&name).await.unwrap(), None);
            target.note_hash(&name, "ab12").await.unwrap();
            let listing = target.list().await.unwrap();
            assert_eq!(complete(&listing), std::slice::from_ref(&name));
            assert_eq!(listing[NAME], 3);
            let noted = target.hash_of(&name).await.unwrap();
            assert_eq!(noted.as_deref(), Some("ab12"));
            target.remove_backup(&name).await.unwrap();
            let left: Vec<String> = target.list().await.unwrap().into_keys().collect();
            assert_eq!(left, ["readme"]);
        }
    }

    #[test]
    fn what_a_killed_copy_left_goes_when_it_is_old() {
        let disk = tempfile::tempdir().unwrap();
        let folder = OffsiteAddress::Folder(disk.path().to_owned());
        drop(Target::open(&folder, false).unwrap());
        let half = |number: u32| disk.path().join(OURS).join(format!("{NAME}#{number}"));
        for number in [1, 2] {
            std::fs::write(half(number), "half").unwrap();
        }
        let old = std::fs::File::options().write(true).open(half(1)).unwrap();
        old.set_modified(std::time::UNIX_EPOCH).unwrap();
        drop(Target::open(&folder, true).unwrap());
        assert!(!half(1).exists() && half(2).exists());
    }
}
