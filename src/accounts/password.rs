//! Hashing passwords: argon2id with OWASP's parameters, off the async threads, two at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::AccountError;
use super::rules::normalize_password;

/// Memory in KiB, passes, lanes: OWASP Password Storage Cheat Sheet, argon2id, first row for 19 MiB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Each takes 19 MiB and a core for some tens of milliseconds.
const AT_ONCE: usize = 2;
/// Who has waited this long is told to come back.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// A hash no password fits, verified when there is no account, so that the answer takes as long as with one.
/// Parameters as above; salt and hash are random bytes.
pub(super) const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$kQxOYqZ3jH1t0bN7vUuX4A$mV9sC2dLw8rE5yTzKf0hJ6nBqPiGxWu3oA1aQeRtYkM";

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub(super) struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of `password` in PHC form.
    pub(super) async fn hash(&self, password: String) -> Result<String, AccountError> {
        let permit = self.permit().await?;
        run(permit, move || hash_blocking(&password)).await?
    }

    /// The same, and empty for an account that is invited to set one.
    pub(super) async fn hash_given(
        &self,
        password: Option<String>,
    ) -> Result<String, AccountError> {
        match password {
            Some(password) => self.hash(password).await,
            None => Ok(String::new()),
        }
    }

    /// True when `password` is the one behind `hash`.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: String,
    ) -> Result<bool, AccountError> {
        let permit = self.permit().await?;
        run(permit, move || verify_blocking(&password, &hash)).await
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, AccountError> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        match tokio::time::timeout(WAIT_MAX, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(AccountError::Busy),
        }
    }
}

async fn run<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AccountError> {
    // The permit goes with the work: a caller that disconnects does not let a third hash begin.
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .map_err(|error| AccountError::Crypto(error.to_string()))
}

fn argon2() -> Result<Argon2<'static>, AccountError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| AccountError::Crypto(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// [`Hasher::hash`] for the command line.
pub(super) fn hash_blocking(password: &str) -> Result<String, AccountError> {
    argon2()?
        .hash_password(normalize_password(password).as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| AccountError::Crypto(error.to_string()))
}

/// A damaged hash fits no password; it is logged, since that account cannot sign in any more.
fn verify_blocking(password: &str, hash: &str) -> bool {
    use argon2::password_hash::Error;
    let outcome = Argon2::default().verify_password(normalize_password(password).as_bytes(), hash);
    match outcome {
        Ok(()) => true,
        Err(Error::PasswordInvalid) => false,
        Err(error) => {
            tracing::error!(%error, "a stored password hash cannot be used");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::phc::PasswordHash;

    #[test]
    fn a_hash_has_the_parameters_owasp_names_and_fits_only_its_password() {
        let hash = hash_blocking("żółty parasol").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_blocking("żółty parasol", &hash));
        assert!(verify_blocking("z\u{307}o\u{301}łty parasol", &hash));
        assert!(!verify_blocking("zolty parasol", &hash));
        assert!(!verify_blocking("", "nonsense"));
    }

    #[test]
    fn the_dummy_costs_what_a_real_hash_costs() {
        let real = hash_blocking("żółty parasol").unwrap();
        let real = PasswordHash::new(&real).unwrap();
        let dummy = PasswordHash::new(DUMMY_HASH).unwrap();
        assert_eq!(
            (dummy.algorithm, dummy.version),
            (real.algorithm, real.version)
        );
        assert_eq!(dummy.params, real.params);
        let length = |hash: &PasswordHash| hash.hash.as_ref().map(|output| output.as_bytes().len());
        assert_eq!(length(&dummy), length(&real));
        assert!(!verify_blocking("", DUMMY_HASH));
    }

    #[test]
    fn no_more_than_two_are_computed_at_once() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let hasher = Hasher::new();
            let first = hasher.permit().await.unwrap();
            let _second = hasher.permit().await.unwrap();
            assert_eq!(hasher.permits.available_permits(), 0);
            drop(first);
            assert!(hasher.permit().await.is_ok());
        });
    }
}
