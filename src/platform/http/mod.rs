//! The front door: one port for REST, Socket.IO and pages, with the limits, errors and access rules every endpoint
//! shares.

mod address;
mod assets;
mod auth;
mod body;
mod body_shapes;
mod front_door;
mod idempotency;
mod page;
mod parts;
mod problem;
mod rate_limit;
mod request_body;
mod rest;
mod route_patterns;
mod server;
mod text;
mod tls;

pub use address::{ClientAddress, TrustedProxies};
pub use assets::{Asset, AssetSource, Document, html_page};
pub(crate) use auth::COOKIE_NAME;
pub use auth::{Actor, Agent, Authenticate, Caller, Credentials, Owner, Principal, Role};
pub use body::JsonBytes;
pub use body_shapes::NamedMisfits;
pub use front_door::{FrontDoor, FrontDoorParts, OwnBodyLimit, RefusalPage, SocketService};
pub use idempotency::{IdempotencyKey, forget_idempotent, once, purge as purge_idempotency_keys};
pub use page::{PageInfo, PageRequest};
pub use parts::{Parts, written_while_sent};
pub use problem::{Problem, ProblemBody};
pub use rate_limit::{RateGroup, RateLimits, RateQuotas, Refused};
pub use request_body::BodyLimit;
pub use route_patterns::DeclaredPatterns;
pub use server::{ServeOptions, serve};
pub use text::{JsonText, TextError, clean_text};
pub use tls::Tls;
