//! The command line: one file per subcommand.

mod admin;
mod analytics;
mod audit;
mod backup;
mod config;
mod doctor;
mod erased;
mod mail;
mod nlu;
mod rodo;
mod search;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Flags;

/// A website chatbot and the back office behind it, in one executable.
#[derive(Parser)]
#[command(name = "novahouse", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the website chat, the API and the team's pages
    Serve {
        /// Address and port to listen on
        #[arg(long)]
        listen: Option<String>,
        #[command(flatten)]
        folder: Folder,
    },
    /// Print every setting with its value, source, default and meaning
    Config {
        #[command(flatten)]
        folder: Folder,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check the data folder and the database
    Doctor {
        #[command(flatten)]
        folder: Folder,
    },
    /// Accounts and keys, beside a running server or without one
    Admin {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: admin::AdminCommand,
    },
    /// What the assistant understands
    Nlu {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: nlu::NluCommand,
    },
    /// Letters and text messages
    Mail {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: mail::MailCommand,
    },
    /// Backups: make one, list, prove, prune; make keys to encrypt them to
    Backup {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        create: backup::CreateArgs,
        #[command(subcommand)]
        command: Option<backup::BackupCommand>,
    },
    /// Bring a backup back; the server must not run, and what is there now is kept aside
    Restore {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        file: backup::FileArgs,
        /// Another data folder, with its uploads in it
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// List of erased persons, with its server's secrets.json beside it, where the data folder has none
        #[arg(long, value_name = "FILE")]
        tombstones: Option<PathBuf>,
    },
    /// Return to the database as it was before its newest migration; the server must not run
    Rollback {
        #[command(flatten)]
        folder: Folder,
    },
    /// Take the rows of a JSON export into an empty data folder
    Import {
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        file: backup::FileArgs,
    },
    /// The search index, beside a running server or without one
    Search {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: search::SearchSubcommand,
    },
    /// Personal data: find, hand out, erase, and check what still stands where
    Rodo {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: rodo::RodoSubcommand,
    },
    /// The numbers, beside a running server or without one
    Analytics {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: analytics::AnalyticsSubcommand,
    },
    /// Who did what to whose data
    Audit {
        #[command(flatten)]
        folder: Folder,
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
}

/// Where settings and data are.
#[derive(Args)]
struct Folder {
    /// Data folder
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// Settings file instead of novahouse.toml in the data folder
    #[arg(long, global = true)]
    config: Option<PathBuf>,
}

impl Folder {
    fn flags(self, listen: Option<String>) -> Flags {
        Flags {
            listen,
            data: self.data,
            config: self.config,
        }
    }
}

/// What a command ends with when it fails: shown as one line.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Parses the arguments and runs the command.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve { listen, folder } => serve::run(&folder.flags(listen)),
        Command::Config { folder, json } => {
            config::run(&folder.flags(None), json).map_err(Failure::from)
        }
        Command::Doctor { folder } => doctor::run(&folder.flags(None)),
        Command::Admin { folder, command } => admin::run(&folder.flags(None), command),
        Command::Mail { folder, command } => mail::run(&folder.flags(None), command),
        Command::Search { folder, command } => search::run(&folder.flags(None), command),
        Command::Rodo { folder, command } => rodo::run(&folder.flags(None), command),
        Command::Analytics { folder, command } => analytics::run(&folder.flags(None), &command),
        Command::Audit { folder, command } => audit::run(&folder.flags(None), &command),
        Command::Backup {
            folder,
            create,
            command,
        } => backup::run(&folder.flags(None), create, command),
        Command::Restore {
            folder,
            file,
            to,
            tombstones,
        } => backup::restore(
            &folder.flags(None),
            &file,
            to.as_deref(),
            tombstones.as_deref(),
        ),
        Command::Rollback { folder } => backup::rollback(&folder.flags(None)),
        Command::Import { folder, file } => backup::import(&folder.flags(None), &file),
        Command::Nlu { folder, command } => nlu::run(&folder.flags(None), &command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("novahouse: {error}");
            ExitCode::FAILURE
        }
    }
}
