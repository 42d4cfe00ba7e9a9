//! How likely a visitor becomes a client, from what became of visitors before: a logistic model over a handful of features
//! of a session, fitted again every night.
//!
//! A session counts once 90 days have passed since it began, so that all had the same time to become clients; what its
//! lead became within them is the outcome. The model is kept in the setting `conversion_model`.
//!
//! ```text
//! features.rs   what the model sees of a session     regression.rs   the fit     calibration.rs  how well it holds
//! store.rs      sessions and their events            service.rs      every night, and for one session
//! ```

mod calibration;
mod features;
mod regression;
mod service;
mod store;

pub use features::FEATURES;
pub use service::{CONVERSION_JOB, CONVERSIONS_MIN, Conversion, Model, probability};
