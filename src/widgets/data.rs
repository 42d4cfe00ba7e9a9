//! The numbers of widgets, in the shapes in which they leave the server.

use std::collections::BTreeMap;

use poem_openapi::Object;

use super::model::{Kind, NewWidget};
use crate::analytics::histogram::percentile;
use crate::analytics::{Count, Metric, Period, by_day, by_label, date_of, total};
use crate::platform::db::{DbError, Tx};

/// Shares a widget of the team shows at most.
pub(super) const SHARES_MAX: usize = 10;

/// A share of a whole.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetShare")]
pub(super) struct Share {
    pub(super) label: String,
    pub(super) count: i64,
    /// In percent of all, also of those not shown; two decimals.
    pub(super) percentage: f64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetPoint")]
pub(super) struct Point {
    /// `2026-11-24`, in the company's time zone.
    pub(super) date: String,
    pub(super) count: i64,
}

/// What happened on a day.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetTimelineDay")]
pub(super) struct TimelineDay {
    /// `2026-11-24`, in the company's time zone.
    date: String,
    conversations: i64,
    messages: i64,
    leads: i64,
    bookings: i64,
}

/// How long answers took. Percentiles are at most an eighth off; all three are null while there is no answer.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetTimes")]
pub(super) struct Times {
    /// How many answers.
    count: i64,
    /// Milliseconds.
    avg_ms: Option<f64>,
    /// Milliseconds half of the answers took at most.
    p50_ms: Option<f64>,
    /// Milliseconds 95 of 100 answers took at most.
    p95_ms: Option<f64>,
}

/// How long visitors wait for an answer.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetResponseTimes")]
pub(super) struct ResponseTimes {
    /// Days with today.
    period_days: i64,
    /// The assistant's answers, from the message on.
    assistant: Times,
    /// People's answers, since the visitor asked for them or wrote first after their last one.
    people: Times,
}

/// Ratings from 1 to 5.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetScores")]
pub(super) struct Scores {
    /// How many.
    count: i64,
    /// Two decimals; null while there is none.
    average: Option<f64>,
    /// How many of each, `1` to `5`.
    distribution: BTreeMap<String, i64>,
}

/// How satisfied people say they are.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "WidgetSatisfaction")]
pub(super) struct Satisfaction {
    /// Days with today.
    period_days: i64,
    /// Of conversations and visits together.
    overall: Scores,
    /// Of conversations.
    conversations: Scores,
    /// Of visits.
    visits: Scores,
}

/// The numbers of a widget; what its kind does not show is null.
#[derive(Debug, Clone, Default, PartialEq, Object)]
#[oai(rename = "WidgetNumbers")]
pub(super) struct Numbers {
    /// Of `number`: in the period.
    value: Option<i64>,
    /// Of `number`: in as many days just before it.
    previous: Option<i64>,
    /// Of `line`: every day, the oldest first.
    points: Option<Vec<Point>>,
    /// Of `bar` and `list`: the most frequent first, ten at most.
    shares: Option<Vec<Share>>,
}

impl Numbers {
    pub(super) fn load(
        tx: &mut dyn Tx,
        widget: &NewWidget,
        period: Period,
    ) -> Result<Self, DbError> {
        let metric = widget.shown.metric();
        let mut numbers = Self::default();
        match widget.kind {
            Kind::Number => {
                numbers.value = Some(count(tx, metric, period)?);
                numbers.previous = Some(count(tx, metric, period.before())?);
            }
            Kind::Line => numbers.points = Some(points(tx, metric, period)?),
            Kind::Bar | Kind::List => {
                numbers.shares = Some(shares(tx, metric, period, SHARES_MAX)?);
            }
        }
        Ok(numbers)
    }
}

/// How often something happened.
pub(super) fn count(tx: &mut dyn Tx, metric: Metric, period: Period) -> Result<i64, DbError> {
    Ok(total(tx, metric, period.from, period.to)?.count)
}

/// The most frequent labels.
pub(super) fn shares(
    tx: &mut dyn Tx,
    metric: Metric,
    period: Period,
    limit: usize,
) -> Result<Vec<Share>, DbError> {
    let counts = by_label(tx, metric, period.from, period.to)?;
    Ok(shares_of(counts, limit))
}

fn shares_of(counts: Vec<(String, Count)>, limit: usize) -> Vec<Share> {
    // What was taken back more often than it happened in this time is no share.
    let of_some = counts.into_iter().filter(|(_, count)| count.count > 0);
    let counts: Vec<(String, i64)> = of_some.map(|(label, count)| (label, count.count)).collect();
    let all: i64 = counts.iter().map(|(_, count)| count).sum();
    let share = |(label, count): (String, i64)| Share {
        label,
        count,
        percentage: rounded(count as f64 * 100.0 / all as f64),
    };
    counts.into_iter().take(limit).map(share).collect()
}

/// Every day of a period with how often something happened on it.
fn points(tx: &mut dyn Tx, metric: Metric, period: Period) -> Result<Vec<Point>, DbError> {
    let counts = on_days(tx, metric, period)?;
    let point = |day| Point {
        date: date_of(day).to_string(),
        count: counts.get(&day).copied().unwrap_or(0),
    };
    Ok((period.from..=period.to).map(point).collect())
}

fn on_days(tx: &mut dyn Tx, metric: Metric, period: Period) -> Result<BTreeMap<i64, i64>, DbError> {
    let counts = by_day(tx, metric, period.from, period.to)?.into_iter();
    Ok(counts.map(|(day, count)| (day, count.count)).collect())
}

/// Every day of a period with the most important numbers.
pub(super) fn timeline(tx: &mut dyn Tx, period: Period) -> Result<Vec<TimelineDay>, DbError> {
    let conversations = on_days(tx, Metric::Conversations, period)?;
    let messages = on_days(tx, Metric::Messages, period)?;
    let leads = on_days(tx, Metric::Leads, period)?;
    let bookings = on_days(tx, Metric::Bookings, period)?;
    let of = |counts: &BTreeMap<i64, i64>, day| counts.get(&day).copied().unwrap_or(0);
    let day = |day| TimelineDay {
        date: date_of(day).to_string(),
        conversations: of(&conversations, day),
        messages: of(&messages, day),
        leads: of(&leads, day),
        bookings: of(&bookings, day),
    };
    Ok((period.from..=period.to).map(day).collect())
}

/// How long answers took.
pub(super) fn response_times(tx: &mut dyn Tx, period: Period) -> Result<ResponseTimes, DbError> {
    let mut times =
        |metric| Ok::<_, DbError>(times_of(&by_label(tx, metric, period.from, period.to)?));
    Ok(ResponseTimes {
        period_days: period.days(),
        assistant: times(Metric::AnswerTimes)?,
        people: times(Metric::PersonTimes)?,
    })
}

fn times_of(classes: &[(String, Count)]) -> Times {
    let count: i64 = classes.iter().map(|(_, count)| count.count).sum();
    let total_ms: f64 = classes.iter().map(|(_, count)| count.total).sum();
    let at = |p| percentile(classes, p).map(rounded);
    Times {
        count,
        avg_ms: (count > 0).then(|| rounded(total_ms / count as f64)),
        p50_ms: at(0.5),
        p95_ms: at(0.95),
    }
}

/// What people rated.
pub(super) fn satisfaction(tx: &mut dyn Tx, period: Period) -> Result<Satisfaction, DbError> {
    let conversations = by_label(tx, Metric::ConversationRatings, period.from, period.to)?;
    let visits = by_label(tx, Metric::VisitRatings, period.from, period.to)?;
    let both: Vec<_> = conversations.iter().chain(&visits).cloned().collect();
    Ok(Satisfaction {
        period_days: period.days(),
        overall: scores_of(&both),
        conversations: scores_of(&conversations),
        visits: scores_of(&visits),
    })
}

fn scores_of(ratings: &[(String, Count)]) -> Scores {
    let mut distribution: BTreeMap<String, i64> =
        (1..=5).map(|rating| (rating.to_string(), 0)).collect();
    for (label, count) in ratings {
        if let Some(sum) = distribution.get_mut(label) {
            *sum += count.count;
        }
    }
    // A rating of before this time that was changed within it.
    for sum in distribution.values_mut() {
        *sum = (*sum).max(0);
    }
    let count: i64 = distribution.values().sum();
    let stars = distribution
        .iter()
        .filter_map(|(label, count)| Some(label.parse::<i64>().ok()? * count));
    let stars: i64 = stars.sum();
    Scores {
        count,
        average: (count > 0).then(|| rounded(stars as f64 / count as f64)),
        distribution,
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, i64, f64)]) -> Vec<(String, Count)> {
        of.iter()
            .map(|(label, count, total)| {
                let count = Count {
                    count: *count,
                    total: *total,
                };
                ((*label).to_owned(), count)
            })
            .collect()
    }

    #[test]
    fn shares_are_of_all_also_of_those_not_shown() {
        let counts = counts(&[("price", 6, 0.0), ("scope", 3, 0.0), ("x", 1, 0.0)]);
        let shares = shares_of(counts, 2);
        let told: Vec<_> = shares
            .iter()
            .map(|share| (share.label.as_str(), share.count, share.percentage))
            .collect();
        assert_eq!(told, [("price", 6, 60.0), ("scope", 3, 30.0)]);
        assert_eq!(shares_of(Vec::new(), 2), []);
    }

    #[test]
    fn times_have_a_mean_and_percentiles_once_there_is_an_answer() {
        let times = times_of(&counts(&[("4", 9, 36.0), ("12", 1, 12.0)]));
        assert_eq!((times.count, times.avg_ms), (10, Some(4.8)));
        assert_eq!((times.p50_ms, times.p95_ms), (Some(4.0), Some(12.0)));
        let none = times_of(&[]);
        assert_eq!((none.count, none.avg_ms, none.p95_ms), (0, None, None));
    }

    #[test]
    fn ratings_have_a_mean_and_none_is_below_zero() {
        let scores = scores_of(&counts(&[("5", 3, 0.0), ("4", 1, 0.0), ("2", -1, 0.0)]));
        assert_eq!((scores.count, scores.average), (4, Some(4.75)));
        assert_eq!(scores.distribution["2"], 0);
        assert_eq!(scores_of(&[]).average, None);
    }
}
