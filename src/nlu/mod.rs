//! Understanding: which language a visitor writes and what they want.
//!
//! One intent model per language and one language detector, all linear models over hashed n-grams
//! (`features.rs`), trained in well under a second each from the knowledge pack's phrases and texts
//! (`solver.rs`) and kept as a cache file ([`Nlu::encode`], [`Nlu::decode`]). Owns no tables, does no
//! I/O, knows no clock: text in, probabilities out.
//!
//! ```text
//! entities/    data in a message: area, budget, town, date …
//! text.rs      a message as two flat views: lower-case, and folded (no diacritics)
//! features.rs  n-grams → rows and TF-IDF weights
//! linear.rs    the quantised linear model        solver.rs  its training
//! intents.rs   one language's intents, confidence, zones
//! language.rs  pl / en / de, and whether to follow a change of language
//! likeness.rs  how much two sentences are alike
//! model.rs     `Nlu`: all of it, training set, cache format
//! eval/        how good all this is
//! ```

mod codec;
pub mod entities;
mod error;
pub mod eval;
mod features;
mod intents;
mod language;
mod likeness;
mod linear;
mod model;
#[cfg(test)]
mod samples;
mod solver;
mod text;

pub use error::NluError;
pub use intents::{ANSWER_FROM, ASK_FROM, Alternative, CLEAR_MARGIN, Classification, Zone, zone};
pub use language::LanguageScores;
pub use likeness::Likeness;
pub use model::{Nlu, Phrase, TrainingDigest, TrainingSet, Understanding};
pub use text::{fold, join_umlauts};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The intent of everything the company's bot is not for.
pub const OUT_OF_SCOPE: &str = "out_of_scope";

/// The languages the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Polish.
    Pl,
    /// English.
    En,
    /// German.
    De,
}

impl Lang {
    /// Every language, in the order of the enum.
    pub const ALL: [Lang; 3] = [Lang::Pl, Lang::En, Lang::De];

    /// The ISO 639-1 code: "pl", "en", "de".
    pub fn code(self) -> &'static str {
        match self {
            Lang::Pl => "pl",
            Lang::En => "en",
            Lang::De => "de",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A language code that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language, expected pl, en or de")]
pub struct UnknownLang;

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Reads the bare code, in any case. Errors: anything else, also "pl-PL".
    fn from_str(code: &str) -> Result<Lang, UnknownLang> {
        Lang::ALL
            .into_iter()
            .find(|lang| lang.code().eq_ignore_ascii_case(code))
            .ok_or(UnknownLang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        for lang in Lang::ALL {
            assert_eq!(lang.code().parse(), Ok(lang));
            assert_eq!(lang.to_string().to_uppercase().parse(), Ok(lang));
        }
        assert_eq!("fr".parse::<Lang>(), Err(UnknownLang));
        assert_eq!("".parse::<Lang>(), Err(UnknownLang));
    }
}
