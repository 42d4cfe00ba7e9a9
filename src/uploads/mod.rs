//! What visitors and the team upload.

pub mod imaging;
