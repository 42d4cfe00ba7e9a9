//! One day on the clock at the company's wall.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::model::DAY_MIN;

/// What a time of day on the wall means on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// It comes. When it comes twice because the clock is put back, this is the first time (still daylight saving
    /// time), as RFC 5545 and people's calendars take it.
    At {
        /// Milliseconds UTC.
        ms: i64,
        /// Seconds east of UTC.
        offset_s: i32,
    },
    /// It does not come, because the clock is put forward over it.
    Skipped {
        /// When the clock is put forward, in milliseconds UTC.
        changes_ms: i64,
    },
}

impl Reading {
    /// The first moment at which the clock shows this time or a later one.
    pub(super) fn first_ms(self) -> i64 {
        match self {
            Self::At { ms, .. } => ms,
            Self::Skipped { changes_ms } => changes_ms,
        }
    }
}

/// A day from midnight to midnight in a zone.
#[derive(Debug, Clone)]
pub(super) struct Day<'z> {
    zone: &'z TimeZone,
    pub(super) date: Date,
    /// Its first moment, in milliseconds UTC.
    pub(super) from_ms: i64,
    /// The first moment of the next day.
    pub(super) to_ms: i64,
    /// Seconds east of UTC, unless the clock changes that day: then every time is looked up.
    steady_offset_s: Option<i32>,
}

impl<'z> Day<'z> {
    pub(super) fn new(zone: &'z TimeZone, date: Date) -> Self {
        let first = read(zone, date, 0);
        let from_ms = first.first_ms();
        let to_ms = read(zone, date, DAY_MIN).first_ms();
        let steady_offset_s = match first {
            Reading::At { ms, offset_s } => (zone.following(timestamp(ms)).next())
                .is_none_or(|change| change.timestamp().as_millisecond() > to_ms)
                .then_some(offset_s),
            Reading::Skipped { .. } => None,
        };
        Self {
            zone,
            date,
            from_ms,
            to_ms,
            steady_offset_s,
        }
    }

    /// What a time of this day means; `minute` counts on the wall from midnight, 1440 is the next midnight.
    pub(super) fn read(&self, minute: u32) -> Reading {
        match self.steady_offset_s {
            Some(offset_s) => Reading::At {
                ms: self.from_ms + i64::from(minute) * 60_000,
                offset_s,
            },
            None => read(self.zone, self.date, minute),
        }
    }
}

fn read(zone: &TimeZone, date: Date, minute: u32) -> Reading {
    let wall = date
        .to_datetime(Time::midnight())
        .saturating_add(SignedDuration::from_mins(i64::from(minute)));
    let wall_ms = wall
        .duration_since(Date::constant(1970, 1, 1).to_datetime(Time::midnight()))
        .as_millis() as i64;
    let ms_at = |offset: Offset| wall_ms - i64::from(offset.seconds()) * 1_000;
    match zone.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            Reading::At {
                ms: ms_at(offset),
                offset_s: offset.seconds(),
            }
        }
        AmbiguousOffset::Gap { before, after } => Reading::Skipped {
            // By the clock put forward the skipped time lies before the change, so the change is what follows.
            changes_ms: (zone.following(timestamp(ms_at(after))).next())
                .map_or(ms_at(before), |change| change.timestamp().as_millisecond()),
        },
    }
}

/// A time in milliseconds UTC; what lies outside the years 0 to 9999 is taken as their end.
pub(super) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
