//! Parse, dispatch; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    novahouse::cli::run()
}
