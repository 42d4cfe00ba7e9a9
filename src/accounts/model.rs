//! The words of this slice.

use crate::platform::http::Role;

/// Why the value of one field was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct FieldError {
    /// Name of the field as clients write it.
    pub field: &'static str,
    /// Stable name of the error.
    pub code: &'static str,
    /// Completes "the field …", e.g. `must not be empty`.
    pub why: String,
}

/// A member of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Never reused.
    pub id: i64,
    /// Lower-case, for signing in.
    pub username: String,
    /// Lower-case; also good for signing in.
    pub email: String,
    /// What visitors see.
    pub display_name: String,
    /// What the account may do.
    pub role: Role,
    /// May sign in.
    pub is_active: bool,
    /// A second factor is asked for.
    pub totp_enabled: bool,
    /// False: invited, and the link was not followed yet.
    pub has_password: bool,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
}

/// A user with what proves that it is them. No `Debug`: it must not reach a log.
#[derive(Clone)]
pub(super) struct UserSecrets {
    pub(super) user: User,
    pub(super) password_hash: String,
    /// Sealed; see `Secrets::seal`.
    pub(super) totp_secret: Option<Vec<u8>>,
    pub(super) totp_last_step: Option<i64>,
}

/// An account to be made. No `Debug`: it holds a password.
#[derive(Clone)]
pub struct NewUser {
    /// For signing in; 3 to 40 of `a–z 0–9 . _ -`.
    pub username: String,
    /// For notifications and signing in.
    pub email: String,
    /// In clear; only its hash is stored. `None`: invited by letter to set one.
    pub password: Option<String>,
    /// What the account may do.
    pub role: Role,
    /// What visitors see; `None`: the username.
    pub display_name: Option<String>,
}

/// A [`NewUser`] whose fields were checked and whose password was hashed.
#[derive(Clone)]
pub(super) struct CheckedUser {
    pub(super) username: String,
    pub(super) email: String,
    pub(super) display_name: String,
    pub(super) role: Role,
    /// Empty: invited to set one.
    pub(super) password_hash: String,
}

/// Changes to an account; `None` leaves a field as it is.
#[derive(Clone, Default)]
pub(super) struct UserChange {
    pub(super) username: Option<String>,
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) role: Option<Role>,
    pub(super) is_active: Option<bool>,
    pub(super) password: Option<String>,
}

/// Where somebody signs in from, as far as it may be kept.
#[derive(Debug, Clone)]
pub(super) struct Device {
    /// Class only, e.g. `Firefox on Windows`.
    pub(super) browser: String,
    /// /24 or /48.
    pub(super) address_truncated: String,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoginSession {
    pub(super) id: i64,
    pub(super) browser: String,
    pub(super) address_truncated: String,
    pub(super) created_at_ms: i64,
    pub(super) last_seen_at_ms: i64,
    pub(super) expires_at_ms: i64,
}

/// A key for a program, as far as it is known: the key itself is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Never reused.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its first characters, to tell keys apart.
    pub hint: String,
    /// Milliseconds UTC.
    pub created_at_ms: i64,
    /// Milliseconds UTC; `None`: never.
    pub expires_at_ms: Option<i64>,
    /// Milliseconds UTC, to the minute.
    pub last_used_at_ms: Option<i64>,
    /// Milliseconds UTC; `None`: still good.
    pub revoked_at_ms: Option<i64>,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Milliseconds UTC; `None`: never.
    pub expires_at_ms: Option<i64>,
}
