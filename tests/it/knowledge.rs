//! What the owner changes reaches every answer at once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, Server, send, text};

#[tokio::test]
async fn other_prices_in_the_settings_reach_the_chat_and_the_cached_knowledge_at_once() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let (session, reads) = (
        visitor.session().await,
        ["packages", "faq", "stats", "all", "portfolio"],
    );
    for read in reads {
        let path = format!("/api/knowledge/{read}?lang=en");
        assert_eq!(visitor.get(&path).await.ok(), visitor.get(&path).await.ok());
    }
    let before = visitor.get("/api/knowledge/faq?lang=en").await.text();
    assert!(
        before.contains("949") && !before.contains("1234"),
        "{before}"
    );
    let mut company = owner.get("/api/settings").await.ok()["settings"]["company"].clone();
    company["prices"]["per_m2"]["standard"]["min"] = 1234.into();
    company["prices"]["per_m2"]["premium"]["min"] = 1234.into();
    company["prices"]["per_m2"]["luxury"]["min"] = 1234.into();
    let answer = owner
        .put("/api/settings", &json!({"company": company}))
        .await
        .ok();
    assert_eq!(answer["settings"]["company"], company);
    let list = visitor.get("/api/quotes/pricelist").await.ok();
    assert_eq!(
        list["version"], 2,
        "the settings' prices are the price list's"
    );

    let answer = text(&visitor.say(&session, "How much does it cost?").await["response"]);
    assert!(
        answer.contains("1234") && !answer.contains("949"),
        "{answer}"
    );
    let after = visitor.get("/api/knowledge/faq?lang=en").await.text();
    assert!(after.contains("1234") && !after.contains("949"), "{after}");
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_and_nothing_changes() {
    let server = Server::start();
    let owner = server.owner();
    let before = owner.get("/api/settings").await.ok();
    let with = |pointer: &str, value: Value| {
        let mut company = before["settings"]["company"].clone();
        *company.pointer_mut(pointer).unwrap() = value;
        json!({"company": company})
    };
    for (pointer, value) in [
        ("/prices/per_m2/standard/min", json!(0)),
        ("/prices/per_m2/standard/min", json!(5000)),
        ("/time_zone", json!("Mars/Olympus")),
        ("/hours/mon", json!(["17:00-09:00"])),
        ("/hours/mon", json!(["nine to five"])),
        ("/closures", json!(["2026-02-30"])),
        ("/name", json!("")),
        ("/website", json!("javascript:alert(1)")),
    ] {
        let answer = owner
            .put("/api/settings", &with(pointer, value.clone()))
            .await;
        assert_eq!(answer.status, 422, "{pointer} = {value}: {}", answer.text());
    }
    owner
        .put("/api/settings", &with("/prices", json!("free")))
        .await
        .refused(400, "malformed_body");
    assert_eq!(owner.get("/api/settings").await.ok(), before);
}

fn parking(title: &str) -> Value {
    json!({
        "type": "faq", "slug": "faq-parking", "lang": "en", "title": title,
        "body": "Yes, in front of the building; or call {{ phone }}.", "tags": ["office"], "position": 100
    })
}

async fn create(agent: &Actor, key: &str, body: &Value) -> Answer {
    let request = agent
        .request(Method::POST, "/api/knowledge/documents")
        .header("Idempotency-Key", key);
    send(request.json(body)).await
}

#[tokio::test]
async fn a_document_of_the_team_is_public_at_once_and_gone_when_deleted() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let faq = async || visitor.get("/api/knowledge/faq?lang=en").await.text();
    assert!(!faq().await.contains("Can I park"));
    let created = agent
        .post("/api/knowledge/documents", &parking("Can I park there?"))
        .await;
    assert_eq!(created.status, 201);
    let path = format!("/api/knowledge/documents/{}", created.json()["id"]);
    assert!(faq().await.contains("Can I park there?") && faq().await.contains("+48 585 004 663"));
    agent.put(&path, &parking("Where can I park?")).await.ok();
    assert!(
        faq().await.contains("Where can I park?") && !faq().await.contains("Can I park there?")
    );
    let mut hidden = parking("Where can I park?");
    hidden["published"] = false.into();
    agent.put(&path, &hidden).await.ok();
    assert!(!faq().await.contains("Where can I park?"));
    assert_eq!(agent.get(&path).await.ok()["published"], false);
    agent.delete(&path).await.ok();
    assert_eq!(agent.get(&path).await.status, 404);
    assert_eq!(agent.delete(&path).await.status, 404);
}

#[tokio::test]
async fn a_text_with_a_placeholder_that_does_not_exist_is_refused_and_nothing_is_stored() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let before = agent.get("/api/knowledge/documents?per_page=1").await.ok()["total"].clone();
    for body in [
        "It is {{ no_such_fact }}.",
        "It is {{ phone",
        "{% for a in range(9999999) %}x{% endfor %}",
    ] {
        let mut document = parking("Can I park there?");
        document["body"] = body.into();
        let answer = agent.post("/api/knowledge/documents", &document).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
    }
    assert_eq!(
        agent.get("/api/knowledge/documents?per_page=1").await.ok()["total"],
        before
    );
    assert_eq!(visitor.get("/api/knowledge/faq?lang=en").await.status, 200);
}

#[tokio::test]
async fn a_post_repeated_under_its_idempotency_key_gets_the_first_answer_and_creates_once() {
    let server = Server::start();
    let agent = server.agent();
    let body = parking("Can I park there?");
    let first = create(&agent, "key-1", &body).await;
    let again = create(&agent, "key-1", &body).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    create(&agent, "key-1", &parking("Another?"))
        .await
        .refused(422, "idempotency_key_reused");
    create(&server.owner(), "key-1", &body).await;
    let refused = create(&agent, "key-2", &body).await;
    assert_eq!(
        refused.status,
        409,
        "the same slug twice: {}",
        refused.text()
    );
    create(&agent, &"k".repeat(201), &body)
        .await
        .refused(422, "invalid_idempotency_key");
    let list = agent
        .get("/api/knowledge/documents?type=faq&lang=en&per_page=200")
        .await
        .text();
    assert_eq!(list.matches("Can I park there?").count(), 1);
}

#[tokio::test]
async fn every_public_read_answers_in_three_languages_and_hides_no_placeholder() {
    let server = Server::start();
    let visitor = server.anon();
    for read in [
        "portfolio",
        "process",
        "reviews",
        "partners",
        "why-us",
        "team",
        "stats",
        "blog",
        "all",
        "faq",
        "packages",
        "contact",
        "hours",
        "privacy",
    ] {
        for lang in ["pl", "en", "de"] {
            let answer = visitor
                .get(&format!("/api/knowledge/{read}?lang={lang}"))
                .await;
            assert_eq!(answer.status, 200, "{read} {lang}: {}", answer.text());
            assert!(
                !answer.text().contains("{{"),
                "{read} {lang}: {}",
                answer.text()
            );
        }
        visitor
            .get(&format!("/api/knowledge/{read}?lang=fr"))
            .await
            .refused(422, "unknown_language");
    }
}

#[tokio::test]
async fn languages_are_told_apart_and_sentences_translated_as_v2_3_did() {
    let server = Server::start();
    let visitor = server.anon();
    for (words, lang) in [
        ("Witam, chciałbym zapytać o cennik", "pl"),
        ("What does it cost?", "en"),
        ("Was kostet das?", "de"),
    ] {
        let answer = visitor
            .post("/api/i18n/detect", &json!({"text": words}))
            .await
            .ok();
        assert_eq!(answer["detected_language"], lang);
    }
    let answer = visitor
        .post(
            "/api/i18n/translate",
            &json!({"key": "none_of_these", "language": "de"}),
        )
        .await
        .ok();
    assert_eq!(answer["translation"], "Nichts davon");
    let answer = visitor.get("/api/i18n/translations/en").await.ok();
    assert_eq!(answer["translations"]["talk_to_human"], "Talk to a person");
    assert_eq!(
        visitor.get("/api/i18n/languages").await.ok()["default"],
        "pl"
    );
    let answer = visitor.get("/api/i18n/faq/warranty/en").await.ok();
    assert!(text(&answer["translation"]).contains("36"), "{answer}");
    visitor
        .get("/api/i18n/faq/no_such_intent/en")
        .await
        .refused(404, "intent_not_found");
    visitor
        .get("/api/i18n/translations/fr")
        .await
        .refused(422, "unknown_language");
}

#[tokio::test]
async fn the_team_sees_every_intent_and_entity_with_phrases_and_values() {
    let server = Server::start();
    let agent = server.agent();
    let list = agent.get("/api/intents").await.ok();
    let intents = list["intents"].as_array().unwrap();
    assert!(intents.len() >= 44, "{}", intents.len());
    assert!(
        intents
            .iter()
            .all(|intent| intent["training_phrases_count"].as_i64() >= Some(60)),
        "{list}"
    );
    let one = agent
        .get(&format!("/api/intents/{}", intents[0]["id"]))
        .await
        .ok();
    assert_eq!(
        one["intent"]["response_templates"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let entities = agent.get("/api/entities").await.ok();
    let one = agent
        .get(&format!("/api/entities/{}", entities["entities"][0]["id"]))
        .await
        .ok();
    assert!(!one["entity"]["values"].as_array().unwrap().is_empty());
    assert_eq!(agent.get("/api/intents/99999").await.status, 404);
    assert_eq!(agent.get("/api/entities/99999").await.status, 404);
}

#[tokio::test]
async fn the_team_sees_what_a_message_means_and_what_data_is_in_it() {
    let server = Server::start();
    let (agent, path) = (server.agent(), "/api/nlu/classify");
    let message = json!({"text": "Ile kosztuje wykończenie mieszkania 62,5 mkw we Wrocławiu? Budżet 120 tys., pakiet premium"});
    let answer = agent.post(path, &message).await.ok();
    assert_eq!(answer["lang"], "pl");
    assert_eq!(
        answer["entities"],
        json!({
            "area_m2": 62.5, "budget_pln": 120_000, "city": "Wrocław", "property_type": "flat", "package": "premium"
        })
    );
    let question = json!({"text": "Ile kosztuje wykończenie mieszkania?"});
    let answer = agent.post(path, &question).await.ok();
    assert_eq!(answer["intent"], "price", "{answer}");
    assert_eq!(answer["alternatives"].as_array().unwrap().len(), 3);
    let named = json!({"text": "Hi, my name is John Smith", "lang": "en"});
    let answer = agent.post(path, &named).await.ok();
    assert_eq!(answer["entities"], json!({"name": "John Smith"}));

    agent
        .post(path, &json!({"text": " "}))
        .await
        .refused(422, "invalid_text");
    agent
        .post(path, &json!({"text": "Hallo", "lang": "fr"}))
        .await
        .refused(422, "unknown_language");
    assert_eq!(server.anon().post(path, &named).await.status, 401);
}
