//! `novahouse admin`: accounts and keys without the web pages, beside a running server or without one.

use std::io::{BufRead, Write};

use clap::{Subcommand, ValueEnum};

use super::Failure;
use crate::accounts;
use crate::commands::{Command, perform};
use crate::config::{Config, Flags};
use crate::platform::http::Role;

#[derive(Subcommand)]
pub(super) enum AdminCommand {
    /// Print a new one-time link for the owner's set-up; links before it stop working
    SetupLink,
    /// Create an account
    Create {
        /// Name to sign in with
        #[arg(long)]
        username: String,
        /// E-mail address
        #[arg(long)]
        email: String,
        /// What the account may do
        #[arg(long, value_enum, default_value = "agent")]
        role: RoleArg,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account a new password, end its sessions and remove its second factor
    ResetPassword {
        /// Name or e-mail address
        #[arg(long)]
        username: String,
        /// Read the password from standard input instead of making one
        #[arg(long)]
        password_stdin: bool,
    },
    /// Create an API key and print it, once
    ApiKey {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may do
        #[arg(long, value_enum, default_value = "agent")]
        role: RoleArg,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleArg {
    Agent,
    Owner,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Agent => Role::Agent,
            RoleArg::Owner => Role::Owner,
        }
    }
}

/// Does what is asked and prints what came of it.
///
/// Errors: somebody holds the data folder who takes no commands, or a value is refused.
pub(super) fn run(flags: &Flags, command: AdminCommand) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let printed = perform(&config, Command::Admin(with_password(command)?))?;
    std::io::stdout().lock().write_all(printed.as_bytes())?;
    Ok(())
}

/// The command with the password it reads, which only this process can.
fn with_password(command: AdminCommand) -> Result<accounts::AdminCommand, Failure> {
    Ok(match command {
        AdminCommand::SetupLink => accounts::AdminCommand::SetupLink,
        AdminCommand::Create {
            username,
            email,
            role,
            password_stdin,
        } => accounts::AdminCommand::Create {
            username,
            email,
            role: role.into(),
            password: password_stdin.then(read_password).transpose()?,
        },
        AdminCommand::ResetPassword {
            username,
            password_stdin,
        } => accounts::AdminCommand::ResetPassword {
            login: username,
            password: password_stdin.then(read_password).transpose()?,
        },
        AdminCommand::ApiKey { name, role } => accounts::AdminCommand::ApiKey {
            name,
            role: role.into(),
        },
    })
}

fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
