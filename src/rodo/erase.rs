//! Erasing a person: one transaction in the database, then every copy elsewhere.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::tombstones::Tombstone;
use super::{Person, RodoError, holds, register::Register, store};
use crate::accounts::audit;
use crate::chat::{self, ERASED_JOB};
use crate::platform::clock::to_rfc3339;
use crate::platform::db::{DbError, Tx};
use crate::platform::http::forget_idempotent;
use crate::platform::jobs::{NewJob, enqueue, enqueue_at};
use crate::platform::secrets::{Secrets, random_bytes};
use crate::{bookings, leads, quotes, uploads};

/// The job that finishes what a server that went down left undone; its payload is the erasure's number.
pub const FINISH_JOB: &str = "rodo.finish_erasure";
/// Whoever erases finishes it at once, so the job is for those who cannot any more.
const FINISHED_WITHIN_MS: i64 = 10_000;
/// Bytes of a receipt's random name.
const RECEIPT_BYTES: usize = 16;

/// What stays of somebody, without them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct Kept {
    /// `table.column` that was blanked.
    pub what: String,
    /// How many rows.
    pub rows: u64,
    /// Why they stay.
    pub why: String,
}

/// What an erasure did.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The erasure's number.
    pub(super) id: i64,
    /// Its name, random.
    pub receipt: String,
    /// When it was erased.
    pub erased_at_ms: i64,
    /// How many of what are gone.
    pub deleted: BTreeMap<String, u64>,
    /// What stays.
    pub kept: Vec<Kept>,
}

/// Counts of what went, and of accepted quotes that stay.
pub(super) struct Removed {
    pub(super) deleted: BTreeMap<String, u64>,
    pub(super) kept_quotes: u64,
}

/// Removes everything of a person from the database, and has the search index follow.
pub(super) fn remove(tx: &mut dyn Tx, person: &Person, now_ms: i64) -> Result<Removed, DbError> {
    let mut removed = remove_rows(tx, person, now_ms)?;
    for text in person.values() {
        forget_idempotent(tx, &text)?;
        let requests = store::erase_requests(tx, &text)?;
        *removed.deleted.entry("requests".to_owned()).or_insert(0) += requests;
    }
    sync_index(tx, now_ms)?;
    Ok(removed)
}

/// Has the search index follow what was removed.
pub(super) fn sync_index(tx: &mut dyn Tx, now_ms: i64) -> Result<(), DbError> {
    let job = NewJob {
        kind: ERASED_JOB,
        payload_json: "{}",
        dedupe_key: None,
    };
    enqueue(tx, &job, now_ms)
}

/// Removes the sessions, bookings and leads of a person with all that belongs to them.
pub(super) fn remove_rows(
    tx: &mut dyn Tx,
    person: &Person,
    now_ms: i64,
) -> Result<Removed, DbError> {
    let mut deleted: BTreeMap<String, u64> = BTreeMap::new();
    let mut kept_quotes = 0;
    let mut add = |name: &str, rows: u64| *deleted.entry(name.to_owned()).or_insert(0) += rows;
    for session in &person.sessions {
        kept_quotes += quotes::person::accepted_in_session(tx, session)?.unsigned_abs();
        let erased = chat::person::erase_session(tx, session)?;
        add("sessions", erased.conversations);
        add("messages", erased.messages);
        add("notes", erased.notes);
        add("consents", erased.consents);
        add("quotes", erased.quotes);
        add("letters", erased.letters);
        add("experiments", erased.experiments);
        add("uploads", uploads::erase_session(tx, session)?);
        audit::forget_session(tx, session)?;
    }
    // Before the leads, which bookings refer to.
    for id in &person.bookings {
        let (bookings, letters) = bookings::person::erase(tx, *id)?;
        add("bookings", bookings);
        add("letters", letters);
    }
    for id in &person.leads {
        let (open, accepted) = quotes::person::erase_lead(tx, *id)?;
        let (leads, letters) = leads::person::erase(tx, *id, now_ms)?;
        kept_quotes += accepted;
        add("quotes", open);
        add("leads", leads);
        add("letters", letters);
    }
    Ok(Removed {
        deleted,
        kept_quotes,
    })
}

/// Erases a person from the database and writes what is needed to finish it elsewhere. Part of the caller's transaction.
///
/// * `actor`: who erases, as in the audit log.
///
/// Errors: a legal hold forbids it.
pub(super) fn erase(
    tx: &mut dyn Tx,
    person: &Person,
    actor: &str,
    secrets: &Secrets,
    now_ms: i64,
) -> Result<Receipt, RodoError> {
    if let Some(reason) = holds::holding(tx, person, secrets)? {
        return Err(RodoError::OnHold(reason));
    }
    let removed = remove(tx, person, now_ms)?;
    note(tx, person, removed, actor, secrets, now_ms)
}

/// Writes receipt, tombstone, audit entry and job of an erasure that this transaction did.
pub(super) fn note(
    tx: &mut dyn Tx,
    person: &Person,
    removed: Removed,
    actor: &str,
    secrets: &Secrets,
    now_ms: i64,
) -> Result<Receipt, RodoError> {
    let name = data_encoding::HEXLOWER.encode(&random_bytes::<RECEIPT_BYTES>()?);
    let kept = kept(removed.kept_quotes)?;
    let receipt = Receipt {
        id: 0,
        receipt: name,
        erased_at_ms: now_ms,
        deleted: removed.deleted,
        kept,
    };
    let tombstone = Tombstone::of(person, &receipt.receipt, now_ms, secrets);
    let id = store::insert_erasure(tx, &receipt, actor, &tombstone)?;
    let details = json!({"receipt": receipt.receipt, "deleted": receipt.deleted});
    audit::record(tx, actor, "data_deleted", None, &details, now_ms)?;
    let job = NewJob {
        kind: FINISH_JOB,
        payload_json: &id.to_string(),
        dedupe_key: None,
    };
    enqueue_at(tx, &job, now_ms + FINISHED_WITHIN_MS, now_ms)?;
    Ok(Receipt { id, ..receipt })
}

/// What the register says of accepted quotes, which are the only thing that stays.
fn kept(quotes: u64) -> Result<Vec<Kept>, RodoError> {
    if quotes == 0 {
        return Ok(Vec::new());
    }
    let register = Register::read()?;
    let of_quotes = register
        .blanked()
        .filter(|(column, _)| column.starts_with("quotes."));
    Ok(of_quotes
        .map(|(column, why)| Kept {
            what: column.to_owned(),
            rows: quotes,
            why: why.to_owned(),
        })
        .collect())
}

impl Receipt {
    /// For people, a few lines.
    pub fn told(&self) -> String {
        let mut lines = vec![
            format!("receipt {}", self.receipt),
            format!("erased {}", to_rfc3339(self.erased_at_ms)),
        ];
        lines.extend(
            self.deleted
                .iter()
                .filter(|(_, rows)| **rows > 0)
                .map(|(name, rows)| format!("  {rows} {name}")),
        );
        lines.extend(
            self.kept
                .iter()
                .map(|kept| format!("kept: {} rows of {}: {}", kept.rows, kept.what, kept.why)),
        );
        lines.join("\n")
    }
}
