//! What the owner wants done by the clock: when, and how long backups are kept.

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::BackupError;
use super::rules::Retention;
use crate::platform::db::{DbError, Tx};
use crate::platform::settings;

/// Name of the setting.
const SETTING: &str = "backup_schedule";
/// Longest pattern that is read.
const CRON_MAX_CHARS: usize = 100;
/// How many times in a row are looked at for coming too often.
const LOOKED_AT: usize = 50;
/// Least time between two backups.
const LEAST_S: i64 = 60 * 60;
/// Most days, weeks or months that are kept.
const KEEP_MAX: u32 = 1000;

/// The owner's schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Whether backups are made by the clock.
    pub enabled: bool,
    /// When: seconds, minutes, hours, day of the month, month, day of the week, in the company's time zone.
    pub cron: String,
    /// Days of which the newest is kept.
    pub keep_days: u32,
    /// Weeks of which the newest is kept.
    pub keep_weeks: u32,
    /// Months of which the newest is kept.
    pub keep_months: u32,
}

impl Default for Schedule {
    /// Every night at three.
    fn default() -> Self {
        let retention = Retention::default();
        Self {
            enabled: true,
            cron: "0 0 3 * * *".into(),
            keep_days: retention.keep_days,
            keep_weeks: retention.keep_weeks,
            keep_months: retention.keep_months,
        }
    }
}

impl Schedule {
    /// Errors: the pattern does not parse, never comes, or comes more than once an hour; too much is to be kept.
    pub fn checked(self) -> Result<Self, BackupError> {
        let refused = |why: &str| BackupError::Field("cron", why.into());
        let cron = pattern(&self.cron).ok_or_else(|| {
            refused("must be six fields as cron has them, the seconds first, like 0 0 3 * * *")
        })?;
        let mut at = DateTime::<Utc>::UNIX_EPOCH;
        for number in 0..LOOKED_AT {
            let next = cron
                .find_next_occurrence(&at, false)
                .map_err(|_| refused("must be a time that comes"))?;
            if number > 0 && (next - at).num_seconds() < LEAST_S {
                return Err(refused("must come once an hour at most"));
            }
            at = next;
        }
        check_retention(self.retention())?;
        Ok(self)
    }

    /// How long backups are kept.
    pub fn retention(&self) -> Retention {
        Retention {
            keep_days: self.keep_days,
            keep_weeks: self.keep_weeks,
            keep_months: self.keep_months,
        }
    }

    /// The newest time at or before `now` at which a backup was due. Where the clock jumps over the time, it is due right
    /// after the jump.
    pub fn last_due(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let cron = pattern(&self.cron)?;
        let mut civil = on_the_wall(zone, now)?;
        let mut inclusive = true;
        // Twice, since what the wall shows may lie behind a jump and so after now.
        for _ in 0..2 {
            civil = cron.find_previous_occurrence(&civil, inclusive).ok()?;
            inclusive = false;
            let due = off_the_wall(zone, civil)?;
            if due <= now {
                return Some(due);
            }
        }
        None
    }

    /// The next time after `now`; `None` while it is off.
    pub fn next_due(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        if !self.enabled {
            return None;
        }
        let cron = pattern(&self.cron)?;
        let civil = on_the_wall(zone, now)?;
        let next = cron.find_next_occurrence(&civil, false).ok()?;
        off_the_wall(zone, next)
    }
}

/// Errors: too much is to be kept.
pub(super) fn check_retention(retention: Retention) -> Result<(), BackupError> {
    for (field, keep) in [
        ("keep_days", retention.keep_days),
        ("keep_weeks", retention.keep_weeks),
        ("keep_months", retention.keep_months),
    ] {
        if keep > KEEP_MAX {
            let why = format!("must be from 0 to {KEEP_MAX}");
            return Err(BackupError::Field(field, why));
        }
    }
    Ok(())
}

fn pattern(text: &str) -> Option<Cron> {
    if text.chars().count() > CRON_MAX_CHARS || text.split_whitespace().count() != 6 {
        return None;
    }
    let parser = CronParser::builder().seconds(Seconds::Required).build();
    parser.parse(text).ok()
}

/// What clocks on the wall show, as croner's times without a zone.
fn on_the_wall(zone: &TimeZone, at: Timestamp) -> Option<DateTime<Utc>> {
    let shown = zone.to_datetime(at).to_zoned(TimeZone::UTC).ok()?;
    DateTime::from_timestamp(shown.timestamp().as_second(), 0)
}

fn off_the_wall(zone: &TimeZone, shown: DateTime<Utc>) -> Option<Timestamp> {
    let shown = Timestamp::from_second(shown.timestamp()).ok()?;
    let shown = TimeZone::UTC.to_datetime(shown);
    Some(shown.to_zoned(zone.clone()).ok()?.timestamp())
}

/// The schedule as it is set, or the usual one.
pub fn load_schedule(tx: &mut dyn Tx) -> Result<Schedule, DbError> {
    Ok(settings::load(tx, SETTING)?.unwrap_or_default())
}

pub(super) fn save_schedule(
    tx: &mut dyn Tx,
    schedule: &Schedule,
    now_ms: i64,
) -> Result<(), DbError> {
    settings::save(tx, SETTING, schedule, now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn schedule(cron: &str) -> Schedule {
        Schedule {
            cron: cron.into(),
            ..Schedule::default()
        }
    }

    #[test]
    fn every_night_at_three_of_the_company_also_when_its_clock_changes() {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let usual = Schedule::default();
        let last = |now| usual.last_due(&zone, at(now)).unwrap();
        let next = |now| usual.next_due(&zone, at(now)).unwrap();
        assert_eq!(last("2026-11-22T02:00:00Z"), at("2026-11-22T02:00:00Z"));
        assert_eq!(last("2026-11-22T01:59:59Z"), at("2026-11-21T02:00:00Z"));
        assert_eq!(next("2026-11-22T02:00:00Z"), at("2026-11-23T02:00:00Z"));
        assert_eq!(last("2026-03-29T12:00:00Z"), at("2026-03-29T01:00:00Z"));
        assert_eq!(last("2026-10-25T12:00:00Z"), at("2026-10-25T02:00:00Z"));
        // Half past two does not exist that night; it is due when the clock has jumped.
        let skipped = schedule("0 30 2 * * *");
        let due = skipped.last_due(&zone, at("2026-03-29T12:00:00Z")).unwrap();
        assert_eq!(due, at("2026-03-29T01:30:00Z"));
        let before = skipped.last_due(&zone, at("2026-03-29T01:10:00Z")).unwrap();
        assert_eq!(before, at("2026-03-28T01:30:00Z"));
    }

    #[test]
    fn weekdays_and_months_are_cron_s() {
        let sundays = schedule("0 0 4 * * SUN");
        let next = sundays.next_due(&TimeZone::UTC, at("2026-11-23T12:00:00Z"));
        assert_eq!(next, Some(at("2026-11-29T04:00:00Z")));
        let off = Schedule {
            enabled: false,
            ..sundays
        };
        assert_eq!(
            off.next_due(&TimeZone::UTC, at("2026-11-23T12:00:00Z")),
            None
        );
    }

    #[test]
    fn what_never_comes_comes_too_often_or_is_no_pattern_is_refused() {
        for cron in [
            "",
            "* * * * * *",
            "0 0 3 * *",
            "0 */5 * * * *",
            "0 0 3 30 2 *",
            "0 0 25 * * *",
            "tomorrow",
            "0 0 3 * * * 2027",
            "@daily",
        ] {
            assert!(schedule(cron).checked().is_err(), "{cron}");
        }
        for cron in [
            "0 0 3 * * *",
            "0 30 */6 * * *",
            "0 0 4 1 * *",
            "0 0 * * * *",
        ] {
            assert!(schedule(cron).checked().is_ok(), "{cron}");
        }
        let much = Schedule {
            keep_weeks: 1001,
            ..Schedule::default()
        };
        assert!(matches!(
            much.checked(),
            Err(BackupError::Field("keep_weeks", _))
        ));
    }
}
