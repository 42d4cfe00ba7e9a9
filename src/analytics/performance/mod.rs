//! How fast requests are answered, and what the process takes: measured, by route and quarter of an hour.
//!
//! The front door counts in memory (`platform/timings.rs`). Every minute, before every read and at the end the counts are
//! added to `request_times`, so that what is read is complete; a crash loses a minute. After some days quarters become
//! days, and these go after 400.

mod service;
mod store;

pub use service::{Measured, Performance, RouteTimes, purge};
