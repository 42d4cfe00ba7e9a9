//! Prices and quotes: estimates for everyone, quotes of the team, the client's link.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::shows_nothing_of_the_inside;
use crate::support::{Server, send, text};

fn flat() -> Value {
    json!({"area_m2": 50, "package": "standard", "property_type": "flat", "city": "Gdańsk", "rooms": 2, "lang": "en"})
}

/// What GET /pricelist shows, with one thing changed.
async fn prices_with(server: &Server, pointer: &str, value: Value) -> Value {
    let mut prices = server.anon().get("/api/quotes/pricelist").await.ok()["prices"].clone();
    *prices.pointer_mut(pointer).unwrap() = value;
    json!({"prices": prices})
}

/// The token in a quote's page path.
fn token(quote: &Value) -> String {
    let path = text(&quote["page_path"]);
    path.strip_prefix("/quote/").unwrap().to_owned()
}

#[tokio::test]
async fn anyone_gets_an_estimate_with_its_vat_assumptions_and_validity() {
    let server = Server::start();
    let visitor = server.anon();
    let told = visitor.post("/api/quotes/estimate", &flat()).await.ok();
    assert_eq!(told["currency"], "PLN");
    assert_eq!(told["prices_are"], "gross");
    assert_eq!(told["per_m2"], json!({"min": 949, "max": 1990}));
    assert_eq!(told["total"], json!({"min": 47_450, "max": 99_500}));
    assert_eq!(told["vat"].as_array().unwrap().len(), 1);
    assert_eq!(told["vat"][0]["rate"], 8);
    let assumptions = told["assumptions"].to_string();
    assert!(assumptions.contains("whole price range"), "{assumptions}");
    assert!(assumptions.contains("8% VAT is included"), "{assumptions}");
    let until = text(&told["valid_until"]);
    assert!(until.parse::<jiff::civil::Date>().is_ok(), "{until}");
    let large = json!({"area_m2": 200, "property_type": "flat"});
    let told = visitor.post("/api/quotes/estimate", &large).await.ok();
    let rates: Vec<_> = told["vat"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["rate"])
        .collect();
    assert_eq!(rates, [8, 23]);
    assert!(
        told["assumptions"]
            .to_string()
            .contains("VAT jest wliczony"),
        "{told}"
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_get_a_clear_refusal() {
    let server = Server::start();
    let visitor = server.anon();
    for (field, value) in [
        ("area_m2", json!(0)),
        ("area_m2", json!(-5)),
        ("area_m2", json!(10_001)),
        ("area_m2", json!(1e300)),
        ("package", json!("gold")),
        ("property_type", json!("castle")),
        ("rooms", json!(0)),
        ("rooms", json!(-1)),
        ("rooms", json!(i64::MAX)),
        ("city", json!("")),
        ("city", json!("x".repeat(81))),
        ("city", json!("a\u{0}b")),
        ("extras", json!(vec!["a"; 21])),
        ("extras", json!([" "])),
    ] {
        let mut body = flat();
        body[field] = value.clone();
        let answer = visitor.post("/api/quotes/estimate", &body).await;
        let refusal = answer.refused(422, "invalid_value");
        assert!(
            refusal["details"][field].is_string(),
            "{field} = {value}: {refusal}"
        );
        shows_nothing_of_the_inside(&answer);
    }
    let mut body = flat();
    body["lang"] = "fr".into();
    visitor
        .post("/api/quotes/estimate", &body)
        .await
        .refused(422, "unknown_language");
    for body in [
        json!({}),
        json!({"area_m2": "fifty"}),
        json!({"area_m2": null}),
        json!({"area_m2": 50, "extras": "doors"}),
        json!({"area_m2": 50, "city": 7}),
        json!([]),
    ] {
        let answer = visitor.post("/api/quotes/estimate", &body).await;
        answer.refused(400, "malformed_body");
        shows_nothing_of_the_inside(&answer);
    }
}

#[tokio::test]
async fn a_new_price_list_reaches_the_chat_the_knowledge_and_estimates_at_once() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let session = visitor.session().await;
    let packages =
        async || visitor.get("/api/knowledge/packages?lang=en").await.ok()["price_per_sqm"].clone();
    assert_eq!(packages().await["min"], 949);
    let list = visitor.get("/api/quotes/pricelist").await.ok();
    assert_eq!(
        (&list["version"], &list["is_built_in"]),
        (&json!(1), &json!(true))
    );
    assert!(
        text(&visitor.say(&session, "How much does it cost?").await["response"]).contains("949")
    );

    let mut new = json!({"version": 1, "prices": {
        "currency": "PLN", "prices_are": "net", "valid_days": 14,
        "per_m2": {
            "standard": {"min": 1234, "max": 1500}, "premium": {"min": 1500, "max": 1800.5},
            "luxury": {"min": 1800, "max": 2345}
        },
        "city_factors": {"Gdańsk": 1.1}
    }});
    new["prices"]["per_meter"] = json!({});
    owner
        .put("/api/quotes/pricelist", &new)
        .await
        .refused(400, "malformed_body");
    new["prices"].as_object_mut().unwrap().remove("per_meter");
    let saved = owner.put("/api/quotes/pricelist", &new).await.ok();
    assert_eq!(
        (&saved["version"], &saved["is_built_in"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(saved["prices"]["per_m2"]["premium"]["max"], 1800.5);

    let answer = text(&visitor.say(&session, "How much does it cost?").await["response"]);
    assert!(
        answer.contains("1234") && answer.contains("2345") && !answer.contains("949"),
        "{answer}"
    );
    assert_eq!(
        packages().await,
        json!({"min": 1234, "max": 2345, "currency": "PLN"})
    );
    let faq = visitor.get("/api/knowledge/faq?lang=en").await.text();
    assert!(faq.contains("1234") && !faq.contains("949"), "{faq}");
    let told = visitor.post("/api/quotes/estimate", &flat()).await.ok();
    assert_eq!(told["per_m2"], json!({"min": 1357.4, "max": 1650}));
    assert_eq!(told["prices_are"], "net");
    assert_eq!(told["price_list_version"], 2);
    let company = owner.get("/api/settings").await.ok()["settings"]["company"].clone();
    assert_eq!(
        company["prices"], saved["prices"],
        "the same list by both ways"
    );
}

#[tokio::test]
async fn a_price_list_is_changed_by_owners_only_and_never_over_a_newer_one() {
    let mut server = Server::start();
    let owner = server.owner();
    let path = "/api/quotes/pricelist";
    let mut new = prices_with(&server, "/per_m2/luxury/max", json!(2500)).await;
    new["version"] = 1.into();
    server
        .anon()
        .put(path, &new)
        .await
        .refused(401, "not_signed_in");
    server
        .agent()
        .put(path, &new)
        .await
        .refused(403, "role_required");
    assert_eq!(owner.put(path, &new).await.ok()["version"], 2);
    owner
        .put(path, &new)
        .await
        .refused(409, "price_list_changed");
    new["version"] = 2.into();
    assert_eq!(
        owner.put(path, &new).await.ok()["version"],
        2,
        "nothing changed, no new version"
    );
    for (pointer, value, field) in [
        ("/per_m2/premium/min", json!(5000), "per_m2.premium"),
        ("/per_m2/premium/min", json!(0), "per_m2.premium"),
        ("/currency", json!("zł"), "currency"),
        ("/valid_days", json!(366), "valid_days"),
        (
            "/property_factors/house",
            json!(0),
            "property_factors.house",
        ),
        (
            "/city_factors",
            json!({"Gdańsk": 1, "GDANSK": 2}),
            "city_factors",
        ),
        ("/vat/standard_percent", json!(5), "vat"),
        (
            "/extras",
            json!([{"id": "A b", "name": {"pl": "a", "en": "a", "de": "a"}}]),
            "extras",
        ),
    ] {
        let body = prices_with(&server, pointer, value).await;
        let refusal = owner.put(path, &body).await.refused(422, "invalid_value");
        assert!(
            refusal["details"][field].is_string(),
            "{pointer}: {refusal}"
        );
    }
    for (pointer, value) in [
        ("/per_m2/premium/min", json!(-1)),
        ("/per_m2/premium/min", json!("cheap")),
        ("/prices_are", json!("both")),
    ] {
        let body = prices_with(&server, pointer, value).await;
        owner.put(path, &body).await.refused(400, "malformed_body");
    }
    server.restart();
    let list = server.anon().get(path).await.ok();
    assert_eq!(
        (&list["version"], &list["prices"]["per_m2"]["luxury"]["max"]),
        (&json!(2), &json!(2500))
    );
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let noted: i64 = database
        .query_row(
            "SELECT COUNT(*) FROM audit_log WHERE action = 'price_list_saved' AND actor = 'key:environment'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(noted, 2);
}

#[tokio::test]
async fn the_team_saves_a_quote_and_the_client_reads_and_accepts_it_by_its_link_once() {
    let server = Server::start();
    let (agent, client) = (server.agent(), server.anon());
    let created = agent.post("/api/quotes", &flat()).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let quote = created.json();
    assert_eq!(
        (&quote["status"], &quote["lang"]),
        (&json!("open"), &json!("en"))
    );
    let path = format!("/api/quotes/{}", quote["id"]);
    assert_eq!(agent.get(&path).await.ok(), quote);
    client.get(&path).await.refused(401, "not_signed_in");

    // What was told stays, whatever happens to the price list.
    let dearer = prices_with(&server, "/per_m2/luxury/max", json!(2500)).await;
    server
        .owner()
        .put("/api/quotes/pricelist", &dearer)
        .await
        .ok();
    let link = format!("/api/quotes/q/{}", token(&quote));
    let seen = client.get(&link).await.ok();
    assert_eq!(seen["estimate"], quote["estimate"]);
    assert_eq!(
        (&seen["status"], &seen["company"]["name"]),
        (&json!("open"), &json!("NovaHouse"))
    );
    assert!(
        seen.get("session_id").is_none() && seen.get("lead_id").is_none(),
        "{seen}"
    );
    let german = client.get(&format!("{link}?lang=de")).await.ok();
    assert!(
        german["estimate"]["assumptions"]
            .to_string()
            .contains("MwSt."),
        "{german}"
    );
    client
        .get(&format!("{link}?lang=fr"))
        .await
        .refused(422, "unknown_language");
    assert_eq!(
        client.get(&link).await.ok()["status"],
        "open",
        "reading changes nothing"
    );

    let accepted = client
        .post(&format!("{link}/accept"), &json!({}))
        .await
        .ok();
    assert_eq!(accepted["status"], "accepted");
    let again = client
        .post(&format!("{link}/accept"), &json!({}))
        .await
        .ok();
    assert_eq!(again, accepted);
    assert_eq!(
        agent.get(&path).await.ok()["accepted_at"],
        accepted["accepted_at"]
    );
}

#[tokio::test]
async fn links_that_are_not_ours_open_nothing() {
    let server = Server::start();
    let quote = server.agent().post("/api/quotes", &flat()).await.ok();
    let mut forged = token(&quote);
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(forged.len() - 1.., last);
    let visitor = server.anon();
    for token in [
        "1",
        "AAAA",
        &"A".repeat(32),
        &"A".repeat(5000),
        "%00",
        &forged,
    ] {
        let link = format!("/api/quotes/q/{token}");
        visitor.get(&link).await.refused(404, "quote_not_found");
        visitor
            .post(&format!("{link}/accept"), &json!({}))
            .await
            .refused(404, "quote_not_found");
    }
    server
        .agent()
        .get("/api/quotes/999999")
        .await
        .refused(404, "quote_not_found");
}

#[tokio::test]
async fn a_quote_that_was_not_accepted_in_time_cannot_be_accepted_any_more() {
    let mut server = Server::start();
    let agent = server.agent();
    let late = agent.post("/api/quotes", &flat()).await.ok();
    let in_time = agent.post("/api/quotes", &flat()).await.ok();
    let accept = |quote: &Value| format!("/api/quotes/q/{}/accept", token(quote));
    server.anon().post(&accept(&in_time), &json!({})).await.ok();
    server.stop();
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let until = text(&late["estimate"]["valid_until"]);
    let changed = database
        .execute(
            "UPDATE quotes SET estimate_json = replace(estimate_json, ?1, '2026-01-31')",
            [&until],
        )
        .unwrap();
    assert_eq!(changed, 2);
    drop(database);
    server.restart();
    let client = server.anon();
    client
        .post(&accept(&late), &json!({}))
        .await
        .refused(409, "quote_expired");
    let seen = client
        .get(&format!("/api/quotes/q/{}", token(&late)))
        .await
        .ok();
    assert_eq!(seen["status"], "expired");
    let again = client.post(&accept(&in_time), &json!({})).await.ok();
    assert_eq!(again["status"], "accepted");
}

#[tokio::test]
async fn a_quote_is_saved_once_for_its_idempotency_key_and_only_by_the_team() {
    let server = Server::start();
    let agent = server.agent();
    server
        .anon()
        .post("/api/quotes", &flat())
        .await
        .refused(401, "not_signed_in");
    let create = async |body: &Value| {
        let request = agent
            .request(Method::POST, "/api/quotes")
            .header("Idempotency-Key", "q-1");
        send(request.json(body)).await
    };
    let (first, again) = (create(&flat()).await, create(&flat()).await);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    create(&json!({"area_m2": 60}))
        .await
        .refused(422, "idempotency_key_reused");
    let mut body = flat();
    body["session_id"] = "x".repeat(101).into();
    agent
        .post("/api/quotes", &body)
        .await
        .refused(422, "invalid_value");
    agent
        .post("/api/quotes", &json!({"area_m2": 0}))
        .await
        .refused(422, "invalid_value");
}

#[tokio::test]
async fn a_visitor_sees_the_quotes_of_the_session_and_takes_open_ones_along_when_leaving() {
    let server = Server::start();
    let (agent, visitor) = (server.agent(), server.anon());
    let session = visitor.session().await;
    visitor.say(&session, "Ile kosztuje wykończenie?").await;
    let mut body = flat();
    body["session_id"] = session.as_str().into();
    let open = agent.post("/api/quotes", &body).await.ok();
    let accepted = agent.post("/api/quotes", &body).await.ok();
    let accept = format!("/api/quotes/q/{}/accept", token(&accepted));
    visitor.post(&accept, &json!({})).await.ok();
    let data = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(data["quotes"].as_array().unwrap().len(), 2);
    assert_eq!(data["quotes"][0]["total"], open["estimate"]["total"]);
    let erased = visitor
        .delete_with(
            "/api/chatbot/delete-my-data",
            &json!({"session_id": session}),
        )
        .await
        .ok();
    assert_eq!(erased["deleted"]["quotes"], 1);
    agent
        .get(&format!("/api/quotes/{}", open["id"]))
        .await
        .refused(404, "quote_not_found");
    let kept = agent
        .get(&format!("/api/quotes/{}", accepted["id"]))
        .await
        .ok();
    assert_eq!(
        (&kept["status"], &kept["session_id"]),
        (&json!("accepted"), &Value::Null)
    );
}

#[tokio::test]
async fn the_page_of_a_quote_is_served_under_its_link_and_nowhere_deeper() {
    let server = Server::start();
    let visitor = server.anon();
    assert_eq!(visitor.get("/quote/anything").await.status, 200);
    for path in ["/quote", "/quote/", "/quote/a/b"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
}
