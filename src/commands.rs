//! What the command line does to a data folder, whoever holds it: this process does it when no server runs, else the
//! server does the same and this process prints what it says.

use serde::{Deserialize, Serialize};

use crate::accounts::{Accounts, AdminCommand};
use crate::analytics::{Analytics, AnalyticsCommand};
use crate::app::{AppError, Opened};
use crate::config::Config;
use crate::platform::control::{self, Outcome};
use crate::rodo::{Rodo, RodoCommand};
use crate::search::{Search, SearchCommand};

/// A command, also as it goes over the control socket. No `Debug`: it may hold a password.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Accounts and keys.
    Admin(AdminCommand),
    /// The search index.
    Search(SearchCommand),
    /// Personal data.
    Rodo(RodoCommand),
    /// The numbers.
    Analytics(AnalyticsCommand),
    /// Whether the audit log is whole.
    VerifyAudit,
}

/// What commands work with.
pub struct Workplace {
    /// The team.
    pub accounts: Accounts,
    /// Where the pages are, e.g. `https://chat.example.com`.
    pub address: String,
    /// Search, opened.
    pub search: Search,
    /// Rights over personal data.
    pub rodo: Rodo,
    /// The numbers.
    pub analytics: Analytics,
    /// Where what they do runs.
    pub runtime: tokio::runtime::Handle,
}

impl Workplace {
    /// Does a command (blocking); answers what to print.
    pub fn run(&self, command: Command) -> Outcome {
        match command {
            Command::Admin(command) => {
                let done = self.accounts.administer(command, &self.address);
                done.map_err(|error| error.to_string())
            }
            Command::Search(command) => {
                let done = self.search.command(command);
                done.map_err(|error| error.to_string())
            }
            Command::Rodo(command) => {
                let done = self.rodo.command(&self.runtime, command);
                done.map_err(|error| error.to_string())
            }
            Command::Analytics(command) => {
                let done = self.analytics.command(&self.runtime, command);
                done.map_err(|error| error.to_string())
            }
            Command::VerifyAudit => self.accounts.verify_audit(),
        }
    }
}

/// Does a command here, or has the server that holds the data folder do it (blocking); answers what to print.
///
/// Errors: the folder cannot be opened, somebody holds it who takes no commands, or the command failed.
pub fn perform(config: &Config, command: Command) -> Result<String, AppError> {
    let outcome = match Opened::open(config) {
        Ok(opened) => perform_here(config, &opened, command)?,
        Err(AppError::InUse(folder, holder)) => match control::ask(&config.data_dir, &command) {
            Ok(Some(outcome)) => outcome,
            Ok(None) => return Err(AppError::InUse(folder, holder)),
            Err(error) => return Err(AppError::NoAnswer(holder, error)),
        },
        Err(error) => return Err(error),
    };
    outcome.map_err(|why| AppError::Other(why.into()))
}

fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    tokio::runtime::Runtime::new().map_err(|error| AppError::Other(Box::new(error)))
}

/// Only a command about the index opens it: that takes the knowledge, too.
fn perform_here(config: &Config, opened: &Opened, command: Command) -> Result<Outcome, AppError> {
    match command {
        Command::Admin(command) => {
            let done = opened
                .accounts
                .administer(command, &config.address(config.listen));
            Ok(done.map_err(|error| error.to_string()))
        }
        Command::Search(command) => {
            let search = opened.search(config)?;
            Ok(search.command(command).map_err(|error| error.to_string()))
        }
        Command::Rodo(command) => {
            let rodo = opened.rodo(config)?;
            let done = rodo.command(runtime()?.handle(), command);
            Ok(done.map_err(|error| error.to_string()))
        }
        Command::Analytics(command) => {
            let analytics = opened.analytics(config)?;
            let done = analytics.command(runtime()?.handle(), command);
            Ok(done.map_err(|error| error.to_string()))
        }
        Command::VerifyAudit => Ok(opened.accounts.verify_audit()),
    }
}
