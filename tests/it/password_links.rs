//! Invitations to the team, and new passwords for forgotten ones.

use serde_json::json;

use crate::accounts::{PASSWORD, login, set_up, sign_in};
use crate::mail_server::MailServer;
use crate::notify::env;
use crate::support::{Server, text, until};

const JAN: &str = "jan@example.com";

/// Waits for so many letters to Jan; answers the token of the link in the last one.
async fn linked(mail: &MailServer, count: usize) -> String {
    until(&format!("{count} letters arrived"), async || {
        mail.letters_to(JAN).len() == count
    })
    .await;
    let body = text(&mail.letters_to(JAN)[count - 1]["text"]);
    let (_, after) = body.split_once("/admin#password=").unwrap();
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    after.chars().take_while(|c| is_of_token(*c)).collect()
}

fn invited() -> serde_json::Value {
    json!({"username": "jan", "email": JAN, "role": "agent"})
}

#[tokio::test]
async fn who_is_invited_sets_a_password_by_the_letters_link_once_and_signs_in() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let owner = set_up(&server).await;
    let made = owner.post("/api/users", &invited()).await.ok();
    assert_eq!(made["has_password"], false);
    let token = linked(&mail, 1).await;
    let letter = text(&mail.letters_to(JAN)[0]["text"]);
    assert!(letter.contains("Anna"), "the inviter is named: {letter}");

    let visitor = server.anon();
    for password in ["", "!"] {
        visitor
            .post("/api/auth/login", &login("jan", password))
            .await
            .refused(401, "login_failed");
    }
    let with = |password: &str| json!({"token": token, "password": password});
    let path = "/api/auth/set-password";
    visitor
        .post(path, &with("short"))
        .await
        .refused(422, "invalid_password");
    visitor.post(path, &with(PASSWORD)).await.ok();
    visitor
        .post(path, &with("a second password of his"))
        .await
        .refused(403, "password_link_invalid");
    sign_in(&server, "jan", PASSWORD).await;
    let members = owner.get("/api/users").await.ok();
    assert_eq!(members[1]["has_password"], true);
}

#[tokio::test]
async fn a_new_link_replaces_the_one_before_and_the_database_holds_none_that_works() {
    let mail = MailServer::start();
    let mut server = Server::start_with(&env(mail.port()));
    let owner = set_up(&server).await;
    let id = owner.post("/api/users", &invited()).await.ok()["id"].clone();
    let first = linked(&mail, 1).await;
    let again = format!("/api/users/{id}/password-link");
    let sent = owner.post(&again, &json!({})).await.ok();
    let second = linked(&mail, 2).await;
    assert_eq!(text(&sent["url"]), format!("/admin#password={second}"));
    let visitor = server.anon();
    let with = |token: &str| json!({"token": token, "password": PASSWORD});
    let path = "/api/auth/set-password";
    for token in [first.as_str(), "", "1", "2"] {
        visitor
            .post(path, &with(token))
            .await
            .refused(403, "password_link_invalid");
    }
    server.stop();
    let files = ["novahouse.db", "novahouse.db-wal"];
    let files = files.map(|name| std::fs::read(server.data().join(name)).unwrap_or_default());
    let holds = |text: &str| {
        let is_in = |file: &Vec<u8>| {
            file.windows(text.len())
                .any(|bytes| bytes == text.as_bytes())
        };
        files.iter().any(is_in)
    };
    assert!(holds(JAN));
    assert!(!holds(&second));
    server.restart();
    server.anon().post(path, &with(&second)).await.ok();
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_without_telling_whose_accounts_there_are() {
    let mail = MailServer::start();
    let server = Server::start_with(&env(mail.port()));
    let owner = set_up(&server).await;
    let member = json!({"username": "jan", "email": JAN, "role": "agent", "password": PASSWORD});
    let id = owner.post("/api/users", &member).await.ok()["id"].clone();
    let signed_in = sign_in(&server, "jan", PASSWORD).await;
    let visitor = server.anon();
    let forgot = async |name: &str| {
        let body = json!({"username": name});
        visitor.post("/api/auth/forgot", &body).await.ok()
    };
    assert_eq!(forgot("nobody@example.com").await, forgot(JAN).await);
    let token = linked(&mail, 1).await;
    let new = json!({"token": token, "password": "niebieski rower na dachu"});
    visitor.post("/api/auth/set-password", &new).await.ok();
    signed_in
        .get("/api/auth/me")
        .await
        .refused(401, "not_signed_in");
    visitor
        .post("/api/auth/login", &login("jan", PASSWORD))
        .await
        .refused(401, "login_failed");
    sign_in(&server, "jan", "niebieski rower na dachu").await;

    let off = json!({"is_active": false});
    let account = format!("/api/users/{id}");
    owner.put(&account, &off).await.ok();
    forgot("jan").await;
    let link = format!("{account}/password-link");
    owner
        .post(&link, &json!({}))
        .await
        .refused(409, "user_deactivated");
    owner.put(&account, &json!({"is_active": true})).await.ok();
    owner.post(&link, &json!({})).await.ok();
    linked(&mail, 2).await;
    server
        .agent()
        .post(&link, &json!({}))
        .await
        .refused(403, "role_required");
}
