//! Leads: people who left a way to reach them, from the chat, the form and the quiz.
//!
//! Owns the table `leads`. The same person (normalised e-mail, E.164 phone, or the same visitor's session) who comes back
//! within 30 days joins the open lead; nothing said before is lost.
//!
//! Other slices call [`upsert`] inside their own transaction and [`Leads::announce`] after its commit, and
//! [`of_session`] and [`erase_session`] for a visitor's rights over their data.

mod contact;
mod error;
mod findable;
mod http;
mod letters;
mod model;
pub mod person;
mod rules;
#[cfg(test)]
mod rules_tests;
mod service;
mod store;
mod views;

pub use contact::{Email, Phone};
pub use error::LeadError;
pub use findable::{lead_text, lead_versions};
pub use http::{LeadConsentRequest, LeadsApi};
pub(crate) use letters::greeted;
pub use model::{Consent, ConsentGiven, Lead, NewLead, Saved, ScoreReason, Source, Status, Touch};
pub use person::Trace;
pub use service::{Leads, consultation_booked, erase_session, of_session, upsert};
pub use views::LeadView;
