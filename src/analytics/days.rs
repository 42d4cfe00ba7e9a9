//! Days of the company's time zone, counted from 1970-01-01. Pure.

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Milliseconds of the quarter of an hour in which counts are kept.
pub const QUARTER_MS: i64 = 15 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const EPOCH: Date = date(1970, 1, 1);
/// Longest period somebody may look at.
pub const DAYS_MAX: i64 = 365;

/// The beginning of the quarter a moment is in.
pub fn quarter_of(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(QUARTER_MS)
}

fn timestamp(at_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The day a moment is on.
pub fn day_of(at_ms: i64, zone: &TimeZone) -> i64 {
    number_of(zone.to_datetime(timestamp(at_ms)).date())
}

/// The hour a moment is in, 0 to 23.
pub fn hour_of(at_ms: i64, zone: &TimeZone) -> i8 {
    zone.to_datetime(timestamp(at_ms)).hour()
}

/// Monday is 0.
pub fn weekday_of(day: i64) -> usize {
    usize::from(
        date_of(day)
            .weekday()
            .to_monday_zero_offset()
            .unsigned_abs(),
    )
}

/// The number of a date.
pub fn number_of(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

/// The date of a day; the epoch for one that no calendar has.
pub fn date_of(day: i64) -> Date {
    // A span takes so many days at most.
    let days = day.clamp(-3_000_000, 3_000_000).days();
    EPOCH.checked_add(days).unwrap_or(EPOCH)
}

/// When a day begins.
pub fn start_ms(day: i64, zone: &TimeZone) -> i64 {
    let start = date_of(day).to_zoned(zone.clone());
    start.map_or(day * DAY_MS, |start| start.timestamp().as_millisecond())
}

/// The name of a weekday; Monday is 0.
pub fn weekday_name(weekday: usize) -> &'static str {
    match Weekday::from_monday_zero_offset((weekday % 7) as i8) {
        Ok(Weekday::Tuesday) => "Tuesday",
        Ok(Weekday::Wednesday) => "Wednesday",
        Ok(Weekday::Thursday) => "Thursday",
        Ok(Weekday::Friday) => "Friday",
        Ok(Weekday::Saturday) => "Saturday",
        Ok(Weekday::Sunday) => "Sunday",
        Ok(Weekday::Monday) | Err(_) => "Monday",
    }
}

/// A step by which visitors who come back are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Days.
    Day,
    /// Weeks, which begin on Mondays.
    Week,
    /// Months.
    Month,
}

impl Step {
    /// The number of the step a day is in.
    pub fn of(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            // 1970-01-01 was a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => {
                let date = date_of(day);
                i64::from(date.year()) * 12 + i64::from(date.month()) - 1
            }
        }
    }

    /// The first day of a step.
    pub fn first_day(self, step: i64) -> i64 {
        match self {
            Self::Day => step,
            Self::Week => step * 7 - 3,
            Self::Month => {
                let year = i16::try_from(step.div_euclid(12)).unwrap_or(1970);
                let month = i8::try_from(step.rem_euclid(12) + 1).unwrap_or(1);
                Date::new(year, month, 1).map_or(0, number_of)
            }
        }
    }
}

/// Days somebody looks at, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: i64,
    /// The last day, which is today.
    pub to: i64,
}

impl Period {
    /// The last `days` days with today.
    pub fn last(days: i64, now_ms: i64, zone: &TimeZone) -> Self {
        let to = day_of(now_ms, zone);
        Self {
            from: to - days + 1,
            to,
        }
    }

    /// How many days.
    pub fn days(self) -> i64 {
        self.to - self.from + 1
    }

    /// The same number of days just before.
    #[must_use]
    pub fn before(self) -> Self {
        Self {
            from: self.from - self.days(),
            to: self.from - 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn warsaw() -> TimeZone {
        TimeZone::get("Europe/Warsaw").unwrap()
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn day(text: &str) -> i64 {
        number_of(text.parse().unwrap())
    }

    #[test]
    fn a_day_begins_at_the_company_s_midnight() {
        let zone = warsaw();
        assert_eq!(day_of(ms("2026-03-28T22:59:59Z"), &zone), day("2026-03-28"));
        assert_eq!(day_of(ms("2026-03-28T23:00:00Z"), &zone), day("2026-03-29"));
        assert_eq!(day_of(ms("2026-03-29T22:00:00Z"), &zone), day("2026-03-30"));
        assert_eq!(
            start_ms(day("2026-03-30"), &zone),
            ms("2026-03-29T22:00:00Z")
        );
        assert_eq!(
            start_ms(day("2026-10-26"), &zone),
            ms("2026-10-25T23:00:00Z")
        );
        // The hour that the clock goes through twice.
        assert_eq!(hour_of(ms("2026-10-25T00:30:00Z"), &zone), 2);
        assert_eq!(hour_of(ms("2026-10-25T01:30:00Z"), &zone), 2);
        assert_eq!(weekday_of(day("2026-11-23")), 0);
        assert_eq!(weekday_name(6), "Sunday");
    }

    #[test]
    fn a_period_ends_today_and_has_as_many_days_as_asked_for() {
        let period = Period::last(7, ms("2026-11-23T23:30:00Z"), &warsaw());
        assert_eq!(period.to, day("2026-11-24"));
        assert_eq!((period.days(), period.before().days()), (7, 7));
        assert_eq!(period.before().to + 1, period.from);
    }

    #[test]
    fn weeks_begin_on_mondays() {
        assert_eq!(
            Step::Week.of(day("2026-11-22")) + 1,
            Step::Week.of(day("2026-11-23"))
        );
        let week = Step::Week.of(day("2026-11-26"));
        assert_eq!(
            date_of(Step::Week.first_day(week)).to_string(),
            "2026-11-23"
        );
        let month = Step::Month.of(day("2026-01-31"));
        assert_eq!(
            date_of(Step::Month.first_day(month)).to_string(),
            "2026-01-01"
        );
    }

    proptest! {
        #[test]
        fn every_moment_is_within_its_day(at_ms in 0_i64..4_000_000_000_000) {
            let zone = warsaw();
            let day = day_of(at_ms, &zone);
            prop_assert!(start_ms(day, &zone) <= at_ms && at_ms < start_ms(day + 1, &zone));
            prop_assert_eq!(number_of(date_of(day)), day);
            prop_assert_eq!(day_of(quarter_of(at_ms), &zone), day);
            for step in [Step::Day, Step::Week, Step::Month] {
                let number = step.of(day);
                prop_assert!(step.first_day(number) <= day && day < step.first_day(number + 1));
            }
        }
    }
}
