//! What a dashboard shows: ready numbers, and widgets the team puts together.
//!
//! Owns the table `widgets`. Every number is one of `analytics/`, read when its counts are up to date. Public face: its
//! endpoints ([`WidgetsApi`]).
//!
//! ```text
//! model.rs  what a widget is      data.rs  the numbers of widgets      store.rs  widgets of the team
//! ```

mod custom_http;
mod data;
mod error;
mod http;
mod model;
mod service;
mod store;

pub use custom_http::CustomWidgetsApi;
pub use error::WidgetError;
pub use http::WidgetsApi;
pub use service::Widgets;

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What a dashboard shows.
    Widgets,
}
