//! Full-text search over what the company knows and, for its team, over leads and conversations.
//!
//! Owns the tables `missed_searches`, `frequent_searches` and `search_synonyms`, and the folder `search` of the data
//! folder. The database is the truth: an index is only ever brought in line with it ([`live_index`]), and what was
//! found is read from it again before it is shown.

mod answer;
mod documents;
mod engine;
mod error;
mod http;
mod live_index;
mod plain;
mod scan;
mod service;

pub use error::SearchError;
pub use http::SearchApi;
pub use plain::PlainResults;
pub use service::{Passage, Search};

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Finding what the company knows.
    Search,
}
