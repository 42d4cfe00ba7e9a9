//! What happened, counted: sessions, messages, leads, visits and what became of them.
//!
//! Writes `analytics_sessions`, `analytics_events`, `analytics_quarters`, `analytics_days`, `analytics_state`.
//!
//! A slice in which something happens calls [`record`] in its own transaction: one row, without names, addresses or
//! texts. Counting follows later: events after the newest counted one are folded into counts per quarter of an hour
//! and per day, by a job and before every read, so that what is read is always complete.
//!
//! ```text
//! model.rs    events and metrics     events.rs   recording     counts.rs   reading counts
//! histogram.rs  times as labels
//! ```

mod counts;
mod events;
pub mod histogram;
mod model;
pub mod sentiment;

pub use counts::{Count, by_day, by_label, total};
pub use events::{record, session_key, session_of};
pub use model::{Event, LeadSource, Metric, Outcome};
