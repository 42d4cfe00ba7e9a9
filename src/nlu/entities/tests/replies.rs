use super::check_replies;
use crate::nlu::Lang::{De, En, Pl};
use crate::nlu::entities::EntityKind;

#[test]
fn a_bare_number_is_what_was_asked_for() {
    check_replies(
        EntityKind::Area,
        Pl,
        &[
            ("60", "area_m2 60.0"),
            ("około 62,5", "area_m2 62.5"),
            ("50-60", "area_m2 55.0"),
            ("sześćdziesiąt", "area_m2 60.0"),
            ("8 m", "area_m2 8.0"),
            ("nie wiem", ""),
            ("-5", ""),
        ],
    );
    check_replies(
        EntityKind::Budget,
        Pl,
        &[
            ("150", "budget_pln 150000"),
            ("80000", "budget_pln 80000"),
            ("100-150", "budget_pln 150000"),
            ("sto", "budget_pln 100000"),
            ("2500 zł za metr", ""),
        ],
    );
    check_replies(
        EntityKind::Rooms,
        En,
        &[("3", "rooms 3"), ("three", "rooms 3"), ("500", "")],
    );
}

#[test]
fn a_bare_name_is_a_name_only_when_it_was_asked_for() {
    check_replies(
        EntityKind::Name,
        Pl,
        &[
            ("Jan Kowalski", "name Jan Kowalski"),
            ("ania", "name Ania"),
            (
                "Grażyna Brzęczyszczykiewicz-Nowak",
                "name Grażyna Brzęczyszczykiewicz-Nowak",
            ),
            ("JAN KOWALSKI", "name Jan Kowalski"),
            ("Kowalski", "name Kowalski"),
            ("Nie", ""),
            ("a po co wam to", ""),
            ("Chcę najpierw wycenę", ""),
            (
                "Jan Kowalski, 601 234 567",
                "name Jan Kowalski; phone +48601234567",
            ),
        ],
    );
    super::check(Pl, &[("Jan Kowalski", ""), ("Kowalski", "")]);
}

#[test]
fn bare_days_hours_and_towns_are_read_when_they_were_asked_for() {
    check_replies(
        EntityKind::Date,
        Pl,
        &[
            ("15", "date 2026-12-15"),
            ("piątek", "date 2026-11-27"),
            ("5.1", "date 2027-01-05"),
            ("pt", "date 2026-11-27"),
            ("jutro o 17", "date 2026-11-23; time 17:00"),
            ("o 15", "time 15:00"),
        ],
    );
    check_replies(
        EntityKind::Time,
        Pl,
        &[
            ("17", "time 17:00"),
            ("piąta", "time 17:00"),
            ("17.30", "time 17:30"),
            ("po 15", "time 15:00"),
        ],
    );
    check_replies(
        EntityKind::Time,
        De,
        &[("zehn", "time 10:00"), ("10 Uhr", "time 10:00")],
    );
    check_replies(
        EntityKind::City,
        Pl,
        &[
            ("Marki", "city Marki"),
            ("hel", "city Hel"),
            ("nie wiem", ""),
        ],
    );
    check_replies(
        EntityKind::Package,
        En,
        &[("I think standard would be fine", "package standard")],
    );
}
