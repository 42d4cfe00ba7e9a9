//! Queries as people type them, each with the document it should find first: tests/golden/search.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::answer::{Asked, Texts};
use super::engine::{Change, DiskIndex, Entry, Filter, Key, Kind, Lexicon, Reading};
use crate::nlu::Lang;

/// Least mean reciprocal rank over all queries, and over those of each language.
const WANTED: f64 = 0.90;

#[derive(Deserialize)]
struct Documents {
    document: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    slug: String,
    lang: Lang,
    title: String,
    body: String,
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Query {
    lang: Lang,
    query: String,
    wanted: String,
    kind: String,
}

/// Sum and number of reciprocal ranks.
#[derive(Default)]
struct Mean(f64, usize);

impl Mean {
    fn add(&mut self, rank: Option<usize>) {
        self.0 += rank.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
        self.1 += 1;
    }

    fn value(&self) -> f64 {
        self.0 / self.1 as f64
    }
}

fn entry(place: usize, document: &Document) -> Entry {
    let kind = Kind::named(&document.kind).unwrap();
    Entry {
        key: Key::new(kind, document.lang, place as i64),
        version: 1,
        title: document.title.clone(),
        tags: document.tags.clone(),
        body: document.body.clone(),
    }
}

#[test]
fn the_wanted_document_comes_first_for_nearly_every_query() {
    let documents = include_str!("../../tests/golden/search/documents.toml");
    let documents = toml::from_str::<Documents>(documents).unwrap().document;
    let queries = include_bytes!("../../tests/golden/search/queries.csv");
    let queries: Vec<Query> = csv::Reader::from_reader(&queries[..])
        .deserialize()
        .map(Result::unwrap)
        .collect();
    for (lang, least) in [(Lang::Pl, 200), (Lang::En, 50), (Lang::De, 50)] {
        assert!(queries.iter().filter(|query| query.lang == lang).count() >= least);
    }

    let lexicon = Lexicon::new(&[]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let disk = DiskIndex::create(folder.path()).unwrap();
    let put = documents
        .iter()
        .enumerate()
        .map(|(place, document)| entry(place, document));
    disk.commit(
        Change {
            put: put.collect(),
            remove: Vec::new(),
        },
        0,
    )
    .unwrap();
    let reading = Reading::open(&disk, &lexicon).unwrap();
    let texts = |key: Key| {
        let document = &documents[key.id() as usize];
        Some(Texts {
            title: document.title.as_str().into(),
            body: document.body.as_str().into(),
        })
    };

    let mut means: BTreeMap<String, Mean> = BTreeMap::new();
    for query in &queries {
        let asked = Asked::new(&query.query, Some(query.lang), true, &reading, &lexicon);
        let found = reading.find(&asked.wanted, &Filter::default(), 20).unwrap();
        let shown = asked.show(&found, 0, 10, texts);
        let rank = shown
            .iter()
            .position(|shown| documents[shown.key.id() as usize].slug == query.wanted);
        for name in ["all", query.lang.code(), &query.kind] {
            means.entry(name.to_owned()).or_default().add(rank);
        }
    }
    let report: Vec<String> = means
        .iter()
        .map(|(name, mean)| format!("{name} {:.3} of {}", mean.value(), mean.1))
        .collect();
    println!("mean reciprocal rank: {}", report.join(", "));
    for name in ["all", "pl", "en", "de"] {
        assert!(
            means[name].value() >= WANTED,
            "{name}: {}",
            report.join(", ")
        );
    }
}
