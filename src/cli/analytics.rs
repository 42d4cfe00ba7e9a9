//! `novahouse analytics`: the numbers, beside a running server or without one.

use clap::Subcommand;

use super::Failure;
use crate::analytics::AnalyticsCommand;
use crate::commands::{Command, perform};
use crate::config::{Config, Flags};

#[derive(Subcommand)]
pub(super) enum AnalyticsSubcommand {
    /// Throw the counts away and count every event again; counts whose events are gone stay
    Rebuild,
}

/// Runs the command.
///
/// Errors: the data folder cannot be used, or the events cannot be counted.
pub(super) fn run(flags: &Flags, command: &AnalyticsSubcommand) -> Result<(), Failure> {
    let AnalyticsSubcommand::Rebuild = command;
    let config = Config::load(flags)?;
    let command = Command::Analytics(AnalyticsCommand::Rebuild);
    println!("{}", perform(&config, command)?);
    Ok(())
}
