//! What version 2.3 kept, taken over: from its database and from JSON, with everything that was odd in it.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::backup::{command, failed, new_folder, printed, rows};
use crate::process;
use crate::rodo::{files_with, rodo};
use crate::support::Server;

/// The tables as 2.3 made them, some without the columns it was given last.
const TABLES: &str = "
    CREATE TABLE leads (id INTEGER PRIMARY KEY, session_id VARCHAR(100), name VARCHAR(100), email VARCHAR(100),
        phone VARCHAR(20), property_size VARCHAR(20), message TEXT, source VARCHAR(50), status VARCHAR(50), notes TEXT,
        created_at DATETIME);
    CREATE TABLE chat_conversations (id INTEGER PRIMARY KEY, session_id VARCHAR(100) UNIQUE, started_at DATETIME,
        ended_at DATETIME, user_satisfaction INTEGER, feedback_text TEXT);
    CREATE TABLE chat_messages (id INTEGER PRIMARY KEY, conversation_id INTEGER, message TEXT, sender VARCHAR(20),
        timestamp DATETIME);
    CREATE TABLE conversations (id INTEGER PRIMARY KEY, session_id VARCHAR(100), user_message TEXT, bot_response TEXT,
        intent VARCHAR(100), entities TEXT, timestamp DATETIME);
    CREATE TABLE rodo_consents (id INTEGER PRIMARY KEY, session_id VARCHAR(100), consent_given BOOLEAN,
        consent_date DATETIME, ip_address VARCHAR(50), user_agent VARCHAR(500));
    CREATE TABLE audit_logs (id INTEGER PRIMARY KEY, action VARCHAR(100), session_id VARCHAR(100), admin_user VARCHAR(100),
        ip_address VARCHAR(50), details TEXT, timestamp DATETIME);
    CREATE TABLE experiments (id INTEGER PRIMARY KEY, name VARCHAR(200), variants TEXT);
    CREATE TABLE bookings (id INTEGER PRIMARY KEY, client_name VARCHAR(100));";

const ROWS: &str = "
    INSERT INTO leads VALUES
        (1, 'abc123', 'Anna Stara', 'Anna.Stara@Example.com', '600 100 200', '62,5 m2', 'Proszę o telefon', 'chatbot',
            'contacted', 'dzwonić po 17', '2025-11-18 21:12:15.123456'),
        (2, NULL, 'Bez Adresu', 'nikt(at)example.com', '+48 601 000 111', NULL, NULL, 'form', 'new', NULL,
            '2025-11-18 21:12:15.123456'),
        (3, NULL, 'Nieosiągalny', 'nikt', '12', NULL, NULL, 'form', 'new', NULL, '2025-11-18 21:12:15.123456'),
        (4, NULL, replace(hex(zeroblob(5000)), '00', 'xy'), 'dlugi@example.com', NULL, 'duże', NULL, NULL, NULL, NULL,
            '2025-11-19 10:00:00'),
        (5, NULL, '<script>alert(1)</script>', 'html@example.com', NULL, NULL, '<b>=1+1</b>', 'targi', 'on fire', NULL,
            '2025-11-19 10:00:00.000000'),
        (6, 'bad id', NULL, 'kiedy@example.com', NULL, NULL, NULL, 'chatbot', 'lost', NULL, 'yesterday');
    INSERT INTO chat_conversations VALUES
        (1, 'abc123', '2025-11-18 21:00:00.000000', NULL, 5, 'super'),
        (2, 'bad id', '2025-11-18 21:00:00.000000', NULL, NULL, NULL),
        (3, 'silent', '2025-11-18 21:00:00.000000', NULL, NULL, NULL);
    INSERT INTO chat_messages VALUES
        (1, 1, 'Ile kosztuje 60 m2?', 'user', '2025-11-18 21:00:01.000000'),
        (2, 1, 'Od 949 zł/m².', 'bot', '2025-11-18 21:00:01.000000'),
        (3, 2, 'Halo?', 'user', '2025-11-18 21:00:02.000000'),
        (4, 1, 'Kiedy?', 'user', 'never'),
        (5, 1, 'Boo', 'ghost', '2025-11-18 21:00:03.000000'),
        (6, 1, x'ff00', 'user', '2025-11-18 21:00:03.000000');
    INSERT INTO conversations VALUES
        (1, 'old-1', 'Dzień dobry', 'Witam!', 'greeting', '[]', '2024-05-01 08:00:00.000000'),
        (2, 'abc123', 'Ile kosztuje 60 m2?', 'Od 949 zł/m².', 'price', '[]', '2025-11-18 21:00:02.000000');
    INSERT INTO rodo_consents VALUES
        (1, 'abc123', 1, '2025-11-18 20:59:59.000000', '203.0.113.77', 'Mozilla/5.0 (secret)'),
        (2, 'abc123', 0, NULL, NULL, NULL);
    INSERT INTO audit_logs VALUES
        (1, 'export', 'abc123', 'admin', '203.0.113.77', 'Exported data for session abc123', '2025-11-20 12:00:00'),
        (2, 'rm -rf /; drop', NULL, NULL, NULL, NULL, '2025-11-20 12:00:00');
    INSERT INTO experiments VALUES (1, 'Powitanie', '[{\"id\": \"A\"}]');
    INSERT INTO bookings VALUES (1, 'Anna Stara');";

/// A database of 2.3 in a folder.
fn old_database(folder: &Path) -> String {
    let path = folder.join("app.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch(TABLES).unwrap();
    database.execute_batch(ROWS).unwrap();
    path.to_str().unwrap().to_owned()
}

const COUNTS: [&str; 6] = [
    "leads: 6 read, 5 taken, 0 here already, 1 left out",
    "chat_conversations: 3 read, 1 taken, 0 here already, 2 left out",
    "chat_messages: 6 read, 2 taken, 0 here already, 4 left out",
    "conversations: 2 read, 1 taken, 0 here already, 1 left out",
    "rodo_consents: 2 read, 1 taken, 0 here already, 1 left out",
    "audit_logs: 2 read, 1 taken, 0 here already, 1 left out",
];

const REMARKS: [&str; 17] = [
    "  leads 2, taken without: email must be",
    "  leads 3, left out: email and phone",
    "  leads 4, taken without: name must not be longer than 100",
    "  leads 4, taken without: property_size must be a number",
    "  leads 5, taken without: status is no word of 2.3",
    "  leads 6, taken without: created_at is no date and time",
    "  leads 6, taken without: session_id is none that can be used",
    "  chat_conversations 2, left out: session_id is none that can be used",
    "  chat_conversations 3, left out: messages are none",
    "  chat_messages 3, left out: conversation_id names no conversation",
    "  chat_messages 4, left out: timestamp is no date and time",
    "  chat_messages 5, left out: sender is no word of 2.3",
    "  chat_messages 6, left out: message is no text",
    "  conversations 2, left out: user_message stands among the messages, too",
    "  rodo_consents 2, left out: consent_date is missing",
    "  audit_logs 2, left out: action is no word",
    "experiments: 1 rows, kept in v23-experiments.json",
];

#[tokio::test]
async fn a_database_of_2_3_is_taken_over_once_as_its_dry_run_told() {
    let (elsewhere, folder) = (process::empty_folder(), new_folder());
    let (app, data) = (old_database(elsewhere.path()), folder.path());
    let import = |more: &[&str]| {
        let arguments = [&["--v23", &app], more].concat();
        printed(command(data, &["import"], &arguments))
    };
    let dry = import(&["--dry-run"]);
    let (told, last) = dry.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(last, "nothing was written: this was a dry run");
    assert_eq!(fs::read_dir(data).unwrap().count(), 1, "but the model");

    let real = import(&[]);
    assert_eq!(real.trim_end(), told);
    for line in COUNTS.iter().chain(&REMARKS) {
        assert!(real.contains(line), "{line} is missing in\n{real}");
    }
    assert!(
        real.contains("bookings: 1 rows, has no place here"),
        "{real}"
    );
    for personal in [
        "Anna",
        "nikt",
        "600 100 200",
        "@Example",
        "html@",
        "bad id",
        "yesterday",
        "Boo",
    ] {
        assert!(!real.contains(personal), "{personal} in\n{real}");
    }

    let before = rows(data);
    let again = import(&[]);
    for count in COUNTS {
        let (table, _) = count.split_once(':').unwrap();
        let line = again
            .lines()
            .find(|line| line.starts_with(&format!("{table}:")));
        assert!(line.unwrap().contains(" 0 taken"), "{again}");
    }
    assert_eq!(rows(data), before);
    is_served(data).await;
}

async fn is_served(data: &Path) {
    let mut server = Server::start_on(data, &[]);
    let agent = server.agent();
    let leads = agent.get("/api/leads").await.ok();
    let leads = leads.as_array().unwrap();
    assert_eq!(leads.len(), 5);
    let anna = leads.iter().find(|lead| lead["name"] == "Anna Stara");
    let anna = anna.unwrap();
    for (field, value) in [
        ("status", json!("contacted")),
        ("source", json!("chat")),
        ("property_size", json!(62.5)),
        ("notes", json!("dzwonić po 17")),
    ] {
        assert_eq!(anna[field], value, "{field}: {anna}");
    }
    let created = anna["created_at"].as_str().unwrap();
    assert!(created.starts_with("2025-11-18T21:12:15"), "{created}");
    let timeline = format!("/api/leads/{}/timeline", anna["id"]);
    let timeline = agent.get(&timeline).await.ok().to_string();
    assert!(timeline.contains("\"imported\""), "{timeline}");
    let listed: Value = agent.get("/api/conversations").await.ok();
    assert_eq!(
        listed["conversations"].as_array().unwrap().len(),
        2,
        "{listed}"
    );
    let found = agent.get("/api/search/all?q=stara").await.ok();
    assert_ne!(found["total"], 0, "{found}");
    let audit = server.owner().get("/api/chatbot/audit/verify").await.ok();
    assert_eq!(audit["is_whole"], true);
    server.stop();
    for left_behind in ["Mozilla/5.0 (secret)", "203.0.113.77"] {
        assert_eq!(files_with(data, left_behind), [""; 0], "{left_behind}");
    }
    let kept = fs::read_to_string(data.join("v23-experiments.json")).unwrap();
    assert!(kept.contains("Powitanie"), "{kept}");
}

#[test]
fn json_is_taken_over_like_the_database_and_a_person_erased_since_does_not_come_back() {
    let (elsewhere, folder) = (process::empty_folder(), new_folder());
    let file = elsewhere.path().join("export.json");
    let document = json!({"export_date": "2025-11-20", "tables": {
        "leads": [
            {"id": 1, "name": "Anna Stara", "email": "anna.stara@example.com", "created_at": "2025-11-18T21:12:15.123456"},
            {"name": "Bez Numeru", "email": "bez@example.com"},
        ],
        "chat_sessions": [{"id": 1, "session_id": "abc123", "language": "de", "rating": 9, "created_at": null}],
        "messages": [
            {"id": 1, "session_id": "abc123", "sender": "user", "content": "Hallo", "intent": "greeting",
             "created_at": "2025-11-18T21:00:01+01:00"},
        ],
        "rodo_consents": [{"id": 1, "session_id": "abc123", "consent_given": true, "consent_date": "2025-11-18T20:00:00Z"}],
    }});
    fs::write(&file, document.to_string()).unwrap();
    let data = folder.path();
    let import = || {
        printed(command(
            data,
            &["import"],
            &["--v23", file.to_str().unwrap()],
        ))
    };
    let told = import();
    for line in [
        "leads: 2 read, 1 taken, 0 here already, 1 left out",
        "leads without id, left out: id is missing",
        "chat_sessions: 1 read, 1 taken",
        "chat_sessions 1, taken without: user_satisfaction is not from 1 to 5",
        "messages: 1 read, 1 taken",
        "rodo_consents: 1 read, 1 taken",
    ] {
        assert!(told.contains(line), "{line} is missing in\n{told}");
    }
    let database = Connection::open(data.join("novahouse.db")).unwrap();
    let (lang, at_ms): (String, i64) = database
        .query_row("SELECT lang, created_at_ms FROM messages", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    // 20:00:01 UTC
    assert_eq!((&*lang, at_ms), ("de", 1_763_496_001_000));
    drop(database);

    let email = "anna.stara@example.com";
    let erased = rodo(data, &["erase", email, "--confirm"]);
    assert!(erased.status.success(), "{}", erased.stderr);
    let told = import();
    assert!(told.contains("erased again: 1"), "{told}");
    assert!(!rodo(data, &["find", email]).status.success());
}

#[test]
fn what_is_no_file_of_2_3_and_a_folder_a_server_holds_are_refused() {
    let elsewhere = process::empty_folder();
    let app = old_database(elsewhere.path());
    let no_file = elsewhere.path().join("notes.txt");
    let refused = |bytes: &[u8], why: &str| {
        let empty = process::empty_folder();
        fs::write(&no_file, bytes).unwrap();
        let arguments = ["--v23", no_file.to_str().unwrap()];
        failed(&command(empty.path(), &["import"], &arguments), why);
        assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "{why}");
    };
    refused(
        b"dear diary",
        "no database and no JSON export of NovaHouse 2.3",
    );
    refused(b"SQLite format 3\0 or so", "no database and no JSON export");
    refused(b"{\"recipes\": [{\"id\": 1}]}", "holds none of its tables");
    refused(b"", "no such JSON");
    let server = Server::start();
    let holder = format!("in use by process {}", server.pid());
    let arguments = ["--v23", &app];
    failed(&command(server.data(), &["import"], &arguments), &holder);
    // Only looking changes nothing, so that may be done beside it.
    let dry = command(server.data(), &["import"], &["--v23", &app, "--dry-run"]);
    assert!(printed(dry).contains(COUNTS[0]));
}
