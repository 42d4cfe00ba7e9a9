//! What happened, counted: sessions, messages, leads, visits and what became of them.
//!
//! Writes `analytics_sessions`, `analytics_events`, `analytics_quarters`, `analytics_days`, `analytics_months`,
//! `analytics_state`, `request_times`, `process_load`, and the settings `conversion_model` and `reports`.
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
//! sentiment/  the mood of messages           conversion/  how likely a visitor becomes a client
//! performance/  how fast requests are answered, and what the process takes
//! weekly/     the week in five lines         active.rs    who is there now
//! ```

mod active;
mod conversion;
mod counting;
mod counts;
mod days;
mod device;
mod events;
mod export;
mod fold;
pub mod histogram;
mod http;
mod insight_http;
mod interests;
mod model;
mod origin;
mod performance;
mod reports;
pub mod sentiment;
mod service;
mod store;
mod traffic;
mod weekly;

pub use active::{Active, active_since};
pub use conversion::{CONVERSION_JOB, Conversion};
pub use counting::{export_session, forget_older, forget_session, older_than};
pub use counts::{Count, by_day, by_label, cells, total};
pub use days::{Period, Step, date_of, day_of};
pub use device::{Device, device};
pub use events::{Visit, begin, record, session_key, session_of, touch};
pub use fold::STAGES;
pub use http::{AnalyticsApi, days as asked_days, within};
pub use insight_http::InsightApi;
pub use model::{Event, LeadSource, Metric, Outcome};
pub use origin::Origin;
pub use performance::{Performance, purge as purge_performance};
pub use reports::Summary;
pub use service::{Analytics, AnalyticsCommand};
pub use traffic::sessions_since;
pub use weekly::{ReportSettings, WEEKLY_JOB, Weekly};
