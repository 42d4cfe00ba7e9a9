//! What the company knows: facts, documents, answers and phrases, in three languages.
//!
//! Owns the tables `intents`, `intent_phrases`, `answers`, `entities`, `documents` and
//! `model_versions`, and the settings `company`,
//! `languages` and `widget`. The pack
//! (assets/knowledge, or the same files from elsewhere) is read into them at first start; after that the database is
//! the truth. Readers use a [`Snapshot`]: everything a chat turn needs, rendered, behind one atomic pointer.

mod company;
mod document;
mod documents_http;
mod error;
mod i18n_http;
mod intents;
mod intents_http;
mod language;
mod nlu_http;
mod opening;
mod pack;
mod pack_http;
mod public_http;
mod published;
mod service;
mod shapes;
mod snapshot;
mod sources;
mod store;
mod template;
mod training;
mod training_http;
mod versions;
mod views;
mod widget;

pub use company::{Company, Hours};
pub use documents_http::DocumentsApi;
pub use error::KnowledgeError;
pub use i18n_http::I18nApi;
pub use intents::{NewIntent, add_intent, add_phrases};
pub use intents_http::{EntitiesApi, IntentsApi};
pub use language::{Offered, named_lang, request_lang};
pub use nlu_http::NluApi;
pub use opening::{OpeningState, opening_state};
pub use pack::{ARCHIVE_MAX_BYTES as PACK_MAX_BYTES, Pack, PackCounts, PerLang};
pub use pack_http::PackApi;
pub use public_http::PublicApi;
pub use published::Published;
pub use service::{CHANGED_JOB, Knowledge, PublicFacts};
pub use shapes::Package;
pub use snapshot::{Intent, QuickReply, Snapshot, SystemText};
pub use sources::Source;
pub use template::fill;
pub use training::{TRAIN_JOB, snapshot_at, understanding_at};
pub use training_http::TrainingApi;
pub use versions::ModelVersion;
pub use widget::{ChatTexts, Colours, Texts, Widget};

use crate::nlu::Phrase;
use crate::platform::db::{DbError, Tx};

/// Every phrase the assistant learns from, in a fixed order.
pub fn phrases(tx: &mut dyn Tx) -> Result<Vec<Phrase>, DbError> {
    store::phrases(tx)
}

/// Sections of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// What the company tells everyone, and the documents behind it.
    Knowledge,
    /// Languages, translations and detection.
    Languages,
    /// What the assistant recognises.
    Understanding,
}
