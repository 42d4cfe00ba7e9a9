//! Coming in, going out, and what each may do.

use serde_json::{Value, json};

use crate::support::{Actor, Server, text};
use crate::totp;

pub const PASSWORD: &str = "zielony rower na dachu";
const OTHER_PASSWORD: &str = "niebieski rower na dachu";

fn setup(token: &str) -> Value {
    json!({"token": token, "username": "anna", "email": "anna@example.com", "password": PASSWORD, "display_name": "Anna"})
}

/// The first owner, signed in.
pub async fn set_up(server: &Server) -> Actor {
    let browser = server.browser();
    browser
        .post("/api/auth/setup", &setup(&server.setup_token()))
        .await
        .ok();
    browser
}

pub fn login(name: &str, password: &str) -> Value {
    json!({"username": name, "password": password})
}

pub async fn sign_in(server: &Server, name: &str, password: &str) -> Actor {
    let browser = server.browser();
    browser
        .post("/api/auth/login", &login(name, password))
        .await
        .ok();
    browser
}

pub async fn add_agent(server: &Server) -> Value {
    let agent = json!({"username": "jan", "email": "jan@example.com", "password": PASSWORD, "role": "agent"});
    server.owner().post("/api/users", &agent).await.ok()
}

#[tokio::test]
async fn the_setup_link_makes_one_owner_and_works_once() {
    let mut server = Server::start();
    let token = server.setup_token();
    let browser = server.browser();
    browser
        .post("/api/auth/setup", &setup("wrong-token"))
        .await
        .refused(403, "setup_link_invalid");
    let mut weak = setup(&token);
    weak["password"] = "short".into();
    browser
        .post("/api/auth/setup", &weak)
        .await
        .refused(422, "invalid_password");
    let answer = browser.post("/api/auth/setup", &setup(&token)).await.ok();
    assert_eq!(
        (&answer["user"]["username"], &answer["user"]["role"]),
        (&json!("anna"), &json!("owner"))
    );
    assert_eq!(
        browser.get("/api/auth/me").await.ok()["user"]["email"],
        "anna@example.com"
    );
    let mut again = setup(&token);
    (again["username"], again["email"]) = ("ewa".into(), "ewa@example.com".into());
    server
        .browser()
        .post("/api/auth/setup", &again)
        .await
        .refused(403, "setup_link_invalid");
    server.restart();
    assert!(
        !server.stdout().contains("#setup="),
        "a link is shown although there is an owner"
    );
}

#[tokio::test]
async fn a_setup_link_of_an_earlier_start_stops_working() {
    let mut server = Server::start();
    let old = server.setup_token();
    server.restart();
    let browser = server.browser();
    browser
        .post("/api/auth/setup", &setup(&old))
        .await
        .refused(403, "setup_link_invalid");
    browser
        .post("/api/auth/setup", &setup(&server.setup_token()))
        .await
        .ok();
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let server = Server::start();
    set_up(&server).await;
    let stranger = server.browser();
    let mut answers = Vec::new();
    for name in ["anna", "nobody", "anna@example.com", "' OR 1=1 --"] {
        let answer = stranger
            .post("/api/auth/login", &login(name, "wrong password here"))
            .await;
        assert_eq!(answer.header("set-cookie"), "");
        let mut body = answer.refused(401, "login_failed");
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
    stranger
        .get("/api/auth/me")
        .await
        .refused(401, "not_signed_in");
    for name in ["anna", "ANNA", " anna@example.com "] {
        sign_in(&server, name, PASSWORD)
            .await
            .get("/api/users")
            .await
            .ok();
    }
}

#[tokio::test]
async fn passwords_cannot_be_tried_on_and_on() {
    let server = Server::start();
    set_up(&server).await;
    let stranger = server.browser();
    let mut refused_after = 0;
    let throttled = loop {
        let answer = stranger
            .post("/api/auth/login", &login("anna", "wrong password here"))
            .await;
        if answer.status == 429 {
            break answer;
        }
        answer.refused(401, "login_failed");
        refused_after += 1;
        assert!(refused_after <= 20, "nothing stops the twentieth attempt");
    };
    throttled.refused(429, "too_many_requests");
    assert!(throttled.header("retry-after").parse::<u32>().unwrap() > 0);
    stranger
        .post("/api/auth/login", &login("anna", PASSWORD))
        .await
        .refused(429, "too_many_requests");
    add_agent(&server).await;
    sign_in(&server, "jan", PASSWORD).await;
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let server = Server::start();
    set_up(&server).await;
    let browser = server.browser();
    let signed_in = browser
        .post("/api/auth/login", &login("anna", PASSWORD))
        .await;
    let cookie = signed_in
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let stolen = async || {
        let request = server
            .anon()
            .request(reqwest::Method::GET, "/api/auth/me")
            .header("Cookie", &cookie);
        crate::support::send(request).await
    };
    assert_eq!(stolen().await.status, 200);
    let out = browser.post("/api/auth/logout", &json!({})).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    browser
        .get("/api/auth/me")
        .await
        .refused(401, "not_signed_in");
    stolen().await.refused(401, "not_signed_in");
    assert_eq!(
        browser.post("/api/auth/logout", &json!({})).await.status,
        200
    );
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_of_the_account() {
    let server = Server::start();
    let here = set_up(&server).await;
    let there = sign_in(&server, "anna", PASSWORD).await;
    let change =
        |current: &str| json!({"current_password": current, "new_password": OTHER_PASSWORD});
    here.post("/api/auth/password", &change("wrong password here"))
        .await
        .refused(403, "wrong_password");
    assert_eq!(there.get("/api/auth/me").await.status, 200);
    here.post("/api/auth/password", &change(PASSWORD))
        .await
        .ok();
    assert_eq!(here.get("/api/auth/me").await.status, 200);
    there
        .get("/api/auth/me")
        .await
        .refused(401, "not_signed_in");
    let sessions = here.get("/api/auth/sessions").await.ok();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(
        (
            &sessions["sessions"][0]["current"],
            &sessions["sessions"][0]["address"]
        ),
        (&json!(true), &json!("127.0.0.0/24"))
    );
    server
        .browser()
        .post("/api/auth/login", &login("anna", PASSWORD))
        .await
        .refused(401, "login_failed");
    sign_in(&server, "anna", OTHER_PASSWORD).await;
}

#[tokio::test]
async fn nobody_can_end_the_session_of_somebody_else() {
    let server = Server::start();
    let anna = set_up(&server).await;
    add_agent(&server).await;
    let jan = sign_in(&server, "jan", PASSWORD).await;
    let id = anna.get("/api/auth/sessions").await.ok()["sessions"][0]["id"].clone();
    jan.delete(&format!("/api/auth/sessions/{id}"))
        .await
        .refused(404, "login_session_not_found");
    assert_eq!(anna.get("/api/auth/me").await.status, 200);
    anna.delete(&format!("/api/auth/sessions/{id}")).await.ok();
    anna.get("/api/auth/me").await.refused(401, "not_signed_in");
}

#[tokio::test]
async fn with_a_second_factor_signing_in_needs_a_fresh_code_as_well() {
    let server = Server::start();
    let anna = set_up(&server).await;
    anna.post("/api/auth/totp/confirm", &json!({"code": "000000"}))
        .await
        .refused(409, "totp_not_begun");
    let secret = text(&anna.post("/api/auth/totp/begin", &json!({})).await.ok()["secret"]);
    sign_in(&server, "anna", PASSWORD).await;
    let code = totp::code(&secret, 0);
    let wrong = if code == "000000" { "111111" } else { "000000" };
    anna.post("/api/auth/totp/confirm", &json!({"code": wrong}))
        .await
        .refused(422, "totp_code_wrong");
    anna.post("/api/auth/totp/confirm", &json!({"code": code}))
        .await
        .ok();

    let with_code =
        |code: Option<&str>| json!({"username": "anna", "password": PASSWORD, "totp_code": code});
    let browser = server.browser();
    for refused in [None, Some(wrong), Some(code.as_str()), Some("")] {
        browser
            .post("/api/auth/login", &with_code(refused))
            .await
            .refused(401, "totp_required");
    }
    browser
        .post("/api/auth/login", &login("anna", OTHER_PASSWORD))
        .await
        .refused(401, "login_failed");
    browser
        .post("/api/auth/login", &with_code(Some(&totp::code(&secret, 1))))
        .await
        .ok();
    assert_eq!(
        browser.get("/api/auth/me").await.ok()["user"]["totp_enabled"],
        true
    );
    browser
        .post("/api/auth/totp/begin", &json!({}))
        .await
        .refused(409, "totp_already_enabled");
    browser
        .delete_with("/api/auth/totp", &json!({"password": OTHER_PASSWORD}))
        .await
        .refused(403, "wrong_password");
    browser
        .delete_with("/api/auth/totp", &json!({"password": PASSWORD}))
        .await
        .ok();
    sign_in(&server, "anna", PASSWORD).await;
}
