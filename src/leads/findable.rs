//! Leads as search reads them.

use super::store;
use super::{Email, Phone};
use crate::params;
use crate::platform::db::{DbError, Tx};

/// Number and time of the last change of every lead outside of the spam folder.
pub fn lead_versions(tx: &mut dyn Tx) -> Result<Vec<(i64, i64)>, DbError> {
    tx.query(
        "SELECT id, updated_at_ms FROM leads WHERE is_spam = 0",
        params![],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
    .collect()
}

/// A lead's name, and everything else it can be found by, a line each.
pub fn lead_text(tx: &mut dyn Tx, id: i64) -> Result<Option<(String, String)>, DbError> {
    let Some(lead) = store::lead(tx, id)? else {
        return Ok(None);
    };
    let mut lines: Vec<String> = Vec::new();
    lines.extend(lead.email.as_ref().map(Email::to_string));
    lines.extend(lead.phone.as_ref().map(Phone::to_string));
    lines.extend(lead.phone.as_ref().map(|phone| phone.e164().to_owned()));
    for text in [
        &lead.location,
        &lead.interested_package,
        &lead.property_type,
        &lead.message,
        &lead.additional_info,
        &lead.notes,
    ] {
        lines.extend(text.clone());
    }
    lines.extend(lead.tags.iter().cloned());
    Ok(Some((lead.name.clone(), lines.join("\n"))))
}
