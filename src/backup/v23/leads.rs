//! Leads of 2.3.

use super::mapping::{self, Column};
use super::report::{Outcome, Report};
use super::source::{Row, Source};
use super::values::{self, Fault};
use crate::leads::{self, OldLead, Status};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};

pub(super) fn take_over(
    tx: &mut dyn Tx,
    source: &Source,
    now_ms: i64,
    report: &mut Report,
) -> Result<(), DbError> {
    let mut known = leads::taken_before(tx)?;
    for table in mapping::LEADS {
        for row in source.rows(table) {
            let Some(id) = row.id() else {
                let fault = ("id", "is missing".to_owned());
                report.row(table, None, Outcome::LeftOut(fault));
                continue;
            };
            let (old, mut faults) = read(row, id, now_ms);
            if !known.insert(old.key.clone()) {
                report.row(table, Some(id), Outcome::Known);
                continue;
            }
            match leads::read_old(old) {
                Ok((lead, more)) => {
                    leads::take_over(tx, lead, now_ms)?;
                    report.row(table, Some(id), Outcome::Taken);
                    faults.extend(more);
                }
                Err(fault) => report.row(table, Some(id), Outcome::LeftOut(fault)),
            }
            for fault in faults {
                report.without(table, Some(id), fault);
            }
        }
    }
    Ok(())
}

/// What a row says, and the fields that could not be read.
fn read(row: &Row, id: i64, now_ms: i64) -> (OldLead, Vec<Fault>) {
    let mut faults = Vec::new();
    let created = values::time(row, mapping::CREATED, now_ms);
    let created_ms = kept(&mut faults, created);
    let updated = values::time(row, mapping::UPDATED, now_ms);
    let updated_ms = kept(&mut faults, updated);
    let mut text = |column: Column| kept(&mut faults, values::text(row, column));
    let status_word = text(mapping::STATUS);
    let status = status_word
        .as_deref()
        .map_or(Some(Status::New), mapping::status);
    let more = [
        text(mapping::INFO),
        text(mapping::SUMMARY),
        text(mapping::BUDGET).map(|budget| format!("budget: {budget}")),
    ];
    let more: Vec<String> = more.into_iter().flatten().collect();
    let old = OldLead {
        key: format!(
            "{id} {}",
            created_ms.map_or_else(|| "-".to_owned(), to_rfc3339)
        ),
        session_id: text(mapping::SESSION),
        name: text(mapping::NAME),
        email: text(mapping::EMAIL),
        phone: text(mapping::PHONE),
        interested_package: text(mapping::PACKAGE),
        property_size: text(mapping::SIZE),
        property_type: text(mapping::KIND),
        location: text(mapping::LOCATION),
        message: text(mapping::LEAD_MESSAGE),
        additional_info: (!more.is_empty()).then(|| more.join("\n")),
        note: text(mapping::NOTES),
        monday_item_id: text(mapping::MONDAY),
        source: mapping::lead_source(&text(mapping::SOURCE).unwrap_or_default()),
        status: status.unwrap_or(Status::New),
        created_at_ms: created_ms.or(updated_ms).unwrap_or(now_ms),
        updated_at_ms: updated_ms.or(created_ms).unwrap_or(now_ms),
    };
    if status.is_none() {
        faults.push(("status", "is no word of 2.3; it is new again".into()));
    }
    if created_ms.is_none() && updated_ms.is_none() {
        let why = "has no time; it has that of the import";
        faults.push(("created_at", why.into()));
    }
    (old, faults)
}

/// The value, or nothing with the reason noted.
fn kept<T>(faults: &mut Vec<Fault>, read: Result<Option<T>, Fault>) -> Option<T> {
    read.unwrap_or_else(|fault| {
        faults.push(fault);
        None
    })
}
