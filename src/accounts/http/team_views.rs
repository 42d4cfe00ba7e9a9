//! Bodies of requests and answers about the team and API keys.

use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::accounts::model::{ApiKey, NewUser, User, UserChange};
use crate::platform::clock::to_rfc3339;
use crate::platform::http::Role;

/// What an account or key may do; owners may do everything agents may.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "lowercase")]
pub enum RoleName {
    /// Talks with visitors, works on leads and bookings.
    Agent,
    /// Also changes settings, accounts and what concerns personal data as a whole.
    Owner,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Agent => Self::Agent,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Agent => Self::Agent,
            RoleName::Owner => Self::Owner,
        }
    }
}

/// An account, as owners see it.
#[derive(Object)]
#[oai(example)]
pub struct UserView {
    /// Number of the account.
    pub id: i64,
    /// For signing in.
    pub username: String,
    /// For notifications and signing in.
    pub email: String,
    /// What it may do.
    pub role: RoleName,
    /// What visitors see.
    pub display_name: String,
    /// May sign in.
    pub is_active: bool,
    /// False: invited, and has set no password yet.
    pub has_password: bool,
    /// RFC 3339, UTC.
    pub created_at: String,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            email: user.email,
            role: user.role.into(),
            display_name: user.display_name,
            is_active: user.is_active,
            has_password: user.has_password,
            created_at: to_rfc3339(user.created_at_ms),
        }
    }
}

impl Example for UserView {
    fn example() -> Self {
        Self {
            id: 2,
            username: "jan".into(),
            email: "jan@example.com".into(),
            role: RoleName::Agent,
            display_name: "Jan".into(),
            is_active: true,
            has_password: false,
            created_at: "2026-11-20T08:12:31.512Z".into(),
        }
    }
}

/// An account to be made.
#[derive(Object)]
#[oai(example)]
pub struct CreateUser {
    /// For signing in: 3 to 40 of a–z, 0–9, `.`, `_`, `-`.
    pub username: String,
    /// For notifications and signing in.
    pub email: String,
    /// 12 to 200 characters; left out, an invitation to set one is sent.
    pub password: Option<String>,
    /// What it may do.
    pub role: RoleName,
    /// What visitors see; the username when left out.
    pub display_name: Option<String>,
}

impl From<CreateUser> for NewUser {
    fn from(body: CreateUser) -> Self {
        Self {
            username: body.username,
            email: body.email,
            password: body.password,
            role: body.role.into(),
            display_name: body.display_name,
        }
    }
}

impl Example for CreateUser {
    fn example() -> Self {
        Self {
            username: "jan".into(),
            email: "jan@example.com".into(),
            password: None,
            role: RoleName::Agent,
            display_name: Some("Jan".into()),
        }
    }
}

/// A link that was sent to a member of the team.
#[derive(Object)]
#[oai(example)]
pub struct PasswordLinkView {
    /// Always true.
    pub success: bool,
    /// What the letter links to, for passing on by hand where no letters can be sent; begins with `/`.
    pub url: String,
    /// RFC 3339, UTC.
    pub expires_at: String,
}

impl Example for PasswordLinkView {
    fn example() -> Self {
        Self {
            success: true,
            url: "/admin#password=AAAAAAAAAAedz2x0yq0Zq1s3mXk0aGZL".into(),
            expires_at: "2026-11-27T08:12:31.512Z".into(),
        }
    }
}

/// Changes to an account; what is left out stays.
#[derive(Object)]
#[oai(example)]
pub struct UpdateUser {
    /// For signing in.
    pub username: Option<String>,
    /// For notifications and signing in.
    pub email: Option<String>,
    /// What visitors see.
    pub display_name: Option<String>,
    /// What it may do.
    pub role: Option<RoleName>,
    /// False ends its sessions.
    pub is_active: Option<bool>,
    /// 12 to 200 characters; ends its sessions.
    pub password: Option<String>,
}

impl From<UpdateUser> for UserChange {
    fn from(body: UpdateUser) -> Self {
        Self {
            username: body.username,
            email: body.email,
            display_name: body.display_name,
            role: body.role.map(Role::from),
            is_active: body.is_active,
            password: body.password,
        }
    }
}

impl Example for UpdateUser {
    fn example() -> Self {
        Self {
            username: None,
            email: None,
            display_name: Some("Jan K.".into()),
            role: Some(RoleName::Owner),
            is_active: None,
            password: None,
        }
    }
}

/// A key to be made.
#[derive(Object)]
#[oai(example)]
pub struct CreateApiKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: RoleName,
    /// RFC 3339; never when left out.
    pub expires_at: Option<String>,
}

impl Example for CreateApiKey {
    fn example() -> Self {
        Self {
            name: "CRM".into(),
            role: RoleName::Agent,
            expires_at: Some("2027-11-22T00:00:00Z".into()),
        }
    }
}

/// An API key, as far as it is known: the key itself is not.
#[derive(Object)]
#[oai(example)]
pub struct ApiKeyView {
    /// For revoking it.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: RoleName,
    /// Its first characters.
    pub hint: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC; null: never.
    pub expires_at: Option<String>,
    /// RFC 3339, UTC, to the minute; null: not yet.
    pub last_used_at: Option<String>,
    /// RFC 3339, UTC; null: still good.
    pub revoked_at: Option<String>,
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            role: key.role.into(),
            hint: key.hint,
            created_at: to_rfc3339(key.created_at_ms),
            expires_at: key.expires_at_ms.map(to_rfc3339),
            last_used_at: key.last_used_at_ms.map(to_rfc3339),
            revoked_at: key.revoked_at_ms.map(to_rfc3339),
        }
    }
}

impl Example for ApiKeyView {
    fn example() -> Self {
        Self {
            id: 4,
            name: "CRM".into(),
            role: RoleName::Agent,
            hint: "nhk_Q0mY".into(),
            created_at: "2026-11-22T15:07:24.120Z".into(),
            expires_at: Some("2027-11-22T00:00:00.000Z".into()),
            last_used_at: None,
            revoked_at: None,
        }
    }
}

/// Every API key.
#[derive(Object)]
#[oai(example)]
pub struct ApiKeyList {
    /// Always true.
    pub success: bool,
    /// Newest first, revoked ones too.
    pub keys: Vec<ApiKeyView>,
}

impl Example for ApiKeyList {
    fn example() -> Self {
        Self {
            success: true,
            keys: vec![ApiKeyView::example()],
        }
    }
}

/// A new API key.
#[derive(Object)]
#[oai(example)]
pub struct NewApiKeyView {
    /// Always true.
    pub success: bool,
    /// The key itself, shown this once: send it in `X-API-Key`.
    pub key: String,
    /// What is kept of it.
    pub api_key: ApiKeyView,
}

impl Example for NewApiKeyView {
    fn example() -> Self {
        Self {
            success: true,
            key: "nhk_Q0mYbV0gk4m6cV6l0cQ6b1uYxw1rV0n2b8kPq3sT5uE".into(),
            api_key: ApiKeyView::example(),
        }
    }
}
