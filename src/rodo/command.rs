//! What the command line does about personal data.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Identifier, Rodo, RodoError};
use crate::accounts::audit;
use crate::nlu::Lang;

/// A command, also as it goes over the control socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RodoCommand {
    /// How much is kept about a person.
    Find {
        /// E-mail address, phone number or session id.
        identifier: String,
    },
    /// Everything kept about a person, as a zip.
    Export {
        /// As above.
        identifier: String,
        /// The file, a whole path; it must not be there yet.
        out: PathBuf,
        /// Language of the page in it: pl, en or de.
        lang: String,
    },
    /// Erases a person.
    Erase {
        /// As above.
        identifier: String,
    },
    /// What still stands where.
    Check {
        /// As above.
        identifier: String,
        /// Other texts to look for, such as a name.
        more: Vec<String>,
    },
}

impl Rodo {
    /// Does a command (blocking, outside of the runtime's threads); answers what to print.
    ///
    /// Errors: the identifier is none, several people share it, or the command failed.
    pub fn command(
        &self,
        runtime: &tokio::runtime::Handle,
        command: RodoCommand,
    ) -> Result<String, RodoError> {
        let actor = || audit::SYSTEM.to_owned();
        match command {
            RodoCommand::Find { identifier } => {
                let found = self.preview(self.identifier(&identifier)?, actor());
                let found = runtime.block_on(found).map_err(with_choices)?;
                let counts = found.counts.iter().filter(|(_, rows)| **rows > 0);
                let lines: Vec<String> = counts
                    .map(|(name, rows)| format!("{rows} {name}"))
                    .collect();
                Ok(lines.join("\n"))
            }
            RodoCommand::Export {
                identifier,
                out,
                lang,
            } => {
                let lang: Lang = lang
                    .parse()
                    .map_err(|_| RodoError::Field("lang", "must be pl, en or de".into()))?;
                let identifier = self.identifier(&identifier)?;
                let bytes = runtime
                    .block_on(self.export_zip(identifier, actor(), lang))
                    .map_err(with_choices)?;
                write_new(&out, &bytes)?;
                Ok(out.display().to_string())
            }
            RodoCommand::Erase { identifier } => {
                let erased = self.erase(self.identifier(&identifier)?, actor());
                Ok(runtime.block_on(erased).map_err(with_choices)?.told())
            }
            RodoCommand::Check { identifier, more } => {
                let identifier: Identifier = self.identifier(&identifier)?;
                Ok(self.check(&identifier, &more)?.told())
            }
        }
    }

    async fn export_zip(
        &self,
        identifier: Identifier,
        actor: String,
        lang: Lang,
    ) -> Result<Vec<u8>, RodoError> {
        let export = self.export(identifier, actor).await?;
        self.packed(export, lang).await
    }
}

/// The command line shows an error's text alone, so the choices go into it.
fn with_choices(error: RodoError) -> RodoError {
    match error {
        RodoError::SeveralPeople(choices) => {
            let named: Vec<String> = choices
                .as_array()
                .into_iter()
                .flatten()
                .map(|choice| format!("{} ({})", choice["user_identifier"], choice["names"]))
                .collect();
            RodoError::Field(
                "identifier",
                format!("several people share it; name one of {}", named.join(", ")),
            )
        }
        error => error,
    }
}

/// A file of the caller's alone; what is there is never overwritten.
fn write_new(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
