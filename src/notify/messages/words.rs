//! Days and times as each language writes them.

use jiff::Zoned;
use jiff::civil::Date;

use crate::nlu::Lang;

const WEEKDAYS_PL: [&str; 7] = [
    "poniedziałek",
    "wtorek",
    "środa",
    "czwartek",
    "piątek",
    "sobota",
    "niedziela",
];
const WEEKDAYS_PL_SHORT: [&str; 7] = ["pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."];
const WEEKDAYS_DE: [&str; 7] = [
    "Montag",
    "Dienstag",
    "Mittwoch",
    "Donnerstag",
    "Freitag",
    "Samstag",
    "Sonntag",
];
/// In the genitive, as after the number of a day.
const MONTHS_PL: [&str; 12] = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
];
const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

/// `wtorek, 24 listopada 2026`, `Tuesday, 24 November 2026`, `Dienstag, 24. November 2026`.
pub fn date(day: Date, lang: Lang) -> String {
    let weekday = day.weekday().to_monday_zero_offset() as usize;
    let month = day.month() as usize - 1;
    let (number, year) = (day.day(), day.year());
    match lang {
        Lang::Pl => format!(
            "{}, {number} {} {year}",
            WEEKDAYS_PL[weekday], MONTHS_PL[month]
        ),
        Lang::En => day.strftime("%A, %-d %B %Y").to_string(),
        Lang::De => format!(
            "{}, {number}. {} {year}",
            WEEKDAYS_DE[weekday], MONTHS_DE[month]
        ),
    }
}

/// `wtorek, 24 listopada 2026, 10:00`, in German with `Uhr`.
pub fn date_time(at: &Zoned, lang: Lang) -> String {
    format!("{}, {}", date(at.date(), lang), time(at, lang))
}

/// For text messages: `wt. 24.11, 10:00`, `Tue 24 Nov, 10:00`, `Di. 24.11., 10:00 Uhr`.
pub fn short(at: &Zoned, lang: Lang) -> String {
    let weekday = at.weekday().to_monday_zero_offset() as usize;
    let (day, month) = (at.day(), at.month());
    let date = match lang {
        Lang::Pl => format!("{} {day}.{month:02}", WEEKDAYS_PL_SHORT[weekday]),
        Lang::En => at.strftime("%a %-d %b").to_string(),
        Lang::De => format!("{}. {day}.{month}.", &WEEKDAYS_DE[weekday][..2]),
    };
    format!("{date}, {}", time(at, lang))
}

fn time(at: &Zoned, lang: Lang) -> String {
    let time = format!("{}:{:02}", at.hour(), at.minute());
    match lang {
        Lang::Pl | Lang::En => time,
        Lang::De => format!("{time} Uhr"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_a_time_its_own_way() {
        let at: Zoned = "2026-11-24T10:00[Europe/Warsaw]".parse().unwrap();
        for (lang, long, brief) in [
            (
                Lang::Pl,
                "wtorek, 24 listopada 2026, 10:00",
                "wt. 24.11, 10:00",
            ),
            (
                Lang::En,
                "Tuesday, 24 November 2026, 10:00",
                "Tue 24 Nov, 10:00",
            ),
            (
                Lang::De,
                "Dienstag, 24. November 2026, 10:00 Uhr",
                "Di. 24.11., 10:00 Uhr",
            ),
        ] {
            assert_eq!(date_time(&at, lang), long);
            assert_eq!(short(&at, lang), brief);
        }
        let early: Zoned = "2026-03-01T08:05[Europe/Warsaw]".parse().unwrap();
        assert_eq!(date_time(&early, Lang::Pl), "niedziela, 1 marca 2026, 8:05");
        assert_eq!(short(&early, Lang::Pl), "niedz. 1.03, 8:05");
        assert_eq!(short(&early, Lang::De), "So. 1.3., 8:05 Uhr");
    }

    #[test]
    fn every_day_of_a_year_has_its_name() {
        let mut day = Date::constant(2026, 1, 1);
        let mut seen = std::collections::BTreeSet::new();
        while day.year() == 2026 {
            for lang in Lang::ALL {
                seen.insert(date(day, lang));
            }
            day = day.tomorrow().unwrap();
        }
        assert_eq!(seen.len(), 3 * 365);
    }
}
