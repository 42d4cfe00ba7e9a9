//! What can go wrong with search, and how clients see it.

use crate::platform::db::DbError;
use crate::platform::http::Problem;

use super::engine::LexiconError;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// A parameter is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// The index is being opened.
    #[error("the search index is being opened")]
    NotReady,
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The index is not what the database says.
    #[error(
        "the index differs: {missing} missing, {stale} outdated, {gone} too many; `novahouse search reindex` mends it"
    )]
    Differs {
        /// Documents it lacks.
        missing: usize,
        /// Documents it has in another version.
        stale: usize,
        /// Documents that are no more.
        gone: usize,
    },
    /// The words the program brings cannot be read.
    #[error("the search's tables do not parse: {0}")]
    Lexicon(#[from] LexiconError),
    /// The index cannot be read or written.
    #[error("the search index: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// Its folder cannot be read or written.
    #[error("the folder of the search index: {0}")]
    Folder(#[from] std::io::Error),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Field(field, why) => Problem::field("invalid_value", field, why),
            SearchError::NotReady => Problem::unavailable(error),
            SearchError::NotFound(_) => Problem::not_found("not_found", error),
            SearchError::Db(error) => error.into(),
            SearchError::Differs { .. } => Problem::conflict("search_index_differs", error),
            SearchError::Lexicon(_) | SearchError::Index(_) | SearchError::Folder(_) => {
                Problem::internal(error)
            }
        }
    }
}
