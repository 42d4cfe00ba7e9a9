//! Access rights as argument types: a handler that takes [`Agent`] or [`Owner`] cannot be reached without the role,
//! and one that takes neither is public by that signature.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;

use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::{Deserialize, Serialize};

use super::{ClientAddress, Problem};

/// What a signed-in account may do. Owners may do everything agents may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks with visitors, works on leads and bookings.
    Agent,
    /// Also changes settings, accounts and what concerns personal data as a whole.
    Owner,
}

impl Role {
    /// `agent` or `owner`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Owner => "owner",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "agent" => Ok(Role::Agent),
            "owner" => Ok(Role::Owner),
            _ => Err(()),
        }
    }
}

/// Who acts, for the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A member of the team with this user id.
    User(i64),
    /// A program with this API key's id.
    Key(i64),
    /// A program with a key from the environment (`ADMIN_API_KEY`, `API_KEY`).
    EnvironmentKey,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::User(id) => write!(f, "user:{id}"),
            Actor::Key(id) => write!(f, "key:{id}"),
            Actor::EnvironmentKey => f.write_str("key:environment"),
        }
    }
}

/// A signed-in account or API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who it is.
    pub actor: Actor,
    /// What it may do.
    pub role: Role,
    /// Name shown to visitors beside its messages.
    pub display_name: Arc<str>,
    /// Id of the browser session when signed in with a cookie.
    pub login_session_id: Option<i64>,
}

/// What a request brings to prove who sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// The cookie's value.
    Cookie(String),
    /// An API key from `X-API-Key` or `X-ADMIN-API-KEY`.
    ApiKey(String),
}

/// Name of the session cookie.
pub(crate) const COOKIE_NAME: &str = "novahouse_session";

impl Credentials {
    /// Reads them from the headers; a key goes before a cookie.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let key = ["x-api-key", "x-admin-api-key"]
            .into_iter()
            .find_map(|name| headers.get(name));
        if let Some(key) = key {
            return Some(Self::ApiKey(key.to_str().unwrap_or_default().to_owned()));
        }
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE_NAME)
            .map(|(_, value)| Self::Cookie(value.to_owned()))
    }
}

/// Finds who stands behind credentials; `Ok(None)` when nobody does. Given to the front door by the accounts slice.
pub type Authenticate = Arc<
    dyn Fn(Credentials) -> Pin<Box<dyn Future<Output = Result<Option<Principal>, Problem>> + Send>>
        + Send
        + Sync,
>;

/// Who sends a request, for endpoints that are open to everyone but answer agents more.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where it comes from.
    pub address: ClientAddress,
    /// The account behind it, if one is signed in.
    pub principal: Option<Principal>,
    /// It has used more than half of its limit in the group of this request.
    pub is_eager: bool,
}

impl Caller {
    /// The caller of a request the front door has let in.
    pub(crate) fn of(request: &Request) -> Self {
        Self::of_extensions(request.extensions())
    }

    /// The caller of a request or handshake, as the front door noted it; nobody at no address without it.
    pub(crate) fn of_extensions(extensions: &poem::http::Extensions) -> Self {
        extensions.get::<Caller>().cloned().unwrap_or(Self {
            address: ClientAddress(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            principal: None,
            is_eager: false,
        })
    }

    /// True for agents and owners.
    pub fn is_agent(&self) -> bool {
        self.principal.is_some()
    }
}

/// A caller with the role agent or owner.
#[derive(Debug, Clone)]
pub struct Agent(pub Principal);

/// A caller with the role owner.
#[derive(Debug, Clone)]
pub struct Owner(pub Principal);

fn require(request: &Request, role: Role) -> Result<Principal, Problem> {
    let Some(principal) = Caller::of(request).principal else {
        return Err(Problem::unauthorized(
            "not_signed_in",
            "Sign in or send an API key in X-API-Key.",
        ));
    };
    if principal.role < role {
        return Err(Problem::forbidden(
            "role_required",
            format!("This needs the role {}.", role.as_str()),
        ));
    }
    Ok(principal)
}

macro_rules! role_extractor {
    ($name:ident, $role:expr, $cookie:literal, $key:literal, $text:literal) => {
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                registry.create_security_scheme($cookie, scheme("cookie", COOKIE_NAME, $text));
                registry.create_security_scheme($key, scheme("header", "X-API-Key", $text));
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![$cookie, $key]
            }

            async fn from_request(
                request: &'a Request,
                _body: &mut RequestBody,
                _options: ExtractParamOptions<()>,
            ) -> Result<Self> {
                Ok(Self(require(request, $role)?))
            }
        }
    };
}

role_extractor!(
    Agent,
    Role::Agent,
    "agent_session",
    "agent_key",
    "An agent or owner, signed in or with an API key (X-API-Key or X-ADMIN-API-KEY)."
);
role_extractor!(
    Owner,
    Role::Owner,
    "owner_session",
    "owner_key",
    "An owner, signed in or with an API key (X-API-Key or X-ADMIN-API-KEY)."
);

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::PoemExtractor];
    type ParamType = ();
    type ParamRawType = ();

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self::of(request))
    }
}

fn scheme(
    key_in: &'static str,
    name: &'static str,
    description: &'static str,
) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "apiKey",
        description: Some(description),
        name: Some(name),
        key_in: Some(key_in),
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_before_a_cookie_and_both_header_names_work() {
        let mut headers = HeaderMap::new();
        assert_eq!(Credentials::from_headers(&headers), None);
        headers.insert("cookie", "a=1; novahouse_session=abc".parse().unwrap());
        assert_eq!(
            Credentials::from_headers(&headers),
            Some(Credentials::Cookie("abc".into()))
        );
        headers.insert("x-admin-api-key", "k".parse().unwrap());
        assert_eq!(
            Credentials::from_headers(&headers),
            Some(Credentials::ApiKey("k".into()))
        );
    }

    #[test]
    fn an_owner_may_do_what_an_agent_may() {
        assert!(Role::Owner > Role::Agent);
    }
}
