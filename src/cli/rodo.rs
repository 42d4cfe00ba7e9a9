//! `novahouse rodo`: rights over personal data, beside a running server or without one.

use std::path::{PathBuf, absolute};

use clap::Subcommand;

use super::Failure;
use crate::commands::{Command, perform};
use crate::config::{Config, Flags};
use crate::rodo::RodoCommand;

#[derive(Subcommand)]
pub(super) enum RodoSubcommand {
    /// How much is kept about a person
    Find {
        /// E-mail address, phone number or session id
        identifier: String,
    },
    /// Write everything kept about a person into a zip
    Export {
        /// E-mail address, phone number or session id
        identifier: String,
        /// The file, which must not be there yet
        #[arg(long, default_value = "my-data.zip")]
        out: PathBuf,
        /// Language of the page in it: pl, en or de
        #[arg(long, default_value = "pl")]
        lang: String,
    },
    /// Erase a person everywhere
    Erase {
        /// E-mail address, phone number or session id
        identifier: String,
        /// Needed, since it cannot be undone
        #[arg(long)]
        confirm: bool,
    },
    /// Search every store, file and backup that is not encrypted; nothing is changed
    Check {
        /// E-mail address, phone number or session id
        identifier: String,
        /// More texts to look for, such as a name
        #[arg(long = "text")]
        texts: Vec<String>,
    },
}

/// Runs the command.
///
/// Errors: the data folder or the file cannot be used, or the command failed.
pub(super) fn run(flags: &Flags, command: RodoSubcommand) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let command = match command {
        RodoSubcommand::Find { identifier } => RodoCommand::Find { identifier },
        RodoSubcommand::Export {
            identifier,
            out,
            lang,
        } => RodoCommand::Export {
            identifier,
            // A running server has a folder of its own.
            out: absolute(out)?,
            lang,
        },
        RodoSubcommand::Erase {
            identifier,
            confirm: true,
        } => RodoCommand::Erase { identifier },
        RodoSubcommand::Erase { .. } => {
            return Err("erasing cannot be undone; say --confirm to do it".into());
        }
        RodoSubcommand::Check { identifier, texts } => RodoCommand::Check {
            identifier,
            more: texts,
        },
    };
    println!("{}", perform(&config, Command::Rodo(command))?);
    Ok(())
}
