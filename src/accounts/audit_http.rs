//! /api/chatbot/audit: who did what to whose data.

use poem_openapi::param::Query;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use super::audit;
use crate::params;
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::db::{DbError, Store, Tx};
use crate::platform::http::{Owner, PageRequest, Problem};

/// The endpoints.
pub struct AuditApi(pub Store);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A typing error must not empty the log.
const DAYS_MIN: u32 = 30;
const DAYS_MAX: u32 = 36_500;

/// Groups the endpoints in the documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Who did what to whose data.
    Audit,
}

#[derive(Debug, Object)]
struct AuditList {
    success: bool,
    count: usize,
    entries: Vec<AuditEntry>,
    page: u32,
    per_page: u32,
    total: u64,
    pages: u64,
}

#[derive(Debug, Object)]
struct AuditEntry {
    id: i64,
    /// RFC 3339.
    timestamp: String,
    /// `user:<id>`, `key:<id>`, `visitor` or `system`.
    actor: String,
    action: String,
    /// The conversation it was about; null also once that was erased.
    session_id: Option<String>,
    /// Counts and ids.
    details: Value,
}

#[derive(Debug, Object)]
struct AuditVerified {
    success: bool,
    /// No row was changed, taken out or slipped in.
    is_whole: bool,
    /// Rows checked.
    rows: u64,
    /// The newest row's hash: noted elsewhere, it proves later that nothing before it was changed.
    head: String,
    /// The first row that does not fit.
    broken_at: Option<i64>,
}

#[derive(Debug, Object)]
#[oai(example)]
struct AuditCleanup {
    /// Entries that are older go; 30 to 36500.
    #[oai(default = "ninety")]
    days: u32,
}

fn ninety() -> u32 {
    90
}

impl Example for AuditCleanup {
    fn example() -> Self {
        Self { days: 365 }
    }
}

#[derive(Debug, Object)]
struct AuditCleaned {
    success: bool,
    /// How many are gone.
    deleted: u64,
}

/// Which entries a list holds; an empty text stands for any.
struct Filter {
    action: String,
    session_id: String,
    actor: String,
    from_ms: i64,
    to_ms: i64,
}

#[OpenApi(prefix_path = "/api/chatbot", tag = "Section::Audit")]
impl AuditApi {
    /// Who did what to whose data, the newest first.
    #[oai(path = "/audit", method = "get", operation_id = "list_audit")]
    #[allow(clippy::too_many_arguments)] // one a query parameter
    async fn list(
        &self,
        _by: Owner,
        /// Only this action, e.g. `data_deleted`.
        action: Query<Option<String>>,
        /// Only about this conversation.
        session_id: Query<Option<String>>,
        /// Only by this actor.
        actor: Query<Option<String>>,
        /// From then on, RFC 3339.
        from: Query<Option<String>>,
        /// Before then, RFC 3339.
        to: Query<Option<String>>,
        /// From 1.
        page: Query<Option<u32>>,
        /// At most 200.
        per_page: Query<Option<u32>>,
    ) -> Result<Json<AuditList>, Problem> {
        let page = PageRequest::parse(page.0, per_page.0)?;
        let filter = Filter {
            action: action.0.unwrap_or_default(),
            session_id: session_id.0.unwrap_or_default(),
            actor: actor.0.unwrap_or_default(),
            from_ms: time("from", from.0)?.unwrap_or(0),
            to_ms: time("to", to.0)?.unwrap_or(i64::MAX),
        };
        let (limit, offset) = (page.limit(), page.offset());
        let read = self.0.read(move |tx| entries(tx, &filter, limit, offset));
        let (entries, total): (Vec<AuditEntry>, i64) = read.await?;
        let info = page.info(total);
        Ok(Json(AuditList {
            success: true,
            count: entries.len(),
            entries,
            page: info.page,
            per_page: info.per_page,
            total: info.total,
            pages: info.pages,
        }))
    }

    /// Check that no entry was changed, taken out or slipped in.
    #[oai(path = "/audit/verify", method = "get", operation_id = "verify_audit")]
    async fn verify(&self, _by: Owner) -> Result<Json<AuditVerified>, Problem> {
        let verified = self.0.read(|tx| audit::verify(tx)).await?;
        Ok(Json(AuditVerified {
            success: true,
            is_whole: verified.broken_at.is_none(),
            rows: verified.rows,
            head: verified.head,
            broken_at: verified.broken_at,
        }))
    }

    /// Drop old entries; the hash of the newest of them stays, so that the rest can still be checked.
    #[oai(
        path = "/audit/cleanup",
        method = "post",
        operation_id = "cleanup_audit"
    )]
    async fn cleanup(
        &self,
        by: Owner,
        body: Json<AuditCleanup>,
    ) -> Result<Json<AuditCleaned>, Problem> {
        let days = body.days;
        if !(DAYS_MIN..=DAYS_MAX).contains(&days) {
            return Err(Problem::field(
                "invalid_value",
                "days",
                format!("must be from {DAYS_MIN} to {DAYS_MAX}"),
            ));
        }
        let actor = by.0.actor.to_string();
        let write = self.0.write(move |tx| {
            let now = now_ms();
            let deleted = audit::cleanup(tx, now - i64::from(days) * DAY_MS, now)?;
            let details = json!({"days": days, "deleted": deleted});
            audit::record(tx, &actor, "audit_cleaned", None, &details, now)?;
            Ok::<_, DbError>(deleted)
        });
        Ok(Json(AuditCleaned {
            success: true,
            deleted: write.await?,
        }))
    }
}

fn time(field: &str, text: Option<String>) -> Result<Option<i64>, Problem> {
    text.map(|text| {
        text.parse::<jiff::Timestamp>()
            .map(jiff::Timestamp::as_millisecond)
            .map_err(|_| {
                Problem::field(
                    "invalid_time",
                    field,
                    "must be a time such as 2026-11-24T09:00:00Z",
                )
            })
    })
    .transpose()
}

fn entries(
    tx: &mut dyn Tx,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<AuditEntry>, i64), DbError> {
    let Filter {
        action,
        session_id,
        actor,
        from_ms,
        to_ms,
    } = filter;
    let total = tx.query_value(
        "SELECT COUNT(*) FROM audit_log WHERE (?1 = '' OR action = ?1) AND (?2 = '' OR session_id = ?2) \
         AND (?3 = '' OR actor = ?3) AND at_ms >= ?4 AND at_ms < ?5",
        params![action, session_id, actor, *from_ms, *to_ms],
    )?;
    let rows = tx.query(
        "SELECT id, at_ms, actor, action, session_id, details_json FROM audit_log \
         WHERE (?1 = '' OR action = ?1) AND (?2 = '' OR session_id = ?2) AND (?3 = '' OR actor = ?3) \
         AND at_ms >= ?4 AND at_ms < ?5 ORDER BY id DESC LIMIT ?6 OFFSET ?7",
        params![action, session_id, actor, *from_ms, *to_ms, limit, offset],
    )?;
    let entries = rows.into_iter().map(|mut row| {
        Ok(AuditEntry {
            id: row.take(0)?,
            timestamp: to_rfc3339(row.take(1)?),
            actor: row.take(2)?,
            action: row.take(3)?,
            session_id: row.take(4)?,
            details: serde_json::from_str(&row.take::<String>(5)?).unwrap_or_default(),
        })
    });
    Ok((entries.collect::<Result<_, DbError>>()?, total))
}
