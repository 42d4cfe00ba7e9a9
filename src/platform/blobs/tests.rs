//! What the storage promises, on a real disk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn name(text: &str) -> BlobName {
    BlobName::parse(text).unwrap()
}

/// A storage in a folder of its own, and the folder.
fn storage() -> (TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::local(folder.path()).unwrap();
    (folder, blobs)
}

/// The file's whole content, or the range's.
async fn read(blobs: &Blobs, name: &BlobName, range: Option<Range<u64>>) -> Vec<u8> {
    let blob = blobs.get(name, range).await.unwrap();
    let pieces: Vec<Bytes> = blob.content.try_collect().await.unwrap();
    let content = pieces.concat();
    assert_eq!(content.len() as u64, blob.range.end - blob.range.start);
    content
}

async fn refusal(blobs: &Blobs, name: &BlobName, range: Option<Range<u64>>) -> BlobError {
    blobs.get(name, range).await.err().unwrap()
}

/// Every file below `folder`, relative to it.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let below = files(&path).into_iter();
            found.extend(below.map(|file| Path::new(path.file_name().unwrap()).join(file)));
        } else {
            found.insert(PathBuf::from(path.file_name().unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn what_is_put_is_there_whole_and_in_ranges_also_after_opening_again() {
    let (folder, blobs) = storage();
    let content: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    let picture = name("ab/cd/picture.jpg");
    blobs.put(&picture, content.clone().into()).await.unwrap();
    blobs.put(&name("empty"), Bytes::new()).await.unwrap();
    drop(blobs);

    let blobs = Blobs::local(folder.path()).unwrap();
    assert_eq!(read(&blobs, &picture, None).await, content);
    assert_eq!(read(&blobs, &name("empty"), None).await, b"");
    assert_eq!(read(&blobs, &picture, Some(0..1)).await, content[..1]);
    assert_eq!(
        read(&blobs, &picture, Some(70_000..90_000)).await,
        content[70_000..90_000]
    );
    let cut = blobs.get(&picture, Some(99_990..200_000)).await.unwrap();
    assert_eq!(
        (cut.size_bytes, cut.range),
        (100_000, 99_990..100_000),
        "a range is cut at the end of the file"
    );
}

#[tokio::test]
async fn a_range_outside_of_the_file_and_a_file_that_is_not_there_are_told_apart() {
    let (_folder, blobs) = storage();
    blobs.put(&name("a"), "abc".into()).await.unwrap();
    for range in [3..4, 1..1, 100..200] {
        let refused = refusal(&blobs, &name("a"), Some(range.clone())).await;
        assert_eq!(refused, BlobError::OutOfRange, "{range:?}");
    }
    for range in [None, Some(0..1)] {
        assert_eq!(
            refusal(&blobs, &name("b"), range).await,
            BlobError::NotFound
        );
    }
}

#[tokio::test]
async fn the_same_name_again_holds_the_newer_content() {
    let (folder, blobs) = storage();
    blobs.put(&name("a"), "long before".into()).await.unwrap();
    blobs.put(&name("a"), "now".into()).await.unwrap();
    assert_eq!(read(&blobs, &name("a"), None).await, b"now");
    assert_eq!(files(folder.path()), [PathBuf::from("blobs/a")].into());
}

#[tokio::test]
async fn deleting_what_is_not_there_is_fine() {
    let (_folder, blobs) = storage();
    blobs.put(&name("x/a"), "abc".into()).await.unwrap();
    for _ in 0..2 {
        blobs.delete(&name("x/a")).await.unwrap();
        assert_eq!(
            refusal(&blobs, &name("x/a"), None).await,
            BlobError::NotFound
        );
    }
    blobs.delete(&name("never/was")).await.unwrap();
}

#[tokio::test]
async fn many_writers_of_one_name_leave_one_whole_file_and_nothing_beside_it() {
    let (folder, blobs) = storage();
    let shared = name("same/shared");
    let writers = (0..24_u8).map(|writer| {
        let (blobs, shared) = (blobs.clone(), shared.clone());
        tokio::spawn(async move { blobs.put(&shared, vec![writer; 50_000].into()).await })
    });
    for writer in futures_util::future::join_all(writers).await {
        writer.unwrap().unwrap();
    }
    let content = read(&blobs, &shared, None).await;
    assert_eq!(content, vec![content[0]; 50_000]);
    assert_eq!(
        files(folder.path()),
        [PathBuf::from("blobs/same/shared")].into()
    );
}

#[tokio::test]
async fn a_listing_has_every_stored_file_and_nothing_else_in_the_folder() {
    let (folder, blobs) = storage();
    fs::write(folder.path().join("of-version-2.jpg"), "not ours").unwrap();
    fs::write(folder.path().join("blobs/Not Ours.txt"), "neither").unwrap();
    fs::write(folder.path().join("blobs/half#1"), "being written").unwrap();
    blobs.put(&name("a"), "abc".into()).await.unwrap();
    blobs.put(&name("x/y/b"), "de".into()).await.unwrap();
    let at = UNIX_EPOCH + Duration::from_millis(1_795_360_044_120);
    let stored = fs::File::open(folder.path().join("blobs/a")).unwrap();
    stored.set_modified(at).unwrap();

    let mut listed = blobs.list().await.unwrap();
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    let told: Vec<_> = listed
        .iter()
        .map(|found| (found.name.as_str(), found.size_bytes))
        .collect();
    assert_eq!(told, [("a", 3), ("x/y/b", 2)]);
    assert_eq!(listed[0].modified_at_ms, 1_795_360_044_120);
}

#[tokio::test]
async fn leftovers_of_killed_writes_are_removed_once_they_are_old_and_do_not_hinder_new_ones() {
    let (folder, blobs) = storage();
    let ours = folder.path().join("blobs");
    fs::create_dir(ours.join("x")).unwrap();
    let leave = |file: &str, at_ms: u64| {
        fs::write(ours.join(file), "half").unwrap();
        let file = fs::File::open(ours.join(file)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_millis(at_ms))
            .unwrap();
    };
    leave("x/a#1", 1_000);
    leave("b#27", 1_999);
    leave("c#1", 2_000);
    leave("d#", 0);
    leave("e", 0);
    blobs.put(&name("x/a"), "whole".into()).await.unwrap();

    assert_eq!(blobs.remove_leftovers(2_000).await, Ok(2));
    assert_eq!(blobs.remove_leftovers(2_000).await, Ok(0));
    let left: BTreeSet<PathBuf> = ["c#1", "d#", "e", "x/a"].map(PathBuf::from).into();
    assert_eq!(files(&ours), left);
    assert_eq!(read(&blobs, &name("x/a"), None).await, b"whole");
}

/// Tells the same test, run again as a process of its own, that it is the one that may write little.
const MAY_WRITE_LITTLE: &str = "NOVAHOUSE_TEST_MAY_WRITE_LITTLE";

#[test]
fn a_disk_that_takes_only_half_of_a_file_leaves_nothing_of_it_and_is_said_to_fail() {
    let folder = match std::env::var_os(MAY_WRITE_LITTLE) {
        Some(folder) => PathBuf::from(folder),
        None => return run_again_as_one_that_may_write_little(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let blobs = Blobs::local(&folder).unwrap();
        let failed = blobs.put(&name("new"), vec![1; 60_000].into()).await;
        assert!(
            matches!(failed, Err(BlobError::Unavailable(_))),
            "{failed:?}"
        );
        let failed = blobs.put(&name("old"), vec![1; 60_000].into()).await;
        assert!(
            matches!(failed, Err(BlobError::Unavailable(_))),
            "{failed:?}"
        );
    });
    println!("nothing more could be written");
}

/// The system lets that process write 32 KiB of a file, and no more: to it, the disk is full.
fn run_again_as_one_that_may_write_little() {
    let (folder, blobs) = storage();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime
        .block_on(blobs.put(&name("old"), "whole".into()))
        .unwrap();
    let this = concat!(
        module_path!(),
        "::a_disk_that_takes_only_half_of_a_file_leaves_nothing_of_it_and_is_said_to_fail"
    );
    let (_crate, this) = this.split_once("::").unwrap();
    let ended = std::process::Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact \"$1\" --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .arg(this)
        .env(MAY_WRITE_LITTLE, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success() && told.contains("nothing more could be written"),
        "{told}{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!(files(folder.path()), [PathBuf::from("blobs/old")].into());
    let content = runtime.block_on(read(&blobs, &name("old"), None));
    assert_eq!(content, b"whole");
}

#[tokio::test]
async fn a_storage_that_is_gone_is_unavailable_and_comes_back_with_its_folder() {
    let (folder, blobs) = storage();
    let ours = folder.path().join("blobs");
    fs::remove_dir(&ours).unwrap();
    fs::write(&ours, "a file where the folder was").unwrap();
    let outcomes = [
        blobs.put(&name("a"), "abc".into()).await,
        blobs.get(&name("a"), None).await.map(drop),
        blobs.delete(&name("a")).await,
        blobs.remove_leftovers(0).await.map(drop),
    ];
    for outcome in outcomes {
        assert!(
            matches!(outcome, Err(BlobError::Unavailable(_))),
            "{outcome:?}"
        );
    }
    let refused = Blobs::local(folder.path()).map(drop);
    assert!(
        matches!(refused, Err(BlobError::Unavailable(_))),
        "{refused:?}"
    );
    fs::remove_file(&ours).unwrap();
    blobs.put(&name("a"), "abc".into()).await.unwrap();
    assert_eq!(read(&blobs, &name("a"), None).await, b"abc");
}

#[tokio::test]
async fn nobody_else_can_look_into_the_folder_and_it_tells_its_room() {
    let folder = tempfile::tempdir().unwrap();
    let configured = folder.path().join("not/there/yet");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let blobs = Blobs::local(&configured).unwrap();
    assert_eq!(mode(&configured), 0o700);
    assert_eq!(mode(&configured.join("blobs")), 0o700);
    let free_bytes = blobs.free_bytes().await.unwrap().unwrap();
    assert!(free_bytes > 1_000_000, "{free_bytes}");

    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(configured.join("blobs"), open).unwrap();
    Blobs::local(&configured).unwrap();
    assert_eq!(mode(&configured.join("blobs")), 0o700);
}

#[test]
fn a_name_that_could_lead_out_of_the_folder_does_not_parse() {
    for text in ["a", "ab/cd.jpg", "a-b_c/0.1", &"a".repeat(200)] {
        assert_eq!(name(text).as_str(), text);
    }
    let long = "a".repeat(201);
    for text in [
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", ".a", "a/.b", "A",
        "a b", "a\\b", "a#1", "a%2fb", "a\0", "a\n", "ą", "a:b", &long,
    ] {
        assert_eq!(
            BlobName::parse(text),
            Err(BlobError::InvalidName),
            "{text:?}"
        );
    }
}

proptest! {
    #[test]
    fn whatever_parses_as_a_name_stays_below_its_folder(text in "[a-zA-Z0-9./_#\\\\ -]{0,40}") {
        if let Ok(parsed) = BlobName::parse(&text) {
            prop_assert_eq!(parsed.as_str(), &text);
            let path = Path::new(&text);
            prop_assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
            prop_assert!(path.components().all(|part| !part.as_os_str().to_string_lossy().starts_with('.')));
        }
    }
}
