//! The command line beside a running server: the server does what is asked, over a socket in its data folder.

use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::accounts::{login, set_up};
use crate::config_cli::with_data;
use crate::process::{self, Ended, novahouse, run};
use crate::support::Server;

const NEW_PASSWORD: &str = "fioletowy rower na dachu";

fn admin(data: &Path, rest: &[&str]) -> Ended {
    with_data(&["admin"], data, rest, &[])
}

fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// What a command that went well printed.
#[track_caller]
fn printed(ended: Ended) -> String {
    assert!(ended.status.success(), "{}", ended.stderr);
    assert_eq!(ended.stderr, "");
    ended.stdout
}

/// Checks that a command failed with this sentence on standard error and nothing on standard output.
#[track_caller]
fn failed(ended: &Ended, why: &str) {
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[tokio::test]
async fn a_link_made_beside_a_running_server_works_there_and_the_printed_one_no_more() {
    let server = Server::start();
    let old = server.setup_token();
    let link = printed(admin(server.data(), &["setup-link"]));
    let token = link
        .trim_end()
        .strip_prefix(&format!("{}/admin#setup=", server.url()))
        .unwrap_or_else(|| panic!("{link}"));
    let owner = |token: &str| serde_json::json!({"token": token, "username": "anna", "email": "anna@example.com", "password": NEW_PASSWORD});
    let browser = server.browser();
    browser
        .post("/api/auth/setup", &owner(&old))
        .await
        .refused(403, "setup_link_invalid");
    browser.post("/api/auth/setup", &owner(token)).await.ok();
    failed(
        &admin(server.data(), &["setup-link"]),
        "there is an owner already",
    );
}

#[tokio::test]
async fn accounts_and_keys_made_beside_a_running_server_open_it_at_once() {
    let server = Server::start();
    let create = &[
        "create",
        "--username",
        "jan",
        "--email",
        "jan@example.com",
        "--role",
        "owner",
    ];
    let made = printed(admin(server.data(), create));
    let password = made
        .strip_prefix("created jan (owner)\npassword: ")
        .unwrap_or_else(|| panic!("{made}"));
    let jan = server.browser();
    jan.post("/api/auth/login", &login("jan", password.trim_end()))
        .await
        .ok();
    jan.get("/api/users").await.ok();
    failed(
        &admin(server.data(), create),
        "another account has this e-mail address",
    );

    let made = printed(admin(
        server.data(),
        &["api-key", "--name", "CRM", "--role", "agent"],
    ));
    let key = server.with_key(made.lines().last().unwrap());
    key.get("/api/conversations").await.ok();
    key.get("/api/users").await.refused(403, "role_required");

    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let by_the_system: i64 = database
        .query_row(
            "SELECT COUNT(*) FROM audit_log WHERE actor = 'system' AND action IN ('user_created', 'key_created')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(by_the_system, 2, "what was done is not in the audit log");
}

#[tokio::test]
async fn a_password_reset_beside_a_running_server_ends_the_sessions_it_remembers() {
    let server = Server::start();
    let browser = set_up(&server).await;
    browser.get("/api/auth/me").await.ok();
    let mut reset = novahouse(&["admin", "--data"]);
    reset.arg(server.data()).args([
        "reset-password",
        "--username",
        "anna@example.com",
        "--password-stdin",
    ]);
    assert_eq!(
        printed(run(reset, format!("{NEW_PASSWORD}\n").as_bytes())),
        "new password set for anna; its sessions were ended\n"
    );
    browser
        .get("/api/auth/me")
        .await
        .refused(401, "not_signed_in");
    let stranger = server.browser();
    stranger
        .post("/api/auth/login", &login("anna", crate::accounts::PASSWORD))
        .await
        .refused(401, "login_failed");
    stranger
        .post("/api/auth/login", &login("anna", NEW_PASSWORD))
        .await
        .ok();
    failed(
        &admin(server.data(), &["reset-password", "--username", "nobody"]),
        "there is no such account",
    );
}

#[test]
fn the_socket_is_the_owners_alone_and_goes_when_the_server_stops() {
    let mut server = Server::start();
    let socket = socket(server.data());
    let metadata = fs::metadata(&socket).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(server.stop().success());
    assert!(!socket.exists());
}

#[test]
fn a_socket_left_by_a_killed_server_is_in_nobodys_way() {
    let mut server = Server::start();
    server.kill_9();
    assert!(socket(server.data()).exists());
    printed(admin(server.data(), &["setup-link"]));
    server.restart();
    let link = printed(admin(server.data(), &["setup-link"]));
    assert!(
        link.starts_with(server.url()),
        "{link} is not of the server that runs"
    );
}

#[test]
fn whatever_is_sent_to_the_socket_the_server_goes_on_and_changes_nothing() {
    let server = Server::start();
    let mut silent = vec![UnixStream::connect(socket(server.data())).unwrap()];
    let nested = "[".repeat(60_000);
    let long = format!("{{\"admin\":\"{}\"}}\n", "a".repeat(1_000_000));
    let bad: [&[u8]; 9] = [
        b"",
        b"\n",
        b"\xff\xfe\x00\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"{\"admin\":{\"drop\":{}}}\n",
        b"{\"admin\":{\"create\":{\"username\":7}}}\n",
        b"{\"admin\":\"setup_link\"} {\"admin\":\"setup_link\"}\n",
        nested.as_bytes(),
        long.as_bytes(),
    ];
    for sent in bad {
        let mut stream = UnixStream::connect(socket(server.data())).unwrap();
        // The server may hang up before it has read what is too long.
        let _ = stream.write_all(sent);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        assert!(
            answer.contains("does not know this command") || read.is_err(),
            "{answer}"
        );
    }
    silent.clear();
    let printed_first = server.setup_token();
    assert!(
        !server.log().contains("panicked") && !printed_first.is_empty(),
        "{}",
        server.log()
    );
    let link = printed(admin(server.data(), &["setup-link"]));
    assert!(!link.contains(&printed_first));
}

#[test]
fn a_data_folder_with_a_long_path_has_its_socket_too() {
    let folder = process::empty_folder();
    let data = folder.path().join("d".repeat(200));
    fs::create_dir(&data).unwrap();
    process::copy_prepared(&data);
    let server = Server::start_on(&data, &[]);
    assert!(printed(admin(&data, &["setup-link"])).starts_with(server.url()));
}

#[test]
fn a_folder_held_by_somebody_who_takes_no_commands_is_left_alone() {
    let folder = process::data_folder();
    let lock = fs::File::create(folder.path().join("novahouse.lock")).unwrap();
    lock.lock().unwrap();
    (&lock).write_all(b"process 1").unwrap();
    failed(
        &admin(folder.path(), &["setup-link"]),
        "in use by process 1",
    );
}
