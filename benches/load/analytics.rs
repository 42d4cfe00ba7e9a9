//! Numbers over a generated year: every endpoint that answers them, by itself.
//!
//! The folder is made before: `novahouse demo-data --months 12 --conversations-per-day 274 --data FOLDER`.

use std::path::Path;
use std::time::Instant;

use reqwest::Client;
use serde_json::Value;

use crate::Failure;
use crate::report::{self, Latencies};
use crate::server::{OWNER_KEY, Server};

const ASKED: usize = 200;
const WARM_UP: usize = 20;
/// What stands before the operations that are measured.
const PREFIXES: [&str; 2] = ["/api/analytics", "/api/widgets"];
const DAYS: [u32; 2] = [365, 30];

/// Asks each endpoint for a year and for a month.
pub(crate) async fn run(folder: &Path) -> Result<(), Failure> {
    let server = Server::start(folder)?;
    let client = Client::new();
    for path in paths(&client, &server).await? {
        let began = Instant::now();
        let mut latencies = Latencies::default();
        for turn in 0..WARM_UP + ASKED {
            let sent = Instant::now();
            let is_ok = ask(&client, &server, &path).await?.is_some();
            match (turn < WARM_UP, is_ok) {
                (true, _) => {}
                (false, true) => latencies.add(sent.elapsed()),
                (false, false) => latencies.add_error(),
            }
        }
        let latencies = latencies.finish(began.elapsed());
        println!(
            "GET {path}: p50 {:.2} ms, p99 {:.2} ms, {} errors",
            latencies.percentile_ms(0.50),
            latencies.percentile_ms(0.99),
            latencies.errors()
        );
    }
    println!(
        "resident after it: {}",
        report::mib(server.resident_bytes()?)
    );
    Ok(())
}

/// Every GET of the `OpenAPI` document below the prefixes that needs nothing but days.
async fn paths(client: &Client, server: &Server) -> Result<Vec<String>, Failure> {
    let body = ask(client, server, "/openapi.json").await?;
    let document: Value = serde_json::from_slice(&body.ok_or("no OpenAPI document")?)?;
    let all = document["paths"].as_object().ok_or("no paths")?;
    let mut paths = Vec::new();
    for (path, operations) in all {
        let is_ours = PREFIXES.iter().any(|prefix| path.starts_with(prefix));
        let Some(operation) = operations.get("get").filter(|_| is_ours) else {
            continue;
        };
        let parameters = operation["parameters"].as_array();
        let has = |wanted: &dyn Fn(&Value) -> bool| {
            parameters.is_some_and(|parameters| parameters.iter().any(wanted))
        };
        if has(&|parameter| parameter["required"] == true) {
            println!("GET {path}: not measured, needs more than days");
        } else if has(&|parameter| parameter["name"] == "format") {
            println!("GET {path}: not measured, a file of everything");
        } else if has(&|parameter| parameter["name"] == "days") {
            paths.extend(DAYS.map(|days| format!("{path}?days={days}")));
        } else {
            paths.push(path.clone());
        }
    }
    Ok(paths)
}

/// The answer's whole body; `None` when it is no success.
async fn ask(client: &Client, server: &Server, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    let url = format!("http://{}{path}", server.address());
    let answer = client
        .get(url)
        .header("x-api-key", OWNER_KEY)
        .send()
        .await?;
    let is_ok = answer.status().is_success();
    let body = answer.bytes().await?.to_vec();
    Ok(is_ok.then_some(body))
}
