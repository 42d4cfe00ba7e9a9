//! Review: the questions the assistant did not answer, alike ones together, and what the team does about them.
//!
//! Owns no table: the questions are chat's, phrases and answers knowledge's. Public face: its endpoints ([`ReviewApi`]).

mod error;
mod http;
mod rules;
mod service;

pub use error::ReviewError;
pub use http::ReviewApi;
pub use service::Review;

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What visitors asked in vain.
    Review,
}
