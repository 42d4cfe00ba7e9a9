//! `novahouse audit`: whether the audit log is whole.

use clap::Subcommand;

use super::Failure;
use crate::commands::{Command, perform};
use crate::config::{Config, Flags};

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no row was changed, taken out or slipped in; fails when one was
    Verify,
}

/// Runs the command.
///
/// Errors: the data folder cannot be used, or the log is not whole.
pub(super) fn run(flags: &Flags, command: &AuditCommand) -> Result<(), Failure> {
    let AuditCommand::Verify = command;
    let config = Config::load(flags)?;
    println!("{}", perform(&config, Command::VerifyAudit)?);
    Ok(())
}
