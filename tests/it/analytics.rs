//! Numbers: a known history in every answer, what visitors really do, erasure.

use std::path::Path;

use jiff::Timestamp;
use novahouse::analytics::{Event, LeadSource, Origin, Outcome, Visit, begin, record};
use novahouse::nlu::Lang;
use novahouse::platform::db::{DATABASE_FILE, DbError, Tx, edit};
use serde_json::{Value, json};

use crate::process::{self, novahouse, run};
use crate::support::{Actor, Server, text, until};

/// When the history is looked at.
const NOW: &str = "2030-12-01T12:00:00Z";

fn ms(at: &str) -> i64 {
    at.parse::<Timestamp>().unwrap().as_millisecond()
}

fn visit(device: &'static str, source: &str, campaign: &str, path: &str) -> Visit {
    Visit {
        lang: Lang::Pl,
        device,
        browser: "chrome",
        address_prefix: Some("203.0.113.0/24".into()),
        origin: Origin {
            source: source.into(),
            campaign: campaign.into(),
            path: path.into(),
        },
    }
}

fn turn(intent: &str, confidence: f64, outcome: Outcome, sentiment: Option<f64>) -> Event {
    Event::Turn {
        intent: Some(intent.into()),
        confidence: Some(confidence),
        outcome,
        sentiment,
        answer_ms: Some(4),
    }
}

/// A visitor who comes late in the evening before the clock is put forward, one in the night in which it is put back, and
/// one today.
fn happened(tx: &mut dyn Tx) -> Result<(), DbError> {
    let (answered, premium) = (Outcome::Answered, Some("premium".to_owned()));
    let at = ms("2030-03-30T22:59:00Z");
    let one = begin(
        tx,
        "one",
        &visit("phone", "google.com", "wiosna", "/oferta"),
        at,
    )?;
    let mut of_one = |event: Event, at: &str| record(tx, Some(one), &event, ms(at));
    of_one(
        turn("price", 0.5, answered, Some(0.5)),
        "2030-03-30T22:59:30Z",
    )?;
    of_one(
        turn("team", 0.75, answered, Some(0.0)),
        "2030-03-30T23:00:30Z",
    )?;
    of_one(turn("team", 0.75, answered, None), "2030-03-31T01:00:00Z")?;
    let lead = Event::LeadLeft {
        lead_id: 1,
        source: LeadSource::Chat,
        package: premium,
        property_type: Some("flat".into()),
    };
    of_one(lead, "2030-03-31T01:01:00Z")?;
    of_one(turn("team", 0.75, answered, None), "2030-03-31T22:30:00Z")?;
    let won = Event::LeadStatus {
        lead_id: 1,
        from: "new".into(),
        to: "converted".into(),
        value: Some(50_000.5),
    };
    of_one(won, "2030-04-02T10:00:00Z")?;
    let at = ms("2030-10-26T22:30:00Z");
    let two = begin(tx, "two", &visit("desktop", "direct", "", "/"), at)?;
    let mut of_two = |event: Event, at: &str| record(tx, Some(two), &event, ms(at));
    let lost = turn("out_of_scope", 0.25, Outcome::Fallback, None);
    of_two(lost, "2030-10-27T00:30:00Z")?;
    of_two(
        turn("price", 0.5, Outcome::Unsure, None),
        "2030-10-27T01:30:00Z",
    )?;
    let touched = Event::Touched {
        source: "facebook".into(),
        campaign: String::new(),
        path: "/".into(),
    };
    of_two(touched, "2030-10-27T23:00:00Z")?;
    let booked = Event::Booked {
        booking_id: 1,
        service_id: 7,
    };
    of_two(booked, "2030-10-27T23:30:00Z")?;
    let at = ms("2030-12-01T11:00:00Z");
    begin(tx, "three", &visit("tablet", "direct", "", "/"), at)?;
    Ok(())
}

/// A server that lives at [`NOW`], on the history.
fn with_history(folder: &Path) -> Server {
    edit(&folder.join(DATABASE_FILE), happened).unwrap();
    let ahead = process::clock_ahead((ms(NOW) - Timestamp::now().as_millisecond()) / 1000 + 1);
    let ahead = ahead
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    Server::start_on(folder, &ahead)
}

async fn numbers(agent: &Actor, path: &str) -> Value {
    let answer = agent.get(&format!("/api/analytics/{path}")).await.ok();
    assert_eq!(answer["status"], "success", "{answer}");
    answer
}

#[tokio::test]
async fn a_known_history_over_both_changes_of_the_clock_gives_the_numbers_counted_by_hand() {
    let folder = process::data_folder();
    let server = with_history(folder.path());
    let agent = server.agent();

    let found = numbers(&agent, "overview?days=365").await;
    assert_eq!(found["period_days"], 365);
    let overview = json!({
        "total_conversations": 2, "total_leads": 1, "unique_sessions": 3, "avg_session_duration_seconds": 30.0,
        "conversion_rate_percent": 66.67,
        "top_intents": [
            {"intent": "team", "count": 3}, {"intent": "price", "count": 2}, {"intent": "out_of_scope", "count": 1}
        ],
    });
    assert_eq!(found["overview"], overview);
    assert!(text(&found["timestamp"]).starts_with("2030-12-01T12:0"));

    let found = numbers(&agent, "conversations?days=365").await;
    let days = found["conversations_by_day"].as_array().unwrap();
    assert_eq!(days.len(), 365);
    let busy: Vec<&Value> = days.iter().filter(|day| day["count"] != 0).collect();
    let expected = [
        json!({"date": "2030-03-30", "count": 1}),
        json!({"date": "2030-10-27", "count": 1}),
    ];
    assert_eq!(busy, expected.iter().collect::<Vec<_>>());
    assert_eq!(days[364]["date"], "2030-12-01");
    let moods = json!({"positive": 1, "neutral": 1, "negative": 0});
    assert_eq!(found["sentiment_distribution"], moods);
    assert_eq!(found["total_analyzed"], 2);

    let found = numbers(&agent, "engagement?days=365").await;
    assert_eq!(found["total_sessions"], 3);
    let devices = json!({"phone": 1, "desktop": 1, "tablet": 1});
    assert_eq!(found["device_distribution"], devices);
    assert_eq!(found["conversion_events"], 2);
    let averages = json!({"messages_per_session": 4.0, "session_duration_seconds": 30.0});
    assert_eq!(found["averages"], averages);

    let found = numbers(&agent, "intents?days=365").await;
    let row = |intent: &str, triggers: i64, success: i64, rate: f64, confidence: f64| {
        json!({
            "intent": intent, "triggers": triggers, "success": success, "failures": triggers - success,
            "success_rate": rate, "avg_confidence": confidence,
        })
    };
    let rows = json!([
        row("team", 3, 3, 100.0, 0.75),
        row("price", 2, 1, 50.0, 0.5),
        row("out_of_scope", 1, 0, 0.0, 0.25),
    ]);
    assert_eq!(found["intent_summary"], rows);
    assert_eq!(found["total_intents"], 3);

    let found = numbers(&agent, "leads?days=365").await;
    assert_eq!(found["total_leads"], 1);
    let days = found["leads_by_day"].as_array().unwrap().iter();
    let busy: Vec<&Value> = days.filter(|day| day["count"] != 0).collect();
    assert_eq!(busy, [&json!({"date": "2030-03-31", "count": 1})]);
    assert_eq!(found["leads_by_package"], json!({"premium": 1}));
    assert_eq!(found["leads_by_property_type"], json!({"flat": 1}));
    assert_eq!(found["leads_by_source"], json!({"chat": 1}));
}

#[tokio::test]
async fn a_known_history_shows_when_visitors_come_how_far_and_from_where() {
    let folder = process::data_folder();
    let server = with_history(folder.path());
    let agent = server.agent();

    let found = numbers(&agent, "advanced/heatmap?days=365").await;
    let map = &found["heatmap_data"];
    let mut expected = vec![vec![0; 7]; 24];
    // Saturday 23:59, Sunday 0:00, Sunday 3:00 after the clock was put forward, Monday 0:30; and twice Sunday 2:30.
    for (hour, day, count) in [(23, 5, 1), (0, 6, 1), (3, 6, 1), (0, 0, 1), (2, 6, 2)] {
        expected[hour][day] += count;
    }
    assert_eq!(map["heatmap"], json!(expected));
    assert_eq!(map["peak_hours"], json!([0, 2, 3]));
    assert_eq!(map["peak_days"], json!(["Sunday", "Monday", "Saturday"]));
    assert_eq!(map["total_interactions"], 6);

    let found = numbers(&agent, "advanced/funnel?days=365").await;
    let stage = |name: &str, count: i64, percentage: f64| json!({"name": name, "count": count, "percentage": percentage});
    let stages = json!([
        stage("visit", 3, 100.0),
        stage("engaged", 2, 66.67),
        stage("interest", 2, 66.67),
        stage("contact", 2, 66.67),
        stage("converted", 1, 33.33),
    ]);
    assert_eq!(found["funnel_data"]["stages"], stages);
    let drops = found["funnel_data"]["drop_off_rates"].as_array().unwrap();
    let rates: Vec<&Value> = drops.iter().map(|drop| &drop["rate"]).collect();
    assert_eq!(
        rates,
        [&json!(33.33), &json!(0.0), &json!(0.0), &json!(50.0)]
    );

    for (query, cohort_date, places, users, first) in [
        (
            "month&num_cohorts=10",
            "2030-03-01",
            10,
            1,
            vec![100.0, 100.0, 0.0],
        ),
        (
            "week&num_cohorts=60",
            "2030-03-25",
            36,
            1,
            vec![100.0, 100.0, 0.0],
        ),
        (
            "day&num_cohorts=36",
            "2030-10-27",
            36,
            1,
            vec![100.0, 0.0, 0.0],
        ),
        ("day&num_cohorts=36", "2030-12-01", 1, 0, vec![0.0]),
    ] {
        let path = format!("advanced/cohort?period={query}");
        let found = numbers(&agent, &path).await;
        let cohorts = found["cohort_data"]["cohorts"].as_array().unwrap();
        let cohort = cohorts
            .iter()
            .find(|cohort| cohort["cohort_date"] == cohort_date);
        let cohort = cohort.unwrap_or_else(|| panic!("{query}: no {cohort_date} in {found}"));
        assert_eq!(cohort["users"], users, "{query}");
        let retention = cohort["retention"].as_array().unwrap();
        assert_eq!(retention.len(), places, "{query}: {cohort}");
        assert_eq!(retention[..first.len()], *json!(first).as_array().unwrap());
    }

    let found = numbers(&agent, "attribution?days=365").await;
    let row = |name: &str, sessions: i64, leads: i64, bookings: i64, converted: i64| {
        json!({
            "name": name, "sessions": sessions, "leads": leads, "bookings": bookings, "converted": converted,
            "converted_value": if converted > 0 { 50_000.5 } else { 0.0 },
        })
    };
    let google = row("google.com", 1, 1, 0, 1);
    let first = json!({
        "sources": [google, row("direct", 2, 0, 1, 0)],
        "campaigns": [row("wiosna", 1, 1, 0, 1)],
        "pages": [row("/oferta", 1, 1, 0, 1), row("/", 2, 0, 1, 0)],
    });
    assert_eq!(found["first_touch"], first);
    let last = json!([
        google,
        row("facebook", 1, 0, 1, 0),
        row("direct", 1, 0, 0, 0)
    ]);
    assert_eq!(found["last_touch"]["sources"], last);
}

#[tokio::test]
async fn a_period_begins_at_the_company_s_midnight_and_a_bad_one_is_refused() {
    let folder = process::data_folder();
    let server = with_history(folder.path());
    let agent = server.agent();
    // 36 days reach back to 27 October, 35 to the day after, on which the visit was booked.
    let dashboard = |days: i64| format!("dashboard/summary?days={days}");
    let found = numbers(&agent, &dashboard(36)).await["summary"].clone();
    let summary = json!({
        "conversations": 1, "messages": 4, "leads": 0, "bookings": 1, "conversion_rate": 100.0, "period_days": 36,
    });
    assert_eq!(found["current"], summary);
    assert_eq!(found["missed_questions"], 2);
    let found = numbers(&agent, &dashboard(35)).await["summary"].clone();
    assert_eq!(found["current"]["conversations"], 0);
    assert_eq!(found["current"]["bookings"], 1);
    assert_eq!(found["previous"]["conversations"], 1);
    let found = numbers(&agent, &dashboard(34)).await["summary"].clone();
    assert_eq!(found["current"]["bookings"], 0);
    let found = numbers(&agent, &dashboard(365)).await["summary"].clone();
    assert_eq!(
        (&found["converted"], &found["converted_value"]),
        (&json!(1), &json!(50_000.5))
    );
    let found = numbers(&agent, "overview?days=1").await;
    assert_eq!(found["overview"]["unique_sessions"], 1);

    for path in [
        "overview",
        "conversations",
        "engagement",
        "intents",
        "leads",
        "dashboard/summary",
        "advanced/heatmap",
        "advanced/funnel",
        "attribution",
        "export",
    ] {
        for days in ["0", "-1", "366", "abc", "1.5", "99999999999999999999"] {
            let path = format!("/api/analytics/{path}?days={days}");
            let answer = agent.get(&path).await;
            assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        }
        let path = format!("/api/analytics/{path}");
        server.anon().get(&path).await.refused(401, "not_signed_in");
    }
    for query in [
        "num_cohorts=0",
        "num_cohorts=61",
        "period=year",
        "num_cohorts=x",
    ] {
        let answer = agent
            .get(&format!("/api/analytics/advanced/cohort?{query}"))
            .await;
        assert_eq!(answer.status, 422, "{query}");
    }
    let unknown = agent.get("/api/analytics/advanced/journey/nobody").await;
    unknown.refused(404, "session_not_found");
    for query in ["type=all", "type=other&format=json", "format=xml"] {
        let answer = agent.get(&format!("/api/analytics/export?{query}")).await;
        assert_eq!(answer.status, 422, "{query}");
    }
}

#[tokio::test]
async fn one_visitor_s_way_and_everything_else_can_be_taken_out_and_counted_again() {
    let folder = process::data_folder();
    let server = with_history(folder.path());
    let agent = server.agent();
    let found = numbers(&agent, "advanced/journey/one").await["journey_data"].clone();
    assert_eq!(found["session_id"], "one");
    assert_eq!(found["total_messages"], 8);
    assert_eq!(found["duration_seconds"], 60.0);
    assert_eq!(found["stage"], "converted");
    assert_eq!(found["source"], "google.com");
    let timeline = found["intents_timeline"].as_array().unwrap();
    assert_eq!(timeline.len(), 4);
    assert_eq!(timeline[0]["intent"], "price");
    assert_eq!(timeline[0]["timestamp"], "2030-03-30T22:59:30.000Z");
    assert_eq!(found["sentiment_trend"].as_array().unwrap().len(), 2);
    let found = numbers(&agent, "advanced/journey/two").await["journey_data"].clone();
    assert_eq!(found["stage"], "contact");

    let events = agent.get("/api/analytics/export").await;
    assert_eq!(events.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<String> = events.text().lines().map(str::to_owned).collect();
    // One line of names; three sessions, six turns, a lead and its status, a touch and a booking.
    assert_eq!(lines.len(), 1 + 13, "{lines:?}");
    assert!(lines[0].ends_with("id,timestamp,session,event,details"));
    let young = agent
        .get("/api/analytics/export?days=36&format=json")
        .await
        .ok();
    assert_eq!(young.as_array().unwrap().len(), 6, "{young}");
    let all = agent
        .get("/api/analytics/export?type=all&format=json")
        .await
        .ok();
    assert_eq!(all["events"].as_array().unwrap().len(), 13);
    assert_eq!(all["sessions"].as_array().unwrap().len(), 3);
    assert_eq!(all["sessions"][0]["stage"], "converted");
    let daily = all["daily"].as_array().unwrap();
    let booked =
        json!({"metric": "bookings", "date": "2030-10-28", "label": "7", "count": 1, "total": 0.0});
    assert!(daily.contains(&booked), "{daily:?}");

    let before = agent.get("/api/analytics/export?type=daily").await.text();
    let mut command = novahouse(&["analytics", "rebuild", "--data"]);
    command.arg(folder.path());
    let ended = tokio::task::spawn_blocking(move || run(command, b""))
        .await
        .unwrap();
    assert!(ended.status.success(), "{}", ended.stderr);
    assert_eq!(ended.stdout, "counted 13 events again\n");
    let after = agent.get("/api/analytics/export?type=daily").await.text();
    assert_eq!(before, after);
}

#[tokio::test]
async fn what_visitors_really_do_is_counted_at_once_and_who_is_erased_stays_a_number() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let touch = json!({
        "lang": "pl", "page_url": "https://novahouse.pl/oferta?x=1", "referrer": "https://www.google.com/search?q=x",
        "utm": {"utm_campaign": "Wiosna"},
    });
    let session = visitor.post("/api/chatbot/sessions", &touch).await.ok();
    let session = text(&session["session_id"]);
    let again = json!({"session_id": session, "utm": {"source": "newsletter"}});
    let same = visitor.post("/api/chatbot/sessions", &again).await.ok();
    assert_eq!(same["session_id"], session.as_str());
    let other = json!({"session_id": "chosen-by-the-client"});
    let other = visitor.post("/api/chatbot/sessions", &other).await.ok();
    assert_ne!(other["session_id"], "chosen-by-the-client");
    visitor.say(&session, "intent:price").await;
    visitor.say(&session, "intent:portfolio").await;
    visitor.say("weak-session", "intent:price").await;
    let form = json!({
        "name": "Anna Kwiatkowska", "email": "anna@example.com", "session_id": session,
        "interested_package": "premium", "property_type": "loft in my words",
    });
    let lead = visitor.post("/api/leads", &form).await;
    assert_eq!(lead.status, 201, "{}", lead.text());
    let spam =
        json!({"name": "Robot", "email": "robot@example.com", "website": "https://spam.example"});
    visitor.post("/api/leads", &spam).await;
    let rate = json!({"session_id": session, "rating": 4});
    visitor.post("/api/chatbot/rate", &rate).await.ok();
    let handoff = json!({"session_id": session});
    visitor.post("/api/chatbot/handoff", &handoff).await.ok();
    let list = agent.get("/api/conversations?handled_by=queue").await.ok();
    let id = &list["conversations"][0]["id"];
    let answer = json!({"message": "Dzień dobry"});
    let path = format!("/api/conversations/{id}/messages");
    agent.post(&path, &answer).await.ok();

    let found = numbers(&agent, "overview").await["overview"].clone();
    assert_eq!(found["total_conversations"], 2);
    assert_eq!(found["total_leads"], 1, "spam is not counted");
    assert_eq!(found["unique_sessions"], 3);
    assert_eq!(found["conversion_rate_percent"], 33.33);
    assert_eq!(
        found["top_intents"][0],
        json!({"intent": "price", "count": 2})
    );
    let found = numbers(&agent, "dashboard/summary?days=1").await["summary"].clone();
    assert_eq!(found["hand_offs"], 1);
    // Three questions with their answers, and what the team wrote.
    assert_eq!(found["today"]["messages"], 7);
    let found = numbers(&agent, "leads").await;
    assert_eq!(found["leads_by_property_type"], json!({"other": 1}));
    let found = numbers(&agent, "attribution").await;
    let google = &found["first_touch"]["sources"][0];
    assert_eq!(
        (&google["name"], &google["leads"]),
        (&json!("google.com"), &json!(1))
    );
    assert_eq!(found["first_touch"]["campaigns"][0]["name"], "wiosna");
    assert_eq!(found["first_touch"]["pages"][0]["name"], "/oferta");
    assert_eq!(found["last_touch"]["sources"][0]["name"], "newsletter");
    let journey = format!("advanced/journey/{session}");
    let found = numbers(&agent, &journey).await["journey_data"].clone();
    assert_eq!(found["stage"], "contact");
    let happened: Vec<String> = (found["events"].as_array().unwrap().iter())
        .map(|event| text(&event["event"]))
        .collect();
    let expected = [
        "session_started",
        "touched",
        "lead_left",
        "conversation_rated",
        "handed_off",
        "person_answered",
    ];
    assert_eq!(happened, expected);

    let export = visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    assert_eq!(export["visit"]["source"], "google.com");
    assert_eq!(export["visit"]["network"], "127.0.0.0/24");
    let before = numbers(&agent, "overview").await["overview"].clone();
    let mine = json!({"session_id": session});
    visitor
        .delete_with("/api/chatbot/delete-my-data", &mine)
        .await
        .ok();
    let gone = agent.get(&format!("/api/analytics/{journey}")).await;
    gone.refused(404, "session_not_found");
    let events = agent.get("/api/analytics/export?format=json").await.ok();
    let left = events.as_array().unwrap().iter();
    // The two other sessions begin, and one of them asks.
    assert_eq!(
        left.filter(|event| !event["session"].is_null()).count(),
        3,
        "{events}"
    );
    assert_eq!(numbers(&agent, "overview").await["overview"], before);
}

#[tokio::test]
async fn in_another_time_zone_days_are_counted_anew() {
    let folder = process::data_folder();
    let server = with_history(folder.path());
    let (agent, owner) = (server.agent(), server.owner());
    let busy = async |agent: &Actor| {
        let found = numbers(agent, "leads?days=365").await;
        let days = found["leads_by_day"].as_array().unwrap().clone();
        let day = days.iter().find(|day| day["count"] != 0).unwrap();
        text(&day["date"])
    };
    assert_eq!(busy(&agent).await, "2030-03-31");
    let settings = owner.get("/api/settings").await.ok();
    let mut company = settings["settings"]["company"].clone();
    company["time_zone"] = json!("America/New_York");
    let change = json!({"company": company});
    owner.put("/api/settings", &change).await.ok();
    until("the lead came on the evening before", async || {
        busy(&agent).await == "2030-03-30"
    })
    .await;
}
