//! What makes a backup proved: it is unpacked and the program reads what was in it.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::BackupError;
use super::archive::{Archive, damaged};
use super::create::{UPLOADS, counts};
use super::files::{Scratch, check_room, sha256_of};
use super::model::{BackupName, Format, Manifest, Part, Proof, ProofKind};
use super::seal::Keys;
use super::shelf::Working;
use crate::knowledge::snapshot_at;
use crate::platform::clock::now_ms;
use crate::platform::db::{DATABASE_FILE, integrity_check, migrate_file, read_only};
use crate::uploads::imaging::{self, Named, Wishes};
use crate::uploads::stored_files;

/// How many pictures are decoded, spread over all.
const PICTURES: usize = 12;
/// Time one picture has.
const PICTURE_WITHIN: Duration = Duration::from_secs(20);
/// Larger ones are not decoded: nothing larger is taken as an upload.
const PICTURE_MAX_BYTES: u64 = 128 * 1024 * 1024;

/// What was proved.
#[derive(Debug)]
pub struct Verified {
    /// What the backup holds.
    pub manifest: Manifest,
    /// How many pictures were decoded.
    pub pictures: usize,
    /// How long it took.
    pub took: Duration,
}

/// Proves a zip in a scratch folder on the shelf: every part against its hash, the database by its own checks, its rows
/// against the manifest, a sample of the pictures by decoding them; then the program opens what was unpacked.
///
/// Errors: what is wrong with it.
pub fn verify(working: &Working, file: &Path, keys: &Keys) -> Result<Verified, BackupError> {
    let began = Instant::now();
    let mut archive = Archive::open(file, keys)?;
    let scratch = Scratch::new(working.temporary("verify"))?;
    let parts = archive.manifest.parts.clone();
    for part in &parts {
        if part.name == DATABASE_FILE {
            check_room(scratch.path(), part.size_bytes)?;
            archive.unpack(part, &scratch.path().join(DATABASE_FILE))?;
        } else {
            archive.check(part)?;
        }
    }
    let pictures = prove(&mut archive, scratch.path())?;
    Ok(Verified {
        manifest: archive.manifest,
        pictures,
        took: began.elapsed(),
    })
}

/// Proves what was unpacked into `stage`, and brings its database to this program's schema. Answers how many pictures were
/// decoded.
pub(super) fn prove(archive: &mut Archive, stage: &Path) -> Result<usize, BackupError> {
    let database = stage.join(DATABASE_FILE);
    let unreadable =
        |error: crate::platform::db::DbError| damaged(&format!("its database: {error}"));
    let findings = integrity_check(&database).map_err(unreadable)?;
    if let Some(first) = findings.first() {
        return Err(damaged(&format!("its database: {first}")));
    }
    let (schema_version, tables) = counts(&database).map_err(|error| match error {
        BackupError::Db(error) => unreadable(error),
        error => error,
    })?;
    if schema_version != archive.manifest.schema_version || tables != archive.manifest.tables {
        return Err(damaged("its rows are not those its manifest counts"));
    }
    migrate_file(&database)?;
    let uploads = read_only(&database, stored_files).map_err(unreadable)?;
    check_uploads(archive, &uploads)?;
    let pictures = decode_sample(archive, &uploads)?;
    snapshot_at(stage).map_err(|error| damaged(&format!("the program cannot use it: {error}")))?;
    Ok(pictures)
}

/// Every upload that the database names is in the zip, or was deleted while it was packed.
fn check_uploads(archive: &Archive, uploads: &[String]) -> Result<(), BackupError> {
    let parts = archive.manifest.parts.iter();
    let mut known: HashSet<&str> = parts
        .filter_map(|part| part.name.strip_prefix(UPLOADS))
        .collect();
    known.extend(archive.manifest.missing_uploads.iter().map(|name| &**name));
    match uploads.iter().find(|name| !known.contains(&***name)) {
        Some(name) => Err(damaged(&format!("the upload {name} is missing"))),
        None => Ok(()),
    }
}

fn decode_sample(archive: &mut Archive, uploads: &[String]) -> Result<usize, BackupError> {
    let named: HashSet<&str> = uploads.iter().map(|name| &**name).collect();
    let pictures: Vec<Part> = archive
        .manifest
        .parts
        .iter()
        .filter(|part| {
            let upload = part.name.strip_prefix(UPLOADS);
            upload.is_some_and(|name| named.contains(name)) && part.size_bytes <= PICTURE_MAX_BYTES
        })
        .cloned()
        .collect();
    let every = pictures.len().div_ceil(PICTURES).max(1);
    let mut decoded = 0;
    for part in pictures.iter().step_by(every) {
        let bytes = archive.content(part)?;
        let deadline = Instant::now() + PICTURE_WITHIN;
        imaging::process(&bytes, Named::default(), Wishes::default(), deadline)
            .map_err(|why| damaged(&format!("{} is no picture: {why}", part.name)))?;
        decoded += 1;
    }
    Ok(decoded)
}

/// How a file was proved.
#[derive(Debug)]
pub struct Proven {
    /// What was unpacked; `None` where only its bytes were compared with the hash noted when it was made.
    pub verified: Option<Verified>,
    /// How long it took.
    pub took: Duration,
}

impl Proven {
    /// The kind of proof.
    pub fn kind(&self) -> ProofKind {
        match self.verified {
            Some(_) => ProofKind::Restored,
            None => ProofKind::Hash,
        }
    }
}

/// Proves a file as far as that can be done: a zip that the keys open by [`verify`], anything else on the shelf by its
/// hash. A proof of what is on the shelf is noted there.
///
/// Errors: what is wrong with it; a file elsewhere that is no zip cannot be proved.
pub fn prove_file(working: &Working, file: &Path, keys: &Keys) -> Result<Proven, BackupError> {
    let began = Instant::now();
    let shelf = working.shelf();
    let name: Option<BackupName> = file
        .file_name()
        .and_then(|name| name.to_str()?.parse().ok());
    let shelved = name.filter(|name| shelf.path(name) == file);
    let by_hash = shelved
        .as_ref()
        .is_some_and(|name| name.format() != Format::Zip || (name.is_sealed() && keys.are_none()));
    let verified = if by_hash {
        None
    } else {
        Some(verify(working, file, keys)?)
    };
    if let (Some(name), true) = (&shelved, by_hash) {
        let noted = shelf.find(name)?.sha256;
        if noted.as_deref() != Some(&sha256_of(file)?) {
            return Err(damaged("its bytes are not those that were written"));
        }
    }
    let proven = Proven {
        verified,
        took: began.elapsed(),
    };
    if let Some(name) = shelved {
        let proof = Proof {
            filename: name.to_string(),
            kind: proven.kind(),
            at_ms: now_ms(),
            took_ms: u64::try_from(proven.took.as_millis()).unwrap_or(u64::MAX),
        };
        shelf.note(working, |notes| {
            if proof.kind == ProofKind::Restored {
                notes.proved.insert(proof.filename.clone());
            }
            notes
                .proved
                .retain(|name| shelf.folder().join(name).exists());
            notes.last_proof = Some(proof);
            notes.last_failure = None;
        })?;
    }
    Ok(proven)
}
