//! What can go wrong in training and in reading the cache.

use super::Lang;

/// Errors of [`super::Nlu`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NluError {
    /// The training set has no usable phrase at all.
    #[error("the training set has no phrases")]
    NoPhrases,
    /// A classifier needs something to tell apart.
    #[error("all phrases in {0} belong to one intent")]
    OneIntent(Lang),
    /// More intents, phrases or features than the format can hold.
    #[error("the training set is too large: {0}")]
    TooLarge(&'static str),
    /// The cache was written for other content or by another version of the algorithm.
    #[error("the model cache belongs to another training set")]
    WrongKey,
    /// The bytes are no model cache, or of another format version.
    #[error("this is no model cache of format {0}")]
    WrongFormat(u32),
    /// The bytes end too early, were changed, or contradict themselves.
    #[error("the model cache is damaged: {0}")]
    Damaged(&'static str),
}
