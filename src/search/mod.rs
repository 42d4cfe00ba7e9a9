//! Full-text search over what the company knows and, for its team, over leads and conversations.
//!
//! Owns the tables `frequent_searches` and `search_synonyms`, and the folder `search` of the data folder. The database is the truth: an index is only ever brought in line with it ([`live_index`]), and what was
//! found is read from it again before it is shown.

mod answer;
mod command_line;
mod counting;
mod documents;
mod engine;
mod error;
#[cfg(test)]
mod golden_tests;
mod http;
mod live_index;
mod person;
mod plain;
mod scan;
mod service;
mod store;
mod synonyms;
mod tally;
mod team;
mod team_http;

pub use command_line::SearchCommand;
pub use error::SearchError;
pub use http::SearchApi;
pub use live_index::Difference;
pub use plain::PlainResults;
pub use service::{Passage, Search};
pub use store::purge_searches;
pub use team_http::TeamSearchApi;

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Finding what the company knows.
    Search,
}
