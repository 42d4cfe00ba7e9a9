//! Bodies of requests and answers about the caller's own account.

use poem_openapi::Object;
use poem_openapi::types::Example;

use super::team_views::RoleName;
use crate::accounts::model::{LoginSession, User};
use crate::platform::clock::to_rfc3339;

/// The first owner.
#[derive(Object)]
#[oai(example)]
pub struct Setup {
    /// From the set-up link that the server printed at its first start.
    pub token: String,
    /// For signing in: 3 to 40 of a–z, 0–9, `.`, `_`, `-`.
    pub username: String,
    /// For notifications and signing in.
    pub email: String,
    /// 12 to 200 characters.
    pub password: String,
    /// What visitors see; the username when left out.
    pub display_name: Option<String>,
}

impl Example for Setup {
    fn example() -> Self {
        Self {
            token: "Q0mYbV0gk4m6cV6l0cQ6b1uYxw1rV0n2b8kPq3sT5uE".into(),
            username: "anna".into(),
            email: "anna@example.com".into(),
            password: "zielony rower na dachu".into(),
            display_name: Some("Anna".into()),
        }
    }
}

/// Who signs in.
#[derive(Object)]
#[oai(example)]
pub struct Login {
    /// Username or e-mail address.
    pub username: String,
    /// The password.
    pub password: String,
    /// Six digits from the authenticator app, when the account has a second factor.
    pub totp_code: Option<String>,
}

impl Example for Login {
    fn example() -> Self {
        Self {
            username: "anna".into(),
            password: "zielony rower na dachu".into(),
            totp_code: None,
        }
    }
}

/// A new password.
#[derive(Object)]
#[oai(example)]
pub struct PasswordChange {
    /// The password until now.
    pub current_password: String,
    /// 12 to 200 characters.
    pub new_password: String,
}

impl Example for PasswordChange {
    fn example() -> Self {
        Self {
            current_password: "zielony rower na dachu".into(),
            new_password: "niebieski rower na dachu".into(),
        }
    }
}

/// Who forgot their password.
#[derive(Object)]
#[oai(example)]
pub struct ForgottenPassword {
    /// Username or e-mail address.
    pub username: String,
}

impl Example for ForgottenPassword {
    fn example() -> Self {
        Self {
            username: "anna@example.com".into(),
        }
    }
}

/// A password set by a link.
#[derive(Object)]
#[oai(example)]
pub struct LinkedPassword {
    /// From the link in the letter.
    pub token: String,
    /// 12 to 200 characters.
    pub password: String,
}

impl Example for LinkedPassword {
    fn example() -> Self {
        Self {
            token: "AAAAAAAAAAedz2x0yq0Zq1s3mXk0aGZL".into(),
            password: "zielony rower na dachu".into(),
        }
    }
}

/// The caller's password once more.
#[derive(Object)]
#[oai(example)]
pub struct PasswordConfirmation {
    /// The caller's password.
    pub password: String,
}

impl Example for PasswordConfirmation {
    fn example() -> Self {
        Self {
            password: "zielony rower na dachu".into(),
        }
    }
}

/// A code that proves that the authenticator app works.
#[derive(Object)]
#[oai(example)]
pub struct TotpCode {
    /// The six digits shown now.
    pub code: String,
}

impl Example for TotpCode {
    fn example() -> Self {
        Self {
            code: "287082".into(),
        }
    }
}

/// What an authenticator app needs; shown once.
#[derive(Object)]
#[oai(example)]
pub struct TotpEnrolment {
    /// Always true.
    pub success: bool,
    /// For typing into the app (base32).
    pub secret: String,
    /// For a QR code.
    pub otpauth_url: String,
}

impl Example for TotpEnrolment {
    fn example() -> Self {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        Self {
            success: true,
            secret: secret.into(),
            otpauth_url: format!(
                "otpauth://totp/NovaHouse:anna?secret={secret}&issuer=NovaHouse&algorithm=SHA1&digits=6&period=30"
            ),
        }
    }
}

/// Nothing but that it was done.
#[derive(Object)]
#[oai(example)]
pub struct Done {
    /// Always true.
    pub success: bool,
}

impl Example for Done {
    fn example() -> Self {
        Self { success: true }
    }
}

/// The caller's own account. What only a person has is null for API keys.
#[derive(Object)]
#[oai(example)]
pub struct OwnUser {
    /// Number of the account.
    pub id: Option<i64>,
    /// For signing in.
    pub username: Option<String>,
    /// For notifications and signing in.
    pub email: Option<String>,
    /// What visitors see.
    pub display_name: String,
    /// What it may do.
    pub role: RoleName,
    /// Signing in needs a code.
    pub totp_enabled: Option<bool>,
}

impl From<User> for OwnUser {
    fn from(user: User) -> Self {
        Self {
            id: Some(user.id),
            username: Some(user.username),
            email: Some(user.email),
            display_name: user.display_name,
            role: user.role.into(),
            totp_enabled: Some(user.totp_enabled),
        }
    }
}

impl Example for OwnUser {
    fn example() -> Self {
        Self {
            id: Some(1),
            username: Some("anna".into()),
            email: Some("anna@example.com".into()),
            display_name: "Anna".into(),
            role: RoleName::Owner,
            totp_enabled: Some(false),
        }
    }
}

/// Who is signed in.
#[derive(Object)]
#[oai(example)]
pub struct Identity {
    /// Always true.
    pub success: bool,
    /// The account or key.
    pub user: OwnUser,
}

impl Example for Identity {
    fn example() -> Self {
        Self {
            success: true,
            user: OwnUser::example(),
        }
    }
}

/// A signed-in browser.
#[derive(Object)]
#[oai(example)]
pub struct SessionView {
    /// For ending it.
    pub id: i64,
    /// Class of browser only.
    pub browser: String,
    /// Where it signed in from, shortened to a network.
    pub address: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC, to the minute.
    pub last_seen_at: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
    /// The one this request came with.
    pub current: bool,
}

impl SessionView {
    pub(super) fn new(session: LoginSession, current: Option<i64>) -> Self {
        Self {
            id: session.id,
            browser: session.browser,
            address: session.address_truncated,
            created_at: to_rfc3339(session.created_at_ms),
            last_seen_at: to_rfc3339(session.last_seen_at_ms),
            expires_at: to_rfc3339(session.expires_at_ms),
            current: current == Some(session.id),
        }
    }
}

impl Example for SessionView {
    fn example() -> Self {
        Self {
            id: 3,
            browser: "Firefox on Windows".into(),
            address: "203.0.113.0/24".into(),
            created_at: "2026-11-20T08:12:31.512Z".into(),
            last_seen_at: "2026-11-22T15:07:00.000Z".into(),
            expires_at: "2026-12-22T15:07:24.120Z".into(),
            current: true,
        }
    }
}

/// The caller's browser sessions.
#[derive(Object)]
#[oai(example)]
pub struct SessionList {
    /// Always true.
    pub success: bool,
    /// Newest first.
    pub sessions: Vec<SessionView>,
}

impl Example for SessionList {
    fn example() -> Self {
        Self {
            success: true,
            sessions: vec![SessionView::example()],
        }
    }
}
