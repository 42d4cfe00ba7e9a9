//! A scripted visit to every feature, by everyone who may use it. Guards look at what it leaves behind.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bookings::{free_times, wish};
use crate::process::{AGENT_KEY, OWNER_KEY};
use crate::review::{ask_something_unclear, become_small};
use crate::support::{Actor, Server, text, uuid};
use crate::totp;

const OWNER_NAME: &str = "anna.kierowniczka";
const OWNER_EMAIL: &str = "anna.tajna@example.com";
const OWNER_PASSWORD: &str = "zielony rower na dachu";
const OWNER_PASSWORD_2: &str = "niebieski rower na dachu";
const MEMBER_EMAIL: &str = "jan.tajny@example.com";
const MEMBER_PASSWORD: &str = "cztery koty i pies";
const MEMBER_PASSWORD_2: &str = "cztery psy i kot";
const VISITOR_MESSAGE: &str =
    "Proszę o telefon 601234567 albo mail klientka.nowak@example.org, Maria Nowakowska";
const VISITOR_QUESTION: &str = "zzyzx garply nieujawnione";
const VISITOR_COMMENT: &str = "Komentarz klientki Nowakowskiej";
const AGENT_MESSAGE: &str = "Zadzwonię pod 601234567 jutro rano";

/// Makes the round. Answers everything that is nobody else's business: it must stand in no log.
pub async fn visit(server: &Server) -> Vec<String> {
    let mut secrets: Vec<String> = [
        OWNER_KEY,
        AGENT_KEY,
        OWNER_NAME,
        OWNER_EMAIL,
        OWNER_PASSWORD,
        OWNER_PASSWORD_2,
        MEMBER_EMAIL,
        MEMBER_PASSWORD,
        MEMBER_PASSWORD_2,
        VISITOR_MESSAGE,
        VISITOR_QUESTION,
        VISITOR_COMMENT,
        AGENT_MESSAGE,
        "601234567",
        "klientka.nowak@example.org",
        "Nowakowska",
    ]
    .map(str::to_owned)
    .to_vec();
    own_account(server, &mut secrets).await;
    let member = team(server, &mut secrets).await;
    conversation(server, &member, &mut secrets).await;
    knowledge(server).await;
    review(server, &mut secrets).await;
    quotes(server, &mut secrets).await;
    bookings(server, &mut secrets).await;
    leads(server).await;
    pictures(server).await;
    crate::experiments::visit(server).await;
    health(server).await;
    secrets
}

async fn own_account(server: &Server, secrets: &mut Vec<String>) {
    let browser = server.browser();
    let setup = json!({
        "token": server.setup_token(), "username": OWNER_NAME, "email": OWNER_EMAIL, "password": OWNER_PASSWORD
    });
    secrets.push(server.setup_token());
    let cookie = browser
        .post("/api/auth/setup", &setup)
        .await
        .header("set-cookie");
    secrets.push(cookie_value(&cookie));
    browser.get("/api/auth/me").await.ok();
    let enrolment = browser.post("/api/auth/totp/begin", &json!({})).await.ok();
    let secret = text(&enrolment["secret"]);
    let confirm = json!({"code": totp::code(&secret, 0)});
    browser.post("/api/auth/totp/confirm", &confirm).await.ok();
    let second = server.browser();
    let mut login = json!({"username": OWNER_EMAIL, "password": "not the password"});
    second
        .post("/api/auth/login", &login)
        .await
        .refused(401, "login_failed");
    login["password"] = OWNER_PASSWORD.into();
    second
        .post("/api/auth/login", &login)
        .await
        .refused(401, "totp_required");
    login["totp_code"] = totp::code(&secret, 1).into();
    let signed_in = second.post("/api/auth/login", &login).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    secrets.push(cookie_value(&signed_in.header("set-cookie")));
    secrets.push(secret);
    let sessions = second.get("/api/auth/sessions").await.ok();
    let other = sessions["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["current"] == false)
        .unwrap();
    second
        .delete(&format!("/api/auth/sessions/{}", other["id"]))
        .await
        .ok();
    second
        .delete_with("/api/auth/totp", &json!({"password": OWNER_PASSWORD}))
        .await
        .ok();
    let change = json!({"current_password": OWNER_PASSWORD, "new_password": OWNER_PASSWORD_2});
    second.post("/api/auth/password", &change).await.ok();
    second.post("/api/auth/logout", &json!({})).await.ok();
}

/// Makes, changes and removes accounts and keys; answers a member who stays.
async fn team(server: &Server, secrets: &mut Vec<String>) -> Value {
    let owner = server.owner();
    let mut member = json!({
        "username": "jan", "email": MEMBER_EMAIL, "password": MEMBER_PASSWORD, "role": "agent", "display_name": "Jan"
    });
    let stays = owner.post("/api/users", &member).await.ok();
    member["email"] = "janina@example.com".into();
    owner
        .post("/api/users", &member)
        .await
        .refused(409, "username_taken");
    member["username"] = "janina".into();
    member["email"] = MEMBER_EMAIL.into();
    owner
        .post("/api/users", &member)
        .await
        .refused(409, "email_taken");
    member["email"] = "janina@example.com".into();
    let goes = owner.post("/api/users", &member).await.ok()["id"].clone();
    owner.get("/api/users").await.ok();
    owner.get(&format!("/api/users/{goes}")).await.ok();
    let login = json!({"username": "janina", "password": MEMBER_PASSWORD});
    server.browser().post("/api/auth/login", &login).await.ok();
    let change = json!({"password": MEMBER_PASSWORD_2, "role": "owner", "is_active": false});
    owner.put(&format!("/api/users/{goes}"), &change).await.ok();
    owner.delete(&format!("/api/users/{goes}")).await.ok();

    let new_key = json!({"name": "CRM", "role": "owner", "expires_at": "2099-01-01T00:00:00Z"});
    let key = owner.post("/api/auth/keys", &new_key).await.ok();
    secrets.push(text(&key["key"]));
    server
        .with_key(&text(&key["key"]))
        .get("/api/users")
        .await
        .ok();
    owner.get("/api/auth/keys").await.ok();
    owner
        .delete(&format!("/api/auth/keys/{}", key["api_key"]["id"]))
        .await
        .ok();
    stays
}

async fn conversation(server: &Server, member: &Value, secrets: &mut Vec<String>) {
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    secrets.push(session.clone());
    let body = json!({"session_id": session, "message": VISITOR_MESSAGE, "client_id": uuid()});
    let turn = visitor.post("/api/chatbot/chat", &body).await.ok();
    visitor.post("/api/chatbot/chat", &body).await.ok();
    visitor.history(&session).await;
    visitor
        .say("slaby-identyfikator-123", VISITOR_MESSAGE)
        .await;
    secrets.push("slaby-identyfikator-123".into());
    let by_visitor = json!({"session_id": session, "rating": 4, "comment": VISITOR_COMMENT});
    for path in ["handoff", "rate", "rodo-consent"] {
        visitor
            .post(&format!("/api/chatbot/{path}"), &by_visitor)
            .await
            .ok();
    }
    visitor
        .get(&format!("/api/chatbot/rodo-consent/{session}"))
        .await
        .ok();
    server.owner().get("/api/chatbot/consents").await.ok();

    let path = format!("/api/conversations/{}", turn["conversation_id"]);
    agent.get(&path).await.ok();
    agent
        .get("/api/conversations?status=open&handled_by=queue&q=Nowakowska")
        .await
        .ok();
    agent
        .post(
            &format!("{path}/messages"),
            &json!({"message": AGENT_MESSAGE, "client_id": uuid()}),
        )
        .await
        .ok();
    visitor.say(&session, VISITOR_MESSAGE).await;
    agent
        .post(
            &format!("{path}/assign"),
            &json!({"agent_id": member["id"]}),
        )
        .await
        .ok();
    agent
        .post(&format!("{path}/assign"), &json!({"agent_id": null}))
        .await
        .ok();
    agent
        .post(&format!("{path}/handback"), &json!({}))
        .await
        .ok();
    agent.post(&format!("{path}/close"), &json!({})).await.ok();
    team_tools(server, &path).await;
    visitor.say(&session, VISITOR_MESSAGE).await;
    visitor
        .get(&format!("/api/chatbot/export-data/{session}"))
        .await
        .ok();
    visitor
        .delete_with("/api/chatbot/delete-my-data", &by_visitor)
        .await
        .ok();
    visitor.say(&visitor.session().await, VISITOR_MESSAGE).await;
    // What is wrong is no less private.
    let wrong =
        json!({"session_id": session, "message": VISITOR_MESSAGE, "client_id": MEMBER_EMAIL});
    visitor
        .post("/api/chatbot/chat", &wrong)
        .await
        .refused(422, "invalid_value");
    visitor
        .get(&format!("/api/{MEMBER_EMAIL}?q={MEMBER_EMAIL}"))
        .await
        .refused(404, "not_found");
    server
        .with_key("nhk_wrong-but-secret-key")
        .get("/api/users")
        .await
        .refused(401, "invalid_api_key");
    secrets.push("nhk_wrong-but-secret-key".into());
}

/// What makes answering easier, on the conversation at `path`.
async fn team_tools(server: &Server, path: &str) {
    let (agent, owner) = (server.agent(), server.owner());
    agent
        .post(&format!("{path}/notes"), &json!({"note": AGENT_MESSAGE}))
        .await
        .ok();
    let mut canned = json!({"title": "Telefon", "body": "{{ phone }}", "lang": "pl"});
    let id = agent.post("/api/canned", &canned).await.ok()["id"].clone();
    canned["title"] = "Numer telefonu".into();
    agent.put(&format!("/api/canned/{id}"), &canned).await.ok();
    agent.get("/api/canned?lang=pl&q=telefon").await.ok();
    agent.get(&format!("/api/canned/{id}")).await.ok();
    agent.get(&format!("{path}/suggestions")).await.ok();
    agent.get("/api/conversations/team").await.ok();
    agent.delete(&format!("/api/canned/{id}")).await.ok();
    let times = "/api/settings/conversations";
    let set = owner.get(times).await.ok();
    owner.put(times, &set).await.ok();
}

async fn knowledge(server: &Server) {
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    for read in ["all", "faq", "hours"] {
        visitor.get(&format!("/api/knowledge/{read}")).await.ok();
    }
    agent.get("/api/intents").await.ok();
    agent.get("/api/intents/1").await.ok();
    agent.get("/api/entities").await.ok();
    agent.get("/api/entities/1").await.ok();
    let message = json!({"text": VISITOR_MESSAGE});
    agent.post("/api/nlu/classify", &message).await.ok();
    let document =
        json!({"type": "faq", "slug": "faq-tour", "lang": "en", "title": "Title", "body": "Body"});
    let made = make_document(&agent, &document).await;
    assert_eq!(make_document(&agent, &document).await, made);
    let path = format!("/api/knowledge/documents/{}", made["id"]);
    agent.get("/api/knowledge/documents").await.ok();
    agent.get(&path).await.ok();
    agent.put(&path, &document).await.ok();
    agent.delete(&path).await.ok();
    let mut settings = owner.get("/api/settings").await.ok()["settings"].clone();
    settings["notifications"] = json!({"emails": [OWNER_EMAIL], "phone": "+48601234567"});
    owner.put("/api/settings", &settings).await.ok();
    let pack = owner.get("/api/knowledge/pack").await.body;
    let request = owner
        .request(reqwest::Method::PUT, "/api/knowledge/pack")
        .header("Content-Type", "application/zip");
    crate::support::send(request.body(pack)).await.ok();
}

/// What was asked in vain, and the versions of the model.
async fn review(server: &Server, secrets: &mut Vec<String>) {
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    for tapped in ["intent:price", "say:none_of_these"] {
        let (_, session, _) = ask_something_unclear(&visitor).await;
        visitor.say(&session, tapped).await;
        secrets.push(session);
    }
    become_small(server).await;
    visitor
        .say(&visitor.session().await, VISITOR_QUESTION)
        .await;
    let unanswered = agent.get("/api/nlu/unanswered").await.ok();
    let path = format!("/api/nlu/unanswered/{}", unanswered["groups"][0]["id"]);
    let add = json!({"action": "add_phrase", "intent": "price"});
    agent.post(&path, &add).await.ok();
    agent
        .post(&path, &add)
        .await
        .refused(409, "question_resolved");
    owner.post("/api/nlu/train", &json!({})).await.ok();
    agent.get("/api/nlu/versions").await.ok();
    owner
        .post("/api/nlu/versions/2/restore", &json!({}))
        .await
        .ok();
}

async fn bookings(server: &Server, secrets: &mut Vec<String>) {
    let (visitor, agent) = (server.anon(), server.agent());
    let session = visitor.session().await;
    let free = free_times(&visitor, "").await;
    let mut body = wish(&free[0]);
    for (field, value) in [
        ("client_name", "Maria Nowakowska"),
        ("client_email", "klientka.nowak@example.org"),
        ("client_phone", "601234567"),
        ("notes", VISITOR_COMMENT),
        ("session_id", session.as_str()),
    ] {
        body[field] = value.into();
    }
    let made = visitor.post("/api/booking/create", &body).await.ok();
    visitor
        .post("/api/booking/create", &body)
        .await
        .refused(409, "slot_taken");
    let token = text(&made["manage_url"]).replace("/booking/", "");
    let link = format!("/api/booking/m/{token}");
    visitor.get(&link).await.ok();
    visitor.get(&format!("{link}/invite.ics")).await;
    let later = json!({"start_time": free[5]});
    visitor
        .post(&format!("{link}/reschedule"), &later)
        .await
        .ok();
    free_times(&visitor, &format!("&token={token}")).await;
    let path = format!("/api/booking/{}", made["booking_id"]);
    let change = json!({"notes": AGENT_MESSAGE, "client_phone": "601234567"});
    agent.put(&path, &change).await.ok();
    agent.get("/api/booking/list?staff_id=1").await.ok();
    let staff = agent.get("/api/booking/staff").await.ok();
    let feed = text(&staff["staff"][0]["team"]["feed_url"]);
    visitor.get(&feed).await;
    visitor
        .post(&format!("{link}/cancel"), &json!({}))
        .await
        .ok();
    secrets.push(feed.replace("/api/booking/feed/", "").replace(".ics", ""));
    secrets.push(token);
    secrets.push(session);
}

async fn quotes(server: &Server, secrets: &mut Vec<String>) {
    let (visitor, agent, owner) = (server.anon(), server.agent(), server.owner());
    let session = visitor.session().await;
    let wanted =
        json!({"area_m2": 62.5, "city": "Sopot", "session_id": session, "extras": ["Sauna"]});
    visitor
        .post("/api/quotes/estimate", &json!({"area_m2": 62.5}))
        .await
        .ok();
    let prices = visitor.get("/api/quotes/pricelist").await.ok();
    owner.put("/api/quotes/pricelist", &prices).await.ok();
    let quote = agent.post("/api/quotes", &wanted).await.ok();
    agent
        .get(&format!("/api/quotes/{}", quote["id"]))
        .await
        .ok();
    let page = text(&quote["page_path"]);
    secrets.push(page.replace("/quote/", ""));
    visitor.get(&page).await;
    let link = page.replace("/quote/", "/api/quotes/q/");
    visitor.get(&link).await.ok();
    visitor
        .post(&format!("{link}/accept"), &json!({}))
        .await
        .ok();
}

async fn pictures(server: &Server) {
    let (visitor, agent) = (server.anon(), server.agent());
    let form = || {
        let file = Part::bytes(crate::uploads::png(30, 20, 7)).file_name("plan.png");
        Form::new().part("file", file)
    };
    let session = visitor.session().await;
    let sent = form().text("session_id", session).text("client_id", uuid());
    let sent = visitor
        .request(Method::POST, "/api/chatbot/attachments")
        .multipart(sent);
    let sent = crate::support::send(sent).await.ok();
    let path = format!("/api/conversations/{}/attachments", sent["conversation_id"]);
    let answer = agent.request(Method::POST, &path).multipart(form());
    crate::support::send(answer).await.ok();
    let upload = agent
        .request(Method::POST, "/api/upload/image")
        .multipart(form());
    let upload = crate::support::send(upload).await.ok();
    let url = crate::support::text(&upload["data"]["original"]["url"]);
    assert_eq!(visitor.get(&url).await.status, 200);
    agent.get("/api/upload/list").await.ok();
    let id = &upload["data"]["metadata"]["id"];
    agent
        .post("/api/upload/delete", &json!({"id": id}))
        .await
        .ok();
}

async fn make_document(agent: &Actor, document: &Value) -> Value {
    let request = agent
        .request(reqwest::Method::POST, "/api/knowledge/documents")
        .header("Idempotency-Key", "tour");
    crate::support::send(request.json(document)).await.ok()
}

async fn health(server: &Server) {
    let agent = server.agent();
    for path in [
        "/api/health",
        "/api/_ah/health",
        "/api/ready",
        "/api/health/deep",
        "/metrics",
    ] {
        assert_eq!(agent.get(path).await.status, 200, "{path}");
    }
}

/// The value of the first cookie in a `Set-Cookie` header.
fn cookie_value(set_cookie: &str) -> String {
    let (_, rest) = set_cookie.split_once('=').expect("no cookie was set");
    rest.split(';').next().unwrap().to_owned()
}

/// Everything that is done with a lead, with every filter and order a list has.
async fn leads(server: &Server) {
    let (visitor, agent) = (server.anon(), server.agent());
    let mut ids = Vec::new();
    for body in [
        json!({"name": "Maria Nowakowska", "email": "klientka.nowak@example.org", "message": VISITOR_COMMENT}),
        json!({"name": "Maria Nowakowska", "phone": "+48 601 234 568", "session_id": visitor.session().await}),
        json!({"name": "Maria Nowakowska", "phone": "+48 601 234 569", "website": "https://example.com"}),
    ] {
        ids.push(visitor.post("/api/leads", &body).await.ok()["id"].clone());
    }
    visitor.get("/api/leads/challenge").await.ok();
    server
        .owner()
        .put("/api/settings", &json!({"leads": {"assigns_new": true}}))
        .await
        .ok();
    let path = |id: &Value, rest: &str| format!("/api/leads/{id}{rest}");
    for (rest, body) in [
        ("/notes", json!({"note": AGENT_MESSAGE})),
        ("/assign", json!({"round_robin": true})),
    ] {
        agent.post(&path(&ids[0], rest), &body).await.ok();
    }
    let change = json!({"location": "Gdańsk", "notes": VISITOR_COMMENT});
    agent.put(&path(&ids[0], ""), &change).await.ok();
    for (rest, body) in [
        ("/status", json!({"status": "contacted"})),
        ("/spam", json!({"is_spam": true})),
        ("/spam", json!({"is_spam": false})),
    ] {
        let request = agent.request(Method::PATCH, &path(&ids[0], rest));
        crate::support::send(request.json(&body)).await.ok();
    }
    let bulk = json!({"lead_ids": ids, "status": "contacted"});
    agent.post("/api/leads/bulk-update", &bulk).await.ok();
    agent
        .post(&path(&ids[0], "/merge"), &json!({"from": ids[1]}))
        .await
        .ok();
    for rest in ["/timeline", "/score"] {
        agent.get(&path(&ids[0], rest)).await.ok();
    }
    let every = "status=contacted&start_date=2026-01-01&end_date=2999-01-01&package=premium&min_score=1&q=nowakowska";
    for by in ["created_at", "updated_at", "name", "score", "budget"] {
        for order in ["asc", "desc"] {
            let query = format!("{every}&sort_by={by}&sort_order={order}");
            agent
                .get(&format!("/api/leads/filter?{query}&assigned_to=1"))
                .await
                .ok();
        }
    }
    for query in ["", "assigned_to=none", "spam=true"] {
        agent.get(&format!("/api/leads/filter?{query}")).await.ok();
        agent.get(&format!("/api/leads/export?{query}")).await;
    }
    agent
        .get(&format!("/api/leads/export?format=json&{every}"))
        .await;
    let csv = "name,email,notes\nMaria Nowakowska,klientka.nowak@example.org,\nAnna Nowakowska,nowakowska@example.org,x\n";
    for is_dry in [true, false] {
        let request = agent.request(Method::POST, &format!("/api/leads/import?dry_run={is_dry}"));
        let request = request.header("Content-Type", "text/csv").body(csv);
        crate::support::send(request).await.ok();
    }
    agent.delete(&path(&ids[2], "")).await.ok();
}
