//! Text messages: what they cost in parts, and the two ways to send them.

mod gsm7;
mod provider;
mod smsapi;
mod twilio;

#[cfg(test)]
mod tests;

pub use gsm7::{Encoding, Prepared, TooLong};
pub use provider::{Accepted, Cost, Delivery, DeliveryStatus, SmsProvider};
pub use smsapi::SmsApi;
pub use twilio::{Twilio, TwilioSender};
