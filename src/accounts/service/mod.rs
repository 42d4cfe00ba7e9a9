//! Use cases, one function each.

mod keys;
mod login;
mod own_account;
mod password_links;
mod second_factor;
mod users;

#[cfg(test)]
mod tests;

pub(super) use keys::insert_key;
pub(super) use login::{LoginRequest, SetupRequest, SignedIn};
pub(super) use own_account::OwnAccount;
pub(crate) use password_links::proven;
pub(super) use users::{check_new_user, insert_user};

use super::error::AccountError;
use crate::platform::http::{Actor, Principal};

/// The user id of a signed-in person.
///
/// Errors: [`AccountError::AccountRequired`] for API keys, which have no password, sessions or second factor.
pub(super) fn person(principal: &Principal) -> Result<i64, AccountError> {
    match principal.actor {
        Actor::User(id) => Ok(id),
        Actor::Key(_) | Actor::EnvironmentKey => Err(AccountError::AccountRequired),
    }
}
