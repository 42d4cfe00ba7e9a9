//! Why a configuration is refused. Every text is for the operator; none holds a secret.

use std::io;
use std::path::PathBuf;

/// Why the configuration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// novahouse.toml has a key that no setting has.
    #[error(
        "unknown setting `{key}` in the configuration file; the nearest known one is `{nearest}`"
    )]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The setting meant most likely.
        nearest: &'static str,
    },
    /// The environment has a `NOVAHOUSE_*` variable that no setting has.
    #[error("unknown variable {variable} in the environment; the nearest known one is {nearest}")]
    UnknownVariable {
        /// The variable as written.
        variable: String,
        /// The variable meant most likely.
        nearest: String,
    },
    /// A value is not what its setting expects.
    #[error("{name} ({origin}) must be {expected}, not {}", shown(given.as_deref()))]
    Invalid {
        /// The setting.
        name: &'static str,
        /// Where the value came from.
        origin: String,
        /// What would be right.
        expected: &'static str,
        /// The value, unless it is a secret.
        given: Option<String>,
    },
    /// Two settings that only make sense together, or that contradict each other.
    #[error("{0}")]
    Contradiction(String),
    /// The setting needs a build with this Cargo feature, and going on without it would lose data.
    #[error("{name} ({origin}) needs a build with the feature `{feature}`: {consequence}")]
    MissingFeature {
        /// The setting.
        name: &'static str,
        /// Where the value came from.
        origin: String,
        /// The Cargo feature.
        feature: &'static str,
        /// Why it is refused and what can be done.
        consequence: &'static str,
    },
    /// The configuration file is not TOML.
    #[error("the configuration file is not valid TOML, line {line}: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What the parser says, without the line itself.
        message: String,
    },
    /// `.env` has a line that is not `NAME=value`.
    #[error(
        ".env cannot be read: a line is not NAME=value (its text is not shown, it may hold a secret)"
    )]
    DotEnv,
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A variable of ours is not UTF-8.
    #[error("the environment variable {0} is not valid UTF-8")]
    NotUnicode(String),
    /// The settings could not be printed.
    #[error("cannot print the settings: {0}")]
    Print(#[source] io::Error),
}

fn shown(given: Option<&str>) -> String {
    given.map_or_else(
        || "what was given (not shown: it is a secret)".to_owned(),
        |text| format!("{text:?}"),
    )
}
