//! What finding free visits costs: `cargo bench --bench slots`. Each line it prints is a figure of BENCHMARKS.md. One
//! thread, no server, no database: ten members, sixty days, five thousand bookings, from rows to free beginnings.

use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use novahouse::bookings::{
    Availability, Booked, Calendar, DEFAULT_REMINDERS, Demand, HoursEntry, LocationKind, Member,
    Period, Service, WeeklyHours,
};
use novahouse::knowledge::PerLang;

const STAFF: i64 = 10;
const DAYS: i64 = 60;
const BOOKINGS: usize = 5_000;
const RUNS: usize = 300;
const SINGLE_RUNS: usize = 20_000;
/// A Monday; the clock is put back within the sixty days.
const FIRST: Date = Date::constant(2026, 9, 14);
const MINUTE_MS: i64 = 60_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calendar = Calendar {
        zone: TimeZone::get("Europe/Warsaw")?,
        closures: [Date::constant(2026, 10, 2)].into(),
        works_on_holidays: false,
    };
    let entries: Vec<HoursEntry> = (1..=7)
        .map(|weekday| HoursEntry {
            weekday,
            from: "09:00".into(),
            to: "17:00".into(),
        })
        .collect();
    let hours = WeeklyHours::parse(&entries)?;
    let service = service();
    let booked = bookings(&calendar, Demand::of(&service, 0))?;
    let busy = members(&hours, &booked);
    let unbooked = vec![Vec::new(); booked.len()];
    let idle = members(&hours, &unbooked);
    let period = Period::new(FIRST, FIRST.checked_add((DAYS - 1).days())?)?;
    let now_ms = calendar.moment_of(FIRST.at(0, 0, 0, 0))?;
    let availability = || Availability::new(&calendar, &service, 0, &busy, now_ms);

    for (what, chosen) in [
        ("any of 10 with 5,000 bookings", &busy[..]),
        ("one with 500 bookings", &busy[..1]),
        ("any of 10 without bookings", &idle[..]),
    ] {
        let mut free = 0;
        let mut times_us = measured_us(RUNS, || {
            let slots = Availability::new(&calendar, &service, 0, chosen, now_ms).list(period);
            free = slots.len();
        });
        print_times(
            &format!("beginnings of 60 days, {what}, {free} free"),
            &mut times_us,
        );
    }
    let ready = availability();
    let noon_ms = calendar.moment_of(FIRST.checked_add(30.days())?.at(12, 0, 0, 0))?;
    print_times(
        "sorting 5,000 bookings",
        &mut measured_us(RUNS, || drop(std::hint::black_box(availability()))),
    );
    print_times(
        "one beginning judged for 10",
        &mut measured_us(SINGLE_RUNS, || {
            let _ = std::hint::black_box(ready.is_free(noon_ms));
        }),
    );
    print_times(
        "the 5 nearest",
        &mut measured_us(SINGLE_RUNS, || {
            drop(std::hint::black_box(ready.nearest(noon_ms, 5)));
        }),
    );
    Ok(())
}

fn members<'a>(hours: &'a WeeklyHours, booked: &'a [Vec<Booked>]) -> Vec<Member<'a>> {
    (1..)
        .zip(booked)
        .map(|(id, booked)| Member {
            id,
            hours,
            time_off: &[],
            booked,
        })
        .collect()
}

/// Half an hour by phone every quarter of an hour.
fn service() -> Service {
    Service {
        id: 1,
        names: PerLang::same("Consultation"),
        duration_min: 30,
        buffer_before_min: 5,
        buffer_after_min: 5,
        slot_step_min: 15,
        min_notice_min: 0,
        horizon_days: 365,
        daily_cap: Some(40),
        location_kind: LocationKind::Phone,
        cancel_notice_min: 720,
        reschedule_notice_min: 720,
        reminders: DEFAULT_REMINDERS.to_vec(),
    }
}

/// Bookings of each member spread over days and hours, in no order, as rows come: about eight a day.
fn bookings(calendar: &Calendar, demand: Demand) -> Result<Vec<Vec<Booked>>, jiff::Error> {
    let mut booked = vec![Vec::new(); STAFF as usize];
    for number in 0..BOOKINGS as i64 {
        let (member, day, hour) = (
            number % STAFF,
            number / STAFF % DAYS,
            number / STAFF / DAYS % 8,
        );
        let date = FIRST.checked_add(day.days())?;
        let nine_ms = calendar.moment_of(date.at(9, 0, 0, 0)).unwrap_or_default();
        let start_ms = nine_ms + (hour * 60 + number % 4 * 15) * MINUTE_MS;
        booked[member as usize].push(Booked {
            service_id: 1 + number % 3,
            start_ms,
            busy: demand.busy(start_ms),
        });
    }
    Ok(booked)
}

/// How long each run took, in microseconds.
fn measured_us(runs: usize, mut run: impl FnMut()) -> Vec<f64> {
    (0..runs)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed().as_secs_f64() * 1e6
        })
        .collect()
}

fn print_times(what: &str, times_us: &mut [f64]) {
    times_us.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| times_us[(times_us.len() - 1) * percent / 100];
    println!(
        "{what}: p50 {:.1} µs, p99 {:.1} µs, slowest {:.1} µs",
        at(50),
        at(99),
        at(100)
    );
}
