//! The configuration: a flag over the environment over novahouse.toml over the default.
//!
//! * `settings`: the table of every setting, and [`Config`] made from it;
//! * `kinds`: what a value may look like, and its type;
//! * `offsite`: where copies of backups go (pure);
//! * `names`: which names are known, and the one that was meant (pure);
//! * `resolve`: which source wins, what contradicts itself or is done in a plainer way (pure);
//! * `load`: reads the real environment, `.env` and the file.
//!
//! ```no_run
//! use novahouse::config::{Config, Flags};
//!
//! let config = Config::load(&Flags::default())?;
//! println!("listening on {}", config.listen);
//! # Ok::<(), novahouse::config::ConfigError>(())
//! ```

mod error;
mod kinds;
mod load;
mod names;
mod offsite;
mod resolve;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

pub use error::ConfigError;
pub use kinds::{ClamdAddress, ClamdDown, LogFormat, LogLevel, Origins, Secret, SmtpTls};
pub use offsite::OffsiteAddress;
pub use resolve::without_secrets;
pub use settings::Config;

/// What the command line said.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--listen`: address and port.
    pub listen: Option<String>,
    /// `--data`: the data folder.
    pub data: Option<PathBuf>,
    /// `--config`: the file to read instead of novahouse.toml in the data folder.
    pub config: Option<PathBuf>,
}

/// Something that was asked for and is done in a plainer way, because this build cannot do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fallback {
    /// The dependency as health names it: `redis` or `storage`.
    pub what: &'static str,
    /// What is missing and what happens instead.
    pub why: String,
}

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "variable", rename_all = "snake_case")]
pub enum Source {
    /// A flag of the command line.
    Flag,
    /// This variable of the environment or of `.env`.
    Environment(String),
    /// novahouse.toml, or the file named by `--config`.
    File,
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::File => f.write_str("file"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One setting as it stands, for showing.
#[derive(Clone, Debug, Serialize)]
pub struct Resolved {
    /// Key in novahouse.toml.
    pub name: &'static str,
    /// Names in the environment, the one that wins first.
    pub environment: Vec<String>,
    /// The value as text; empty when not set, `(set)` for a secret.
    pub value: String,
    /// Where the value came from.
    pub source: Source,
    /// What holds when nobody says anything; empty for nothing.
    pub default: String,
    /// What the number counts; empty for other values.
    pub unit: &'static str,
    /// One sentence.
    pub meaning: &'static str,
}

impl Config {
    /// Reads the real environment, `.env` in the working directory and the configuration file.
    ///
    /// The file is the one `--config` names, which must exist, else novahouse.toml in the data folder, if
    /// there is one.
    ///
    /// * Errors: what cannot be read, an unknown key or variable, a value that does not parse, and settings
    ///   that contradict each other. No error's text holds a secret.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        Ok(Self::load_resolved(flags)?.0)
    }

    /// As [`Config::load`], and every setting for showing.
    pub fn load_resolved(flags: &Flags) -> Result<(Self, Vec<Resolved>), ConfigError> {
        load::load(flags)
    }

    /// Where people reach a server that listens on `bound`: the public address, else the one on this machine.
    pub fn address(&self, bound: SocketAddr) -> String {
        let local = || self.local_address(bound);
        self.public_url.clone().unwrap_or_else(local)
    }

    /// Where a server that listens on `bound` is reached from this machine, e.g. `http://127.0.0.1:8080`.
    pub fn local_address(&self, mut bound: SocketAddr) -> String {
        let scheme = match self.tls_cert_file {
            Some(_) => "https",
            None => "http",
        };
        if bound.ip().is_unspecified() {
            bound.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        format!("{scheme}://{bound}")
    }

    /// The configuration that these flags, this environment and this text of novahouse.toml make.
    ///
    /// Reads nothing else, except the number of cores for the default of `worker_threads`.
    ///
    /// * Errors: as [`Config::load`].
    pub fn resolve(
        flags: &Flags,
        env: &BTreeMap<String, String>,
        file: Option<&str>,
    ) -> Result<(Self, Vec<Resolved>), ConfigError> {
        resolve::resolve(flags, env, file, resolve::Backends::built())
    }
}
