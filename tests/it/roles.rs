//! What each role and key may do.

use serde_json::json;

use crate::accounts::{PASSWORD, add_agent, login, set_up, sign_in};
use crate::support::{Server, text};

#[tokio::test]
async fn an_agent_works_with_conversations_but_not_with_accounts_settings_or_keys() {
    let server = Server::start();
    set_up(&server).await;
    let id = add_agent(&server).await["id"].clone();
    let agent = sign_in(&server, "jan", PASSWORD).await;
    for path in [
        "/api/conversations",
        "/api/intents",
        "/api/health/deep",
        "/api/auth/me",
        "/api/auth/sessions",
    ] {
        assert_eq!(agent.get(path).await.status, 200, "{path}");
    }
    for path in [
        "/api/users",
        "/api/settings",
        "/api/auth/keys",
        "/api/chatbot/consents",
    ] {
        agent.get(path).await.refused(403, "role_required");
    }
    agent
        .put(&format!("/api/users/{id}"), &json!({"role": "owner"}))
        .await
        .refused(403, "role_required");
    agent
        .post("/api/auth/keys", &json!({"name": "x", "role": "owner"}))
        .await
        .refused(403, "role_required");
    server
        .owner()
        .put(&format!("/api/users/{id}"), &json!({"role": "owner"}))
        .await
        .ok();
    agent.get("/api/users").await.ok();
    server
        .owner()
        .put(&format!("/api/users/{id}"), &json!({"is_active": false}))
        .await
        .ok();
    agent
        .get("/api/conversations")
        .await
        .refused(401, "not_signed_in");
    server
        .browser()
        .post("/api/auth/login", &login("jan", PASSWORD))
        .await
        .refused(401, "login_failed");
}

#[tokio::test]
async fn an_api_key_is_shown_once_and_works_until_it_is_revoked_or_expires() {
    let server = Server::start();
    let owner = server.owner();
    let in_two_seconds = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let make = async |role: &str, expires_at: Option<String>| {
        let made = owner
            .post(
                "/api/auth/keys",
                &json!({"name": "CRM", "role": role, "expires_at": expires_at}),
            )
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        (
            text(&made.json()["key"]),
            made.json()["api_key"]["id"].clone(),
        )
    };
    let (agent_key, _) = make("agent", None).await;
    let (owner_key, owner_key_id) = make("owner", None).await;
    let (short_key, _) = make("agent", Some(in_two_seconds.to_string())).await;
    let list = owner.get("/api/auth/keys").await;
    for key in [&agent_key, &owner_key, &short_key] {
        assert!(!list.text().contains(key.as_str()), "a key is shown again");
        assert!(
            list.text().contains(&key[..8]),
            "no hint tells which key it is"
        );
    }
    assert_eq!(
        server.with_key(&agent_key).get("/api/intents").await.status,
        200
    );
    server
        .with_key(&agent_key)
        .get("/api/users")
        .await
        .refused(403, "role_required");
    assert_eq!(
        server.with_key(&owner_key).get("/api/users").await.status,
        200
    );
    server
        .with_key(&agent_key)
        .post("/api/auth/totp/begin", &json!({}))
        .await
        .refused(403, "account_required");

    owner
        .delete(&format!("/api/auth/keys/{owner_key_id}"))
        .await
        .ok();
    server
        .with_key(&owner_key)
        .get("/api/users")
        .await
        .refused(401, "invalid_api_key");
    assert_eq!(owner.delete("/api/auth/keys/9999").await.status, 404);
    let program = server.with_key(&short_key);
    crate::support::until("the key expires", async || {
        program.get("/api/intents").await.status == 401
    })
    .await;
    assert!(
        jiff::Timestamp::now() >= in_two_seconds,
        "it ended too early"
    );
}

#[tokio::test]
async fn both_header_names_take_a_key_and_a_wrong_key_opens_not_even_public_doors() {
    let server = Server::start();
    let anon = server.anon();
    for name in ["X-API-Key", "X-ADMIN-API-KEY", "x-api-key"] {
        let request = anon
            .request(reqwest::Method::GET, "/api/users")
            .header(name, crate::process::OWNER_KEY);
        assert_eq!(crate::support::send(request).await.status, 200, "{name}");
    }
    for wrong in ["", " ", "wrong", &crate::process::OWNER_KEY[1..]] {
        server
            .with_key(wrong)
            .get("/api/knowledge/faq")
            .await
            .refused(401, "invalid_api_key");
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
    server
        .owner()
        .delete(&path)
        .await
        .refused(409, "last_owner");
    anna.put(&format!("/api/users/{jan}"), &json!({"role": "owner"}))
        .await
        .ok();
    assert_eq!(anna.delete(&path).await.status, 204);
    anna.get("/api/auth/me").await.refused(401, "not_signed_in");
    assert_eq!(
        server
            .owner()
            .get("/api/users")
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
