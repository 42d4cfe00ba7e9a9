use std::collections::BTreeMap;
use std::fs;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::backup::ProofKind;

type Writer = ZipWriter<io::Cursor<Vec<u8>>>;

const STORED: SimpleFileOptions =
    SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Stored);

fn part(name: &str, content: &[u8]) -> Part {
    Part {
        name: name.into(),
        size_bytes: content.len() as u64,
        sha256: HEXLOWER.encode(&Sha256::digest(content)),
    }
}

fn manifest(parts: Vec<Part>) -> Manifest {
    Manifest {
        format_version: FORMAT_VERSION,
        schema_version: SCHEMA_VERSION,
        program_version: "3.0.0".into(),
        created_at_ms: 0,
        tables: BTreeMap::new(),
        parts,
        secrets: Vec::new(),
        missing_uploads: Vec::new(),
    }
}

/// A zip of whatever `build` writes, and of this manifest.
fn zip_of(manifest: &Manifest, build: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    build(&mut zip);
    zip.start_file(MANIFEST_FILE, STORED).unwrap();
    zip.write_all(&serde_json::to_vec(manifest).unwrap())
        .unwrap();
    zip.finish().unwrap().into_inner()
}

fn add(zip: &mut Writer, name: &str, content: &[u8], options: SimpleFileOptions) {
    zip.start_file(name, options).unwrap();
    zip.write_all(content).unwrap();
}

const DATABASE: &[u8] = b"the database";

/// A good zip with one entry more, of which the manifest knows.
fn with(name: &str, content: &[u8], options: SimpleFileOptions) -> Vec<u8> {
    let parts = vec![part(DATABASE_FILE, DATABASE), part(name, content)];
    zip_of(&manifest(parts), |zip| {
        add(zip, DATABASE_FILE, DATABASE, STORED);
        add(zip, name, content, options);
    })
}

/// Opens a file of these bytes and reads all of it.
fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, BackupError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.zip");
    fs::write(&file, bytes).unwrap();
    let mut archive = Archive::open(&file, &Keys::none())?;
    let parts = archive.manifest.parts.clone();
    parts.iter().map(|part| archive.content(part)).collect()
}

#[track_caller]
fn refused(bytes: &[u8], why: &str) {
    match read(bytes) {
        Err(BackupError::Damaged(said)) => assert!(said.contains(why), "{said} is not {why}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[test]
fn what_was_packed_is_read() {
    let zip = with("uploads/ab/cd.png", b"a picture", STORED);
    assert_eq!(read(&zip).unwrap(), [DATABASE, b"a picture"]);
    assert_eq!(ProofKind::Restored.as_str(), "restored");
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    for name in [
        "../novahouse.db",
        "uploads/../../a",
        "/etc/passwd",
        "uploads//a",
        "uploads/.a",
        "uploads/a\\b",
        "novahouse.lock",
        "uploads/",
        "C:a",
    ] {
        refused(&with(name, b"x", STORED), "is no part of it");
    }
}

#[test]
fn nothing_is_unpacked_that_would_become_larger() {
    let packed = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated);
    let bomb = vec![0; 1_000_000];
    refused(&with("uploads/a", &bomb, packed), "larger than it is");
    let more = manifest(vec![
        part(DATABASE_FILE, DATABASE),
        Part {
            size_bytes: u64::MAX,
            ..part("uploads/a", b"x")
        },
    ]);
    let zip = zip_of(&more, |zip| {
        add(zip, DATABASE_FILE, DATABASE, STORED);
        add(zip, "uploads/a", b"x", STORED);
    });
    refused(&zip, "larger than it is");
    // Small enough, and still not as it was packed.
    let text = "squeezed ".repeat(20);
    refused(
        &with("uploads/a", text.as_bytes(), packed),
        "not as it was packed",
    );
}

#[test]
fn links_folders_and_names_that_stand_there_twice_are_refused() {
    let parts = || {
        vec![
            part(DATABASE_FILE, DATABASE),
            part("uploads/a", b"/etc/passwd"),
        ]
    };
    let link = zip_of(&manifest(parts()), |zip| {
        add(zip, DATABASE_FILE, DATABASE, STORED);
        zip.add_symlink("uploads/a", "/etc/passwd", STORED).unwrap();
    });
    refused(&link, "not as it was packed");
    let twice_named = manifest(vec![part(DATABASE_FILE, DATABASE); 2]);
    let zip = zip_of(&twice_named, |zip| {
        add(zip, DATABASE_FILE, DATABASE, STORED);
    });
    refused(&zip, "is no part of it");
    let mut twice_packed = with("uploads/bbbb", b"x", STORED);
    let other = with("uploads/aaaa", b"y", STORED);
    assert_eq!(twice_packed.len(), other.len());
    let parts = vec![part(DATABASE_FILE, DATABASE), part("uploads/aaaa", b"x")];
    twice_packed = zip_of(&manifest(parts), |zip| {
        add(zip, DATABASE_FILE, DATABASE, STORED);
        add(zip, "uploads/aaaa", b"x", STORED);
        add(zip, "uploads/bbbb", b"y", STORED);
    });
    while let Some(at) = twice_packed.windows(4).position(|bytes| bytes == b"bbbb") {
        twice_packed[at..at + 4].copy_from_slice(b"aaaa");
    }
    refused(&twice_packed, "a name twice");
}

#[test]
fn other_files_than_the_manifest_says_and_missing_ones_are_refused() {
    let one = manifest(vec![part(DATABASE_FILE, DATABASE)]);
    let more = zip_of(&one, |zip| {
        add(zip, DATABASE_FILE, DATABASE, STORED);
        add(zip, "uploads/a", b"x", STORED);
    });
    refused(&more, "other files");
    refused(&zip_of(&one, |_| ()), "other files");
    refused(&zip_of(&manifest(Vec::new()), |_| ()), "no database");
    let changed = zip_of(&one, |zip| add(zip, DATABASE_FILE, b"the DATABASE", STORED));
    refused(&changed, "not what was packed");
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    add(&mut zip, DATABASE_FILE, DATABASE, STORED);
    refused(&zip.finish().unwrap().into_inner(), "no manifest");
}

#[test]
fn a_newer_one_is_told_from_a_damaged_one() {
    let newer = [
        Manifest {
            schema_version: SCHEMA_VERSION + 1,
            ..manifest(Vec::new())
        },
        Manifest {
            format_version: FORMAT_VERSION + 1,
            ..manifest(Vec::new())
        },
    ];
    for manifest in newer {
        let read = read(&zip_of(&manifest, |_| ()));
        assert!(matches!(read, Err(BackupError::Newer { .. })));
    }
}

#[test]
fn every_damaged_byte_is_noticed_or_changes_nothing_and_every_cut_is_noticed() {
    let good = with("uploads/ab/cd.png", b"a picture", STORED);
    let content = read(&good).unwrap();
    for at in 0..good.len() {
        for bit in [1, 0x80] {
            let mut damaged = good.clone();
            damaged[at] ^= bit;
            if let Ok(read) = read(&damaged) {
                assert_eq!(read, content, "byte {at}");
            }
        }
        assert!(read(&good[..at]).is_err(), "cut at {at}");
    }
}
