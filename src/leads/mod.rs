//! Leads: people who left a way to reach them, from the chat, the form and the quiz.
//!
//! Owns the tables `leads`, `lead_history`, `lead_notes` and `lead_sessions`, and the settings `leads` and
//! `leads_last_assigned`. The same person (normalised e-mail, E.164 phone, or the same visitor's session) who comes back
//! within 30 days joins the open lead; nothing said before is lost.
//!
//! Other slices call [`upsert`] inside their own transaction and [`Leads::announce`] after its commit, or
//! [`Leads::submit_form`] for a form of a page; [`of_session`], [`of_contact`], [`notes`], [`erase_session`] and [`erase`]
//! serve people's rights over their data. Every change passes `changes.rs`.

mod changes;
mod cleaning;
mod contact;
mod counted;
mod edit;
mod error;
mod export;
mod files_http;
mod filter;
mod findable;
mod hooks;
mod http;
mod import;
mod letters;
mod marks;
mod merge;
mod model;
pub mod person;
mod proof;
mod rotation;
mod rules;
#[cfg(test)]
mod rules_tests;
mod service;
mod store;
mod team;
mod team_bodies;
mod team_http;
mod timeline;
mod views;

pub(crate) use cleaning::{host as host_of, path as path_of};
pub use contact::{Email, Phone};
pub(crate) use counted::session as analytics_session;
pub use error::LeadError;
pub(crate) use export::harmless;
pub use files_http::LeadFilesApi;
pub use findable::{lead_text, lead_versions};
pub use http::{LeadConsentRequest, LeadsApi};
pub use import::IMPORT_MAX_BYTES;
pub(crate) use letters::greeted;
pub use marks::Marks;
pub use model::{
    Consent, ConsentGiven, Lead, NewLead, Saved, ScoreReason, Source, SpamReason, Status, Touch,
};
pub use person::Trace;
pub use rotation::LeadSettings;
pub use service::{
    Leads, consultation_booked, erase, erase_session, find, of_contact, of_session,
    set_monday_item, upsert,
};
pub use team_http::TeamLeadsApi;
pub use timeline::{LeadNoteView, notes};
pub use views::LeadView;

/// Sections of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// People who left a way to reach them.
    Leads,
}
