//! What a signed-in person does with their own account.

use serde_json::json;

use super::person;
use crate::accounts::error::AccountError;
use crate::accounts::model::{LoginSession, User, UserSecrets};
use crate::accounts::{Accounts, audit, rules, store};
use crate::platform::db::Tx;
use crate::platform::http::Principal;

/// The caller: a person, or a program with a key.
pub(in crate::accounts) enum OwnAccount {
    Person(User),
    Program,
}

impl Accounts {
    /// Who the caller is.
    pub(in crate::accounts) async fn me(
        &self,
        principal: &Principal,
    ) -> Result<OwnAccount, AccountError> {
        let Ok(id) = person(principal) else {
            return Ok(OwnAccount::Program);
        };
        self.inner
            .store
            .read(move |tx| store::user_by_id(tx, id))
            .await?
            .map(OwnAccount::Person)
            .ok_or(AccountError::UserNotFound)
    }

    /// Changes the caller's password and ends their other sessions.
    pub(in crate::accounts) async fn change_password(
        &self,
        principal: &Principal,
        current: String,
        new: String,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let before = self
            .confirm_own_password(principal, current, "current_password")
            .await?;
        let user = &before.user;
        rules::password("new_password", &new, &[&user.username, &user.email])?;
        let hash = self.inner.hasher.hash(new).await?;
        let (id, keep) = (user.id, principal.login_session_id);
        let actor = principal.actor.to_string();
        self.inner
            .store
            .write(move |tx| {
                unchanged(tx, &before)?;
                store::update_password(tx, id, &hash, now_ms)?;
                let ended = store::end_sessions(tx, id, keep)?;
                let details = json!({"user_id": id, "sessions_ended": ended});
                audit::record(tx, &actor, "password_changed", None, &details, now_ms)?;
                Ok::<_, AccountError>(())
            })
            .await?;
        self.inner.known.forget();
        Ok(())
    }

    /// The caller's account, once they have shown their password again: a cookie alone must not be enough to take an
    /// account over. Counted like attempts to sign in.
    pub(super) async fn confirm_own_password(
        &self,
        principal: &Principal,
        password: String,
        field: &'static str,
    ) -> Result<UserSecrets, AccountError> {
        let id = person(principal)?;
        self.inner.throttle.check(&principal.actor.to_string())?;
        let found = self
            .inner
            .store
            .read(move |tx| store::user_secrets_by_id(tx, id))
            .await?
            .ok_or(AccountError::UserNotFound)?;
        let hash = found.password_hash.clone();
        if self.inner.hasher.verify(password, hash).await? {
            Ok(found)
        } else {
            Err(AccountError::WrongPassword(field))
        }
    }

    /// The caller's browser sessions, newest first.
    pub(in crate::accounts) async fn sessions(
        &self,
        principal: &Principal,
        now_ms: i64,
    ) -> Result<Vec<LoginSession>, AccountError> {
        let id = person(principal)?;
        Ok(self
            .inner
            .store
            .read(move |tx| store::sessions_of(tx, id, now_ms))
            .await?)
    }

    /// Ends one of the caller's browser sessions.
    pub(in crate::accounts) async fn end_session(
        &self,
        principal: &Principal,
        session_id: i64,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let id = person(principal)?;
        let actor = principal.actor.to_string();
        self.inner
            .store
            .write(move |tx| {
                if !store::end_session(tx, id, session_id)? {
                    return Err(AccountError::SessionNotFound);
                }
                let details = json!({"login_session_id": session_id});
                audit::record(tx, &actor, "logout", None, &details, now_ms)?;
                Ok(())
            })
            .await?;
        self.inner.known.forget();
        Ok(())
    }
}

/// Refuses when the password was changed while the old one was being checked.
pub(super) fn unchanged(
    tx: &mut dyn Tx,
    before: &UserSecrets,
) -> Result<UserSecrets, AccountError> {
    store::user_secrets_by_id(tx, before.user.id)?
        .filter(|now| now.password_hash == before.password_hash)
        .ok_or(AccountError::UserNotFound)
}
