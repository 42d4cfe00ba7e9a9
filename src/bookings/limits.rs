//! Until when a client may change a booking, and when its reminders are due. Times are milliseconds UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::FieldError;
use super::hours::wall_minute;
use super::model::{BookingStatus, Channel, DAY_MIN, ReminderRule, Service, minutes_ms};
use super::wall::{Day, timestamp};

/// A reminder that would come in quiet hours comes this long before them, so that it is out when they begin.
const BEFORE_QUIET_MS: i64 = 15 * 60_000;
/// A reminder that comes later than meant helps only while this much is left before the visit.
const USEFUL_LEFT_MS: i64 = 30 * 60_000;
/// A reminder picked up this soon after it was due is on time.
const ON_TIME_MS: i64 = 5 * 60_000;

/// What a client may do to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Call it off.
    Cancel,
    /// Move it to another time.
    Reschedule,
}

/// Why a client may not change a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// It was cancelled or is over.
    #[error("this booking can no longer be changed")]
    NotOpen,
    /// It begins too soon.
    #[error("it is too late to change this booking online; please call")]
    TooLate {
        /// Until when it could be changed.
        until_ms: i64,
    },
}

/// The last moment at which a client may make the change.
pub fn change_until_ms(change: Change, service: &Service, start_ms: i64) -> i64 {
    start_ms
        - minutes_ms(match change {
            Change::Cancel => service.cancel_notice_min,
            Change::Reschedule => service.reschedule_notice_min,
        })
}

/// Whether a client may make the change at `now_ms`; staff are not asked. Never once the visit has begun, even when
/// the service asks for no notice.
pub fn client_may(
    change: Change,
    service: &Service,
    status: BookingStatus,
    start_ms: i64,
    now_ms: i64,
) -> Result<(), ChangeRefusal> {
    let until_ms = change_until_ms(change, service, start_ms);
    match status {
        BookingStatus::Booked if now_ms <= until_ms && now_ms < start_ms => Ok(()),
        BookingStatus::Booked => Err(ChangeRefusal::TooLate { until_ms }),
        BookingStatus::Cancelled | BookingStatus::Done | BookingStatus::NoShow => {
            Err(ChangeRefusal::NotOpen)
        }
    }
}

/// Hours in which nobody is disturbed on any channel, in minutes from midnight on the company's clock; they may lie around midnight.
/// Beginning and end alike: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// When they begin.
    pub from_min: u32,
    /// When they end.
    pub to_min: u32,
}

impl Default for QuietHours {
    /// From 21:00 to 8:00.
    fn default() -> Self {
        Self {
            from_min: 21 * 60,
            to_min: 8 * 60,
        }
    }
}

impl QuietHours {
    /// Reads `21:00` and `08:00`. Errors: no time of day written like that.
    pub fn parse(from: &str, to: &str) -> Result<Self, FieldError> {
        Ok(Self {
            from_min: wall_minute("quiet_from", from)?,
            to_min: wall_minute("quiet_to", to)?,
        })
    }

    /// Whether a time falls into them.
    pub(super) fn covers(self, zone: &TimeZone, time_ms: i64) -> bool {
        self.around(zone, time_ms).is_some()
    }

    /// Beginning and end of the quiet hours a time falls into, if it does.
    fn around(self, zone: &TimeZone, time_ms: i64) -> Option<(i64, i64)> {
        let today = zone.to_datetime(timestamp(time_ms)).date();
        let yesterday = today.yesterday().ok()?;
        [yesterday, today]
            .into_iter()
            .filter_map(|date| self.beginning_on(zone, date))
            .find(|&(from_ms, to_ms)| (from_ms..to_ms).contains(&time_ms))
    }

    fn beginning_on(self, zone: &TimeZone, date: Date) -> Option<(i64, i64)> {
        let moment =
            |date, minute: u32| (Day::new(zone, date).read(minute.min(DAY_MIN))).first_ms();
        let last = if self.to_min < self.from_min {
            date.tomorrow().ok()?
        } else {
            date
        };
        Some((moment(date, self.from_min), moment(last, self.to_min)))
    }
}

/// A reminder to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueReminder {
    /// When it is to be sent.
    pub due_ms: i64,
    /// How.
    pub channel: Channel,
    /// What its rule says, in minutes before the visit.
    pub offset_min: u32,
}

/// The reminders of a visit booked or moved at `now_ms`, in order of time.
///
/// One whose time has passed is not made: the confirmation has just said the same. One due in quiet hours comes 15
/// minutes before they begin, if that is still ahead; else when they end, if half an hour is left then; else it is
/// dropped. Two that end up at one time on one channel become one, that of the shorter offset.
pub fn reminders_of(
    rules: &[ReminderRule],
    start_ms: i64,
    now_ms: i64,
    zone: &TimeZone,
    quiet: QuietHours,
) -> Vec<DueReminder> {
    let mut reminders: Vec<DueReminder> = rules
        .iter()
        .filter_map(|rule| {
            let meant_ms = start_ms - minutes_ms(rule.offset_min);
            Some(DueReminder {
                due_ms: due_ms(meant_ms, start_ms, now_ms, zone, quiet)?,
                channel: rule.channel,
                offset_min: rule.offset_min,
            })
        })
        .collect();
    reminders.sort_unstable();
    reminders.dedup_by_key(|reminder| (reminder.due_ms, reminder.channel));
    reminders
}

fn due_ms(
    meant_ms: i64,
    start_ms: i64,
    now_ms: i64,
    zone: &TimeZone,
    quiet: QuietHours,
) -> Option<i64> {
    if meant_ms <= now_ms || meant_ms >= start_ms {
        return None;
    }
    let Some((quiet_from_ms, quiet_to_ms)) = quiet.around(zone, meant_ms) else {
        return Some(meant_ms);
    };
    let before_ms = quiet_from_ms - BEFORE_QUIET_MS;
    if before_ms > now_ms {
        Some(before_ms)
    } else {
        (start_ms - quiet_to_ms >= USEFUL_LEFT_MS).then_some(quiet_to_ms)
    }
}

/// What to do with a reminder that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pickup {
    /// Send it now.
    Send,
    /// It is quiet now; look again then.
    WaitUntil {
        /// When quiet hours end.
        at_ms: i64,
    },
    /// It came too late to help.
    Missed,
}

/// Decides when a reminder is picked up, which may be late: after downtime, or because sending failed.
///
/// Up to 5 minutes late is on time. Later it is still sent while more than half of its lead time (from `due_ms` to the
/// visit) is left and at least half an hour, else it is missed. In quiet hours it waits for their end, if it would still
/// help then; one due in them is on time when they end.
pub fn on_pickup(
    due_ms: i64,
    start_ms: i64,
    now_ms: i64,
    zone: &TimeZone,
    quiet: QuietHours,
) -> Pickup {
    let after_quiet = |time_ms| {
        let quiet = quiet.around(zone, time_ms);
        quiet.map_or(time_ms, |(_, quiet_to_ms)| quiet_to_ms)
    };
    let due_ms = after_quiet(due_ms);
    let helps_at = |time_ms: i64| {
        let left_ms = start_ms - time_ms;
        let is_on_time = time_ms - due_ms <= ON_TIME_MS && left_ms > 0;
        is_on_time || (left_ms >= USEFUL_LEFT_MS && left_ms * 2 > start_ms - due_ms)
    };
    let send_ms = after_quiet(now_ms);
    match helps_at(send_ms) {
        false => Pickup::Missed,
        true if send_ms > now_ms => Pickup::WaitUntil { at_ms: send_ms },
        true => Pickup::Send,
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
