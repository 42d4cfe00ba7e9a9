//! What leaves the house: messages to people (e-mail, SMS).
//!
//! Only [`outbox`] knows the database. Its row says what is to be sent; its job renders it ([`messages`]), sends it
//! ([`mail`], [`sms`]) and asks [`retry`] when to try again. Every road answers with the same [`SendError`], which holds
//! nothing of the person and may be kept and logged.

pub(crate) mod api;
mod failure;
mod key;
pub mod mail;
pub mod messages;
pub mod outbox;
pub mod retry;
pub mod sms;
#[cfg(test)]
pub(crate) mod test_peer;

pub use failure::SendError;
