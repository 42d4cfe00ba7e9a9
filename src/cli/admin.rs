//! `novahouse admin`: accounts and keys without the web pages, while the server is stopped.

use std::io::BufRead;

use clap::{Subcommand, ValueEnum};

use super::Failure;
use crate::accounts::{NewApiKey, NewUser};
use crate::app::Opened;
use crate::config::{Config, Flags};
use crate::platform::http::Role;
use crate::platform::secrets::random_token;

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

/// Opens the data folder and does what is asked.
///
/// Errors: a running server holds the folder, or a value is refused.
pub(super) fn run(flags: &Flags, command: AdminCommand) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    let accounts = Opened::open(&config)?.accounts;
    match command {
        AdminCommand::SetupLink => {
            let token = accounts.new_setup_link()?;
            let base = config
                .public_url
                .unwrap_or_else(|| format!("http://localhost:{}", config.listen.port()));
            println!("{base}/admin#setup={token}");
        }
        AdminCommand::Create {
            username,
            email,
            role,
            password_stdin,
        } => {
            let password = password(password_stdin)?;
            let user = accounts.create_user(&NewUser {
                username,
                email,
                password: password.text,
                display_name: None,
                role: role.into(),
            })?;
            println!("created {} ({})", user.username, user.role.as_str());
            password
                .made
                .iter()
                .for_each(|made| println!("password: {made}"));
        }
        AdminCommand::ResetPassword {
            username,
            password_stdin,
        } => {
            let password = password(password_stdin)?;
            let user = accounts.reset_password(&username, &password.text)?;
            println!(
                "new password set for {}; its sessions were ended",
                user.username
            );
            password
                .made
                .iter()
                .for_each(|made| println!("password: {made}"));
        }
        AdminCommand::ApiKey { name, role } => {
            let (key, secret) = accounts.create_api_key(&NewApiKey {
                name,
                role: role.into(),
                expires_at_ms: None,
            })?;
            println!("key {} ({}), shown only now:", key.id, key.role.as_str());
            println!("{secret}");
        }
    }
    Ok(())
}

struct Password {
    text: String,
    /// The same when we made it, to be shown.
    made: Option<String>,
}

fn password(from_stdin: bool) -> Result<Password, Failure> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        let text = line.trim_end_matches(['\r', '\n']).to_owned();
        return Ok(Password { text, made: None });
    }
    let made = random_token()?[..20].to_owned();
    Ok(Password {
        text: made.clone(),
        made: Some(made),
    })
}
