//! What the owner changes at run time, behind one address. Each part belongs to whoever uses it: the company's facts,
//! languages and the chat's look to `knowledge`, the rate limits to the front door, what happens with new leads to `leads`, reports to `analytics`. Where notices go is kept here.
//!
//! Owns the settings `notifications` and `limits` (table `settings`, `platform/settings.rs`).

mod error;
mod http;
mod limits;
mod notifications;
mod service;

pub use error::SettingsError;
pub use http::SettingsApi;
pub use limits::Limits;
pub use notifications::Notifications;
pub use service::{Configured, Settings};

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What the owner changes at run time.
    Settings,
}
