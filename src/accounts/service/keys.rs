//! Keys for programs.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::accounts::error::AccountError;
use crate::accounts::model::{ApiKey, NewApiKey};
use crate::accounts::{Accounts, audit, rules, store};
use crate::platform::db::Tx;
use crate::platform::http::{Actor, IdempotencyKey, Principal, Problem, once};
use crate::platform::secrets::{Secrets, random_token, sha256};

/// What every key begins with, so that scanners for leaked secrets know it.
const PREFIX: &str = "nhk_";
/// How much of a key is kept to tell it from others: the prefix and four characters of 43.
const HINT_CHARS: usize = 8;

/// Adds a key; answers what is kept of it and the key itself.
pub(in crate::accounts) fn insert_key(
    tx: &mut dyn Tx,
    new: &NewApiKey,
    created_by: Option<i64>,
    actor: &str,
    now_ms: i64,
) -> Result<(ApiKey, String), AccountError> {
    let key = format!("{PREFIX}{}", random_token()?);
    let hint: String = key.chars().take(HINT_CHARS).collect();
    let id = store::insert_key(tx, new, &sha256(&key), &hint, created_by, now_ms)?;
    let details = json!({"key_id": id, "role": new.role.as_str()});
    audit::record(tx, actor, "key_created", None, &details, now_ms)?;
    let stored = store::key_by_id(tx, id)?.ok_or(AccountError::KeyNotFound)?;
    Ok((stored, key))
}

/// What `create_api_key` keeps under an idempotency key for a day. The key in it is sealed: in clear it lies nowhere.
#[derive(Serialize, Deserialize)]
struct Created {
    key_id: i64,
    sealed_key: String,
}

#[derive(Serialize)]
struct Fingerprint {
    name: String,
    role: &'static str,
    expires_at_ms: Option<i64>,
}

impl Created {
    fn seal(secrets: &Secrets, key_id: i64, key: &str) -> Result<Self, AccountError> {
        let sealed = secrets.seal(&purpose(key_id), key.as_bytes())?;
        Ok(Self {
            key_id,
            sealed_key: BASE64URL_NOPAD.encode(&sealed),
        })
    }

    fn unseal(&self, secrets: &Secrets) -> Result<String, AccountError> {
        let damaged = || AccountError::Crypto("a stored answer is damaged".into());
        let sealed = BASE64URL_NOPAD
            .decode(self.sealed_key.as_bytes())
            .map_err(|_| damaged())?;
        let key = secrets.unseal(&purpose(self.key_id), &sealed)?;
        String::from_utf8(key).map_err(|_| damaged())
    }
}

fn purpose(key_id: i64) -> String {
    format!("api_key:{key_id}")
}

impl Accounts {
    /// Every key, revoked ones too.
    pub(in crate::accounts) async fn keys(&self) -> Result<Vec<ApiKey>, AccountError> {
        Ok(self.inner.store.read(store::keys).await?)
    }

    /// Adds a key; a repeat under the same idempotency key answers the same one.
    pub(in crate::accounts) async fn add_key(
        &self,
        by: &Principal,
        idempotency: IdempotencyKey,
        new: NewApiKey,
        now_ms: i64,
    ) -> Result<(ApiKey, String), Problem> {
        let new = NewApiKey {
            name: rules::key_name(&new.name).map_err(AccountError::from)?,
            ..new
        };
        let created_by = match by.actor {
            Actor::User(id) => Some(id),
            Actor::Key(_) | Actor::EnvironmentKey => None,
        };
        let (actor, secrets) = (by.actor.to_string(), self.inner.secrets.clone());
        self.inner
            .store
            .write(move |tx| {
                let fingerprint = Fingerprint {
                    name: new.name.clone(),
                    role: new.role.as_str(),
                    expires_at_ms: new.expires_at_ms,
                };
                let created = once(tx, &idempotency, "create_api_key", &fingerprint, |tx| {
                    let (stored, key) = insert_key(tx, &new, created_by, &actor, now_ms)?;
                    Ok(Created::seal(&secrets, stored.id, &key)?)
                })?;
                let stored =
                    store::key_by_id(tx, created.key_id)?.ok_or(AccountError::KeyNotFound)?;
                Ok((stored, created.unseal(&secrets)?))
            })
            .await
    }

    /// Revokes a key; one that is revoked already stays so.
    pub(in crate::accounts) async fn revoke_key(
        &self,
        by: &Principal,
        id: i64,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let actor = by.actor.to_string();
        self.inner
            .store
            .write(move |tx| {
                store::key_by_id(tx, id)?.ok_or(AccountError::KeyNotFound)?;
                if store::revoke_key(tx, id, now_ms)? {
                    audit::record(
                        tx,
                        &actor,
                        "key_revoked",
                        None,
                        &json!({"key_id": id}),
                        now_ms,
                    )?;
                }
                Ok::<_, AccountError>(())
            })
            .await?;
        self.inner.known.forget();
        Ok(())
    }
}
