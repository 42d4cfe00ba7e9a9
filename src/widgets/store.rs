//! All SQL over the team's widgets.

use super::WidgetError;
use super::model::{NewWidget, Widget};
use crate::params;
use crate::platform::db::{DbError, Row, Tx};

/// Every widget, the oldest first.
pub(super) fn all(tx: &mut dyn Tx) -> Result<Vec<Widget>, DbError> {
    tx.query(
        "SELECT id, title, kind, metric, period_days, created_at_ms FROM widgets ORDER BY id",
        params![],
    )?
    .into_iter()
    .map(widget_of)
    .collect()
}

pub(super) fn by_id(tx: &mut dyn Tx, id: i64) -> Result<Widget, WidgetError> {
    let row = tx.query_first(
        "SELECT id, title, kind, metric, period_days, created_at_ms FROM widgets WHERE id = ?1",
        params![id],
    )?;
    Ok(widget_of(row.ok_or(WidgetError::NotFound)?)?)
}

/// How many there are.
pub(super) fn count(tx: &mut dyn Tx) -> Result<i64, DbError> {
    tx.query_value("SELECT COUNT(*) FROM widgets", params![])
}

/// Adds a widget; answers its id. Errors: the title is taken.
pub(super) fn insert(tx: &mut dyn Tx, values: &NewWidget, now_ms: i64) -> Result<i64, WidgetError> {
    Ok(tx.insert(
        "INSERT INTO widgets (title, kind, metric, period_days, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            &values.title,
            values.kind.as_str(),
            values.shown.as_str(),
            values.period_days,
            now_ms
        ],
    )?)
}

/// Removes a widget. Errors: there is none.
pub(super) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), WidgetError> {
    match tx.execute("DELETE FROM widgets WHERE id = ?1", params![id])? {
        0 => Err(WidgetError::NotFound),
        _ => Ok(()),
    }
}

fn widget_of(mut row: Row) -> Result<Widget, DbError> {
    Ok(Widget {
        id: row.take(0)?,
        values: NewWidget {
            title: row.take(1)?,
            kind: row.word(2)?,
            shown: row.word(3)?,
            period_days: row.take(4)?,
        },
        created_at_ms: row.take(5)?,
    })
}
