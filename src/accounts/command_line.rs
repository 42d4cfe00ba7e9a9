//! What start-up and `novahouse admin` do. Blocking: never on an async thread.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::AccountError;
use super::model::{ApiKey, NewApiKey, NewUser, User};
use super::service::{check_new_user, insert_key, insert_user};
use super::{Accounts, audit, password, rules, store};
use crate::platform::clock::now_ms;
use crate::platform::http::Role;
use crate::platform::secrets::{random_token, sha256};

/// What `novahouse admin` can do. No `Debug`: it may hold a password.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminCommand {
    /// Make a new set-up link; those before it stop working.
    SetupLink,
    /// Make an account.
    Create {
        /// For signing in.
        username: String,
        /// E-mail address.
        email: String,
        /// What the account may do.
        role: Role,
        /// `None`: make one and tell it.
        password: Option<String>,
    },
    /// Let somebody back in.
    ResetPassword {
        /// Username or e-mail address.
        login: String,
        /// `None`: make one and tell it.
        password: Option<String>,
    },
    /// Make an API key.
    ApiKey {
        /// What it is for.
        name: String,
        /// What it may do.
        role: Role,
    },
}

/// Characters of a password that we make, each one of 64.
const MADE_PASSWORD_CHARS: usize = 20;

impl Accounts {
    /// Does what `novahouse admin` asks; answers what it prints. Blocking.
    ///
    /// * `address`: where the pages are, for the set-up link.
    /// * Errors: a field is refused, a name is taken or unknown, or a link was asked for although there is an owner.
    pub fn administer(&self, command: AdminCommand, address: &str) -> Result<String, AccountError> {
        match command {
            AdminCommand::SetupLink => {
                let token = self.new_setup_link()?;
                Ok(format!("{address}/admin#setup={token}\n"))
            }
            AdminCommand::Create {
                username,
                email,
                role,
                password,
            } => {
                let (password, told) = given_or_made(password)?;
                let user = self.create_user(&NewUser {
                    username,
                    email,
                    password: Some(password),
                    display_name: None,
                    role,
                })?;
                let role = user.role.as_str();
                Ok(format!("created {} ({role})\n{told}", user.username))
            }
            AdminCommand::ResetPassword { login, password } => {
                let (password, told) = given_or_made(password)?;
                let name = self.reset_password(&login, &password)?.username;
                Ok(format!(
                    "new password set for {name}; its sessions were ended\n{told}"
                ))
            }
            AdminCommand::ApiKey { name, role } => {
                let (key, secret) = self.create_api_key(&NewApiKey {
                    name,
                    role,
                    expires_at_ms: None,
                })?;
                let role = key.role.as_str();
                Ok(format!(
                    "key {} ({role}), shown only now:\n{secret}\n",
                    key.id
                ))
            }
        }
    }

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
    pub(super) fn new_setup_link(&self) -> Result<String, AccountError> {
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
    pub(super) fn create_user(&self, new: &NewUser) -> Result<User, AccountError> {
        let fields = check_new_user(new)?;
        let hash = new.password.as_deref().map(password::hash_blocking);
        let checked = fields.with_hash(hash.transpose()?.unwrap_or_default());
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
    pub(super) fn reset_password(
        &self,
        login: &str,
        new_password: &str,
    ) -> Result<User, AccountError> {
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
            store::delete_password_link(tx, id)?;
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
    pub(super) fn create_api_key(&self, new: &NewApiKey) -> Result<(ApiKey, String), AccountError> {
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

/// The password, and the line that tells it when it was made here.
fn given_or_made(password: Option<String>) -> Result<(String, String), AccountError> {
    if let Some(given) = password {
        return Ok((given, String::new()));
    }
    let made: String = random_token()?.chars().take(MADE_PASSWORD_CHARS).collect();
    let told = format!("password: {made}\n");
    Ok((made, told))
}
