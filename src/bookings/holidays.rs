//! Public holidays of Poland, computed.
//!
//! Source: the act of 18 January 1951 on days free from work, with its amendments: 6 January since 2011, 24 December
//! since 2025; 12 November 2018 by an act of its own.

use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::nlu::Lang;

/// The years the rules are known for.
pub const HOLIDAY_YEARS: RangeInclusive<i16> = 1990..=2100;

/// A public holiday of Poland.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Holiday {
    NewYear,
    Epiphany,
    EasterSunday,
    EasterMonday,
    LabourDay,
    ConstitutionDay,
    Pentecost,
    CorpusChristi,
    Assumption,
    AllSaints,
    IndependenceDay,
    /// 12 November 2018 alone.
    IndependenceCentenary,
    ChristmasEve,
    ChristmasDay,
    SecondDayOfChristmas,
}

impl Holiday {
    /// What it is called in `lang`.
    pub fn name(self, lang: Lang) -> &'static str {
        let [pl, en, de] = match self {
            Self::NewYear => ["Nowy Rok", "New Year's Day", "Neujahr"],
            Self::Epiphany => ["Święto Trzech Króli", "Epiphany", "Heilige Drei Könige"],
            Self::EasterSunday => ["Wielkanoc", "Easter Sunday", "Ostersonntag"],
            Self::EasterMonday => ["Poniedziałek Wielkanocny", "Easter Monday", "Ostermontag"],
            Self::LabourDay => ["Święto Pracy", "Labour Day", "Tag der Arbeit"],
            Self::ConstitutionDay => [
                "Święto Konstytucji 3 Maja",
                "Constitution Day",
                "Tag der Verfassung",
            ],
            Self::Pentecost => ["Zielone Świątki", "Whit Sunday", "Pfingstsonntag"],
            Self::CorpusChristi => ["Boże Ciało", "Corpus Christi", "Fronleichnam"],
            Self::Assumption => [
                "Wniebowzięcie Najświętszej Maryi Panny",
                "Assumption Day",
                "Mariä Himmelfahrt",
            ],
            Self::AllSaints => ["Wszystkich Świętych", "All Saints' Day", "Allerheiligen"],
            Self::IndependenceDay => [
                "Narodowe Święto Niepodległości",
                "Independence Day",
                "Unabhängigkeitstag",
            ],
            Self::IndependenceCentenary => [
                "Setna rocznica odzyskania niepodległości",
                "Centenary of Independence",
                "100. Jahrestag der Unabhängigkeit",
            ],
            Self::ChristmasEve => ["Wigilia", "Christmas Eve", "Heiligabend"],
            Self::ChristmasDay => ["Boże Narodzenie", "Christmas Day", "Erster Weihnachtstag"],
            Self::SecondDayOfChristmas => [
                "Drugi dzień Bożego Narodzenia",
                "Second Day of Christmas",
                "Zweiter Weihnachtstag",
            ],
        };
        match lang {
            Lang::Pl => pl,
            Lang::En => en,
            Lang::De => de,
        }
    }
}

/// The holiday on a day; `None` also for years outside [`HOLIDAY_YEARS`].
pub fn holiday_on(date: Date) -> Option<Holiday> {
    let year = date.year();
    if !HOLIDAY_YEARS.contains(&year) {
        return None;
    }
    let fixed = match (date.month(), date.day()) {
        (1, 1) => Some(Holiday::NewYear),
        (1, 6) if year >= 2011 => Some(Holiday::Epiphany),
        (5, 1) => Some(Holiday::LabourDay),
        (5, 3) => Some(Holiday::ConstitutionDay),
        (8, 15) => Some(Holiday::Assumption),
        (11, 1) => Some(Holiday::AllSaints),
        (11, 11) => Some(Holiday::IndependenceDay),
        (11, 12) if year == 2018 => Some(Holiday::IndependenceCentenary),
        (12, 24) if year >= 2025 => Some(Holiday::ChristmasEve),
        (12, 25) => Some(Holiday::ChristmasDay),
        (12, 26) => Some(Holiday::SecondDayOfChristmas),
        _ => None,
    };
    fixed.or_else(|| match (date - easter(year)?).get_days() {
        0 => Some(Holiday::EasterSunday),
        1 => Some(Holiday::EasterMonday),
        49 => Some(Holiday::Pentecost),
        60 => Some(Holiday::CorpusChristi),
        _ => None,
    })
}

/// All holidays of a year, in order; none for years outside [`HOLIDAY_YEARS`].
pub fn holidays(year: i16) -> Vec<(Date, Holiday)> {
    Date::new(year, 1, 1)
        .into_iter()
        .flat_map(|first| first.series(1.day()))
        .take_while(|date| date.year() == year)
        .filter_map(|date| Some((date, holiday_on(date)?)))
        .collect()
}

/// Easter Sunday of the Gregorian calendar.
///
/// Source: the anonymous algorithm of Nature, 20 April 1876, as in J. Meeus, Astronomical Algorithms, chapter "Date of
/// Easter". `None`: no year of the calendar.
fn easter(year: i16) -> Option<Date> {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, of_century) = (year_number / 100, year_number % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * late + 114;
    Date::new(year, (days / 31) as i8, (days % 31 + 1) as i8).ok()
}

#[cfg(test)]
#[path = "holidays_tests.rs"]
mod tests;
