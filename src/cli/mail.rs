//! `novahouse mail`: what letters and text messages look like.

use std::path::PathBuf;

use clap::Subcommand;

use super::Failure;
use crate::config::{Config, Flags};
use crate::nlu::Lang;
use crate::notify::messages::{Name, Rendered};
use crate::notify::outbox::preview_at;

#[derive(Subcommand)]
pub(super) enum MailCommand {
    /// Write a message to a file, with examples in place of its values
    Preview {
        /// Its name; a wrong one lists them all
        name: String,
        /// Its language: pl, en or de
        #[arg(long, default_value = "pl")]
        lang: String,
        /// The file; NAME.html in this folder (NAME.txt for a text message) when none is named
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

/// Runs the command.
///
/// Errors: there is no such message or language, or the data folder or the file cannot be used.
pub(super) fn run(flags: &Flags, command: MailCommand) -> Result<(), Failure> {
    let MailCommand::Preview { name, lang, out } = command;
    let names = || {
        let names: Vec<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
        names.join(", ")
    };
    let name: Name = name
        .parse()
        .map_err(|_| format!("there is no message {name}; there are {}", names()))?;
    let lang: Lang = lang
        .parse()
        .map_err(|_| "the language must be pl, en or de")?;
    let config = Config::load(flags)?;
    let (subject, text, ending) = match preview_at(&config.data_dir, name, lang)? {
        Rendered::Letter(letter) => (Some(letter.subject), letter.html, "html"),
        Rendered::Sms(text) => (None, text, "txt"),
    };
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{name}.{ending}")));
    std::fs::write(&out, text).map_err(|error| format!("{}: {error}", out.display()))?;
    if let Some(subject) = subject {
        println!("{subject}");
    }
    println!("{}", out.display());
    Ok(())
}
