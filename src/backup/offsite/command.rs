//! What the command line does with copies: these functions block their thread now and then.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use futures_util::TryStreamExt;
use object_store::ObjectStoreExt;
use sha2::{Digest, Sha256};

use super::lists;
use super::target::{Target, complete};
use crate::backup::archive::damaged;
use crate::backup::files::{check_room, create_private, flush_folder, remove_file};
use crate::backup::model::BackupName;
use crate::backup::{BackupError, Shelf, Shelved};
use crate::config::OffsiteAddress;

/// The complete backups of a place, the newest first.
///
/// Errors: it cannot be reached.
pub async fn list(address: &OffsiteAddress) -> Result<Vec<Shelved>, BackupError> {
    let target = Target::open(address, true)?;
    let listing = target.list().await?;
    let mut found = Vec::new();
    for name in complete(&listing) {
        found.push(Shelved {
            size_bytes: listing.get(&name.to_string()).copied().unwrap_or(0),
            sha256: target.hash_of(&name).await?,
            name,
        });
    }
    Ok(found)
}

/// What was got back.
pub struct Fetched {
    /// The backup.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Lists of erased persons, got into the same folder with what there is of their keys.
    pub lists: Vec<PathBuf>,
}

/// Gets a backup back, with the lists of erased persons beside it. It has its name once its hash was found right.
///
/// * `out`: where to; else among the backups of this machine.
/// * Errors: no such backup is complete there, the file exists, too little room, or its bytes are not those that were written.
pub async fn fetch(
    address: &OffsiteAddress,
    name: &BackupName,
    out: Option<&Path>,
    shelf: &Shelf,
) -> Result<Fetched, BackupError> {
    let target = Target::open(address, true)?;
    let noted = target.hash_of(name).await?.ok_or(BackupError::NotFound)?;
    let listing = target.list().await?;
    let size_bytes = listing.get(&name.to_string()).copied();
    let size_bytes = size_bytes.ok_or(BackupError::NotFound)?;
    let working = match out {
        None => Some(shelf.work()?),
        Some(_) => None,
    };
    let path = out.map_or_else(|| shelf.path(name), Path::to_owned);
    if path.exists() {
        return Err(BackupError::Exists(path.display().to_string()));
    }
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    check_room(&folder, size_bytes)?;
    let temporary = match &working {
        Some(working) => working.temporary("fetch"),
        None => folder.join(format!(".{name}.part")),
    };
    remove_file(&temporary)?;
    let got = download(&target, name, &temporary).await;
    let sha256 = match got {
        Ok(sha256) if sha256 == noted => sha256,
        got => {
            remove_file(&temporary)?;
            return Err(got.err().unwrap_or_else(|| {
                damaged("the bytes that came back are not those that were written")
            }));
        }
    };
    fs::rename(&temporary, &path).map_err(BackupError::io(&path))?;
    flush_folder(&folder)?;
    if working.is_some() {
        shelf.note_hash(name, &sha256)?;
    }
    let lists = lists::fetch(&target, &listing, &folder).await?;
    Ok(Fetched {
        path,
        size_bytes,
        sha256,
        lists: lists.into_iter().map(|list| folder.join(list)).collect(),
    })
}

/// Answers the SHA-256 of what came.
async fn download(target: &Target, name: &BackupName, to: &Path) -> Result<String, BackupError> {
    let from = target.path(&name.to_string());
    let mut pieces = target.store().get(&from).await?.into_stream();
    let mut file: File = create_private(to)?;
    let mut hash = Sha256::new();
    while let Some(piece) = pieces.try_next().await? {
        hash.update(&piece);
        file.write_all(&piece).map_err(BackupError::io(to))?;
    }
    file.sync_all().map_err(BackupError::io(to))?;
    Ok(HEXLOWER.encode(&hash.finalize()))
}
