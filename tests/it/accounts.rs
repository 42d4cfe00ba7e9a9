//! Coming in, going out, and what each may do.

use serde_json::{Value, json};

use crate::support::{Actor, Server, text};
use crate::totp;

const PASSWORD: &str = "zielony rower na dachu";
const OTHER_PASSWORD: &str = "niebieski rower na dachu";

fn setup(token: &str) -> Value {
    json!({"token": token, "username": "anna", "email": "anna@example.com", "password": PASSWORD, "display_name": "Anna"})
}

/// The first owner, signed in.
async fn set_up(server: &Server) -> Actor {
    let browser = server.browser();
    browser.post("/api/auth/setup", &setup(&server.setup_token())).await.ok();
    browser
}

fn login(name: &str, password: &str) -> Value {
    json!({"username": name, "password": password})
}

async fn sign_in(server: &Server, name: &str, password: &str) -> Actor {
    let browser = server.browser();
    browser.post("/api/auth/login", &login(name, password)).await.ok();
    browser
}

async fn add_agent(server: &Server) -> Value {
    let agent = json!({"username": "jan", "email": "jan@example.com", "password": PASSWORD, "role": "agent"});
    server.owner().post("/api/users", &agent).await.ok()
}

#[tokio::test]
async fn the_setup_link_makes_one_owner_and_works_once() {
    let mut server = Server::start();
    let token = server.setup_token();
    let browser = server.browser();
    browser.post("/api/auth/setup", &setup("wrong-token")).await.refused(403, "setup_link_invalid");
    let mut weak = setup(&token);
    weak["password"] = "short".into();
    browser.post("/api/auth/setup", &weak).await.refused(422, "invalid_password");
    let answer = browser.post("/api/auth/setup", &setup(&token)).await.ok();
    assert_eq!((&answer["user"]["username"], &answer["user"]["role"]), (&json!("anna"), &json!("owner")));
    assert_eq!(browser.get("/api/auth/me").await.ok()["user"]["email"], "anna@example.com");
    let mut again = setup(&token);
    (again["username"], again["email"]) = ("ewa".into(), "ewa@example.com".into());
    server.browser().post("/api/auth/setup", &again).await.refused(403, "setup_link_invalid");
    server.restart();
    assert!(!server.stdout().contains("#setup="), "a link is shown although there is an owner");
}

#[tokio::test]
async fn a_setup_link_of_an_earlier_start_stops_working() {
    let mut server = Server::start();
    let old = server.setup_token();
    server.restart();
    let browser = server.browser();
    browser.post("/api/auth/setup", &setup(&old)).await.refused(403, "setup_link_invalid");
    browser.post("/api/auth/setup", &setup(&server.setup_token())).await.ok();
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let server = Server::start();
    set_up(&server).await;
    let stranger = server.browser();
    let mut answers = Vec::new();
    for name in ["anna", "nobody", "anna@example.com", "' OR 1=1 --"] {
        let answer = stranger.post("/api/auth/login", &login(name, "wrong password here")).await;
        assert_eq!(answer.header("set-cookie"), "");
        let mut body = answer.refused(401, "login_failed");
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    stranger.get("/api/auth/me").await.refused(401, "not_signed_in");
    for name in ["anna", "ANNA", " anna@example.com "] {
        sign_in(&server, name, PASSWORD).await.get("/api/users").await.ok();
    }
}

#[tokio::test]
async fn passwords_cannot_be_tried_on_and_on() {
    let server = Server::start();
    set_up(&server).await;
    let stranger = server.browser();
    let mut refused_after = 0;
    let throttled = loop {
        let answer = stranger.post("/api/auth/login", &login("anna", "wrong password here")).await;
        if answer.status == 429 {
            break answer;
        }
        answer.refused(401, "login_failed");
        refused_after += 1;
        assert!(refused_after <= 20, "nothing stops the twentieth attempt");
    };
    throttled.refused(429, "too_many_requests");
    assert!(throttled.header("retry-after").parse::<u32>().unwrap() > 0);
    stranger.post("/api/auth/login", &login("anna", PASSWORD)).await.refused(429, "too_many_requests");
    add_agent(&server).await;
    sign_in(&server, "jan", PASSWORD).await;
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let server = Server::start();
    set_up(&server).await;
    let browser = server.browser();
    let signed_in = browser.post("/api/auth/login", &login("anna", PASSWORD)).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let stolen = async || {
        let request = server.anon().request(reqwest::Method::GET, "/api/auth/me").header("Cookie", &cookie);
        crate::support::send(request).await
    };
    assert_eq!(stolen().await.status, 200);
    let out = browser.post("/api/auth/logout", &json!({})).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    browser.get("/api/auth/me").await.refused(401, "not_signed_in");
    stolen().await.refused(401, "not_signed_in");
    assert_eq!(browser.post("/api/auth/logout", &json!({})).await.status, 200);
}

#[tokio::test]
async fn an_agent_works_with_conversations_but_not_with_accounts_settings_or_keys() {
    let server = Server::start();
    set_up(&server).await;
    let id = add_agent(&server).await["id"].clone();
    let agent = sign_in(&server, "jan", PASSWORD).await;
    for path in ["/api/conversations", "/api/intents", "/api/health/deep", "/api/auth/me", "/api/auth/sessions"] {
        assert_eq!(agent.get(path).await.status, 200, "{path}");
    }
    for path in ["/api/users", "/api/settings", "/api/auth/keys", "/api/chatbot/consents"] {
        agent.get(path).await.refused(403, "role_required");
    }
    agent.put(&format!("/api/users/{id}"), &json!({"role": "owner"})).await.refused(403, "role_required");
    agent.post("/api/auth/keys", &json!({"name": "x", "role": "owner"})).await.refused(403, "role_required");
    server.owner().put(&format!("/api/users/{id}"), &json!({"role": "owner"})).await.ok();
    agent.get("/api/users").await.ok();
    server.owner().put(&format!("/api/users/{id}"), &json!({"is_active": false})).await.ok();
    agent.get("/api/conversations").await.refused(401, "not_signed_in");
    server.browser().post("/api/auth/login", &login("jan", PASSWORD)).await.refused(401, "login_failed");
}

#[tokio::test]
async fn an_api_key_is_shown_once_and_works_until_it_is_revoked_or_expires() {
    let server = Server::start();
    let owner = server.owner();
    let in_two_seconds = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let make = async |role: &str, expires_at: Option<String>| {
        let made = owner.post("/api/auth/keys", &json!({"name": "CRM", "role": role, "expires_at": expires_at})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        (text(&made.json()["key"]), made.json()["api_key"]["id"].clone())
    };
    let (agent_key, _) = make("agent", None).await;
    let (owner_key, owner_key_id) = make("owner", None).await;
    let (short_key, _) = make("agent", Some(in_two_seconds.to_string())).await;
    let list = owner.get("/api/auth/keys").await;
    for key in [&agent_key, &owner_key, &short_key] {
        assert!(!list.text().contains(key.as_str()), "a key is shown again");
        assert!(list.text().contains(&key[..8]), "no hint tells which key it is");
    }
    assert_eq!(server.with_key(&agent_key).get("/api/intents").await.status, 200);
    server.with_key(&agent_key).get("/api/users").await.refused(403, "role_required");
    assert_eq!(server.with_key(&owner_key).get("/api/users").await.status, 200);
    server.with_key(&agent_key).post("/api/auth/totp/begin", &json!({})).await.refused(403, "account_required");

    owner.delete(&format!("/api/auth/keys/{owner_key_id}")).await.ok();
    server.with_key(&owner_key).get("/api/users").await.refused(401, "invalid_api_key");
    assert_eq!(owner.delete("/api/auth/keys/9999").await.status, 404);
    let program = server.with_key(&short_key);
    crate::support::until("the key expires", async || program.get("/api/intents").await.status == 401).await;
    assert!(jiff::Timestamp::now() >= in_two_seconds, "it ended too early");
}

#[tokio::test]
async fn both_header_names_take_a_key_and_a_wrong_key_opens_not_even_public_doors() {
    let server = Server::start();
    let anon = server.anon();
    for name in ["X-API-Key", "X-ADMIN-API-KEY", "x-api-key"] {
        let request = anon.request(reqwest::Method::GET, "/api/users").header(name, crate::process::OWNER_KEY);
        assert_eq!(crate::support::send(request).await.status, 200, "{name}");
    }
    for wrong in ["", " ", "wrong", &crate::process::OWNER_KEY[1..]] {
        server.with_key(wrong).get("/api/knowledge/faq").await.refused(401, "invalid_api_key");
    }
}

#[tokio::test]
async fn the_last_owner_can_neither_go_nor_be_demoted_nor_be_switched_off() {
    let server = Server::start();
    let anna = set_up(&server).await;
    let jan = add_agent(&server).await["id"].clone();
    let id = anna.get("/api/auth/me").await.ok()["user"]["id"].clone();
    let path = format!("/api/users/{id}");
    for change in [json!({"role": "agent"}), json!({"is_active": false})] {
        anna.put(&path, &change).await.refused(409, "last_owner");
    }
    anna.delete(&path).await.refused(409, "last_owner");
    server.owner().delete(&path).await.refused(409, "last_owner");
    anna.put(&format!("/api/users/{jan}"), &json!({"role": "owner"})).await.ok();
    assert_eq!(anna.delete(&path).await.status, 204);
    anna.get("/api/auth/me").await.refused(401, "not_signed_in");
    assert_eq!(server.owner().get("/api/users").await.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_of_the_account() {
    let server = Server::start();
    let here = set_up(&server).await;
    let there = sign_in(&server, "anna", PASSWORD).await;
    let change = |current: &str| json!({"current_password": current, "new_password": OTHER_PASSWORD});
    here.post("/api/auth/password", &change("wrong password here")).await.refused(403, "wrong_password");
    assert_eq!(there.get("/api/auth/me").await.status, 200);
    here.post("/api/auth/password", &change(PASSWORD)).await.ok();
    assert_eq!(here.get("/api/auth/me").await.status, 200);
    there.get("/api/auth/me").await.refused(401, "not_signed_in");
    let sessions = here.get("/api/auth/sessions").await.ok();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    assert_eq!((&sessions["sessions"][0]["current"], &sessions["sessions"][0]["address"]), (&json!(true), &json!("127.0.0.0/24")));
    server.browser().post("/api/auth/login", &login("anna", PASSWORD)).await.refused(401, "login_failed");
    sign_in(&server, "anna", OTHER_PASSWORD).await;
}

#[tokio::test]
async fn nobody_can_end_the_session_of_somebody_else() {
    let server = Server::start();
    let anna = set_up(&server).await;
    add_agent(&server).await;
    let jan = sign_in(&server, "jan", PASSWORD).await;
    let id = anna.get("/api/auth/sessions").await.ok()["sessions"][0]["id"].clone();
    jan.delete(&format!("/api/auth/sessions/{id}")).await.refused(404, "login_session_not_found");
    assert_eq!(anna.get("/api/auth/me").await.status, 200);
    anna.delete(&format!("/api/auth/sessions/{id}")).await.ok();
    anna.get("/api/auth/me").await.refused(401, "not_signed_in");
}

#[tokio::test]
async fn with_a_second_factor_signing_in_needs_a_fresh_code_as_well() {
    let server = Server::start();
    let anna = set_up(&server).await;
    anna.post("/api/auth/totp/confirm", &json!({"code": "000000"})).await.refused(409, "totp_not_begun");
    let secret = text(&anna.post("/api/auth/totp/begin", &json!({})).await.ok()["secret"]);
    sign_in(&server, "anna", PASSWORD).await;
    let code = totp::code(&secret, 0);
    let wrong = if code == "000000" { "111111" } else { "000000" };
    anna.post("/api/auth/totp/confirm", &json!({"code": wrong})).await.refused(422, "totp_code_wrong");
    anna.post("/api/auth/totp/confirm", &json!({"code": code})).await.ok();

    let with_code = |code: Option<&str>| json!({"username": "anna", "password": PASSWORD, "totp_code": code});
    let browser = server.browser();
    for refused in [None, Some(wrong), Some(code.as_str()), Some("")] {
        browser.post("/api/auth/login", &with_code(refused)).await.refused(401, "totp_required");
    }
    browser.post("/api/auth/login", &login("anna", OTHER_PASSWORD)).await.refused(401, "login_failed");
    browser.post("/api/auth/login", &with_code(Some(&totp::code(&secret, 1)))).await.ok();
    assert_eq!(browser.get("/api/auth/me").await.ok()["user"]["totp_enabled"], true);
    browser.post("/api/auth/totp/begin", &json!({})).await.refused(409, "totp_already_enabled");
    browser.delete_with("/api/auth/totp", &json!({"password": OTHER_PASSWORD})).await.refused(403, "wrong_password");
    browser.delete_with("/api/auth/totp", &json!({"password": PASSWORD})).await.ok();
    sign_in(&server, "anna", PASSWORD).await;
}
