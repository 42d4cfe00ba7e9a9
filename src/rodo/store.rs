//! All SQL over `erasures`, `privacy_requests` and `legal_holds`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::erase::Receipt;
use super::requests::{Kind, Request};
use super::tombstones::Tombstone;
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

fn json(value: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Internal(error.to_string()))
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Internal(error.to_string()))
}

/// Writes a receipt with its tombstone; answers its number.
pub(super) fn insert_erasure(
    tx: &mut dyn Tx,
    receipt: &Receipt,
    actor: &str,
    tombstone: &Tombstone,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO erasures (receipt, actor, counts_json, kept_json, tombstone_json, created_at_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            &receipt.receipt,
            actor,
            &json(&receipt.deleted)?,
            &json(&receipt.kept)?,
            &json(tombstone)?,
            receipt.erased_at_ms
        ],
    )
}

/// The tombstone of an erasure that is not finished.
pub(super) fn unfinished(tx: &mut dyn Tx, id: i64) -> Result<Option<Tombstone>, DbError> {
    tx.query_first(
        "SELECT tombstone_json FROM erasures WHERE id = ?1 AND completed_at_ms IS NULL",
        params![id],
    )?
    .map(|mut row| parsed(&row.take::<String>(0)?))
    .transpose()
}

/// Notes that the last copy is gone.
pub(super) fn finish_erasure(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE erasures SET completed_at_ms = ?2 WHERE id = ?1 AND completed_at_ms IS NULL",
        params![id, now_ms],
    )?;
    Ok(())
}

/// A receipt by its name, who erased, and when the last copy was gone.
pub(super) fn receipt(
    tx: &mut dyn Tx,
    name: &str,
) -> Result<Option<(Receipt, String, Option<i64>)>, DbError> {
    let row = tx.query_first(
        "SELECT id, receipt, actor, counts_json, kept_json, created_at_ms, completed_at_ms FROM erasures \
         WHERE receipt = ?1",
        params![name],
    )?;
    row.map(|mut row| {
        let receipt = Receipt {
            id: row.take(0)?,
            receipt: row.take(1)?,
            deleted: parsed(&row.take::<String>(3)?)?,
            kept: parsed(&row.take::<String>(4)?)?,
            erased_at_ms: row.take(5)?,
        };
        Ok((receipt, row.take(2)?, row.take(6)?))
    })
    .transpose()
}

/// Stores a request; answers its number.
pub(super) fn insert_request(
    tx: &mut dyn Tx,
    request: &Request,
    token_hash: &[u8; 32],
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO privacy_requests (token_hash, kind, identifier, lang, attempts, state, created_at_ms, expires_at_ms) \
         VALUES (?1, ?2, ?3, ?4, 0, 'open', ?5, ?6)",
        params![
            token_hash,
            request.kind.as_str(),
            &request.identifier,
            request.lang.code(),
            request.created_at_ms,
            request.expires_at_ms
        ],
    )
}

macro_rules! select_request {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, identifier, lang, code_hash, attempts, created_at_ms, expires_at_ms FROM privacy_requests ",
            $rest
        )
    };
}

/// An open request by its number.
pub(super) fn request(tx: &mut dyn Tx, id: i64) -> Result<Option<Request>, DbError> {
    tx.query_first(
        select_request!("WHERE id = ?1 AND state = 'open'"),
        params![id],
    )?
    .map(request_of)
    .transpose()
}

/// An open request by the hash of its public name.
pub(super) fn request_named(
    tx: &mut dyn Tx,
    token_hash: &[u8; 32],
) -> Result<Option<Request>, DbError> {
    tx.query_first(
        select_request!("WHERE token_hash = ?1 AND state = 'open'"),
        params![token_hash],
    )?
    .map(request_of)
    .transpose()
}

/// A request whose export waits, by the hash of its link's token.
pub(super) fn request_ready(
    tx: &mut dyn Tx,
    download_hash: &[u8; 32],
) -> Result<Option<Request>, DbError> {
    tx.query_first(
        select_request!("WHERE download_hash = ?1 AND state = 'ready'"),
        params![download_hash],
    )?
    .map(request_of)
    .transpose()
}

fn request_of(mut row: Row) -> Result<Request, DbError> {
    Ok(Request {
        id: row.take(0)?,
        kind: row.word::<Kind>(1)?,
        identifier: row.take(2)?,
        lang: row.word(3)?,
        code_hash: row.take(4)?,
        attempts: row.take(5)?,
        created_at_ms: row.take(6)?,
        expires_at_ms: row.take(7)?,
    })
}

/// Keeps the hash of the code that is sent.
pub(super) fn set_code(tx: &mut dyn Tx, id: i64, code_hash: &[u8; 32]) -> Result<(), DbError> {
    tx.execute(
        "UPDATE privacy_requests SET code_hash = ?2 WHERE id = ?1",
        params![id, code_hash],
    )?;
    Ok(())
}

/// Counts a code that was tried.
pub(super) fn count_attempt(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE privacy_requests SET attempts = attempts + 1 WHERE id = ?1",
        params![id],
    )?;
    Ok(())
}

/// Lets an export be fetched until a time; the code is used up.
pub(super) fn make_ready(
    tx: &mut dyn Tx,
    id: i64,
    download_hash: &[u8; 32],
    until_ms: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE privacy_requests SET state = 'ready', code_hash = NULL, download_hash = ?2, expires_at_ms = ?3 \
         WHERE id = ?1",
        params![id, download_hash, until_ms],
    )?;
    Ok(())
}

/// Ends a request.
pub(super) fn close(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    tx.execute(
        "UPDATE privacy_requests SET state = 'closed', code_hash = NULL, download_hash = NULL WHERE id = ?1",
        params![id],
    )?;
    Ok(())
}

/// Requests of somebody, by what they are reached by.
pub(super) fn requests_of(
    tx: &mut dyn Tx,
    identifier: &str,
) -> Result<Vec<(i64, Kind, i64)>, DbError> {
    let rows = tx.query(
        "SELECT id, kind, created_at_ms FROM privacy_requests WHERE identifier = ?1 ORDER BY id",
        params![identifier],
    )?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.word(1)?, row.take(2)?)))
        .collect()
}

/// Removes the requests of somebody and the letters with their codes; answers how many requests.
pub(super) fn erase_requests(tx: &mut dyn Tx, identifier: &str) -> Result<u64, DbError> {
    for (id, ..) in requests_of(tx, identifier)? {
        forget_letter(tx, id)?;
    }
    tx.execute(
        "DELETE FROM privacy_requests WHERE identifier = ?1",
        params![identifier],
    )
}

/// Removes requests that ended before a time with their letters; answers how many.
pub(super) fn purge_requests(tx: &mut dyn Tx, before_ms: i64) -> Result<u64, DbError> {
    let rows = tx.query(
        "SELECT id FROM privacy_requests WHERE expires_at_ms < ?1",
        params![before_ms],
    )?;
    for mut row in rows {
        forget_letter(tx, row.take(0)?)?;
    }
    tx.execute(
        "DELETE FROM privacy_requests WHERE expires_at_ms < ?1",
        params![before_ms],
    )
}

fn forget_letter(tx: &mut dyn Tx, id: i64) -> Result<(), DbError> {
    use crate::notify::outbox::{About, forget};
    forget(tx, About::PrivacyRequest(id))?;
    Ok(())
}

/// A hold as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    pub(super) id: i64,
    pub(super) macs: BTreeSet<String>,
    pub(super) reason: String,
    pub(super) created_by: String,
    pub(super) created_at_ms: i64,
}

/// Holds in force, the oldest first.
pub(super) fn holds(tx: &mut dyn Tx) -> Result<Vec<Hold>, DbError> {
    let rows = tx.query(
        "SELECT id, subject_json, reason, created_by, created_at_ms FROM legal_holds \
         WHERE released_at_ms IS NULL ORDER BY id",
        params![],
    )?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Hold {
                id: row.take(0)?,
                macs: parsed(&row.take::<String>(1)?)?,
                reason: row.take(2)?,
                created_by: row.take(3)?,
                created_at_ms: row.take(4)?,
            })
        })
        .collect()
}

/// Puts a hold on; answers its number.
pub(super) fn insert_hold(
    tx: &mut dyn Tx,
    macs: &BTreeSet<String>,
    reason: &str,
    created_by: &str,
    now_ms: i64,
) -> Result<i64, DbError> {
    tx.insert(
        "INSERT INTO legal_holds (subject_json, reason, created_by, created_at_ms) VALUES (?1, ?2, ?3, ?4)",
        params![&json(macs)?, reason, created_by, now_ms],
    )
}

/// Ends a hold; false when none of that number is in force.
pub(super) fn release_hold(tx: &mut dyn Tx, id: i64, now_ms: i64) -> Result<bool, DbError> {
    let released = tx.execute(
        "UPDATE legal_holds SET released_at_ms = ?2 WHERE id = ?1 AND released_at_ms IS NULL",
        params![id, now_ms],
    )?;
    Ok(released > 0)
}
