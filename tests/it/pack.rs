//! The knowledge pack as a zip: out of one server, into another.

use std::io::{Cursor, Read, Write};

use reqwest::Method;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::{Actor, Answer, Server, send, text, until};

pub type Files = Vec<(String, Vec<u8>)>;

pub async fn export(who: &Actor) -> Vec<u8> {
    let answer = who.get("/api/knowledge/pack").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/zip");
    answer.body
}

pub async fn import(who: &Actor, zip: Vec<u8>) -> Answer {
    let request = who
        .request(Method::PUT, "/api/knowledge/pack")
        .header("Content-Type", "application/zip");
    send(request.body(zip)).await
}

pub fn unpack(zip: &[u8]) -> Files {
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

pub fn pack(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The pack with one file's text changed.
pub fn with(files: &Files, name: &str, change: impl Fn(&str) -> String) -> Files {
    let mut files = files.clone();
    let (_, bytes) = files.iter_mut().find(|(known, _)| known == name).unwrap();
    let text = change(std::str::from_utf8(bytes).unwrap());
    assert_ne!(text.as_bytes(), bytes.as_slice(), "{name} was not changed");
    *bytes = text.into_bytes();
    files
}

#[tokio::test]
async fn a_pack_goes_from_one_server_to_another_and_comes_back_byte_for_byte() {
    let (one, other) = (Server::start(), Server::start());
    let (from, to) = (one.owner(), other.owner());
    let built_in = export(&from).await;
    assert_eq!(export(&to).await, built_in, "two new servers differ");
    // What only the API can make: unpublished, ordered, with fields of every kind, a notice with another title.
    let document = json!({
        "type": "portfolio", "slug": "made-here", "lang": "de", "title": "Ein „Umbau“", "body": "Zeile 1\nZeile '''2'''",
        "tags": ["a", "b"], "url": "/x", "position": 3, "published": false,
        "fields": {"area_m2": 62.5, "big": 18_446_744_073_709_551_615_u64, "none": null, "deep": {"list": [1, {"x": "{{ phone }}"}]}}
    });
    let made = from.post("/api/knowledge/documents", &document).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let pages = from
        .get("/api/knowledge/documents?type=page&lang=en")
        .await
        .ok();
    let notice = pages["documents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|page| page["slug"] == "privacy")
        .unwrap();
    let mut renamed = notice.clone();
    for read_only in ["id", "created_at", "updated_at"] {
        renamed.as_object_mut().unwrap().remove(read_only);
    }
    renamed["title"] = "How we handle your data".into();
    from.put(
        &format!("/api/knowledge/documents/{}", notice["id"]),
        &renamed,
    )
    .await
    .ok();

    let zip = export(&from).await;
    assert_ne!(zip, built_in);
    let counts = import(&to, zip.clone()).await.ok()["counts"].clone();
    assert_eq!(counts["intents"], 44);
    assert_eq!(export(&to).await, zip, "the pack changed on its way");
    let privacy = other
        .anon()
        .get("/api/knowledge/privacy?lang=en")
        .await
        .ok();
    assert_eq!(privacy["title"], "How we handle your data");
    import(&to, built_in.clone()).await.ok();
    assert_eq!(export(&to).await, built_in);
}

#[tokio::test]
async fn a_new_pack_is_answered_from_at_once_and_after_a_restart_without_training_again() {
    let mut server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let faq = async || visitor.get("/api/knowledge/faq?lang=en").await.text();
    assert!(!faq().await.contains("aquarium"));
    let files = unpack(&export(&owner).await);
    let files = with(&files, "intents.toml", |text| {
        format!(
            "{text}\n[[intent]]\nid = \"aquariums\"\nfollow_ups = [\"price\"]\n\
             title = {{ pl = \"Akwaria\", en = \"Aquariums\", de = \"Aquarien\" }}\n"
        )
    });
    let files = ["pl", "en", "de"].into_iter().fold(files, |files, lang| {
        let files = with(&files, &format!("answers/{lang}.toml"), |text| {
            text.replacen("[intents]", "[intents]\naquariums = \"Aquarium: {{ phone }}\"", 1)
        });
        with(&files, &format!("phrases/{lang}.toml"), |text| {
            format!("aquariums = [\"aquarium\", \"a built-in aquarium\", \"aquarium wall\", \"fish tank aquarium\"]\n{text}")
        })
    });
    let files = with(&files, "documents/en.toml", |text| {
        format!(
            "{text}\n[[document]]\ntype = \"faq\"\nslug = \"faq-aquarium\"\ntitle = \"Do you build an aquarium?\"\nbody = \"Yes.\"\n"
        )
    });
    let counts = import(&owner, pack(&files)).await.ok()["counts"].clone();
    assert_eq!(counts["intents"], 45);

    let answer = visitor
        .say(&visitor.session().await, "a built-in aquarium wall")
        .await;
    assert_eq!(answer["intent"], "aquariums", "{answer}");
    assert!(
        text(&answer["response"]).contains("Aquarium: +48"),
        "{answer}"
    );
    assert!(faq().await.contains("Do you build an aquarium?"));
    server.stop();
    server.restart();
    let visitor = server.anon();
    let answer = visitor
        .say(&visitor.session().await, "a built-in aquarium wall")
        .await;
    assert_eq!(answer["intent"], "aquariums", "{answer}");
    assert!(
        !server.log().contains("training the classifier"),
        "{}",
        server.log()
    );
}

#[tokio::test]
async fn a_changed_document_is_learned_beside_the_old_model_and_the_next_start_is_quick() {
    let mut server = Server::start();
    let document = json!({
        "type": "faq", "slug": "faq-parking", "lang": "en", "title": "Can I park there?", "body": "In front of the building."
    });
    let agent = server.agent();
    let made = agent.post("/api/knowledge/documents", &document).await;
    assert_eq!(made.status, 201);
    let model = server.data().join("nlu-model.bin");
    let before = std::fs::read(&model).unwrap();
    until("the model was trained again", async || {
        std::fs::read(&model).unwrap() != before
    })
    .await;
    server.stop();
    server.restart();
    assert!(
        !server.log().contains("training the classifier"),
        "{}",
        server.log()
    );
}

#[tokio::test]
async fn a_refused_pack_names_its_file_and_changes_nothing() {
    let server = Server::start();
    let owner = server.owner();
    let zip = export(&owner).await;
    let files = unpack(&zip);
    let company = |change: fn(&str) -> String| pack(&with(&files, "company.toml", change));
    let without = |name: &str| {
        let files = files.iter().filter(|(known, _)| known != name);
        pack(&files.cloned().collect())
    };
    let and = |name: &str, bytes: &[u8]| {
        let mut files = files.clone();
        files.push((name.to_owned(), bytes.to_vec()));
        pack(&files)
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"no zip at all".to_vec(), "zip"),
        (Vec::new(), "zip"),
        (zip[..zip.len() / 2].to_vec(), "zip"),
        (without("answers/de.toml"), "answers/de.toml"),
        (and("readme.txt", b"hello"), "readme.txt"),
        (and("../company.toml", b"x"), "../company.toml"),
        (and("/company.toml", b"x"), "/company.toml"),
        (
            and("privacy/bomb.md", &vec![b' '; 20 * 1024 * 1024]),
            "privacy/bomb.md",
        ),
        (
            company(|text| format!("{text}\nmotto = \"x\"\n")),
            "company.toml",
        ),
        (
            company(|text| text.replace("NovaHouse", "Nova\nHouse")),
            "company.toml",
        ),
        (
            company(|text| text.replace("Europe/Warsaw", "Mars/Olympus")),
            "company.toml",
        ),
        (
            pack(&with(&files, "answers/en.toml", |text| {
                text.replacen("{{ price_min }}", "{{ no_such_fact }}", 1)
            })),
            "answers/en.toml",
        ),
        (
            pack(&with(&files, "documents/pl.toml", |text| {
                text.replacen("{{ price_min }}", "{{ price_min", 1)
            })),
            "documents/pl.toml",
        ),
        (
            pack(&with(&files, "intents.toml", |text| {
                text.replacen("\"price\"", "\"no_such_intent\"", 1)
            })),
            "intents.toml",
        ),
        (
            pack(&with(&files, "phrases/en.toml", |_| {
                "price = [\"how much\"]".into()
            })),
            "phrases",
        ),
    ];
    for (zip, file) in cases {
        let problem = import(&owner, zip).await.refused(422, "invalid_pack");
        assert!(
            problem["details"][file].is_string(),
            "{file} is not named: {problem}"
        );
        assert!(text(&problem["error"]).contains(file), "{problem}");
    }
    assert_eq!(
        export(&owner).await,
        zip,
        "a refused pack changed something"
    );
}

#[tokio::test]
async fn only_owners_move_packs_and_larger_bodies_than_any_json() {
    let server = Server::start();
    let (owner, agent, anon) = (server.owner(), server.agent(), server.anon());
    agent
        .get("/api/knowledge/pack")
        .await
        .refused(403, "role_required");
    import(&agent, b"x".to_vec())
        .await
        .refused(403, "role_required");
    let large = vec![0; 300 * 1024];
    import(&owner, large.clone())
        .await
        .refused(422, "invalid_pack");
    for stranger in [&agent, &anon] {
        import(stranger, large.clone())
            .await
            .refused(413, "too_large");
    }
    import(&owner, vec![0; 8 * 1024 * 1024 + 1])
        .await
        .refused(413, "too_large");
    owner
        .put("/api/knowledge/pack", &Value::Null)
        .await
        .refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn the_price_of_a_named_package_is_answered_with_the_package_and_a_price_in_every_language() {
    let server = Server::start();
    let visitor = server.anon();
    for (lang, words) in [
        ("pl", "ile kosztuje pakiet premium"),
        ("en", "how much is the Premium package"),
        ("de", "Was kostet das Premium-Paket?"),
    ] {
        let answer = visitor.say(&visitor.session().await, words).await;
        assert_eq!(
            (answer["lang"].as_str(), answer["intent"].as_str()),
            (Some(lang), Some("package_premium")),
            "{answer}"
        );
        let response = text(&answer["response"]);
        assert!(
            response.contains("949") && response.contains("1990"),
            "{response}"
        );
    }
}
