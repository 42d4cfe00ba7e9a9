//! What a member has to do, sorted to be asked often.

use super::calendar::WorkDay;
use super::hours::WeeklyHours;
use super::model::{Interval, TimeOff};

/// A booking that holds time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// What was booked.
    pub service_id: i64,
    /// Its beginning, in milliseconds UTC; the day it counts for.
    pub start_ms: i64,
    /// The visit with its own buffers ([`Demand::busy`](super::Demand::busy) when it was booked).
    pub busy: Interval,
}

/// A member as the rules see them. A booking that is to be moved is left out of `booked`.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Number of the member.
    pub id: i64,
    /// When they work.
    pub hours: &'a WeeklyHours,
    /// When they do not; what is kept free around a visit does not reach into it either.
    pub time_off: &'a [TimeOff],
    /// Their bookings of every service, in any order.
    pub booked: &'a [Booked],
}

/// A member's bookings, sorted to be asked often.
#[derive(Debug)]
pub(super) struct Diary<'a> {
    pub(super) id: i64,
    pub(super) hours: &'a WeeklyHours,
    /// Bookings with their buffers and time off, in order and apart from each other.
    busy: Vec<Interval>,
    /// Beginnings of all bookings, in order.
    starts_ms: Vec<i64>,
    /// Those of the service asked for.
    same_service_ms: Vec<i64>,
}

impl<'a> Diary<'a> {
    pub(super) fn new(member: &Member<'a>, service_id: i64) -> Self {
        let sorted_starts = |of_all: bool| {
            let mut starts_ms: Vec<i64> = (member.booked.iter())
                .filter(|booked| of_all || booked.service_id == service_id)
                .map(|booked| booked.start_ms)
                .collect();
            starts_ms.sort_unstable();
            starts_ms
        };
        Self {
            id: member.id,
            hours: member.hours,
            busy: merged(
                (member.booked.iter().map(|booked| booked.busy))
                    .chain(member.time_off.iter().map(|time_off| time_off.interval()))
                    .collect(),
            ),
            starts_ms: sorted_starts(true),
            same_service_ms: sorted_starts(false),
        }
    }

    pub(super) fn is_busy(&self, wanted: Interval) -> bool {
        let next = self
            .busy
            .partition_point(|busy| busy.to_ms <= wanted.from_ms);
        self.busy
            .get(next)
            .is_some_and(|busy| busy.overlaps(wanted))
    }

    /// Bookings of the service asked for on that day.
    pub(super) fn same_service_on(&self, today: &WorkDay) -> usize {
        count_within(&self.same_service_ms, today.interval())
    }

    /// How many bookings there are on that day, and in its week.
    pub(super) fn load(&self, today: &WorkDay) -> (usize, usize) {
        (
            count_within(&self.starts_ms, today.interval()),
            count_within(&self.starts_ms, today.week),
        )
    }
}

/// The same time in as few intervals as can be, in order.
fn merged(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|interval| interval.from_ms < interval.to_ms);
    intervals.sort_unstable();
    intervals.dedup_by(|next, kept| {
        let touches = next.from_ms <= kept.to_ms;
        if touches {
            kept.to_ms = kept.to_ms.max(next.to_ms);
        }
        touches
    });
    intervals
}

/// How many of the sorted times lie in the interval.
fn count_within(sorted_ms: &[i64], interval: Interval) -> usize {
    let before = |limit_ms: i64| sorted_ms.partition_point(|&time_ms| time_ms < limit_ms);
    before(interval.to_ms) - before(interval.from_ms)
}
