//! What can go wrong with knowledge, and how clients see it.

use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the knowledge slice.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// A file of the pack cannot be read.
    #[error("{file}: {why}")]
    Pack {
        /// Path inside the pack.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A field's value is refused.
    #[error("{field}: {why}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// Why, as a clause.
        why: String,
    },
    /// There is no such row.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// An intent with this name exists.
    #[error("an intent with this name exists already")]
    IntentTaken,
    /// A document with this type, slug and language exists.
    #[error("a document with this type, slug and language exists already")]
    SlugTaken,
    /// A text's placeholders cannot be filled.
    #[error("a text cannot be rendered: {0}")]
    Template(String),
    /// The classifier could not be trained.
    #[error("training failed: {0}")]
    Training(#[from] crate::nlu::NluError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl KnowledgeError {
    pub(super) fn invalid(field: &'static str, why: String) -> Self {
        Self::Invalid { field, why }
    }
}

impl From<KnowledgeError> for Problem {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Pack { file, why } => Problem::new(
                poem::http::StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_pack",
                format!("The pack was refused: {file}: {why}"),
            )
            .with_detail(&file, why),
            KnowledgeError::Invalid { field, why } => Problem::field("invalid_value", field, why),
            KnowledgeError::NotFound(_) => Problem::not_found("not_found", error),
            KnowledgeError::IntentTaken => Problem::conflict("intent_taken", error),
            KnowledgeError::SlugTaken => Problem::conflict("slug_taken", error),
            KnowledgeError::Template(_) => Problem::field("invalid_template", "body", error),
            KnowledgeError::Training(_) => Problem::conflict("training_failed", error),
            KnowledgeError::Db(error) => error.into(),
        }
    }
}
