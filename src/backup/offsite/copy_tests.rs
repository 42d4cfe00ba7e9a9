use std::fs;

use tempfile::TempDir;

use super::*;
use crate::backup::offsite::target::complete;
use crate::config::OffsiteAddress;

const NAME: &str = "novahouse-2026-11-23T03-00-00Z.zip.age";

/// A backup of three pieces, the last of them short.
fn item() -> (TempDir, Item) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(NAME);
    let content: Vec<u8> = (0..17_u32 << 20).map(|at| (at % 251) as u8).collect();
    fs::write(&file, &content).unwrap();
    let item = Item {
        file,
        name: NAME.parse().unwrap(),
        size_bytes: content.len() as u64,
        sha256: HEXLOWER.encode(&Sha256::digest(&content)),
    };
    (folder, item)
}

fn never() -> watch::Receiver<bool> {
    watch::channel(false).1
}

async fn is_whole(target: &Target, item: &Item) -> bool {
    let listing = target.list().await.unwrap();
    complete(&listing) == [item.name.clone()]
        && target.read(NAME).await.unwrap() == Some(fs::read(&item.file).unwrap())
        && target.hash_of(&item.name).await.unwrap().as_deref() == Some(&item.sha256)
}

/// Copies until so many parts are there, and answers how far it came.
async fn interrupted(target: &Target, item: &Item, after_parts: usize) -> Upload {
    let (stop, stopped) = watch::channel(false);
    let mut last = None;
    let mut note = |upload: Option<&Upload>| {
        last = upload.cloned();
        if upload.is_some_and(|upload| upload.parts.len() == after_parts) {
            stop.send_replace(true);
        }
        Ok(())
    };
    let failed = copy(target, item, None, &mut note, &stopped).await;
    assert!(matches!(failed, Err(BackupError::Offsite(_))));
    last.unwrap()
}

#[tokio::test]
async fn a_copy_is_whole_in_a_folder_and_in_a_cloud() {
    let (_folder, item) = item();
    let disk = tempfile::tempdir().unwrap();
    let address = OffsiteAddress::Folder(disk.path().to_owned());
    for target in [Target::open(&address, false).unwrap(), Target::in_memory()] {
        let mut left = None;
        let mut note = |upload: Option<&Upload>| {
            left = upload.cloned();
            Ok(())
        };
        copy(&target, &item, None, &mut note, &never())
            .await
            .unwrap();
        assert!(is_whole(&target, &item).await);
        assert_eq!(left, None);
    }
}

#[tokio::test]
async fn an_interrupted_upload_shows_nothing_and_goes_on_with_the_parts_that_are_missing() {
    let (_folder, item) = item();
    let target = Target::in_memory();
    let begun = interrupted(&target, &item, 2).await;
    assert!(target.list().await.unwrap().is_empty());
    let mut seen = Vec::new();
    let mut note = |upload: Option<&Upload>| {
        seen.push(upload.map(|upload| (upload.id.clone(), upload.parts.len())));
        Ok(())
    };
    let resumed = Some(begun.clone());
    copy(&target, &item, resumed, &mut note, &never())
        .await
        .unwrap();
    let at = |parts| Some((begun.id.clone(), parts));
    assert_eq!(seen, [at(2), at(3), None], "two parts were sent again");
    assert!(is_whole(&target, &item).await);
}

#[tokio::test]
async fn an_upload_of_another_content_is_not_gone_on_with() {
    let (_folder, mut item) = item();
    let target = Target::in_memory();
    let begun = interrupted(&target, &item, 1).await;
    let content = vec![7; 9 << 20];
    fs::write(&item.file, &content).unwrap();
    item.size_bytes = content.len() as u64;
    item.sha256 = HEXLOWER.encode(&Sha256::digest(&content));
    let mut note = |_: Option<&Upload>| Ok(());
    copy(&target, &item, Some(begun), &mut note, &never())
        .await
        .unwrap();
    assert!(is_whole(&target, &item).await);
}

#[tokio::test]
async fn a_file_that_is_not_what_was_made_never_gets_its_name_there() {
    let (_folder, mut item) = item();
    item.sha256 = "0".repeat(64);
    let disk = tempfile::tempdir().unwrap();
    let address = OffsiteAddress::Folder(disk.path().to_owned());
    for target in [Target::open(&address, false).unwrap(), Target::in_memory()] {
        let mut left = None;
        let mut note = |upload: Option<&Upload>| {
            left = upload.cloned();
            Ok(())
        };
        let refused = copy(&target, &item, None, &mut note, &never()).await;
        assert!(matches!(refused, Err(BackupError::Damaged(_))));
        assert!(target.list().await.unwrap().is_empty());
        assert_eq!(left, None);
    }
    assert_eq!(
        fs::read_dir(disk.path().join("novahouse")).unwrap().count(),
        0
    );
}
