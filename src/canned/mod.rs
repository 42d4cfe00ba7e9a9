//! Canned answers: what the team writes once and sends often, with the company's facts filled in.
//!
//! Owns the table `canned_answers`. Public face: its endpoints ([`CannedApi`]) and [`in_language`].

mod error;
mod http;
mod model;
mod service;
mod store;

pub use error::CannedError;
pub use http::CannedApi;
pub use model::CannedAnswer;
pub use service::Canned;

use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};

/// The canned answers of a language, by title.
pub fn in_language(tx: &mut dyn Tx, lang: Lang) -> Result<Vec<CannedAnswer>, DbError> {
    let mut answers = store::all(tx)?;
    answers.retain(|answer| answer.lang == lang);
    Ok(answers)
}

/// Section of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Answers the team writes once and sends often.
    Canned,
}
