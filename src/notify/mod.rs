//! What leaves the house: messages to people (e-mail, SMS) and to programs (webhooks, Monday.com).
//!
//! Nothing here knows the database. A row of the outbox says what is to be sent; its worker renders it
//! ([`messages`]), sends it ([`mail`], [`sms`], [`webhooks`], [`monday`]) and asks [`retry`] when to try again. Every
//! road answers with the same [`SendError`], which holds nothing of the person and may be kept and logged.

mod api;
mod failure;
mod key;
pub mod mail;
pub mod messages;
pub mod monday;
pub mod retry;
pub mod sms;
#[cfg(test)]
mod test_peer;
pub mod webhooks;

pub use failure::SendError;
