//! Recording what happens.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::model::Event;
use super::origin::Origin;
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// Bytes of the digest that are kept: no two sessions share them.
const KEY_BYTES: usize = 16;

/// What the numbers know a session by: a digest, which opens nothing.
pub fn session_key(session_id: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(session_id.as_bytes())[..KEY_BYTES])
}

/// Number of a session in `analytics_sessions`, from its id; `None` when it is not known.
pub fn session_of(tx: &mut dyn Tx, session_id: &str) -> Result<Option<i64>, DbError> {
    tx.query_first(
        "SELECT id FROM analytics_sessions WHERE session_key = ?1",
        params![&session_key(session_id)],
    )?
    .map(|mut row| row.take(0))
    .transpose()
}

/// Records an event in the transaction in which it happens.
///
/// * `session`: number in `analytics_sessions`; `None`: nobody's, or of someone without a session.
pub fn record(
    tx: &mut dyn Tx,
    session: Option<i64>,
    event: &Event,
    at_ms: i64,
) -> Result<(), DbError> {
    let details =
        serde_json::to_string(event).map_err(|error| DbError::Internal(error.to_string()))?;
    tx.insert(
        "INSERT INTO analytics_events (at_ms, session_id, kind, details_json) VALUES (?1, ?2, ?3, ?4)",
        params![at_ms, session, event.kind(), &details],
    )?;
    Ok(())
}

/// What is known of a visitor when a session is first seen.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The conversation's language, or the page's.
    pub lang: Lang,
    /// `desktop`, `phone`, `tablet` or `unknown`.
    pub device: &'static str,
    /// As in `analytics_sessions`.
    pub browser: &'static str,
    /// The client's network, truncated.
    pub address_prefix: Option<String>,
    /// Where the visitor came from.
    pub origin: Origin,
}

impl Visit {
    /// A visit of which only the language is known.
    pub fn unknown(lang: Lang) -> Self {
        Self {
            lang,
            device: "unknown",
            browser: "other",
            address_prefix: None,
            origin: Origin::direct(),
        }
    }
}

/// The session's number; one that is first seen begins with what is known of its visitor. Part of the transaction in
/// which it is seen.
///
/// * A session that is known only takes note of a new touch.
pub fn begin(
    tx: &mut dyn Tx,
    session_id: &str,
    visit: &Visit,
    now_ms: i64,
) -> Result<i64, DbError> {
    if let Some(id) = session_of(tx, session_id)? {
        touch(tx, id, &visit.origin, now_ms)?;
        return Ok(id);
    }
    let origin = &visit.origin;
    let id = tx.insert(
        "INSERT INTO analytics_sessions (session_key, lang, device, browser, address_prefix, source, campaign, \
         landing_path, last_source, last_campaign, last_path, messages, active_ms, stage, started_at_ms, last_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?6, ?7, ?8, 0, 0, 1, ?9, ?9)",
        params![
            &session_key(session_id),
            visit.lang.code(),
            visit.device,
            visit.browser,
            visit.address_prefix.as_deref(),
            &origin.source,
            &origin.campaign,
            &origin.path,
            now_ms
        ],
    )?;
    record(tx, Some(id), &Event::SessionStarted, now_ms)?;
    Ok(id)
}

/// Notes that the visitor of a session came once more. A visit from nowhere takes nothing from the touch before.
pub fn touch(tx: &mut dyn Tx, session: i64, origin: &Origin, now_ms: i64) -> Result<(), DbError> {
    if !origin.is_touch() {
        return Ok(());
    }
    let Origin {
        source,
        campaign,
        path,
    } = origin.clone();
    let event = Event::Touched {
        source,
        campaign,
        path,
    };
    record(tx, Some(session), &event, now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::model::{LeadSource, Outcome};

    #[test]
    fn every_event_is_stored_under_the_name_it_is_read_by() {
        let events = [
            Event::SessionStarted,
            Event::Turn {
                intent: Some("price".into()),
                confidence: Some(0.5),
                outcome: Outcome::Unsure,
                sentiment: None,
                answer_ms: Some(3),
            },
            Event::LeadLeft {
                lead_id: 1,
                source: LeadSource::Quiz,
                package: None,
                property_type: None,
            },
            Event::PersonWrote,
            Event::SearchesCounted {
                found: 1,
                nothing: 2,
            },
        ];
        for event in events {
            let json = serde_json::to_value(&event).unwrap();
            assert_eq!(json["kind"], event.kind());
            assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
        }
    }
}
