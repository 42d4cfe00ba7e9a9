//! Rights over personal data: finding, handing out, erasing everywhere, asking for oneself, retention, who may.

use std::fs;
use std::path::Path;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::bookings::{free_times, wish};
use crate::mail_server::MailServer;
use crate::notify::{env, outbox};
use crate::process::{self, novahouse};
use crate::support::{Actor, Server, send, text, until};
use crate::uploads::{part, png};

pub const NAME: &str = "Zdzisława Brzęczyszczykiewicz";
pub const EMAIL: &str = "zdzislawa.unikat@example.com";
pub const PHONE: &str = "601 202 303";
pub const SAID: &str = "ananasowa kuchnia z mozaiką";
const NOTED_BY_TEAM: &str = "oddzwonić w sprawie akwarium";
pub const NOTED: &str = "dzwonić po południu w sprawie parapetów";

pub fn who(identifier: &str) -> Value {
    json!({ "user_identifier": identifier })
}

pub async fn lead(server: &Server, name: &str, email: &str, session: Option<&str>) -> Value {
    let lead = json!({"name": name, "email": email, "phone": PHONE, "session_id": session, "message": SAID});
    let answer = server.anon().post("/api/leads", &lead).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// Somebody with a chat, a consent, a picture, a lead, a visit and letters; answers their session.
pub async fn somebody(server: &Server) -> String {
    let visitor = server.anon();
    let session = visitor.session().await;
    visitor.say(&session, SAID).await;
    let consent =
        json!({"session_id": session, "purpose": "email_marketing", "text_version": "2026-11"});
    visitor
        .post("/api/chatbot/rodo-consent", &consent)
        .await
        .ok();
    let form = Form::new()
        .text("session_id", session.clone())
        .part("file", part("zdzislawa-salon.png", png(40, 30, 200)));
    let request = visitor.request(Method::POST, "/api/chatbot/attachments");
    send(request.multipart(form)).await.ok();
    lead(server, NAME, EMAIL, Some(&session)).await;
    book(server, NAME, EMAIL, 0).await;
    session
}

async fn book(server: &Server, name: &str, email: &str, at: usize) -> Value {
    let visitor = server.anon();
    let free = free_times(&visitor, "").await;
    let mut wish = wish(&free[at]);
    for (field, value) in [
        ("client_name", name),
        ("client_email", email),
        ("client_phone", PHONE),
        ("notes", NOTED),
    ] {
        wish[field] = value.into();
    }
    let answer = visitor.post("/api/booking/create", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

pub async fn all_sent(server: &Server) {
    until("every letter left", async || {
        outbox(server, "state=pending").await.is_empty()
    })
    .await;
}

/// The files below a folder that hold a text.
pub fn files_with(folder: &Path, wanted: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, wanted));
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            if memchr::memmem::find(&bytes, wanted.as_bytes()).is_some() {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

pub fn rodo(data: &Path, arguments: &[&str]) -> process::Ended {
    let mut command = novahouse(&["rodo"]);
    command.args(arguments).arg("--data").arg(data);
    process::run(command, b"")
}

pub async fn erase(owner: &Actor, identifier: &str) -> Value {
    let body = json!({"user_identifier": identifier, "confirm": true});
    owner.post("/api/rodo/delete", &body).await.ok()
}

#[tokio::test]
async fn a_person_is_handed_out_whole_and_erased_everywhere_and_another_with_the_same_phone_stays()
{
    let mail = MailServer::start();
    let mut server = Server::start_with(&env(mail.port()));
    let session = somebody(&server).await;
    all_sent(&server).await;
    let owner = server.owner();
    let leads = owner.get("/api/leads").await.ok();
    let note = json!({"note": NOTED_BY_TEAM});
    let notes = format!("/api/leads/{}/notes", leads[0]["id"]);
    assert_eq!(owner.post(&notes, &note).await.status, 201);

    let export = owner.post("/api/rodo/export", &who(EMAIL)).await.ok();
    let data = &export["data"]["data"];
    assert_eq!(data["personal_info"]["names"], json!([NAME]));
    assert_eq!(data["personal_info"]["session_ids"], json!([session]));
    for (kind, count) in [
        ("leads", 1),
        ("bookings", 1),
        ("chat_sessions", 1),
        ("consents", 1),
        ("uploads", 1),
    ] {
        assert_eq!(
            data[kind].as_array().unwrap().len(),
            count,
            "{kind}: {data}"
        );
    }
    assert!(!data["letters"].as_array().unwrap().is_empty());
    assert!(data["chat_sessions"][0].to_string().contains(SAID));
    assert_eq!(data["leads"][0]["team_notes"][0]["note"], NOTED_BY_TEAM);
    let changes = data["leads"][0]["history"].to_string();
    assert!(changes.contains("consultation_booked"), "{changes}");
    let zip = owner
        .post("/api/rodo/export/zip?lang=de", &who(EMAIL))
        .await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    assert_eq!(zip.len(), 3, "data, page and picture");
    let mut page = String::new();
    let mut entry = zip.by_name("index.html").unwrap();
    std::io::Read::read_to_string(&mut entry, &mut page).unwrap();
    assert!(page.contains("Ihre Daten") && page.contains(SAID), "{page}");

    // By the phone they share it is not said silently who is meant.
    book(&server, "Jan Drugi", "jan.drugi@example.com", 7).await;
    let refused = owner.post("/api/rodo/export", &who(PHONE)).await;
    let choices = refused.refused(409, "several_people")["choices"].clone();
    assert_eq!(choices.as_array().unwrap().len(), 2, "{choices}");
    all_sent(&server).await;

    let erased = erase(&owner, EMAIL).await;
    for kind in ["leads", "bookings", "sessions", "consents", "uploads"] {
        assert_eq!(erased["deleted"][kind], 1, "{kind}: {erased}");
    }
    let receipt = format!("/api/rodo/receipts/{}", text(&erased["receipt_id"]));
    until("the last copy is gone", async || {
        owner.get(&receipt).await.ok()["completed_at"].is_string()
    })
    .await;
    owner
        .post("/api/rodo/export", &who(EMAIL))
        .await
        .refused(404, "person_not_found");
    let left = owner.post("/api/rodo/find", &who(PHONE)).await.ok();
    assert_eq!(left["names"], json!(["Jan Drugi"]));
    assert_eq!(left["found"]["bookings"], 1);

    until("pictures are gone", async || {
        files_with(&server.data().join("uploads"), "IHDR").is_empty()
    })
    .await;
    let data = server.data().to_owned();
    let beside = rodo(
        &data,
        &[
            "check",
            EMAIL,
            "--text",
            "Brzęczyszczykiewicz",
            "--text",
            &session,
        ],
    );
    assert!(
        beside.stdout.starts_with("nothing stands anywhere"),
        "{}{}",
        beside.stdout,
        beside.stderr
    );
    server.stop();
    for wanted in [
        EMAIL,
        "Brzęczyszczykiewicz",
        "brzeczyszczykiewicz",
        SAID,
        &session,
        "zdzislawa",
    ] {
        assert_eq!(files_with(&data, wanted), [""; 0], "{wanted}");
    }
    let log = server.log();
    assert!(!log.contains(EMAIL) && !log.contains("Brzęcz"), "{log}");
    let verified = process::run(
        {
            let mut command = novahouse(&["audit", "verify", "--data"]);
            command.arg(&data);
            command
        },
        b"",
    );
    assert!(verified.status.success(), "{}", verified.stderr);
}

#[tokio::test]
async fn the_command_line_finds_hands_out_and_erases_without_a_server_and_only_when_told_twice() {
    let mut server = Server::start();
    somebody(&server).await;
    server.stop();
    let data = server.data().to_owned();
    let found = rodo(&data, &["find", EMAIL]);
    assert!(
        found.stdout.contains("1 leads"),
        "{}{}",
        found.stdout,
        found.stderr
    );
    let zip = data.join("export.zip");
    let out = zip.to_str().unwrap();
    let exported = rodo(&data, &["export", EMAIL, "--out", out]);
    assert!(exported.status.success(), "{}", exported.stderr);
    let twice = rodo(&data, &["export", EMAIL, "--out", out]);
    assert!(!twice.status.success(), "a file was overwritten");
    let checked = rodo(&data, &["check", EMAIL]);
    assert!(
        checked.stdout.contains("stands in export.zip"),
        "{}",
        checked.stdout
    );
    assert!(
        checked.stdout.contains("stands in leads.email"),
        "{}",
        checked.stdout
    );
    fs::remove_file(&zip).unwrap();
    assert!(!rodo(&data, &["erase", EMAIL]).status.success());
    let erased = rodo(&data, &["erase", EMAIL, "--confirm"]);
    assert!(
        erased.stdout.contains("receipt"),
        "{}{}",
        erased.stdout,
        erased.stderr
    );
    let checked = rodo(&data, &["check", EMAIL, "--text", "Brzęczyszczykiewicz"]);
    assert!(
        checked.stdout.starts_with("nothing stands anywhere"),
        "{}",
        checked.stdout
    );
    assert_eq!(files_with(&data, "IHDR"), [""; 0]);
    assert!(!rodo(&data, &["erase", EMAIL, "--confirm"]).status.success());
}

async fn ask(server: &Server, identifier: &str, kind: &str) -> Value {
    let body = json!({"identifier": identifier, "kind": kind, "lang": "pl"});
    let answer = server.anon().post("/api/rodo/request", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()
}

/// The code in the newest letter to an address.
async fn code(mail: &MailServer, letters: usize) -> String {
    let mut code = String::new();
    until("the code came", async || {
        let codes: Vec<String> = mail
            .letters_to(EMAIL)
            .iter()
            .filter_map(|letter| {
                let letter = text(&letter["text"]);
                let mut numbers = letter.split(|c: char| !c.is_ascii_digit());
                numbers.find(|number| number.len() == 6).map(str::to_owned)
            })
            .collect();
        code = codes.last().cloned().unwrap_or_default();
        codes.len() == letters
    })
    .await;
    code
}

async fn confirm(server: &Server, request: &Value, code: &str) -> crate::support::Answer {
    let body = json!({"request_id": request["request_id"], "code": code});
    server.anon().post("/api/rodo/confirm", &body).await
}

#[tokio::test]
async fn whoever_reads_the_code_gets_their_data_once_or_is_erased_and_nobody_learns_who_is_known() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let created = json!({"name": NAME, "email": EMAIL});
    let answer = server.anon().post("/api/leads", &created).await;
    assert_eq!(answer.status, 201);
    all_sent(&server).await;
    let before = mail.letters_to(EMAIL).len();

    let known = ask(&server, EMAIL, "export").await;
    let unknown = ask(&server, "nikt@example.com", "export").await;
    assert_eq!(known["message"], unknown["message"]);
    let right = code(&mail, 1).await;
    confirm(&server, &unknown, &right)
        .await
        .refused(403, "wrong_code");
    let confirmed = confirm(&server, &known, &right).await.ok();
    let link = text(&confirmed["download_url"]);
    let zip = server.anon().get(&link).await;
    assert_eq!((zip.status, &zip.body[..2]), (200, b"PK".as_slice()));
    server.anon().get(&link).await.refused(410, "link_gone");
    confirm(&server, &known, &right)
        .await
        .refused(403, "wrong_code");

    let request = ask(&server, EMAIL, "delete").await;
    let right = code(&mail, 2).await;
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..5 {
        confirm(&server, &request, wrong)
            .await
            .refused(403, "wrong_code");
    }
    confirm(&server, &request, &right)
        .await
        .refused(403, "wrong_code");

    let request = ask(&server, EMAIL, "delete").await;
    let right = code(&mail, 3).await;
    let done = confirm(&server, &request, &right).await.ok();
    assert_eq!(done["deleted"]["leads"], 1);
    let owner = server.owner();
    owner
        .post("/api/rodo/find", &who(EMAIL))
        .await
        .refused(404, "person_not_found");
    assert_eq!(mail.letters_to(EMAIL).len(), before + 3);
    assert!(mail.letters_to("nikt@").is_empty());
}

#[tokio::test]
async fn identifiers_that_name_nobody_are_refused_and_nothing_is_lost() {
    let server = Server::start();
    lead(&server, NAME, EMAIL, None).await;
    let (owner, anon) = (server.owner(), server.anon());
    let long = "a".repeat(10_000);
    for text in [
        "",
        "%",
        "_",
        "' OR '1'='1",
        "x'; DROP TABLE leads;--",
        "@",
        &long,
        "12",
    ] {
        let body = json!({"user_identifier": text, "confirm": true});
        for path in ["export", "delete", "find"] {
            let answer = owner.post(&format!("/api/rodo/{path}"), &body).await;
            if text == "_" {
                answer.refused(404, "person_not_found");
            } else {
                answer.refused(422, "invalid_identifier");
            }
        }
        let request = json!({"identifier": text, "kind": "delete"});
        anon.post("/api/rodo/request", &request)
            .await
            .refused(422, "invalid_identifier");
    }
    let unconfirmed = json!({"user_identifier": EMAIL});
    owner
        .post("/api/rodo/delete", &unconfirmed)
        .await
        .refused(422, "not_confirmed");
    for token in ["x", "..%2F..", &"a".repeat(500)] {
        let answer = anon.get(&format!("/api/rodo/download/{token}")).await;
        assert!([404, 410].contains(&answer.status), "{}", answer.text());
    }
    assert_eq!(
        owner.post("/api/rodo/find", &who(EMAIL)).await.ok()["found"]["leads"],
        1
    );
}

#[tokio::test]
async fn a_hold_keeps_a_person_until_it_is_released_and_consents_are_told() {
    let server = Server::start();
    somebody(&server).await;
    let owner = server.owner();
    let consent = owner
        .post("/api/rodo/consent/check", &json!({"email": EMAIL}))
        .await
        .ok();
    assert_eq!(consent["consent"]["marketing"], true, "{consent}");
    let nobody = json!({"email": "nikt@example.com"});
    let none = owner.post("/api/rodo/consent/check", &nobody).await.ok();
    assert_eq!(
        (&none["has_consent"], &none["consent"]),
        (&json!(false), &Value::Null)
    );

    let hold = json!({"user_identifier": EMAIL, "reason": "Spór 12/2026"});
    let id = owner.post("/api/rodo/holds", &hold).await.ok()["id"].clone();
    let body = json!({"user_identifier": EMAIL, "confirm": true});
    owner
        .post("/api/rodo/delete", &body)
        .await
        .refused(409, "legal_hold");
    let path = format!("/api/rodo/holds/{id}");
    owner.delete(&path).await.ok();
    owner.delete(&path).await.refused(404, "hold_not_found");
    assert_eq!(erase(&owner, EMAIL).await["deleted"]["leads"], 1);
}

#[tokio::test]
async fn what_is_kept_where_and_how_long_is_told_and_a_preview_changes_nothing() {
    let server = Server::start();
    let owner = server.owner();
    let inventory = owner.get("/api/rodo/inventory").await.ok();
    assert!(inventory["count"].as_u64().unwrap() > 200);
    let register = owner.get("/api/rodo/register").await.ok();
    assert!(!text(&register["controller"]["name"]).is_empty());
    let rules = owner.get("/api/rodo/retention").await.ok();
    let change =
        |preview: bool| json!({"rules": [{"class": "leads", "days": 30}], "preview": preview});
    let leads = |answer: &Value| {
        let rules = answer["rules"].as_array().unwrap();
        rules.iter().find(|rule| rule["class"] == "leads").unwrap()["days"].clone()
    };
    assert_eq!(
        leads(&owner.put("/api/rodo/retention", &change(true)).await.ok()),
        30
    );
    assert_eq!(owner.get("/api/rodo/retention").await.ok(), rules);
    owner.put("/api/rodo/retention", &change(false)).await.ok();
    assert_eq!(leads(&owner.get("/api/rodo/retention").await.ok()), 30);
    let wrong = json!({"rules": [{"class": "leads", "days": 1}]});
    owner
        .put("/api/rodo/retention", &wrong)
        .await
        .refused(422, "invalid_value");
    let audit = owner
        .get("/api/chatbot/audit?action=settings_changed")
        .await
        .ok();
    assert_eq!(audit["total"], 1);
    assert_eq!(
        owner.get("/api/chatbot/audit/verify").await.ok()["is_whole"],
        true
    );
}
