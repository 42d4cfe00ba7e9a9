//! Widgets, measured speed, moods, the conversion model and the weekly report.

use std::path::Path;

use jiff::Timestamp;
use novahouse::analytics::{Event, LeadSource, Outcome, Visit, begin, record};
use novahouse::nlu::Lang;
use novahouse::platform::clock::now_ms;
use novahouse::platform::db::{DATABASE_FILE, DbError, Tx, edit};
use novahouse::platform::jobs::{NewJob, enqueue};
use serde_json::{Value, json};

use crate::mail_server::MailServer;
use crate::notify::{TEAM, env, outbox};
use crate::process;
use crate::support::{Server, text, until};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Writes into a data folder that no server has.
fn write(folder: &Path, happened: fn(&mut dyn Tx) -> Result<(), DbError>) {
    edit(&folder.join(DATABASE_FILE), happened).unwrap();
}

fn turn(intent: &str, answer_ms: i64) -> Event {
    Event::Turn {
        intent: Some(intent.into()),
        confidence: Some(0.5),
        outcome: Outcome::Answered,
        sentiment: None,
        answer_ms: Some(answer_ms),
    }
}

fn session(tx: &mut dyn Tx, name: &str, device: &'static str, at_ms: i64) -> Result<i64, DbError> {
    let visit = Visit {
        device,
        ..Visit::unknown(Lang::Pl)
    };
    begin(tx, name, &visit, at_ms)
}

/// 1,234 conversations and 45 bookings, some leads and ratings.
fn a_month(tx: &mut dyn Tx) -> Result<(), DbError> {
    let now = now_ms();
    for number in 0..1_234_i64 {
        let device = if number % 2 == 0 { "phone" } else { "desktop" };
        let id = session(tx, &format!("s{number}"), device, now - 2_000)?;
        let intent = if number < 617 { "price" } else { "scope" };
        let answer_ms = if number < 1_200 { 4 } else { 1_000 };
        record(tx, Some(id), &turn(intent, answer_ms), now - 1_000)?;
        if number < 45 {
            let booked = Event::Booked {
                booking_id: number,
                service_id: 1,
            };
            record(tx, Some(id), &booked, now - 500)?;
        }
        if number < 3 {
            let left = Event::LeadLeft {
                lead_id: number,
                source: LeadSource::Chat,
                package: Some(if number < 2 { "premium" } else { "standard" }.into()),
                property_type: None,
            };
            record(tx, Some(id), &left, now - 400)?;
            let rated = Event::ConversationRated {
                rating: 5 - number,
                before: None,
            };
            record(tx, Some(id), &rated, now - 300)?;
        }
    }
    Ok(())
}

async fn data(server: &Server, path: &str) -> Value {
    let answer = server
        .agent()
        .get(&format!("/api/widgets{path}"))
        .await
        .ok();
    assert_eq!(answer["success"], true, "{answer}");
    answer["data"].clone()
}

#[tokio::test]
async fn every_ready_widget_tells_what_happened() {
    let folder = process::data_folder();
    write(folder.path(), a_month);
    let server = Server::start_on(folder.path(), &[]);
    let summary = data(&server, "/metrics/summary").await;
    assert_eq!(summary["conversations"], 1_234);
    assert_eq!(summary["bookings"], 45);
    assert_eq!(summary["leads"], 3);
    assert_eq!(summary["conversion_rate"], 3.65);
    assert_eq!(summary["period_days"], 30);
    let timeline = data(&server, "/metrics/timeline?days=7").await;
    let days = timeline["timeline"].as_array().unwrap();
    assert_eq!(days.len(), 7);
    let talks: i64 = days
        .iter()
        .map(|day| day["conversations"].as_i64().unwrap())
        .sum();
    assert_eq!(talks, 1_234);
    assert_eq!(
        data(&server, "/top/intents?limit=1").await,
        json!([{"intent": "price", "count": 617, "percentage": 50.0}])
    );
    assert_eq!(
        data(&server, "/top/packages").await,
        json!([
            {"package": "premium", "count": 2, "percentage": 66.67},
            {"package": "standard", "count": 1, "percentage": 33.33}
        ])
    );
    let active = data(&server, "/active/sessions").await;
    assert_eq!(active["active_sessions"], 1_234);
    assert_eq!(
        active["by_device"][0],
        json!({"device": "desktop", "count": 617})
    );
    let times = data(&server, "/response/times").await;
    assert_eq!(times["assistant"]["count"], 1_234);
    assert_eq!(times["assistant"]["p50_ms"], 4.0);
    assert_eq!(times["assistant"]["p95_ms"], 4.0);
    assert_eq!(times["people"]["p95_ms"], Value::Null);
    let scores = data(&server, "/satisfaction/scores").await;
    assert_eq!(scores["overall"]["average"], 4.0);
    assert_eq!(scores["conversations"]["distribution"]["5"], 1);
    assert_eq!(scores["visits"]["average"], Value::Null);
}

#[tokio::test]
async fn a_period_that_makes_no_sense_is_refused() {
    let server = Server::start();
    let agent = server.agent();
    for query in ["days=0", "days=-1", "days=366"] {
        let answer = agent
            .get(&format!("/api/widgets/metrics/summary?{query}"))
            .await;
        answer.refused(422, "invalid_value");
    }
    for path in [
        "/api/widgets/top/intents?limit=0",
        "/api/widgets/active/sessions?minutes=1441",
        "/api/analytics/performance?hours=0",
        "/api/analytics/performance?hours=8761",
    ] {
        agent.get(path).await.refused(422, "invalid_value");
    }
    let answer = agent.get("/api/widgets/metrics/summary?days=abc").await;
    answer.refused(422, "invalid_parameter");
    let answer = server.anon().get("/api/widgets/metrics/summary").await;
    answer.refused(401, "not_signed_in");
}

#[tokio::test]
async fn a_widget_of_the_team_is_kept_and_comes_back_with_its_numbers() {
    let folder = process::data_folder();
    write(folder.path(), a_month);
    let mut server = Server::start_on(folder.path(), &[]);
    let agent = server.agent();
    let widget = |title: &str, kind: &str, metric: &str| json!({"title": title, "kind": kind, "metric": metric, "period_days": 30});
    let made = agent
        .post("/api/widgets/custom", &widget("Leady", "number", "leads"))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let first = made.json()["widget"].clone();
    assert_eq!(first["data"]["value"], 3);
    assert_eq!(first["data"]["previous"], 0);
    for (title, kind, metric) in [
        ("Rozmowy", "line", "conversations"),
        ("Pytania", "bar", "intents"),
    ] {
        let made = agent
            .post("/api/widgets/custom", &widget(title, kind, metric))
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
    }
    let again = widget("Leady", "line", "messages");
    let answer = agent.post("/api/widgets/custom", &again).await;
    answer.refused(409, "widget_title_taken");
    server.restart();
    let agent = server.agent();
    let list = agent.get("/api/widgets/custom").await.ok()["widgets"].clone();
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(list[0], first);
    assert_eq!(list[1]["data"]["points"].as_array().unwrap().len(), 30);
    assert_eq!(list[2]["data"]["shares"][0]["label"], "price");
    let path = format!("/api/widgets/custom/{}", first["id"]);
    assert_eq!(agent.delete(&path).await.status, 204);
    agent.delete(&path).await.refused(404, "widget_not_found");
    let list = agent.get("/api/widgets/custom").await.ok();
    assert_eq!(list["widgets"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_widget_that_makes_no_sense_is_refused_with_its_field() {
    let server = Server::start();
    let agent = server.agent();
    for (body, field) in [
        (
            json!({"title": "a\nb", "kind": "line", "metric": "leads", "period_days": 30}),
            "title",
        ),
        (
            json!({"title": "x", "kind": "line", "metric": "intents", "period_days": 30}),
            "metric",
        ),
        (
            json!({"title": "x", "kind": "line", "metric": "leads", "period_days": 31}),
            "period_days",
        ),
    ] {
        let answer = agent.post("/api/widgets/custom", &body).await;
        let refused = answer.refused(422, "invalid_value");
        assert!(refused["details"][field].is_string(), "{refused}");
    }
    let unknown = json!({"title": "x", "kind": "pie", "metric": "leads", "period_days": 30});
    let answer = agent.post("/api/widgets/custom", &unknown).await;
    answer.refused(400, "malformed_body");
    for number in 0..50 {
        let body = json!({"title": format!("{number}"), "kind": "number", "metric": "leads", "period_days": 7});
        assert_eq!(agent.post("/api/widgets/custom", &body).await.status, 201);
    }
    let body = json!({"title": "50", "kind": "number", "metric": "leads", "period_days": 7});
    let answer = agent.post("/api/widgets/custom", &body).await;
    answer.refused(409, "too_many_widgets");
}

#[tokio::test]
async fn requests_are_measured_by_the_pattern_of_their_address_and_kept_over_a_restart() {
    let mut server = Server::start();
    let agent = server.agent();
    for number in 0..5 {
        let answer = agent
            .get(&format!("/api/canned/{}", 900_000 + number))
            .await;
        assert_eq!(answer.status, 404);
    }
    let measured = async |server: &Server| {
        let answer = server
            .agent()
            .get("/api/analytics/performance?hours=1")
            .await
            .ok();
        let all = answer["endpoint_performance"].as_array().unwrap().clone();
        let total: i64 = all
            .iter()
            .map(|it| it["request_count"].as_i64().unwrap())
            .sum();
        assert_eq!(answer["total_requests"], total);
        assert!(!answer.to_string().contains("90000"), "{answer}");
        let mut of_canned = all
            .into_iter()
            .filter(|it| it["endpoint"] == "/api/canned/{id}");
        of_canned.next().unwrap_or_default()
    };
    let before = measured(&server).await;
    assert_eq!(before["request_count"], 5, "{before}");
    assert_eq!(before["client_error_count"], 5);
    assert_eq!(before["error_count"], 0);
    let of = |name: &str| before[name].as_f64().unwrap();
    assert!(
        of("p50_ms") > 0.0 && of("p50_ms") <= of("p95_ms"),
        "{before}"
    );
    assert!(of("p95_ms") <= of("p99_ms") && of("p99_ms") <= of("max_response_time_ms"));
    server.restart();
    assert_eq!(measured(&server).await, before);
}

#[tokio::test]
async fn the_mood_of_a_text_is_told_in_the_language_it_is_in() {
    let server = Server::start();
    let agent = server.agent();
    let mood = async |body: Value| {
        let answer = agent
            .post("/api/analytics/advanced/sentiment", &body)
            .await
            .ok();
        assert_eq!(answer["status"], "success");
        answer["sentiment"].clone()
    };
    let glad = mood(json!({"text": "Bardzo dziękuję, jestem zachwycona!", "lang": "pl"})).await;
    assert_eq!(
        (&glad["label"], &glad["lang"]),
        (&json!("positive"), &json!("pl"))
    );
    let angry =
        mood(json!({"text": "The tiles are crooked and nobody calls me back, this is outrageous"}))
            .await;
    assert_eq!(
        (&angry["label"], &angry["lang"]),
        (&json!("negative"), &json!("en"))
    );
    assert!(angry["score"].as_f64().unwrap() < -0.2);
    let plain = mood(json!({"text": "Was kostet das?", "lang": "de"})).await;
    assert_eq!(
        (&plain["label"], &plain["score"]),
        (&json!("neutral"), &json!(0.0))
    );
    for (body, code) in [
        (json!({"text": " "}), "text_empty"),
        (json!({"text": "x".repeat(2_001)}), "text_too_long"),
        (json!({"text": "x", "lang": "fr"}), "unknown_language"),
    ] {
        let answer = agent.post("/api/analytics/advanced/sentiment", &body).await;
        answer.refused(422, code);
    }
}

/// 2,000 sessions of half a year ago, of which those that asked for the price became clients more often.
fn a_past(tx: &mut dyn Tx) -> Result<(), DbError> {
    let began = now_ms() - 180 * DAY_MS;
    for number in 0..2_000_i64 {
        let id = session(tx, &format!("s{number}"), "phone", began)?;
        let asks_price = number % 2 == 0;
        let intent = if asks_price { "price" } else { "team" };
        record(tx, Some(id), &turn(intent, 3), began + 1)?;
        let one_in = if asks_price { 6 } else { 20 };
        if number % one_in == number % 2 {
            let won = Event::LeadStatus {
                lead_id: number,
                from: "new".into(),
                to: "converted".into(),
                value: None,
            };
            record(tx, Some(id), &won, began + DAY_MS)?;
        }
    }
    job(tx, "analytics.conversion", "a")
}

fn job(tx: &mut dyn Tx, kind: &'static str, key: &str) -> Result<(), DbError> {
    let job = NewJob {
        kind,
        payload_json: "{}",
        dedupe_key: Some(key),
    };
    enqueue(tx, &job, now_ms())
}

#[tokio::test]
async fn the_conversion_model_says_what_it_learned_and_how_well_that_held() {
    let server = Server::start();
    let model = server
        .agent()
        .get("/api/analytics/conversion-model")
        .await
        .ok()["model"]
        .clone();
    assert_eq!(model["state"], "not_enough_data");
    assert_eq!(
        (&model["fitted_at"], &model["conversions_needed"]),
        (&Value::Null, &json!(200))
    );
    drop(server);

    let folder = process::data_folder();
    write(folder.path(), a_past);
    let server = Server::start_on(folder.path(), &[]);
    let agent = server.agent();
    let mut model = Value::Null;
    until("the model is fitted", async || {
        model = agent.get("/api/analytics/conversion-model").await.ok()["model"].clone();
        !model["fitted_at"].is_null()
    })
    .await;
    assert_eq!(model["state"], "fitted", "{model}");
    assert_eq!(model["sessions"], 2_000);
    let features = model["features"].as_array().unwrap();
    let price = features
        .iter()
        .find(|it| it["name"] == "asked_price")
        .unwrap();
    assert!(price["weight"].as_f64().unwrap() > 0.3, "{model}");
    assert_eq!(model["calibration"].as_array().unwrap().len(), 10);
    let journey = agent.get("/api/analytics/advanced/journey/s0").await.ok();
    let likely = journey["journey_data"]["conversion_probability"].as_f64();
    // A third of those that asked for the price did.
    assert!(
        likely.is_some_and(|likely| (likely - 1.0 / 3.0).abs() < 0.05),
        "{journey}"
    );
}

/// A Wednesday.
const NOW: &str = "2030-12-04T12:00:00Z";

fn ms(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_millisecond()
}

fn two_reports_are_due(tx: &mut dyn Tx) -> Result<(), DbError> {
    // On Sunday evening, and on Monday right after the company's midnight.
    session(tx, "a", "phone", ms("2030-12-01T22:59:59Z"))?;
    session(tx, "b", "phone", ms("2030-12-01T23:00:00Z"))?;
    job(tx, "analytics.weekly", "a")?;
    job(tx, "analytics.weekly", "b")
}

#[tokio::test]
async fn the_week_is_told_to_the_team_once() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    write(folder.path(), two_reports_are_due);
    let ahead = process::clock_ahead((ms(NOW) - now_ms()) / 1000);
    let mut with_clock = env(mail.port()).to_vec();
    with_clock.extend(ahead.iter().map(|(name, value)| (*name, value.as_str())));
    let server = Server::start_on(folder.path(), &with_clock);
    until("the report is sent and nothing is under way", async || {
        let is_quiet = outbox(&server, "state=pending").await.is_empty();
        let is_told = mail.letters_to(TEAM).iter().any(is_report);
        is_quiet && is_told && done(folder.path()) >= 2
    })
    .await;
    let mut letters = mail.letters_to(TEAM);
    letters.retain(is_report);
    assert_eq!(letters.len(), 1, "{letters:?}");
    let body = text(&letters[0]["text"]);
    assert!(body.contains("Odwiedzający: 1 (+1)"), "{body}");
    assert!(body.contains("Nowe kontakty: 0 (0)"), "{body}");
    assert!(body.contains("/admin"), "{body}");
}

#[tokio::test]
async fn an_owner_who_wants_no_report_gets_none() {
    let mail = MailServer::start();
    let folder = process::data_folder();
    let mut server = Server::start_on(folder.path(), &env(mail.port()));
    let off = json!({"reports": {"weekly": false}});
    let answer = server.owner().put("/api/settings", &off).await.ok();
    assert_eq!(answer["settings"]["reports"]["weekly"], false);
    server.stop();
    write(folder.path(), two_reports_are_due);
    server.restart();
    until("both jobs are done", async || done(folder.path()) >= 2).await;
    assert!(outbox(&server, "").await.is_empty());
    assert!(mail.letters().is_empty());
}

/// Whether a letter is the report. Beside it may lie the alarm about backups: for this clock the last one was years ago.
fn is_report(letter: &Value) -> bool {
    text(&letter["subject"]).starts_with("Podsumowanie tygodnia")
}

/// Jobs of the weekly report that are done; the server's own look at the clock may have added one.
fn done(folder: &Path) -> i64 {
    let database = rusqlite::Connection::open(folder.join(DATABASE_FILE)).unwrap();
    let count =
        "SELECT COUNT(*) FROM outbox_jobs WHERE kind = 'analytics.weekly' AND state = 'done'";
    database.query_row(count, [], |row| row.get(0)).unwrap()
}
