//! Experiments: two or more ways of the chat to begin or to invite, tried side by side, and what may be said about them.
//!
//! Owns the tables `experiments`, `experiment_variants` and `experiment_exposures`. Which visitor gets which variant is
//! two salted hashes of experiment and session, so nothing is stored for it and a restart changes nothing. A row is
//! written when a visitor has really seen the variant; what they do later is noted on that row, in the transaction in
//! which it happens ([`reached`], [`guarded`]), and only rows are counted.
//!
//! ```text
//! model.rs      what an experiment is           rules.rs     what is taken; who gets which variant
//! statistics/   the arithmetic                  verdict.rs   what the counts allow to say
//! running.rs    what runs, for the chat         hooks.rs     leads, bookings, hand-offs and what else is counted
//! service.rs    the team's use cases            judging.rs   results, and stopping by itself
//! visitors.rs   what visitors call              person.rs    rights over personal data
//! ```

mod bodies;
mod error;
mod hooks;
mod http;
mod judging;
mod model;
pub mod person;
mod rules;
#[cfg(test)]
mod rules_tests;
mod running;
mod service;
mod statistics;
mod store;
mod verdict;
#[cfg(test)]
mod verdict_tests;
mod visitors;
mod visitors_http;

pub use error::ExperimentError;
pub use hooks::{guarded, reached};
pub use http::ExperimentsApi;
pub use judging::JUDGE_JOB;
pub use model::{Goal, Guard};
pub use running::{Opening, Running};
pub use service::Experiments;
pub use visitors_http::TrackApi;

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Ways of the chat to begin, tried side by side.
    Experiments,
}
