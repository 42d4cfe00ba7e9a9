//! When the company works at all, and the days it is asked about.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use super::FieldError;
use super::holidays::holiday_on;
use super::model::Interval;
use super::slots::Refusal;
use super::wall::{Day, Reading, timestamp};

/// Longest span of days a list is made for.
const PERIOD_MAX_DAYS: i64 = 60;
/// How far to each side the nearest free beginnings are looked for, in days.
pub(super) const NEAREST_WITHIN_DAYS: i64 = 30;
/// A visit with everything around it reaches no further than this from its beginning's week.
const REACH_MS: i64 = 2 * 86_400_000;

/// When the company works at all.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The zone of every wall time.
    pub zone: TimeZone,
    /// Single days on which nobody works.
    pub closures: BTreeSet<Date>,
    /// Whether public holidays are days like others.
    pub works_on_holidays: bool,
}

impl Calendar {
    /// Whether nobody works on that day.
    pub fn is_closed(&self, date: Date) -> bool {
        self.closures.contains(&date) || (!self.works_on_holidays && holiday_on(date).is_some())
    }

    /// The day a time (milliseconds UTC) falls on.
    pub fn date_at(&self, time_ms: i64) -> Date {
        self.wall_at(time_ms).date()
    }

    /// The moment (milliseconds UTC) a wall time without an offset means; of one that comes twice, the first.
    ///
    /// Errors: [`Refusal::Skipped`].
    pub fn moment_of(&self, wall: DateTime) -> Result<i64, Refusal> {
        let day = Day::new(&self.zone, wall.date());
        let within_minute_ms =
            i64::from(wall.second()) * 1_000 + i64::from(wall.subsec_nanosecond() / 1_000_000);
        match day.read(minute_of(wall)) {
            Reading::At { ms, .. } => Ok(ms + within_minute_ms),
            Reading::Skipped { .. } => Err(Refusal::Skipped),
        }
    }

    pub(super) fn work_day(&self, date: Date) -> WorkDay<'_> {
        let monday = monday_of(date);
        WorkDay {
            clock: Day::new(&self.zone, date),
            weekday: date.weekday(),
            week: Interval {
                from_ms: Day::new(&self.zone, monday).from_ms,
                to_ms: Day::new(&self.zone, monday.saturating_add(6.days())).to_ms,
            },
            is_closed: self.is_closed(date),
        }
    }

    /// What the clock shows then, `2026-11-24T09:00`.
    pub fn wall_text(&self, time_ms: i64) -> String {
        self.wall_at(time_ms).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    pub(super) fn wall_at(&self, time_ms: i64) -> DateTime {
        self.zone.to_datetime(timestamp(time_ms))
    }
}

/// A day as the company sees it.
pub(super) struct WorkDay<'z> {
    pub(super) clock: Day<'z>,
    pub(super) weekday: Weekday,
    /// From Monday.
    pub(super) week: Interval,
    pub(super) is_closed: bool,
}

impl WorkDay<'_> {
    pub(super) fn interval(&self) -> Interval {
        Interval {
            from_ms: self.clock.from_ms,
            to_ms: self.clock.to_ms,
        }
    }
}

/// Days from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: Date,
    to: Date,
}

impl Period {
    /// Errors: an end before the beginning or more than 60 days after it, a year before 2000 or after 2100.
    pub fn new(from: Date, to: Date) -> Result<Self, FieldError> {
        for (field, date) in [("date_from", from), ("date_to", to)] {
            if !(2000..=2100).contains(&date.year()) {
                return Err(FieldError::invalid(field, "is too far away"));
            }
        }
        let days = days_between(from, to);
        if days < 0 {
            return Err(FieldError::invalid(
                "date_to",
                "must not be before date_from",
            ));
        }
        if days > PERIOD_MAX_DAYS {
            return Err(FieldError::invalid(
                "date_to",
                format!("must be {PERIOD_MAX_DAYS} days after date_from at most"),
            ));
        }
        Ok(Self { from, to })
    }

    pub(super) fn days(self) -> impl Iterator<Item = Date> {
        (self.from.series(1.day())).take_while(move |date| *date <= self.to)
    }

    /// One day.
    pub fn day(date: Date) -> Self {
        Self {
            from: date,
            to: date,
        }
    }

    /// The days [`Availability::nearest`](super::Availability::nearest) looks at.
    pub fn around(date: Date) -> Self {
        Self {
            from: date.saturating_sub(NEAREST_WITHIN_DAYS.days()),
            to: date.saturating_add(NEAREST_WITHIN_DAYS.days()),
        }
    }

    /// Which bookings and times off a [`Member`](super::Member) needs to be judged right on these days: all that touch
    /// this interval. It holds whole weeks, because bookings of a week are counted, and what may reach into them.
    pub fn touched_by(self, calendar: &Calendar) -> Interval {
        let day = |date| Day::new(&calendar.zone, date);
        Interval {
            from_ms: day(monday_of(self.from)).from_ms - REACH_MS,
            to_ms: day(monday_of(self.to).saturating_add(6.days())).to_ms + REACH_MS,
        }
    }
}

fn monday_of(date: Date) -> Date {
    date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
}

pub(super) fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// Minutes from midnight on the wall.
pub(super) fn minute_of(wall: DateTime) -> u32 {
    (i32::from(wall.hour()) * 60 + i32::from(wall.minute())) as u32
}
