//! The team and its keys: who may sign in, with what, and what was done.
//!
//! Writes the tables `users`, `login_sessions`, `api_keys`, `setup_links`, `password_links` and `audit_log`. Public face: [`Accounts`],
//! its endpoints ([`apis`]), [`AdminCommand`], [`audit::record`], [`display_name`], [`email_address`], [`team`] and
//! [`purge_login_sessions`].

pub mod audit;
mod audit_http;
mod authenticate;
mod command_line;
mod error;
mod http;
mod model;
mod password;
pub mod reads;
mod rules;
mod service;
mod store;
mod throttle;
mod totp;

use std::sync::{Arc, Mutex};

pub use audit_http::AuditApi;
pub use command_line::AdminCommand;
pub use error::AccountError;
pub use http::{ApiKeysApi, AuthApi, UsersApi};
pub use model::{ApiKey, FieldError, NewApiKey, NewUser, User};
pub(crate) use service::proven;

use crate::platform::clock::now_ms;
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::Authenticate;
use crate::platform::secrets::Secrets;

use authenticate::{EnvironmentKeys, Known};
use password::Hasher;
use throttle::Throttle;

/// API keys from the environment; empty ones count as not set. No `Debug`: they are secrets.
#[derive(Clone, Default)]
pub struct EnvKeys {
    /// `ADMIN_API_KEY`: may do everything.
    pub owner: Option<String>,
    /// `API_KEY`: may do what agents may.
    pub agent: Option<String>,
}

/// Everything accounts need. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    secrets: Secrets,
    environment: EnvironmentKeys,
    hasher: Hasher,
    throttle: Throttle,
    known: Known,
    /// The set-up link's token, for as long as this process runs; only its hash is stored.
    setup_token: Mutex<Option<String>>,
    secure_cookies: bool,
}

impl Accounts {
    /// Puts the slice together.
    ///
    /// * `secure_cookies`: browsers send the cookie over https only, although this server speaks http (a proxy in
    ///   front of it ends TLS). Requests that come over https get such a cookie anyway.
    pub fn new(store: Store, secrets: Secrets, env_keys: &EnvKeys, secure_cookies: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                secrets,
                environment: EnvironmentKeys::new(env_keys),
                hasher: Hasher::new(),
                throttle: Throttle::new(),
                known: Known::new(),
                setup_token: Mutex::new(None),
                secure_cookies,
            }),
        }
    }

    /// What the front door asks who stands behind a cookie or key.
    pub fn authenticate(&self) -> Authenticate {
        let accounts = self.clone();
        Arc::new(move |credentials| {
            let accounts = accounts.clone();
            Box::pin(async move { Ok(accounts.identify(credentials, now_ms()).await?) })
        })
    }

    /// Checks the audit log (blocking); answers what to print.
    ///
    /// Errors: the first row that does not fit, or the log cannot be read.
    pub fn verify_audit(&self) -> Result<String, String> {
        let verified = self.inner.store.read_blocking(|tx| audit::verify(tx));
        let verified = verified.map_err(|error: DbError| error.to_string())?;
        match verified.broken_at {
            None => Ok(format!(
                "{} rows are whole; the newest has the hash {}",
                verified.rows, verified.head
            )),
            Some(id) => Err(format!(
                "row {id} of the audit log does not follow from the one before: something was changed or taken out"
            )),
        }
    }
}

/// The endpoints under `/api/auth`, `/api/users`, `/api/auth/keys` and `/api/chatbot/audit`.
pub fn apis(accounts: &Accounts) -> (AuthApi, UsersApi, ApiKeysApi, AuditApi) {
    (
        AuthApi::new(accounts.clone()),
        UsersApi::new(accounts.clone()),
        ApiKeysApi::new(accounts.clone()),
        AuditApi(accounts.inner.store.clone()),
    )
}

/// An e-mail address in the one form it is kept in; `None` when it is none.
pub fn email_address(text: &str) -> Option<String> {
    rules::email(text).ok()
}

/// The name visitors see beside what this member of the team writes; `None` when there is no such active account.
pub fn display_name(tx: &mut dyn Tx, user_id: i64) -> Result<Option<String>, DbError> {
    let user = store::user_by_id(tx, user_id)?.filter(|user| user.is_active);
    Ok(user.map(|user| user.display_name))
}

/// The active members of the team, oldest first: id and the name visitors see.
pub fn team(tx: &mut dyn Tx) -> Result<Vec<(i64, String)>, DbError> {
    let users = store::users(tx)?.into_iter().filter(|user| user.is_active);
    Ok(users.map(|user| (user.id, user.display_name)).collect())
}

/// Drops browser sessions that have ended; answers how many. For a daily job.
pub fn purge_login_sessions(tx: &mut dyn Tx, now_ms: i64) -> Result<u64, DbError> {
    store::purge_sessions(tx, now_ms)
}
