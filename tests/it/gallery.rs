//! Pictures of the company on its documents, and pictures sent twice.

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::support::{Actor, Server, send, text};
use crate::uploads::{part, png, taken};

fn project(lang: &str, title: &str, pictures: &[&Value]) -> Value {
    json!({
        "type": "portfolio", "slug": "attic-oliwa", "lang": lang, "title": title,
        "body": "An attic of 80 m² with oak stairs.", "fields": {"kind": "flat"}, "pictures": pictures,
    })
}

async fn shown(by: &Actor, lang: &str) -> Vec<Value> {
    let portfolio = by
        .get(&format!("/api/knowledge/portfolio?lang={lang}"))
        .await
        .ok();
    let projects = portfolio["portfolio"].as_array().unwrap().iter();
    let mut ours = projects.filter(|project| project["id"] == "attic-oliwa");
    let pictures = ours.next().unwrap()["pictures"].as_array().unwrap();
    pictures
        .iter()
        .map(|picture| picture["id"].clone())
        .collect()
}

#[tokio::test]
async fn a_project_shows_its_pictures_wherever_it_is_shown_and_they_stay_while_it_does() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let mut ids = Vec::new();
    for red in [90, 180] {
        let data = taken(&agent, "attic.png", png(1200, 800, red)).await;
        ids.push(data["metadata"]["id"].clone());
    }
    let (first, second) = (&ids[0], &ids[1]);
    let documents = "/api/knowledge/documents";
    let polish = project("pl", "Poddasze w Oliwie", &[second, first, second]);
    let made = agent.post(documents, &polish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["pictures"], json!([second, first]));
    let english = project("en", "Attic in Oliwa", &[]);
    assert_eq!(agent.post(documents, &english).await.status, 201);

    for lang in ["pl", "en"] {
        let ours = shown(&visitor, lang).await;
        assert_eq!(ours, [second.clone(), first.clone()], "{lang}");
    }
    let path = format!("/api/search/document/{}", made.json()["id"]);
    let page = visitor.get(&path).await.ok();
    let medium = text(&page["pictures"][0]["medium"]);
    let picture = visitor.request(Method::GET, &medium).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/jpeg");

    let remove = async |id: &Value| agent.post("/api/upload/delete", &json!({"id": id})).await;
    remove(first).await.refused(409, "upload_in_use");
    let address = format!("{documents}/{}", made.json()["id"]);
    let without = project("pl", "Poddasze w Oliwie", &[second]);
    agent.put(&address, &without).await.ok();
    remove(first).await.ok();
    assert_eq!(shown(&visitor, "en").await, std::slice::from_ref(second));
    remove(second).await.refused(409, "upload_in_use");
    agent.delete(&address).await.ok();
    remove(second).await.ok();
    assert!(shown(&visitor, "en").await.is_empty());
}

#[tokio::test]
async fn only_pictures_of_the_company_stand_on_documents() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let theirs = taken(&visitor, "flat.png", png(40, 40, 90)).await;
    let session = text(&theirs["metadata"]["session_id"]);
    let form = Form::new()
        .part("file", part("for-them.png", png(40, 40, 91)))
        .text("session_id", session);
    let request = agent
        .request(Method::POST, "/api/upload/image")
        .multipart(form);
    let sent_for_them = send(request).await.ok();
    for wrong in [
        &theirs["metadata"]["id"],
        &sent_for_them["data"]["metadata"]["id"],
        &json!(4711),
        &json!(-1),
    ] {
        let refused = agent
            .post(
                "/api/knowledge/documents",
                &project("en", "Attic in Oliwa", &[wrong]),
            )
            .await
            .refused(422, "invalid_value");
        assert!(refused["details"]["pictures"].is_string(), "{refused}");
    }
    let many: Vec<Value> = (0..21).map(Value::from).collect();
    let many: Vec<&Value> = many.iter().collect();
    agent
        .post(
            "/api/knowledge/documents",
            &project("en", "Attic in Oliwa", &many),
        )
        .await
        .refused(422, "invalid_value");
}

#[tokio::test]
async fn a_picture_sent_again_with_its_key_is_the_first_one_and_another_under_that_key_is_refused()
{
    let server = Server::start();
    let visitor = server.anon();
    let once = async |path: &str, field: &'static str, red: u8| {
        let form = Form::new().part(field, part("a.png", png(60, 40, red)));
        let request = visitor.request(Method::POST, path).multipart(form);
        send(request.header("idempotency-key", "k-1")).await
    };
    let first = once("/api/upload/image", "file", 90).await.ok();
    assert_eq!(once("/api/upload/image", "file", 90).await.ok(), first);
    once("/api/upload/image", "file", 91)
        .await
        .refused(422, "idempotency_key_reused");
    let several = once("/api/upload/multiple", "files[]", 90).await.ok();
    let again = once("/api/upload/multiple", "files[]", 90).await.ok();
    assert_eq!(several, again);
    let list = server.agent().get("/api/upload/list").await.ok();
    assert_eq!(list["total"], 2, "one each");
}
