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
    ids.sql(order(sort, filter.pattern.is_some()))
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

/// In which order the rows come.
///
/// * `is_searched`: every row's text is looked at anyway, in the index that has it; a sum keeps the planner from an index
///   of the order, which would have it read the rows themselves.
fn order((by, order): (SortBy, SortOrder), is_searched: bool) -> &'static str {
    use SortBy::{Budget, CreatedAt, Name, Score, UpdatedAt};
    match (by, order, is_searched) {
        (CreatedAt, SortOrder::Desc, false) => " ORDER BY created_at_ms DESC, id DESC",
        (CreatedAt, SortOrder::Asc, false) => " ORDER BY created_at_ms, id",
        (UpdatedAt, SortOrder::Desc, false) => " ORDER BY updated_at_ms DESC, id DESC",
        (UpdatedAt, SortOrder::Asc, false) => " ORDER BY updated_at_ms, id",
        (Score, SortOrder::Desc, false) => " ORDER BY score DESC, id DESC",
        (Score, SortOrder::Asc, false) => " ORDER BY score, id",
        (Budget, SortOrder::Desc, false) => " ORDER BY budget DESC NULLS LAST, id DESC",
        (Budget, SortOrder::Asc, false) => " ORDER BY budget NULLS LAST, id",
        (CreatedAt, SortOrder::Desc, true) => " ORDER BY created_at_ms + 0 DESC, id DESC",
        (CreatedAt, SortOrder::Asc, true) => " ORDER BY created_at_ms + 0, id",
        (UpdatedAt, SortOrder::Desc, true) => " ORDER BY updated_at_ms + 0 DESC, id DESC",
        (UpdatedAt, SortOrder::Asc, true) => " ORDER BY updated_at_ms + 0, id",
        (Score, SortOrder::Desc, true) => " ORDER BY score + 0 DESC, id DESC",
        (Score, SortOrder::Asc, true) => " ORDER BY score + 0, id",
        (Budget, SortOrder::Desc, true) => " ORDER BY budget + 0 DESC NULLS LAST, id DESC",
        (Budget, SortOrder::Asc, true) => " ORDER BY budget + 0 NULLS LAST, id",
        (Name, SortOrder::Desc, _) => " ORDER BY find_text DESC, id DESC",
        (Name, SortOrder::Asc, _) => " ORDER BY find_text, id",
    }
}
