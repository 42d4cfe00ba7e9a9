//! Figures of texts, to be compared.

use crate::nlu::Lang;
use crate::nlu::entities::{Counted, Measure, Says, figures};

fn says(text: &str, lang: Lang) -> Vec<Says> {
    let figures = figures(text, lang).into_iter();
    figures.map(|figure| figure.says).collect()
}

fn amount(value: f64, counted: Counted) -> Says {
    Says::Amount(value.to_bits(), counted)
}

fn zloty() -> Counted {
    Counted::Money("zlo".into())
}

#[test]
fn a_number_and_its_unit_are_the_same_however_they_are_written() {
    use Lang::{De, En, Pl};
    let months = amount(36.0, Counted::Of(Measure::Month));
    for (text, lang) in [
        ("36 miesięcy", Pl),
        ("trzydzieści sześć miesięcy", Pl),
        ("36 pełnych miesięcy", Pl),
        ("36-miesięczna", Pl),
        ("36 mies.", Pl),
        ("thirty-six months", En),
        ("36 months", En),
        ("sechsunddreißig Monate", De),
        ("36 Monaten", De),
    ] {
        assert_eq!(says(text, lang), std::slice::from_ref(&months), "{text}");
    }
    for text in [
        "1990 zł",
        "1 990 zł",
        "1.990 PLN",
        "PLN 1990",
        "1\u{a0}990 złotych",
    ] {
        assert_eq!(says(text, Pl), [amount(1990.0, zloty())], "{text}");
    }
    assert_eq!(
        says("od 949 do 1990 zł/m²", Pl),
        [amount(949.0, zloty()), amount(1990.0, zloty())]
    );
    assert_eq!(says("949–1990 zł", Pl), says("od 949 do 1990 zł", Pl));
}

#[test]
fn a_number_of_one_thing_is_not_a_number_of_another() {
    for (one, other) in [
        ("36 miesięcy", "36 zł"),
        ("36 miesięcy", "36 lat"),
        ("949 zł", "949 euro"),
        ("15 marca", "15 kwietnia"),
        ("15.03.2027", "15.04.2027"),
        ("8:30", "8:00"),
        ("10 %", "10 dni"),
    ] {
        assert_ne!(says(one, Lang::Pl), says(other, Lang::Pl), "{one} {other}");
    }
}

#[test]
fn days_of_a_month_stand_before_or_after_its_name() {
    let day = amount(15.0, Counted::Month(3));
    assert_eq!(says("15 marca", Lang::Pl), std::slice::from_ref(&day));
    assert_eq!(says("March 15", Lang::En), std::slice::from_ref(&day));
    assert_eq!(says("15. März", Lang::De), [day]);
}

#[test]
fn long_numbers_are_their_digits_however_they_are_grouped() {
    let phone = Says::Run("48585004663".into());
    for text in ["+48 585 004 663", "+48 58 500 46 63", "(+48) 585-004-663"] {
        assert_eq!(says(text, Lang::Pl), std::slice::from_ref(&phone), "{text}");
    }
    assert_eq!(
        says("1 250 000 zł", Lang::Pl),
        [amount(1_250_000.0, zloty())]
    );
    assert_eq!(
        says("60 000 - 70 000 zł", Lang::Pl),
        [amount(60_000.0, zloty()), amount(70_000.0, zloty())]
    );
}

#[test]
fn digits_inside_words_are_told_as_they_are_written() {
    assert_eq!(says("99O zł", Lang::Pl), [Says::Stray("99o".into())]);
    assert_eq!(says("l990 zł", Lang::Pl), [Says::Stray("l990".into())]);
    assert_eq!(
        says("60m2", Lang::Pl),
        [amount(60.0, Counted::Of(Measure::SquareMetre))]
    );
}

#[test]
fn no_text_has_two_figures_in_one_place_and_none_is_out_of_it() {
    for text in [
        "",
        "…",
        "1-2-3:4/5",
        "++48",
        "1.",
        "½ 10^3 m2m2",
        "٣٤ 12,5,6",
    ] {
        let mut end = 0;
        for figure in figures(text, Lang::Pl) {
            assert!(figure.bytes.start >= end && figure.bytes.end <= text.len());
            end = figure.bytes.end;
        }
    }
}
