//! What can go wrong with widgets, and how clients see it.

use crate::platform::db::DbError;
use crate::platform::http::{Problem, TextError};

/// An error of the slice.
#[derive(Debug, thiserror::Error)]
pub enum WidgetError {
    /// A text is empty, too long or holds control characters.
    #[error("{0}: {1}")]
    Text(&'static str, TextError),
    /// A field's value is refused.
    #[error("{0}: {1}")]
    Field(&'static str, &'static str),
    /// Another widget has this title.
    #[error("there is a widget with this title already")]
    TitleTaken,
    /// There are as many as there may be.
    #[error("there are {0} widgets already; delete one first")]
    TooMany(i64),
    /// There is no such widget.
    #[error("there is no such widget")]
    NotFound,
    /// The store said no.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for WidgetError {
    fn from(error: DbError) -> Self {
        if error.is_unique("widgets.title") {
            return Self::TitleTaken;
        }
        Self::Db(error)
    }
}

impl From<WidgetError> for Problem {
    fn from(error: WidgetError) -> Self {
        match error {
            WidgetError::Text(field, why) => Problem::text(field, why),
            WidgetError::Field(field, why) => Problem::field("invalid_value", field, why),
            WidgetError::TitleTaken => Problem::conflict("widget_title_taken", error),
            WidgetError::TooMany(_) => Problem::conflict("too_many_widgets", error),
            WidgetError::NotFound => Problem::not_found("widget_not_found", error),
            WidgetError::Db(error) => error.into(),
        }
    }
}
