//! What is copied away, what is removed there, in pieces of what size. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::settings::OffsiteSettings;
use crate::backup::model::BackupName;
use crate::backup::rules::kept;

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Backups to copy, the newest first.
    pub(super) copy: Vec<BackupName>,
    /// Copies that need not be kept.
    pub(super) remove: Vec<BackupName>,
    /// The newest backup must not leave the house: it is not encrypted.
    pub(super) is_withheld: bool,
}

/// Compares what is proved here with what is complete there. What is here and would be removed there at once is not copied.
pub(super) fn plan(
    here: &[BackupName],
    there: &[BackupName],
    zone: &TimeZone,
    settings: &OffsiteSettings,
) -> Plan {
    let there: BTreeSet<&BackupName> = there.iter().collect();
    let may_leave = |name: &BackupName| name.is_sealed() || settings.allow_unencrypted;
    let leaving: BTreeSet<&BackupName> = here.iter().filter(|name| may_leave(name)).collect();
    let times: Vec<Timestamp> = leaving.union(&there).map(|name| name.at).collect();
    let kept = kept(&times, zone, settings.retention());
    let missing = leaving.iter().rev().filter(|name| !there.contains(**name));
    let newest = here.iter().max();
    Plan {
        copy: missing
            .filter(|name| kept.contains(&name.at))
            .map(|name| (*name).clone())
            .collect(),
        remove: there
            .iter()
            .filter(|name| !kept.contains(&name.at))
            .map(|name| (*name).clone())
            .collect(),
        is_withheld: newest.is_some_and(|name| !may_leave(name) && !there.contains(name)),
    }
}

/// Smallest piece of a copy: clouds take none under 5 MiB but the last.
const PART_LEAST_BYTES: u64 = 8 << 20;
/// Most pieces a cloud takes.
const PARTS_MAX: u64 = 10_000;

/// Size of the pieces in which a file of this size is copied; the last may be smaller.
pub(super) fn part_bytes(size_bytes: u64) -> u64 {
    let least = size_bytes.div_ceil(PARTS_MAX);
    least.next_multiple_of(1 << 20).max(PART_LEAST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Format;

    fn name(day: i8, is_sealed: bool) -> BackupName {
        let at = format!("2026-11-{day:02}T03:00:00Z").parse().unwrap();
        BackupName::new(at, Format::Zip, is_sealed)
    }

    fn sealed(days: std::ops::RangeInclusive<i8>) -> Vec<BackupName> {
        days.map(|day| name(day, true)).collect()
    }

    fn days(keep_days: u32) -> OffsiteSettings {
        OffsiteSettings {
            allow_unencrypted: false,
            keep_days,
            keep_weeks: 0,
            keep_months: 0,
        }
    }

    #[test]
    fn what_is_missing_there_goes_newest_first_and_what_is_too_old_is_not_copied_to_be_removed() {
        let planned = plan(&sealed(1..=6), &sealed(3..=4), &TimeZone::UTC, &days(3));
        assert_eq!(planned.copy, [name(6, true), name(5, true)]);
        assert_eq!(planned.remove, [name(3, true)]);
        assert!(!planned.is_withheld);
        let again = plan(&sealed(1..=6), &sealed(4..=6), &TimeZone::UTC, &days(3));
        assert_eq!(again, Plan::default());
    }

    #[test]
    fn what_is_gone_here_stays_there_as_long_as_it_is_kept_there() {
        let planned = plan(&[], &sealed(1..=9), &TimeZone::UTC, &days(8));
        assert_eq!(planned.remove, [name(1, true)]);
        let none = plan(&[], &sealed(1..=9), &TimeZone::UTC, &days(0));
        assert_eq!(none.remove.len(), 8, "the newest always stays");
    }

    #[test]
    fn a_backup_that_is_not_encrypted_stays_here_unless_the_owner_lets_it_go() {
        let here = [name(1, true), name(2, false)];
        let planned = plan(&here, &[], &TimeZone::UTC, &days(5));
        assert_eq!(planned.copy, [name(1, true)]);
        assert!(planned.is_withheld);
        let allowed = OffsiteSettings {
            allow_unencrypted: true,
            ..days(5)
        };
        let planned = plan(&here, &[], &TimeZone::UTC, &allowed);
        assert_eq!(planned.copy, [name(2, false), name(1, true)]);
        assert!(!planned.is_withheld);
        let older = [name(1, false), name(2, true)];
        assert!(!plan(&older, &[], &TimeZone::UTC, &days(5)).is_withheld);
    }

    #[test]
    fn pieces_are_large_enough_and_never_too_many() {
        assert_eq!(part_bytes(0), 8 << 20);
        assert_eq!(part_bytes(80_000 << 20), 8 << 20);
        for size_bytes in [1, 1 << 30, (80_000 << 20) + 1, 1 << 42] {
            let part = part_bytes(size_bytes);
            assert!(size_bytes.div_ceil(part) <= PARTS_MAX, "{size_bytes}");
            assert!(part >= PART_LEAST_BYTES && part.is_multiple_of(1 << 20));
        }
    }
}
