//! Copies of backups in a bucket: moto's server speaks S3. Only in builds with the feature `s3`; `install.sh --test --long`
//! gets the server and runs this.

use std::path::Path;
use std::process::Command;

use reqwest::Client;
use serde_json::json;

use crate::backup::{command, keys, made, new_folder, printed};
use crate::config_cli::with_data;
use crate::process::Process;
use crate::support::{Server, text, until, until_now};

/// Starts the server; answers its address, e.g. `http://127.0.0.1:40123`.
fn moto() -> (Process, String) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut command = Command::new(target.join("test-tools/bin/moto_server"));
    command.args(["-H", "127.0.0.1", "-p", "0"]);
    let process = Process::spawn(command);
    let mut address = None;
    until_now("moto listens", || {
        let log = process.log();
        let line = log.lines().find_map(|line| line.split_once("Running on "));
        address = line.map(|(_, address)| address.trim().to_owned());
        address.is_some()
    });
    (process, address.unwrap())
}

#[tokio::test]
async fn a_backup_goes_to_a_bucket_and_what_comes_back_restores() {
    let (_moto, address) = moto();
    let client = Client::builder().no_proxy().build().unwrap();
    let made_bucket = client.put(format!("{address}/away")).send().await;
    assert!(made_bucket.unwrap().status().is_success());
    let elsewhere = new_folder();
    let (public, identity) = keys(elsewhere.path(), elsewhere.path());
    let env = [
        ("BACKUP_OFFSITE", "s3://away/shop/one"),
        ("BACKUP_RECIPIENTS", &*public),
        ("AWS_ACCESS_KEY_ID", "key-of-a-test"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-a-test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT", &*address),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let server = Server::start_with(&env);
    let owner = server.owner();
    let session = server.anon().session().await;
    server.anon().say(&session, "Ile kosztuje 60 m2?").await;
    let history = server.anon().history(&session).await;
    let body = json!({"format": "zip"});
    let export = owner.post("/api/backup/export", &body).await.ok();
    let name = text(&export["filename"]);
    until("the backup is copied", async || {
        let status = owner.get("/api/backup/status").await.ok();
        status["offsite"]["last_filename"] == name.as_str()
    })
    .await;
    assert!(!server.log().contains("secret-of-a-test"));

    let backup = |rest: &[&str]| with_data(&["backup"], elsewhere.path(), rest, &env);
    let listed = printed(backup(&["list", "--offsite"]));
    assert!(listed.starts_with(&name), "{listed}");
    let fetched = made(backup(&["fetch", &name]));
    let arguments = [
        fetched.to_str().unwrap(),
        "--identity",
        identity.to_str().unwrap(),
    ];
    printed(command(elsewhere.path(), &["restore"], &arguments));
    let restored = Server::start_on(elsewhere.path(), &[]);
    assert_eq!(restored.anon().history(&session).await, history);
}
