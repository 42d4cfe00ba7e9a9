//! Experiments, from the plan to the result: what visitors are shown, what is counted, and what may be said about it.

use serde_json::{Value, json};

use crate::bookings::{free_times, wish};
use crate::leads::create as leave_lead;
use crate::notify::outbox;
use crate::support::{Actor, Server, text, until};

const EXPERIMENTS: &str = "/api/ab-testing/experiments";
const QUESTION: &str = "Dzień dobry! Jestem automatycznym asystentem. Ile metrów ma mieszkanie?";
/// Nothing the assistant could understand.
const UNCLEAR: &str = "zzyzx garply qwfp";

fn greeting(goal: &str) -> Value {
    json!({
        "name": format!("Greeting for {goal}"), "element": "greeting", "goal": goal,
        "baseline_rate": 0.1, "minimum_lift_percent": 150,
        "variants": [
            {"key": "control", "name": "As before"},
            {"key": "question", "name": "A question", "texts": {"pl": QUESTION}},
        ],
    })
}

async fn plan(server: &Server, body: &Value) -> Value {
    let answer = server.agent().post(EXPERIMENTS, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

async fn act(server: &Server, id: &Value, action: &str) -> Value {
    let path = format!("{EXPERIMENTS}/{id}/{action}");
    server.agent().post(&path, &json!({})).await.ok()
}

/// Plans and starts an experiment; answers its number.
async fn run(server: &Server, body: &Value) -> Value {
    let id = plan(server, body).await["id"].clone();
    assert_eq!(act(server, &id, "start").await["status"], "running");
    id
}

async fn results(server: &Server, id: &Value) -> Value {
    let path = format!("{EXPERIMENTS}/{id}/results");
    server.agent().get(&path).await.ok()
}

/// Exposures and conversions of each variant.
async fn counted(server: &Server, id: &Value) -> Vec<(u64, u64)> {
    let answer = results(server, id).await;
    let variants = answer["result"]["variants"].as_array().unwrap();
    let counts = |variant: &Value| {
        let count = |field: &str| variant[field].as_u64().unwrap();
        (count("exposures"), count("conversions"))
    };
    variants.iter().map(counts).collect()
}

async fn variant_of(visitor: &Actor, session: &str, id: &Value) -> Option<String> {
    let body = json!({"session_id": session, "experiment_id": id});
    let answer = visitor.post("/api/ab-testing/assign", &body).await.ok();
    let assignments = answer["assignments"].as_array().unwrap();
    assert_eq!(assignments.len(), 1, "{answer}");
    assignments[0]["variant"].as_str().map(str::to_owned)
}

/// Begins a chat in Polish.
async fn begin(visitor: &Actor) -> Value {
    let body = json!({"lang": "pl"});
    visitor.post("/api/chatbot/sessions", &body).await.ok()
}

/// Sessions until there are so many of each of two variants, each with what it was greeted with.
async fn of_both(visitor: &Actor, id: &Value, keys: [&str; 2], each: usize) -> [Vec<Value>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    while found.iter().any(|sessions| sessions.len() < each) {
        let begun = begin(visitor).await;
        let variant = variant_of(visitor, &text(&begun["session_id"]), id).await;
        let place = keys.iter().position(|key| variant.as_deref() == Some(key));
        let place = place.unwrap_or_else(|| panic!("{variant:?}"));
        if found[place].len() < each {
            found[place].push(begun);
        }
    }
    found
}

#[tokio::test]
async fn a_greeting_is_varied_for_real_and_the_leads_that_follow_are_counted_once() {
    let mut server = Server::start();
    let visitor = server.anon();
    let usual = text(&begin(&visitor).await["greeting"]);
    let id = run(&server, &greeting("lead")).await;
    let [as_before, asked] = of_both(&visitor, &id, ["control", "question"], 5).await;
    assert!(as_before.iter().all(|begun| begun["greeting"] == *usual));
    assert!(asked.iter().all(|begun| begun["greeting"] == QUESTION));
    assert_eq!(counted(&server, &id).await, [(0, 0), (0, 0)]);

    let session = |begun: &Value| text(&begun["session_id"]);
    let lead = |n: usize, session: &str| json!({"name": "Anna", "email": format!("anna{n}@example.com"), "session_id": session});
    // Who leaves a contact before anything was seen to be shown does not count, also later.
    leave_lead(&visitor, &lead(0, &session(&as_before[0]))).await;
    for begun in as_before.iter().chain(&asked[..4]) {
        visitor.say(&session(begun), "Cześć").await;
        visitor.say(&session(begun), "Cześć").await;
    }
    for (n, begun) in [&as_before[1], &asked[0], &asked[1], &asked[1]]
        .into_iter()
        .enumerate()
    {
        leave_lead(&visitor, &lead(n + 1, &session(begun))).await;
    }
    // Neither a weak session nor one that was never greeted is a visitor.
    visitor.say("abc123", "Cześć").await;
    let fresh = json!({"message": "Cześć", "lang": "pl"});
    visitor.post("/api/chatbot/chat", &fresh).await.ok();
    let expected = [(5, 1), (4, 2)];
    assert_eq!(counted(&server, &id).await, expected);
    let answer = results(&server, &id).await;
    let (control, question) = (
        &answer["result"]["variants"][0],
        &answer["result"]["variants"][1],
    );
    assert_eq!(answer["result"]["verdict"], "not_enough_visitors");
    assert_eq!(
        (&control["rate"], &question["rate"]),
        (&json!(0.2), &json!(0.5))
    );
    // 3 of 9 together: z = 0.3 / sqrt(1/3 * 2/3 * (1/5 + 1/4)), p = 0.34278.
    let p = question["comparison"]["p_value"].as_f64().unwrap();
    assert!((p - 0.342_781_7).abs() < 1e-6, "{p}");
    let lift = question["comparison"]["lift_percent"].as_f64().unwrap();
    assert!((lift - 150.0).abs() < 1e-9, "{lift}");

    server.restart();
    let visitor = server.anon();
    for begun in &asked {
        let variant = variant_of(&visitor, &session(begun), &id).await;
        assert_eq!(variant.as_deref(), Some("question"));
    }
    visitor.say(&session(&asked[0]), "Cześć").await;
    assert_eq!(counted(&server, &id).await, expected);
}

#[tokio::test]
async fn a_result_outlives_the_visitors_it_is_about() {
    let server = Server::start();
    let visitor = server.anon();
    let id = run(&server, &greeting("lead")).await;
    let [as_before, asked] = of_both(&visitor, &id, ["control", "question"], 2).await;
    let sessions: Vec<String> = as_before
        .iter()
        .chain(&asked)
        .map(|begun| text(&begun["session_id"]))
        .collect();
    for session in &sessions {
        visitor.say(session, "Cześć").await;
    }
    let path = format!("/api/chatbot/export-data/{}", sessions[3]);
    let export = visitor.get(&path).await.ok();
    assert_eq!(export["experiments"][0]["variant"], "A question");
    let erase = async |session: &str| {
        let body = json!({"session_id": session});
        let path = "/api/chatbot/delete-my-data";
        visitor.delete_with(path, &body).await.ok()["deleted"]["experiments"].clone()
    };
    assert_eq!(erase(&sessions[3]).await, 1);
    assert_eq!(counted(&server, &id).await, [(2, 0), (1, 0)]);

    assert_eq!(act(&server, &id, "stop").await["stop_reason"], "manual");
    assert_eq!(erase(&sessions[2]).await, 0, "nothing of visitors is left");
    let answer = results(&server, &id).await;
    assert_eq!(answer["status"], "stopped");
    assert_eq!(counted(&server, &id).await, [(2, 0), (1, 0)]);
    assert_ne!(begin(&visitor).await["greeting"], QUESTION);
    let active = visitor.get("/api/ab-testing/active").await.ok();
    assert_eq!(active["experiments"], json!([]));
}

#[tokio::test]
async fn buttons_are_varied_and_a_visit_that_is_booked_counts() {
    let server = Server::start();
    let visitor = server.anon();
    let usual = begin(&visitor).await["quick_replies"].clone();
    let body = json!({
        "name": "Buttons", "element": "quick_replies", "goal": "booking",
        "baseline_rate": 0.1, "minimum_lift_percent": 50,
        "variants": [
            {"key": "control", "name": "As before"},
            {"key": "visit", "name": "Visit", "quick_replies": ["book_consultation", "price"]},
        ],
    });
    let id = run(&server, &body).await;
    let [as_before, visits] = of_both(&visitor, &id, ["control", "visit"], 2).await;
    assert!(
        as_before
            .iter()
            .all(|begun| begun["quick_replies"] == usual)
    );
    let payloads = |begun: &Value| -> Vec<String> {
        let buttons = begun["quick_replies"].as_array().unwrap();
        buttons
            .iter()
            .map(|button| text(&button["payload"]))
            .collect()
    };
    for begun in &visits {
        assert_eq!(
            payloads(begun),
            ["intent:book_consultation", "intent:price"]
        );
    }
    for begun in as_before.iter().chain(&visits) {
        visitor
            .say(&text(&begun["session_id"]), "intent:price")
            .await;
    }
    let mut wanted = wish(&free_times(&visitor, "").await[2]);
    wanted["session_id"] = visits[0]["session_id"].clone();
    visitor.post("/api/booking/create", &wanted).await.ok();
    assert_eq!(counted(&server, &id).await, [(2, 0), (2, 1)]);
}

#[tokio::test]
async fn a_call_to_action_is_seen_only_where_the_assistant_comes_to_it() {
    let server = Server::start();
    let visitor = server.anon();
    let call = "Czy nasz doradca ma zadzwonić i policzyć to dokładnie?";
    let body = json!({
        "name": "Call", "element": "call_to_action", "goal": "lead",
        "baseline_rate": 0.2, "minimum_lift_percent": 50,
        "variants": [
            {"key": "control", "name": "As before"},
            {"key": "call", "name": "A call", "texts": {"pl": call}},
        ],
    });
    let id = run(&server, &body).await;
    let [as_before, called] = of_both(&visitor, &id, ["control", "call"], 2).await;
    visitor.say(&text(&called[1]["session_id"]), "Cześć").await;
    let price = "Ile kosztuje wykończenie mieszkania 60 m² w pakiecie premium?";
    let said = async |begun: &Value| {
        text(&visitor.say(&text(&begun["session_id"]), price).await["response"])
    };
    let (usual, varied) = (said(&as_before[0]).await, said(&called[0]).await);
    assert!(varied.ends_with(call), "{varied}");
    assert!(!usual.contains(call), "{usual}");
    assert_eq!(usual.lines().next(), varied.lines().next());
    assert_eq!(counted(&server, &id).await, [(1, 0), (1, 0)]);
}

#[tokio::test]
async fn whether_somebody_writes_at_all_is_counted_from_the_greeting_on() {
    let server = Server::start();
    let visitor = server.anon();
    let id = run(&server, &greeting("conversation")).await;
    let mut expected = [(0, 0), (0, 0)];
    for n in 0..10 {
        let session = text(&begin(&visitor).await["session_id"]);
        let variant = variant_of(&visitor, &session, &id).await;
        let place = usize::from(variant.as_deref() == Some("question"));
        expected[place].0 += 1;
        if n % 2 == 0 {
            expected[place].1 += 1;
            visitor.say(&session, "Cześć").await;
        }
    }
    assert_eq!(counted(&server, &id).await, expected);
}

#[tokio::test]
async fn only_the_part_of_the_visitors_that_shall_takes_part() {
    let server = Server::start();
    let visitor = server.anon();
    let mut body = greeting("lead");
    body["traffic_percent"] = 50.into();
    let id = run(&server, &body).await;
    let mut outside = 0;
    for _ in 0..40 {
        let session = text(&begin(&visitor).await["session_id"]);
        outside += u32::from(variant_of(&visitor, &session, &id).await.is_none());
    }
    // By chance one run of a hundred million is off as far as this.
    assert!((3..=37).contains(&outside), "{outside}");
}

#[tokio::test]
async fn a_variant_that_does_harm_ends_the_experiment_and_the_team_hears_of_it() {
    let server = Server::start();
    let visitor = server.anon();
    let mut body = greeting("lead");
    body["guard"] = "fallback".into();
    // What nobody understands may pass for any language.
    body["variants"][1]["texts"] = json!({"pl": QUESTION, "en": QUESTION, "de": QUESTION});
    let id = run(&server, &body).await;
    let stopped = async || results(&server, &id).await["stop_reason"] == "harm";
    for _ in 0..60 {
        let session = text(&begin(&visitor).await["session_id"]);
        let assign = json!({"session_id": session, "experiment_id": id});
        let answer = visitor.post("/api/ab-testing/assign", &assign).await;
        if answer.status == 404 {
            break;
        }
        let is_control = answer.ok()["assignments"][0]["variant"] == "control";
        let message = if is_control { "Cześć" } else { UNCLEAR };
        visitor.say(&session, message).await;
    }
    // As long as it must be told from chance, more visitors come.
    until("the harm is seen", async || {
        let session = text(&begin(&visitor).await["session_id"]);
        let assign = json!({"session_id": session});
        let answer = visitor.post("/api/ab-testing/assign", &assign).await.ok();
        let variant = &answer["assignments"][0]["variant"];
        let is_harmed = *variant == "question";
        visitor
            .say(&session, if is_harmed { UNCLEAR } else { "Cześć" })
            .await;
        stopped().await
    })
    .await;
    let answer = results(&server, &id).await;
    assert_eq!(answer["result"]["verdict"], "stopped_for_harm");
    assert_eq!(answer["result"]["variants"][1]["is_harmful"], true);
    assert_eq!(answer["result"]["variants"][0]["guard_events"], 0);
    let told = outbox(&server, "").await;
    assert!(told.iter().any(|row| row["message"] == "alarm"), "{told:?}");
}

#[tokio::test]
async fn nobody_forges_a_conversion() {
    let server = Server::start();
    let visitor = server.anon();
    let id = run(&server, &greeting("reported")).await;
    let begun = begin(&visitor).await;
    let session = text(&begun["session_id"]);
    let report = async |what: &str, session: &str, id: &Value| {
        let body = json!({"session_id": session, "experiment_id": id, "value": 250.5});
        let path = format!("/api/ab-testing/track/{what}");
        visitor.post(&path, &body).await
    };
    let mut forged = session.clone();
    forged.replace_range(20..21, if forged[20..21] == *"x" { "y" } else { "x" });
    for what in ["conversion", "engagement"] {
        report(what, "abc123", &id)
            .await
            .refused(403, "weak_session_id");
        report(what, &forged, &id)
            .await
            .refused(403, "weak_session_id");
        report(what, "z y", &id)
            .await
            .refused(422, "invalid_session_id");
        report(what, &session, &json!(4711))
            .await
            .refused(404, "experiment_not_found");
        report(what, &session, &id)
            .await
            .refused(409, "visitor_not_exposed");
    }
    visitor.say(&session, "Cześć").await;
    for what in ["conversion", "engagement"] {
        report(what, &session, &id).await.ok();
        report(what, &session, &id)
            .await
            .refused(409, "already_counted");
    }
    let worth = json!({"session_id": session, "experiment_id": id, "value": -1});
    visitor
        .post("/api/ab-testing/track/conversion", &worth)
        .await
        .refused(422, "invalid_value");
    let answer = results(&server, &id).await;
    let variants = answer["result"]["variants"].as_array().unwrap();
    let sum = |field: &str| -> f64 {
        variants
            .iter()
            .map(|variant| variant[field].as_f64().unwrap())
            .sum()
    };
    assert!((sum("conversions") - 1.0).abs() < 1e-9);
    assert!((sum("engagements") - 1.0).abs() < 1e-9);
    assert!((sum("reported_value") - 250.5).abs() < 1e-9);

    act(&server, &id, "stop").await;
    report("conversion", &session, &id)
        .await
        .refused(409, "experiment_ended");
    let leads = run(&server, &greeting("lead")).await;
    let seen = text(&begin(&visitor).await["session_id"]);
    visitor.say(&seen, "Cześć").await;
    report("conversion", &seen, &leads)
        .await
        .refused(409, "conversion_not_reported");
}

#[tokio::test]
async fn what_was_started_stays_as_it_is() {
    let server = Server::start();
    let agent = server.agent();
    let id = plan(&server, &greeting("lead")).await["id"].clone();
    let path = format!("{EXPERIMENTS}/{id}");
    let mut changed = greeting("lead");
    changed["name"] = "Another name".into();
    changed["variants"][1]["weight"] = 3.into();
    let read = agent.put(&path, &changed).await.ok();
    assert_eq!(
        (&read["name"], &read["variants"][1]["weight"]),
        (&json!("Another name"), &json!(3))
    );
    let refused = async |action: &str, code: &str| {
        let path = format!("{path}/{action}");
        agent.post(&path, &json!({})).await.refused(409, code);
    };
    refused("pause", "experiment_not_running").await;
    refused("stop", "experiment_not_running").await;
    let early = results(&server, &id).await;
    assert_eq!(early["result"]["verdict"], "not_enough_visitors");

    act(&server, &id, "start").await;
    refused("start", "experiment_running").await;
    agent
        .put(&path, &changed)
        .await
        .refused(409, "experiment_started");
    agent.delete(&path).await.refused(409, "experiment_started");
    let second = plan(&server, &greeting("conversation")).await["id"].clone();
    let start = format!("{EXPERIMENTS}/{second}/start");
    agent
        .post(&start, &json!({}))
        .await
        .refused(409, "experiment_element_taken");

    assert_eq!(act(&server, &id, "pause").await["status"], "paused");
    refused("pause", "experiment_not_running").await;
    let visitor = server.anon();
    assert_ne!(begin(&visitor).await["greeting"], QUESTION);
    visitor
        .post(
            "/api/ab-testing/assign",
            &json!({"session_id": visitor.session().await, "experiment_id": id}),
        )
        .await
        .refused(404, "experiment_not_found");
    let started = act(&server, &id, "start").await;
    assert_eq!(started["status"], "running");
    act(&server, &id, "stop").await;
    for action in ["start", "pause", "stop"] {
        refused(action, "experiment_ended").await;
    }
    agent.delete(&path).await.refused(409, "experiment_started");
    act(&server, &second, "start").await;
    let drafts = format!("{EXPERIMENTS}?status=draft");
    assert_eq!(agent.get(&drafts).await.ok()["total"], 0);
    let third = plan(&server, &greeting("reported")).await["id"].clone();
    assert_eq!(agent.get(&drafts).await.ok()["total"], 1);
    agent.delete(&format!("{EXPERIMENTS}/{third}")).await.ok();
    agent
        .get(&format!("{EXPERIMENTS}/{third}"))
        .await
        .refused(404, "experiment_not_found");
}

#[tokio::test]
async fn a_plan_says_how_many_visitors_it_needs_and_how_long_that_takes() {
    let server = Server::start();
    let visitor = server.anon();
    let mut body = greeting("lead");
    body["method"] = "fixed".into();
    let planned = plan(&server, &body).await;
    // (1.959964 * sqrt(2 * 0.175 * 0.825) + 0.841621 * sqrt(0.09 + 0.1875))² / 0.15² = 99.54
    assert_eq!(planned["plan"]["visitors_per_variant"], 100);
    assert_eq!(planned["plan"]["visitors"], 200);
    assert_eq!(planned["plan"]["expected_weeks"], Value::Null);
    for _ in 0..4 {
        visitor.say(&visitor.session().await, "Cześć").await;
    }
    visitor.say("abc123", "Cześć").await;
    let path = format!("{EXPERIMENTS}/{}", planned["id"]);
    let planned = server.agent().get(&path).await.ok();
    assert_eq!(planned["plan"]["weekly_visitors"], 1.0);
    assert_eq!(planned["plan"]["expected_weeks"], 200.0);
    body["traffic_percent"] = 50.into();
    let planned = server.agent().put(&path, &body).await.ok();
    assert_eq!(planned["plan"]["expected_weeks"], 400.0);
    body["name"] = "Sequential".into();
    body["method"] = "sequential".into();
    let sequential = plan(&server, &body).await;
    assert!(sequential["plan"]["visitors_per_variant"].as_u64() > Some(100));
    body["name"] = "Call".into();
    body["element"] = "call_to_action".into();
    assert_eq!(plan(&server, &body).await["plan"]["weekly_visitors"], 0.0);
    let price = "Ile kosztuje wykończenie mieszkania 60 m² w pakiecie premium?";
    visitor.say(&visitor.session().await, price).await;
    body["name"] = "Another call".into();
    let call = plan(&server, &body).await;
    assert_eq!(call["plan"]["weekly_visitors"], 0.25);
}

#[tokio::test]
async fn what_cannot_be_an_experiment_is_refused_with_its_field() {
    let server = Server::start();
    let agent = server.agent();
    let refused = async |change: &dyn Fn(&mut Value), field: &str| {
        let mut body = greeting("lead");
        change(&mut body);
        let answer = agent.post(EXPERIMENTS, &body).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text());
        let details = &answer.json()["details"];
        assert!(details[field].is_string(), "{field}: {details}");
    };
    let numbers = [
        ("traffic_percent", json!(0)),
        ("traffic_percent", json!(101)),
        ("confidence_level", json!(0.5)),
        ("confidence_level", json!(1)),
        ("confidence_level", json!(95)),
        ("power", json!(0)),
        ("power", json!(1)),
        ("baseline_rate", json!(0)),
        ("baseline_rate", json!(1)),
        ("minimum_lift_percent", json!(0)),
        ("minimum_lift_percent", json!(-20)),
        ("minimum_lift_percent", json!(900)),
    ];
    for (field, value) in numbers {
        refused(&|body| body[field] = value.clone(), field).await;
    }
    refused(&|body| body["name"] = " ".into(), "name").await;
    refused(&|body| body["name"] = "two\nlines".into(), "name").await;
    let variant = |key: &str| json!({"key": key, "name": key});
    let variants =
        |count: usize| -> Vec<Value> { (0..count).map(|n| variant(&format!("v{n}"))).collect() };
    for count in [0, 1, 11] {
        refused(
            &|body| body["variants"] = json!(variants(count)),
            "variants",
        )
        .await;
    }
    let second: [(&str, Value, &str); 9] = [
        ("key", json!("control"), "variants[1].key"),
        ("key", json!("Two Words"), "variants[1].key"),
        ("key", json!(""), "variants[1].key"),
        ("name", json!("AS BEFORE"), "variants[1].name"),
        ("weight", json!(0), "variants[1].weight"),
        ("weight", json!(-1), "variants[1].weight"),
        (
            "texts",
            json!({"pl": "{{ nobody }}"}),
            "variants[1].texts.pl",
        ),
        (
            "texts",
            json!({"pl": "{{ agent_name }}"}),
            "variants[1].texts.pl",
        ),
        ("texts", json!({"fr": "Bonjour"}), "variants[1].texts.fr"),
    ];
    for (field, value, refused_as) in second {
        refused(
            &|body| body["variants"][1][field] = value.clone(),
            refused_as,
        )
        .await;
    }
    let buttons = |value: Value| {
        move |body: &mut Value| {
            body["element"] = "quick_replies".into();
            body["variants"][1] = json!({"key": "b", "name": "B", "quick_replies": value});
        }
    };
    for value in [json!([]), json!(vec!["price"; 7])] {
        refused(&buttons(value), "variants[1].quick_replies").await;
    }
    refused(&buttons(json!(["nothing"])), "variants[1].quick_replies[0]").await;
    refused(
        &buttons(json!(["price", "price"])),
        "variants[1].quick_replies[1]",
    )
    .await;
    refused(
        &|body| body["element"] = "quick_replies".into(),
        "variants[1].texts",
    )
    .await;
    refused(
        &|body| body["variants"][0]["quick_replies"] = json!(["price"]),
        "variants[0].quick_replies",
    )
    .await;
    let talk = |body: &mut Value| {
        body["element"] = "call_to_action".into();
        body["goal"] = "conversation".into();
    };
    refused(&talk, "goal").await;
    let mut body = greeting("lead");
    body["goal"] = "fame".into();
    let answer = agent.post(EXPERIMENTS, &body).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    plan(&server, &greeting("lead")).await;
    agent
        .post(EXPERIMENTS, &greeting("lead"))
        .await
        .refused(409, "experiment_name_taken");
    for action in ["start", "pause", "stop"] {
        let path = format!("{EXPERIMENTS}/4711/{action}");
        agent
            .post(&path, &json!({}))
            .await
            .refused(404, "experiment_not_found");
    }
    server
        .anon()
        .post(EXPERIMENTS, &greeting("lead"))
        .await
        .refused(401, "not_signed_in");
}

/// Every statement of the slice once, for the tour through all features.
pub async fn visit(server: &Server) {
    let (agent, visitor) = (server.agent(), server.anon());
    let mut body = greeting("reported");
    body["guard"] = "low_rating".into();
    let id = run(server, &body).await;
    let session = text(&begin(&visitor).await["session_id"]);
    visitor.say(&session, "Cześć").await;
    visitor
        .post(
            "/api/chatbot/rate",
            &json!({"session_id": session, "rating": 1}),
        )
        .await
        .ok();
    for what in ["conversion", "engagement"] {
        let report = json!({"session_id": session, "experiment_id": id});
        let path = format!("/api/ab-testing/track/{what}");
        visitor.post(&path, &report).await.ok();
    }
    visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    results(server, &id).await;
    act(server, &id, "pause").await;
    act(server, &id, "stop").await;
    for (name, element, goal) in [
        ("call", "call_to_action", "lead"),
        ("talk", "greeting", "conversation"),
    ] {
        body["name"] = name.into();
        body["element"] = element.into();
        body["goal"] = goal.into();
        let draft = plan(server, &body).await["id"].clone();
        let path = format!("{EXPERIMENTS}/{draft}");
        agent.put(&path, &body).await.ok();
        agent.delete(&path).await.ok();
    }
    agent.get(EXPERIMENTS).await.ok();
}
