//! How far visitors come, and whether they come back.

use std::collections::BTreeMap;

use poem_openapi::{Enum, Object};

use super::{percent, reached};
use crate::analytics::counts;
use crate::analytics::days::{Period, Step, date_of};
use crate::analytics::fold::STAGES;
use crate::analytics::model::Metric;
use crate::platform::db::{DbError, Tx};

/// A stage of the funnel.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsStage")]
pub(in crate::analytics) struct Stage {
    /// `visit`, `engaged` (three messages), `interest` (asked for a price, a service or the portfolio), `contact` (left
    /// one, or booked) or `converted`.
    name: String,
    /// Sessions that came at least so far.
    count: i64,
    /// Of all sessions.
    percentage: f64,
}

/// What is lost from one stage to the next.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsDropOff")]
pub(in crate::analytics) struct DropOff {
    from: String,
    to: String,
    /// Percent of those who came to `from`.
    rate: f64,
}

/// How far sessions came that began in the period.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsFunnel")]
pub(in crate::analytics) struct Funnel {
    stages: Vec<Stage>,
    drop_off_rates: Vec<DropOff>,
}

impl Funnel {
    pub(in crate::analytics) fn load(tx: &mut dyn Tx, period: Period) -> Result<Self, DbError> {
        Ok(Self::of(reached(tx, period)?))
    }

    fn of(reached: [i64; 5]) -> Self {
        let stages = STAGES.into_iter().zip(reached).map(|(name, count)| Stage {
            name: name.to_owned(),
            count,
            percentage: percent(count, reached[0]),
        });
        let steps = (1..STAGES.len()).map(|at| DropOff {
            from: STAGES[at - 1].to_owned(),
            to: STAGES[at].to_owned(),
            rate: percent(reached[at - 1] - reached[at], reached[at - 1]),
        });
        Self {
            stages: stages.collect(),
            drop_off_rates: steps.collect(),
        }
    }
}

/// By what visitors who come back are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case", rename = "AnalyticsCohortPeriod")]
pub(in crate::analytics) enum CohortPeriod {
    /// Days.
    Day,
    /// Weeks, which begin on Mondays.
    #[default]
    Week,
    /// Months.
    Month,
}

impl CohortPeriod {
    fn step(self) -> (Step, Metric) {
        match self {
            Self::Day => (Step::Day, Metric::CohortDays),
            Self::Week => (Step::Week, Metric::CohortWeeks),
            Self::Month => (Step::Month, Metric::CohortMonths),
        }
    }
}

/// Visitors who first wrote in the same day, week or month.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsCohort")]
pub(in crate::analytics) struct Cohort {
    /// Its first day.
    cohort_date: String,
    /// How many wrote first then.
    users: i64,
    /// Percent of them who wrote in it, in the one after it …, up to now; the first is 100.
    retention: Vec<f64>,
}

/// Cohorts, the oldest first.
#[derive(Debug, PartialEq, Object)]
#[oai(rename = "AnalyticsCohorts")]
pub(in crate::analytics) struct Cohorts {
    cohorts: Vec<Cohort>,
}

impl Cohorts {
    /// The last `number` ones with that of `today`.
    pub(in crate::analytics) fn load(
        tx: &mut dyn Tx,
        period: CohortPeriod,
        number: i64,
        today: i64,
    ) -> Result<Self, DbError> {
        let (step, metric) = period.step();
        let first = step.of(today) - number + 1;
        let cells = counts::cells(tx, metric, step.first_day(first), today)?;
        let mut active: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for (day, label, count) in cells {
            let after: i64 = label.parse().unwrap_or(0);
            *active.entry((step.of(day), after)).or_default() += count.count;
        }
        let of = |cohort: i64, after: i64| active.get(&(cohort, after)).copied().unwrap_or(0);
        let cohorts = (first..=step.of(today)).map(|cohort| {
            let users = of(cohort, 0);
            let afters = 0..=step.of(today) - cohort;
            Cohort {
                cohort_date: date_of(step.first_day(cohort)).to_string(),
                users,
                retention: afters
                    .map(|after| percent(of(cohort, after), users))
                    .collect(),
            }
        });
        Ok(Self {
            cohorts: cohorts.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funnel_only_becomes_narrower_and_of_nothing_it_is_empty() {
        let funnel = Funnel::of([200, 50, 50, 10, 1]);
        let shares: Vec<f64> = funnel.stages.iter().map(|stage| stage.percentage).collect();
        assert_eq!(shares, [100.0, 25.0, 25.0, 5.0, 0.5]);
        let rates: Vec<f64> = funnel.drop_off_rates.iter().map(|drop| drop.rate).collect();
        assert_eq!(rates, [75.0, 0.0, 80.0, 90.0]);
        let empty = Funnel::of([0; 5]);
        assert!(
            empty
                .stages
                .iter()
                .all(|stage| stage.percentage.abs() < f64::EPSILON)
        );
    }
}
