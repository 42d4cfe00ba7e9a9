//! One backup on its way there: read once, hashed meanwhile, under its name only when it is complete.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use object_store::ObjectStoreExt;
use object_store::multipart::PartId;
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::rules::part_bytes;
use super::target::{Cloud, Target};
use crate::backup::BackupError;
use crate::backup::archive::damaged;
use crate::backup::model::BackupName;

/// A backup to copy.
pub(super) struct Item {
    /// The file.
    pub(super) file: PathBuf,
    /// Its name there.
    pub(super) name: BackupName,
    /// Its size.
    pub(super) size_bytes: u64,
    /// As noted when it was made, in hexadecimal digits.
    pub(super) sha256: String,
}

/// An upload in parts that is not complete, and can go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Upload {
    /// Of which backup.
    pub(super) filename: String,
    sha256: String,
    part_bytes: u64,
    /// What the cloud calls it.
    id: String,
    /// What the cloud calls the parts it has, from the first on.
    parts: Vec<String>,
}

/// Keeps in mind how far an upload has come; `None`: there is none any more.
pub(super) type Note<'n> = dyn FnMut(Option<&Upload>) -> Result<(), BackupError> + Send + 'n;

/// Copies a backup, going on where `resumed` was interrupted.
///
/// Errors: the file is not what it was when it was made, the place fails, or `stop` turned true meanwhile.
pub(super) async fn copy(
    target: &Target,
    item: &Item,
    resumed: Option<Upload>,
    note: &mut Note<'_>,
    stop: &watch::Receiver<bool>,
) -> Result<(), BackupError> {
    match target.cloud() {
        Some(cloud) => in_parts(cloud, target, item, resumed, note, stop).await?,
        None => at_once(target, item, stop).await?,
    }
    target.note_hash(&item.name, &item.sha256).await
}

/// Gives up an upload that nobody will go on with.
pub(super) async fn give_up(target: &Target, upload: &Upload) {
    let Some(cloud) = target.cloud() else { return };
    let path = target.path(&upload.filename);
    if let Err(error) = cloud.abort_multipart(&path, &upload.id).await {
        tracing::warn!(%error, "parts of a copy that nobody needs may stay where they are");
    }
}

/// For a folder: an interrupted copy begins anew, and what there was of it goes.
async fn at_once(
    target: &Target,
    item: &Item,
    stop: &watch::Receiver<bool>,
) -> Result<(), BackupError> {
    let path = target.path(&item.name.to_string());
    let mut upload = target.store().put_multipart(&path).await?;
    let sent = async {
        let mut source = Source::open(item)?;
        loop {
            go_on(stop)?;
            let (read, piece) = source.read(part_bytes(item.size_bytes)).await?;
            source = read;
            if piece.is_empty() {
                return source.check(item);
            }
            upload.put_part(piece.into()).await?;
        }
    }
    .await;
    if let Err(error) = sent {
        if let Err(error) = upload.abort().await {
            tracing::warn!(%error, "what there is of an interrupted copy stays for a day");
        }
        return Err(error);
    }
    upload.complete().await?;
    Ok(())
}

async fn in_parts(
    cloud: &Cloud,
    target: &Target,
    item: &Item,
    resumed: Option<Upload>,
    note: &mut Note<'_>,
    stop: &watch::Receiver<bool>,
) -> Result<(), BackupError> {
    let path = target.path(&item.name.to_string());
    let part_bytes = part_bytes(item.size_bytes);
    let is_of_item = |upload: &Upload| {
        upload.filename == item.name.to_string()
            && upload.sha256 == item.sha256
            && upload.part_bytes == part_bytes
    };
    let mut upload = match resumed {
        Some(upload) if is_of_item(&upload) => upload,
        other => {
            if let Some(stale) = other {
                give_up(target, &stale).await;
            }
            Upload {
                filename: item.name.to_string(),
                sha256: item.sha256.clone(),
                part_bytes,
                id: cloud.create_multipart(&path).await?,
                parts: Vec::new(),
            }
        }
    };
    note(Some(&upload))?;
    let sent = send(cloud, &path, item, &mut upload, note, stop).await;
    match &sent {
        // It is complete, or the cloud has forgotten it; then the next attempt begins anew.
        Ok(()) | Err(Failed::There(object_store::Error::NotFound { .. })) => note(None)?,
        // What is here is not what was begun; what is there is of no use.
        Err(Failed::Here(BackupError::Damaged(_))) => {
            give_up(target, &upload).await;
            note(None)?;
        }
        Err(_) => {}
    }
    sent.map_err(|failed| match failed {
        Failed::Here(error) => error,
        Failed::There(error) => error.into(),
    })
}

/// On which side an upload failed.
enum Failed {
    Here(BackupError),
    There(object_store::Error),
}

impl From<BackupError> for Failed {
    fn from(error: BackupError) -> Self {
        Self::Here(error)
    }
}

impl From<object_store::Error> for Failed {
    fn from(error: object_store::Error) -> Self {
        Self::There(error)
    }
}

/// Sends the parts that are missing. Those that are there are read all the same, for the hash of the whole.
async fn send(
    cloud: &Cloud,
    path: &Path,
    item: &Item,
    upload: &mut Upload,
    note: &mut Note<'_>,
    stop: &watch::Receiver<bool>,
) -> Result<(), Failed> {
    let mut source = Source::open(item)?;
    let mut index = 0;
    loop {
        go_on(stop)?;
        let (read, piece) = source.read(upload.part_bytes).await?;
        source = read;
        if piece.is_empty() {
            break;
        }
        if index >= upload.parts.len() {
            let part = cloud
                .put_part(path, &upload.id, index, piece.into())
                .await?;
            upload.parts.push(part.content_id);
            note(Some(&*upload))?;
        }
        index += 1;
    }
    source.check(item)?;
    let parts = upload.parts.iter().cloned();
    let parts = parts.map(|content_id| PartId { content_id }).collect();
    cloud.complete_multipart(path, &upload.id, parts).await?;
    Ok(())
}

fn go_on(stop: &watch::Receiver<bool>) -> Result<(), BackupError> {
    if *stop.borrow() {
        return Err(BackupError::Offsite("the server stopped meanwhile".into()));
    }
    Ok(())
}

/// The file, read piece by piece.
struct Source {
    file: File,
    hash: Sha256,
}

impl Source {
    fn open(item: &Item) -> Result<Self, BackupError> {
        Ok(Self {
            file: File::open(&item.file).map_err(BackupError::io(&item.file))?,
            hash: Sha256::new(),
        })
    }

    /// Reads on, on a thread where that may block; an empty piece is the end.
    async fn read(mut self, most_bytes: u64) -> Result<(Self, Bytes), BackupError> {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            Read::by_ref(&mut self.file)
                .take(most_bytes)
                .read_to_end(&mut piece)?;
            self.hash.update(&piece);
            Ok::<_, io::Error>((self, Bytes::from(piece)))
        });
        read.await
            .map_err(|error| BackupError::Internal(error.to_string()))?
            .map_err(|error| BackupError::Io("the backup".into(), error))
    }

    /// Whether what was read is what was made.
    fn check(self, item: &Item) -> Result<(), BackupError> {
        if HEXLOWER.encode(&self.hash.finalize()) == item.sha256 {
            Ok(())
        } else {
            Err(damaged("its bytes are not those that were written"))
        }
    }
}

#[cfg(test)]
#[path = "copy_tests.rs"]
mod tests;
