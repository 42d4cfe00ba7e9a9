//! What happened, counted: sessions, messages, leads, visits and what became of them.
//!
//! Writes `analytics_sessions`, `analytics_events`, `analytics_quarters`, `analytics_days`, `analytics_state`.
//!
//! A slice in which something happens calls [`record`] in its own transaction: one row, without names, addresses or
//! texts. Counting follows later: events after the newest counted one are folded into counts per quarter of an hour
//! and per day, by a job and before every read, so that what is read is always complete.
//!
//! ```text
//! model.rs    events and metrics             events.rs    recording
//! origin.rs   where a visitor came from      device.rs    classes of devices
//! days.rs     days of the company's zone     histogram.rs times as labels
//! fold.rs     events become counts (pure)    counting.rs  counts up to date, again, and without their events
//! counts.rs   reading counts                 store.rs     all other SQL
//! reports/    what the numbers say           export.rs    everything as a file
//! ```

mod counting;
mod counts;
mod days;
mod device;
mod events;
mod export;
mod fold;
pub mod histogram;
mod http;
mod model;
mod origin;
mod reports;
mod service;
mod store;
mod traffic;

pub use counting::{export_session, forget_older, forget_session, older_than};
pub use counts::{Count, by_day, by_label, cells, total};
pub use days::{Period, Step, date_of, day_of};
pub use device::{Device, device};
pub use events::{Visit, begin, record, session_key, session_of, touch};
pub use fold::STAGES;
pub use http::AnalyticsApi;
pub use model::{Event, LeadSource, Metric, Outcome};
pub use origin::Origin;
pub use reports::Summary;
pub use service::{Analytics, AnalyticsCommand};
pub use traffic::sessions_since;
