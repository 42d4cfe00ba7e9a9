//! Taking a backup beside whatever runs.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::files::{
    BUFFER_BYTES, CopyError, Hashing, Scratch, Steady, check_room, copy_hashed, flush_folder,
    remove_file, size_bytes,
};
use super::model::{FORMAT_VERSION, Format, MANIFEST_FILE, Manifest, Part};
use super::seal::{Keys, Seal, Sealed};
use super::shelf::Working;
use super::{BackupError, Place, SECRETS_FILE, SETTINGS_FILE, export};
use crate::config::without_secrets;
use crate::platform::blobs::{BlobName, blob_files};
use crate::platform::db::{DATABASE_FILE, Tables, read_only, snapshot};
use crate::uploads::stored_files;

/// Uploads stand under this folder in the zip.
pub(super) const UPLOADS: &str = "uploads/";
/// From this size on an entry is written in the form for large files.
const LARGE_FROM_BYTES: u64 = 0xffff_0000;

/// What to make.
pub struct Order {
    /// Of what kind.
    pub format: Format,
    /// For whom.
    pub seal: Seal,
    /// Where; `None`: on the shelf, under a name of its own.
    pub out: Option<PathBuf>,
    /// Now.
    pub at: Timestamp,
}

/// What was made.
pub struct Created {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Opens it as long as this lives, also when it is encrypted to others.
    pub keys: Keys,
}

/// Where bytes of a backup go: hashed, through a buffer, into the file.
pub(super) type Out = Sealed<Hashing<BufWriter<Steady>>>;

/// Makes a backup. It is complete and on disk under its name afterwards, or not there at all.
///
/// Errors: too little room, a file cannot be read or written, or `out` exists.
pub fn create(place: &Place, working: &Working, order: &Order) -> Result<Created, BackupError> {
    let shelf = working.shelf();
    let name = shelf.free_name(order.at, order.format, order.seal.is_sealed());
    let (path, temporary) = match &order.out {
        None => (shelf.path(&name), working.temporary("backup")),
        Some(out) => (out.clone(), beside(out)?),
    };
    if path.exists() {
        return Err(BackupError::Exists(path.display().to_string()));
    }
    let folder = folder_of(&path);
    check_rooms(place, working, folder, order.format)?;
    let (size_bytes, sha256, keys) = {
        let written = write(place, working, order, &temporary);
        written.inspect_err(|_| {
            let _ = remove_file(&temporary);
        })?
    };
    fs::rename(&temporary, &path).map_err(BackupError::io(&path))?;
    flush_folder(folder)?;
    if order.out.is_none() {
        shelf.note_hash(&name, &sha256)?;
    }
    Ok(Created {
        path,
        size_bytes,
        sha256,
        keys,
    })
}

fn beside(out: &Path) -> Result<PathBuf, BackupError> {
    let name = out
        .file_name()
        .ok_or_else(|| BackupError::Folder(format!("{} is no file name", out.display())))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(".partial");
    let temporary = out.with_file_name(temporary);
    // Left by a process that died.
    remove_file(&temporary)?;
    Ok(temporary)
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The copy of the database lies in the folder of backups meanwhile; the backup may go elsewhere.
fn check_rooms(
    place: &Place,
    working: &Working,
    folder: &Path,
    format: Format,
) -> Result<(), BackupError> {
    let database = place.database();
    let mut log = database.clone().into_os_string();
    log.push("-wal");
    let database_bytes = size_bytes(&database) + size_bytes(Path::new(&log));
    let uploads_bytes = match format {
        Format::Zip => {
            let files = blob_files(&place.uploads).map_err(BackupError::io(&place.uploads))?;
            files.iter().map(|(_, path)| size_bytes(path)).sum()
        }
        Format::Json | Format::Csv => 0,
    };
    let shelf = working.shelf().folder();
    if folder == shelf {
        check_room(shelf, database_bytes * 2 + uploads_bytes)
    } else {
        check_room(shelf, database_bytes)?;
        check_room(folder, database_bytes + uploads_bytes)
    }
}

fn write(
    place: &Place,
    working: &Working,
    order: &Order,
    temporary: &Path,
) -> Result<(u64, String, Keys), BackupError> {
    let writing = |error: io::Error| BackupError::Io(temporary.display().to_string(), error);
    let file = BufWriter::with_capacity(BUFFER_BYTES, Steady::create(temporary)?);
    let (out, keys) = Sealed::begin(&order.seal, Hashing::new(file))?;
    let out = match order.format {
        Format::Zip => write_zip(place, working, order, out)?,
        Format::Json => export::json(&place.database(), order.at, out)?,
        Format::Csv => export::csv(&place.database(), order.at, out)?,
    };
    let (file, size_bytes, sha256) = out.finish().map_err(writing)?.finish();
    let file = file
        .into_inner()
        .map_err(|error| writing(error.into_error()))?;
    file.finish().map_err(writing)?;
    Ok((size_bytes, sha256, keys))
}

/// A zip on its way, and the list of what is in it.
struct Packing {
    zip: ZipWriter<StreamWriter<Out>>,
    parts: Vec<Part>,
}

fn write_zip(
    place: &Place,
    working: &Working,
    order: &Order,
    out: Out,
) -> Result<Out, BackupError> {
    let scratch = Scratch::new(working.temporary("database"))?;
    let copy = scratch.path().join(DATABASE_FILE);
    snapshot(&place.database(), &copy)?;
    let (schema_version, tables) = counts(&copy)?;
    let mut packing = Packing {
        zip: ZipWriter::new_stream(out),
        parts: Vec::new(),
    };
    packing.add_file(DATABASE_FILE, &copy)?;
    let mut secrets = Vec::new();
    if order.seal.is_sealed() {
        packing.add_file(SETTINGS_FILE, &place.data.join(SETTINGS_FILE))?;
        if packing.add_file(SECRETS_FILE, &place.data.join(SECRETS_FILE))? {
            secrets.push(SECRETS_FILE.to_owned());
        }
    } else if let Ok(settings) = fs::read_to_string(place.data.join(SETTINGS_FILE)) {
        let settings = without_secrets(&settings);
        packing.add(
            SETTINGS_FILE,
            settings.len() as u64,
            &mut settings.as_bytes(),
        )?;
    }
    let files = blob_files(&place.uploads).map_err(BackupError::io(&place.uploads))?;
    for (name, path) in &files {
        packing.add_file(&format!("{UPLOADS}{name}"), path)?;
    }
    let missing_uploads = missing(&copy, &packing.parts)?;
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        schema_version,
        program_version: env!("CARGO_PKG_VERSION").into(),
        created_at_ms: order.at.as_millisecond(),
        tables,
        parts: packing.parts,
        secrets,
        missing_uploads,
    };
    let json = serde_json::to_vec_pretty(&manifest)
        .map_err(|error| BackupError::Internal(error.to_string()))?;
    let mut packing = Packing {
        zip: packing.zip,
        parts: Vec::new(),
    };
    packing.add(MANIFEST_FILE, json.len() as u64, &mut &*json)?;
    let out = packing.zip.finish().map_err(zip_failed)?;
    Ok(out.into_inner())
}

/// The schema version of a database file, and how many rows each of its tables has.
pub(super) fn counts(
    database: &Path,
) -> Result<(i64, std::collections::BTreeMap<String, u64>), BackupError> {
    let tables = Tables::open(database)?;
    let names = tables.names()?;
    let counts = names.into_iter().map(|name| {
        let count = tables.count(&name)?;
        Ok((name, count))
    });
    Ok((
        tables.version()?,
        counts.collect::<Result<_, BackupError>>()?,
    ))
}

/// Uploads that the database names and that were gone before they could be copied, because somebody deleted them in that
/// moment.
fn missing(copy: &Path, parts: &[Part]) -> Result<Vec<String>, BackupError> {
    let packed: std::collections::HashSet<&str> = parts
        .iter()
        .filter_map(|part| part.name.strip_prefix(UPLOADS))
        .collect();
    let stored = read_only(copy, stored_files)?;
    Ok(stored
        .into_iter()
        .filter(|name| !packed.contains(&**name))
        .collect())
}

impl Packing {
    /// Adds a file; answers whether it is there.
    fn add_file(&mut self, name: &str, path: &Path) -> Result<bool, BackupError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(BackupError::io(path)(error)),
        };
        let size_bytes = file.metadata().map_err(BackupError::io(path))?.len();
        self.add(name, size_bytes, &mut file)?;
        Ok(true)
    }

    /// Adds an entry of about this size. It is stored as it is: pictures do not become smaller, and a disk or a line that
    /// should hold less can compress the whole file.
    fn add(
        &mut self,
        name: &str,
        size_bytes: u64,
        content: &mut impl io::Read,
    ) -> Result<(), BackupError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(size_bytes >= LARGE_FROM_BYTES)
            .unix_permissions(0o600);
        self.zip.start_file(name, options).map_err(zip_failed)?;
        let (size_bytes, sha256) =
            copy_hashed(content, &mut self.zip, u64::MAX).map_err(|error| match error {
                CopyError::Reading(error) => BackupError::Io(name.into(), error),
                CopyError::Writing(error) => BackupError::Io("the backup".into(), error),
            })?;
        self.parts.push(Part {
            name: name.to_owned(),
            size_bytes,
            sha256,
        });
        Ok(())
    }
}

/// Writing a zip failed.
pub(super) fn zip_failed(error: zip::result::ZipError) -> BackupError {
    BackupError::Io("the backup".into(), error.into())
}

/// The upload an entry holds, if it holds one.
pub(super) fn upload_of(entry: &str) -> Option<BlobName> {
    BlobName::parse(entry.strip_prefix(UPLOADS)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_has_a_hidden_name_in_the_same_folder() {
        let temporary = beside(Path::new("/tmp/novahouse-test/a.zip")).unwrap();
        assert_eq!(temporary, Path::new("/tmp/novahouse-test/.a.zip.partial"));
        assert!(beside(Path::new("/")).is_err());
        assert_eq!(folder_of(Path::new("a.zip")), Path::new("."));
    }
}
