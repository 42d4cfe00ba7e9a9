//! Which backups are kept, and what is overdue. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::ISOWeekDate;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// How many backups stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// The newest of each of the last so many days that have one.
    pub keep_days: u32,
    /// The newest of each of the last so many weeks (from Monday) that have one.
    pub keep_weeks: u32,
    /// The newest of each of the last so many months that have one.
    pub keep_months: u32,
}

impl Default for Retention {
    /// A week of days, a month of weeks, half a year of months.
    fn default() -> Self {
        Self {
            keep_days: 7,
            keep_weeks: 4,
            keep_months: 6,
        }
    }
}

/// Which of the backups made at these times stay.
///
/// Days, weeks and months are the company's. They are counted where there are backups, not by the calendar, so a long
/// outage never empties the shelf; and the newest always stays.
pub fn kept(all: &[Timestamp], zone: &TimeZone, retention: Retention) -> BTreeSet<Timestamp> {
    let mut newest_first = all.to_vec();
    newest_first.sort_unstable_by(|a, b| b.cmp(a));
    let date = |at: Timestamp| zone.to_datetime(at).date();
    let week = |at| {
        let week: ISOWeekDate = date(at).iso_week_date();
        (week.year(), week.week())
    };
    let month = |at| (date(at).year(), date(at).month());
    let mut kept: BTreeSet<Timestamp> = newest_first.first().copied().into_iter().collect();
    kept.extend(firsts(&newest_first, date, retention.keep_days));
    kept.extend(firsts(&newest_first, week, retention.keep_weeks));
    kept.extend(firsts(&newest_first, month, retention.keep_months));
    kept
}

/// The first of each run with the same key, `most` at most.
fn firsts<K: PartialEq>(
    sorted: &[Timestamp],
    key: impl Fn(Timestamp) -> K,
    most: u32,
) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let mut last = None;
    for at in sorted {
        let this = key(*at);
        if last.as_ref() == Some(&this) {
            continue;
        }
        last = Some(this);
        if found.len() as u64 >= u64::from(most) {
            break;
        }
        found.push(*at);
    }
    found
}

/// From when on a missing backup or proof is an alarm.
pub const OVERDUE_AFTER_MS: i64 = 48 * 60 * 60 * 1000;

/// Whether what last happened at `last_ms` is overdue; what never happened counts from `since_ms`, the time from which on
/// it could have.
pub fn is_overdue(last_ms: Option<i64>, since_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(last_ms.unwrap_or(since_ms)) > OVERDUE_AFTER_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{SignedDuration, ToSpan};
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn warsaw() -> TimeZone {
        TimeZone::get("Europe/Warsaw").unwrap()
    }

    #[test]
    fn a_year_of_nights_leaves_days_weeks_and_months() {
        let first = at("2026-01-01T02:00:00Z");
        let nights: Vec<_> = (0..365)
            .map(|day| first + SignedDuration::from_hours(24 * day))
            .collect();
        let kept = kept(&nights, &warsaw(), Retention::default());
        let days: Vec<String> = kept
            .iter()
            .map(|at| at.to_zoned(warsaw()).date().to_string())
            .collect();
        assert_eq!(
            days,
            [
                "2026-07-31",
                "2026-08-31",
                "2026-09-30",
                "2026-10-31",
                "2026-11-30",
                "2026-12-13",
                "2026-12-20",
                "2026-12-25",
                "2026-12-26",
                "2026-12-27",
                "2026-12-28",
                "2026-12-29",
                "2026-12-30",
                "2026-12-31",
            ]
        );
    }

    #[test]
    fn days_are_the_companys() {
        // Both are 23 November in UTC; in Warsaw the second is of the 24th.
        let two = [at("2026-11-23T20:00:00Z"), at("2026-11-23T23:30:00Z")];
        let days = Retention {
            keep_days: 5,
            keep_weeks: 0,
            keep_months: 0,
        };
        assert_eq!(kept(&two, &warsaw(), days).len(), 2);
        assert_eq!(kept(&two, &TimeZone::UTC, days).len(), 1);
    }

    #[test]
    fn the_newest_stays_even_when_nothing_is_to_be_kept() {
        let none = Retention {
            keep_days: 0,
            keep_weeks: 0,
            keep_months: 0,
        };
        let two = [at("2020-01-01T00:00:00Z"), at("2020-01-02T00:00:00Z")];
        assert_eq!(kept(&two, &TimeZone::UTC, none), [two[1]].into());
        assert!(kept(&[], &TimeZone::UTC, none).is_empty());
    }

    #[test]
    fn overdue_is_counted_from_the_last_time_or_from_the_beginning() {
        const HOUR_MS: i64 = 3_600_000;
        assert!(!is_overdue(Some(0), 0, 48 * HOUR_MS));
        assert!(is_overdue(Some(0), 0, 48 * HOUR_MS + 1));
        assert!(!is_overdue(None, 10 * HOUR_MS, 48 * HOUR_MS));
        assert!(is_overdue(None, 0, 49 * HOUR_MS));
        assert!(
            !is_overdue(Some(i64::MAX), 0, 0),
            "a clock that was put back"
        );
    }

    proptest! {
        #[test]
        fn retention_keeps_the_newest_of_every_kept_period_and_adding_one_never_revives_another(
            hours in proptest::collection::btree_set(0_i64..20_000, 0..120),
            keep_days in 0_u32..10, keep_weeks in 0_u32..6, keep_months in 0_u32..8,
        ) {
            let retention = Retention { keep_days, keep_weeks, keep_months };
            let zone = warsaw();
            let all: Vec<_> = hours
                .iter()
                .map(|hour| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(*hour))
                .collect();
            let left = kept(&all, &zone, retention);
            prop_assert!(left.iter().all(|at| all.contains(at)));
            prop_assert_eq!(left.last(), all.last());
            prop_assert!(left.len() <= (keep_days + keep_weeks + keep_months + 1) as usize);
            // Doing it again removes nothing more.
            let again: Vec<_> = left.iter().copied().collect();
            prop_assert_eq!(&kept(&again, &zone, retention), &left);
            // Each of the last days that have a backup still has its newest one.
            let mut days: Vec<_> = all.iter().map(|at| at.to_zoned(zone.clone()).date()).collect();
            days.dedup();
            for day in days.iter().rev().take(keep_days as usize) {
                let newest = all.iter().rev().find(|at| at.to_zoned(zone.clone()).date() == *day);
                prop_assert!(left.contains(newest.unwrap()));
            }
            // What went does not come back when time goes on.
            if let Some(last) = all.last() {
                let mut later = all.clone();
                later.push(last.checked_add(1.hour()).unwrap());
                for at in kept(&later, &zone, retention) {
                    prop_assert!(left.contains(&at) || at > *last);
                }
            }
        }
    }
}
