use super::{NOW, context, told};
use crate::nlu::Lang;
use crate::nlu::entities::{EntityKind, extract, extract_expected};
use proptest::prelude::*;

const KINDS: [EntityKind; 11] = [
    EntityKind::Area,
    EntityKind::Budget,
    EntityKind::City,
    EntityKind::PropertyType,
    EntityKind::Rooms,
    EntityKind::Package,
    EntityKind::Name,
    EntityKind::Email,
    EntityKind::Phone,
    EntityKind::Date,
    EntityKind::Time,
];

#[test]
fn absurd_numbers_are_no_data() {
    let rows = [
        ("−5 m²", ""),
        ("-5 m2", ""),
        ("0 m2", ""),
        ("999999999 m2", ""),
        ("1000000000000 PLN", ""),
        ("99999999999999999999999999 zł", ""),
        ("31.02.2027", ""),
        ("30 lutego", ""),
        ("0 pokoi", ""),
        ("o 99:99", ""),
        ("budżet -120 tys.", ""),
        ("9999-99-99", ""),
    ];
    super::check(Lang::Pl, &rows);
}

#[test]
fn markup_marks_and_invisible_characters_do_not_hide_data() {
    let rows = [
        ("<b>Gdańsk</b> <i>60&nbsp;m2</i>", "city Gdańsk"),
        (
            "w Gda\u{200b}ńsku 6\u{200f}0 m\u{ad}2",
            "area_m2 60.0; city Gdańsk",
        ),
        ("\u{202e}jan@example.com\u{202c}", "email jan@example.com"),
        ("６０ ㎡", "area_m2 60.0"),
        ("60\u{a0}m²🏠w\u{a0}Sopocie🎉", "area_m2 60.0; city Sopot"),
        ("💸150k💸", "budget_pln 150000"),
    ];
    super::check(Lang::Pl, &rows);
}

#[test]
fn megabytes_of_anything_end_soon() {
    let pieces = [
        "a",
        "1",
        "1 ",
        "@",
        "a@",
        "+",
        "+4",
        "(",
        ".",
        "1.",
        "1,",
        "-",
        "m2 ",
        "za ",
        "sto ",
        "jestem ",
        "w ",
        "\n",
        "ż",
        "\u{301}",
        "\u{200b}",
        "👩‍👩‍👧",
        "价",
        "ع",
        "hundert",
        "ein und ",
        "15.12.",
        "60 m2 ",
        "Pruszcz ",
        "from ",
        "next week ",
        "tys. ",
        "do ",
        "1-",
        "1:",
        "http://",
        "www.",
        "Jan ",
    ];
    for piece in pieces {
        let text = piece.repeat(1_000_000 / piece.len());
        for kind in KINDS {
            extract_expected(kind, &text, Lang::Pl, &context());
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics_and_places_are_inside(text in "\\PC{0,80}", words in awkward(), lang in 0..3_usize, kind in 0..KINDS.len()) {
        for text in [&text, &words] {
            let lang = Lang::ALL[lang];
            let found = extract_expected(KINDS[kind], text, lang, &context());
            for place in &found.found {
                prop_assert!(text.get(place.bytes.clone()).is_some(), "{place:?} of {text:?}");
            }
            prop_assert!(found.date.is_none_or(|date| (date.year() - NOW.year()).abs() <= 11));
            prop_assert!(found.area_m2.is_none_or(|area| (2.0..=10_000.0).contains(&area)));
            prop_assert!(found.budget_pln.is_none_or(|budget| (1_000..=100_000_000).contains(&budget)));
            prop_assert!(found.rooms.is_none_or(|rooms| (1..=30).contains(&rooms)));
        }
    }

    #[test]
    fn an_area_is_read_as_it_is_written(hundredths in 200..=1_000_000_u32, comma: bool, unit in 0..4_usize) {
        let unit = ["m²", " mkw", " qm", " sqm"][unit];
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        let mark = if comma { ',' } else { '.' };
        let text = if rest == 0 { format!("{whole}{unit}") } else { format!("{whole}{mark}{rest:02}{unit}") };
        let found = extract(&text, Lang::Pl, &context());
        prop_assert_eq!(found.area_m2, Some(f64::from(hundredths) / 100.0), "{}", text);
    }

    #[test]
    fn a_budget_is_read_however_its_thousands_are_parted(pln in 1_000..=100_000_000_i64, mark in 0..4_usize) {
        let mark = ["", " ", ".", ","][mark];
        let digits = pln.to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                text.push_str(mark);
            }
            text.push(digit);
        }
        text.push_str(" zł");
        prop_assert_eq!(extract(&text, Lang::Pl, &context()).budget_pln, Some(pln), "{}", text);
    }

    #[test]
    fn polish_number_words_are_read(hundreds in 0..10_usize, tens in 2..10_usize, units in 0..10_usize) {
        const HUNDREDS: [&str; 10] = ["", "sto", "dwieście", "trzysta", "czterysta", "pięćset", "sześćset", "siedemset", "osiemset", "dziewięćset"];
        const TENS: [&str; 10] = ["", "", "dwadzieścia", "trzydzieści", "czterdzieści", "pięćdziesiąt", "sześćdziesiąt", "siedemdziesiąt", "osiemdziesiąt", "dziewięćdziesiąt"];
        const UNITS: [&str; 10] = ["", "jeden", "dwa", "trzy", "cztery", "pięć", "sześć", "siedem", "osiem", "dziewięć"];
        let value = hundreds * 100 + tens * 10 + units;
        let text = format!("{} {} {} tysięcy złotych", HUNDREDS[hundreds], TENS[tens], UNITS[units]);
        prop_assert_eq!(told(&extract(&text, Lang::Pl, &context())), format!("budget_pln {}", value * 1000), "{}", text);
    }

    #[test]
    fn every_day_of_the_coming_year_is_read_in_three_ways(ahead in 0..365_i32) {
        let day = NOW.date().checked_add(jiff::ToSpan::days(ahead)).unwrap();
        for format in ["%Y-%m-%d", "%d.%m.%Y", "%-d.%m", "%-d %B", "%B %-d, %Y"] {
            let text = day.strftime(format).to_string();
            prop_assert_eq!(extract(&text, Lang::En, &context()).date, Some(day), "{}", text);
        }
    }
}

/// Sentences of the pieces the rules are made for, in any order.
fn awkward() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "60",
        "m2",
        "m",
        "²",
        "-",
        "–",
        ",",
        ".",
        ":",
        "/",
        "(",
        ")",
        "+48",
        "601",
        "234 567",
        "@",
        "a@b.pl",
        "www.x.pl",
        "tys.",
        "k",
        "zł",
        "sto",
        "pół",
        "hundert",
        "za",
        "in",
        "next",
        "przyszły",
        "tydzień",
        "week",
        "wtorek",
        "15",
        "31",
        "grudnia",
        "February",
        "o",
        "at",
        "halb",
        "fünf",
        "piątej",
        "rano",
        "pm",
        "w",
        "Gdańsku",
        "Nowy",
        "Sącz",
        "ul.",
        "pakiet",
        "premium",
        "jestem",
        "Jan",
        "Kowalski",
        "Pozdrawiam",
        "\n",
        "budżet",
        "powierzchnia",
        "do",
        "od",
        "między",
        "a",
        "i",
        "Uhr",
        "2026",
        "00",
        "0",
        "%",
        "€",
        "do 15",
        "pokoje",
        "99999999999999999",
    ]);
    prop::collection::vec((piece, prop::bool::ANY), 0..14).prop_map(|pieces| {
        pieces
            .into_iter()
            .fold(String::new(), |text, (piece, spaced)| {
                text + piece + if spaced { " " } else { "" }
            })
    })
}
