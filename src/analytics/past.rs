//! Sessions that did not just begin: what generated data is made of.

use super::events::session_key;
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::{DbError, Tx};

/// A session as it stands when it begins; fields as in schema.sql. What it did since is counted from its events.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct PastSession<'a> {
    /// The visitor's session id; only its digest is kept.
    pub session_id: &'a str,
    pub lang: Lang,
    pub device: &'a str,
    pub browser: &'a str,
    pub address_prefix: &'a str,
    pub source: &'a str,
    pub campaign: &'a str,
    pub landing_path: &'a str,
    pub last_source: &'a str,
    pub last_campaign: &'a str,
    pub last_path: &'a str,
    /// Milliseconds UTC.
    pub started_at_ms: i64,
}

/// Keeps a session; answers its number. Its events, beginning with `Event::SessionStarted`, are the caller's.
pub fn keep_past_session(tx: &mut dyn Tx, past: &PastSession<'_>) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO analytics_sessions (session_key, lang, device, browser, address_prefix, source, campaign, \
         landing_path, last_source, last_campaign, last_path, messages, active_ms, stage, first_active_day, \
         last_active_day, started_at_ms, last_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 1, NULL, NULL, ?12, ?12)",
        params![
            &session_key(past.session_id),
            past.lang.code(),
            past.device,
            past.browser,
            past.address_prefix,
            past.source,
            past.campaign,
            past.landing_path,
            past.last_source,
            past.last_campaign,
            past.last_path,
            past.started_at_ms
        ],
    )
}
