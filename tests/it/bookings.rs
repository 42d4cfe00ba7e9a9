//! Bookings: free times, booking once and only once, the client's link, calendars, what survives.

use ical::PropertyParser;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bad_input::shows_nothing_of_the_inside;
use crate::support::{Actor, Answer, Server, send, text};

/// The beginnings of a service's free times, at least three days ahead, so that notices are kept.
pub async fn free_times(who: &Actor, more: &str) -> Vec<String> {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::get("Europe/Warsaw").unwrap())
        .date();
    let day = |days: i64| today.saturating_add(jiff::Span::new().days(days));
    let (from, to) = (day(3), day(30));
    let path =
        format!("/api/booking/available-slots?service_id=1&date_from={from}&date_to={to}{more}");
    let list = who.get(&path).await.ok();
    let slots = list["slots"].as_array().unwrap();
    assert_eq!(list["count"], slots.len());
    slots.iter().map(|slot| text(&slot["start"])).collect()
}

pub fn wish(start: &str) -> Value {
    json!({
        "client_name": "Anna Kwiatkowska", "client_email": "anna@example.com", "client_phone": "600 100 200",
        "service_id": 1, "start_time": start, "notes": "Odbiór w maju", "lang": "pl"
    })
}

pub async fn book(who: &Actor, start: &str) -> Value {
    let answer = who.post("/api/booking/create", &wish(start)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// The address of a booking's link within the API.
pub fn link(made: &Value) -> String {
    let url = text(&made["manage_url"]);
    format!("/api/booking/m/{}", url.strip_prefix("/booking/").unwrap())
}

/// The values of a calendar file's properties of that name, as another program reads them.
pub fn read(file: &str, name: &str) -> Vec<String> {
    PropertyParser::from_reader(file.replace("\r\n ", "").as_bytes())
        .map(Result::unwrap)
        .filter(|property| property.name == name)
        .map(|property| property.value.unwrap_or_default())
        .collect()
}

pub async fn whole(agent: &Actor, id: &Value) -> Value {
    agent.get(&format!("/api/booking/{id}")).await.ok()
}

#[tokio::test]
async fn a_new_company_can_be_booked_and_the_team_sees_who_comes() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let services = visitor.get("/api/booking/services?lang=de").await.ok();
    assert_eq!(services["count"], 1);
    assert_eq!(services["services"][0]["duration_min"], 60);
    assert_eq!(services["services"][0]["location_kind"], "office");
    assert_eq!(services["services"][0]["name"], "Beratung in unserem Büro");
    let staff = visitor.get("/api/booking/staff").await.ok();
    assert_eq!(staff["staff"][0]["name"], "NovaHouse");
    assert!(
        staff["staff"][0]["team"].is_null(),
        "strangers see a member's address: {staff}"
    );
    let free = free_times(&visitor, "").await;
    assert!(free.len() > 100, "{}", free.len());
    let start = &free[4];
    let made = book(&visitor, start).await;
    assert_eq!(text(&made["booking_time"]), *start);
    assert_eq!(made["client_email"], "anna@example.com");
    assert!(!free_times(&visitor, "").await.contains(start));

    let list = agent.get("/api/booking/list?status=booked").await.ok();
    assert_eq!(list["total"], 1);
    let row = &list["bookings"][0];
    assert_eq!(row["id"], made["booking_id"]);
    assert_eq!(row["client_phone"], "600 100 200");
    assert_eq!(row["time_zone"], "Europe/Warsaw");
    assert!(start.starts_with(&text(&row["wall_time"])), "{row}");
    let lead = agent
        .get(&format!("/api/leads/{}", row["lead_id"]))
        .await
        .ok();
    assert_eq!(lead["status"], "consultation_booked");
    assert_eq!(lead["email"], "anna@example.com");
    let one = whole(&agent, &row["id"]).await;
    assert_eq!(one["history"][0]["change"], "created");
    assert_eq!(one["history"][0]["by"], "visitor");
    let channels: Vec<_> = one["reminders"].as_array().unwrap().iter().collect();
    assert_eq!(channels.len(), 2, "{one}");
    assert!(channels.iter().all(|row| row["state"] == "pending"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_one_time_exactly_one_gets_it_and_the_others_hear_what_else_is_free() {
    let server = Server::start();
    let visitor = server.anon();
    let rounds = if std::env::var_os("NOVAHOUSE_LONG").is_some() {
        50
    } else {
        5
    };
    // Every third, so that neither time touches another round's.
    let free = free_times(&visitor, "").await;
    for start in free.iter().step_by(3).take(rounds) {
        let race: Vec<_> = (0..200)
            .map(|_| {
                let (visitor, body) = (visitor.clone(), wish(start));
                tokio::spawn(async move { visitor.post("/api/booking/create", &body).await })
            })
            .collect();
        let mut won = 0;
        for runner in race {
            let answer: Answer = runner.await.unwrap();
            if answer.status == 201 {
                won += 1;
                continue;
            }
            let refusal = answer.refused(409, "slot_taken");
            let nearest = refusal["nearest"].as_array().unwrap();
            assert!((1..=5).contains(&nearest.len()), "{refusal}");
            assert!(nearest.iter().all(|slot| slot["start"] != **start));
        }
        assert_eq!(won, 1, "{start}");
    }
    let database = rusqlite::Connection::open(server.data().join("novahouse.db")).unwrap();
    let held: i64 = database
        .query_row("SELECT COUNT(*) FROM booking_times", [], |row| row.get(0))
        .unwrap();
    let cells = i64::try_from(rounds * 15).unwrap();
    assert_eq!(held, cells, "75 minutes each, with what is kept free");
}

#[tokio::test]
async fn a_wish_that_cannot_be_is_refused_with_the_reason_and_nothing_is_stored() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let free = free_times(&visitor, "").await;
    let start = free[0].clone();
    let day = &start[..10];
    let too_long = "x".repeat(10_240);
    let time = |clock: &str| json!(format!("{day}T{clock}"));
    let cases = [
        ("client_name", json!(""), "text_empty"),
        ("client_name", json!(too_long), "text_too_long"),
        (
            "client_name",
            json!("Anna\r\nBcc: others@example.com"),
            "invalid_value",
        ),
        ("client_name", json!("Anna\u{0}"), "text_control_characters"),
        ("client_email", json!("anna"), "invalid_email"),
        (
            "client_email",
            json!("a@example.com\nBcc: b@example.com"),
            "invalid_email",
        ),
        ("client_email", json!(too_long), "invalid_email"),
        ("client_phone", json!("12"), "invalid_phone"),
        ("client_phone", json!("<b>600100200</b>"), "invalid_phone"),
        ("notes", json!(too_long), "text_too_long"),
        ("lang", json!("fr"), "unknown_language"),
        ("start_time", json!("tomorrow"), "invalid_value"),
        ("start_time", json!(day), "invalid_value"),
        ("start_time", json!("2020-01-07T09:00"), "too_soon"),
        ("start_time", json!("2999-01-07T09:00"), "too_far"),
        ("start_time", json!("-009999-01-01T00:00"), "too_soon"),
        ("start_time", time("13:37"), "not_on_grid"),
        ("start_time", time("10:00:30"), "not_on_grid"),
        ("start_time", time("03:00"), "outside_hours"),
        ("start_time", json!("2027-03-28T02:30"), "no_such_time"),
    ];
    for (field, value, code) in cases {
        let mut body = wish(&start);
        body[field] = value.clone();
        let answer = visitor.post("/api/booking/create", &body).await;
        let refusal = answer.refused(422, code);
        assert!(
            refusal["details"][field].is_string(),
            "{field} = {value}: {refusal}"
        );
        shows_nothing_of_the_inside(&answer);
    }
    for (field, value) in [("service_id", 99), ("staff_id", 99)] {
        let mut body = wish(&start);
        body[field] = value.into();
        let answer = visitor.post("/api/booking/create", &body).await;
        answer.refused(404, "not_found");
    }
    for missing in ["client_name", "client_email", "client_phone", "start_time"] {
        let mut body = wish(&start);
        body.as_object_mut().unwrap().remove(missing);
        let answer = visitor.post("/api/booking/create", &body).await;
        answer.refused(400, "malformed_body");
    }
    for query in [
        "service_id=1&date_from=2026-13-01",
        "service_id=1&date_from=2027-01-01&date_to=2026-12-01",
        "service_id=1&date_from=2027-01-01&date_to=2027-03-03",
        "service_id=1&tz=Middle/Earth",
    ] {
        let path = format!("/api/booking/available-slots?{query}");
        visitor.get(&path).await.refused(422, "invalid_value");
    }
    assert_eq!(agent.get("/api/booking/list").await.ok()["total"], 0);
    assert_eq!(agent.get("/api/leads").await.ok(), json!([]));
}

#[tokio::test]
async fn markup_is_kept_as_text_and_a_calendar_file_holds_it_escaped() {
    let server = Server::start();
    let visitor = server.anon();
    let start = free_times(&visitor, "").await[0].clone();
    let name = "<script>alert(1)</script>; \"Anna\", 😀";
    let mut body = wish(&start);
    body["client_name"] = name.into();
    body["notes"] = "<img src=x onerror=alert(1)>\nBEGIN:VEVENT".into();
    let made = visitor.post("/api/booking/create", &body).await.ok();
    let seen = visitor.get(&link(&made)).await.ok();
    assert_eq!(seen["client_name"], name);
    let file = visitor
        .get(&format!("{}/invite.ics", link(&made)))
        .await
        .text();
    assert_eq!(read(&file, "BEGIN"), ["VCALENDAR", "VEVENT"]);
    let feed = server.agent().get("/api/booking/staff").await.ok();
    let feed = text(&feed["staff"][0]["team"]["feed_url"]);
    let file = visitor.get(&feed).await.text();
    assert_eq!(read(&file, "BEGIN"), ["VCALENDAR", "VEVENT"]);
    let summary = read(&file, "SUMMARY")[0].clone();
    assert!(summary.contains("<script>"), "{summary}");
}

#[tokio::test]
async fn whoever_has_the_link_moves_and_cancels_the_booking_and_looking_changes_nothing() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let free = free_times(&visitor, "").await;
    let made = book(&visitor, &free[0]).await;
    let path = link(&made);
    let seen = visitor.get(&path).await.ok();
    assert_eq!(text(&seen["local_start"]), free[0]);
    assert_eq!(seen["can_cancel"], true);
    assert_eq!(seen["can_reschedule"], true);
    for address in [path.clone(), format!("{path}/invite.ics")] {
        for _ in 0..2 {
            assert_eq!(visitor.get(&address).await.status, 200);
        }
    }
    assert_eq!(whole(&agent, &made["booking_id"]).await["sequence"], 0);
    for address in ["reschedule", "cancel"] {
        let answer = visitor.get(&format!("{path}/{address}")).await;
        assert_eq!(answer.status, 405, "{}", answer.text());
    }
    let invited = visitor.get(&format!("{path}/invite.ics")).await;
    assert!(invited.header("content-type").starts_with("text/calendar"));
    let file = invited.text();
    assert_eq!(read(&file, "METHOD"), ["REQUEST"]);
    assert_eq!(read(&file, "SEQUENCE"), ["0"]);
    let uid = read(&file, "UID");
    assert_eq!(
        uid,
        [format!("booking-{}@novahouse.pl", made["booking_id"])]
    );

    // Half an hour later overlaps itself, and may be had all the same.
    let token = path.rsplit('/').next().unwrap();
    let mine = free_times(&visitor, &format!("&token={token}")).await;
    assert!(mine.contains(&free[0]));
    let later = mine.iter().find(|start| **start > free[0]).unwrap();
    let moved = visitor
        .post(&format!("{path}/reschedule"), &json!({"start_time": later}))
        .await
        .ok();
    assert_eq!(text(&moved["local_start"]), *later);
    let file = visitor.get(&format!("{path}/invite.ics")).await.text();
    assert_eq!(
        (read(&file, "SEQUENCE"), read(&file, "UID")),
        (vec!["1".to_owned()], uid.clone())
    );
    let other = book(&visitor, &free[20]).await;
    let refusal = visitor
        .post(
            &format!("{path}/reschedule"),
            &json!({"start_time": free[20]}),
        )
        .await
        .refused(409, "slot_taken");
    assert!(!refusal["nearest"].as_array().unwrap().is_empty());
    assert_ne!(made["booking_id"], other["booking_id"]);

    let cancelled = visitor
        .post(&format!("{path}/cancel"), &json!({}))
        .await
        .ok();
    assert_eq!(cancelled["status"], "cancelled");
    let again = visitor
        .post(&format!("{path}/cancel"), &json!({}))
        .await
        .ok();
    assert_eq!(again["status"], "cancelled");
    visitor
        .post(
            &format!("{path}/reschedule"),
            &json!({"start_time": free[2]}),
        )
        .await
        .refused(409, "booking_closed");
    let file = visitor.get(&format!("{path}/invite.ics")).await.text();
    assert_eq!(read(&file, "METHOD"), ["CANCEL"]);
    assert_eq!(read(&file, "SEQUENCE"), ["2"]);
    let one = whole(&agent, &made["booking_id"]).await;
    let changes: Vec<_> = one["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(&event["change"]))
        .collect();
    assert_eq!(changes, ["created", "moved", "cancelled"]);
    assert!(
        one["reminders"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["state"] == "cancelled"),
        "{one}"
    );
    book(&visitor, later).await;
}

#[tokio::test]
async fn a_link_that_is_forged_or_made_for_something_else_opens_nothing() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let free = free_times(&visitor, "").await;
    let path = link(&book(&visitor, &free[0]).await);
    let token = path.rsplit('/').next().unwrap().to_owned();
    let quote = agent
        .post("/api/quotes", &json!({"area_m2": 50}))
        .await
        .ok();
    let quote = text(&quote["page_path"]).replace("/quote/", "");
    let staff = agent.get("/api/booking/staff").await.ok();
    let feed = text(&staff["staff"][0]["team"]["feed_url"]);
    let feed_token = feed.rsplit('/').next().unwrap().replace(".ics", "");
    let mut other = token.clone();
    other.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    for forged in ["1", "x", &other, &quote, &feed_token, &"A".repeat(5_000)] {
        for (method, rest) in [
            (Method::GET, ""),
            (Method::GET, "/invite.ics"),
            (Method::POST, "/cancel"),
        ] {
            let request = visitor.request(method, &format!("/api/booking/m/{forged}{rest}"));
            let answer = send(request.json(&json!({}))).await;
            assert!([404, 414].contains(&answer.status), "{}", answer.text());
        }
        let feed = visitor
            .get(&format!("/api/booking/feed/{forged}.ics"))
            .await;
        if forged != feed_token {
            assert_eq!(feed.status, 404, "{}", feed.text());
        }
    }
    assert_eq!(visitor.get(&path).await.ok()["status"], "booked");
}

#[tokio::test]
async fn after_the_notice_only_the_team_changes_a_booking() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let mut service = json!({
        "name": "Konsultacja", "duration_min": 60, "cancel_notice_min": 43_200, "reschedule_notice_min": 43_200
    });
    agent.put("/api/booking/services/1", &service).await.ok();
    let free = free_times(&visitor, "").await;
    let made = book(&visitor, &free[0]).await;
    let path = link(&made);
    let seen = visitor.get(&path).await.ok();
    assert_eq!(
        (&seen["can_cancel"], &seen["can_reschedule"]),
        (&json!(false), &json!(false))
    );
    let wanted = json!({"start_time": free[6]});
    for (address, body) in [("cancel", json!({})), ("reschedule", wanted.clone())] {
        let answer = visitor.post(&format!("{path}/{address}"), &body).await;
        let refusal = answer.refused(409, "too_late");
        assert!(refusal["details"]["until"].is_string(), "{refusal}");
    }
    let at = format!("/api/booking/{}", made["booking_id"]);
    let moved = agent.put(&at, &wanted).await.ok();
    assert!(free[6].starts_with(&text(&moved["wall_time"])), "{moved}");
    assert_eq!(moved["sequence"], 1);
    let edit = json!({"client_phone": "+49 30 901820", "notes": "Proszę dzwonić po 16"});
    let edited = agent.put(&at, &edit).await.ok();
    assert_eq!(edited["client_phone"], "+49 30 901820");
    let details = edited["history"][2]["details"].to_string();
    assert_eq!(details, r#"{"fields":["client_phone","notes"]}"#);
    agent
        .post(&format!("{at}/no-show"), &json!({}))
        .await
        .refused(409, "not_begun");
    agent
        .put(&at, &json!({"status": "done"}))
        .await
        .refused(409, "not_begun");
    let cancel = format!("/api/booking/cancel/{}", made["booking_id"]);
    agent.delete(&cancel).await.ok();
    agent.delete(&cancel).await.ok();
    agent.put(&at, &wanted).await.refused(409, "booking_status");
    agent
        .delete("/api/booking/cancel/99")
        .await
        .refused(404, "not_found");
    service["is_active"] = false.into();
    agent.put("/api/booking/services/1", &service).await.ok();
    visitor
        .post("/api/booking/create", &wish(&free[6]))
        .await
        .refused(404, "not_found");
}
