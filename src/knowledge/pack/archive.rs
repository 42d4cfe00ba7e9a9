//! Files ↔ zip. What comes from outside is read within limits and never touches a file system.

use std::io::{Cursor, Read, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{PackFiles, line_after, wrong};
use crate::knowledge::KnowledgeError;

/// Largest zip that is read.
pub const ARCHIVE_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most that all its files may hold together.
const UNPACKED_MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most that one file may hold.
const FILE_MAX_BYTES: usize = 16 * 1024 * 1024;
/// A pack has 15 files; what some programs add are its four folders.
const ENTRIES_MAX: usize = 64;
/// Longest name that is repeated in an error.
const NAME_MAX_CHARS: usize = 80;
/// Names the zip itself in errors.
const ZIP: &str = "zip";

/// Packs files in the order of their names, without times or owners: the same bytes for the same files.
pub(in crate::knowledge) fn pack(files: &PackFiles) -> Result<Vec<u8>, KnowledgeError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let write = || -> Result<Vec<u8>, ZipError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in files {
            zip.start_file(path, options)?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    };
    write().map_err(|error| refuse(&error))
}

/// Unpacks a zip.
///
/// Errors: it is no zip; it holds too many or too large files, one twice, a link, an encrypted one, one with a name
/// that leads elsewhere, or one that is not UTF-8.
pub(in crate::knowledge) fn unpack(zip: &[u8]) -> Result<PackFiles, KnowledgeError> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|error| refuse(&error))?;
    let entries = entries(zip, archive.comment().len())?;
    if entries > ENTRIES_MAX {
        return Err(wrong(
            ZIP,
            format!("holds {entries} entries; at most {ENTRIES_MAX} are read"),
        ));
    }
    // The reader keeps one entry a name, so entries that are missing from it are repetitions.
    if entries != archive.len() {
        return Err(wrong(ZIP, "holds a name twice"));
    }
    let mut files = PackFiles::new();
    let mut left_bytes = UNPACKED_MAX_BYTES;
    for index in 0..archive.len() {
        // Without a key, also for encrypted entries: what they are is judged before anything is unpacked.
        let entry = archive
            .by_index_raw(index)
            .map_err(|error| refuse(&error))?;
        let name = safe_name(entry.name_raw())?;
        if entry.encrypted() {
            return Err(wrong(&name, "is encrypted"));
        }
        if entry.is_symlink() {
            return Err(wrong(&name, "is a link"));
        }
        if entry.is_dir() {
            continue;
        }
        drop(entry);
        let entry = archive.by_index(index).map_err(|error| refuse(&error))?;
        let limit = FILE_MAX_BYTES.min(left_bytes);
        let mut bytes = Vec::new();
        entry
            .take(limit as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| wrong(&name, format!("cannot be unpacked: {error}")))?;
        if bytes.len() > limit {
            return Err(wrong(&name, "becomes too large when it is unpacked"));
        }
        left_bytes -= bytes.len();
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            wrong(&name, format!("line {}: is not UTF-8", line_after(valid)))
        })?;
        files.insert(name, text);
    }
    Ok(files)
}

/// How many entries the zip says it holds. Its last record stands at the very end, before the comment.
fn entries(zip: &[u8], comment_bytes: usize) -> Result<usize, KnowledgeError> {
    const RECORD_BYTES: usize = 22;
    const SIGNATURE: &[u8] = b"PK\x05\x06";
    let record = zip
        .len()
        .checked_sub(RECORD_BYTES + comment_bytes)
        .and_then(|start| zip.get(start..start + RECORD_BYTES))
        .filter(|record| record.starts_with(SIGNATURE))
        .ok_or_else(|| wrong(ZIP, "does not end where its directory ends"))?;
    Ok(usize::from(u16::from_le_bytes([record[10], record[11]])))
}

/// The entry's name as a path inside the pack.
///
/// Errors: it is not UTF-8, absolute, or leads out of its folder.
fn safe_name(raw: &[u8]) -> Result<String, KnowledgeError> {
    let shown = || {
        let name = String::from_utf8_lossy(raw);
        name.chars()
            .filter(|c| !c.is_control())
            .take(NAME_MAX_CHARS)
            .collect::<String>()
    };
    let name = std::str::from_utf8(raw)
        .ok()
        .filter(|name| name.chars().count() <= NAME_MAX_CHARS)
        .filter(|name| !name.starts_with('/') && !name.contains(['\\', ':']))
        .filter(|name| !name.chars().any(char::is_control))
        .filter(|name| {
            name.trim_end_matches('/')
                .split('/')
                .all(|part| !["", ".", ".."].contains(&part))
        });
    name.map(str::to_owned)
        .ok_or_else(|| wrong(&shown(), "is not a name inside a pack"))
}

fn refuse(error: &ZipError) -> KnowledgeError {
    wrong(ZIP, format!("cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip_of(build: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        build(&mut zip);
        zip.finish().unwrap().into_inner()
    }

    fn with_file(name: &str, bytes: &[u8]) -> Vec<u8> {
        zip_of(|zip| {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        })
    }

    #[track_caller]
    fn refused(zip: &[u8], file: &str, reason: &str) {
        match unpack(zip).unwrap_err() {
            KnowledgeError::Pack { file: named, why } => {
                assert_eq!(named, file, "{why}");
                assert!(why.contains(reason), "{why} does not say {reason}");
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_was_packed_comes_out_and_packs_to_the_same_bytes() {
        let files: PackFiles = [("a.toml", "x = 1\n"), ("b/c.toml", "żółw\n")]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into();
        let zip = pack(&files).unwrap();
        assert_eq!(unpack(&zip).unwrap(), files);
        assert_eq!(pack(&files).unwrap(), zip);
    }

    #[test]
    fn folders_are_passed_over() {
        let zip = zip_of(|zip| {
            zip.add_directory("answers/", SimpleFileOptions::default())
                .unwrap();
        });
        assert!(unpack(&zip).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        refused(b"", ZIP, "cannot be read");
        refused(b"company = 1", ZIP, "cannot be read");
        let zip = with_file("a.toml", b"x = 1");
        refused(&zip[..zip.len() - 30], ZIP, "cannot be read");
        let mut longer = zip.clone();
        longer.extend_from_slice(b"and more");
        refused(&longer, ZIP, "directory ends");
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in [
            "../a.toml",
            "a/../../b.toml",
            "/etc/passwd",
            "a//b",
            "./a.toml",
            "C:a",
            "a\\b",
            "a\u{7}b",
        ] {
            let shown: String = name.chars().filter(|c| !c.is_control()).collect();
            refused(&with_file(name, b"x"), &shown, "is not a name");
        }
    }

    #[test]
    fn too_much_is_refused_before_it_is_unpacked_whole() {
        let bomb = vec![b' '; FILE_MAX_BYTES + 1];
        refused(&with_file("a.toml", &bomb), "a.toml", "too large");
        let options = SimpleFileOptions::default();
        let together = zip_of(|zip| {
            for name in ["a", "b", "c"] {
                zip.start_file(name, options).unwrap();
                zip.write_all(&bomb[..=UNPACKED_MAX_BYTES / 3]).unwrap();
            }
        });
        refused(&together, "c", "too large");
        let many = zip_of(|zip| {
            for number in 0..=ENTRIES_MAX {
                zip.start_file(number.to_string(), options).unwrap();
            }
        });
        refused(&many, ZIP, "65 entries");
    }

    #[test]
    fn a_name_that_stands_there_twice_is_refused() {
        let mut zip = zip_of(|zip| {
            for name in ["aaaa.toml", "bbbb.toml"] {
                zip.start_file(name, SimpleFileOptions::default()).unwrap();
            }
        });
        while let Some(at) = zip.windows(4).position(|bytes| bytes == b"bbbb") {
            zip[at..at + 4].copy_from_slice(b"aaaa");
        }
        refused(&zip, ZIP, "a name twice");
    }

    #[test]
    fn links_and_encrypted_files_are_refused() {
        let link = zip_of(|zip| {
            zip.add_symlink("a.toml", "/etc/passwd", SimpleFileOptions::default())
                .unwrap();
        });
        refused(&link, "a.toml", "is a link");
        let mut encrypted = with_file("a.toml", b"x = 1");
        // Bit 0 of the flags, in the file's own header and in the directory's.
        encrypted[6] |= 1;
        let directory = encrypted
            .windows(4)
            .position(|bytes| bytes == b"PK\x01\x02")
            .unwrap();
        encrypted[directory + 8] |= 1;
        refused(&encrypted, "a.toml", "is encrypted");
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_with_its_line() {
        refused(
            &with_file("a.toml", b"x = 1\ny = \"\xff\""),
            "a.toml",
            "line 2",
        );
    }

    #[test]
    fn every_damaged_byte_is_an_error_or_harmless_and_never_a_panic() {
        let zip = with_file("a.toml", b"x = 1\n");
        for at in 0..zip.len() {
            let mut damaged = zip.clone();
            damaged[at] ^= 0xff;
            let _ = unpack(&damaged);
        }
    }
}
