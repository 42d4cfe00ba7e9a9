//! Search over a corpus of its own: how quick, how large, and how often the wanted document is found.
//!
//! The corpus is a folder with `docs.json` (`[{"type", "title", "body"}]`, Polish) and `queries.json`
//! (`[{"q", "id"}]`, `id` the place of the wanted document).

use std::collections::HashMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::server::{OWNER_KEY, Server};
use crate::{Failure, MEASURE, WARM_UP, http_client, print_rate, report, server};

const CLIENTS: usize = 16;
/// Where a pack keeps Polish documents, and those of the other languages.
const DOCUMENTS: &str = "documents/pl.toml";
const NO_DOCUMENTS: [&str; 2] = ["documents/en.toml", "documents/de.toml"];

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    body: String,
}

#[derive(Deserialize)]
struct Query {
    q: String,
    id: usize,
}

/// As in a pack.
#[derive(Serialize)]
struct PackDocument<'d> {
    #[serde(rename = "type")]
    kind: &'d str,
    slug: String,
    title: &'d str,
    body: &'d str,
}

#[derive(Serialize)]
struct PackDocuments<'d> {
    document: Vec<PackDocument<'d>>,
}

/// Indexes the corpus, opens it again, asks.
pub(crate) async fn run(corpus: &Path) -> Result<(), Failure> {
    let documents: Vec<Document> = json(&corpus.join("docs.json"))?;
    let queries: Vec<Query> = json(&corpus.join("queries.json"))?;
    let folder = server::prepared_folder()?;
    index(folder.path(), &documents).await?;

    let server = Server::start(folder.path())?;
    until_indexed(&server, documents.len()).await?;
    for took_ms in server.logged_ms("a search index is opened")? {
        println!("a search index opened at start: {took_ms} ms");
    }
    recall(&server, &documents, &queries).await?;
    for (path, unit) in [
        ("/api/search", "searches"),
        ("/api/search/suggest", "answers"),
    ] {
        let asked = paths(&server, path, &queries)?;
        let latencies = http_client::run(
            server.address(),
            CLIENTS,
            WARM_UP,
            MEASURE,
            move |client, turn| {
                let at = client * asked.len() / CLIENTS + turn as usize;
                http_client::get(&asked[at % asked.len()])
            },
        )
        .await?;
        print_rate(&format!("GET {path}, {CLIENTS} clients"), unit, &latencies);
    }
    println!(
        "resident after it: {}",
        report::mib(server.resident_bytes()?)
    );
    Ok(())
}

/// Gives the server the corpus in place of its documents and waits until all of it can be found.
async fn index(folder: &Path, documents: &[Document]) -> Result<(), Failure> {
    let server = Server::start(folder)?;
    until_indexed(&server, 1).await?;
    let before = server.resident_bytes()?;
    let url = url(&server, "/api/knowledge/pack");
    let client = Client::new();
    let pack = owner(client.get(url.clone())).await?.bytes().await?;
    let pack = with_documents(&pack, documents)?;
    let began = Instant::now();
    let put = client.put(url).header("content-type", "application/zip");
    owner(put.body(pack)).await?;
    println!("a pack taken in: {:.1} s", began.elapsed().as_secs_f64());
    until_indexed(&server, documents.len()).await?;
    println!(
        "found after {:.1} s; resident {} before, {} after",
        began.elapsed().as_secs_f64(),
        report::mib(before),
        report::mib(server.resident_bytes()?)
    );
    owner(client.post(self::url(&server, "/api/search/reindex"))).await?;
    for took_ms in server.logged_ms("a search index is built")? {
        println!("a search index built: {took_ms} ms");
    }
    Ok(())
}

async fn owner(request: reqwest::RequestBuilder) -> Result<reqwest::Response, Failure> {
    let answer = request.header("x-api-key", OWNER_KEY).send().await?;
    if answer.status().is_success() {
        Ok(answer)
    } else {
        Err(answer.text().await?.into())
    }
}

/// Waits until the index holds so many documents, or more, and lacks none.
async fn until_indexed(server: &Server, least: usize) -> Result<(), Failure> {
    let client = Client::new();
    loop {
        let stats = owner(client.get(url(server, "/api/search/stats"))).await;
        if let Ok(stats) = stats {
            let stats: Value = serde_json::from_slice(&stats.bytes().await?)?;
            let number = |name: &str| stats["stats"][name].as_u64().unwrap_or(u64::MAX);
            if number("pending") == 0 && number("total_documents") >= least as u64 {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How often the wanted document comes first, and among the first ten.
async fn recall(server: &Server, documents: &[Document], queries: &[Query]) -> Result<(), Failure> {
    let client = Client::new();
    let by_title: HashMap<&str, usize> = documents
        .iter()
        .enumerate()
        .map(|(id, document)| (&*document.title, id))
        .collect();
    let (mut first, mut among_ten) = (0, 0);
    for (query, path) in queries.iter().zip(paths(server, "/api/search", queries)?) {
        let answer = client.get(url(server, &path)).send().await?.bytes().await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let results = answer["results"].as_array().ok_or("no results")?;
        let at = results.iter().position(|result| {
            let title = result["title"].as_str().unwrap_or("");
            by_title.get(title) == Some(&query.id)
        });
        first += usize::from(at == Some(0));
        among_ten += usize::from(at.is_some());
    }
    let share = |found: usize| found as f64 / queries.len() as f64;
    println!(
        "wanted document first: {:.3}, among the first ten: {:.3} of {} queries",
        share(first),
        share(among_ten),
        queries.len()
    );
    Ok(())
}

/// The paths that ask for the queries.
fn paths(server: &Server, path: &str, queries: &[Query]) -> Result<Vec<String>, Failure> {
    let base = url(server, path);
    let of = |query: &Query| {
        let url = Url::parse_with_params(base.as_str(), [("q", &*query.q), ("lang", "pl")])?;
        Ok(format!("{path}?{}", url.query().unwrap_or_default()))
    };
    queries.iter().map(of).collect()
}

fn url(server: &Server, path: &str) -> Url {
    let url = format!("http://{}{path}", server.address());
    url.parse()
        .unwrap_or_else(|error| unreachable!("{url}: {error}"))
}

fn json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// A pack with these documents instead of its own.
fn with_documents(pack: &[u8], documents: &[Document]) -> Result<Vec<u8>, Failure> {
    let document = documents
        .iter()
        .enumerate()
        .map(|(id, document)| PackDocument {
            kind: &document.kind,
            slug: format!("corpus-{id}"),
            title: &document.title,
            body: &document.body,
        });
    let documents = toml::to_string(&PackDocuments {
        document: document.collect(),
    })?;
    let mut old = zip::ZipArchive::new(Cursor::new(pack))?;
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..old.len() {
        let mut file = old.by_index(at)?;
        let name = file.name()?.into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        new.start_file(&*name, zip::write::SimpleFileOptions::default())?;
        let text = match &*name {
            DOCUMENTS => &documents,
            name if NO_DOCUMENTS.contains(&name) => "",
            _ => &text,
        };
        new.write_all(text.as_bytes())?;
    }
    Ok(new.finish()?.into_inner())
}
