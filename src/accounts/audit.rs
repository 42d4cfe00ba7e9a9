//! Who did what to whose data. Rows are only added, here, in the transaction of the change they tell of, and each holds a
//! hash over itself and the row before, so that none can be changed or taken out without it showing. The hash covers a
//! session's hash, never its id, so that erasing a visitor breaks nothing.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::params;
use crate::platform::db::{DbError, Row, Tx};
use crate::platform::secrets::sha256;
use crate::platform::settings;

/// Who acts when nobody is signed in.
pub const VISITOR: &str = "visitor";
/// Who acts from the command line or by the clock.
pub const SYSTEM: &str = "system";

/// The setting that remembers the newest row that was dropped by age.
const ANCHOR: &str = "audit_anchor";
/// Rows checked by one query.
const PAGE: i64 = 1_000;

/// Where the chain begins once older rows were dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Anchor {
    id: i64,
    chain_hash: String,
}

/// What checking the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows checked.
    pub rows: u64,
    /// The newest row's hash: noted elsewhere, it proves later that nothing before it was changed.
    pub head: String,
    /// The first row that does not fit.
    pub broken_at: Option<i64>,
}

/// Adds a row. Call it inside the transaction that makes the change.
///
/// * `actor`: `user:<id>`, `key:<id>` ([`Actor`](crate::platform::http::Actor) writes both), [`VISITOR`] or
///   [`SYSTEM`].
/// * `action`: what was done, in `snake_case`, e.g. `data_deleted`.
/// * `session_id`: the conversation it was about.
/// * `details`: counts and ids, never contents.
pub fn record(
    tx: &mut dyn Tx,
    actor: &str,
    action: &str,
    session_id: Option<&str>,
    details: &Value,
    now_ms: i64,
) -> Result<(), DbError> {
    let newest: Option<String> = tx
        .query_first(
            "SELECT chain_hash FROM audit_log ORDER BY id DESC LIMIT 1",
            params![],
        )?
        .map(|mut row| row.take(0))
        .transpose()?;
    let before = match newest {
        Some(hash) => hash,
        None => anchor(tx)?.chain_hash,
    };
    let details_json = details.to_string();
    let session_hash = session_id.map(|id| HEXLOWER.encode(&sha256(id)));
    let content = Content {
        at_ms: now_ms,
        actor,
        action,
        session_hash: session_hash.as_deref(),
        details_json: &details_json,
    };
    let chain_hash = content.chained(&before);
    tx.execute(
        "INSERT INTO audit_log (at_ms, actor, action, session_id, session_hash, details_json, chain_hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![now_ms, actor, action, session_id, session_hash.as_deref(), &details_json, &chain_hash],
    )?;
    Ok(())
}

/// Adds what another program noted, under its own time; answers whether it is new. Chained after what stands here.
///
/// * `details`: names the entry, so that it is known when it comes again.
pub fn take_over(
    tx: &mut dyn Tx,
    actor: &str,
    action: &str,
    session_id: Option<&str>,
    details: &Value,
    at_ms: i64,
) -> Result<bool, DbError> {
    let known: i64 = tx.query_value(
        "SELECT COUNT(*) FROM audit_log WHERE at_ms = ?1 AND action = ?2 AND details_json = ?3",
        params![at_ms, action, &details.to_string()],
    )?;
    if known == 0 {
        record(tx, actor, action, session_id, details, at_ms)?;
    }
    Ok(known == 0)
}

/// Takes a session's id out of the rows about it; answers how many. Its hash stays.
pub fn forget_session(tx: &mut dyn Tx, session_id: &str) -> Result<u64, DbError> {
    tx.execute(
        "UPDATE audit_log SET session_id = NULL WHERE session_id = ?1",
        params![session_id],
    )
}

/// Drops rows from before a time; the hash of the newest of them stays as what the chain begins with. Answers how many.
pub fn cleanup(tx: &mut dyn Tx, before_ms: i64, now_ms: i64) -> Result<u64, DbError> {
    let last = tx.query_first(
        "SELECT id, chain_hash FROM audit_log WHERE id < (SELECT COALESCE(MIN(id), 9223372036854775807) \
         FROM audit_log WHERE at_ms >= ?1) ORDER BY id DESC LIMIT 1",
        params![before_ms],
    )?;
    let Some(mut last) = last else { return Ok(0) };
    let anchor = Anchor {
        id: last.take(0)?,
        chain_hash: last.take(1)?,
    };
    settings::save(tx, ANCHOR, &anchor, now_ms)?;
    tx.execute("DELETE FROM audit_log WHERE id <= ?1", params![anchor.id])
}

/// How many rows [`cleanup`] would drop.
pub fn older_than(tx: &mut dyn Tx, before_ms: i64) -> Result<i64, DbError> {
    tx.query_value(
        "SELECT COUNT(*) FROM audit_log WHERE id < (SELECT COALESCE(MIN(id), 9223372036854775807) \
         FROM audit_log WHERE at_ms >= ?1)",
        params![before_ms],
    )
}

/// Checks every row against the one before.
pub fn verify(tx: &mut dyn Tx) -> Result<Verified, DbError> {
    let Anchor { mut id, chain_hash } = anchor(tx)?;
    let mut verified = Verified {
        rows: 0,
        head: chain_hash,
        broken_at: None,
    };
    loop {
        let rows = tx.query(
            "SELECT id, at_ms, actor, action, session_id, session_hash, details_json, chain_hash FROM audit_log \
             WHERE id > ?1 ORDER BY id LIMIT ?2",
            params![id, PAGE],
        )?;
        if rows.is_empty() {
            return Ok(verified);
        }
        for row in rows {
            let checked = Checked::of(row)?;
            if !checked.follows(&verified.head) {
                verified.broken_at = Some(checked.id);
                return Ok(verified);
            }
            id = checked.id;
            verified.rows += 1;
            verified.head = checked.chain_hash;
        }
    }
}

fn anchor(tx: &mut dyn Tx) -> Result<Anchor, DbError> {
    Ok(settings::load(tx, ANCHOR)?.unwrap_or_default())
}

/// What the hash of a row is over.
#[derive(Serialize)]
struct Content<'r> {
    at_ms: i64,
    actor: &'r str,
    action: &'r str,
    session_hash: Option<&'r str>,
    details_json: &'r str,
}

impl Content<'_> {
    fn chained(&self, before: &str) -> String {
        // JSON keeps the fields apart whatever they hold; it cannot fail for texts and numbers.
        let content = serde_json::to_string(&(before, self)).unwrap_or_default();
        HEXLOWER.encode(&sha256(content))
    }
}

/// A row as it is checked.
struct Checked {
    id: i64,
    at_ms: i64,
    actor: String,
    action: String,
    session_id: Option<String>,
    session_hash: Option<String>,
    details_json: String,
    chain_hash: String,
}

impl Checked {
    fn of(mut row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.take(0)?,
            at_ms: row.take(1)?,
            actor: row.take(2)?,
            action: row.take(3)?,
            session_id: row.take(4)?,
            session_hash: row.take(5)?,
            details_json: row.take(6)?,
            chain_hash: row.take(7)?,
        })
    }

    fn follows(&self, before: &str) -> bool {
        let hash_of = |id: &String| HEXLOWER.encode(&sha256(id));
        let is_sessions = self
            .session_id
            .as_ref()
            .is_none_or(|id| Some(hash_of(id)) == self.session_hash);
        let content = Content {
            at_ms: self.at_ms,
            actor: &self.actor,
            action: &self.action,
            session_hash: self.session_hash.as_deref(),
            details_json: &self.details_json,
        };
        is_sessions && content.chained(before) == self.chain_hash
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::db::in_memory;

    fn with_log(rows: i64, test: impl FnOnce(&mut dyn Tx)) {
        in_memory::<_, DbError>(|tx| {
            for at in 0..rows {
                record(tx, "user:1", "read", Some("nh_x"), &json!({"n": at}), at)?;
            }
            test(tx);
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn an_untouched_log_holds_together_also_after_a_session_was_forgotten() {
        with_log(5, |tx| {
            let before = verify(tx).unwrap();
            assert_eq!((before.rows, before.broken_at), (5, None));
            assert_eq!(forget_session(tx, "nh_x").unwrap(), 5);
            assert_eq!(verify(tx).unwrap(), before);
        });
    }

    #[test]
    fn what_another_program_noted_is_chained_under_its_own_time_and_comes_once() {
        with_log(2, |tx| {
            let details = json!({"id": 7});
            assert!(take_over(tx, SYSTEM, "old_export", None, &details, 1).unwrap());
            assert!(!take_over(tx, SYSTEM, "old_export", None, &details, 1).unwrap());
            let now = verify(tx).unwrap();
            assert_eq!((now.rows, now.broken_at), (3, None));
        });
    }

    #[test]
    fn a_changed_a_removed_and_a_slipped_in_row_are_found() {
        for sql in [
            "UPDATE audit_log SET actor = 'user:2' WHERE id = 3",
            "UPDATE audit_log SET session_id = 'nh_y' WHERE id = 3",
            "UPDATE audit_log SET details_json = '{}' WHERE id = 3",
            "DELETE FROM audit_log WHERE id = 2",
            "DELETE FROM audit_log WHERE id = 1 OR id = 2",
        ] {
            with_log(5, |tx| {
                tx.execute(sql, params![]).unwrap();
                assert_eq!(verify(tx).unwrap().broken_at, Some(3), "{sql}");
            });
        }
    }

    #[test]
    fn what_is_dropped_by_age_leaves_an_anchor_also_when_nothing_is_left() {
        with_log(5, |tx| {
            let head = verify(tx).unwrap().head;
            assert_eq!(older_than(tx, 3).unwrap(), 3);
            assert_eq!(cleanup(tx, 3, 10).unwrap(), 3);
            assert_eq!(
                verify(tx).unwrap(),
                Verified {
                    rows: 2,
                    head: head.clone(),
                    broken_at: None
                }
            );
            assert_eq!(cleanup(tx, 100, 10).unwrap(), 2);
            record(tx, SYSTEM, "audit_cleaned", None, &json!({}), 200).unwrap();
            let now = verify(tx).unwrap();
            assert_eq!((now.rows, now.broken_at), (1, None));
            assert_ne!(now.head, head);
        });
    }
}
