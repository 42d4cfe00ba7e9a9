//! The endpoints as poem serves them, with the front door's part (who is calling) done by hand.

use poem::http::uri::Scheme;
use poem::http::{Method, StatusCode, header};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, IntoEndpoint, Request, Response};
use poem_openapi::OpenApiService;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::accounts::{Accounts, EnvKeys, apis};
use crate::params;
use crate::platform::clock::now_ms;
use crate::platform::db::{Store, StoreOptions};
use crate::platform::http::{COOKIE_NAME, Caller, ClientAddress, Credentials};
use crate::platform::secrets::Secrets;

const PASSWORD: &str = "zielony rower na dachu";

struct Api {
    accounts: Accounts,
    store: Store,
    setup_token: String,
    _folder: TempDir,
}

struct Answer {
    status: StatusCode,
    cookie: Option<String>,
    body: Value,
}

impl Api {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions {
            path: folder.path().join("test.db"),
            readers: 1,
            sql_log_file: None,
        })
        .unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).unwrap();
        let keys = EnvKeys {
            owner: Some("environment".into()),
            agent: Some("agent".into()),
        };
        let accounts = Accounts::new(store.clone(), secrets, &keys, false);
        let setup_token = accounts.ensure_setup_link().unwrap().unwrap();
        Self {
            accounts,
            store,
            setup_token,
            _folder: folder,
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri_str(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = if body.is_null() {
            request.finish()
        } else {
            request
                .content_type("application/json")
                .body(body.to_string())
        };
        self.send(request).await
    }

    async fn send(&self, mut request: Request) -> Answer {
        let principal = match Credentials::from_headers(request.headers()) {
            Some(credentials) => self.accounts.identify(credentials, now_ms()).await.unwrap(),
            None => None,
        };
        request.extensions_mut().insert(Caller {
            address: ClientAddress("203.0.113.7".parse().unwrap()),
            principal,
            is_eager: false,
        });
        let endpoint = OpenApiService::new(apis(&self.accounts), "test", "0").into_endpoint();
        let response: Response = match endpoint.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        };
        let cookie = response
            .headers()
            .get(header::SET_COOKIE)
            .map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let text = response.into_body().into_string().await.unwrap();
        Answer {
            status,
            cookie,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        }
    }

    async fn set_up(&self, token: &str) -> Answer {
        let body = json!({
            "token": token, "username": "anna", "email": "anna@example.com", "password": PASSWORD
        });
        self.call(Method::POST, "/api/auth/setup", &[], body).await
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(test);
}

const OWNER: &[(&str, &str)] = &[("x-api-key", "environment")];

#[test]
fn from_the_setup_link_to_signing_out() {
    let api = Api::new();
    run(async {
        let refused = api.set_up("invented").await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.body["code"], "setup_link_invalid");
        let done = api.set_up(&api.setup_token).await;
        assert_eq!(done.status, 200);
        assert_eq!(done.body["user"]["role"], "owner");
        let cookie = done.cookie.unwrap();
        let (pair, attributes) = cookie.split_once(';').unwrap();
        assert!(pair.starts_with(&format!("{COOKIE_NAME}=")));
        assert_eq!(
            attributes,
            " Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"
        );

        let cookie = [("cookie", pair)];
        let me = api
            .call(Method::GET, "/api/auth/me", &cookie, Value::Null)
            .await;
        assert_eq!(me.status, 200);
        assert_eq!(me.body["user"]["username"], "anna");
        assert_eq!(me.body["user"]["totp_enabled"], false);
        assert!(me.cookie.unwrap().starts_with(pair), "renewed");

        let sessions = api
            .call(Method::GET, "/api/auth/sessions", &cookie, Value::Null)
            .await;
        assert_eq!(sessions.body["sessions"][0]["current"], true);
        assert_eq!(sessions.body["sessions"][0]["address"], "203.0.113.0/24");

        let out = api
            .call(Method::POST, "/api/auth/logout", &cookie, Value::Null)
            .await;
        assert_eq!(out.status, 200);
        assert!(out.cookie.unwrap().contains("Max-Age=0"));
        let me = api
            .call(Method::GET, "/api/auth/me", &cookie, Value::Null)
            .await;
        assert_eq!(me.status, 401);
    });
}

#[test]
fn over_https_the_cookie_is_for_https_only() {
    let api = Api::new();
    run(async {
        api.set_up(&api.setup_token).await;
        let body = json!({"username": "anna", "password": PASSWORD}).to_string();
        let (parts, ()) = poem::http::Request::post("/api/auth/login")
            .header("content-type", "application/json")
            .body(())
            .unwrap()
            .into_parts();
        let from = (LocalAddr::default(), RemoteAddr::default(), Scheme::HTTPS);
        let parts = (parts, from.0, from.1, from.2).into();
        let answer = api.send(Request::from_parts(parts, body.into())).await;
        assert!(answer.cookie.unwrap().ends_with("; Secure"));
    });
}

#[test]
fn a_program_has_a_role_and_no_person() {
    let api = Api::new();
    run(async {
        let me = api
            .call(Method::GET, "/api/auth/me", OWNER, Value::Null)
            .await;
        assert_eq!(me.body["user"]["role"], "owner");
        assert_eq!(me.body["user"]["id"], Value::Null);
        assert!(
            me.body["user"]
                .as_object()
                .unwrap()
                .contains_key("totp_enabled")
        );
        assert!(me.cookie.is_none());
        let sessions = api
            .call(Method::GET, "/api/auth/sessions", OWNER, Value::Null)
            .await;
        assert_eq!(
            (sessions.status.as_u16(), &sessions.body["code"]),
            (403, &json!("account_required"))
        );
    });
}

#[test]
fn the_team_is_a_bare_array_and_only_for_owners() {
    let api = Api::new();
    run(async {
        let agent = [("x-api-key", "agent")];
        assert_eq!(
            api.call(Method::GET, "/api/users", &agent, Value::Null)
                .await
                .status,
            403
        );
        assert_eq!(
            api.call(Method::GET, "/api/users", &[], Value::Null)
                .await
                .status,
            401
        );
        let body = json!({"username": "Jan", "email": "Jan@example.com", "password": PASSWORD, "role": "agent"});
        let made = api
            .call(Method::POST, "/api/users", OWNER, body.clone())
            .await;
        assert_eq!(made.status, 201);
        assert_eq!(made.body["username"], "jan");
        let mut other = body;
        other["email"] = json!("other@example.com");
        let taken = api.call(Method::POST, "/api/users", OWNER, other).await;
        assert_eq!(
            (taken.status.as_u16(), &taken.body["code"]),
            (409, &json!("username_taken"))
        );
        let list = api
            .call(Method::GET, "/api/users", OWNER, Value::Null)
            .await;
        assert_eq!(list.body.as_array().unwrap().len(), 1);
        let path = format!("/api/users/{}", made.body["id"]);
        let change = json!({"display_name": "Jan K."});
        let changed = api.call(Method::PUT, &path, OWNER, change).await;
        assert_eq!(changed.body["display_name"], "Jan K.");
        assert_eq!(changed.body["email"], "jan@example.com");
        let gone = api.call(Method::DELETE, &path, OWNER, Value::Null).await;
        assert_eq!((gone.status.as_u16(), gone.body), (204, Value::Null));
        assert_eq!(
            api.call(Method::GET, &path, OWNER, Value::Null)
                .await
                .status,
            404
        );
    });
}

#[test]
fn a_refused_field_is_named() {
    let api = Api::new();
    run(async {
        let body =
            json!({"username": "jan", "email": "jan", "password": PASSWORD, "role": "agent"});
        let refused = api.call(Method::POST, "/api/users", OWNER, body).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.body["code"]),
            (422, &json!("invalid_email"))
        );
        assert!(refused.body["details"]["email"].is_string());
    });
}

#[test]
fn a_repeat_under_one_idempotency_key_makes_one_account() {
    let api = Api::new();
    run(async {
        let headers = [("x-api-key", "environment"), ("idempotency-key", "one")];
        let body = |password: &str| json!({"username": "jan", "email": "jan@example.com", "password": password, "role": "agent"});
        let first = api
            .call(Method::POST, "/api/users", &headers, body(PASSWORD))
            .await;
        let again = api
            .call(Method::POST, "/api/users", &headers, body(PASSWORD))
            .await;
        assert_eq!((again.status.as_u16(), &again.body), (201, &first.body));
        let other = body("another long password");
        let refused = api.call(Method::POST, "/api/users", &headers, other).await;
        assert_eq!(refused.body["code"], "idempotency_key_reused");
    });
}

#[test]
fn a_repeated_key_request_shows_the_same_key_which_lies_nowhere_in_clear() {
    let api = Api::new();
    run(async {
        let headers = [("x-api-key", "environment"), ("idempotency-key", "one")];
        let body =
            json!({"name": "CRM", "role": "agent", "expires_at": "2999-01-01T00:00:00+01:00"});
        let first = api
            .call(Method::POST, "/api/auth/keys", &headers, body.clone())
            .await;
        let again = api
            .call(Method::POST, "/api/auth/keys", &headers, body)
            .await;
        assert_eq!((first.status.as_u16(), &first.body), (201, &again.body));
        assert_eq!(
            first.body["api_key"]["expires_at"],
            "2998-12-31T23:00:00.000Z"
        );
        let key = first.body["key"].as_str().unwrap().to_owned();
        let me = api
            .call(
                Method::GET,
                "/api/auth/me",
                &[("x-api-key", &key)],
                Value::Null,
            )
            .await;
        assert_eq!(me.body["user"]["role"], "agent");
        let kept = api
            .store
            .read(|tx| {
                tx.query_value::<String>("SELECT answer_json FROM idempotency_keys", params![])
            })
            .await
            .unwrap();
        assert!(!kept.contains(&key[8..]));
        let list = api
            .call(Method::GET, "/api/auth/keys", OWNER, Value::Null)
            .await;
        assert!(!list.body.to_string().contains(&key));
        let path = format!("/api/auth/keys/{}", first.body["api_key"]["id"]);
        assert_eq!(
            api.call(Method::DELETE, &path, OWNER, Value::Null)
                .await
                .status,
            200
        );
    });
}

#[test]
fn every_operation_has_a_name_a_summary_and_needs_a_role_or_is_one_of_five() {
    let api = Api::new();
    let spec = OpenApiService::new(apis(&api.accounts), "test", "0").spec();
    let spec: Value = serde_json::from_str(&spec).unwrap();
    let mut open = Vec::new();
    let mut count = 0;
    for (path, methods) in spec["paths"].as_object().unwrap() {
        assert!(!path.ends_with('/'), "{path}");
        for operation in methods.as_object().unwrap().values() {
            count += 1;
            let name = operation["operationId"].as_str().unwrap();
            assert!(operation["summary"].is_string(), "{name}");
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                open.push(name.to_owned());
            }
        }
    }
    open.sort();
    assert_eq!(count, 24);
    let known = [
        "forgot_password",
        "log_in",
        "log_out",
        "set_password",
        "set_up_first_owner",
    ];
    assert_eq!(open, known);
}
