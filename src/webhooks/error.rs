//! What can go wrong, and how clients see it.

use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};
use crate::platform::secrets::SecretsError;

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none with that number.
    #[error("there is no such webhook")]
    NotFound,
    /// There is none with that number.
    #[error("there is no such delivery")]
    NoDelivery,
    /// It is on its way.
    #[error("this delivery is on its way")]
    Underway,
    /// Switched off.
    #[error("the webhook is switched off; enable it first")]
    Disabled,
    /// Enough.
    #[error("there can be at most {0} webhooks")]
    TooMany(i64),
    /// A field's value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    /// A text is too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A secret cannot be made or opened.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The store said no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::NotFound => Problem::not_found("webhook_not_found", error),
            WebhookError::NoDelivery => Problem::not_found("delivery_not_found", error),
            WebhookError::Underway => Problem::conflict("delivery_underway", error),
            WebhookError::Disabled => Problem::conflict("webhook_disabled", error),
            WebhookError::TooMany(_) => Problem::conflict("too_many_webhooks", error),
            WebhookError::Field(field, why) => Problem::field("invalid_value", field, why),
            WebhookError::Text(field, why) => Problem::field("invalid_value", field, why),
            WebhookError::Secrets(error) => Problem::internal(error),
            WebhookError::Db(error) => error.into(),
        }
    }
}
