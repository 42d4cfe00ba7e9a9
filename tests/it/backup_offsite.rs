//! Copies of backups away from the machine: a folder stands for another disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::backup::{command, failed, keys, made, new_folder, printed};
use crate::config_cli::with_data;
use crate::process::{self, Ended};
use crate::rodo::{EMAIL, NAME, erase, rodo, somebody};
use crate::support::{Actor, Server, text, until};

/// Another disk, and the key pair that backups are encrypted to.
struct Away {
    disk: TempDir,
    public: String,
    identity: PathBuf,
}

impl Away {
    fn new() -> Self {
        let disk = process::empty_folder();
        let (public, identity) = keys(disk.path(), disk.path());
        Self {
            disk,
            public,
            identity,
        }
    }

    fn path(&self) -> &str {
        self.disk.path().to_str().unwrap()
    }

    /// A server that encrypts its backups and copies them here.
    fn server(&self) -> Server {
        Server::start_with(&[
            ("BACKUP_OFFSITE", self.path()),
            ("BACKUP_RECIPIENTS", &self.public),
        ])
    }

    /// Where copies lie.
    fn folder(&self) -> PathBuf {
        self.disk.path().join("novahouse")
    }

    fn names(&self) -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(self.folder()) else {
            return BTreeSet::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// Runs `novahouse backup` with this place.
    fn backup(&self, data: &Path, rest: &[&str]) -> Ended {
        let env = [("BACKUP_OFFSITE", self.path())];
        with_data(&["backup"], data, rest, &env)
    }
}

async fn export(owner: &Actor) -> String {
    let body = json!({"format": "zip"});
    let export = owner.post("/api/backup/export", &body).await.ok();
    text(&export["filename"])
}

async fn offsite(owner: &Actor) -> Value {
    owner.get("/api/backup/status").await.ok()["offsite"].clone()
}

async fn until_copied(owner: &Actor, filename: &str) {
    until("the backup is copied", async || {
        offsite(owner).await["last_filename"] == filename
    })
    .await;
}

/// How many jobs that copy are in a state.
fn jobs(data: &Path, state: &str) -> i64 {
    let database = Connection::open(data.join("novahouse.db")).unwrap();
    let count = "SELECT COUNT(*) FROM outbox_jobs WHERE kind = 'backup.offsite' AND state = ?1";
    database
        .query_row(count, [state], |row| row.get(0))
        .unwrap()
}

async fn until_idle(data: &Path) {
    until("no job is left that copies", async || {
        jobs(data, "pending") + jobs(data, "running") == 0
    })
    .await;
}

#[tokio::test]
async fn a_backup_is_copied_once_and_what_is_fetched_restores() {
    let away = Away::new();
    let server = away.server();
    let (owner, visitor) = (server.owner(), server.anon());
    let session = visitor.session().await;
    visitor
        .say(&session, "Ile kosztuje wykończenie 60 m2?")
        .await;
    let history = visitor.history(&session).await;
    let name = export(&owner).await;
    until_copied(&owner, &name).await;
    assert_eq!(
        away.names(),
        [name.clone(), format!("{name}.sha256")].into()
    );
    let copy = away.folder().join(&name);
    let here = server.data().join("backups").join(&name);
    assert_eq!(fs::read(&copy).unwrap(), fs::read(here).unwrap());
    let status = offsite(&owner).await;
    assert_eq!(status["waiting"], 0, "{status}");
    assert_eq!(status["not_copied_because"], Value::Null, "{status}");
    let metrics = owner.get("/metrics").await.text();
    assert!(metrics.contains("novahouse_backup_offsite_overdue 0"));

    let modified = || fs::metadata(&copy).unwrap().modified().unwrap();
    until_idle(server.data()).await;
    let (before, done) = (modified(), jobs(server.data(), "done"));
    let rules = json!({"allow_unencrypted": false, "keep_months": 12});
    owner.post("/api/backup/offsite", &rules).await.ok();
    until("it was looked at again", async || {
        jobs(server.data(), "done") > done
    })
    .await;
    assert_eq!(modified(), before, "it was copied again");

    let elsewhere = new_folder();
    let listed = printed(away.backup(elsewhere.path(), &["list", "--offsite"]));
    assert!(
        listed.starts_with(&name) && listed.lines().count() == 1,
        "{listed}"
    );
    let fetched = made(away.backup(elsewhere.path(), &["fetch", &name]));
    let (fetched, identity) = (fetched.to_str().unwrap(), away.identity.to_str().unwrap());
    let with_identity = [fetched, "--identity", identity];
    printed(command(elsewhere.path(), &["restore"], &with_identity));
    let restored = Server::start_on(elsewhere.path(), &[]);
    assert_eq!(restored.anon().history(&session).await, history);
}

#[tokio::test]
async fn what_is_too_old_goes_and_half_copies_are_neither_listed_nor_got_back() {
    let away = Away::new();
    fs::create_dir(away.folder()).unwrap();
    let old = |day: u32| format!("novahouse-2020-01-0{day}T03-00-00Z.zip");
    for day in 1..=4 {
        let name = old(day);
        fs::write(away.folder().join(&name), "zip").unwrap();
        let hash = format!("{}  {name}\n", "0".repeat(64));
        fs::write(away.folder().join(format!("{name}.sha256")), hash).unwrap();
    }
    fs::write(away.folder().join(old(5)), "half").unwrap();
    fs::write(away.folder().join(format!("{}#1", old(6))), "half").unwrap();
    let server = away.server();
    let owner = server.owner();
    let rules =
        json!({"allow_unencrypted": false, "keep_days": 3, "keep_weeks": 0, "keep_months": 0});
    let set = owner.post("/api/backup/offsite", &rules).await.ok();
    assert_eq!(set["rules"]["keep_days"], 3);
    let name = export(&owner).await;
    until_copied(&owner, &name).await;
    until("the oldest are gone", async || {
        let names = away.names();
        !names.contains(&old(1)) && !names.contains(&old(2))
    })
    .await;
    let listed = printed(away.backup(server.data(), &["list", "--offsite"]));
    let listed: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(listed, [&*name, &old(4), &old(3)]);

    let out = away.disk.path().join("out.zip");
    let fetch = |name: &str| {
        let out = out.to_str().unwrap();
        away.backup(server.data(), &["fetch", name, "--out", out])
    };
    failed(&fetch(&old(5)), "no such backup");
    failed(&fetch(&old(4)), "not those that were written");
    failed(&fetch("../secrets.json"), "no name of a backup");
    assert!(!out.exists());
    printed(fetch(&name));
    failed(&fetch(&name), "exists already");
}

#[tokio::test]
async fn a_backup_that_is_not_encrypted_leaves_only_when_the_owner_says_so() {
    let disk = process::empty_folder();
    let env = [("BACKUP_OFFSITE", disk.path().to_str().unwrap())];
    let server = Server::start_with(&env);
    let owner = server.owner();
    let name = export(&owner).await;
    assert_eq!(name.rsplit('.').next(), Some("zip"));
    owner.post("/api/backup/verify", &json!({})).await.ok();
    until("the backup is seen and stays", async || {
        let status = offsite(&owner).await;
        let why = status["not_copied_because"].as_str().unwrap_or_default();
        why.contains("not encrypted") && status["waiting"] == 0 && jobs(server.data(), "done") > 0
    })
    .await;
    assert!(!disk.path().join("novahouse").join(&name).exists());

    let allow = json!({"allow_unencrypted": true});
    let refused = server.agent().post("/api/backup/offsite", &allow).await;
    refused.refused(403, "role_required");
    let much = json!({"allow_unencrypted": false, "keep_days": 1001});
    let refused = owner.post("/api/backup/offsite", &much).await;
    refused.refused(422, "invalid_value");
    owner.post("/api/backup/offsite", &allow).await.ok();
    until_copied(&owner, &name).await;
    assert!(disk.path().join("novahouse").join(&name).exists());
}

#[tokio::test]
async fn after_an_erasure_the_list_is_there_and_its_key_opens_with_the_identity_alone() {
    let away = Away::new();
    let server = away.server();
    somebody(&server).await;
    let older = made(command(server.data(), &["backup"], &[]));
    erase(&server.owner(), EMAIL).await;
    let ending = |ending: &str| {
        let names = away.names();
        let mut found = names.into_iter().filter(|name| name.ends_with(ending));
        found.next()
    };
    until("the list is copied", async || {
        let status = offsite(&server.owner()).await;
        ending(".key.age").is_some() && status["erasures_copied_at"].is_string()
    })
    .await;
    assert_eq!(ending(".key"), None);
    let list = away.folder().join(ending(".log").unwrap());
    let content = fs::read_to_string(&list).unwrap();
    let here = fs::read_to_string(server.data().join("tombstones.log")).unwrap();
    assert_eq!(content, here);
    assert!(!content.contains(EMAIL) && !content.contains(NAME));

    let elsewhere = new_folder();
    let (older, list) = (older.to_str().unwrap(), list.to_str().unwrap());
    let arguments = [older, "--tombstones", list];
    let closed = command(elsewhere.path(), &["restore"], &arguments);
    failed(&closed, "give the identity");
    let identity = ["--identity", away.identity.to_str().unwrap()];
    let arguments = [&arguments[..], &identity].concat();
    let told = printed(command(elsewhere.path(), &["restore"], &arguments));
    assert!(told.contains("erased again"), "{told}");
    let found = rodo(elsewhere.path(), &["find", EMAIL]);
    assert!(!found.status.success(), "{}", found.stdout);
}

#[tokio::test]
async fn a_place_that_cannot_be_reached_is_told_and_tried_again() {
    let away = Away::new();
    let missing = away.disk.path().join("mnt");
    let server = Server::start_with(&[
        ("BACKUP_OFFSITE", missing.to_str().unwrap()),
        ("BACKUP_RECIPIENTS", &away.public),
    ]);
    let owner = server.owner();
    let name = export(&owner).await;
    until("the failure is told", async || {
        let status = offsite(&owner).await;
        let why = status["not_copied_because"].as_str().unwrap_or_default();
        why.contains("there is no such folder") && status["waiting"] == 1
    })
    .await;
    assert!(!missing.exists(), "a folder was made where a disk belongs");
    fs::create_dir(&missing).unwrap();
    until("it is copied when it is tried again", async || {
        let database = Connection::open(server.data().join("novahouse.db")).unwrap();
        // The next attempt would be due in ten seconds or more.
        let now = "UPDATE outbox_jobs SET run_at_ms = 0 WHERE kind = 'backup.offsite' AND state = 'pending'";
        let _ = database.execute(now, []);
        let status = offsite(&owner).await;
        status["last_filename"] == name.as_str() && status["not_copied_because"] == Value::Null
    })
    .await;
    assert!(missing.join("novahouse").join(&name).exists());
}

#[test]
fn without_a_place_and_with_one_this_build_cannot_reach_the_commands_say_so() {
    let folder = process::empty_folder();
    let list = ["list", "--offsite"];
    failed(
        &command(folder.path(), &["backup"], &list),
        "no place for copies",
    );
    let env = [("BACKUP_OFFSITE", "s3://key:secret@bucket/a")];
    let refused = with_data(&["backup"], folder.path(), &list, &env);
    failed(&refused, "s3://bucket/prefix");
}
