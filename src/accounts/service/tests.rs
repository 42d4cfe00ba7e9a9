use tempfile::TempDir;

use super::*;
use crate::accounts::model::{Device, NewApiKey, NewUser, UserChange};
use crate::accounts::{Accounts, EnvKeys, totp};
use crate::params;
use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, StoreOptions};
use crate::platform::http::{Credentials, Role};
use crate::platform::secrets::Secrets;

mod password_links;

const PASSWORD: &str = "zielony rower na dachu";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

struct World {
    accounts: Accounts,
    store: Store,
    _folder: TempDir,
}

impl World {
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
            agent: None,
        };
        Self {
            accounts: Accounts::new(store.clone(), secrets, &keys, false),
            store,
            _folder: folder,
        }
    }

    fn with_owner() -> Self {
        let world = Self::new();
        world
            .accounts
            .create_user(&new_user("anna", Role::Owner))
            .unwrap();
        world
    }

    async fn log_in(&self, code: Option<String>, now: i64) -> Result<SignedIn, AccountError> {
        self.attempt("Anna", PASSWORD, code, now).await
    }

    async fn attempt(
        &self,
        name: &str,
        password: &str,
        totp_code: Option<String>,
        now: i64,
    ) -> Result<SignedIn, AccountError> {
        let request = LoginRequest {
            name: name.into(),
            password: password.into(),
            totp_code,
            device: device(),
        };
        self.accounts.log_in(request, now).await
    }

    async fn principal(&self, cookie: &str, now: i64) -> Option<Principal> {
        self.accounts
            .identify(Credentials::Cookie(cookie.into()), now)
            .await
            .unwrap()
    }

    /// What was written beside the requests so far is stored when this returns.
    async fn settle(&self) {
        tokio::task::yield_now().await;
        self.store.write(|_| Ok::<_, DbError>(())).await.unwrap();
    }

    async fn audit(&self) -> Vec<(String, String)> {
        self.store
            .read(|tx| {
                let rows = tx.query(
                    "SELECT action, details_json FROM audit_log ORDER BY id",
                    params![],
                )?;
                rows.into_iter()
                    .map(|mut row| Ok::<_, DbError>((row.take(0)?, row.take(1)?)))
                    .collect()
            })
            .await
            .unwrap()
    }
}

fn new_user(name: &str, role: Role) -> NewUser {
    NewUser {
        username: name.into(),
        email: format!("{name}@example.com"),
        password: Some(PASSWORD.into()),
        role,
        display_name: None,
    }
}

fn device() -> Device {
    Device {
        browser: "Firefox on Windows".into(),
        address_truncated: "203.0.113.0/24".into(),
    }
}

/// One thread, so that spawned work runs when the test waits and not before.
fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(test);
}

#[test]
fn a_setup_link_stays_the_same_in_one_process_and_goes_with_the_first_owner() {
    let world = World::new();
    let token = world.accounts.ensure_setup_link().unwrap().unwrap();
    assert_eq!(
        world.accounts.ensure_setup_link().unwrap().as_ref(),
        Some(&token)
    );
    let newer = world.accounts.new_setup_link().unwrap();
    assert_ne!(newer, token);
    let setup = |token: &str| SetupRequest {
        token: token.into(),
        owner: new_user("anna", Role::Owner),
        device: device(),
    };
    run(async {
        let old = world.accounts.set_up(setup(&token), 0).await;
        assert!(matches!(old, Err(AccountError::SetupLinkInvalid)));
        let signed_in = world.accounts.set_up(setup(&newer), 0).await.unwrap();
        let principal = world.principal(&signed_in.token, 1).await.unwrap();
        assert_eq!(principal.role, Role::Owner);
        let again = world.accounts.set_up(setup(&newer), 0).await;
        assert!(matches!(again, Err(AccountError::SetupLinkInvalid)));
    });
    assert_eq!(world.accounts.ensure_setup_link().unwrap(), None);
    assert!(matches!(
        world.accounts.new_setup_link(),
        Err(AccountError::OwnerExists)
    ));
}

#[test]
fn an_unknown_name_a_wrong_password_and_a_deactivated_account_look_the_same() {
    let world = World::with_owner();
    let jan = world
        .accounts
        .create_user(&new_user("jan", Role::Agent))
        .unwrap();
    run(async {
        let owner = world.log_in(None, 0).await.unwrap();
        let by = world.principal(&owner.token, 0).await.unwrap();
        let change = UserChange {
            is_active: Some(false),
            ..Default::default()
        };
        world
            .accounts
            .change_user(&by, jan.id, change, 0)
            .await
            .unwrap();
        for (name, password) in [
            ("nobody", PASSWORD),
            ("anna", "another password"),
            ("jan", PASSWORD),
            ("", ""),
        ] {
            let refused = world.attempt(name, password, None, 0).await;
            assert!(matches!(refused, Err(AccountError::LoginFailed)), "{name}");
        }
        let failed: Vec<_> = world
            .audit()
            .await
            .into_iter()
            .filter(|(action, _)| action == "login_failed")
            .collect();
        assert_eq!(failed.len(), 4);
        assert!(
            failed
                .iter()
                .all(|(_, details)| !details.contains("nobody"))
        );
    });
}

#[test]
fn after_ten_attempts_even_the_right_password_waits() {
    let world = World::with_owner();
    run(async {
        for _ in 0..10 {
            let refused = world.attempt(" ANNA ", "wrong", None, 0).await;
            assert!(matches!(refused, Err(AccountError::LoginFailed)));
        }
        let refused = world.log_in(None, 0).await;
        assert!(matches!(refused, Err(AccountError::Throttled { .. })));
    });
}

#[test]
fn a_session_slides_with_its_use_and_ends_after_ninety_days() {
    let world = World::with_owner();
    run(async {
        let cookie = world.log_in(None, 0).await.unwrap().token;
        for day in [25, 50, 75, 89] {
            assert!(
                world.principal(&cookie, day * DAY_MS).await.is_some(),
                "day {day}"
            );
            world.settle().await;
            world.accounts.inner.known.forget();
        }
        assert!(world.principal(&cookie, 90 * DAY_MS).await.is_none());
        let unused = world.log_in(None, 0).await.unwrap().token;
        assert!(world.principal(&unused, 30 * DAY_MS).await.is_none());
        assert!(world.principal("invented", 0).await.is_none());
    });
}

#[test]
fn signing_out_counts_at_once() {
    let world = World::with_owner();
    run(async {
        let cookie = world.log_in(None, 0).await.unwrap().token;
        let principal = world.principal(&cookie, 0).await.unwrap();
        world.accounts.log_out(&principal, 0).await.unwrap();
        assert!(world.principal(&cookie, 0).await.is_none());
    });
}

#[test]
fn a_new_password_ends_the_other_sessions_and_not_the_own() {
    let world = World::with_owner();
    run(async {
        let here = world.log_in(None, 0).await.unwrap().token;
        let there = world.log_in(None, 0).await.unwrap().token;
        let by = world.principal(&here, 0).await.unwrap();
        let wrong = world
            .accounts
            .change_password(&by, "wrong".into(), "x".into(), 0)
            .await;
        assert!(matches!(
            wrong,
            Err(AccountError::WrongPassword("current_password"))
        ));
        let weak = world
            .accounts
            .change_password(&by, PASSWORD.into(), "short".into(), 0)
            .await;
        assert!(matches!(weak, Err(AccountError::Invalid(_))));
        let new = "niebieski rower na dachu";
        world
            .accounts
            .change_password(&by, PASSWORD.into(), new.into(), 0)
            .await
            .unwrap();
        assert!(world.principal(&here, 0).await.is_some());
        assert!(world.principal(&there, 0).await.is_none());
        assert!(matches!(
            world.log_in(None, 0).await,
            Err(AccountError::LoginFailed)
        ));
        assert!(
            world
                .attempt("anna@example.com", new, None, 0)
                .await
                .is_ok()
        );
    });
}

#[test]
fn a_second_factor_is_asked_for_once_confirmed_and_no_code_works_twice() {
    let world = World::with_owner();
    run(async {
        let cookie = world.log_in(None, 0).await.unwrap().token;
        let by = world.principal(&cookie, 0).await.unwrap();
        let early = world.accounts.confirm_totp(&by, "000000".into(), 0).await;
        assert!(matches!(early, Err(AccountError::TotpNotBegun)));
        let enrolment = world.accounts.begin_totp(&by, 0).await.unwrap();
        assert!(world.log_in(None, 0).await.is_ok(), "not confirmed yet");
        let secret = data_encoding::BASE32_NOPAD
            .decode(enrolment.secret.as_bytes())
            .unwrap();
        let code = |step: i64| totp::code_at(&secret, step);
        let at = |step: i64| step * 30_000;
        let wrong = world.accounts.confirm_totp(&by, code(50), at(1000)).await;
        assert!(matches!(wrong, Err(AccountError::TotpCodeWrong)));
        world
            .accounts
            .confirm_totp(&by, code(1000), at(1000))
            .await
            .unwrap();
        let twice = world.accounts.begin_totp(&by, 0).await;
        assert!(matches!(twice, Err(AccountError::TotpAlreadyEnabled)));

        let missing = world.log_in(None, at(1001)).await;
        assert!(matches!(missing, Err(AccountError::TotpRequired)));
        let replayed = world.log_in(Some(code(1000)), at(1001)).await;
        assert!(matches!(replayed, Err(AccountError::TotpRejected)));
        world.log_in(Some(code(1001)), at(1001)).await.unwrap();
        let replayed = world.log_in(Some(code(1001)), at(1001)).await;
        assert!(matches!(replayed, Err(AccountError::TotpRejected)));
        let wrong_password = world
            .attempt("anna", "wrong", Some(code(1002)), at(1002))
            .await;
        assert!(matches!(wrong_password, Err(AccountError::LoginFailed)));

        world
            .accounts
            .disable_totp(&by, PASSWORD.into(), 0)
            .await
            .unwrap();
        assert!(world.log_in(None, 0).await.is_ok());
    });
}

#[test]
fn resetting_from_the_command_line_lets_back_in_without_the_lost_phone() {
    let world = World::with_owner();
    let cookie = std::cell::RefCell::new(String::new());
    run(async {
        let token = world.log_in(None, 0).await.unwrap().token;
        let by = world.principal(&token, 0).await.unwrap();
        let enrolment = world.accounts.begin_totp(&by, 0).await.unwrap();
        let secret = data_encoding::BASE32_NOPAD
            .decode(enrolment.secret.as_bytes())
            .unwrap();
        world
            .accounts
            .confirm_totp(&by, totp::code_at(&secret, 0), 0)
            .await
            .unwrap();
        *cookie.borrow_mut() = token;
    });
    let new = "niebieski rower na dachu";
    world
        .accounts
        .reset_password("Anna@example.com", new)
        .unwrap();
    let unknown = world.accounts.reset_password("nobody", new);
    assert!(matches!(unknown, Err(AccountError::UserNotFound)));
    run(async {
        let value = cookie.borrow().clone();
        assert!(world.principal(&value, 0).await.is_none());
        assert!(world.attempt("anna", new, None, 0).await.is_ok());
    });
}

#[test]
fn the_last_active_owner_stays() {
    let world = World::with_owner();
    let jan = world
        .accounts
        .create_user(&new_user("jan", Role::Agent))
        .unwrap();
    run(async {
        let signed_in = world.log_in(None, 0).await.unwrap();
        let by = world.principal(&signed_in.token, 0).await.unwrap();
        let anna = signed_in.user.id;
        let demote = || UserChange {
            role: Some(Role::Agent),
            ..Default::default()
        };
        let deactivate = || UserChange {
            is_active: Some(false),
            ..Default::default()
        };
        for change in [demote(), deactivate()] {
            let refused = world.accounts.change_user(&by, anna, change, 0).await;
            assert!(matches!(refused, Err(AccountError::LastOwner)));
        }
        let refused = world.accounts.remove_user(&by, anna, 0).await;
        assert!(matches!(refused, Err(AccountError::LastOwner)));
        let promote = UserChange {
            role: Some(Role::Owner),
            ..Default::default()
        };
        world
            .accounts
            .change_user(&by, jan.id, promote, 0)
            .await
            .unwrap();
        world
            .accounts
            .change_user(&by, anna, demote(), 0)
            .await
            .unwrap();
        let now = world.principal(&signed_in.token, 0).await.unwrap();
        assert_eq!(
            now.role,
            Role::Agent,
            "a new role counts at the next request"
        );
        world.accounts.remove_user(&by, anna, 0).await.unwrap();
        assert!(world.principal(&signed_in.token, 0).await.is_none());
    });
}

#[test]
fn keys_work_until_revoked_and_a_key_is_no_cookie() {
    let world = World::new();
    let new = NewApiKey {
        name: "CRM".into(),
        role: Role::Agent,
        expires_at_ms: None,
    };
    let (stored, key) = world.accounts.create_api_key(&new).unwrap();
    assert!(key.starts_with("nhk_") && key.len() == 47 && key.starts_with(&stored.hint));
    run(async {
        let now = now_ms();
        let ask = |credentials| world.accounts.identify(credentials, now);
        let by = ask(Credentials::ApiKey("environment".into()))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(by.role, Role::Owner);
        let principal = ask(Credentials::ApiKey(key.clone()))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (principal.role, &*principal.display_name),
            (Role::Agent, "CRM")
        );
        assert!(
            ask(Credentials::Cookie(key.clone()))
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            ask(Credentials::ApiKey("nhk_invented".into()))
                .await
                .unwrap()
                .is_none()
        );
        world.settle().await;
        assert!(
            world.accounts.keys().await.unwrap()[0]
                .last_used_at_ms
                .is_some()
        );
        world
            .accounts
            .revoke_key(&by, stored.id, now)
            .await
            .unwrap();
        assert!(
            ask(Credentials::ApiKey(key.clone()))
                .await
                .unwrap()
                .is_none()
        );
        let unknown = world.accounts.revoke_key(&by, 99, now).await;
        assert!(matches!(unknown, Err(AccountError::KeyNotFound)));
        let person_only = world.accounts.sessions(&by, now).await;
        assert!(matches!(person_only, Err(AccountError::AccountRequired)));
    });
}
