//! Use cases of uploads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde::Serialize;
use tokio::sync::{RwLock, Semaphore};
use tokio::time::timeout;

use super::clamd::{Admission, Scanner};
use super::imaging::{self, Encoded, Named, Picture, Pictures, Wishes};
use super::key::{PictureKey, UploadKey, Variant};
use super::model::{NewUpload, PictureFile, Upload};
use super::rules::{Quotas, clean_file_name};
use super::store::{self, ListFilter};
use super::{Attachment, SWEEP_JOB, SentPicture, UploadError};
use crate::accounts::audit;
use crate::platform::blobs::{BlobName, Blobs};
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{IdempotencyKey, once};
use crate::platform::jobs::{NewJob, enqueue};
use crate::platform::secrets::{random_bytes, sha256};

/// Pictures worked on at the same time: one may take a gigabyte, see `imaging`, so the others wait.
const PLACES: usize = 2;
/// How long a picture waits for its place.
const PLACE_WITHIN: Duration = Duration::from_secs(20);
/// How long one may be worked on.
const WORK_WITHIN: Duration = Duration::from_secs(15);
/// Under which idempotency keys of uploads count.
const UPLOAD_ROUTE: &str = "upload_image";
/// Room on the disk that uploads leave for the database.
const DISK_RESERVE_BYTES: u64 = 256 * 1024 * 1024;

/// Uploads. Cheap to clone.
#[derive(Clone)]
pub struct Uploads(Arc<Inner>);

struct Inner {
    store: Store,
    blobs: Blobs,
    scanner: Option<Scanner>,
    quotas: Quotas,
    has_webp: bool,
    places: Arc<Semaphore>,
    /// Half-written files that are older are of a server before this one; milliseconds UTC.
    opened_at_ms: i64,
    /// Held for reading from a file's storing to its row, for writing while what no row names is removed: otherwise the
    /// same content could be stored and removed at once.
    sweeping: RwLock<()>,
}

impl Uploads {
    /// Wires the slice.
    ///
    /// * `has_webp`: a WebP is made beside each picture.
    pub fn new(
        store: Store,
        blobs: Blobs,
        scanner: Option<Scanner>,
        quotas: Quotas,
        has_webp: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            blobs,
            scanner,
            quotas,
            has_webp,
            places: Arc::new(Semaphore::new(PLACES)),
            opened_at_ms: now_ms(),
            sweeping: RwLock::default(),
        }))
    }

    /// Takes a picture: looked at, encoded anew, stored. It is done to its end even when the caller goes away.
    ///
    /// Errors: the file is refused, or there is no room for it; then nothing of it stays.
    pub async fn take(&self, file: SentPicture, new: NewUpload) -> Result<Upload, UploadError> {
        let place = timeout(PLACE_WITHIN, Arc::clone(&self.0.places).acquire_owned());
        let (Ok(Ok(place)), uploads) = (place.await, self.clone()) else {
            return Err(UploadError::Busy);
        };
        let work = async move {
            let new = new.described_by(&file);
            // Only who has a place holds a picture in memory.
            let sent = file.read(uploads.0.quotas.file_bytes).await?;
            let taken = uploads.take_whole(sent, new).await;
            drop(place);
            taken
        };
        let done = tokio::spawn(work).await;
        done.map_err(|error| UploadError::Internal(error.to_string()))?
    }

    async fn take_whole(&self, sent: Vec<u8>, new: NewUpload) -> Result<Upload, UploadError> {
        self.admit(new.counted_session()).await?;
        self.scan(&sent, &new).await?;
        let sent_hash = sha256(&sent);
        let once = new.once.clone();
        let (pictures, new) = self.pictures(sent, new).await?;
        let fingerprint = Fingerprint::of(&sent_hash, &new);
        let (upload, contents) = named(pictures, &sent_hash, new)?;
        let size_bytes = contents
            .iter()
            .map(|(_, content)| content.len() as u64)
            .sum();
        let total_bytes = self.require_room(size_bytes).await?;

        let storing = self.0.sweeping.read().await;
        let stored = match self.put(contents).await {
            Ok(()) => {
                let room = Room {
                    size_bytes,
                    total_bytes,
                };
                self.keep(&upload, once, fingerprint, room).await
            }
            Err(error) => Err(error),
        };
        drop(storing);
        if !matches!(&stored, Ok(stored) if stored.picture == upload.picture) {
            let blobs = upload.files.into_iter().map(|file| file.blob).collect();
            if let Err(error) = self.sweep(blobs).await {
                tracing::warn!(%error, "files of an upload that was not kept stay until the next start");
            }
        }
        stored
    }

    /// Looks whether a picture may come in, before any work is spent on it.
    async fn admit(&self, session_id: Option<String>) -> Result<(), UploadError> {
        let quotas = self.0.quotas;
        self.0
            .store
            .read(move |tx| {
                let total_bytes = store::total_bytes(tx)?;
                within(tx, &quotas, 0, session_id.as_deref(), total_bytes)
            })
            .await
    }

    async fn scan(&self, sent: &[u8], new: &NewUpload) -> Result<(), UploadError> {
        let Some(scanner) = &self.0.scanner else {
            return Ok(());
        };
        match scanner.admit(sent).await {
            Admission::Clean => Ok(()),
            Admission::Unscanned(error) => {
                tracing::warn!(%error, "an upload is taken unscanned");
                Ok(())
            }
            Admission::Refused(error) => {
                tracing::error!(%error, "an upload is refused, since it cannot be scanned");
                Err(UploadError::ScannerDown)
            }
            Admission::Infected(signature) => {
                self.record_infected(signature, new).await?;
                Err(UploadError::Infected)
            }
        }
    }

    async fn record_infected(&self, signature: String, new: &NewUpload) -> Result<(), DbError> {
        let actor = if new.is_teams { "team" } else { "visitor" };
        let details = serde_json::json!({ "signature": signature });
        // Without the session: nothing of it was kept, and what its visitor erases must not stand here.
        let write = self
            .0
            .store
            .write(move |tx| audit::record(tx, actor, "upload_infected", None, &details, now_ms()));
        write.await
    }

    /// Decodes and encodes on a thread of its own: a decoder that panics ends this upload alone.
    async fn pictures(
        &self,
        sent: Vec<u8>,
        new: NewUpload,
    ) -> Result<(Pictures, NewUpload), UploadError> {
        let has_webp = self.0.has_webp;
        let work = move || {
            let named = Named {
                file_name: new.file_name.as_deref(),
                content_type: new.content_type.as_deref(),
            };
            let wishes = Wishes {
                variants: new.has_variants,
                webp: has_webp,
            };
            let until = Instant::now() + WORK_WITHIN;
            Ok((imaging::process(&sent, named, wishes, until)?, new))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "a decoder failed on an upload");
                Err(imaging::Refusal::Damaged.into())
            }
        }
    }

    /// Checks that the disk has room; answers what all files take by now. That is not looked at again when the rows are
    /// written: it takes long where there are many, and everybody's messages would wait.
    async fn require_room(&self, size_bytes: u64) -> Result<u64, UploadError> {
        let free_bytes = self.0.blobs.free_bytes().await?;
        if free_bytes.is_some_and(|free| free < size_bytes + DISK_RESERVE_BYTES) {
            return Err(super::rules::Exceeded::TotalBytes.into());
        }
        Ok(self.0.store.read(store::total_bytes).await?)
    }

    async fn put(&self, contents: Vec<(BlobName, Bytes)>) -> Result<(), UploadError> {
        for (name, content) in contents {
            self.0.blobs.put(&name, content).await?;
        }
        Ok(())
    }

    /// Writes the rows; or finds the picture the same request brought before.
    async fn keep(
        &self,
        upload: &Upload,
        key: Option<IdempotencyKey>,
        fingerprint: Fingerprint,
        room: Room,
    ) -> Result<Upload, UploadError> {
        let (quotas, upload) = (self.0.quotas, upload.clone());
        let insert = move |tx: &mut dyn Tx| {
            let session_id = upload.session_id.as_deref().filter(|_| !upload.is_teams);
            within(tx, &quotas, room.size_bytes, session_id, room.total_bytes)?;
            Ok::<_, UploadError>(store::insert(tx, &upload)?)
        };
        let write = self.0.store.write(move |tx| {
            let id = match key {
                None => insert(tx)?,
                Some(key) => once(tx, &key, UPLOAD_ROUTE, &fingerprint, |tx| Ok(insert(tx)?))
                    .map_err(UploadError::Repeated)?,
            };
            store::by_id(tx, id)?.ok_or(UploadError::NotFound)
        });
        write.await
    }

    /// A page of uploads, the newest first, and how many there are.
    pub(super) async fn list(
        &self,
        filter: ListFilter,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Upload>, i64), UploadError> {
        let read = self
            .0
            .store
            .read(move |tx| store::list(tx, &filter, limit, offset));
        Ok(read.await?)
    }

    /// The picture a key names a file of.
    pub(super) async fn by_key(&self, key: UploadKey) -> Result<Upload, UploadError> {
        let read = self
            .0
            .store
            .read(move |tx| store::by_picture(tx, key.picture));
        read.await?.ok_or(UploadError::NotFound)
    }

    /// Removes a picture: its addresses at once, its files as soon as nothing else lies in them.
    pub(super) async fn delete(&self, which: Which) -> Result<(), UploadError> {
        let write = self.0.store.write(move |tx| {
            let upload = match which {
                Which::Id(id) => store::by_id(tx, id)?,
                Which::Key(key) => store::by_picture(tx, key.picture)?,
            };
            let upload = upload.ok_or(UploadError::NotFound)?;
            let blobs = store::delete(tx, upload.id).map_err(in_use)?;
            Ok(enqueue_sweep(tx, &blobs)?)
        });
        write.await
    }

    /// Removes a picture by its number.
    pub async fn remove(&self, id: i64) -> Result<(), UploadError> {
        self.delete(Which::Id(id)).await
    }

    /// The storage, to read from.
    pub(super) fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Removes those of `blobs` that no row names.
    pub async fn sweep(&self, blobs: Vec<String>) -> Result<(), UploadError> {
        let _alone = self.0.sweeping.write().await;
        for blob in blobs {
            let name = BlobName::parse(&blob)?;
            let read = self.0.store.read(move |tx| store::refers_to(tx, &blob));
            if !read.await? {
                self.0.blobs.delete(&name).await?;
            }
        }
        Ok(())
    }

    /// Removes what a killed server left: half-written files, and files whose row was never written.
    pub async fn sweep_all(&self) -> Result<(), UploadError> {
        let blobs = &self.0.blobs;
        blobs.remove_leftovers(self.0.opened_at_ms).await?;
        let listed = blobs.list().await?;
        self.sweep(listed.iter().map(|blob| blob.name.to_string()).collect())
            .await
    }
}

/// What makes an upload the same as another: what was sent and what was wished, but no session, since one that is
/// opened for an upload is another each time.
#[derive(Serialize)]
struct Fingerprint {
    sent_sha256: String,
    file_name: Option<String>,
    folder: String,
    has_variants: bool,
}

impl Fingerprint {
    fn of(sent_hash: &[u8; 32], new: &NewUpload) -> Self {
        Self {
            sent_sha256: HEXLOWER.encode(sent_hash),
            file_name: new.file_name.clone(),
            folder: new.folder.as_str().to_owned(),
            has_variants: new.has_variants,
        }
    }
}

/// Which picture is meant.
pub(super) enum Which {
    Id(i64),
    Key(UploadKey),
}

/// What a picture takes, and what all others took shortly before.
struct Room {
    size_bytes: u64,
    total_bytes: u64,
}

/// Checks that a picture of `size_bytes` may be kept.
fn within(
    tx: &mut dyn Tx,
    quotas: &Quotas,
    size_bytes: u64,
    session_id: Option<&str>,
    total_bytes: u64,
) -> Result<(), UploadError> {
    let session = session_id
        .map(|session_id| store::used_by(tx, session_id))
        .transpose()?;
    // What is stored of a picture may be larger than what was sent; the limit of one file was applied to that.
    let quotas = Quotas {
        file_bytes: u64::MAX,
        ..*quotas
    };
    Ok(quotas.admit(size_bytes, session, total_bytes)?)
}

fn in_use(error: DbError) -> UploadError {
    match error {
        DbError::Reference => UploadError::InUse,
        error => error.into(),
    }
}

/// The pictures with these numbers that the team sent for everyone to see; others are left out.
pub(super) fn attachments(tx: &mut dyn Tx, ids: &[i64]) -> Result<Vec<Attachment>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let upload = store::by_id(tx, *id)?.filter(Upload::is_companys);
        found.extend(upload.as_ref().and_then(Attachment::of));
    }
    Ok(found)
}

/// Removes the pictures of a session; answers how many.
pub(super) fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    let uploads = store::of_session(tx, session_id)?;
    let mut blobs = Vec::new();
    for upload in &uploads {
        blobs.extend(store::delete(tx, upload.id)?);
    }
    if !blobs.is_empty() {
        enqueue_sweep(tx, &blobs)?;
    }
    Ok(uploads.len() as u64)
}

fn enqueue_sweep(tx: &mut dyn Tx, blobs: &[String]) -> Result<(), DbError> {
    let payload_json =
        serde_json::to_string(blobs).map_err(|error| DbError::Internal(error.to_string()))?;
    let job = NewJob {
        kind: SWEEP_JOB,
        payload_json: &payload_json,
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms())
}

/// Gives a picture its address and its files their names, and hands out their contents.
fn named(
    pictures: Pictures,
    sent_hash: &[u8; 32],
    new: NewUpload,
) -> Result<(Upload, Vec<(BlobName, Bytes)>), UploadError> {
    let random = random_bytes().map_err(|error| UploadError::Internal(error.to_string()))?;
    let mut sizes = vec![(Variant::Original, pictures.original)];
    if let Some(variants) = pictures.variants {
        sizes.push((Variant::Thumbnail, variants.thumbnail));
        sizes.push((Variant::Medium, variants.medium));
        sizes.push((Variant::Large, variants.large));
    }
    let (mut files, mut contents) = (Vec::new(), Vec::new());
    let mut original_sha256 = String::new();
    for (variant, picture) in sizes {
        let Picture {
            width,
            height,
            encoded,
        } = picture;
        for (at, Encoded { format, bytes }) in encoded.into_iter().enumerate() {
            let hash = HEXLOWER.encode(&sha256(&bytes));
            if files.is_empty() {
                original_sha256.clone_from(&hash);
            }
            let blob = format!("{}/{hash}.{}", &hash[..2], format.as_str());
            files.push(PictureFile {
                variant,
                format,
                is_main: at == 0,
                width,
                height,
                size_bytes: bytes.len() as u64,
                blob: blob.clone(),
            });
            contents.push((BlobName::parse(&blob)?, Bytes::from(bytes)));
        }
    }
    let upload = Upload {
        id: 0,
        picture: PictureKey::new(random, sent_hash),
        session_id: new.session_id,
        is_teams: new.is_teams,
        access: new.access,
        folder: new.folder.as_str().to_owned(),
        file_name: clean_file_name(new.file_name.as_deref().unwrap_or_default()),
        sha256: original_sha256,
        placeholder: pictures.placeholder,
        is_animated: pictures.is_animated,
        created_at_ms: now_ms(),
        files,
    };
    Ok((upload, contents))
}
