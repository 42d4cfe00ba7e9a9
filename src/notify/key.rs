//! Keys of any length and letters in a form that every other side takes.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// 32 hexadecimal digits, always the same for the same key.
pub(super) fn digest(key: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(key.as_bytes())[..16])
}
