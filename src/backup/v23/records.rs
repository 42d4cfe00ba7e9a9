//! Consents and audit entries of 2.3.

use std::net::IpAddr;

use serde_json::json;

use super::mapping;
use super::report::{Outcome, Report};
use super::source::{Row, Source};
use super::values::{self, Fault};
use crate::accounts::audit;
use crate::chat::{self, SessionId};
use crate::platform::db::{DbError, Tx};

const ACTION_MAX_BYTES: usize = 60;

pub(super) fn take_consents(
    tx: &mut dyn Tx,
    source: &Source,
    now_ms: i64,
    report: &mut Report,
) -> Result<(), DbError> {
    for table in mapping::CONSENTS {
        for row in source.rows(table) {
            let outcome = match consent(row, now_ms) {
                Ok((session, is_given, address, at_ms)) => {
                    let is_new = chat::take_over_consent(tx, &session, is_given, address, at_ms)?;
                    counted(is_new)
                }
                Err(fault) => Outcome::LeftOut(fault),
            };
            report.row(table, row.id(), outcome);
        }
    }
    Ok(())
}

fn counted(is_new: bool) -> Outcome {
    if is_new {
        Outcome::Taken
    } else {
        Outcome::Known
    }
}

/// Whose, whether given, from where and when.
fn consent(row: &Row, now_ms: i64) -> Result<(SessionId, bool, Option<IpAddr>, i64), Fault> {
    let session = session(&values::needed_text(row, mapping::SESSION)?)?;
    let is_given = values::needed_answer(row, mapping::GIVEN)?;
    let at_ms = values::needed_time(row, mapping::CONSENTED, now_ms)?;
    // An address that is none was worth as little as no address.
    let address = values::text(row, mapping::ADDRESS).ok().flatten();
    Ok((
        session,
        is_given,
        address.and_then(|text| text.parse().ok()),
        at_ms,
    ))
}

fn session(id: &str) -> Result<SessionId, Fault> {
    SessionId::foreign(id).map_err(|_| ("session_id", "is none that can be used".to_owned()))
}

pub(super) fn take_audit(
    tx: &mut dyn Tx,
    source: &Source,
    now_ms: i64,
    report: &mut Report,
) -> Result<(), DbError> {
    for table in mapping::AUDIT {
        for row in source.rows(table) {
            let outcome = match entry(row, now_ms) {
                Ok(entry) => {
                    let session_id = entry.session.as_ref().map(SessionId::as_str);
                    let details = json!({ "v23_id": entry.id });
                    let is_new = audit::take_over(
                        tx,
                        entry.actor,
                        &entry.action,
                        session_id,
                        &details,
                        entry.at_ms,
                    )?;
                    counted(is_new)
                }
                Err(fault) => Outcome::LeftOut(fault),
            };
            report.row(table, row.id(), outcome);
        }
    }
    Ok(())
}

/// What was done, by whom, and when.
struct Entry {
    id: i64,
    action: String,
    actor: &'static str,
    session: Option<SessionId>,
    at_ms: i64,
}

fn entry(row: &Row, now_ms: i64) -> Result<Entry, Fault> {
    let action = values::needed_text(row, mapping::ACTION)?.to_lowercase();
    let action = action.replace([' ', '-'], "_");
    let is_word = action.len() <= ACTION_MAX_BYTES
        && action
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_word {
        return Err(("action", "is no word of letters, digits and _".into()));
    }
    // Who it was 2.3 did not know: nobody had to sign in.
    let is_admin = values::text(row, mapping::ADMIN)?.is_some();
    let session_id = values::text(row, mapping::SESSION)?;
    Ok(Entry {
        id: row.id().ok_or(("id", "is missing".to_owned()))?,
        action: format!("v23_{action}"),
        actor: if is_admin {
            audit::SYSTEM
        } else {
            audit::VISITOR
        },
        session: session_id.map(|id| session(&id)).transpose()?,
        at_ms: values::needed_time(row, mapping::HAPPENED, now_ms)?,
    })
}
