//! Who stands behind a cookie or an API key, asked at every request and therefore remembered for up to a minute.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use subtle::{Choice, ConstantTimeEq};

use super::error::AccountError;
use super::rules;
use super::store::{self, LiveSession};
use super::{Accounts, EnvKeys};
use crate::platform::db::DbError;
use crate::platform::http::{Actor, Credentials, Principal, Role};
use crate::platform::secrets::sha256;

/// How long an answer of the store is believed. Changes made by this process count at once.
const REMEMBER: Duration = Duration::from_secs(60);
const REMEMBER_AT_MOST: u64 = 10_000;
/// Beside what a program with a key from the environment writes to visitors.
const ENVIRONMENT_NAME: &str = "NovaHouse";

/// SHA-256 of the keys from the environment, so that comparing takes the same time whatever was sent.
pub(super) struct EnvironmentKeys {
    owner: Option<[u8; 32]>,
    agent: Option<[u8; 32]>,
}

impl EnvironmentKeys {
    pub(super) fn new(keys: &EnvKeys) -> Self {
        let hash = |key: &Option<String>| {
            key.as_deref()
                .filter(|key| !key.trim().is_empty())
                .map(sha256)
        };
        Self {
            owner: hash(&keys.owner),
            agent: hash(&keys.agent),
        }
    }

    fn role(&self, sent: &[u8; 32]) -> Option<Role> {
        let fits = |key: Option<&[u8; 32]>| key.map_or(Choice::from(0), |key| key.ct_eq(sent));
        let (owner, agent) = (fits(self.owner.as_ref()), fits(self.agent.as_ref()));
        if owner.into() {
            Some(Role::Owner)
        } else if agent.into() {
            Some(Role::Agent)
        } else {
            None
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Proof {
    Cookie([u8; 32]),
    Key([u8; 32]),
}

#[derive(Clone)]
struct Answer {
    principal: Principal,
    until_ms: Option<i64>,
    generation: u64,
}

/// Answers of the store, each good for a minute and only until the next change to any account.
///
/// A change bumps the generation after its commit. An answer carries the generation from before its read, so one that
/// was read while a change was under way never counts after it.
pub(super) struct Known {
    answers: Cache<Proof, Answer>,
    generation: AtomicU64,
}

impl Known {
    pub(super) fn new() -> Self {
        Self {
            answers: Cache::builder()
                .max_capacity(REMEMBER_AT_MOST)
                .time_to_live(REMEMBER)
                .build(),
            generation: AtomicU64::new(0),
        }
    }

    /// Forgets every answer. Call it after the commit of what may end or change somebody's access.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    fn get(&self, proof: Proof, now_ms: i64) -> Option<Principal> {
        let answer = self.answers.get(&proof)?;
        let is_good = answer.generation == self.generation()
            && answer.until_ms.is_none_or(|until| now_ms < until);
        is_good.then_some(answer.principal)
    }

    fn put(&self, proof: Proof, answer: Answer) {
        self.answers.insert(proof, answer);
    }
}

impl Accounts {
    /// The account behind credentials; `None` when they are unknown, expired, revoked or of a deactivated account.
    pub(super) async fn identify(
        &self,
        credentials: Credentials,
        now: i64,
    ) -> Result<Option<Principal>, AccountError> {
        let proof = match credentials {
            Credentials::Cookie(token) => Proof::Cookie(sha256(token)),
            Credentials::ApiKey(key) => {
                let hash = sha256(key);
                if let Some(role) = self.inner.environment.role(&hash) {
                    return Ok(Some(environment_principal(role)));
                }
                Proof::Key(hash)
            }
        };
        if let Some(principal) = self.inner.known.get(proof, now) {
            return Ok(Some(principal));
        }
        let generation = self.inner.known.generation();
        let found = match proof {
            Proof::Cookie(hash) => self.read_session(hash, now).await?,
            Proof::Key(hash) => self.read_key(hash, now).await?,
        };
        Ok(found.map(|(principal, until_ms)| {
            let answer = Answer {
                principal: principal.clone(),
                until_ms,
                generation,
            };
            self.inner.known.put(proof, answer);
            principal
        }))
    }

    async fn read_session(
        &self,
        hash: [u8; 32],
        now: i64,
    ) -> Result<Option<(Principal, Option<i64>)>, AccountError> {
        let found = self
            .inner
            .store
            .read(move |tx| store::live_session(tx, &hash, now))
            .await?;
        let Some(session) = found else {
            return Ok(None);
        };
        if rules::is_touch_due(Some(session.last_seen_at_ms), now) {
            self.touch_later(&session, now);
        }
        Ok(Some((
            session_principal(&session),
            Some(session.expires_at_ms),
        )))
    }

    async fn read_key(
        &self,
        hash: [u8; 32],
        now: i64,
    ) -> Result<Option<(Principal, Option<i64>)>, AccountError> {
        let found = self
            .inner
            .store
            .read(move |tx| store::live_key(tx, &hash, now))
            .await?;
        let Some(key) = found else {
            return Ok(None);
        };
        if rules::is_touch_due(key.last_used_at_ms, now) {
            let (store, id) = (self.inner.store.clone(), key.id);
            tokio::spawn(async move {
                let written = store
                    .write(move |tx| store::touch_key(tx, id, rules::to_minute(now)))
                    .await;
                log_untouched(written);
            });
        }
        let principal = Principal {
            actor: Actor::Key(key.id),
            role: key.role,
            display_name: Arc::from(key.name),
            login_session_id: None,
        };
        Ok(Some((principal, key.expires_at_ms)))
    }

    /// Writes the time of use beside the request, not before its answer; with it the session lives on.
    fn touch_later(&self, session: &LiveSession, now: i64) {
        let store = self.inner.store.clone();
        let expires = rules::session_expires_at(session.created_at_ms, now);
        let id = session.id;
        tokio::spawn(async move {
            let written = store
                .write(move |tx| store::touch_session(tx, id, rules::to_minute(now), expires))
                .await;
            log_untouched(written);
        });
    }
}

fn log_untouched(written: Result<(), DbError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "the time of use of a session or key was not written");
    }
}

fn environment_principal(role: Role) -> Principal {
    Principal {
        actor: Actor::EnvironmentKey,
        role,
        display_name: Arc::from(ENVIRONMENT_NAME),
        login_session_id: None,
    }
}

fn session_principal(session: &LiveSession) -> Principal {
    Principal {
        actor: Actor::User(session.user_id),
        role: session.role,
        display_name: Arc::from(session.display_name.as_str()),
        login_session_id: Some(session.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_key_in_the_environment_opens_nothing() {
        let keys = EnvironmentKeys::new(&EnvKeys {
            owner: Some(String::new()),
            agent: Some("  ".into()),
        });
        assert_eq!(keys.role(&sha256("")), None);
        assert_eq!(keys.role(&sha256("  ")), None);
    }

    #[test]
    fn each_key_of_the_environment_has_its_role() {
        let keys = EnvironmentKeys::new(&EnvKeys {
            owner: Some("first".into()),
            agent: Some("second".into()),
        });
        assert_eq!(keys.role(&sha256("first")), Some(Role::Owner));
        assert_eq!(keys.role(&sha256("second")), Some(Role::Agent));
        assert_eq!(keys.role(&sha256("third")), None);
    }

    #[test]
    fn an_answer_counts_until_the_next_change_and_not_after_its_end() {
        let known = Known::new();
        let proof = Proof::Key([1; 32]);
        let answer = |generation| Answer {
            principal: environment_principal(Role::Agent),
            until_ms: Some(1000),
            generation,
        };
        let before = known.generation();
        known.put(proof, answer(before));
        assert!(known.get(proof, 999).is_some());
        assert!(known.get(proof, 1000).is_none(), "expired");
        assert!(
            known.get(Proof::Cookie([1; 32]), 0).is_none(),
            "a key is no cookie"
        );
        known.forget();
        assert!(known.get(proof, 999).is_none());
        known.put(proof, answer(before));
        assert!(
            known.get(proof, 999).is_none(),
            "read before the change, stored after it"
        );
    }
}
