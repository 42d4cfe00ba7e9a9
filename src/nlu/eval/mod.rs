//! How good the understanding is: figures of a training file on a test file, or by cross-validation. Pure.
//!
//! ```text
//! rows.rs     sentences with their labels, read from CSV
//! folds.rs    parts for cross-validation that keep paraphrases together
//! metrics.rs  accuracy, out-of-scope recall, Matthews correlation
//! trial.rs    training, judging, choosing the threshold
//! compare.rs  what other phrases make better and worse
//! ```

mod compare;
mod folds;
mod metrics;
mod rows;
mod trial;

pub use compare::{Comparison, Judgement, compare};
pub use metrics::{Confusion, Point};
pub use rows::{Row, read_rows};
pub use trial::{Evaluation, Report, SentenceTimes, evaluate};

use super::{Lang, NluError};

/// Errors of an evaluation.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The first line names no columns that are understood.
    #[error(
        "the first line must name the columns `sentence,label` or `text,intent` and optionally `lang`"
    )]
    Header,
    /// There is a header and nothing else.
    #[error("there are no rows below the header")]
    NoRows,
    /// A row that is no CSV, no UTF-8, or has another number of columns.
    #[error("not readable as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A row without a label.
    #[error("line {0}: the label is empty")]
    NoLabel(u64),
    /// A row in a language that is none of ours.
    #[error("line {0}: the language must be pl, en or de")]
    UnknownLang(u64),
    /// A classifier needs something to tell apart.
    #[error("all rows to train from have the label `{0}`; at least two labels are needed")]
    OneLabel(String),
    /// A test row whose language has no training rows.
    #[error("the test file has rows {0}, the training file has none")]
    NothingToTrain(Rows),
    /// Training failed.
    #[error(transparent)]
    Training(#[from] NluError),
}

/// Rows of one language, in words for an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows(pub Option<Lang>);

impl std::fmt::Display for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(lang) => write!(f, "in `{lang}`"),
            None => f.write_str("without a language"),
        }
    }
}
