//! Why something was not sent, in the three ways that matter to whoever tries again.

use std::time::Duration;

/// Why something was not sent. The texts name codes and parties, never an address, a number or a content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not sent, and worth another try.
    #[error("{what}")]
    Temporary {
        /// What happened.
        what: String,
        /// The other side asked not to come back sooner.
        retry_after: Option<Duration>,
    },
    /// Not sent, and the same again will not help.
    #[error("{what}")]
    Permanent {
        /// What happened.
        what: String,
    },
    /// It may have been sent or not, and sending it again could do it twice: look it up first.
    #[error("{what}")]
    Uncertain {
        /// What happened.
        what: String,
    },
}

impl SendError {
    /// Worth another try, whenever.
    pub(crate) fn temporary(what: impl Into<String>) -> Self {
        Self::Temporary {
            what: what.into(),
            retry_after: None,
        }
    }

    /// Not worth another try.
    pub(crate) fn permanent(what: impl Into<String>) -> Self {
        Self::Permanent { what: what.into() }
    }

    /// Perhaps sent.
    pub(crate) fn uncertain(what: impl Into<String>) -> Self {
        Self::Uncertain { what: what.into() }
    }
}
