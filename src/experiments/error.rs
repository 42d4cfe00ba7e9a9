//! What can go wrong with experiments, and how clients see it.

use crate::chat::ChatError;
use crate::knowledge::KnowledgeError;
use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};
use crate::platform::secrets::SecretsError;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// A field's value is refused; the field's path.
    #[error("{0}: {1}")]
    Field(String, String),
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(String, TextError),
    /// A text of a variant does not render; the field's path.
    #[error("{0}: {1}")]
    Template(String, KnowledgeError),
    /// Another experiment has the name.
    #[error("there is an experiment with this name already")]
    NameTaken,
    /// There is none with that number, or none that a visitor may know of.
    #[error("there is no such experiment")]
    NotFound,
    /// Only drafts are changed and deleted.
    #[error("this experiment was started, so it stays as it is; stop it and make a new one")]
    Started,
    /// It runs already.
    #[error("this experiment is running already")]
    AlreadyRunning,
    /// It does not run, so it cannot be paused or stopped, and counts nothing.
    #[error("this experiment is not running")]
    NotRunning,
    /// It came to its end.
    #[error("this experiment has ended and stays so; make a new one")]
    Ended,
    /// Another experiment varies the same.
    #[error("the experiment with number {0} varies the same; stop that one first")]
    ElementTaken(i64),
    /// What it counts comes by itself.
    #[error(
        "this experiment counts what happens here by itself; only the goal \"reported\" is reported"
    )]
    NotReported,
    /// The visitor has not seen a variant.
    #[error("this visitor has not seen the experiment")]
    NotExposed,
    /// It was counted before.
    #[error("this was counted for this visitor already")]
    AlreadyCounted,
    /// The session id is malformed or weak.
    #[error(transparent)]
    Session(#[from] ChatError),
    /// The operating system gives no randomness.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The store said no.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for ExperimentError {
    fn from(error: DbError) -> Self {
        if error.is_unique("experiments.name") {
            return Self::NameTaken;
        }
        Self::Db(error)
    }
}

impl From<ExperimentError> for Problem {
    fn from(error: ExperimentError) -> Self {
        match error {
            ExperimentError::Field(field, why) => Problem::field("invalid_value", &field, why),
            ExperimentError::Text(field, why) => Problem::text(&field, why),
            ExperimentError::Template(field, why) => Problem::field("invalid_value", &field, why),
            ExperimentError::NameTaken => Problem::conflict("experiment_name_taken", error),
            ExperimentError::NotFound => Problem::not_found("experiment_not_found", error),
            ExperimentError::Started => Problem::conflict("experiment_started", error),
            ExperimentError::AlreadyRunning => Problem::conflict("experiment_running", error),
            ExperimentError::NotRunning => Problem::conflict("experiment_not_running", error),
            ExperimentError::Ended => Problem::conflict("experiment_ended", error),
            ExperimentError::ElementTaken(_) => {
                Problem::conflict("experiment_element_taken", error)
            }
            ExperimentError::NotReported => Problem::conflict("conversion_not_reported", error),
            ExperimentError::NotExposed => Problem::conflict("visitor_not_exposed", error),
            ExperimentError::AlreadyCounted => Problem::conflict("already_counted", error),
            ExperimentError::Session(error) => error.into(),
            ExperimentError::Secrets(error) => Problem::internal(error),
            ExperimentError::Db(error) => error.into(),
        }
    }
}
