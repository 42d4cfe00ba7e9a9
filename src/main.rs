//! Parse, dispatch; nothing else.

use std::process::ExitCode;

/// The C library's allocator gives memory back and takes it again with every burst of requests.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    novahouse::cli::run()
}
