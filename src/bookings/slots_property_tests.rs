//! Rules that hold whatever the company.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::calendar::days_between;
use super::super::diary::Booked;
use super::super::hours::{HoursEntry, WeeklyHours};
use super::super::model::{Interval, LocationKind, TimeOff};
use super::tests::{DAY_MS, HOUR_MS, at, booked, calendar, entry, service};
use super::*;

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
        let service = &company.service;
        let way_min = match service.location_kind {
            LocationKind::OnSite => company.travel_min,
            _ => 0,
        };
        for slot in company.list() {
            let member = &company.members()[slot.member_id as usize - 1];
            let wanted = Interval {
                from_ms: slot.start_ms - minutes_ms(service.buffer_before_min + way_min),
                to_ms: slot.end_ms + minutes_ms(service.buffer_after_min + way_min),
            };
            prop_assert_eq!(slot.end_ms - slot.start_ms, minutes_ms(service.duration_min));
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
