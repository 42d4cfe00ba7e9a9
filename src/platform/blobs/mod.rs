//! Files kept whole under names of our own making: on the local disk, and by the same calls wherever else
//! `object_store` reaches.
//!
//! On the disk they lie in a folder of their own within the configured one (mode 0700), so that whatever else somebody
//! keeps there is never listed, and never taken for an orphan. A file is written to a temporary name beside its own,
//! flushed and renamed, and its directory flushed: a name holds the whole content or nothing. All work that blocks runs on
//! threads for it.
//!
//! ```text
//! name.rs   `BlobName`: what a name may be    disk.rs   what a disk alone has: the folder, leftovers, room
//! ```

mod disk;
mod name;
#[cfg(test)]
mod tests;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};

use disk::Disk;
pub use disk::{blob_files, remove_leftovers};
pub use name::BlobName;

/// Why a file could not be stored or had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// No name of ours.
    #[error("no name of a stored file")]
    InvalidName,
    /// Nothing is stored under the name.
    #[error("no such stored file")]
    NotFound,
    /// The range is empty or begins behind the content's end.
    #[error("the range lies outside of the stored file")]
    OutOfRange,
    /// The storage is full, cannot be reached or fails; the text is for the log alone.
    #[error("the storage fails: {0}")]
    Unavailable(String),
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotFound,
            error => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// A stored file, or a part of it, on its way out.
pub struct Blob {
    /// Size of the whole file.
    pub size_bytes: u64,
    /// What of it `content` holds: what was asked for, cut at the file's end.
    pub range: Range<u64>,
    /// The bytes, in pieces as they are read.
    pub content: BoxStream<'static, Result<Bytes, BlobError>>,
}

/// A stored file as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: BlobName,
    /// Its size.
    pub size_bytes: u64,
    /// When it was stored, in milliseconds UTC.
    pub modified_at_ms: i64,
}

/// The storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    disk: Arc<Disk>,
}

impl Blobs {
    /// Keeps files within `folder`, which is made with mode 0700 when it is missing (blocking).
    ///
    /// Errors: it cannot be made or written.
    pub fn local(folder: &Path) -> Result<Self, BlobError> {
        let disk = Disk::open(folder)?;
        let store = LocalFileSystem::new_with_prefix(disk.folder())?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            disk: Arc::new(disk),
        })
    }

    /// Stores `content`, in place of what had the name before. Once this returns it outlives a power cut; when it fails,
    /// the name holds what it held before. A caller that goes away meanwhile does not stop it.
    pub async fn put(&self, name: &BlobName, content: Bytes) -> Result<(), BlobError> {
        self.store.put(name.path(), content.into()).await?;
        Ok(())
    }

    /// A stored file, or the bytes of `range` of it.
    ///
    /// Errors: [`BlobError::NotFound`]; [`BlobError::OutOfRange`] where not even the first byte of the range exists.
    pub async fn get(&self, name: &BlobName, range: Option<Range<u64>>) -> Result<Blob, BlobError> {
        let options = GetOptions {
            range: range.clone().map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = match self.store.get_opts(name.path(), options).await {
            Ok(found) => found,
            Err(error) => return Err(self.why_not(name, range, error.into()).await),
        };
        Ok(Blob {
            size_bytes: found.meta.size,
            range: found.range.clone(),
            content: found.into_stream().map_err(BlobError::from).boxed(),
        })
    }

    /// The interface has no error of its own for a range outside of the file.
    async fn why_not(
        &self,
        name: &BlobName,
        range: Option<Range<u64>>,
        error: BlobError,
    ) -> BlobError {
        let Some(range) = range else { return error };
        match self.store.head(name.path()).await {
            Ok(found) if range.is_empty() || range.start >= found.size => BlobError::OutOfRange,
            _ => error,
        }
    }

    /// Removes a stored file; none there is fine. A power cut right afterwards may bring it back, as an orphan.
    pub async fn delete(&self, name: &BlobName) -> Result<(), BlobError> {
        match self
            .store
            .delete(name.path())
            .await
            .map_err(BlobError::from)
        {
            Ok(()) | Err(BlobError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Every stored file, in no order: for finding those that nothing refers to.
    pub async fn list(&self) -> Result<Vec<Listed>, BlobError> {
        self.store
            .list(None)
            .map_err(BlobError::from)
            .try_filter_map(|found| async move {
                Ok(BlobName::parse(found.location.as_ref())
                    .ok()
                    .map(|name| Listed {
                        name,
                        size_bytes: found.size,
                        modified_at_ms: found.last_modified.timestamp_millis(),
                    }))
            })
            .try_collect()
            .await
    }

    /// Removes what writes that were killed left under temporary names and nobody has touched since `before_ms`
    /// (milliseconds UTC; a write under way is younger). Answers how many.
    pub async fn remove_leftovers(&self, before_ms: i64) -> Result<u64, BlobError> {
        self.on_disk(move |disk| disk.remove_leftovers(before_ms))
            .await
    }

    /// Room left for more, in bytes; `None` where storage has no end.
    pub async fn free_bytes(&self) -> Result<Option<u64>, BlobError> {
        self.on_disk(Disk::free_bytes).await.map(Some)
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Disk) -> io::Result<T> + Send + 'static,
    ) -> Result<T, BlobError> {
        let disk = Arc::clone(&self.disk);
        let done = tokio::task::spawn_blocking(move || work(&disk)).await;
        done.map_err(|error| BlobError::Unavailable(error.to_string()))?
            .map_err(BlobError::from)
    }
}
