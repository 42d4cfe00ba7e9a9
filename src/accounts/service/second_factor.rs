//! Switching the second factor on and off.

use serde_json::json;

use super::own_account::unchanged;
use super::person;
use crate::accounts::error::AccountError;
use crate::accounts::model::UserSecrets;
use crate::accounts::{Accounts, audit, store, totp};
use crate::platform::http::Principal;
use crate::platform::secrets::Secrets;

/// What an authenticator app needs, shown once.
pub(in crate::accounts) struct Enrolment {
    pub(in crate::accounts) secret: String,
    pub(in crate::accounts) otpauth_url: String,
}

fn purpose(user_id: i64) -> String {
    format!("totp:{user_id}")
}

/// The account's second-factor secret in clear, confirmed or not.
pub(super) fn totp_secret(
    secrets: &Secrets,
    of: &UserSecrets,
) -> Result<Option<Vec<u8>>, AccountError> {
    of.totp_secret
        .as_deref()
        .map(|sealed| Ok(secrets.unseal(&purpose(of.user.id), sealed)?))
        .transpose()
}

impl Accounts {
    /// Begins an enrolment; one that was begun before and not finished is replaced.
    pub(in crate::accounts) async fn begin_totp(
        &self,
        principal: &Principal,
        now_ms: i64,
    ) -> Result<Enrolment, AccountError> {
        let id = person(principal)?;
        let secret = totp::new_secret()?;
        let sealed = self.inner.secrets.seal(&purpose(id), &secret)?;
        let user = self
            .inner
            .store
            .write(move |tx| {
                let user = store::user_by_id(tx, id)?.ok_or(AccountError::UserNotFound)?;
                if user.totp_enabled {
                    return Err(AccountError::TotpAlreadyEnabled);
                }
                store::begin_totp(tx, id, &sealed, now_ms)?;
                Ok(user)
            })
            .await?;
        Ok(Enrolment {
            secret: totp::to_base32(&secret),
            otpauth_url: totp::otpauth_url(&user.username, &secret),
        })
    }

    /// Finishes an enrolment with a first code; from here on signing in needs one.
    pub(in crate::accounts) async fn confirm_totp(
        &self,
        principal: &Principal,
        code: String,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let id = person(principal)?;
        self.inner.throttle.check(&principal.actor.to_string())?;
        let (secrets, actor) = (self.inner.secrets.clone(), principal.actor.to_string());
        self.inner
            .store
            .write(move |tx| {
                let found = store::user_secrets_by_id(tx, id)?.ok_or(AccountError::UserNotFound)?;
                if found.user.totp_enabled {
                    return Err(AccountError::TotpAlreadyEnabled);
                }
                let secret = totp_secret(&secrets, &found)?.ok_or(AccountError::TotpNotBegun)?;
                let step = totp::matching_step(&secret, &code, now_ms, None)
                    .ok_or(AccountError::TotpCodeWrong)?;
                store::confirm_totp(tx, id, step, now_ms)?;
                audit::record(
                    tx,
                    &actor,
                    "totp_enabled",
                    None,
                    &json!({"user_id": id}),
                    now_ms,
                )?;
                Ok(())
            })
            .await
    }

    /// Switches the second factor off, or drops an enrolment that was not finished.
    pub(in crate::accounts) async fn disable_totp(
        &self,
        principal: &Principal,
        password: String,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let before = self
            .confirm_own_password(principal, password, "password")
            .await?;
        let actor = principal.actor.to_string();
        self.inner
            .store
            .write(move |tx| {
                let found = unchanged(tx, &before)?;
                if found.totp_secret.is_none() {
                    return Err(AccountError::TotpNotEnabled);
                }
                let id = found.user.id;
                store::clear_totp(tx, id, now_ms)?;
                if found.user.totp_enabled {
                    audit::record(
                        tx,
                        &actor,
                        "totp_disabled",
                        None,
                        &json!({"user_id": id}),
                        now_ms,
                    )?;
                }
                Ok(())
            })
            .await
    }
}
