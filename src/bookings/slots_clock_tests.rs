//! The days on which clocks change.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::{Time, date};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::super::hours::{HoursEntry, WeeklyHours};
use super::super::model::{DEFAULT_REMINDERS, LocationKind};
use super::super::wall::timestamp;
use super::*;
use crate::knowledge::PerLang;

const ZONES: [&str; 4] = [
    "Europe/Warsaw",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
];
/// Working hours of every day, some of which begin or end within the hour that is skipped or comes twice.
const DAYS: [&[(&str, &str)]; 4] = [
    &[("00:00", "24:00")],
    &[("00:30", "02:30"), ("02:30", "06:10")],
    &[
        ("01:15", "02:00"),
        ("02:15", "02:45"),
        ("03:00", "03:30"),
        ("22:00", "24:00"),
    ],
    &[("02:00", "03:00"), ("09:00", "17:00")],
];
const QUARTER_MS: i64 = 15 * 60_000;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn calendar(zone_name: &str) -> Calendar {
    Calendar {
        zone: zone(zone_name),
        closures: BTreeSet::new(),
        works_on_holidays: true,
    }
}

fn service(duration_min: u32, slot_step_min: u32) -> Service {
    Service {
        id: 1,
        names: PerLang::same("Visit"),
        duration_min,
        buffer_before_min: 0,
        buffer_after_min: 0,
        slot_step_min,
        min_notice_min: 0,
        horizon_days: 730,
        daily_cap: None,
        location_kind: LocationKind::Office,
        cancel_notice_min: 0,
        reschedule_notice_min: 0,
        reminders: DEFAULT_REMINDERS.to_vec(),
    }
}

fn hours(spans: &[(&str, &str)]) -> WeeklyHours {
    let entries: Vec<HoursEntry> = (1..=7)
        .flat_map(|weekday| {
            spans.iter().map(move |(from, to)| HoursEntry {
                weekday,
                from: (*from).into(),
                to: (*to).into(),
            })
        })
        .collect();
    WeeklyHours::parse(&entries).unwrap()
}

/// The days of 2024 to 2036 on which the zone's clock changes.
fn change_days(zone: &TimeZone) -> Vec<Date> {
    let from = date(2024, 1, 1).to_zoned(zone.clone()).unwrap();
    zone.following(from.timestamp())
        .map(|change| zone.to_datetime(change.timestamp()).date())
        .take_while(|date| date.year() <= 2036)
        .collect()
}

fn ask(
    calendar: &Calendar,
    service: &Service,
    hours: &WeeklyHours,
    now_ms: i64,
    check: impl FnOnce(&Availability),
) {
    let member = Member {
        id: 1,
        hours,
        time_off: &[],
        booked: &[],
    };
    check(&Availability::new(calendar, service, 0, &[member], now_ms));
}

/// What must hold of one beginning, told by jiff's own conversions alone.
fn assert_is_right(slot: &Slot, calendar: &Calendar, service: &Service, hours: &WeeklyHours) {
    let zone = &calendar.zone;
    let moment = timestamp(slot.start_ms);
    let wall = zone.to_datetime(moment);
    let context = format!("{wall} {slot:?}");
    let reading = zone.to_ambiguous_timestamp(wall);
    assert!(
        !matches!(reading.offset(), AmbiguousOffset::Gap { .. }),
        "{context}: in a gap"
    );
    assert_eq!(
        reading.earlier().unwrap(),
        moment,
        "{context}: not the first"
    );
    assert_eq!(zone.to_offset(moment).seconds(), slot.offset_s, "{context}");
    assert_eq!(
        slot.end_ms - slot.start_ms,
        minutes_ms(service.duration_min),
        "{context}"
    );
    let minute = minute_of(wall);
    let span = hours.span_at(wall.weekday(), minute).expect(&context);
    assert_eq!(
        (minute - span.from_min()) % service.slot_step_min,
        0,
        "{context}"
    );
    // The clock never shows the span's end, nor the next day, before the visit is over.
    for passed in 0..service.duration_min {
        let later = zone.to_datetime(timestamp(slot.start_ms + minutes_ms(passed)));
        assert_eq!(later.date(), wall.date(), "{context}");
        assert!(
            minute_of(later) < span.to_min(),
            "{context} runs into {later}"
        );
    }
}

#[test]
fn around_every_change_of_the_clock_each_beginning_is_real_single_and_within_hours() {
    for zone_name in ZONES {
        let calendar = calendar(zone_name);
        let changes = change_days(&calendar.zone);
        assert_eq!(changes.len(), 26, "{zone_name}");
        for (changed, spans) in changes
            .into_iter()
            .flat_map(|changed| DAYS.map(|spans| (changed, spans)))
        {
            let hours = hours(spans);
            let (first, last) = (changed.yesterday().unwrap(), changed.tomorrow().unwrap());
            let begin_ms = Day::new(&calendar.zone, first).from_ms;
            let end_ms = Day::new(&calendar.zone, last).to_ms;
            for (duration_min, step_min) in [(15, 15), (60, 15), (90, 30), (45, 60)] {
                let service = service(duration_min, step_min);
                ask(&calendar, &service, &hours, begin_ms, |availability| {
                    let slots = availability.list(Period::new(first, last).unwrap());
                    let mut walls = HashSet::new();
                    for slot in &slots {
                        assert_is_right(slot, &calendar, &service, &hours);
                        let wall = calendar.wall_at(slot.start_ms);
                        assert!(walls.insert(wall), "{zone_name}: {wall} twice");
                    }
                    assert!(slots.is_sorted());
                    let one_by_one: Vec<Slot> = (begin_ms..end_ms)
                        .step_by(QUARTER_MS as usize)
                        .filter_map(|start_ms| availability.is_free(start_ms).ok())
                        .collect();
                    assert_eq!(slots, one_by_one, "{zone_name} {changed}");
                });
            }
        }
    }
}

#[test]
fn around_every_change_no_beginning_that_could_be_is_missing() {
    // Round the clock every quarter of an hour on the wall is a beginning, but for those skipped.
    for zone_name in ZONES {
        let calendar = calendar(zone_name);
        let hours = hours(&[("00:00", "24:00")]);
        let service = service(15, 15);
        for changed in change_days(&calendar.zone) {
            let (first, last) = (changed.yesterday().unwrap(), changed.tomorrow().unwrap());
            let begin_ms = Day::new(&calendar.zone, first).from_ms;
            ask(&calendar, &service, &hours, begin_ms, |availability| {
                let slots = availability.list(Period::new(first, last).unwrap());
                let listed: HashSet<i64> = slots.iter().map(|slot| slot.start_ms).collect();
                let mut expected = 0;
                for date in [first, changed, last] {
                    for quarter in 0..96 {
                        let wall = date
                            .to_datetime(Time::midnight())
                            .checked_add((15 * quarter).minutes())
                            .unwrap();
                        let reading = calendar.zone.to_ambiguous_timestamp(wall);
                        if let AmbiguousOffset::Gap { .. } = reading.offset() {
                            assert_eq!(calendar.moment_of(wall), Err(Refusal::Skipped));
                        } else {
                            let moment_ms = calendar.moment_of(wall).unwrap();
                            assert!(listed.contains(&moment_ms), "{zone_name} {wall}");
                            expected += 1;
                        }
                    }
                }
                assert_eq!(slots.len(), expected, "{zone_name} {changed}");
            });
        }
    }
}

/// Beginnings of one day round the clock, `HH:MM` with the offset in hours.
fn beginnings(day: Date, duration_min: u32, step_min: u32, spans: &[(&str, &str)]) -> Vec<String> {
    let calendar = calendar("Europe/Warsaw");
    let mut texts = Vec::new();
    let now_ms = Day::new(&calendar.zone, day).from_ms;
    ask(
        &calendar,
        &service(duration_min, step_min),
        &hours(spans),
        now_ms,
        |availability| {
            texts = availability
                .list(Period::new(day, day).unwrap())
                .iter()
                .map(|slot| {
                    let wall = calendar.wall_at(slot.start_ms);
                    format!("{} +{}", wall.strftime("%H:%M"), slot.offset_s / 3_600)
                })
                .collect();
        },
    );
    texts
}

#[test]
fn the_skipped_hour_gives_no_beginning_and_shortens_the_span() {
    let spring = date(2026, 3, 29);
    assert_eq!(
        beginnings(spring, 30, 30, &[("01:00", "04:00")]),
        ["01:00 +1", "01:30 +1", "03:00 +2", "03:30 +2"]
    );
    assert!(beginnings(spring, 5, 5, &[("02:00", "03:00")]).is_empty());
    // 01:30 to 02:30 lasts half an hour that night.
    assert_eq!(
        beginnings(spring, 30, 30, &[("01:30", "02:30")]),
        ["01:30 +1"]
    );
    assert!(beginnings(spring, 60, 30, &[("01:30", "02:30")]).is_empty());
    // A visit over the change is as long as any: 01:30 and an hour is 03:30.
    assert_eq!(
        beginnings(spring, 60, 60, &[("01:30", "03:30")]),
        ["01:30 +1"]
    );
}

#[test]
fn the_hour_that_comes_twice_is_offered_once_for_its_first_pass_and_lengthens_the_span() {
    let autumn = date(2026, 10, 25);
    assert_eq!(
        beginnings(autumn, 60, 60, &[("01:00", "04:00")]),
        ["01:00 +2", "02:00 +2", "03:00 +1"]
    );
    // 02:00 to 03:00 lasts two hours that night.
    assert_eq!(
        beginnings(autumn, 120, 60, &[("02:00", "03:00")]),
        ["02:00 +2"]
    );
    assert!(beginnings(autumn, 121, 60, &[("02:00", "03:00")]).is_empty());
}

#[test]
fn the_second_pass_of_an_hour_is_no_beginning() {
    let calendar = calendar("Europe/Warsaw");
    let first_ms = calendar
        .moment_of(date(2026, 10, 25).at(2, 0, 0, 0))
        .unwrap();
    let hours = hours(&[("00:00", "24:00")]);
    ask(
        &calendar,
        &service(30, 30),
        &hours,
        first_ms,
        |availability| {
            assert!(availability.is_free(first_ms).is_ok());
            assert_eq!(
                availability.is_free(first_ms + 3_600_000),
                Err(Refusal::NotOnGrid)
            );
            assert!(availability.is_free(first_ms + 7_200_000).is_ok());
        },
    );
}

#[test]
fn a_day_whose_midnight_is_skipped_begins_when_its_clock_does() {
    // In Beirut the clock was put forward from 0:00 to 1:00.
    let calendar = calendar("Asia/Beirut");
    let day = Day::new(&calendar.zone, date(2022, 3, 27));
    assert_eq!((day.to_ms - day.from_ms) / 3_600_000, 23);
    let hours = hours(&[("00:00", "02:00")]);
    ask(
        &calendar,
        &service(30, 30),
        &hours,
        day.from_ms,
        |availability| {
            let slots = availability.list(Period::new(day.date, day.date).unwrap());
            let walls: Vec<String> = slots
                .iter()
                .map(|slot| calendar.wall_at(slot.start_ms).time().to_string())
                .collect();
            assert_eq!(walls, ["01:00:00", "01:30:00"]);
            assert_eq!(slots[0].start_ms, day.from_ms);
        },
    );
}
