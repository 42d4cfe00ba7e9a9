//! Pictures that visitors and the team send.
//!
//! ```text
//! rules.rs   what folders and file names may be, how much is taken    key.rs   a stored file's public name
//! clamd.rs   the malware scanner, where one is configured
//! ```

mod clamd;
mod key;
mod rules;

pub use clamd::{Admission, ScanError, Scanner, Verdict};
pub use key::{Extension, InvalidKey, UploadKey, Variant};
pub use rules::{Exceeded, Folder, InvalidFolder, Quotas, Used, clean_file_name};
