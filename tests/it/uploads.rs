//! Pictures as visitors and the team send, see and remove them.

use std::fs;
use std::path::Path;

use reqwest::header::{ACCEPT, IF_NONE_MATCH, RANGE};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::clamd::{Clamd, SIGNATURE, eicar};
use crate::support::{Actor, Answer, Server, send, text, until, uuid};

/// A PNG of one colour, the left half darker.
pub fn png(width: u32, height: u32, red: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            if at % width < width / 2 {
                [red / 2, 10, 20]
            } else {
                [red, 10, 20]
            }
        })
        .collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A JPEG whose EXIF says that it lies on its side (6: turn it by 90° clockwise).
fn lying_jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut plain = Vec::new();
    let pixels = vec![120; usize::from(width) * usize::from(height) * 3];
    let encoder = jpeg_encoder::Encoder::new(&mut plain, 90);
    encoder
        .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS-OF-A-FLAT";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat()
}

pub fn part(name: &str, bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name(name.to_owned())
}

pub async fn upload(by: &Actor, form: Form) -> Answer {
    send(
        by.request(Method::POST, "/api/upload/image")
            .multipart(form),
    )
    .await
}

/// The picture of an upload that is taken.
pub async fn taken(by: &Actor, name: &str, bytes: Vec<u8>) -> Value {
    upload(by, Form::new().part("file", part(name, bytes)))
        .await
        .ok()["data"]
        .clone()
}

/// Everything in the folder of stored files.
fn stored(server: &Server) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(entry.path().display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(&server.data().join("uploads"), &mut found);
    found
}

async fn fetch(by: &Actor, url: &Value, headers: &[(&str, &str)]) -> Response {
    let mut request = by.request(Method::GET, &text(url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_photo_comes_back_upright_in_four_sizes_without_what_its_camera_wrote_into_it() {
    let server = Server::start();
    let data = taken(&server.anon(), "IMG 1.jpg", lying_jpeg(2400, 1200)).await;
    for (size, dimensions) in [
        ("original", "1200x2400"),
        ("thumbnail", "75x150"),
        ("medium", "400x800"),
        ("large", "960x1920"),
    ] {
        assert_eq!(data[size]["dimensions"], dimensions, "{data}");
        assert_eq!(data[size]["content_type"], "image/jpeg");
        let got = fetch(&server.anon(), &data[size]["url"], &[]).await;
        let bytes = got.bytes().await.unwrap();
        assert_eq!(bytes.len() as u64, data[size]["size"].as_u64().unwrap());
        assert!(bytes.starts_with(b"\xff\xd8\xff"));
        assert!(!bytes.windows(7).any(|part| part == b"GPS-OF-"), "{size}");
    }
    let metadata = &data["metadata"];
    assert_eq!(metadata["original_filename"], "IMG 1.jpg");
    assert_eq!(metadata["folder"], "general");
    assert!(text(&metadata["session_id"]).starts_with("nh_"), "{data}");
    assert!(!text(&metadata["placeholder"]).is_empty());
}

#[tokio::test]
async fn a_file_is_served_so_that_it_can_do_no_harm_and_need_not_be_fetched_twice() {
    let server = Server::start();
    let visitor = server.anon();
    let data = taken(&visitor, "plan.png", png(900, 600, 200)).await;
    let url = &data["original"]["url"];
    let whole = fetch(&visitor, url, &[]).await;
    assert_eq!(whole.status(), 200);
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("accept-ranges", "bytes"),
        ("vary", "Accept"),
    ] {
        assert_eq!(header(&whole, name), value, "{name}");
    }
    let policy = header(&whole, "content-security-policy");
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    let etag = header(&whole, "etag");
    let bytes = whole.bytes().await.unwrap();

    let known = fetch(&visitor, url, &[(IF_NONE_MATCH.as_str(), &etag)]).await;
    assert_eq!(
        (known.status().as_u16(), known.bytes().await.unwrap().len()),
        (304, 0)
    );
    let part = fetch(&visitor, url, &[(RANGE.as_str(), "bytes=10-19")]).await;
    assert_eq!(part.status(), 206);
    assert_eq!(
        header(&part, "content-range"),
        format!("bytes 10-19/{}", bytes.len())
    );
    assert_eq!(part.bytes().await.unwrap(), bytes[10..20]);
    let last = fetch(&visitor, url, &[(RANGE.as_str(), "bytes=-5")]).await;
    assert_eq!(last.bytes().await.unwrap(), bytes[bytes.len() - 5..]);
    let beyond = fetch(&visitor, url, &[(RANGE.as_str(), "bytes=99999999-")]).await;
    assert_eq!(beyond.status(), 416);
    let stale = [(RANGE.as_str(), "bytes=10-19"), ("if-range", "\"another\"")];
    assert_eq!(fetch(&visitor, url, &stale).await.status(), 200);
    let head = visitor
        .request(Method::HEAD, &text(url))
        .send()
        .await
        .unwrap();
    assert_eq!(header(&head, "content-length"), bytes.len().to_string());
    assert_eq!(
        visitor
            .request(Method::DELETE, &text(url))
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
    for wrong in [
        "/uploads/x",
        "/uploads/..%2f..%2fnovahouse.db",
        "/uploads/%2e%2e%2fsecrets.json",
        "/uploads/00000000000000000000000000000000-0000000000000000.png",
    ] {
        assert_eq!(visitor.get(wrong).await.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn a_browser_that_takes_webp_gets_it_where_the_owner_wants_it_and_it_is_smaller() {
    let server = Server::start_with(&[("NOVAHOUSE_UPLOAD_WEBP", "on")]);
    let visitor = server.anon();
    let data = taken(&visitor, "a.jpg", lying_jpeg(1200, 900)).await;
    let url = &data["medium"]["url"];
    let webp = fetch(
        &visitor,
        url,
        &[(ACCEPT.as_str(), "image/avif,image/webp,*/*")],
    )
    .await;
    assert_eq!(header(&webp, "content-type"), "image/webp");
    assert_eq!(header(&webp, "vary"), "Accept");
    let jpeg = fetch(&visitor, url, &[(ACCEPT.as_str(), "image/*")]).await;
    assert_eq!(header(&jpeg, "content-type"), "image/jpeg");
    assert_ne!(header(&webp, "etag"), header(&jpeg, "etag"));
}

#[tokio::test]
async fn the_same_content_lies_on_the_disk_once_and_goes_with_the_last_that_refers_to_it() {
    let server = Server::start();
    let agent = server.agent();
    let first = taken(&agent, "a.png", png(300, 200, 90)).await;
    let files = stored(&server).len();
    let second = taken(&agent, "b.png", png(300, 200, 90)).await;
    assert_eq!(stored(&server).len(), files);
    assert_ne!(first["original"]["url"], second["original"]["url"]);

    let by_id = json!({"id": first["metadata"]["id"]});
    agent.post("/api/upload/delete", &by_id).await.ok();
    assert_eq!(
        agent.get(&text(&first["original"]["url"])).await.status,
        404
    );
    let got = fetch(&agent, &second["original"]["url"], &[]).await;
    assert_eq!(got.status(), 200);
    let by_path = json!({"filepath": second["thumbnail"]["url"]});
    agent.post("/api/upload/delete", &by_path).await.ok();
    until("its files are gone", async || stored(&server).is_empty()).await;
    assert_eq!(agent.post("/api/upload/delete", &by_path).await.status, 404);
}

#[tokio::test]
async fn nothing_but_pictures_can_be_deleted_and_by_agents_alone() {
    let server = Server::start();
    let agent = server.agent();
    let database = server.data().join("novahouse.db");
    for path in [
        "../novahouse.db",
        "/uploads/../../novahouse.db",
        "..\\..\\novahouse.db",
        "/etc/passwd",
        "/uploads/",
        "uploads/%2e%2e/novahouse.db",
        "\0",
        "",
    ] {
        let answer = agent
            .post("/api/upload/delete", &json!({"filepath": path}))
            .await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    assert!(database.exists());
    for body in [json!({}), json!({"id": 1, "filepath": "/uploads/x"})] {
        assert_eq!(agent.post("/api/upload/delete", &body).await.status, 422);
    }
    assert_eq!(
        agent
            .post("/api/upload/delete", &json!({"id": 99}))
            .await
            .status,
        404
    );
    let anon = server.anon();
    assert_eq!(
        anon.post("/api/upload/delete", &json!({"id": 1}))
            .await
            .status,
        401
    );
    assert_eq!(anon.get("/api/upload/list").await.status, 401);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_with_its_reason_and_leaves_nothing() {
    let server = Server::start();
    let visitor = server.anon();
    let whole = lying_jpeg(600, 400);
    let mut bomb = lying_jpeg(64, 64);
    // The frame header declares 65,000 pixels a side.
    let at = bomb.windows(2).position(|two| two == [0xff, 0xc0]).unwrap() + 5;
    bomb[at..at + 4].copy_from_slice(&[0xfd, 0xe8, 0xfd, 0xe8]);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic-----".to_vec();
    for (name, bytes, status, code) in [
        (
            "a.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            415,
            "not_a_picture",
        ),
        ("a.pdf", b"%PDF-1.7 whatever".to_vec(), 415, "not_a_picture"),
        (
            "a.jpg",
            b"<html><script>alert(1)</script>".to_vec(),
            415,
            "not_a_picture",
        ),
        ("IMG_1.HEIC", heic, 415, "heic"),
        ("a.png", whole.clone(), 415, "mismatch"),
        ("a.jpg", Vec::new(), 422, "empty"),
        ("a.jpg", whole[..whole.len() / 2].to_vec(), 422, "damaged"),
        ("a.jpg", bomb, 422, "too_long"),
        ("a.jpg", vec![0xff; (10 << 20) + 1], 413, "too_large"),
        ("a.jpg", vec![0xff; 12 << 20], 413, "too_large"),
    ] {
        let answer = upload(&visitor, Form::new().part("file", part(name, bytes))).await;
        let told = answer.json();
        assert_eq!(
            (answer.status, &told["code"]),
            (status, &json!(code)),
            "{name}: {told}"
        );
        assert!(text(&told["error"]).len() > 10);
    }
    assert_eq!(stored(&server), Vec::<String>::new());
    let list = server.agent().get("/api/upload/list").await.ok();
    assert_eq!(list["total"], 0);
}

#[tokio::test]
async fn forms_that_are_none_and_folders_that_lead_elsewhere_are_refused() {
    let server = Server::start();
    let visitor = server.anon();
    let picture = || part("a.png", png(20, 20, 50));
    for form in [
        Form::new().part("picture", picture()),
        Form::new().text("file", "no file"),
        Form::new(),
    ] {
        let answer = upload(&visitor, form).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("malformed_form"))
        );
    }
    let post = || visitor.request(Method::POST, "/api/upload/image");
    let open = post()
        .header("content-type", "multipart/form-data; boundary=x")
        .body("--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nand no end");
    assert_eq!(send(open).await.status, 400);
    assert_eq!(send(post().body("{}")).await.status, 415);
    let long = "a".repeat(300);
    for folder in [
        "../x", "a/../b", "/etc", "a//b", "a\\b", "con", "LPT1", "a\0b", "ą", &long, "",
    ] {
        let form = Form::new()
            .text("folder", folder.to_owned())
            .part("file", picture());
        let answer = upload(&visitor, form).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (422, &json!("invalid_folder")),
            "{folder}"
        );
    }
    let form = Form::new()
        .text("variants", "perhaps")
        .part("file", picture());
    assert_eq!(upload(&visitor, form).await.status, 422);
    assert_eq!(stored(&server), Vec::<String>::new());

    let form = Form::new()
        .text("folder", "portfolio/gdansk")
        .text("variants", "false")
        .part("file", picture());
    let plain = upload(&server.agent(), form).await.ok();
    assert_eq!(plain["data"]["thumbnail"], Value::Null);
    assert_eq!(plain["data"]["metadata"]["folder"], "portfolio/gdansk");
    let agent = server.agent();
    assert_eq!(
        agent
            .get("/api/upload/list?folder=portfolio/gdansk")
            .await
            .ok()["total"],
        1
    );
    assert_eq!(
        agent.get("/api/upload/list?folder=general").await.ok()["total"],
        0
    );
}

#[tokio::test]
async fn of_several_files_each_is_taken_or_refused_by_itself() {
    let server = Server::start();
    let visitor = server.anon();
    let many = async |files: Vec<Part>| {
        let form = files
            .into_iter()
            .fold(Form::new(), |form, file| form.part("files[]", file));
        send(
            visitor
                .request(Method::POST, "/api/upload/multiple")
                .multipart(form),
        )
        .await
    };
    let good = || part("a.png", png(20, 20, 50));
    let bad = || part("b.png", b"text".to_vec());
    let answer = many(vec![good(), bad()]).await.ok();
    assert_eq!(answer["success"], true);
    assert_eq!(answer["results"][0]["success"], true);
    assert_eq!(
        (
            &answer["results"][1]["filename"],
            &answer["results"][1]["code"]
        ),
        (&json!("b.png"), &json!("not_a_picture"))
    );
    let none = many(vec![bad(), bad()]).await;
    let told = none.refused(422, "no_picture_taken");
    assert!(text(&told["details"]["files[1]"]).contains("PNG"), "{told}");
    let eleven = many((0..11).map(|_| good()).collect()).await;
    assert_eq!(
        (eleven.status, &eleven.json()["code"]),
        (422, &json!("too_many_files"))
    );
    assert_eq!(many(Vec::new()).await.status, 400);
}

#[tokio::test]
async fn a_visitor_has_room_for_so_many_pictures_and_everybody_for_so_much() {
    let server = Server::start_with(&[("NOVAHOUSE_UPLOAD_SESSION_FILES", "2")]);
    let visitor = server.anon();
    let session = visitor.session().await;
    let send_one = async |red: u8| {
        let form = Form::new().text("session_id", session.clone());
        upload(&visitor, form.part("file", part("a.png", png(20, 20, red)))).await
    };
    assert_eq!(send_one(1).await.status, 200);
    assert_eq!(send_one(2).await.status, 200);
    let third = send_one(3).await;
    assert_eq!(
        (third.status, &third.json()["code"]),
        (422, &json!("session_files"))
    );
    assert_eq!(
        upload(
            &visitor,
            Form::new().part("file", part("a.png", png(20, 20, 4)))
        )
        .await
        .status,
        200
    );
}

#[tokio::test]
async fn a_client_that_stops_half_way_or_trickles_is_let_go_and_leaves_nothing() {
    let server = Server::start_with(&[("NOVAHOUSE_BODY_TIMEOUT_S", "1")]);
    let head = "POST /api/upload/image HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=x\r\n\
        content-length: 500000\r\n\r\n--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n";
    let mut trickling = TcpStream::connect(server.address()).await.unwrap();
    trickling.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    trickling.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("body_timeout"),
        "{answer}"
    );

    let mut gone = TcpStream::connect(server.address()).await.unwrap();
    gone.write_all(head.as_bytes()).await.unwrap();
    drop(gone);
    taken(&server.anon(), "a.png", png(20, 20, 1)).await;
    let list = server.agent().get("/api/upload/list").await.ok();
    assert_eq!(list["total"], 1);
}

#[tokio::test]
async fn a_file_the_scanner_finds_something_in_is_refused_and_written_into_the_audit_log() {
    let clamd = Clamd::start();
    let server = Server::start_with(&[("CLAMD_ADDRESS", &clamd.address())]);
    let visitor = server.anon();
    let infected = [lying_jpeg(64, 64), eicar()].concat();
    let answer = upload(&visitor, Form::new().part("file", part("a.jpg", infected))).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (422, &json!("infected"))
    );
    taken(&visitor, "a.jpg", lying_jpeg(64, 64)).await;
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let found: String = database
        .query_row(
            "SELECT details_json FROM audit_log WHERE action = 'upload_infected'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(found.contains(SIGNATURE), "{found}");
    drop(clamd);
    let down = upload(
        &visitor,
        Form::new().part("file", part("a.jpg", lying_jpeg(64, 64))),
    )
    .await;
    assert_eq!(
        (down.status, &down.json()["code"]),
        (503, &json!("scanner_down"))
    );
}

#[tokio::test]
async fn a_kill_during_uploads_leaves_no_orphan_after_the_next_start() {
    let mut server = Server::start();
    for round in 0..3 {
        let visitor = server.anon();
        let sending: Vec<_> = (0..6)
            .map(|number| {
                let visitor = visitor.clone();
                let bytes = png(1500, 1000, 40 * round + number);
                tokio::spawn(async move {
                    let form = Form::new().part("file", part("a.png", bytes));
                    let post = visitor
                        .request(Method::POST, "/api/upload/image")
                        .multipart(form);
                    post.send().await.is_ok_and(|answer| answer.status() == 200)
                })
            })
            .collect();
        until("something is stored", async || !stored(&server).is_empty()).await;
        server.kill_9();
        let mut acknowledged = 0;
        for sent in sending {
            acknowledged += u64::from(sent.await.unwrap());
        }
        server.restart();
        let agent = server.agent();
        let list = agent.get("/api/upload/list?per_page=200").await.ok();
        assert!(list["total"].as_u64() >= Some(acknowledged), "{list}");
        let referred: std::collections::BTreeSet<u64> = list["uploads"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|upload| {
                ["original", "thumbnail", "medium", "large"]
                    .map(|size| upload[size]["size"].as_u64().unwrap())
            })
            .collect();
        // Every size in bytes is of a file that is listed: what was left over is gone.
        until("orphans are gone", async || {
            let files = stored(&server);
            files
                .iter()
                .all(|path| referred.contains(&fs::metadata(path).map_or(0, |file| file.len())))
        })
        .await;
        for upload in list["uploads"].as_array().unwrap() {
            assert_eq!(
                fetch(&agent, &upload["original"]["url"], &[])
                    .await
                    .status(),
                200
            );
        }
    }
}

async fn send_picture(by: &Actor, form: Form) -> Answer {
    send(
        by.request(Method::POST, "/api/chatbot/attachments")
            .multipart(form),
    )
    .await
}

#[tokio::test]
async fn a_picture_in_a_conversation_is_seen_by_its_visitor_and_the_team_alone() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    let client_id = uuid();
    let form = || {
        Form::new()
            .text("session_id", session.clone())
            .text("client_id", client_id.clone())
            .part("file", part("salon.jpg", lying_jpeg(400, 200)))
    };
    let answer = send_picture(&visitor, form()).await.ok();
    let picture = &answer["message"]["attachments"][0];
    assert_eq!(
        (&picture["width"], &picture["height"]),
        (&json!(200), &json!(400))
    );
    assert_eq!(answer["message"]["message"], "");
    assert!(
        text(&answer["reply"]["message"]).contains("zdjęcie"),
        "{answer}"
    );
    let again = send_picture(&visitor, form()).await.ok();
    assert_eq!(again["message"]["id"], answer["message"]["id"]);
    assert_eq!(agent.get("/api/upload/list").await.ok()["total"], 1);

    let other = visitor.session().await;
    for (headers, status) in [
        (vec![], 404),
        (vec![("x-session-id", other.as_str())], 404),
        (vec![("x-session-id", "abc123")], 404),
        (vec![("x-session-id", session.as_str())], 200),
    ] {
        for size in ["url", "thumbnail"] {
            let got = fetch(&visitor, &picture[size], &headers).await;
            assert_eq!(got.status(), status, "{headers:?}");
        }
    }
    let got = fetch(&agent, &picture["url"], &[]).await;
    assert_eq!(got.status(), 200);
    assert!(header(&got, "cache-control").starts_with("private"));

    let id = &answer["conversation_id"];
    let path = format!("/api/conversations/{id}/attachments");
    let reply = Form::new()
        .text("message", "Tak będzie wyglądać")
        .part("file", part("wizja.png", png(80, 60, 9)));
    let reply = send(agent.request(Method::POST, &path).multipart(reply))
        .await
        .ok();
    let history = visitor.history(&session).await;
    let newest = history.last().unwrap();
    assert_eq!(
        (&newest["id"], &newest["sender"]),
        (&reply["id"], &json!("agent"))
    );
    assert_eq!(newest["message"], "Tak będzie wyglądać");
    let shown = fetch(
        &visitor,
        &newest["attachments"][0]["url"],
        &[("x-session-id", &session)],
    )
    .await;
    assert_eq!(shown.status(), 200);
    let list = agent.get("/api/conversations").await.ok();
    assert!(list.to_string().contains("Tak będzie"), "{list}");

    let export = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(export["uploads"].as_array().unwrap().len(), 2);
    let erase = visitor
        .delete_with(
            "/api/chatbot/delete-my-data",
            &json!({"session_id": session}),
        )
        .await
        .ok();
    assert_eq!(erase["deleted"]["uploads"], 2);
    until("its files are gone", async || stored(&server).is_empty()).await;
    assert_eq!(fetch(&agent, &picture["url"], &[]).await.status(), 404);
}

#[tokio::test]
async fn words_beside_a_picture_are_answered_and_a_weak_session_sends_none() {
    let server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    let form = Form::new()
        .text("session_id", session.clone())
        .text("message", "Ile kosztuje wykończenie mieszkania?")
        .part("file", part("a.png", png(20, 20, 1)));
    let answer = send_picture(&visitor, form).await.ok();
    assert!(
        text(&answer["reply"]["message"]).contains("949"),
        "{answer}"
    );
    assert_eq!(
        answer["message"]["attachments"].as_array().unwrap().len(),
        1
    );
    let weak = Form::new()
        .text("session_id", "abc123")
        .part("file", part("a.png", png(20, 20, 1)));
    let weak = send_picture(&visitor, weak).await;
    assert_eq!(
        (weak.status, &weak.json()["code"]),
        (403, &json!("weak_session_id"))
    );
    let refused = Form::new()
        .text("session_id", session.clone())
        .part("file", part("a.jpg", b"text".to_vec()));
    assert_eq!(send_picture(&visitor, refused).await.status, 415);
    assert_eq!(visitor.history(&session).await.len(), 2);
    assert_eq!(stored(&server).len(), 4, "one picture in four sizes");
}
