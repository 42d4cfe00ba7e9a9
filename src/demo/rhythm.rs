//! When visitors come: by month, weekday, holiday and hour.

use fastrand::Rng;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::chance::weighted;
use crate::bookings::holiday_on;

/// From January: people finish homes in spring and autumn. The mean is 1.
const MONTHS: [f64; 12] = [
    1.10, 1.10, 1.20, 1.10, 1.05, 0.95, 0.80, 0.80, 1.15, 1.15, 1.00, 0.60,
];
/// From Monday. The mean is 1.
const WEEKDAYS: [f64; 7] = [1.15, 1.20, 1.20, 1.15, 1.05, 0.70, 0.55];
/// What is left of a day when it is a public holiday.
const HOLIDAY: f64 = 0.25;
/// From midnight: office hours, and an evening after the children are in bed.
const HOURS: [(u32, i8); 24] = [
    (6, 0),
    (3, 1),
    (2, 2),
    (1, 3),
    (1, 4),
    (3, 5),
    (10, 6),
    (25, 7),
    (45, 8),
    (65, 9),
    (75, 10),
    (75, 11),
    (65, 12),
    (65, 13),
    (65, 14),
    (60, 15),
    (60, 16),
    (60, 17),
    (65, 18),
    (75, 19),
    (80, 20),
    (70, 21),
    (40, 22),
    (18, 23),
];

/// How much is expected on a day, when `per_day` is the mean of all days but holidays.
pub(super) fn expected(date: Date, per_day: f64) -> f64 {
    let month = MONTHS[usize::try_from(date.month() - 1).unwrap_or_default()];
    let weekday =
        WEEKDAYS[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default()];
    let holiday = holiday_on(date).map_or(1.0, |_| HOLIDAY);
    per_day * month * weekday * holiday
}

/// A moment of a day (milliseconds UTC); of a time that the clock is put forward over, the same long after it.
pub(super) fn moment(rng: &mut Rng, date: Date, zone: &TimeZone) -> Option<i64> {
    let hour = *weighted(rng, &HOURS);
    let (minute, second, ms) = (rng.i8(0..60), rng.i8(0..60), rng.i32(0..1000));
    let time = Time::new(hour, minute, second, ms * 1_000_000).ok()?;
    let moment = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(moment.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    #[test]
    fn weekends_summers_and_holidays_are_quiet() {
        let (tuesday, sunday) = (date(2026, 3, 10), date(2026, 3, 15));
        assert!(expected(tuesday, 15.0) > 2.0 * expected(sunday, 15.0));
        assert!(expected(tuesday, 15.0) > 1.4 * expected(date(2026, 8, 11), 15.0));
        let christmas = expected(date(2025, 12, 25), 15.0);
        assert!(3.0 * christmas < expected(date(2025, 12, 18), 15.0));
    }

    #[test]
    fn a_year_has_the_mean_that_was_asked_for() {
        let first = date(2025, 1, 1);
        let sum: f64 = (first.series(1.day()))
            .take_while(|day| day.year() == 2025)
            .map(|day| expected(day, 20.0))
            .sum();
        let mean = sum / 365.0;
        assert!((19.0..=20.2).contains(&mean), "{mean}");
    }

    #[test]
    fn moments_lie_within_their_day_and_mostly_within_waking_hours() {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let mut rng = Rng::with_seed(3);
        // The clock is put forward and back on these days.
        for day in [date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 5)] {
            let mut at_night = 0;
            for _ in 0..2_000 {
                let ms = moment(&mut rng, day, &zone).unwrap();
                let wall = jiff::Timestamp::from_millisecond(ms)
                    .unwrap()
                    .to_zoned(zone.clone());
                assert_eq!(wall.date(), day);
                at_night += i32::from(wall.hour() < 6);
            }
            assert!(at_night < 100, "{at_night}");
        }
    }
}
