use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::model::{DEFAULT_REMINDERS, HoursEntry, LocationKind};
use super::*;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn calendar() -> Calendar {
    Calendar {
        zone: TimeZone::get("Europe/Warsaw").unwrap(),
        closures: BTreeSet::new(),
        works_on_holidays: false,
    }
}

fn service() -> Service {
    Service {
        id: 1,
        name: "Konsultacja".into(),
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

fn entry(weekday: u8, from: &str, to: &str) -> HoursEntry {
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
fn at(wall: &str) -> i64 {
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

fn booked(demand: Demand, start_ms: i64) -> Booked {
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
    let demand = Demand::of(&service, 0);
    let booked = [booked(demand, at("2026-11-23T12:00"))];
    let members = [member(1, &hours, &booked)];
    let availability = Availability::new(&calendar, &service, 0, &members, at(EARLIER));
    // Busy from 11:50 to 13:20; a visit before must end with its 20 minutes by 11:50, one after begin 10 after 13:20.
    assert_eq!(
        walls(&availability.list(day(MONDAY))),
        [
            "23. 09:00",
            "23. 09:30",
            "23. 10:00",
            "23. 10:30",
            "23. 13:30",
            "23. 14:00",
            "23. 14:30",
            "23. 15:00",
            "23. 15:30",
            "23. 16:00"
        ]
    );
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

/// A made-up company of a few days: what is drawn, and what it is asked about.
#[derive(Debug, Clone)]
struct Company {
    service: Service,
    travel_min: u32,
    hours: Vec<WeeklyHours>,
    time_off: Vec<Vec<TimeOff>>,
    booked: Vec<Vec<Booked>>,
    closures: BTreeSet<Date>,
    now_ms: i64,
}

/// The days made-up companies live in; the clock is put back on the 25th.
const FIRST: Date = Date::constant(2026, 10, 23);
const LAST: Date = Date::constant(2026, 10, 27);

impl Company {
    fn calendar(&self) -> Calendar {
        Calendar {
            closures: self.closures.clone(),
            ..calendar()
        }
    }

    fn members(&self) -> Vec<Member<'_>> {
        (0..self.hours.len())
            .map(|index| Member {
                id: index as i64 + 1,
                hours: &self.hours[index],
                time_off: &self.time_off[index],
                booked: &self.booked[index],
            })
            .collect()
    }

    fn ask<T>(&self, answer: impl FnOnce(&Availability) -> T) -> T {
        let calendar = self.calendar();
        answer(&Availability::new(
            &calendar,
            &self.service,
            self.travel_min,
            &self.members(),
            self.now_ms,
        ))
    }

    fn list(&self) -> Vec<Slot> {
        self.ask(|availability| availability.list(Period::new(FIRST, LAST).unwrap()))
    }
}

fn any_hours() -> impl Strategy<Value = WeeklyHours> {
    prop::collection::vec((1u8..=7, 0u32..288, 1u32..200), 5..14).prop_map(|spans| {
        let mut entries: Vec<HoursEntry> = Vec::new();
        for (weekday, from, length) in spans {
            let wall = |fives: u32| format!("{:02}:{:02}", fives / 12, fives % 12 * 5);
            let mut more = entries.clone();
            more.push(entry(weekday, &wall(from), &wall((from + length).min(288))));
            if WeeklyHours::parse(&more).is_ok() {
                entries = more;
            }
        }
        WeeklyHours::parse(&entries).unwrap()
    })
}

fn any_service() -> impl Strategy<Value = Service> {
    (
        (5u32..200, 0u32..60, 0u32..60),
        (1u32..13).prop_map(|fives| fives * 5),
        0u32..3_000,
        1u32..6,
        prop::option::of(1u32..4),
        any::<bool>(),
    )
        .prop_map(
            |(lengths, slot_step_min, min_notice_min, horizon_days, daily_cap, is_on_site)| {
                let (duration_min, buffer_before_min, buffer_after_min) = lengths;
                Service {
                    duration_min,
                    buffer_before_min,
                    buffer_after_min,
                    slot_step_min,
                    min_notice_min,
                    horizon_days,
                    daily_cap,
                    location_kind: if is_on_site {
                        LocationKind::OnSite
                    } else {
                        LocationKind::Video
                    },
                    ..service()
                }
            },
        )
}

/// A time within the made-up days and one around them, on five minutes.
fn any_time() -> impl Strategy<Value = i64> {
    (0i64..7 * 288).prop_map(|fives| at("2026-10-22T00:00") + fives * 5 * 60_000)
}

fn any_booked() -> impl Strategy<Value = Vec<Booked>> {
    let one = (any_time(), 1i64..3, 5u32..180, 0u32..40, 0u32..40);
    prop::collection::vec(one, 0..8).prop_map(|bookings| {
        bookings
            .into_iter()
            .map(
                |(start_ms, service_id, duration_min, before_min, after_min)| Booked {
                    service_id,
                    start_ms,
                    busy: Demand {
                        before_min,
                        duration_min,
                        after_min,
                    }
                    .busy(start_ms),
                },
            )
            .collect()
    })
}

fn any_time_off() -> impl Strategy<Value = Vec<TimeOff>> {
    prop::collection::vec((any_time(), 1i64..30 * HOUR_MS), 0..2).prop_map(|spans| {
        spans
            .into_iter()
            .map(|(from_ms, length_ms)| TimeOff::new(from_ms, from_ms + length_ms).unwrap())
            .collect()
    })
}

fn any_company() -> impl Strategy<Value = Company> {
    (
        any_service(),
        0u32..60,
        prop::collection::vec((any_hours(), any_time_off(), any_booked()), 1..4),
        prop::collection::btree_set(
            (0i64..5).prop_map(|days| FIRST.saturating_add(days.days())),
            0..2,
        ),
        any_time(),
    )
        .prop_map(|(service, travel_min, staff, closures, now_ms)| {
            let mut company = Company {
                service,
                travel_min,
                hours: Vec::new(),
                time_off: Vec::new(),
                booked: Vec::new(),
                closures,
                // Mostly before the days asked about.
                now_ms: now_ms - 3 * DAY_MS,
            };
            for (hours, time_off, booked) in staff {
                company.hours.push(hours);
                company.time_off.push(time_off);
                company.booked.push(booked);
            }
            company
        })
}

/// How many of the service's bookings a member has on the day of `slot`, counted plainly.
fn same_day(company: &Company, slot: &Slot) -> usize {
    let date = |time_ms| calendar().date_at(time_ms);
    company.booked[slot.member_id as usize - 1]
        .iter()
        .filter(|booked| booked.service_id == company.service.id)
        .filter(|booked| date(booked.start_ms) == date(slot.start_ms))
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_listed_keeps_every_rule(company in any_company()) {
        let demand = Demand::of(&company.service, company.travel_min);
        for slot in company.list() {
            let member = &company.members()[slot.member_id as usize - 1];
            let wanted = demand.busy(slot.start_ms);
            for booked in member.booked {
                prop_assert!(!booked.busy.overlaps(wanted));
            }
            for time_off in member.time_off {
                prop_assert!(!time_off.interval().overlaps(wanted));
            }
            let wall = calendar().wall_at(slot.start_ms);
            let last = calendar().wall_at(slot.end_ms - 1);
            let span = member.hours.span_at(wall.weekday(), minute_of(wall));
            prop_assert!(span.is_some_and(|span| minute_of(last) < span.to_min()));
            prop_assert_eq!(last.date(), wall.date());
            prop_assert!(!company.calendar().is_closed(wall.date()));
            prop_assert!(slot.start_ms >= company.now_ms + minutes_ms(company.service.min_notice_min));
            let ahead = days_between(calendar().date_at(company.now_ms), wall.date());
            prop_assert!(ahead <= i64::from(company.service.horizon_days));
            let cap = company.service.daily_cap.map_or(usize::MAX, |cap| cap as usize);
            prop_assert!(same_day(&company, &slot) < cap);
        }
    }

    #[test]
    fn the_list_is_what_is_free_one_by_one(company in any_company()) {
        let begin_ms = Day::new(&calendar().zone, FIRST).from_ms;
        let end_ms = Day::new(&calendar().zone, LAST).to_ms;
        let one_by_one: Vec<Slot> = company.ask(|availability| {
            (begin_ms..end_ms)
                .step_by(5 * 60_000)
                .filter_map(|start_ms| availability.is_free(start_ms).ok())
                .collect()
        });
        prop_assert_eq!(company.list(), one_by_one);
    }

    #[test]
    fn the_nearest_are_the_nearest_of_the_list(
        company in any_company(),
        wanted_ms in any_time(),
        count in 1usize..12,
    ) {
        let (nearest, mut all) = company.ask(|availability| {
            let around = Period::around(calendar().date_at(wanted_ms));
            (availability.nearest(wanted_ms, count), availability.list(around))
        });
        all.sort_by_key(|slot| (slot.start_ms.abs_diff(wanted_ms), slot.start_ms));
        all.truncate(count);
        prop_assert_eq!(nearest, all);
    }

    #[test]
    fn bookings_taken_from_the_list_one_after_another_never_overlap(
        mut company in any_company(),
        picks in prop::collection::vec(any::<Index>(), 1..25),
    ) {
        company.booked.iter_mut().for_each(Vec::clear);
        let demand = Demand::of(&company.service, company.travel_min);
        for pick in picks {
            let slots = company.list();
            if slots.is_empty() {
                break;
            }
            let slot = *pick.get(&slots);
            let cap = company.service.daily_cap.map_or(usize::MAX, |cap| cap as usize);
            prop_assert!(same_day(&company, &slot) < cap);
            company.booked[slot.member_id as usize - 1].push(booked(demand, slot.start_ms));
            let member_only = company.ask(|availability| availability.is_free(slot.start_ms));
            prop_assert!(member_only.map(|other| other.member_id) != Ok(slot.member_id));
        }
        for booked in &company.booked {
            for (index, one) in booked.iter().enumerate() {
                for other in &booked[index + 1..] {
                    prop_assert!(!one.busy.overlaps(other.busy));
                }
            }
        }
    }
}
