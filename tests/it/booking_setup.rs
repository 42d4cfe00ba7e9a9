//! What the team sets up for bookings, and reminders.

use serde_json::{Value, json};

use crate::bookings::{free_times, wish};
use crate::support::{Actor, Server, text};

async fn member(agent: &Actor, id: i64) -> Value {
    let list = agent.get("/api/booking/staff").await.ok();
    let staff = list["staff"].as_array().unwrap();
    staff.iter().find(|one| one["id"] == id).unwrap().clone()
}

#[tokio::test]
async fn services_and_staff_are_added_changed_and_taken_off() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let mut body = json!({
        "name": "Oględziny", "names": {"en": "Visit"}, "duration_min": 90, "slot_step_min": 15,
        "location_kind": "on_site", "daily_cap": 2, "reminders": [{"offset_min": 60, "channel": "sms"}]
    });
    let made = agent.post("/api/booking/services", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(
        made["names"],
        json!({"pl": "Oględziny", "en": "Visit", "de": "Oględziny"})
    );
    let path = format!("/api/booking/services/{}", made["id"]);
    for (field, value) in [
        ("duration_min", json!(42)),
        ("duration_min", json!(0)),
        ("duration_min", json!(1_445)),
        ("slot_step_min", json!(0)),
        ("daily_cap", json!(0)),
        ("horizon_days", json!(731)),
        ("reminders", json!([{"offset_min": 5, "channel": "sms"}])),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let refusal = agent.put(&path, &wrong).await.refused(422, "invalid_value");
        assert!(refusal["details"][field].is_string(), "{refusal}");
    }
    let mut wrong = body.clone();
    wrong["location_kind"] = "moon".into();
    agent
        .put(&path, &wrong)
        .await
        .refused(400, "malformed_body");
    wrong = body.clone();
    wrong["name"] = "a\nb".into();
    agent.put(&path, &wrong).await.refused(422, "invalid_value");

    let mut person = json!({"name": "Ewa", "email": "ewa@example.com", "services": [made["id"]]});
    let ewa = agent.post("/api/booking/staff", &person).await.ok();
    assert_eq!(ewa["services"], json!([made["id"]]));
    assert_eq!(ewa["team"]["hours"][0]["from"], "09:00");
    person["services"] = json!([99]);
    agent
        .post("/api/booking/staff", &person)
        .await
        .refused(422, "invalid_value");
    person["services"] = json!([]);
    person["user_id"] = 99.into();
    agent
        .post("/api/booking/staff", &person)
        .await
        .refused(422, "invalid_value");
    person["user_id"] = Value::Null;
    person["email"] = "ewa".into();
    agent
        .post("/api/booking/staff", &person)
        .await
        .refused(422, "invalid_email");

    body["is_active"] = false.into();
    agent.put(&path, &body).await.ok();
    assert_eq!(visitor.get("/api/booking/services").await.ok()["count"], 1);
    let all = agent.get("/api/booking/services?all=true").await.ok();
    assert_eq!(all["count"], 2);
    assert_eq!(
        visitor.get("/api/booking/services?all=true").await.ok()["count"],
        1
    );
    agent.delete("/api/booking/services/1").await.ok();
    assert_eq!(visitor.get("/api/booking/services").await.ok()["count"], 0);
    agent
        .delete("/api/booking/services/99")
        .await
        .refused(404, "not_found");
    let gone = format!("/api/booking/staff/{}", ewa["id"]);
    agent.delete(&gone).await.ok();
    let seen = visitor.get("/api/booking/staff").await.ok();
    assert_eq!(seen["count"], 1, "{seen}");
}

#[tokio::test]
async fn hours_time_off_and_closures_decide_what_is_free() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let free = free_times(&visitor, "").await;
    let day = free[0][..10].to_owned();
    let on = |free: &[String], day: &str| free.iter().filter(|at| at.starts_with(day)).count();
    let before = on(&free, &day);

    let off =
        json!({"from": format!("{day}T00:00"), "to": format!("{day}T24:00"), "reason": "Urlop"});
    let path = "/api/booking/staff/1/time-off";
    agent.post(path, &off).await.refused(422, "invalid_value");
    let end: jiff::civil::Date = day.parse().unwrap();
    let end = end.tomorrow().unwrap();
    let off =
        json!({"from": format!("{day}T00:00"), "to": format!("{end}T00:00"), "reason": "Urlop"});
    let added = agent.post(path, &off).await.ok();
    assert_eq!(on(&free_times(&visitor, "").await, &day), 0);
    let listed = agent.get(path).await.ok();
    assert_eq!(listed["time_off"][0]["reason"], "Urlop");
    agent.delete(&format!("{path}/{}", added["id"])).await.ok();
    assert_eq!(on(&free_times(&visitor, "").await, &day), before);
    agent
        .delete(&format!("{path}/{}", added["id"]))
        .await
        .refused(404, "not_found");

    let closure = json!({"date": day, "reason": "Inwentaryzacja"});
    let closed = agent.post("/api/booking/closures", &closure).await.ok();
    assert_eq!(closed["closures"], json!([closure]));
    visitor
        .post("/api/booking/create", &wish(&free[0]))
        .await
        .refused(422, "closed");
    let settings = server.owner().get("/api/settings").await.ok();
    assert_eq!(settings["settings"]["company"]["closures"], json!([day]));
    agent
        .delete(&format!("/api/booking/closures/{day}"))
        .await
        .ok();
    agent
        .delete(&format!("/api/booking/closures/{day}"))
        .await
        .refused(404, "not_found");
    assert_eq!(on(&free_times(&visitor, "").await, &day), before);

    let hours = |weekday: u8, from: &str, to: &str| json!({"hours": [{"weekday": weekday, "from": from, "to": to}]});
    let path = "/api/booking/staff/1/hours";
    for wrong in [
        hours(8, "09:00", "10:00"),
        hours(1, "9:00", "10:00"),
        hours(1, "10:00", "09:00"),
        hours(1, "09:03", "10:00"),
    ] {
        agent.put(path, &wrong).await.refused(422, "invalid_value");
    }
    agent.put(path, &hours(3, "10:00", "12:00")).await.ok();
    let free = free_times(&visitor, "").await;
    let clocks: std::collections::BTreeSet<_> = free.iter().map(|at| &at[11..16]).collect();
    assert!(
        clocks
            .iter()
            .all(|clock| ["10:00", "10:30", "11:00"].contains(clock)),
        "{clocks:?}"
    );
    let london = free_times(&visitor, "&tz=Europe/London").await;
    assert_eq!(london.len(), free.len());
    assert_eq!(&london[0][11..16], "09:00");
}

#[tokio::test]
async fn settings_of_bookings_are_the_owners_and_travel_widens_a_visit_on_site() {
    let server = Server::start();
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    let path = "/api/booking/settings";
    let mut settings = agent.get(path).await.ok();
    assert_eq!(settings["quiet_from"], "21:00");
    settings["travel"] = json!([{"area": "Łódź", "minutes": 120}]);
    agent
        .put(path, &settings)
        .await
        .refused(403, "role_required");
    for (field, value) in [
        ("quiet_to", json!("8")),
        ("travel", json!([{"area": "Łódź", "minutes": 7}])),
        (
            "travel",
            json!([{"area": "Łódź", "minutes": 5}, {"area": "lodz", "minutes": 5}]),
        ),
        ("travel_elsewhere_min", json!(485)),
    ] {
        let mut wrong = settings.clone();
        wrong[field] = value;
        owner.put(path, &wrong).await.refused(422, "invalid_value");
    }
    assert_eq!(owner.put(path, &settings).await.ok(), settings);
    let service = json!({"name": "Oględziny", "duration_min": 60, "location_kind": "on_site"});
    agent.put("/api/booking/services/1", &service).await.ok();
    let free = free_times(&visitor, "").await;
    let nine = free.iter().find(|at| &at[11..16] == "09:00").unwrap();
    let mut body = wish(nine);
    body["area"] = "LODZ".into();
    visitor.post("/api/booking/create", &body).await.ok();
    let left = free_times(&visitor, "").await;
    let after = |clock: &str| {
        left.iter()
            .any(|at| at.starts_with(&nine[..10]) && &at[11..16] == clock)
    };
    assert!(
        !after("11:30") && after("12:00"),
        "two hours on both sides: {left:?}"
    );
}

#[tokio::test]
async fn a_member_subscribes_to_a_calendar_whose_address_can_be_renewed() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let free = free_times(&visitor, "").await;
    visitor
        .post("/api/booking/create", &wish(&free[0]))
        .await
        .ok();
    let address = text(&member(&agent, 1).await["team"]["feed_url"]);
    let feed = visitor.get(&address).await;
    assert!(feed.header("content-type").starts_with("text/calendar"));
    assert!(feed.text().contains("Anna Kwiatkowska"));
    let busy = visitor
        .get(&format!("{address}?busy_only=true"))
        .await
        .text();
    assert!(!busy.contains("Anna") && busy.contains("Zajęte"), "{busy}");
    agent
        .post("/api/booking/staff/1/feed", &json!({}))
        .await
        .ok();
    visitor.get(&address).await.refused(404, "not_found");
    let renewed = text(&member(&agent, 1).await["team"]["feed_url"]);
    assert_ne!(renewed, address);
    assert_eq!(visitor.get(&renewed).await.status, 200);
}

#[tokio::test]
async fn the_team_reminds_once_more_calls_reminders_off_and_they_follow_a_booking_that_moves() {
    let server = Server::start();
    let (visitor, agent) = (server.anon(), server.agent());
    let free = free_times(&visitor, "").await;
    let made = visitor
        .post("/api/booking/create", &wish(&free[0]))
        .await
        .ok();
    let id = made["booking_id"].clone();
    let of = async || {
        let path = format!("/api/reminders?booking_id={id}&state=pending");
        agent.get(&path).await.ok()["reminders"].clone()
    };
    let rows = of().await;
    let offsets: Vec<_> = (rows.as_array().unwrap().iter())
        .map(|row| (row["offset_min"].as_i64().unwrap(), text(&row["channel"])))
        .collect();
    assert_eq!(
        offsets,
        [(1_440, "email".to_owned()), (180, "sms".to_owned())]
    );

    let more = json!({"booking_id": id, "offset_min": 2_880, "channels": ["email", "sms"]});
    let added = agent.post("/api/reminders", &more).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(added.json()["reminders"].as_array().unwrap().len(), 2);
    agent
        .post("/api/reminders", &more)
        .await
        .refused(409, "reminder_exists");
    for wrong in [
        json!({"booking_id": id}),
        json!({"booking_id": id, "offset_min": 60, "reminder_time": free[0]}),
        json!({"booking_id": id, "offset_min": 43_200}),
        json!({"booking_id": id, "offset_min": 60, "channels": []}),
        json!({"booking_id": id, "reminder_time": free[9]}),
        json!({"booking_id": id, "reminder_time": "2020-01-01T00:00:00Z"}),
    ] {
        agent
            .post("/api/reminders", &wrong)
            .await
            .refused(422, "invalid_value");
    }
    let unknown = json!({"booking_id": 99, "offset_min": 60});
    agent
        .post("/api/reminders", &unknown)
        .await
        .refused(404, "not_found");

    let sms = added.json()["reminders"][1]["id"].clone();
    agent.delete(&format!("/api/reminders/{sms}")).await.ok();
    agent
        .delete(&format!("/api/reminders/{sms}"))
        .await
        .refused(409, "reminder_done");
    let path = format!("/api/booking/{id}");
    agent
        .put(&path, &json!({"start_time": free[free.len() - 1]}))
        .await
        .ok();
    let rows = of().await;
    let offsets: Vec<_> = (rows.as_array().unwrap().iter())
        .map(|row| (row["offset_min"].as_i64().unwrap(), text(&row["channel"])))
        .collect();
    assert_eq!(
        offsets,
        [
            (2_880, "email".to_owned()),
            (1_440, "email".to_owned()),
            (180, "sms".to_owned())
        ],
        "what was called off stays off"
    );
    let first = rows[0]["id"].clone();
    let urgent = agent
        .post(&format!("/api/reminders/{first}/send-now"), &json!({}))
        .await
        .ok();
    assert!(text(&urgent["due_at"]) < text(&rows[0]["due_at"]));
    visitor
        .get("/api/reminders")
        .await
        .refused(401, "not_signed_in");
}
