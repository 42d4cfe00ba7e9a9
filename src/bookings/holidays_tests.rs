use jiff::civil::date;

use super::*;

/// Easter Sundays as published: year, month, day.
const EASTERS: [(i16, i8, i8); 40] = [
    (1990, 4, 15),
    (1991, 3, 31),
    (1992, 4, 19),
    (1995, 4, 16),
    (1997, 3, 30),
    (1999, 4, 4),
    (2000, 4, 23),
    (2001, 4, 15),
    (2002, 3, 31),
    (2003, 4, 20),
    (2004, 4, 11),
    (2005, 3, 27),
    (2006, 4, 16),
    (2007, 4, 8),
    (2008, 3, 23),
    (2009, 4, 12),
    (2010, 4, 4),
    (2011, 4, 24),
    (2012, 4, 8),
    (2013, 3, 31),
    (2014, 4, 20),
    (2015, 4, 5),
    (2016, 3, 27),
    (2017, 4, 16),
    (2018, 4, 1),
    (2019, 4, 21),
    (2020, 4, 12),
    (2021, 4, 4),
    (2022, 4, 17),
    (2023, 4, 9),
    (2024, 3, 31),
    (2025, 4, 20),
    (2026, 4, 5),
    (2027, 3, 28),
    (2028, 4, 16),
    (2029, 4, 1),
    (2030, 4, 21),
    (2035, 3, 25),
    (2038, 4, 25),
    (2100, 3, 28),
];

fn days_of(year: i16) -> Vec<String> {
    holidays(year)
        .into_iter()
        .map(|(date, holiday)| {
            let name = holiday.name(Lang::Pl);
            format!("{:02}-{:02} {name}", date.month(), date.day())
        })
        .collect()
}

#[test]
fn easter_falls_where_it_is_known_to() {
    for (year, month, day) in EASTERS {
        assert_eq!(easter(year), Some(date(year, month, day)), "{year}");
    }
}

#[test]
fn easter_is_always_a_sunday_between_22_march_and_25_april() {
    for year in HOLIDAY_YEARS {
        let easter = easter(year).unwrap();
        assert_eq!(easter.weekday(), jiff::civil::Weekday::Sunday);
        assert!((date(year, 3, 22)..=date(year, 4, 25)).contains(&easter));
    }
}

#[test]
fn the_holidays_of_2024_are_complete() {
    let expected = [
        "01-01 Nowy Rok",
        "01-06 Święto Trzech Króli",
        "03-31 Wielkanoc",
        "04-01 Poniedziałek Wielkanocny",
        "05-01 Święto Pracy",
        "05-03 Święto Konstytucji 3 Maja",
        "05-19 Zielone Świątki",
        "05-30 Boże Ciało",
        "08-15 Wniebowzięcie Najświętszej Maryi Panny",
        "11-01 Wszystkich Świętych",
        "11-11 Narodowe Święto Niepodległości",
        "12-25 Boże Narodzenie",
        "12-26 Drugi dzień Bożego Narodzenia",
    ];
    assert_eq!(days_of(2024), expected);
}

#[test]
fn the_holidays_of_2025_are_complete_with_christmas_eve() {
    let expected = [
        "01-01 Nowy Rok",
        "01-06 Święto Trzech Króli",
        "04-20 Wielkanoc",
        "04-21 Poniedziałek Wielkanocny",
        "05-01 Święto Pracy",
        "05-03 Święto Konstytucji 3 Maja",
        "06-08 Zielone Świątki",
        "06-19 Boże Ciało",
        "08-15 Wniebowzięcie Najświętszej Maryi Panny",
        "11-01 Wszystkich Świętych",
        "11-11 Narodowe Święto Niepodległości",
        "12-24 Wigilia",
        "12-25 Boże Narodzenie",
        "12-26 Drugi dzień Bożego Narodzenia",
    ];
    assert_eq!(days_of(2025), expected);
}

#[test]
fn the_holidays_of_2026_are_complete() {
    let expected = [
        "01-01 Nowy Rok",
        "01-06 Święto Trzech Króli",
        "04-05 Wielkanoc",
        "04-06 Poniedziałek Wielkanocny",
        "05-01 Święto Pracy",
        "05-03 Święto Konstytucji 3 Maja",
        "05-24 Zielone Świątki",
        "06-04 Boże Ciało",
        "08-15 Wniebowzięcie Najświętszej Maryi Panny",
        "11-01 Wszystkich Świętych",
        "11-11 Narodowe Święto Niepodległości",
        "12-24 Wigilia",
        "12-25 Boże Narodzenie",
        "12-26 Drugi dzień Bożego Narodzenia",
    ];
    assert_eq!(days_of(2026), expected);
}

#[test]
fn a_holiday_counts_from_the_year_it_was_made_one() {
    assert_eq!(holiday_on(date(2010, 1, 6)), None);
    assert_eq!(holiday_on(date(2011, 1, 6)), Some(Holiday::Epiphany));
    assert_eq!(holiday_on(date(2024, 12, 24)), None);
    assert_eq!(holiday_on(date(2025, 12, 24)), Some(Holiday::ChristmasEve));
    assert_eq!(
        holiday_on(date(2018, 11, 12)),
        Some(Holiday::IndependenceCentenary)
    );
    assert_eq!(holiday_on(date(2019, 11, 12)), None);
}

#[test]
fn years_without_known_rules_have_no_holidays() {
    assert!(holidays(1989).is_empty());
    assert!(holidays(2101).is_empty());
    assert_eq!(holidays(1990).len(), 12);
    assert_eq!(holidays(2100).len(), 14);
}

#[test]
fn every_holiday_has_its_own_name_in_each_language() {
    for lang in Lang::ALL {
        let mut names: Vec<_> = holidays(2026)
            .into_iter()
            .map(|(_, holiday)| holiday.name(lang))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 14, "{lang:?}");
    }
    assert_eq!(Holiday::CorpusChristi.name(Lang::De), "Fronleichnam");
}
