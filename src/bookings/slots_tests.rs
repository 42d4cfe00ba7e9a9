use std::collections::BTreeSet;

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;

use super::super::diary::Booked;
use super::super::hours::{HoursEntry, WeeklyHours};
use super::super::model::{DEFAULT_REMINDERS, LocationKind, TimeOff};
use super::*;
use crate::knowledge::PerLang;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

pub(super) fn calendar() -> Calendar {
    Calendar {
        zone: TimeZone::get("Europe/Warsaw").unwrap(),
        closures: BTreeSet::new(),
        works_on_holidays: false,
    }
}

pub(super) fn service() -> Service {
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
        location_kind: LocationKind::Office,
        cancel_notice_min: 720,
        reschedule_notice_min: 720,
        reminders: DEFAULT_REMINDERS.to_vec(),
    }
}

pub(super) fn entry(weekday: u8, from: &str, to: &str) -> HoursEntry {
    HoursEntry {
        weekday,
        from: from.into(),
        to: to.into(),
    }
}

/// From Monday to Friday.
fn workweek(from: &str, to: &str) -> WeeklyHours {
    let entries: Vec<_> = (1..=5).map(|weekday| entry(weekday, from, to)).collect();
    WeeklyHours::parse(&entries).unwrap()
}

/// A time on the wall in Warsaw, `2026-11-23T09:00`.
pub(super) fn at(wall: &str) -> i64 {
    let wall: DateTime = wall.parse().unwrap();
    calendar().moment_of(wall).unwrap()
}

fn member<'a>(id: i64, hours: &'a WeeklyHours, booked: &'a [Booked]) -> Member<'a> {
    Member {
        id,
        hours,
        time_off: &[],
        booked,
    }
}

pub(super) fn booked(demand: Demand, start_ms: i64) -> Booked {
    Booked {
        service_id: 1,
        start_ms,
        busy: demand.busy(start_ms),
    }
}

fn walls(slots: &[Slot]) -> Vec<String> {
    slots
        .iter()
        .map(|slot| {
            let wall = calendar().wall_at(slot.start_ms);
            wall.strftime("%d. %H:%M").to_string()
        })
        .collect()
}

fn day(day: Date) -> Period {
    Period::new(day, day).unwrap()
}

/// A Monday without anything special.
const MONDAY: Date = Date::constant(2026, 11, 23);
const EARLIER: &str = "2026-11-20T12:00";

#[test]
fn a_free_day_is_offered_in_steps_from_the_beginning_of_each_span() {
    let hours = WeeklyHours::parse(&[
        entry(1, "09:10", "11:00"),
        entry(1, "13:00", "14:00"),
        entry(1, "15:00", "15:59"),
    ])
    .unwrap();
    let (calendar, service) = (calendar(), service());
    let members = [member(1, &hours, &[])];
    let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
    assert_eq!(
        walls(&availability.list(day(MONDAY))),
        ["23. 09:10", "23. 09:40", "23. 13:00"]
    );
}

#[test]
fn what_is_kept_free_around_both_visits_stands() {
    let hours = workweek("09:00", "17:00");
    let (calendar, mut service) = (calendar(), service());
    (service.buffer_before_min, service.buffer_after_min) = (10, 20);
    service.slot_step_min = 10;
    let demand = Demand::of(&service, 0);
    let booked = [booked(demand, at("2026-11-23T12:00"))];
    let members = [member(1, &hours, &booked)];
    let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
    // Busy from 11:50 to 13:20; a visit before must end with its 20 minutes by 11:50, one after begin 10 after 13:20.
    let judged = |wall: &str| availability.is_free(at(wall)).map(|slot| slot.member_id);
    assert_eq!(judged("2026-11-23T10:30"), Ok(1));
    assert_eq!(judged("2026-11-23T10:40"), Err(Refusal::Taken));
    assert_eq!(judged("2026-11-23T13:20"), Err(Refusal::Taken));
    assert_eq!(judged("2026-11-23T13:30"), Ok(1));
}

#[test]
fn travel_keeps_visits_on_site_further_apart() {
    let hours = workweek("09:00", "17:00");
    let (calendar, mut service) = (calendar(), service());
    service.location_kind = LocationKind::OnSite;
    let booked = [booked(Demand::of(&service, 0), at("2026-11-23T12:00"))];
    let members = [member(1, &hours, &booked)];
    let availability = Availability::new(&calendar, &service, 45, &members, at(EARLIER));
    assert_eq!(
        walls(&availability.list(day(MONDAY))),
        [
            "23. 09:00",
            "23. 09:30",
            "23. 10:00",
            "23. 14:00",
            "23. 14:30",
            "23. 15:00",
            "23. 15:30",
            "23. 16:00"
        ]
    );
}

#[test]
fn every_refusal_has_its_reason() {
    let hours = workweek("09:00", "17:00");
    let (mut calendar, mut service) = (calendar(), service());
    calendar.closures.insert(date(2026, 11, 25));
    service.min_notice_min = 24 * 60;
    service.daily_cap = Some(1);
    let demand = Demand::of(&service, 0);
    let taken = [booked(demand, at("2026-11-24T12:00"))];
    let time_off = [TimeOff::new(at("2026-11-26T12:00"), at("2026-11-26T14:00")).unwrap()];
    let busy = Member {
        id: 1,
        hours: &hours,
        time_off: &time_off,
        booked: &taken,
    };
    let now_ms = at("2026-11-22T12:00");
    let judged = |wall: &str| {
        Availability::new(&calendar, &service, 0, &[busy], now_ms)
            .is_free(at(wall))
            .map(|slot| slot.member_id)
    };
    assert_eq!(judged("2026-11-23T13:00"), Ok(1));
    assert_eq!(judged("2026-11-20T13:00"), Err(Refusal::TooSoon));
    assert_eq!(judged("2026-11-23T11:30"), Err(Refusal::TooSoon));
    assert_eq!(judged("2026-11-23T13:37"), Err(Refusal::NotOnGrid));
    assert_eq!(judged("2026-11-23T13:00:01"), Err(Refusal::NotOnGrid));
    assert_eq!(judged("2026-11-23T13:00:00.001"), Err(Refusal::NotOnGrid));
    assert_eq!(judged("2026-11-24T09:00"), Err(Refusal::DayFull));
    assert_eq!(judged("2026-11-25T13:00"), Err(Refusal::Closed));
    assert_eq!(judged("2026-12-25T13:00"), Err(Refusal::Closed));
    assert_eq!(judged("2026-11-26T11:30"), Err(Refusal::Taken));
    assert_eq!(judged("2026-11-26T14:00"), Ok(1));
    assert_eq!(judged("2026-11-27T16:30"), Err(Refusal::OutsideHours));
    assert_eq!(judged("2026-11-28T13:00"), Err(Refusal::OutsideHours));
    assert_eq!(judged("2027-01-21T13:00"), Ok(1));
    assert_eq!(judged("2027-01-22T13:00"), Err(Refusal::TooFar));
    assert_eq!(
        calendar.moment_of(date(2026, 3, 29).at(2, 30, 0, 0)),
        Err(Refusal::Skipped)
    );
}

#[test]
fn a_taken_time_is_refused_as_taken() {
    let hours = workweek("09:00", "17:00");
    let (calendar, service) = (calendar(), service());
    let taken = [booked(Demand::of(&service, 0), at("2026-11-23T12:00"))];
    let members = [member(1, &hours, &taken)];
    let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
    assert_eq!(
        availability
            .is_free(at("2026-11-23T11:00"))
            .map(|slot| slot.end_ms),
        Ok(at("2026-11-23T12:00"))
    );
    assert_eq!(
        availability.is_free(at("2026-11-23T11:30")),
        Err(Refusal::Taken)
    );
    assert_eq!(
        availability.is_free(at("2026-11-23T12:30")),
        Err(Refusal::Taken)
    );
    assert!(availability.is_free(at("2026-11-23T13:00")).is_ok());
}

#[test]
fn a_booking_within_time_off_does_not_end_it() {
    let hours = workweek("09:00", "17:00");
    let (calendar, service) = (calendar(), service());
    let booked = [booked(Demand::of(&service, 0), at("2026-11-23T10:00"))];
    let away = Member {
        id: 1,
        hours: &hours,
        time_off: &[TimeOff::new(at("2026-11-23T09:00"), at("2026-11-23T15:00")).unwrap()],
        booked: &booked,
    };
    let availability = Availability::new(&calendar, &service, 0, &[away], at(EARLIER));
    assert_eq!(
        walls(&availability.list(day(MONDAY))),
        ["23. 15:00", "23. 15:30", "23. 16:00"]
    );
}

#[test]
fn a_booking_at_midnight_counts_for_the_day_that_begins() {
    let hours = workweek("00:00", "24:00");
    let (calendar, mut service) = (calendar(), service());
    service.daily_cap = Some(1);
    let booked = [booked(Demand::of(&service, 0), at("2026-11-24T00:00"))];
    let members = [member(1, &hours, &booked)];
    let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
    assert!(availability.is_free(at("2026-11-23T12:00")).is_ok());
    assert_eq!(
        availability.is_free(at("2026-11-24T12:00")),
        Err(Refusal::DayFull)
    );
    assert!(availability.is_free(at("2026-11-25T12:00")).is_ok());
}

#[test]
fn a_company_may_work_on_holidays() {
    let hours = workweek("09:00", "10:00");
    let (mut calendar, service) = (calendar(), service());
    let members = [member(1, &hours, &[])];
    let friday = date(2026, 12, 25);
    let count = |calendar: &Calendar| {
        Availability::new(calendar, &service, 0, &members, at(EARLIER))
            .list(day(friday))
            .len()
    };
    assert_eq!(count(&calendar), 0);
    calendar.works_on_holidays = true;
    assert_eq!(count(&calendar), 1);
}

#[test]
fn times_no_calendar_knows_are_refused_without_harm() {
    let hours = workweek("00:00", "24:00");
    let (calendar, service) = (calendar(), service());
    let members = [member(1, &hours, &[])];
    for now_ms in [i64::MIN, 0, at(EARLIER), i64::MAX] {
        let availability = Availability::new(&calendar, &service, 0, &members, now_ms);
        for start_ms in [i64::MIN, -1, 0, i64::MAX - 1, i64::MAX] {
            assert!(availability.is_free(start_ms).is_err());
            availability.nearest(start_ms, 3);
        }
    }
    let nobody = Availability::new(&calendar, &service, 0, &[], at(EARLIER));
    assert_eq!(
        nobody.is_free(at("2026-11-23T12:00")),
        Err(Refusal::OutsideHours)
    );
    assert!(nobody.list(day(MONDAY)).is_empty());
}

#[test]
fn a_period_is_60_days_at_most_and_runs_forward() {
    let last = date(2027, 1, 22);
    assert!(Period::new(MONDAY, MONDAY).is_ok());
    assert!(Period::new(MONDAY, last).is_ok());
    assert!(Period::new(MONDAY, last.tomorrow().unwrap()).is_err());
    assert!(Period::new(last, MONDAY).is_err());
    assert!(Period::new(date(1999, 12, 31), date(2000, 1, 1)).is_err());
    assert!(Period::new(date(2100, 12, 31), date(2101, 1, 1)).is_err());
}

#[test]
fn of_several_who_are_free_the_one_with_the_fewest_bookings_that_day_is_chosen_then_that_week() {
    let hours = workweek("09:00", "17:00");
    let (calendar, service) = (calendar(), service());
    let demand = Demand::of(&service, 0);
    let chosen = |of_first: &[&str], of_second: &[&str]| {
        let diary = |walls: &[&str]| -> Vec<Booked> {
            walls.iter().map(|wall| booked(demand, at(wall))).collect()
        };
        let (first, second) = (diary(of_first), diary(of_second));
        let members = [member(2, &hours, &second), member(1, &hours, &first)];
        let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
        let slot = availability.is_free(at("2026-11-25T12:00")).unwrap();
        assert!(availability.list(day(date(2026, 11, 25))).contains(&slot));
        slot.member_id
    };
    assert_eq!(chosen(&[], &[]), 1);
    assert_eq!(chosen(&["2026-11-25T09:00"], &[]), 2);
    assert_eq!(chosen(&["2026-11-23T09:00"], &[]), 2);
    assert_eq!(
        chosen(
            &["2026-11-25T09:00"],
            &["2026-11-23T09:00", "2026-11-24T09:00"]
        ),
        2
    );
    // Of other weeks nothing counts.
    assert_eq!(chosen(&["2026-11-30T09:00", "2026-11-20T09:00"], &[]), 1);
    assert_eq!(
        chosen(
            &["2026-11-25T12:00"],
            &["2026-11-25T09:00", "2026-11-25T15:00"]
        ),
        2
    );
}

#[test]
fn the_nearest_free_beginnings_come_nearest_first() {
    let hours = workweek("09:00", "11:00");
    let (calendar, service) = (calendar(), service());
    let taken = [booked(Demand::of(&service, 0), at("2026-11-24T09:30"))];
    let members = [member(1, &hours, &taken)];
    let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
    assert_eq!(
        walls(&availability.nearest(at("2026-11-24T09:30"), 4)),
        ["23. 10:00", "25. 09:00", "23. 09:30", "25. 09:30"]
    );
    assert!(availability.nearest(at("2026-11-24T09:30"), 0).is_empty());
}

#[test]
fn a_period_names_every_booking_that_counts() {
    let touched = day(date(2026, 11, 25)).touched_by(&calendar());
    assert_eq!(touched.from_ms, at("2026-11-23T00:00") - 2 * DAY_MS);
    assert_eq!(touched.to_ms, at("2026-11-30T00:00") + 2 * DAY_MS);
}
