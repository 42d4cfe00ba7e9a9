//! Leads as files: what goes out is safe and whole, what comes in is told row by row.

use std::fmt::Write;

use reqwest::Method;
use serde_json::{Value, json};

use crate::leads::{all, create};
use crate::support::{Actor, Answer, Server, send, text};

async fn import(who: &Actor, query: &str, csv: impl Into<Vec<u8>>) -> Answer {
    let request = who.request(Method::POST, &format!("/api/leads/import{query}"));
    send(request.header("Content-Type", "text/csv").body(csv.into())).await
}

/// The rows of an exported file, by the names of its columns.
fn read(answer: &Answer) -> Vec<Value> {
    assert!(answer.header("content-type").starts_with("text/csv"));
    let marked = answer.text();
    let plain = marked.strip_prefix('\u{feff}').expect("no byte order mark");
    let mut reader = csv::Reader::from_reader(plain.as_bytes());
    let names = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let cells = names.iter().zip(row.iter());
        cells
            .map(|(name, cell)| (name.to_owned(), json!(cell)))
            .collect()
    });
    rows.collect()
}

#[tokio::test]
async fn awkward_cells_come_out_whole_and_as_no_formula() {
    let server = Server::start();
    let agent = server.agent();
    let awkward = "=HYPERLINK(\"http://example.com\"; \"a\")\n\"druga\", linia; żółw";
    let body = json!({
        "name": "@Anna", "email": "anna@example.com", "phone": "+48 600 100 200", "message": awkward,
        "location": "-Gdańsk", "additional_info": "=1+1", "utm": {"utm_source": "ulotka"},
        "page_url": "https://novahouse.pl/oferta?x=1", "referrer": "https://www.Google.com/search"
    });
    create(&server.anon(), &body).await;
    create(
        &server.anon(),
        &json!({"name": "Jan", "phone": "600100201"}),
    )
    .await;
    let exported = agent.get("/api/leads/export").await;
    assert_eq!(exported.status, 200);
    assert!(exported.header("content-disposition").contains("leads.csv"));
    let rows = read(&exported);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["name"], "'@Anna");
    assert_eq!(rows[0]["phone"], "'+48 600 100 200");
    assert_eq!(rows[0]["location"], "'-Gdańsk");
    assert_eq!(rows[0]["additional_info"], "'=1+1");
    assert_eq!(rows[0]["message"], format!("'{awkward}"));
    assert_eq!(rows[0]["utm_source"], "ulotka");
    assert_eq!(rows[0]["referrer_host"], "www.google.com");
    assert_eq!(
        (&rows[1]["name"], &rows[1]["email"]),
        (&json!("Jan"), &json!(""))
    );

    let json = agent.get("/api/leads/export?format=json").await;
    assert!(json.header("content-type").starts_with("application/json"));
    let mut listed = all(&server).await;
    listed.reverse();
    assert_eq!(json.json(), Value::from(listed));
    let one = agent
        .get("/api/leads/export?format=json&q=anna")
        .await
        .json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(
        agent
            .get("/api/leads/export?format=json&status=lost")
            .await
            .json(),
        json!([])
    );
    assert_eq!(
        read(&agent.get("/api/leads/export?status=lost").await).len(),
        0
    );
}

#[tokio::test]
async fn what_was_exported_is_imported_as_it_was() {
    let server = Server::start();
    let agent = server.agent();
    let csv = "name,email,phone,package,size,city,budget,message,status,lost reason,tags,notes,date\r\n\
        Anna,anna@example.com,+48 600 100 200,premium,\"62,5\",Gdańsk,150 000 zł,\"Dwie\nlinie, \"\"cytat\"\"\",lost,cena,\"a, b\",Miła,2026-01-31\r\n\
        Jan,,600100201,,,,,=1+1,,,,,\r\n";
    let told = import(&agent, "?dry_run=false", csv).await.ok();
    assert_eq!(
        (&told["created"], &told["failed"]),
        (&json!(2), &json!(0)),
        "{told}"
    );
    let exported = agent.get("/api/leads/export").await;
    let other = Server::start();
    let told = import(&other.agent(), "?dry_run=false", exported.body.clone())
        .await
        .ok();
    assert_eq!(
        (&told["created"], &told["failed"]),
        (&json!(2), &json!(0)),
        "{told}"
    );
    let (before, after) = (all(&server).await, all(&other).await);
    assert_eq!(before.len(), 2);
    for lead in &before {
        let same = after
            .iter()
            .find(|other| other["name"] == lead["name"])
            .unwrap();
        for field in [
            "email",
            "phone",
            "interested_package",
            "property_size",
            "location",
            "budget",
            "message",
            "status",
            "lost_reason",
            "tags",
            "notes",
            "created_at",
            "source",
            "score",
        ] {
            assert_eq!(lead[field], same[field], "{field}");
        }
    }
    let anna = before.iter().find(|lead| lead["name"] == "Anna").unwrap();
    assert_eq!(
        (&anna["property_size"], &anna["budget"]),
        (&json!(62.5), &json!(150_000))
    );
    assert_eq!(anna["message"], "Dwie\nlinie, \"cytat\"");
    assert_eq!(anna["created_at"], "2026-01-30T23:00:00.000Z");
    let again = import(&agent, "?dry_run=false", csv).await.ok();
    assert_eq!(
        (&again["created"], &again["joined"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(all(&server).await, before, "nothing new was said");
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_stores_nothing() {
    let server = Server::start();
    let agent = server.agent();
    create(
        &server.anon(),
        &json!({"name": "Anna", "email": "anna@example.com"}),
    )
    .await;
    let csv = "Imię;Nazwisko;E-mail;Telefon;Kolor\n\
        Anna;Nowak;ANNA@example.com;;\n\
        Jan;;jan@example.com;;zielony\n\
        Jan;;;600100200;\n\
        Jan;;jan@example.com;600100200;\n\
        \n\
        Ewa;;ewa;;\n";
    let expected = json!({
        "success": true, "dry_run": true, "encoding": "utf-8", "delimiter": ";",
        "columns": ["first_name", "last_name", "email", "phone"], "ignored_columns": ["Kolor"],
        "rows": 5, "created": 2, "joined": 2, "failed": 1
    });
    for query in ["", "?dry_run=true"] {
        let told = import(&agent, query, csv).await.ok();
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&told[field], value, "{field}: {told}");
        }
        let error = &told["errors"][0];
        assert_eq!(
            (&error["line"], &error["field"]),
            (&json!(7), &json!("email")),
            "{told}"
        );
        assert_eq!(all(&server).await.len(), 1);
    }
    let told = import(&agent, "?dry_run=false", csv).await.ok();
    assert_eq!((&told["rows"], &told["failed"]), (&json!(5), &json!(1)));
    assert_eq!((&told["created"], &told["joined"]), (&json!(2), &json!(2)));
    assert_eq!(all(&server).await.len(), 3);
}

#[tokio::test]
async fn windows_1250_is_read_and_told() {
    let server = Server::start();
    let agent = server.agent();
    let csv = b"Imi\xea i nazwisko;Telefon\r\n\xa3ucja \xafak;600100200\r\n";
    let told = import(&agent, "?dry_run=false", *csv).await.ok();
    assert_eq!(told["encoding"], "windows-1250");
    assert_eq!(all(&server).await[0]["name"], "Łucja Żak");
    let with_charset = agent
        .request(Method::POST, "/api/leads/import")
        .header("Content-Type", "text/csv; charset=windows-1250")
        .body(csv.to_vec());
    assert_eq!(send(with_charset).await.ok()["joined"], 1);
}

#[tokio::test]
async fn broken_files_are_refused_or_told_row_by_row() {
    let server = Server::start();
    let agent = server.agent();
    let utf16: Vec<u8> = "name,email\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for file in [
        Vec::new(),
        b"\n\n".to_vec(),
        b"hello".to_vec(),
        b"name\nAnna\n".to_vec(),
        b"email\na@example.com\n".to_vec(),
        b"name,email,e-mail\n".to_vec(),
        b"name,email\n\0,\0\n".to_vec(),
        vec![b','; 200],
        utf16,
    ] {
        let refusal = import(&agent, "?dry_run=false", file.clone()).await;
        let refusal = refusal.refused(422, "invalid_file");
        assert!(refusal["details"]["file"].is_string(), "{refusal}");
    }
    agent
        .post("/api/leads/import", &json!({}))
        .await
        .refused(415, "unsupported_media_type");
    let answer = import(&agent, "?dry_run=perhaps", "name,email\n").await;
    answer.refused(422, "invalid_parameter");

    let unclosed =
        "name,email\nAnna,anna@example.com\n\"Jan,jan@example.com\nEwa,ewa@example.com\n";
    let told = import(&agent, "?dry_run=false", unclosed).await.ok();
    assert_eq!(
        (&told["created"], &told["failed"]),
        (&json!(1), &json!(1)),
        "{told}"
    );
    assert_eq!(told["errors"][0]["line"], 3, "{told}");

    let mut many = String::from("name,email\n");
    for n in 0..150 {
        writeln!(many, "Osoba {n},nobody").unwrap();
    }
    many.push_str("Ola,ola@example.com,more\nPiotr\nZofia,zofia@example.com\n");
    let told = import(&agent, "?dry_run=false", many).await.ok();
    assert_eq!(
        (&told["rows"], &told["failed"], &told["created"]),
        (&json!(153), &json!(152), &json!(1))
    );
    assert_eq!(told["errors"].as_array().unwrap().len(), 100);
    assert_eq!(text(&told["errors"][0]["field"]), "email");
    assert_eq!(all(&server).await.len(), 2);
}

#[tokio::test]
async fn a_file_of_many_batches_is_read_whole_and_one_that_is_too_large_is_refused() {
    let server = Server::start();
    let agent = server.agent();
    let mut csv = String::from("name,email\n");
    for n in 0..1_234 {
        writeln!(csv, "Osoba,osoba{n}@example.com").unwrap();
    }
    let told = import(&agent, "?dry_run=false", csv).await.ok();
    assert_eq!(
        (&told["rows"], &told["created"]),
        (&json!(1_234), &json!(1_234))
    );
    let exported = agent.get("/api/leads/export").await;
    assert_eq!(read(&exported).len(), 1_234);
    let request = agent.request(Method::GET, "/api/leads/export");
    let zipped = send(request.header("accept-encoding", "gzip")).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    let mut unzipped = Vec::new();
    let mut gzip = flate2::read::GzDecoder::new(&zipped.body[..]);
    std::io::Read::read_to_end(&mut gzip, &mut unzipped).unwrap();
    assert_eq!(unzipped, exported.body, "compressed on its way");
    let json = agent.get("/api/leads/export?format=json").await.json();
    assert_eq!(json.as_array().unwrap().len(), 1_234);
    let owner = server.owner();
    assert_eq!(
        owner.get("/api/outbox").await.ok()["total"],
        0,
        "no letters are written"
    );

    let mut large = b"name,email\n".to_vec();
    large.resize(64 * 1024 * 1024 + 1, b'x');
    import(&agent, "?dry_run=false", large)
        .await
        .refused(413, "too_large");
    assert_eq!(all(&server).await.len(), 200);
}
