//! After an erasure no byte of the person stands in the data folder: every file is searched, and what is packed in the
//! segments of the search indexes is unpacked.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tantivy::directory::MmapDirectory;
use tantivy::store::Compressor;
use tantivy::{Index, TantivyDocument};

use crate::mail_server::MailServer;
use crate::notify::env;
use crate::process;
use crate::receiver::Receiver;
use crate::rodo::{EMAIL, NAME, NOTED, PHONE, SAID, all_sent, erase, files_with, somebody};
use crate::support::{Server, text, until};
use crate::webhooks::{PRIVATE, hook};

/// Words of the person as an index holds them: folded, and cut where stems differ.
const FOLDED: [&str; 7] = [
    "zdzislaw",
    "brzeczyszczyk",
    "unikat",
    "601202303",
    "ananas",
    "mozaik",
    "parapet",
];

/// Every term of every field, and every stored document, of every segment below a folder; what was deleted from a segment
/// and not merged away is among them.
fn indexed(folder: &Path) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    if folder.join("meta.json").exists() {
        all.extend(terms(folder));
    }
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            all.extend(indexed(&entry.path()));
        }
    }
    all
}

fn terms(folder: &Path) -> BTreeSet<String> {
    let index = Index::open(MmapDirectory::open(folder).unwrap()).unwrap();
    // Blocks that are packed would hide their bytes from the search through the files.
    assert_eq!(index.settings().docstore_compression, Compressor::None);
    let metas = index.searchable_segment_metas().unwrap();
    let live: BTreeSet<String> = metas.iter().map(|meta| meta.id().uuid_string()).collect();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let segment = name.split('.').next().unwrap();
        let is_of_index = name.starts_with('.') || name == "meta.json";
        assert!(is_of_index || live.contains(segment), "{name} is left over");
    }
    let mut all = BTreeSet::new();
    let searcher = index.reader().unwrap().searcher();
    for segment in searcher.segment_readers() {
        for (field, _) in index.schema().fields() {
            let Ok(inverted) = segment.inverted_index(field) else {
                continue;
            };
            let mut stream = inverted.terms().stream().unwrap();
            while stream.advance() {
                all.insert(String::from_utf8_lossy(stream.key()).into_owned());
            }
        }
        let stored = segment.get_store_reader(0).unwrap();
        for document in stored.iter::<TantivyDocument>(None) {
            all.insert(format!("{:?}", document.unwrap()));
        }
    }
    all
}

/// Those of the words that some term holds.
fn words_in(terms: &BTreeSet<String>) -> BTreeSet<&'static str> {
    let held = FOLDED.into_iter();
    held.filter(|word| terms.iter().any(|term| term.contains(word)))
        .collect()
}

/// A value in the forms in which it may have been written.
fn forms(value: &str) -> Vec<String> {
    vec![
        value.to_owned(),
        value.to_lowercase(),
        value.to_uppercase(),
        value.replace('@', "%40"),
        value.replace(' ', "+"),
        value.replace(' ', "%20"),
    ]
}

/// Files that hold one of the values in one of its forms.
fn holding(data: &Path, values: &[&str]) -> Vec<(String, Vec<String>)> {
    let all = values.iter().flat_map(|value| forms(value));
    let all: BTreeSet<String> = all.collect();
    all.into_iter()
        .map(|form| (form.clone(), files_with(data, &form)))
        .filter(|(_, files)| !files.is_empty())
        .collect()
}

#[tokio::test]
async fn no_byte_of_an_erased_person_stands_in_the_data_folder() {
    let mail = MailServer::start();
    let receiver = Receiver::answering(200, "");
    let mut server = Server::start_with(&[&env(mail.port())[..], PRIVATE].concat());
    let data = server.data().to_owned();
    hook(&server, &receiver, &["*"]).await;
    let session = somebody(&server).await;
    all_sent(&server).await;
    let (owner, agent) = (server.owner(), server.agent());
    until("the team finds the person", async || {
        let found = agent.get("/api/search/all?q=ananasowa").await.ok();
        found["total"].as_u64() > Some(0)
    })
    .await;
    until("the webhook was told of the person", async || {
        let got = receiver.got();
        got.iter().any(|got| got.text().contains(EMAIL))
    })
    .await;
    let values = [
        EMAIL,
        NAME,
        "Brzęczyszczykiewicz",
        "brzeczyszczykiewicz",
        "zdzislawa",
        PHONE,
        "+48601202303",
        "601202303",
        SAID,
        NOTED,
        &session,
    ];
    // The search finds what is there, or its silence afterwards would prove nothing.
    assert!(!files_with(&data, EMAIL).is_empty());
    let known = words_in(&indexed(&data));
    for word in ["zdzislaw", "brzeczyszczyk", "ananas"] {
        assert!(known.contains(word), "{known:?}");
    }

    let erased = erase(&owner, EMAIL).await;
    let receipt = format!("/api/rodo/receipts/{}", text(&erased["receipt_id"]));
    until("the last copy is gone", async || {
        owner.get(&receipt).await.ok()["completed_at"].is_string()
    })
    .await;
    until("pictures are gone", async || {
        files_with(&data.join("uploads"), "IHDR").is_empty()
    })
    .await;
    until("the webhook was told that the lead is gone", async || {
        let got = receiver.got();
        got.iter().any(|got| got.json()["type"] == "lead.deleted")
    })
    .await;

    // With the files of the write-ahead log as a crash leaves them, and once the server has put them away.
    server.kill_9();
    assert_eq!(holding(&data, &values), []);
    server.restart();
    until("the index is open", async || {
        let found = server.agent().get("/api/search/all?q=ananasowa").await;
        found.status == 200 && found.json()["total"] == 0
    })
    .await;
    server.stop();
    assert_eq!(holding(&data, &values), []);
    let without = process::data_folder();
    assert_eq!(
        words_in(&indexed(&data)),
        words_in(&indexed(without.path()))
    );
}
