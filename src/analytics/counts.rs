//! Reading counts. Callers bring them up to date first.

use super::days::Step;
use super::model::Metric;
use crate::params;
use crate::platform::db::{DbError, Param, Row, Tx};

/// How often something happened, and the sum of what is measured with it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// How often.
    pub count: i64,
    /// Sum of what is measured: milliseconds, money, confidence; 0 where nothing is.
    pub total: f64,
}

/// The rows of a metric within [`Parts`].
macro_rules! counted {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " FROM (SELECT label, count, total FROM analytics_months WHERE metric = ?1 AND month BETWEEN ?2 AND ?3 \
             UNION ALL SELECT label, count, total FROM analytics_days WHERE metric = ?1 AND day BETWEEN ?4 AND ?5 \
             UNION ALL SELECT label, count, total FROM analytics_days WHERE metric = ?1 AND day BETWEEN ?6 AND ?7) AS parts ",
            $rest
        )
    };
}

/// A period as whole months, and the days before and after them; each may be none, its end before its beginning.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    months: [i64; 2],
    before: [i64; 2],
    after: [i64; 2],
}

impl Parts {
    fn of(from: i64, to: i64) -> Self {
        let first = Step::Month.of(from - 1) + 1;
        let last = Step::Month.of(to + 1) - 1;
        if first > last {
            const NONE: [i64; 2] = [1, 0];
            return Self {
                months: NONE,
                before: [from, to],
                after: NONE,
            };
        }
        Self {
            months: [first, last],
            before: [from, Step::Month.first_day(first) - 1],
            after: [Step::Month.first_day(last + 1), to],
        }
    }

    fn params(&self, metric: Metric) -> [Param<'static>; 7] {
        let Self {
            months,
            before,
            after,
        } = self;
        [
            metric.as_str().into(),
            months[0].into(),
            months[1].into(),
            before[0].into(),
            before[1].into(),
            after[0].into(),
            after[1].into(),
        ]
    }
}

/// The sum of `metric` over all labels, days `from` to `to` (both included; counted from 1970-01-01 in the company's zone).
pub fn total(tx: &mut dyn Tx, metric: Metric, from: i64, to: i64) -> Result<Count, DbError> {
    let row = tx.query_first(
        counted!(
            "SELECT CAST(COALESCE(SUM(count), 0) AS INTEGER), CAST(COALESCE(SUM(total), 0) AS REAL)",
            ""
        ),
        &Parts::of(from, to).params(metric),
    )?;
    row.map_or(Ok(Count::default()), |mut row| count_at(&mut row, 0))
}

/// Sums of `metric` by label over days `from` to `to`, the most frequent first.
pub fn by_label(
    tx: &mut dyn Tx,
    metric: Metric,
    from: i64,
    to: i64,
) -> Result<Vec<(String, Count)>, DbError> {
    tx.query(
        counted!(
            "SELECT label, CAST(SUM(count) AS INTEGER) AS times, CAST(SUM(total) AS REAL)",
            "GROUP BY label HAVING SUM(count) <> 0 ORDER BY times DESC, label"
        ),
        &Parts::of(from, to).params(metric),
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, count_at(&mut row, 1)?)))
    .collect()
}

/// Sums of `metric` by day over days `from` to `to`, oldest first; a day on which nothing happened is left out.
pub fn by_day(
    tx: &mut dyn Tx,
    metric: Metric,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, Count)>, DbError> {
    tx.query(
        "SELECT day, CAST(SUM(count) AS INTEGER), CAST(SUM(total) AS REAL) FROM analytics_days \
         WHERE metric = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY day ORDER BY day",
        params![metric.as_str(), from, to],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, count_at(&mut row, 1)?)))
    .collect()
}

fn count_at(row: &mut Row, index: usize) -> Result<Count, DbError> {
    Ok(Count {
        count: row.take(index)?,
        total: row.take(index + 1)?,
    })
}

/// Sums of `metric` by day and label over days `from` to `to`.
pub fn cells(
    tx: &mut dyn Tx,
    metric: Metric,
    from: i64,
    to: i64,
) -> Result<Vec<(i64, String, Count)>, DbError> {
    tx.query(
        "SELECT day, label, count, total FROM analytics_days WHERE metric = ?1 AND day BETWEEN ?2 AND ?3 \
         ORDER BY day, label",
        params![metric.as_str(), from, to],
    )?
    .into_iter()
    .map(|mut row| Ok((row.take(0)?, row.take(1)?, count_at(&mut row, 2)?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_day_of_a_period_is_in_one_part_and_no_other_day_is(
            from in 0_i64..40_000,
            days in 1_i64..800,
        ) {
            let to = from + days - 1;
            let parts = Parts::of(from, to);
            let holds = |[first, last]: [i64; 2], at: i64| (first..=last).contains(&at);
            for day in from - 40..to + 40 {
                let times = [
                    holds(parts.months, Step::Month.of(day)),
                    holds(parts.before, day),
                    holds(parts.after, day),
                ];
                let times = times.into_iter().filter(|holds| *holds).count();
                prop_assert_eq!(times, usize::from((from..=to).contains(&day)));
            }
        }
    }
}
