//! The endpoints.

mod auth;
mod keys;
mod team_views;
mod users;
mod views;

pub use auth::AuthApi;
pub use keys::ApiKeysApi;
pub use users::UsersApi;

use poem::Request;
use poem::http::{header, uri::Scheme};
use poem_openapi::Tags;

use super::model::Device;
use super::rules;
use crate::platform::http::{COOKIE_NAME, Caller};

/// Groups the endpoints in the documentation.
#[derive(Tags)]
enum Tag {
    /// Signing in, the team and API keys.
    Accounts,
}

/// What may be kept of where a request comes from.
fn device(request: &Request, caller: &Caller) -> Device {
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Device {
        browser: rules::browser_class(user_agent),
        address_truncated: caller.address.truncated(),
    }
}

/// The cookie that keeps somebody signed in.
///
/// * `always_secure`: the setting; a request over https gets such a cookie anyway.
fn session_cookie(token: &str, request: &Request, always_secure: bool) -> String {
    cookie(token, rules::SESSION_IDLE_MS / 1000, request, always_secure)
}

/// The cookie that removes it.
fn ended_cookie(request: &Request, always_secure: bool) -> String {
    cookie("", 0, request, always_secure)
}

fn cookie(token: &str, max_age_s: i64, request: &Request, always_secure: bool) -> String {
    let secure = if always_secure || *request.scheme() == Scheme::HTTPS {
        "; Secure"
    } else {
        ""
    };
    format!("{COOKIE_NAME}={token}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests;
