//! The team, as an owner manages it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::password_links;
use crate::accounts::error::AccountError;
use crate::accounts::model::{CheckedUser, FieldError, NewUser, User, UserChange};
use crate::accounts::{Accounts, audit, rules, store};
use crate::notify::outbox::{self, About};
use crate::platform::db::{DbError, Tx};
use crate::platform::http::{IdempotencyKey, Principal, Problem, Role, once};

/// A [`NewUser`] whose fields passed; what is missing is the password's hash.
pub(in crate::accounts) struct CheckedFields {
    username: String,
    email: String,
    display_name: String,
    role: Role,
}

impl CheckedFields {
    pub(in crate::accounts) fn with_hash(self, password_hash: String) -> CheckedUser {
        CheckedUser {
            username: self.username,
            email: self.email,
            display_name: self.display_name,
            role: self.role,
            password_hash,
        }
    }
}

/// Checks every field of an account to be.
pub(in crate::accounts) fn check_new_user(new: &NewUser) -> Result<CheckedFields, FieldError> {
    let username = rules::username(&new.username)?;
    let email = rules::email(&new.email)?;
    if let Some(password) = &new.password {
        rules::password("password", password, &[&username, &email])?;
    }
    let display_name = match &new.display_name {
        Some(name) => rules::display_name(name)?,
        None => username.clone(),
    };
    Ok(CheckedFields {
        username,
        email,
        display_name,
        role: new.role,
    })
}

/// Adds an account.
pub(in crate::accounts) fn insert_user(
    tx: &mut dyn Tx,
    new: &CheckedUser,
    actor: &str,
    now_ms: i64,
) -> Result<User, AccountError> {
    let id = store::insert_user(tx, new, now_ms).map_err(taken)?;
    let details = json!({"user_id": id, "role": new.role.as_str()});
    audit::record(tx, actor, "user_created", None, &details, now_ms)?;
    store::user_by_id(tx, id)?.ok_or(AccountError::UserNotFound)
}

fn taken(error: DbError) -> AccountError {
    if error.is_unique("users.username") {
        AccountError::UsernameTaken
    } else if error.is_unique("users.email") {
        AccountError::EmailTaken
    } else {
        AccountError::Db(error)
    }
}

/// What `create_user` keeps under an idempotency key: no personal data.
#[derive(Serialize, Deserialize)]
struct Created {
    user_id: i64,
}

/// What tells two bodies of `create_user` apart. The password only under a key that is not in the database: its plain
/// SHA-256 could be guessed.
#[derive(Serialize)]
struct Fingerprint {
    username: String,
    email: String,
    display_name: String,
    role: &'static str,
    password_mac: [u8; 32],
}

impl Accounts {
    /// Every account.
    pub(in crate::accounts) async fn users(&self) -> Result<Vec<User>, AccountError> {
        Ok(self.inner.store.read(store::users).await?)
    }

    /// One account.
    pub(in crate::accounts) async fn user(&self, id: i64) -> Result<User, AccountError> {
        self.inner
            .store
            .read(move |tx| store::user_by_id(tx, id))
            .await?
            .ok_or(AccountError::UserNotFound)
    }

    /// Adds an account, and invites whoever gets no password with it; a repeat under the same idempotency key answers
    /// the one that was added.
    pub(in crate::accounts) async fn add_user(
        &self,
        by: &Principal,
        key: IdempotencyKey,
        new: NewUser,
        now_ms: i64,
    ) -> Result<User, Problem> {
        let fields = check_new_user(&new).map_err(AccountError::from)?;
        let secret = format!(
            "accounts.create_user\n{}",
            new.password.as_deref().unwrap_or_default()
        );
        let fingerprint = Fingerprint {
            username: fields.username.clone(),
            email: fields.email.clone(),
            display_name: fields.display_name.clone(),
            role: fields.role.as_str(),
            password_mac: self.inner.secrets.session_mac(secret.as_bytes()),
        };
        let checked = fields.with_hash(self.inner.hasher.hash_given(new.password).await?);
        let by = by.clone();
        self.inner
            .store
            .write(move |tx| {
                let created = once(tx, &key, "create_user", &fingerprint, |tx| {
                    let user = insert_user(tx, &checked, &by.actor.to_string(), now_ms)?;
                    if !user.has_password {
                        password_links::invite(tx, &user, &by, now_ms)?;
                    }
                    Ok(Created { user_id: user.id })
                })?;
                let user = store::user_by_id(tx, created.user_id)?;
                Ok(user.ok_or(AccountError::UserNotFound)?)
            })
            .await
    }

    /// Changes an account. A new password or deactivation ends its sessions; a new role counts at its next request.
    pub(in crate::accounts) async fn change_user(
        &self,
        by: &Principal,
        id: i64,
        change: UserChange,
        now_ms: i64,
    ) -> Result<User, AccountError> {
        let before = self.user(id).await?;
        let change = checked_change(change, &before)?;
        let hash = match &change.password {
            Some(password) => Some(self.inner.hasher.hash(password.clone()).await?),
            None => None,
        };
        let actor = by.actor.to_string();
        let user = self
            .inner
            .store
            .write(move |tx| apply(tx, id, &change, hash.as_deref(), &actor, now_ms))
            .await?;
        self.inner.known.forget();
        Ok(user)
    }

    /// Removes an account. What it wrote stays, with the name visitors saw.
    pub(in crate::accounts) async fn remove_user(
        &self,
        by: &Principal,
        id: i64,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let actor = by.actor.to_string();
        self.inner
            .store
            .write(move |tx| {
                let user = store::user_by_id(tx, id)?.ok_or(AccountError::UserNotFound)?;
                if is_owner(&user) && !store::other_active_owner(tx, id)? {
                    return Err(AccountError::LastOwner);
                }
                crate::chat::release(tx, id, now_ms)?;
                store::delete_user(tx, id)?;
                outbox::forget(tx, About::User(id))?;
                audit::record(
                    tx,
                    &actor,
                    "user_deleted",
                    None,
                    &json!({"user_id": id}),
                    now_ms,
                )?;
                Ok(())
            })
            .await?;
        self.inner.known.forget();
        Ok(())
    }
}

fn is_owner(user: &User) -> bool {
    user.role == Role::Owner && user.is_active
}

fn checked_change(change: UserChange, before: &User) -> Result<UserChange, AccountError> {
    let username = change
        .username
        .as_deref()
        .map(rules::username)
        .transpose()?;
    let email = change.email.as_deref().map(rules::email).transpose()?;
    let display_name = change
        .display_name
        .as_deref()
        .map(rules::display_name)
        .transpose()?;
    if let Some(password) = &change.password {
        let names = [
            username.as_deref().unwrap_or(&before.username),
            email.as_deref().unwrap_or(&before.email),
        ];
        rules::password("password", password, &names)?;
    }
    Ok(UserChange {
        username,
        email,
        display_name,
        ..change
    })
}

fn apply(
    tx: &mut dyn Tx,
    id: i64,
    change: &UserChange,
    password_hash: Option<&str>,
    actor: &str,
    now_ms: i64,
) -> Result<User, AccountError> {
    let before = store::user_by_id(tx, id)?.ok_or(AccountError::UserNotFound)?;
    let mut user = before.clone();
    if let Some(username) = &change.username {
        user.username.clone_from(username);
    }
    if let Some(email) = &change.email {
        user.email.clone_from(email);
    }
    if let Some(display_name) = &change.display_name {
        user.display_name.clone_from(display_name);
    }
    user.role = change.role.unwrap_or(user.role);
    user.is_active = change.is_active.unwrap_or(user.is_active);
    if is_owner(&before) && !is_owner(&user) && !store::other_active_owner(tx, id)? {
        return Err(AccountError::LastOwner);
    }
    store::update_user(tx, &user, now_ms).map_err(taken)?;
    if let Some(hash) = password_hash {
        store::update_password(tx, id, hash, now_ms)?;
        store::delete_password_link(tx, id)?;
        audit::record(
            tx,
            actor,
            "password_changed",
            None,
            &json!({"user_id": id}),
            now_ms,
        )?;
    }
    if !user.is_active {
        crate::chat::release(tx, id, now_ms)?;
    }
    if password_hash.is_some() || !user.is_active {
        store::end_sessions(tx, id, None)?;
    }
    if user != before {
        let details =
            json!({"user_id": id, "role": user.role.as_str(), "is_active": user.is_active});
        audit::record(tx, actor, "user_changed", None, &details, now_ms)?;
    }
    Ok(user)
}
