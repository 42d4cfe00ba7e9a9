//! `novahouse search`: the search index and what is found in it, here or in the server that holds the data folder.

use clap::Subcommand;

use super::Failure;
use crate::commands::{Command, perform};
use crate::config::{Config, Flags};
use crate::search::SearchCommand;

#[derive(Subcommand)]
pub(super) enum SearchSubcommand {
    /// Build the index of documents anew; a running server searches the old one meanwhile
    Reindex,
    /// Compare the index with the database; fails when they differ
    Verify,
    /// Find documents, one a line: score, type, language, title and the sentence that says most
    Query {
        /// What to look for
        text: String,
        /// Only this language: pl, en or de
        #[arg(long)]
        lang: Option<String>,
        /// How many documents at most
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=50))]
        limit: u8,
    },
}

/// Runs the command.
///
/// Errors: the data folder cannot be used, or the command failed.
pub(super) fn run(flags: &Flags, command: SearchSubcommand) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let command = match command {
        SearchSubcommand::Reindex => SearchCommand::Reindex,
        SearchSubcommand::Verify => SearchCommand::Verify,
        SearchSubcommand::Query { text, lang, limit } => SearchCommand::Query { text, lang, limit },
    };
    println!("{}", perform(&config, Command::Search(command))?);
    Ok(())
}
