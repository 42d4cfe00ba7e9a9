//! What start-up and `novahouse admin` do. Blocking: never on an async thread.

use std::sync::PoisonError;

use serde_json::json;

use super::error::AccountError;
use super::model::{ApiKey, NewApiKey, NewUser, User};
use super::service::{check_new_user, insert_key, insert_user};
use super::{Accounts, audit, password, rules, store};
use crate::platform::clock::now_ms;
use crate::platform::secrets::{random_token, sha256};

impl Accounts {
    /// The token of the set-up link while there is no owner; `None` when there is one. Within one process it stays
    /// the same; a link from an earlier one stops working, since only its hash is known. Blocking.
    pub fn ensure_setup_link(&self) -> Result<Option<String>, AccountError> {
        let mut known = self
            .inner
            .setup_token
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.inner.store.read_blocking(store::owner_exists)? {
            *known = None;
        } else if known.is_none() {
            *known = Some(self.replace_setup_link()?);
        }
        Ok(known.clone())
    }

    /// A new token; links handed out before stop working. Blocking.
    ///
    /// Errors: [`AccountError::OwnerExists`] when the company has an owner.
    pub fn new_setup_link(&self) -> Result<String, AccountError> {
        let mut known = self
            .inner
            .setup_token
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.inner.store.read_blocking(store::owner_exists)? {
            return Err(AccountError::OwnerExists);
        }
        let token = self.replace_setup_link()?;
        *known = Some(token.clone());
        Ok(token)
    }

    fn replace_setup_link(&self) -> Result<String, AccountError> {
        let token = random_token()?;
        let (hash, now) = (sha256(&token), now_ms());
        self.inner
            .store
            .write_blocking(move |tx| store::replace_setup_link(tx, &hash, now))?;
        Ok(token)
    }

    /// Makes an account. Blocking.
    ///
    /// Errors: a field is refused, or the username or e-mail address is taken.
    pub fn create_user(&self, new: &NewUser) -> Result<User, AccountError> {
        let fields = check_new_user(new)?;
        let checked = fields.with_hash(password::hash_blocking(&new.password)?);
        let now = now_ms();
        self.inner
            .store
            .write_blocking(move |tx| insert_user(tx, &checked, audit::SYSTEM, now))
    }

    /// Gives an account a new password, ends its sessions and removes its second factor: whoever has the machine may
    /// get back in without the lost phone. Does not activate a deactivated account. Blocking.
    ///
    /// * `login`: username or e-mail address.
    /// * Errors: no such account, or the password is refused.
    pub fn reset_password(&self, login: &str, new_password: &str) -> Result<User, AccountError> {
        let login = login.trim().to_lowercase();
        let user = self
            .inner
            .store
            .read_blocking(move |tx| store::user_by_login(tx, &login))?
            .ok_or(AccountError::UserNotFound)?
            .user;
        rules::password("password", new_password, &[&user.username, &user.email])?;
        let hash = password::hash_blocking(new_password)?;
        let (id, now) = (user.id, now_ms());
        let user = self.inner.store.write_blocking(move |tx| {
            store::update_password(tx, id, &hash, now)?;
            store::clear_totp(tx, id, now)?;
            store::end_sessions(tx, id, None)?;
            let details = json!({"user_id": id, "totp_removed": user.totp_enabled});
            audit::record(tx, audit::SYSTEM, "password_changed", None, &details, now)?;
            store::user_by_id(tx, id)?.ok_or(AccountError::UserNotFound)
        })?;
        self.inner.known.forget();
        Ok(user)
    }

    /// Makes an API key; answers what is kept of it and the key itself, which is shown once. Blocking.
    pub fn create_api_key(&self, new: &NewApiKey) -> Result<(ApiKey, String), AccountError> {
        let new = NewApiKey {
            name: rules::key_name(&new.name)?,
            ..new.clone()
        };
        let now = now_ms();
        self.inner
            .store
            .write_blocking(move |tx| insert_key(tx, &new, None, audit::SYSTEM, now))
    }
}
