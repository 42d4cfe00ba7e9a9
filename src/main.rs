//! Parse, dispatch; nothing else.

use std::process::ExitCode;

/// poem and SQLite allocate much and briefly; mimalloc takes a tenth off a chat turn.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    novahouse::cli::run()
}
