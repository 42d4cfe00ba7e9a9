//! What the rights over personal data need of pictures: their contents, for the person they belong to.

use futures_util::TryStreamExt;

use super::model::Upload;
use super::{UploadError, Uploads, Variant};
use crate::chat::person::MadeIn;
use crate::params;
use crate::platform::blobs::{BlobError, BlobName};
use crate::platform::db::{DbError, Tx};

/// Sessions of pictures after a number.
pub fn sessions_after(tx: &mut dyn Tx, after_id: i64, limit: i64) -> Result<Vec<MadeIn>, DbError> {
    let rows = tx.query(
        "SELECT id, session_id, created_at_ms FROM uploads WHERE id > ?1 AND session_id IS NOT NULL \
         ORDER BY id LIMIT ?2",
        params![after_id, limit],
    )?;
    rows.into_iter().map(MadeIn::of).collect()
}

impl Uploads {
    /// The stored original of a picture with its ending, e.g. `jpg`; `None` when its file is gone.
    ///
    /// Errors: the storage fails.
    pub async fn original(
        &self,
        upload: &Upload,
    ) -> Result<Option<(&'static str, Vec<u8>)>, UploadError> {
        let Some(file) = upload.main(Variant::Original) else {
            return Ok(None);
        };
        let name = BlobName::parse(&file.blob)?;
        let blob = match self.blobs().get(&name, None).await {
            Ok(blob) => blob,
            Err(BlobError::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let parts: Vec<_> = blob.content.try_collect().await?;
        Ok(Some((file.format.as_str(), parts.concat())))
    }
}
