//! The week in five lines, by letter to the team on Mondays at seven on the company's clock; one that was missed while the
//! machine was off is written when it is on again.

mod rules;
mod service;
mod settings;

pub use service::{WEEKLY_JOB, Weekly};
pub use settings::ReportSettings;
