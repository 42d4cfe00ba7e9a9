use jiff::Timestamp;

use super::super::model::{DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, LocationKind};
use super::*;
use crate::knowledge::PerLang;

const HOUR_MS: i64 = 3_600_000;

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn warsaw() -> TimeZone {
    TimeZone::get("Europe/Warsaw").unwrap()
}

fn service() -> Service {
    Service {
        id: 1,
        names: PerLang::same("Konsultacja"),
        duration_min: 60,
        buffer_before_min: 0,
        buffer_after_min: 0,
        slot_step_min: 30,
        min_notice_min: 0,
        horizon_days: 60,
        daily_cap: None,
        location_kind: LocationKind::Phone,
        cancel_notice_min: DEFAULT_CHANGE_NOTICE_MIN,
        reschedule_notice_min: 24 * 60,
        reminders: DEFAULT_REMINDERS.to_vec(),
    }
}

/// When reminders with these offsets (minutes) of SMS come, as wall times.
fn due(offsets: &[u32], start: &str, now: &str) -> Vec<String> {
    let rules: Vec<ReminderRule> = offsets
        .iter()
        .map(|&offset_min| ReminderRule {
            offset_min,
            channel: Channel::Sms,
        })
        .collect();
    reminders_of(&rules, ms(start), ms(now), &warsaw(), QuietHours::default())
        .into_iter()
        .map(|reminder| {
            let wall = warsaw().to_datetime(timestamp(reminder.due_ms));
            wall.strftime("%d. %H:%M").to_string()
        })
        .collect()
}

fn picked_up(due: &str, start: &str, now: &str) -> Pickup {
    on_pickup(
        ms(due),
        ms(start),
        ms(now),
        &warsaw(),
        QuietHours::default(),
    )
}

#[test]
fn a_client_may_cancel_and_move_up_to_each_limit_of_its_own() {
    let start_ms = ms("2026-11-25T10:00:00Z");
    let may = |change, hours_before: i64, later_ms: i64| {
        client_may(
            change,
            &service(),
            BookingStatus::Booked,
            start_ms,
            start_ms - hours_before * HOUR_MS + later_ms,
        )
    };
    assert_eq!(may(Change::Cancel, 12, 0), Ok(()));
    assert_eq!(
        may(Change::Cancel, 12, 1),
        Err(ChangeRefusal::TooLate {
            until_ms: start_ms - 12 * HOUR_MS
        })
    );
    assert_eq!(may(Change::Reschedule, 24, 0), Ok(()));
    assert_eq!(
        may(Change::Reschedule, 24, 1),
        Err(ChangeRefusal::TooLate {
            until_ms: start_ms - 24 * HOUR_MS
        })
    );
}

#[test]
fn a_visit_that_has_begun_is_not_changed_even_without_notice() {
    let service = Service {
        cancel_notice_min: 0,
        ..service()
    };
    let start_ms = ms("2026-11-25T10:00:00Z");
    let may = |now_ms| {
        client_may(
            Change::Cancel,
            &service,
            BookingStatus::Booked,
            start_ms,
            now_ms,
        )
    };
    assert_eq!(may(start_ms - 1), Ok(()));
    assert!(may(start_ms).is_err());
}

#[test]
fn only_an_open_booking_can_be_changed() {
    for status in BookingStatus::ALL {
        let may = client_may(
            Change::Cancel,
            &service(),
            *status,
            ms("2026-11-25T10:00:00Z"),
            0,
        );
        match status {
            BookingStatus::Booked => assert_eq!(may, Ok(())),
            _ => assert_eq!(may, Err(ChangeRefusal::NotOpen)),
        }
    }
}

#[test]
fn reminders_come_at_their_offsets_in_order() {
    // The visit is at 15:00 in Warsaw.
    let reminders = reminders_of(
        &[DEFAULT_REMINDERS[1], DEFAULT_REMINDERS[0]],
        ms("2026-11-25T14:00:00Z"),
        ms("2026-11-20T09:00:00Z"),
        &warsaw(),
        QuietHours::default(),
    );
    let expected = [
        ("2026-11-24T14:00:00Z", Channel::Email, 1_440),
        ("2026-11-25T11:00:00Z", Channel::Sms, 180),
    ]
    .map(|(due, channel, offset_min)| DueReminder {
        due_ms: ms(due),
        channel,
        offset_min,
    });
    assert_eq!(reminders, expected);
}

#[test]
fn a_reminder_whose_time_has_passed_is_not_made() {
    let start = "2026-11-25T14:00:00Z";
    assert_eq!(
        due(&[1_440, 180], start, "2026-11-24T15:00:00Z"),
        ["25. 12:00"]
    );
    assert!(due(&[180], start, "2026-11-25T11:00:00Z").is_empty());
}

#[test]
fn a_reminder_due_in_quiet_hours_comes_the_evening_before() {
    // 9:00 in Warsaw; three hours before is 6:00.
    assert_eq!(
        due(&[180], "2026-11-25T08:00:00Z", "2026-11-20T09:00:00Z"),
        ["24. 20:45"]
    );
    // 23:30; two hours before is 21:30.
    assert_eq!(
        due(&[120], "2026-11-25T22:30:00Z", "2026-11-20T09:00:00Z"),
        ["25. 20:45"]
    );
}

#[test]
fn when_the_evening_before_has_passed_it_comes_at_eight_if_half_an_hour_is_left() {
    let booked_at_night = "2026-11-24T21:00:00Z";
    assert_eq!(
        due(&[180], "2026-11-25T08:00:00Z", booked_at_night),
        ["25. 08:00"]
    );
    assert_eq!(
        due(&[180], "2026-11-25T07:30:00Z", booked_at_night),
        ["25. 08:00"]
    );
    assert!(due(&[180], "2026-11-25T07:29:00Z", booked_at_night).is_empty());
}

#[test]
fn reminders_moved_to_one_time_on_one_channel_become_one() {
    let rules = [180, 120, 600].map(|offset_min| ReminderRule {
        offset_min,
        channel: Channel::Sms,
    });
    let reminders = reminders_of(
        &rules,
        ms("2026-11-25T08:00:00Z"),
        ms("2026-11-20T09:00:00Z"),
        &warsaw(),
        QuietHours::default(),
    );
    let offsets: Vec<u32> = reminders
        .iter()
        .map(|reminder| reminder.offset_min)
        .collect();
    assert_eq!(offsets, [120]);
}

#[test]
fn quiet_hours_follow_the_wall_clock_through_its_changes() {
    // The night of 25 October 2026 lasts an hour longer: 10:00 is 9:00 UTC, seven real hours before is 3:00 (second).
    assert_eq!(
        due(&[420], "2026-10-25T09:00:00Z", "2026-10-20T09:00:00Z"),
        ["24. 20:45"]
    );
    assert_eq!(
        due(&[420], "2026-10-25T09:00:00Z", "2026-10-24T21:00:00Z"),
        ["25. 08:00"]
    );
}

#[test]
fn quiet_hours_are_read_as_times_of_day() {
    assert_eq!(
        QuietHours::parse("21:00", "08:00"),
        Ok(QuietHours::default())
    );
    assert!(QuietHours::parse("21", "08:00").is_err());
    assert!(QuietHours::parse("21:00", "08:60").is_err());
}

#[test]
fn quiet_hours_may_lie_within_a_day_or_not_be_at_all() {
    let at = |from_min, to_min, due: &str| {
        QuietHours { from_min, to_min }
            .around(&warsaw(), ms(due))
            .is_some()
    };
    assert!(at(13 * 60, 15 * 60, "2026-11-25T12:00:00Z"));
    assert!(!at(13 * 60, 15 * 60, "2026-11-25T14:00:00Z"));
    assert!(!at(9 * 60, 9 * 60, "2026-11-25T08:00:00Z"));
    assert!(at(21 * 60, 8 * 60, "2026-11-25T20:00:00Z"), "21:00 itself");
    assert!(
        !at(21 * 60, 8 * 60, "2026-11-25T07:00:00Z"),
        "8:00 is the end"
    );
}

#[test]
fn a_reminder_is_sent_late_while_more_than_half_of_its_lead_is_left() {
    // Due three hours before a visit at 15:00.
    let (due, start) = ("2026-11-25T11:00:00Z", "2026-11-25T14:00:00Z");
    assert_eq!(picked_up(due, start, due), Pickup::Send);
    assert_eq!(picked_up(due, start, "2026-11-25T12:29:59Z"), Pickup::Send);
    assert_eq!(
        picked_up(due, start, "2026-11-25T12:30:00Z"),
        Pickup::Missed
    );
    assert_eq!(
        picked_up(due, start, "2026-11-25T15:00:00Z"),
        Pickup::Missed
    );
}

#[test]
fn a_late_reminder_needs_half_an_hour_but_one_on_time_does_not() {
    let (due, start) = ("2026-11-25T13:20:00Z", "2026-11-25T14:00:00Z");
    assert_eq!(picked_up(due, start, "2026-11-25T13:29:00Z"), Pickup::Send);
    assert_eq!(
        picked_up(due, start, "2026-11-25T13:31:00Z"),
        Pickup::Missed
    );
    assert_eq!(
        picked_up("2026-11-25T13:40:00Z", start, "2026-11-25T13:41:00Z"),
        Pickup::Send
    );
}

#[test]
fn a_reminder_that_comes_late_into_quiet_hours_waits_or_is_missed() {
    // Due at 20:00 for 17:00 the next day; at 8:00 nine of 21 hours are left, too few.
    let late = "2026-11-24T22:00:00Z";
    assert_eq!(
        picked_up("2026-11-24T19:00:00Z", "2026-11-25T16:00:00Z", late),
        Pickup::Missed
    );
    // For the day after that, enough.
    assert_eq!(
        picked_up("2026-11-24T19:00:00Z", "2026-11-26T16:00:00Z", late),
        Pickup::WaitUntil {
            at_ms: ms("2026-11-25T07:00:00Z")
        }
    );
}
