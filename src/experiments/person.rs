//! What the rights over personal data need of experiments: what a session saw. The result of one that has ended names
//! nobody and stays.

use poem_openapi::Object;

use super::store::exposures;
use crate::analytics::session_key;
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};

/// An experiment that has not ended, as a visitor saw it.
#[derive(Debug, Object)]
pub struct SeenExperiment {
    /// Its name.
    experiment: String,
    /// Name of the variant that was shown.
    variant: String,
    /// When it was first seen; RFC 3339.
    seen_at: String,
    /// When what it counts happened; RFC 3339.
    counted_at: Option<String>,
    /// What the website reported as its value.
    reported_value: Option<f64>,
    /// When the visitor used what is varied, as the website reported; RFC 3339.
    used_at: Option<String>,
    /// When what it guards against happened; RFC 3339.
    guarded_at: Option<String>,
}

/// What a session saw and did in experiments that have not ended.
pub fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<SeenExperiment>, DbError> {
    let seen = exposures::of_session(tx, &session_key(session_id))?;
    let told = |seen: exposures::Seen| SeenExperiment {
        experiment: seen.experiment,
        variant: seen.variant,
        seen_at: to_rfc3339(seen.exposed_at_ms),
        counted_at: seen.goal_at_ms.map(to_rfc3339),
        reported_value: seen.value,
        used_at: seen.engaged_at_ms.map(to_rfc3339),
        guarded_at: seen.guard_at_ms.map(to_rfc3339),
    };
    Ok(seen.into_iter().map(told).collect())
}

/// Erases what a session saw and did; answers how many rows.
pub fn erase_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    exposures::erase(tx, &session_key(session_id))
}
