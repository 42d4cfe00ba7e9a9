//! When a visit can begin. One judge ([`Availability`]) decides every beginning; a list is what it lets through.
//!
//! Rules are kept on the company's wall clock (hours, grid of beginnings, days), lengths are real minutes. On the day
//! the clock is put forward the skipped times are no beginnings; on the day it is put back the times that come twice
//! are offered once, for the first time (see [`Reading`]).

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use super::BookingError;
use super::holidays::holiday_on;
use super::model::{
    DAY_MIN, Demand, Interval, Service, TIMES_MS, TimeOff, WallSpan, WeeklyHours, minutes_ms,
};
use super::wall::{Day, Reading, timestamp};

/// Longest span of days a list is made for.
const PERIOD_MAX_DAYS: i64 = 60;
/// How far to each side the nearest free beginnings are looked for, in days.
const NEAREST_WITHIN_DAYS: i64 = 30;
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

    fn wall_at(&self, time_ms: i64) -> DateTime {
        self.zone.to_datetime(timestamp(time_ms))
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
    pub fn new(from: Date, to: Date) -> Result<Self, BookingError> {
        for (field, date) in [("date_from", from), ("date_to", to)] {
            if !(2000..=2100).contains(&date.year()) {
                return Err(BookingError::invalid(field, "is too far away"));
            }
        }
        let days = days_between(from, to);
        if days < 0 {
            return Err(BookingError::invalid(
                "date_to",
                "must not be before date_from",
            ));
        }
        if days > PERIOD_MAX_DAYS {
            return Err(BookingError::invalid(
                "date_to",
                format!("must be {PERIOD_MAX_DAYS} days after date_from at most"),
            ));
        }
        Ok(Self { from, to })
    }

    /// The days [`Availability::nearest`] looks at.
    pub fn around(date: Date) -> Self {
        Self {
            from: date.saturating_sub(NEAREST_WITHIN_DAYS.days()),
            to: date.saturating_add(NEAREST_WITHIN_DAYS.days()),
        }
    }

    /// Which bookings and times off [`Member`]s need to be judged right on these days: all that touch this interval.
    /// It holds whole weeks, because bookings of a week are counted, and what may reach into them.
    pub fn touched_by(self, calendar: &Calendar) -> Interval {
        let day = |date| Day::new(&calendar.zone, date);
        Interval {
            from_ms: day(monday_of(self.from)).from_ms - REACH_MS,
            to_ms: day(monday_of(self.to).saturating_add(6.days())).to_ms + REACH_MS,
        }
    }
}

/// A booking that holds time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    /// What was booked.
    pub service_id: i64,
    /// Its beginning, in milliseconds UTC; the day it counts for.
    pub start_ms: i64,
    /// The visit with its own buffers ([`Demand::busy`] when it was booked).
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

/// A visit that can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// Its beginning, in milliseconds UTC.
    pub start_ms: i64,
    /// Its end.
    pub end_ms: i64,
    /// How far the company's clock is ahead of UTC at its beginning, in seconds; tells apart the hour that comes twice.
    pub offset_s: i32,
    /// Who takes it.
    pub member_id: i64,
}

/// Why a visit cannot begin then. In order: of several members' reasons the last is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// It is in the past, or sooner than the service's notice.
    #[error("this is too soon")]
    TooSoon,
    /// It lies behind the service's horizon.
    #[error("this is too far ahead")]
    TooFar,
    /// The clock is put forward over this time.
    #[error("this time does not exist: the clock is put forward over it")]
    Skipped,
    /// A closure or a public holiday.
    #[error("the company is closed on this day")]
    Closed,
    /// Nobody works then, or not for long enough.
    #[error("this is outside working hours")]
    OutsideHours,
    /// No beginning of the service's steps; also the second pass of an hour that comes twice.
    #[error("visits do not begin at this time")]
    NotOnGrid,
    /// The member has as many bookings of the service as they take in one day.
    #[error("this day is full")]
    DayFull,
    /// Booked, or time off.
    #[error("this time is taken")]
    Taken,
}

/// Judges beginnings of one service for one member or any of several.
#[derive(Debug)]
pub struct Availability<'a> {
    calendar: &'a Calendar,
    service: &'a Service,
    demand: Demand,
    members: Vec<Diary<'a>>,
    /// The soonest beginning, in milliseconds UTC.
    soonest_ms: i64,
    /// The last day within the horizon.
    last_date: Date,
}

impl<'a> Availability<'a> {
    /// * `travel_min`: one way to the client; counts on site alone.
    /// * `members`: those who do the service; whoever the client chose, or all.
    /// * `now_ms`: milliseconds UTC.
    pub fn new(
        calendar: &'a Calendar,
        service: &'a Service,
        travel_min: u32,
        members: &[Member<'a>],
        now_ms: i64,
    ) -> Self {
        Self {
            calendar,
            service,
            demand: Demand::of(service, travel_min),
            members: members
                .iter()
                .map(|member| Diary::new(member, service.id))
                .collect(),
            soonest_ms: now_ms.saturating_add(minutes_ms(service.min_notice_min)),
            last_date: calendar
                .date_at(now_ms)
                .saturating_add(i64::from(service.horizon_days).days()),
        }
    }

    /// What the visit takes, to be kept with its booking.
    pub fn demand(&self) -> Demand {
        self.demand
    }

    /// Every beginning that is free, in order, each once with the member it would be given to: of those who are free,
    /// the one with the fewest bookings that day, then that week (from Monday), then by number.
    pub fn list(&self, period: Period) -> Vec<Slot> {
        let mut slots = Vec::new();
        for date in period.from.series(1.day()) {
            if date > period.to.min(self.last_date) {
                break;
            }
            self.add_slots_of(date, &mut slots);
        }
        slots
    }

    /// Whether a visit can begin at `start_ms` (milliseconds UTC), by the same rules and with the same choice.
    ///
    /// Errors: why it cannot. Without any member that is [`Refusal::OutsideHours`].
    pub fn is_free(&self, start_ms: i64) -> Result<Slot, Refusal> {
        if start_ms < self.soonest_ms {
            return Err(Refusal::TooSoon);
        }
        if !TIMES_MS.contains(&start_ms) {
            return Err(Refusal::TooFar);
        }
        let wall = self.calendar.wall_at(start_ms);
        let today = self.work_day(wall.date());
        // Seconds, or the second pass of an hour that comes twice.
        if today.clock.read(minute_of(wall)).first_ms() != start_ms {
            return Err(Refusal::NotOnGrid);
        }
        let mut free: Option<(Load, Slot)> = None;
        let mut refusal = Refusal::TooSoon;
        for diary in &self.members {
            match self.judge(diary, &today, minute_of(wall)) {
                Ok(slot) => {
                    let candidate = (diary.load(&today), slot);
                    free = Some(free.map_or(candidate, |best| best.min(candidate)));
                }
                Err(why) => refusal = refusal.max(why),
            }
        }
        match free {
            Some((_, slot)) => Ok(slot),
            None if self.members.is_empty() => Err(Refusal::OutsideHours),
            None => Err(refusal),
        }
    }

    /// The `count` free beginnings nearest to `start_ms`, nearest first and of two as near the earlier first, within 30
    /// days to each side.
    pub fn nearest(&self, start_ms: i64, count: usize) -> Vec<Slot> {
        let date = self.calendar.date_at(start_ms);
        let distance = |slot: &Slot| (slot.start_ms.abs_diff(start_ms), slot.start_ms);
        let mut found = Vec::new();
        for days in 0..=NEAREST_WITHIN_DAYS {
            let (before, after) = (
                date.saturating_sub(days.days()),
                date.saturating_add(days.days()),
            );
            self.add_slots_of(before, &mut found);
            if days > 0 {
                self.add_slots_of(after, &mut found);
            }
            found.sort_unstable_by_key(distance);
            // Nothing on the days still to come is nearer than the end of those looked at.
            let looked_at_ms = u64::min(
                start_ms.abs_diff(Day::new(&self.calendar.zone, before).from_ms),
                start_ms.abs_diff(Day::new(&self.calendar.zone, after).to_ms),
            );
            if count == 0
                || (found.get(count - 1)).is_some_and(|slot| distance(slot).0 < looked_at_ms)
            {
                break;
            }
        }
        found.truncate(count);
        found
    }

    fn add_slots_of(&self, date: Date, slots: &mut Vec<Slot>) {
        let today = self.work_day(date);
        // Only to save time: on such a day every beginning is refused.
        if today.is_closed || date > self.last_date || today.clock.to_ms <= self.soonest_ms {
            return;
        }
        let mut free: Vec<(i64, Load, Slot)> = Vec::new();
        for diary in &self.members {
            let load = diary.load(&today);
            for span in diary.hours.on(today.weekday) {
                for minute in self.grid(*span) {
                    if let Ok(slot) = self.judge(diary, &today, minute) {
                        free.push((slot.start_ms, load, slot));
                    }
                }
            }
        }
        free.sort_unstable();
        free.dedup_by_key(|(start_ms, ..)| *start_ms);
        slots.extend(free.into_iter().map(|(.., slot)| slot));
    }

    fn grid(&self, span: WallSpan) -> impl Iterator<Item = u32> {
        (span.from_min()..span.to_min()).step_by(self.service.slot_step_min.max(1) as usize)
    }

    /// The rules: whether a member can take a visit that begins at a minute of the day.
    fn judge(&self, diary: &Diary, today: &WorkDay, minute: u32) -> Result<Slot, Refusal> {
        let Reading::At { ms, offset_s } = today.clock.read(minute) else {
            return Err(Refusal::Skipped);
        };
        if ms < self.soonest_ms {
            return Err(Refusal::TooSoon);
        }
        if today.clock.date > self.last_date {
            return Err(Refusal::TooFar);
        }
        if today.is_closed {
            return Err(Refusal::Closed);
        }
        let span = (diary.hours.span_at(today.weekday, minute)).ok_or(Refusal::OutsideHours)?;
        if !(minute - span.from_min()).is_multiple_of(self.service.slot_step_min.max(1)) {
            return Err(Refusal::NotOnGrid);
        }
        let end_ms = self.demand.end_ms(ms);
        if end_ms > today.clock.read(span.to_min()).first_ms() {
            return Err(Refusal::OutsideHours);
        }
        if let Some(cap) = self.service.daily_cap
            && count_within(&diary.same_service_ms, today.interval()) >= cap as usize
        {
            return Err(Refusal::DayFull);
        }
        if diary.is_busy(self.demand.busy(ms)) {
            return Err(Refusal::Taken);
        }
        Ok(Slot {
            start_ms: ms,
            end_ms,
            offset_s,
            member_id: diary.id,
        })
    }

    fn work_day(&self, date: Date) -> WorkDay<'a> {
        let zone = &self.calendar.zone;
        let monday = monday_of(date);
        WorkDay {
            clock: Day::new(zone, date),
            weekday: date.weekday(),
            week: Interval {
                from_ms: Day::new(zone, monday).from_ms,
                to_ms: Day::new(zone, monday.saturating_add(6.days())).to_ms,
            },
            is_closed: self.calendar.is_closed(date),
        }
    }
}

/// A day as the company sees it.
struct WorkDay<'z> {
    clock: Day<'z>,
    weekday: Weekday,
    /// From Monday.
    week: Interval,
    is_closed: bool,
}

impl WorkDay<'_> {
    fn interval(&self) -> Interval {
        Interval {
            from_ms: self.clock.from_ms,
            to_ms: self.clock.to_ms,
        }
    }
}

/// How many bookings a member has on a day, and in its week.
type Load = (usize, usize);

/// A member's bookings, sorted to be asked often.
#[derive(Debug)]
struct Diary<'a> {
    id: i64,
    hours: &'a WeeklyHours,
    /// Bookings with their buffers and time off, in order and apart from each other.
    busy: Vec<Interval>,
    /// Beginnings of all bookings, in order.
    starts_ms: Vec<i64>,
    /// Those of the service asked for.
    same_service_ms: Vec<i64>,
}

impl<'a> Diary<'a> {
    fn new(member: &Member<'a>, service_id: i64) -> Self {
        let starts = |wanted: fn(i64, i64) -> bool| {
            let mut starts_ms: Vec<i64> = (member.booked.iter())
                .filter(|booked| wanted(booked.service_id, service_id))
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
            starts_ms: starts(|_, _| true),
            same_service_ms: starts(|service, wanted| service == wanted),
        }
    }

    fn is_busy(&self, wanted: Interval) -> bool {
        let next = self
            .busy
            .partition_point(|busy| busy.to_ms <= wanted.from_ms);
        self.busy
            .get(next)
            .is_some_and(|busy| busy.overlaps(wanted))
    }

    fn load(&self, today: &WorkDay) -> Load {
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

fn monday_of(date: Date) -> Date {
    date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn minute_of(wall: DateTime) -> u32 {
    let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
    (minute as u32).min(DAY_MIN)
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "slots_clock_tests.rs"]
mod clock_tests;
