//! The quiz: eight questions that end in a recommended package, and in a lead when the visitor wants to be contacted.
//!
//! Owns no table. What a question asks is in assets/quiz, what an answer counts in `questions`; leads are written by the
//! leads slice in the same transaction.

mod asking;
mod error;
mod http;
mod on_page;
mod questions;
mod rules;
#[cfg(test)]
mod rules_tests;
mod service;
mod texts;

pub use asking::{Quiz, Wanted};
pub use error::QualificationError;
pub use http::QualificationApi;
pub use on_page::{ShownQuestion, Suggestion};
pub use service::{Contact, Qualification};
