//! What can go wrong with prices and quotes, and how clients see it.

use crate::knowledge::KnowledgeError;
use crate::platform::db::DbError;
use crate::platform::http::Problem;

/// An error of the quotes slice.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// A field's value is refused.
    #[error("{field}: {why}")]
    Invalid {
        /// Name of the field, with dots into lists and groups.
        field: String,
        /// Why, as a clause.
        why: String,
    },
    /// There is no such quote, or the link is not one of ours.
    #[error("there is no such quote")]
    NotFound,
    /// The quote was not accepted in time.
    #[error("this quote is no longer valid; ask for a new one")]
    Expired,
    /// Somebody else changed the price list meanwhile.
    #[error("the price list was changed meanwhile; load it again")]
    PriceListChanged,
    /// The company's texts do not go with the change.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<QuoteError> for Problem {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::Invalid { field, why } => Problem::field("invalid_value", &field, why),
            QuoteError::NotFound => Problem::not_found("quote_not_found", error),
            QuoteError::Expired => Problem::conflict("quote_expired", error),
            QuoteError::PriceListChanged => Problem::conflict("price_list_changed", error),
            QuoteError::Knowledge(error) => error.into(),
            QuoteError::Db(error) => error.into(),
        }
    }
}
