//! What was acknowledged is on disk, whatever happens to the process or the disk.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{self, copy_prepared, novahouse, run};
use crate::support::{Actor, Answer, Server, text, try_send, until, uuid};

/// Sends numbered messages into one session, like a client that repeats what was not acknowledged.
struct Writer {
    session: String,
    /// Client id, text and number of each acknowledged message, in that order.
    acknowledged: Vec<(String, String, i64)>,
    /// Sent, but without an answer so far.
    open: Option<(String, String)>,
    next: usize,
}

impl Writer {
    /// Sends until the server goes away.
    async fn write(mut self, visitor: Actor, total: Arc<AtomicUsize>) -> Self {
        while self.send_one(&visitor).await {
            total.fetch_add(1, Ordering::SeqCst);
        }
        self
    }

    /// Sends the open message, or else the next one; false when there was no answer.
    async fn send_one(&mut self, visitor: &Actor) -> bool {
        let (client_id, message) = self.open.take().unwrap_or_else(|| {
            self.next += 1;
            (uuid(), format!("Pytanie {}: ile to kosztuje?", self.next))
        });
        let body = json!({"session_id": self.session, "message": message, "client_id": client_id});
        let request = visitor.request(Method::POST, "/api/chatbot/chat");
        if let Ok(answer) = try_send(request.json(&body)).await {
            let seq = answer.ok()["user_seq"].as_i64().unwrap();
            self.acknowledged.push((client_id, message, seq));
            true
        } else {
            self.open = Some((client_id, message));
            false
        }
    }
}

async fn whole_history(visitor: &Actor, session: &str) -> Vec<Value> {
    let mut messages: Vec<Value> = Vec::new();
    loop {
        let since = messages
            .last()
            .map_or(0, |message| message["seq"].as_i64().unwrap());
        let page = visitor
            .get(&format!("/api/chatbot/history/{session}?since={since}"))
            .await
            .ok();
        let page = page["messages"].as_array().unwrap();
        if page.is_empty() {
            return messages;
        }
        messages.extend(page.iter().cloned());
    }
}

#[track_caller]
fn doctor_finds_nothing(data: &Path) {
    let mut command = novahouse(&["doctor", "--data"]);
    command.arg(data);
    let ended = run(command, b"");
    assert!(ended.status.success(), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains("ok       database integrity"),
        "{}",
        ended.stdout
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_twenty_times_under_load_the_server_keeps_every_acknowledged_message_once_and_in_order()
 {
    let rounds = if std::env::var("NOVAHOUSE_LONG").is_ok_and(|long| long == "1") {
        200
    } else {
        20
    };
    let mut server = Server::start();
    let mut writers = Vec::new();
    for _ in 0..6 {
        writers.push(Writer {
            session: server.anon().session().await,
            acknowledged: Vec::new(),
            open: None,
            next: 0,
        });
    }
    for round in 0..rounds {
        if round > 0 {
            server.restart();
        }
        let total = Arc::new(AtomicUsize::new(0));
        let writing: Vec<_> = writers
            .drain(..)
            .map(|writer| tokio::spawn(writer.write(server.anon(), Arc::clone(&total))))
            .collect();
        // Another moment of the writing each time.
        let enough = 20 + round % 20 * 7;
        until("enough messages are acknowledged", async || {
            total.load(Ordering::SeqCst) >= enough
        })
        .await;
        server.kill_9();
        for writer in writing {
            writers.push(writer.await.unwrap());
        }
    }
    let open = writers
        .iter()
        .filter(|writer| writer.open.is_some())
        .count();
    assert!(
        open > 0,
        "no kill hit a message under way, so nothing was proved"
    );

    server.restart();
    let visitor = server.anon();
    for writer in &mut writers {
        assert!(writer.send_one(&visitor).await);
        let messages = whole_history(&visitor, &writer.session).await;
        for (at, message) in messages.iter().enumerate() {
            assert_eq!(
                message["seq"].as_u64().unwrap(),
                at as u64 + 1,
                "a gap or a repeat: {message}"
            );
        }
        let stored: Vec<_> = messages
            .iter()
            .filter(|message| message["sender"] == "user")
            .map(|message| {
                (
                    text(&message["client_id"]),
                    text(&message["message"]),
                    message["seq"].as_i64().unwrap(),
                )
            })
            .collect();
        assert_eq!(stored, writer.acknowledged);
        assert_eq!(
            messages.len(),
            stored.len() * 2,
            "each message has its answer"
        );
    }
    assert!(server.stop().success());
    doctor_finds_nothing(server.data());
}

/// What a server must do whose disk takes nothing more, and takes more again later.
async fn lives_through_a_full_disk(
    server: &mut Server,
    fill: impl FnOnce(),
    make_room: impl FnOnce(),
) {
    let visitor = server.anon();
    let session = visitor.session().await;
    let send = async |client_id: &str| -> Answer {
        let message = "ile to kosztuje? ".repeat(60);
        let body = json!({"session_id": session, "message": message, "client_id": client_id});
        visitor.post("/api/chatbot/chat", &body).await
    };
    send(&uuid()).await.ok();
    fill();
    let mut stored = 1;
    let refused = loop {
        let client_id = uuid();
        let answer = send(&client_id).await;
        if answer.status != 200 {
            answer.refused(503, "unavailable");
            assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
            break client_id;
        }
        stored += 1;
        assert!(stored < 5_000, "the disk never became full");
    };
    assert_eq!(
        whole_history(&visitor, &session).await.len(),
        stored * 2,
        "a refused message left something behind"
    );
    assert_eq!(visitor.get("/api/health").await.status, 200);
    assert_eq!(visitor.get("/api/knowledge/faq").await.status, 200);
    let ready = async || visitor.get("/api/ready").await.status;
    until("it says that it is not ready", async || {
        ready().await == 503
    })
    .await;

    make_room();
    until("the server stores again", async || {
        send(&refused).await.status == 200
    })
    .await;
    send(&refused).await.ok();
    send(&uuid()).await.ok();
    until("it says that it is ready", async || ready().await == 200).await;
    let messages = whole_history(&visitor, &session).await;
    let seqs: Vec<_> = messages
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=(stored as u64 + 2) * 2).collect::<Vec<_>>());
    assert!(server.stop().success());
    doctor_finds_nothing(server.data());
}

fn limit_file_size(pid: u32, limit: &str) {
    let limit = format!("--fsize={limit}");
    let done = Command::new("prlimit")
        .args(["--pid", &pid.to_string(), &limit])
        .status()
        .unwrap();
    assert!(done.success());
}

#[tokio::test]
async fn a_write_the_system_refuses_is_answered_503_stores_nothing_and_the_server_goes_on() {
    let folder = process::data_folder();
    // Without this the system would end the process at the first refused write; a full disk does not.
    let mut command = Command::new("sh");
    let serve = process::serve(folder.path(), &[]);
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(serve.get_program())
        .args(serve.get_args())
        .env_clear();
    command.envs(
        serve
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let mut server = Server::run_on(folder.path(), command);
    let pid = server.pid();
    let fill = || limit_file_size(pid, "4096:unlimited");
    lives_through_a_full_disk(&mut server, fill, || {
        limit_file_size(pid, "unlimited:unlimited");
    })
    .await;
}

/// A small file system of its own, unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where mounting is not permitted.
    fn mount() -> Option<Self> {
        let folder = process::empty_folder();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=20m,mode=0700", "tmpfs"])
            .arg(folder.path())
            .output();
        done.is_ok_and(|done| done.status.success())
            .then_some(Self(folder))
    }

    fn fill(&self) {
        use std::io::Write;
        let mut filler = std::fs::File::create(self.0.path().join("filler")).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_answered_503_and_with_room_again_the_server_stores_again() {
    // Where mounting is not permitted, the test above stands alone.
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not tried: this user may not mount a file system");
        return;
    };
    copy_prepared(disk.0.path());
    let mut server = Server::start_on(disk.0.path(), &[]);
    lives_through_a_full_disk(&mut server, || disk.fill(), || disk.make_room()).await;
    drop(server);
}

#[test]
fn a_database_of_a_newer_version_is_refused_with_a_sentence_and_left_as_it_is() {
    let folder = process::data_folder();
    let file = folder.path().join("novahouse.db");
    let open = || rusqlite::Connection::open(&file).unwrap();
    open()
        .execute("INSERT INTO schema_version (version) VALUES (99)", [])
        .unwrap();
    open()
        .execute_batch("CREATE TABLE of_the_future (a TEXT); PRAGMA wal_checkpoint(TRUNCATE);")
        .unwrap();
    let before = std::fs::read(&file).unwrap();
    let ended = run(process::serve(folder.path(), &[]), b"");
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.stderr.contains("schema version 99"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("newer version of NovaHouse"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stdout.contains("listening"));
    assert!(
        std::fs::read(&file).unwrap() == before,
        "the file was changed"
    );
}
