//! What every feature stands on and what knows no feature: the store, the front door, jobs, cache, clock, secrets.

pub mod blobs;
pub mod byte_search;
pub mod cache;
pub mod clock;
pub mod control;
pub mod db;
pub mod folding;
pub mod histogram;
pub mod http;
pub mod jobs;
pub mod link;
pub mod metrics;
pub mod process;
pub mod secrets;
pub mod sentences;
pub mod settings;
pub mod timings;
