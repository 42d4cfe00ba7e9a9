//! When a visit can begin. One judge ([`Availability`]) decides every beginning; a list is what it lets through.
//!
//! Rules are kept on the company's wall clock (hours, grid of beginnings, days), lengths are real minutes. On the day
//! the clock is put forward the skipped times are no beginnings; on the day it is put back the times that come twice
//! are offered once, for the first time (see [`Reading`]).

use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::{Calendar, NEAREST_WITHIN_DAYS, Period, WorkDay, minute_of};
use super::demand::Demand;
use super::diary::{Diary, Member};
use super::hours::WallSpan;
use super::model::{DAY_MIN, Service, TIMES_MS, minutes_ms};
use super::wall::{Day, Reading};

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

impl Refusal {
    /// The reason as programs know it.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSoon => "too_soon",
            Self::TooFar => "too_far",
            Self::Skipped => "no_such_time",
            Self::Closed => "closed",
            Self::OutsideHours => "outside_hours",
            Self::NotOnGrid => "not_on_grid",
            Self::DayFull | Self::Taken => "slot_taken",
        }
    }
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
        for date in period.days() {
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
        let today = self.calendar.work_day(wall.date());
        // Seconds, or the second pass of an hour that comes twice.
        if today.clock.read(minute_of(wall)).first_ms() != start_ms {
            return Err(Refusal::NotOnGrid);
        }
        let mut refusal = None;
        for diary in self.by_load(&today) {
            match self.judge(diary, &today, minute_of(wall)) {
                Ok(slot) => return Ok(slot),
                Err(why) => refusal = refusal.max(Some(why)),
            }
        }
        Err(refusal.unwrap_or(Refusal::OutsideHours))
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
        let today = self.calendar.work_day(date);
        // Only to save time: on such a day every beginning is refused.
        if today.is_closed || date > self.last_date || today.clock.to_ms <= self.soonest_ms {
            return;
        }
        let begin = slots.len();
        let mut is_given = [false; DAY_MIN as usize];
        for diary in self.by_load(&today) {
            for span in diary.hours.on(today.weekday) {
                for minute in self.grid(*span) {
                    let is_given = &mut is_given[minute as usize];
                    if !*is_given && let Ok(slot) = self.judge(diary, &today, minute) {
                        *is_given = true;
                        slots.push(slot);
                    }
                }
            }
        }
        slots[begin..].sort_unstable();
    }

    /// The members, whoever is to be given the next visit of that day first.
    fn by_load(&self, today: &WorkDay) -> Vec<&Diary<'a>> {
        let mut diaries: Vec<_> = self.members.iter().collect();
        diaries.sort_by_cached_key(|diary| (diary.load(today), diary.id));
        diaries
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
            && diary.same_service_on(today) >= cap as usize
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
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "slots_clock_tests.rs"]
mod clock_tests;

#[cfg(test)]
#[path = "slots_property_tests.rs"]
mod property_tests;
