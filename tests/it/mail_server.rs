//! A real mail server for tests: aiosmtpd, see `mail_server.py`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::process::Process;

/// Debian's, which has the library beside it.
const PYTHON: &str = "/usr/bin/python3";

/// A running mail server; ended when dropped.
pub struct MailServer {
    process: Process,
    port: String,
}

impl MailServer {
    pub fn start() -> Self {
        Self::start_on("0")
    }

    /// On a port of the caller's.
    pub fn start_on(port: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail_server.py");
        let mut command = Command::new(PYTHON);
        command.arg(script).arg(port);
        let mut process = Process::spawn(command);
        let port = process.wait_until_it_listens();
        Self { process, port }
    }

    pub fn port(&self) -> &str {
        &self.port
    }

    /// Every letter it has taken, the first first.
    pub fn letters(&self) -> Vec<Value> {
        let printed = self.process.stdout();
        let lines = printed.lines().filter(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The letters to an address.
    pub fn letters_to(&self, address: &str) -> Vec<Value> {
        let mut letters = self.letters();
        letters.retain(|letter| letter["to"].as_str().unwrap().contains(address));
        letters
    }
}
