//! Leads as lists and files hold them.

use super::super::filter::{Assigned, Filter, SortBy, SortOrder};
use super::super::model::{Lead, Status};
use super::{DbError, Tx, lead, rows, select};
use crate::params;
use crate::platform::db::Composed;

/// A page of leads, and how many the filter lets through.
pub(in super::super) fn page(
    tx: &mut dyn Tx,
    filter: &Filter,
    sort: (SortBy, SortOrder),
    limit: i64,
    offset: i64,
) -> Result<(Vec<Lead>, i64), DbError> {
    let mut count = Composed::default();
    count.sql("SELECT COUNT(*) FROM leads WHERE ");
    conditions(&mut count, filter);
    let (sql, params) = count.finish();
    let total = tx.query_value(sql, &params)?;
    // The numbers first: an index holds all they are chosen by, so rows that are passed over are never read.
    let mut ids = Composed::default();
    ids.sql("SELECT id FROM leads WHERE ");
    conditions(&mut ids, filter);
    ids.sql(order(sort))
        .sql(" LIMIT ")
        .param(limit)
        .sql(" OFFSET ")
        .param(offset);
    let (sql, params) = ids.finish();
    let mut leads = Vec::new();
    for mut row in tx.query(sql, &params)? {
        leads.extend(lead(tx, row.take(0)?)?);
    }
    Ok((leads, total))
}

/// The leads a filter lets through among those numbered above `after`, up to `until`, in that order.
pub(in super::super) fn part(
    tx: &mut dyn Tx,
    filter: &Filter,
    after: i64,
    until: i64,
) -> Result<Vec<Lead>, DbError> {
    let mut part = Composed::default();
    part.sql(select!("WHERE id > "))
        .param(after)
        .sql(" AND id <= ")
        .param(until)
        // Hidden in an expression, the conditions lead no planner away from the numbers.
        .sql(" AND CASE WHEN ");
    conditions(&mut part, filter);
    part.sql(" THEN 1 ELSE 0 END = 1 ORDER BY id");
    let (sql, params) = part.finish();
    rows(tx.query(sql, &params)?)
}

/// The highest number of all leads; 0 when there are none.
pub(in super::super) fn last_id(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query_value("SELECT COALESCE(MAX(id), 0) FROM leads", params![])
}

fn conditions<'f>(sql: &mut Composed<'f>, filter: &'f Filter) {
    sql.sql("is_spam = ").param(filter.is_spam);
    if let Some(status) = filter.status {
        sql.sql(" AND status = ").param(Status::as_str(status));
    }
    match filter.assigned {
        None => {}
        Some(Assigned::Nobody) => {
            sql.sql(" AND assigned_to IS NULL");
        }
        Some(Assigned::Member(id)) => {
            sql.sql(" AND assigned_to = ").param(id);
        }
    }
    if let Some(from_ms) = filter.from_ms {
        sql.sql(" AND created_at_ms >= ").param(from_ms);
    }
    if let Some(to_ms) = filter.to_ms {
        sql.sql(" AND created_at_ms < ").param(to_ms);
    }
    if let Some(package) = &filter.package {
        sql.sql(" AND interested_package = ").param(package);
    }
    if let Some(score) = filter.min_score {
        sql.sql(" AND score >= ").param(score);
    }
    if let Some(pattern) = &filter.pattern {
        sql.sql(" AND find_text LIKE ")
            .param(pattern)
            .sql(" ESCAPE '!'");
    }
}

fn order((by, order): (SortBy, SortOrder)) -> &'static str {
    match (by, order) {
        (SortBy::CreatedAt, SortOrder::Desc) => " ORDER BY created_at_ms DESC, id DESC",
        (SortBy::CreatedAt, SortOrder::Asc) => " ORDER BY created_at_ms, id",
        (SortBy::UpdatedAt, SortOrder::Desc) => " ORDER BY updated_at_ms DESC, id DESC",
        (SortBy::UpdatedAt, SortOrder::Asc) => " ORDER BY updated_at_ms, id",
        (SortBy::Name, SortOrder::Desc) => " ORDER BY find_text DESC, id DESC",
        (SortBy::Name, SortOrder::Asc) => " ORDER BY find_text, id",
        (SortBy::Score, SortOrder::Desc) => " ORDER BY score DESC, id DESC",
        (SortBy::Score, SortOrder::Asc) => " ORDER BY score, id",
        (SortBy::Budget, SortOrder::Desc) => " ORDER BY budget DESC NULLS LAST, id DESC",
        (SortBy::Budget, SortOrder::Asc) => " ORDER BY budget NULLS LAST, id",
    }
}
