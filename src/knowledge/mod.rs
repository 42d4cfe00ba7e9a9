//! What the company knows: facts, documents, answers and phrases, in three languages.
//!
//! Owns the tables `intents`, `intent_phrases`, `answers`, `entities`, `documents` and `settings`. The pack
//! (assets/knowledge, or the same files from elsewhere) is read into them at first start; after that the database is
//! the truth. Readers use a [`Snapshot`]: everything a chat turn needs, rendered, behind one atomic pointer.

mod company;
mod documents_http;
mod error;
mod i18n_http;
mod import;
mod intents_http;
mod language;
mod opening;
mod pack;
mod public_http;
mod service;
mod settings_http;
mod shapes;
mod snapshot;
mod store;
mod template;
mod views;

pub use company::{Company, Hours};
pub use documents_http::DocumentsApi;
pub use error::KnowledgeError;
pub use i18n_http::I18nApi;
pub use intents_http::{EntitiesApi, IntentsApi};
pub use language::{named_lang, request_lang};
pub use opening::{OpeningState, opening_state};
pub use pack::{Pack, PerLang};
pub use public_http::PublicApi;
pub use service::{Knowledge, model_at};
pub use settings_http::SettingsApi;
pub use shapes::Package;
pub use snapshot::{Intent, QuickReply, Snapshot, Source, SystemText};

/// Sections of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What the company tells everyone, and the documents behind it.
    Knowledge,
    /// Languages, translations and detection.
    Languages,
    /// What the assistant recognises.
    Understanding,
    /// The company's facts.
    Settings,
}
