//! Coming in and going out.

use serde_json::json;

use super::second_factor::totp_secret;
use super::users::{CheckedFields, check_new_user, insert_user};
use crate::accounts::error::AccountError;
use crate::accounts::model::{CheckedUser, Device, NewUser, User, UserSecrets};
use crate::accounts::password::DUMMY_HASH;
use crate::accounts::{Accounts, audit, rules, store, totp};
use crate::platform::db::Tx;
use crate::platform::http::{Actor, Principal};
use crate::platform::secrets::{random_token, sha256};

/// What a person sends to sign in. No `Debug`: it holds a password.
pub(in crate::accounts) struct LoginRequest {
    /// Username or e-mail address, as typed.
    pub(in crate::accounts) name: String,
    pub(in crate::accounts) password: String,
    pub(in crate::accounts) totp_code: Option<String>,
    pub(in crate::accounts) device: Device,
}

/// What the first owner sends. No `Debug`: it holds a password.
pub(in crate::accounts) struct SetupRequest {
    pub(in crate::accounts) token: String,
    pub(in crate::accounts) owner: NewUser,
    pub(in crate::accounts) device: Device,
}

/// A person who came in, and the value of the cookie that proves it from now on.
pub(in crate::accounts) struct SignedIn {
    pub(in crate::accounts) user: User,
    pub(in crate::accounts) token: String,
}

impl Accounts {
    /// Makes the first owner and signs them in. The link works once, and only while there is no owner.
    pub(in crate::accounts) async fn set_up(
        &self,
        request: SetupRequest,
        now_ms: i64,
    ) -> Result<SignedIn, AccountError> {
        let link = sha256(request.token.trim());
        let works = self
            .inner
            .store
            .read(move |tx| store::setup_link_works(tx, &link))
            .await?;
        if !works {
            return Err(AccountError::SetupLinkInvalid);
        }
        let fields: CheckedFields = check_new_user(&request.owner)?;
        let hash = self.inner.hasher.hash_given(request.owner.password).await?;
        let owner: CheckedUser = fields.with_hash(hash);
        let (device, token) = (request.device, random_token()?);
        let cookie = sha256(&token);
        let user = self
            .inner
            .store
            .write(move |tx| {
                if !store::use_setup_link(tx, &link, now_ms)? {
                    return Err(AccountError::SetupLinkInvalid);
                }
                let user = insert_user(tx, &owner, audit::VISITOR, now_ms)?;
                record_of(tx, &user, "setup", now_ms)?;
                open_session(tx, &user, &cookie, &device, now_ms)?;
                Ok(user)
            })
            .await?;
        Ok(SignedIn { user, token })
    }

    /// Signs a person in.
    ///
    /// An unknown name, a deactivated account and a wrong password give the same answer after the same work: one
    /// argon2 computation and one audit row.
    pub(in crate::accounts) async fn log_in(
        &self,
        request: LoginRequest,
        now_ms: i64,
    ) -> Result<SignedIn, AccountError> {
        let name = request.name.trim().to_lowercase();
        self.inner.throttle.check(&name)?;
        let found = self
            .inner
            .store
            .read(move |tx| store::user_by_login(tx, &name))
            .await?
            .filter(|found| found.user.is_active);
        let hash = found
            .as_ref()
            .filter(|found| found.user.has_password)
            .map_or(DUMMY_HASH, |found| found.password_hash.as_str());
        let fits = self
            .inner
            .hasher
            .verify(request.password, hash.to_owned())
            .await?;
        let user_id = found.as_ref().map(|found| found.user.id);
        let Some(found) = found.filter(|_| fits) else {
            return Err(self
                .refuse(user_id, "password", AccountError::LoginFailed, now_ms)
                .await);
        };
        let step = match self.second_factor(&found, request.totp_code.as_deref(), now_ms) {
            Ok(step) => step,
            Err(AccountError::TotpRejected) => {
                let error = AccountError::TotpRejected;
                return Err(self.refuse(user_id, "totp_code", error, now_ms).await);
            }
            Err(error) => return Err(error),
        };
        let token = random_token()?;
        let (cookie, device) = (sha256(&token), request.device);
        let user = self
            .inner
            .store
            .write(move |tx| {
                let user = still_the_same(tx, &found)?;
                if let Some(step) = step
                    && !store::use_totp_step(tx, user.id, step)?
                {
                    return Err(AccountError::TotpRejected);
                }
                record_of(tx, &user, "login", now_ms)?;
                open_session(tx, &user, &cookie, &device, now_ms)?;
                Ok(user)
            })
            .await?;
        Ok(SignedIn { user, token })
    }

    /// The time step of the code, when the account has a second factor.
    fn second_factor(
        &self,
        found: &UserSecrets,
        code: Option<&str>,
        now_ms: i64,
    ) -> Result<Option<i64>, AccountError> {
        if !found.user.totp_enabled {
            return Ok(None);
        }
        let code = code
            .map(str::trim)
            .filter(|code| !code.is_empty())
            .ok_or(AccountError::TotpRequired)?;
        let secret = totp_secret(&self.inner.secrets, found)?.ok_or(AccountError::TotpRejected)?;
        totp::matching_step(&secret, code, now_ms, found.totp_last_step)
            .map(Some)
            .ok_or(AccountError::TotpRejected)
    }

    /// Records a failed attempt, without the name that was typed: it may be somebody's password. Answers `why`, or
    /// what kept the row from being written.
    async fn refuse(
        &self,
        user_id: Option<i64>,
        wrong: &'static str,
        why: AccountError,
        now_ms: i64,
    ) -> AccountError {
        let details = json!({"user_id": user_id, "wrong": wrong});
        let written = self
            .inner
            .store
            .write(move |tx| {
                audit::record(tx, audit::VISITOR, "login_failed", None, &details, now_ms)
            })
            .await;
        match written {
            Ok(()) => why,
            Err(error) => AccountError::Db(error),
        }
    }

    /// Ends the browser session a request came with, if it came with one.
    pub(in crate::accounts) async fn log_out(
        &self,
        principal: &Principal,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let (Actor::User(user_id), Some(session_id)) =
            (principal.actor, principal.login_session_id)
        else {
            return Ok(());
        };
        let actor = principal.actor.to_string();
        self.inner
            .store
            .write(move |tx| {
                store::end_session(tx, user_id, session_id)?;
                let details = json!({"login_session_id": session_id});
                audit::record(tx, &actor, "logout", None, &details, now_ms)
            })
            .await?;
        self.inner.known.forget();
        Ok(())
    }
}

/// The account as it is in this transaction, unless it was deactivated or got another password since `found` was
/// read.
fn still_the_same(tx: &mut dyn Tx, found: &UserSecrets) -> Result<User, AccountError> {
    let now = store::user_secrets_by_id(tx, found.user.id)?
        .filter(|now| now.user.is_active && now.password_hash == found.password_hash)
        .ok_or(AccountError::LoginFailed)?;
    if now.user.totp_enabled && !found.user.totp_enabled {
        return Err(AccountError::TotpRequired);
    }
    Ok(now.user)
}

fn open_session(
    tx: &mut dyn Tx,
    user: &User,
    cookie: &[u8; 32],
    device: &Device,
    now_ms: i64,
) -> Result<(), AccountError> {
    let expires = rules::session_expires_at(now_ms, now_ms);
    store::insert_session(tx, user.id, cookie, device, now_ms, expires)?;
    Ok(())
}

fn record_of(tx: &mut dyn Tx, user: &User, action: &str, now_ms: i64) -> Result<(), AccountError> {
    let actor = Actor::User(user.id).to_string();
    audit::record(
        tx,
        &actor,
        action,
        None,
        &json!({"user_id": user.id}),
        now_ms,
    )?;
    Ok(())
}
