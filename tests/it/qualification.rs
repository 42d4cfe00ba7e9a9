//! The quiz over the API.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Actor, Server, send, text};

fn answers(values: &Value) -> Value {
    let answers: Vec<Value> = (1..)
        .zip(values.as_array().unwrap())
        .map(|(id, answer)| json!({"question_id": id, "answer": answer}))
        .collect();
    json!(answers)
}

fn premium() -> Value {
    answers(&json!([
        65, 150_000, "no", "premium", "house", "modern", "yes", "yes"
    ]))
}

async fn submit(who: &Actor, body: &Value) -> Value {
    who.post("/api/qualification/submit", body).await.ok()
}

/// A contact who agrees to the text that is shown now.
async fn anna(visitor: &Actor) -> Value {
    let shown = visitor
        .get("/api/qualification/questions?lang=en")
        .await
        .ok();
    json!({
        "name": "Anna", "email": "anna@example.com",
        "consent": {"given": true, "text_version": shown["consent"]["text_version"], "language": "en"}
    })
}

#[tokio::test]
async fn the_questions_come_in_three_languages_without_the_scoring() {
    let server = Server::start();
    let visitor = server.anon();
    let mut seen = Vec::new();
    for lang in ["pl", "en", "de"] {
        let quiz = visitor
            .get(&format!("/api/qualification/questions?lang={lang}"))
            .await;
        for hidden in ["points", "weight", "scoring"] {
            assert!(
                !quiz.text().contains(&format!("\"{hidden}\"")),
                "{hidden} is told"
            );
        }
        let quiz = quiz.ok();
        assert_eq!((&quiz["total"], &quiz["lang"]), (&json!(8), &json!(lang)));
        let types: Vec<_> = quiz["questions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|q| text(&q["type"]))
            .collect();
        assert_eq!(
            types,
            [
                "number", "range", "boolean", "choice", "choice", "choice", "boolean", "boolean"
            ]
        );
        assert_eq!(quiz["questions"][3]["options"].as_array().unwrap().len(), 4);
        assert!(text(&quiz["consent"]["text"]).contains("NovaHouse"));
        seen.push(text(&quiz["questions"][0]["question"]));
    }
    seen.dedup();
    assert_eq!(seen.len(), 3, "a language is missing: {seen:?}");
    let german = visitor
        .request(Method::GET, "/api/qualification/questions")
        .header("Accept-Language", "de-AT");
    assert_eq!(send(german).await.ok()["lang"], "de");
    visitor
        .get("/api/qualification/questions?lang=fr")
        .await
        .refused(422, "unknown_language");
}

#[tokio::test]
async fn the_answers_lead_to_the_package_of_version_2_3() {
    let server = Server::start();
    let visitor = server.anon();
    for (said, package, scores, confidence) in [
        (
            json!([30, 80_000, true, "basic", "flat", "classic", false, false]),
            "standard",
            [407, 0, 0],
            100.0,
        ),
        (
            json!([
                120,
                400_000,
                "no",
                "luxury",
                "commercial",
                "industrial",
                "yes",
                "yes"
            ]),
            "luxury",
            [0, 170, 951],
            84.8,
        ),
        (
            json!([
                65, 150_000, "no", "premium", "house", "modern", "yes", "yes"
            ]),
            "premium",
            [0, 730, 180],
            80.2,
        ),
    ] {
        let result = submit(&visitor, &json!({"answers": answers(&said), "lang": "en"})).await;
        let found = &result["recommendation"];
        assert_eq!(found["recommended_package"], package);
        assert_eq!(
            found["scores"],
            json!({"standard": scores[0], "premium": scores[1], "luxury": scores[2]})
        );
        assert_eq!(found["confidence"], confidence);
        assert_eq!(found["package_details"]["id"], package);
        assert!(
            text(&found["package_details"]["name"])
                .to_lowercase()
                .contains(package)
        );
        assert_eq!(
            (&result["lead_id"], &result["answers_count"]),
            (&Value::Null, &json!(8))
        );
    }
}

#[tokio::test]
async fn name_contact_and_consent_make_a_lead_with_what_was_answered() {
    let server = Server::start();
    let visitor = server.anon();
    let session = visitor.session().await;
    let body = json!({
        "answers": premium(), "contact_info": anna(&visitor).await, "session_id": session, "lang": "en",
        "qualification_data": {"interior_style": "loft"}
    });
    let id = submit(&visitor, &body).await["lead_id"].clone();
    let lead = server.agent().get(&format!("/api/leads/{id}")).await.ok();
    assert_eq!(
        (&lead["source"], &lead["status"], &lead["session_id"]),
        (&json!("quiz"), &json!("qualified"), &json!(session))
    );
    assert_eq!(
        (&lead["interested_package"], &lead["property_type"]),
        (&json!("premium"), &json!("house"))
    );
    assert_eq!(
        (&lead["property_size"], &lead["budget"]),
        (&json!(65.0), &json!(150_000))
    );
    let info = text(&lead["additional_info"]);
    assert!(
        info.contains("premium 80.2 %")
            && info.contains("materials: premium")
            && info.contains("interior_style: loft"),
        "{info}"
    );
    let shown = visitor
        .get("/api/qualification/questions?lang=en")
        .await
        .ok();
    for field in ["text", "text_version", "purpose"] {
        assert_eq!(
            lead["consents"][0][field], shown["consent"][field],
            "{field}"
        );
    }
    assert_eq!(lead["consents"][0]["language"], "en");
}

#[tokio::test]
async fn without_name_contact_or_consent_there_is_no_lead() {
    let server = Server::start();
    let visitor = server.anon();
    let whole = anna(&visitor).await;
    let mut refused = whole.clone();
    refused["consent"]["given"] = json!(false);
    let without = |field: &str| {
        let mut contact = whole.clone();
        contact.as_object_mut().unwrap().remove(field);
        contact
    };
    for contact in [
        json!({}),
        without("name"),
        without("email"),
        without("consent"),
        refused,
    ] {
        let result = submit(
            &visitor,
            &json!({"answers": premium(), "contact_info": contact}),
        )
        .await;
        assert_eq!(result["lead_id"], Value::Null, "{contact}");
    }
    let mut old = whole.clone();
    old["consent"]["text_version"] = json!("1");
    let body = json!({"answers": premium(), "contact_info": old});
    visitor
        .post("/api/qualification/submit", &body)
        .await
        .refused(422, "consent_text_changed");
    let mut wrong = whole;
    wrong["email"] = json!("anna");
    let body = json!({"answers": premium(), "contact_info": wrong});
    visitor
        .post("/api/qualification/submit", &body)
        .await
        .refused(422, "invalid_email");
    assert_eq!(server.agent().get("/api/leads").await.ok(), json!([]));
}

#[tokio::test]
async fn the_same_answers_sent_at_once_make_one_lead() {
    let server = Server::start();
    let visitor = server.anon();
    let body = json!({"answers": premium(), "contact_info": anna(&visitor).await});
    let results = join_all((0..50).map(|_| submit(&visitor, &body))).await;
    assert!(
        results
            .iter()
            .all(|result| result["lead_id"] == results[0]["lead_id"])
    );
    let leads = server.agent().get("/api/leads").await.ok();
    assert_eq!(leads.as_array().unwrap().len(), 1);
    assert_eq!(leads[0]["consents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn answers_that_do_not_fit_are_refused_with_their_place() {
    let server = Server::start();
    let visitor = server.anon();
    for (answers, code, field) in [
        (json!([]), "invalid_answers", "answers"),
        (
            json!([{"question_id": 9, "answer": 1}]),
            "unknown_question",
            "answers[0].question_id",
        ),
        (
            json!([{"question_id": 1, "answer": 50}, {"question_id": 1, "answer": 50}]),
            "answered_twice",
            "answers[1].question_id",
        ),
        (
            json!([{"question_id": 1, "answer": "wide"}]),
            "invalid_answer",
            "answers[0].answer",
        ),
        (
            json!([{"question_id": 6, "answer": {"a": []}}]),
            "invalid_answer",
            "answers[0].answer",
        ),
    ] {
        let refusal = visitor
            .post("/api/qualification/submit", &json!({"answers": answers}))
            .await
            .refused(422, code);
        assert!(refusal["details"][field].is_string(), "{refusal}");
    }
    for malformed in [
        json!({}),
        json!({"answers": "all"}),
        json!({"answers": [{"answer": 1}]}),
        json!({"answers": premium(), "contact_info": []}),
    ] {
        assert_eq!(
            visitor
                .post("/api/qualification/submit", &malformed)
                .await
                .status,
            400,
            "{malformed}"
        );
    }
}
