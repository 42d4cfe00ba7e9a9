//! What the owner changes at run time holds at once, and after a restart.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Actor, Server, send, text};

const LIMITED: [(&str, &str); 2] = [("RATE_LIMITS", "on"), ("ADMIN_EMAIL", "szef@example.com")];

async fn set(owner: &Actor, change: Value) -> Value {
    owner.put("/api/settings", &change).await.ok()["settings"].clone()
}

async fn session(visitor: &Actor, accept: &str) -> Value {
    let request = visitor
        .request(Method::POST, "/api/chatbot/sessions")
        .header("Accept-Language", accept);
    send(request.json(&json!({}))).await.ok()
}

#[tokio::test]
async fn each_part_is_kept_whole_and_a_part_that_is_missing_stays() {
    let mut server = Server::start();
    let owner = server.owner();
    let before = owner.get("/api/settings").await.ok()["settings"].clone();
    let widget = json!({
        "colours": {"brand": "#663399", "on_brand": null},
        "texts": {
            "pl": {"title": "Porozmawiajmy", "greeting": "Cześć! {{ company }} odpowiada."},
            "en": {"title": "", "greeting": ""},
            "de": {"title": "Fragen?", "greeting": ""}
        }
    });
    let notifications = json!({"emails": ["Biuro@Example.com"], "phone": "+48 585 004 663"});
    set(&owner, json!({"widget": widget})).await;
    set(
        &owner,
        json!({"notifications": notifications, "languages": ["de", "pl"]}),
    )
    .await;
    let after = set(&owner, json!({"limits": {"chat_per_min": 7}})).await;
    assert_eq!(after["company"], before["company"]);
    assert_eq!(after["widget"], widget);
    assert_eq!(after["languages"], json!(["de", "pl"]));
    assert_eq!(
        after["notifications"],
        json!({"emails": ["biuro@example.com"], "phone": "+48585004663"})
    );
    assert_eq!(after["limits"]["chat_per_min"], 7);
    assert_eq!(after["limits"]["read_per_min"], Value::Null);
    server.restart();
    let owner = server.owner();
    assert_eq!(owner.get("/api/settings").await.ok()["settings"], after);
    assert_eq!(
        set(&owner, after.clone()).await,
        after,
        "what GET shows is not what PUT takes"
    );
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_refused_with_its_field_and_nothing_changes() {
    let server = Server::start();
    let owner = server.owner();
    let before = owner.get("/api/settings").await.ok();
    let widget = |pointer: &str, value: Value| {
        let mut widget = before["settings"]["widget"].clone();
        *widget.pointer_mut(pointer).unwrap() = value;
        json!({"widget": widget})
    };
    for (change, field) in [
        (json!({"languages": []}), "languages"),
        (json!({"languages": ["pl", "pl"]}), "languages"),
        (json!({"languages": ["fr"]}), "languages"),
        (
            widget("/colours/brand", json!("red")),
            "widget.colours.brand",
        ),
        (
            widget("/colours/brand", json!("#fff;}")),
            "widget.colours.brand",
        ),
        (
            widget(
                "/colours",
                json!({"brand": "#ffff00", "on_brand": "#ffffff"}),
            ),
            "widget.colours.on_brand",
        ),
        (
            widget("/texts/pl/title", json!("x".repeat(61))),
            "widget.texts.title",
        ),
        (
            widget("/texts/en/greeting", json!("{{ no_such_fact }}")),
            "widget.texts.greeting",
        ),
        (
            widget("/texts/de/greeting", json!("a\u{7}b")),
            "widget.texts.greeting",
        ),
        (
            json!({"notifications": {"emails": ["not an address"], "phone": null}}),
            "notifications.emails",
        ),
        (
            json!({"notifications": {"emails": [], "phone": "585004663"}}),
            "notifications.phone",
        ),
        (
            json!({"limits": {"chat_per_min": 0}}),
            "limits.chat_per_min",
        ),
        (
            json!({"limits": {"agent_per_min": 59}}),
            "limits.agent_per_min",
        ),
        (
            json!({"limits": {"login_per_min": 61}}),
            "limits.login_per_min",
        ),
        // The good part must not be kept without the bad one.
        (
            json!({"languages": ["de"], "limits": {"rodo_per_min": 1000}}),
            "limits.rodo_per_min",
        ),
    ] {
        let answer = owner.put("/api/settings", &change).await;
        let problem = answer.refused(422, "invalid_value");
        assert!(problem["details"][field].is_string(), "{change}: {problem}");
    }
    for change in [
        json!({"limit": {}}),
        json!({"limits": {"chats": 1}}),
        json!({"languages": "pl"}),
    ] {
        owner
            .put("/api/settings", &change)
            .await
            .refused(400, "malformed_body");
    }
    assert_eq!(owner.get("/api/settings").await.ok(), before);
}

#[tokio::test]
async fn the_owners_title_greeting_and_colours_are_what_visitors_get() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    let plain = session(&visitor, "pl").await;
    assert_eq!(plain["title"], "NovaHouse");
    assert_eq!(visitor.get("/theme.css").await.text(), "");
    let texts = |title: &str, greeting: &str| json!({"title": title, "greeting": greeting});
    let widget = json!({
        "colours": {"brand": "#FFEE00", "on_brand": null},
        "texts": {
            "pl": texts("Rozmowa z {{ company }}", "Dzień dobry, tu {{ phone }}."),
            "en": texts("", ""), "de": texts("", "")
        }
    });
    set(&owner, json!({"widget": widget})).await;
    let begun = session(&visitor, "pl").await;
    assert_eq!(begun["title"], "Rozmowa z NovaHouse");
    assert_eq!(begun["greeting"], "Dzień dobry, tu +48 585 004 663.");
    assert_eq!(session(&visitor, "en").await["title"], "NovaHouse");
    assert_ne!(session(&visitor, "en").await["greeting"], "");
    let theme = visitor.get("/theme.css").await;
    assert_eq!(theme.header("content-type"), "text/css; charset=utf-8");
    let css = theme.text();
    assert!(
        css.contains("--brand:#ffee00") && css.contains("--on-brand:#000000"),
        "{css}"
    );
}

#[tokio::test]
async fn the_chat_answers_only_in_languages_the_company_offers() {
    let server = Server::start();
    let (visitor, owner) = (server.anon(), server.owner());
    set(&owner, json!({"languages": ["en", "pl"]})).await;
    let languages = visitor.get("/api/i18n/languages").await.ok();
    assert_eq!(languages["default"], "en");
    assert_eq!(languages["languages"].as_array().unwrap().len(), 2);
    assert_eq!(session(&visitor, "de").await["lang"], "en");
    assert_eq!(session(&visitor, "de, pl;q=0.5").await["lang"], "pl");
    let id = text(&session(&visitor, "de").await["session_id"]);
    // Understood in German, answered in the language of the page.
    let answer = visitor.say(&id, "Wie lange ist die Garantie?").await;
    assert_eq!(
        (answer["lang"].as_str(), answer["intent"].as_str()),
        (Some("en"), Some("warranty")),
        "{answer}"
    );
    let answer = visitor
        .say(&id, "Ile kosztuje wykończenie mieszkania?")
        .await;
    assert_eq!(answer["lang"], "pl", "{answer}");
    let named = json!({"message": "Hallo", "lang": "de"});
    assert_eq!(
        visitor.post("/api/chatbot/chat", &named).await.ok()["lang"],
        "en"
    );
    let contact = visitor.get("/api/knowledge/contact?lang=de").await;
    assert_eq!(
        contact.json(),
        visitor.get("/api/knowledge/contact?lang=en").await.json()
    );
}

#[tokio::test]
async fn own_limits_hold_at_once_and_after_a_restart_until_they_are_taken_back() {
    let mut server = Server::start_with(&LIMITED);
    let (visitor, owner) = (server.anon(), server.owner());
    let limit = async |who: &Actor| {
        let answer = who.get("/api/knowledge/faq").await;
        answer.header("x-ratelimit-limit").parse::<u32>().unwrap()
    };
    assert_eq!(limit(&visitor).await, 100);
    let answer = owner
        .put("/api/settings", &json!({"limits": {"read_per_min": 20}}))
        .await
        .ok();
    assert_eq!(answer["configured"]["limits"]["read_per_min"], 100);
    assert_eq!(
        answer["configured"]["notifications"]["emails"],
        json!(["szef@example.com"])
    );
    for _ in 0..20 {
        assert_eq!(limit(&visitor).await, 20);
    }
    visitor
        .get("/api/knowledge/faq")
        .await
        .refused(429, "too_many_requests");
    server.restart();
    let (visitor, owner) = (server.anon(), server.owner());
    assert_eq!(limit(&visitor).await, 20);
    set(&owner, json!({"limits": {"read_per_min": null}})).await;
    assert_eq!(limit(&visitor).await, 100);
}
