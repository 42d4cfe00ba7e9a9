//! All SQL over uploads and their files.

use super::key::PictureKey;
use super::model::{PictureFile, Upload};
use super::rules::Used;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// Which uploads a list holds.
#[derive(Debug, Clone, Default)]
pub(super) struct ListFilter {
    pub(super) folder: Option<String>,
    pub(super) session_id: Option<String>,
}

/// Adds a picture with its files; answers its number.
pub(super) fn insert(tx: &mut dyn Tx, upload: &Upload) -> Result<i64, DbError> {
    let id = tx.insert(
        "INSERT INTO uploads (picture, session_id, access, folder, file_name, sha256, placeholder, is_animated, \
         is_teams, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            &upload.picture.to_string(),
            upload.session_id.as_deref(),
            upload.access.as_str(),
            &upload.folder,
            &upload.file_name,
            &upload.sha256,
            &upload.placeholder,
            upload.is_animated,
            upload.is_teams,
            upload.created_at_ms,
        ],
    )?;
    for file in &upload.files {
        tx.execute(
            "INSERT INTO upload_files (upload_id, variant, format, is_main, width, height, size_bytes, blob) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                id,
                file.variant.as_str(),
                file.format.as_str(),
                file.is_main,
                file.width,
                file.height,
                bytes(file.size_bytes),
                &file.blob,
            ],
        )?;
    }
    Ok(id)
}

/// Names of all stored files that some picture has.
pub(super) fn stored_files(tx: &mut dyn Tx) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT DISTINCT blob FROM upload_files ORDER BY blob",
        params![],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

pub(super) fn by_id(tx: &mut dyn Tx, id: i64) -> Result<Option<Upload>, DbError> {
    let row = tx.query_first(
        "SELECT id, picture, session_id, access, folder, file_name, sha256, placeholder, is_animated, is_teams, \
         created_at_ms FROM uploads WHERE id = ?1",
        params![id],
    )?;
    whole(tx, row)
}

pub(super) fn by_picture(tx: &mut dyn Tx, picture: PictureKey) -> Result<Option<Upload>, DbError> {
    let row = tx.query_first(
        "SELECT id, picture, session_id, access, folder, file_name, sha256, placeholder, is_animated, is_teams, \
         created_at_ms FROM uploads WHERE picture = ?1",
        params![&picture.to_string()],
    )?;
    whole(tx, row)
}

fn whole(tx: &mut dyn Tx, row: Option<Row>) -> Result<Option<Upload>, DbError> {
    let found = with_files(tx, row.into_iter().collect())?;
    Ok(found.into_iter().next())
}

/// A page of uploads, the newest first, and how many there are.
pub(super) fn list(
    tx: &mut dyn Tx,
    filter: &ListFilter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Upload>, i64), DbError> {
    // An empty text stands for any: neither a folder nor a session is one.
    let folder = filter.folder.as_deref().unwrap_or("");
    let session = filter.session_id.as_deref().unwrap_or("");
    let total = tx.query_value(
        "SELECT COUNT(*) FROM uploads WHERE (?1 = '' OR folder = ?1) AND (?2 = '' OR session_id = ?2)",
        params![folder, session],
    )?;
    let rows = tx.query(
        "SELECT id, picture, session_id, access, folder, file_name, sha256, placeholder, is_animated, is_teams, \
         created_at_ms FROM uploads WHERE (?1 = '' OR folder = ?1) AND (?2 = '' OR session_id = ?2) \
         ORDER BY id DESC LIMIT ?3 OFFSET ?4",
        params![folder, session, limit, offset],
    )?;
    Ok((with_files(tx, rows)?, total))
}

/// Every upload of a session, oldest first.
pub(super) fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Upload>, DbError> {
    let rows = tx.query(
        "SELECT id, picture, session_id, access, folder, file_name, sha256, placeholder, is_animated, is_teams, \
         created_at_ms FROM uploads WHERE session_id = ?1 ORDER BY id",
        params![session_id],
    )?;
    with_files(tx, rows)
}

fn with_files(tx: &mut dyn Tx, rows: Vec<Row>) -> Result<Vec<Upload>, DbError> {
    let mut uploads = Vec::with_capacity(rows.len());
    for row in rows {
        let mut upload = upload_of(row)?;
        upload.files = files(tx, upload.id)?;
        uploads.push(upload);
    }
    Ok(uploads)
}

fn files(tx: &mut dyn Tx, upload_id: i64) -> Result<Vec<PictureFile>, DbError> {
    let rows = tx.query(
        "SELECT variant, format, is_main, width, height, size_bytes, blob FROM upload_files WHERE upload_id = ?1",
        params![upload_id],
    )?;
    let files = rows.into_iter().map(|mut row| {
        Ok::<_, DbError>(PictureFile {
            variant: row.word(0)?,
            format: row.word(1)?,
            is_main: row.take(2)?,
            width: row.take(3)?,
            height: row.take(4)?,
            size_bytes: row.take::<i64>(5)?.unsigned_abs(),
            blob: row.take(6)?,
        })
    });
    let mut files: Vec<PictureFile> = files.collect::<Result<_, _>>()?;
    files.sort_by_key(|file| (file.variant, !file.is_main));
    Ok(files)
}

/// Removes a picture; answers the blobs of its files.
///
/// Errors: [`DbError::Reference`] while something shows it.
pub(super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<Vec<String>, DbError> {
    let blobs = blobs(tx, id)?;
    tx.execute("DELETE FROM upload_files WHERE upload_id = ?1", params![id])?;
    tx.execute("DELETE FROM uploads WHERE id = ?1", params![id])?;
    Ok(blobs)
}

fn blobs(tx: &mut dyn Tx, id: i64) -> Result<Vec<String>, DbError> {
    let rows = tx.query(
        "SELECT blob FROM upload_files WHERE upload_id = ?1",
        params![id],
    )?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// True while a file of some picture lies there.
pub(super) fn refers_to(tx: &mut dyn Tx, blob: &str) -> Result<bool, DbError> {
    let times: i64 = tx.query_value(
        "SELECT COUNT(*) FROM upload_files WHERE blob = ?1",
        params![blob],
    )?;
    Ok(times > 0)
}

/// What a visitor has sent: pictures, and the size of all their files.
pub(super) fn used_by(tx: &mut dyn Tx, session_id: &str) -> Result<Used, DbError> {
    let files: i64 = tx.query_value(
        "SELECT COUNT(*) FROM uploads WHERE session_id = ?1 AND is_teams = 0",
        params![session_id],
    )?;
    let size: i64 = tx.query_value(
        "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM upload_files \
         WHERE upload_id IN (SELECT id FROM uploads WHERE session_id = ?1 AND is_teams = 0)",
        params![session_id],
    )?;
    Ok(Used {
        files: files.unsigned_abs(),
        bytes: size.unsigned_abs(),
    })
}

/// What all files take. The same content counts each time, so that it is never more than is allowed.
pub(super) fn total_bytes(tx: &mut dyn Tx) -> Result<u64, DbError> {
    let size: i64 = tx.query_value(
        "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM upload_files",
        params![],
    )?;
    Ok(size.unsigned_abs())
}

fn bytes(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).unwrap_or(i64::MAX)
}

fn upload_of(mut row: Row) -> Result<Upload, DbError> {
    Ok(Upload {
        id: row.take(0)?,
        picture: row.word(1)?,
        session_id: row.take(2)?,
        access: row.word(3)?,
        folder: row.take(4)?,
        file_name: row.take(5)?,
        sha256: row.take(6)?,
        placeholder: row.take(7)?,
        is_animated: row.take(8)?,
        is_teams: row.take(9)?,
        created_at_ms: row.take(10)?,
        files: Vec::new(),
    })
}
