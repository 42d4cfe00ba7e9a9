use super::check;
use crate::nlu::Lang::De;

#[test]
fn german_areas_and_budgets_are_read() {
    check(
        De,
        &[
            (
                "Meine Wohnung hat 62,5 qm",
                "area_m2 62.5; property_type flat",
            ),
            ("sechzig Quadratmeter", "area_m2 60.0"),
            ("fünfundsechzig Quadratmeter", "area_m2 65.0"),
            ("fuenfundsechzig Quadratmeter", "area_m2 65.0"),
            ("ca. 80 m²", "area_m2 80.0"),
            ("zwischen 50 und 60 qm", "area_m2 55.0"),
            ("50 bis 70 Quadratmeter", "area_m2 60.0"),
            ("Wohnfläche: 90", "area_m2 90.0"),
            (
                "Haus mit 140 qm, Garten 400 qm",
                "area_m2 140.0; property_type house",
            ),
            ("1.200 qm Büro", "area_m2 1200.0; property_type commercial"),
            ("200 Meter vom Strand", ""),
            ("Budget 120.000 PLN", "budget_pln 120000"),
            ("hundertzwanzigtausend Zloty", "budget_pln 120000"),
            ("einhundert Tausend Zloty", "budget_pln 100000"),
            ("150 Tsd. Zloty", "budget_pln 150000"),
            ("eine halbe Million Zloty", "budget_pln 500000"),
            ("anderthalb Millionen Zloty", "budget_pln 1500000"),
            ("zwischen 100 und 150 Tausend", "budget_pln 150000"),
            ("Unser Budget liegt bei 120", "budget_pln 120000"),
            ("2.000 Zloty pro Quadratmeter", ""),
            ("30.000 €", ""),
            ("€ 30.000 Budget", ""),
            ("1990 PLN/m²", ""),
            ("Was kostet ein Haus?", "property_type house"),
        ],
    );
}

#[test]
fn german_homes_places_and_packages_are_read() {
    check(
        De,
        &[
            ("eine Wohnung in Danzig", "city Gdańsk; property_type flat"),
            ("Haus bei Breslau", "city Wrocław; property_type house"),
            ("in Zoppot", "city Sopot"),
            (
                "Ich komme aus Warschau, die Wohnung ist in Gdynia",
                "city Gdynia; property_type flat",
            ),
            ("Warschauer Straße 5", ""),
            ("Danzig Straße", ""),
            ("drei Zimmer", "rooms 3"),
            ("3-Zimmer-Wohnung", "property_type flat; rooms 3"),
            ("Dreizimmerwohnung", "property_type flat; rooms 3"),
            ("Einzimmerwohnung", "property_type studio; rooms 1"),
            ("2,5 Zimmer", "rooms 2"),
            ("4 1/2 Zimmer", ""),
            ("Einfamilienhaus", "property_type house"),
            (
                "Altbauwohnung mit 70 qm",
                "area_m2 70.0; property_type flat",
            ),
            ("das Treppenhaus ist eng", ""),
            ("ich bin zu Hause", ""),
            ("Wo ist Ihr Büro?", ""),
            ("Paket Premium bitte", "package premium"),
            ("das Luxuspaket", "package luxury"),
            ("ist das Standard bei Ihnen im Haus", "property_type house"),
        ],
    );
}

#[test]
fn german_contacts_and_names_are_read() {
    check(
        De,
        &[
            ("Ich heiße Hans Müller", "name Hans Müller"),
            ("ich heisse hans müller", "name Hans Müller"),
            ("Mein Name ist Anna von Berg", "name Anna von Berg"),
            ("Ich bin Thomas", "name Thomas"),
            ("Ich bin interessiert", ""),
            ("Ich bin Student", ""),
            ("ich bin aus Danzig", "city Gdańsk"),
            (
                "Mit freundlichen Grüßen\nHans-Peter Schmidt",
                "name Hans-Peter Schmidt",
            ),
            ("Viele Grüße, Julia", "name Julia"),
            ("Viele Grüße aus Sopot", "city Sopot"),
            ("hans.mueller@web.example", "email hans.mueller@web.example"),
            ("+49 (0)171 1234567", "phone +491711234567"),
            ("0171 1234567", "phone +491711234567"),
            ("0049 171 1234567", "phone +491711234567"),
            ("Handy 601 234 567", "phone +48601234567"),
            ("Rechnung 601234567", ""),
        ],
    );
}

#[test]
fn german_dates_and_times_are_read() {
    check(
        De,
        &[
            ("nächsten Dienstag", "date 2026-11-24"),
            (
                "naechsten Dienstag um 10 Uhr",
                "date 2026-11-24; time 10:00",
            ),
            ("morgen um 17 Uhr", "date 2026-11-23; time 17:00"),
            ("Guten Morgen, haben Sie heute Zeit?", "date 2026-11-22"),
            ("Guten Morgen", ""),
            ("am Morgen", ""),
            ("übermorgen", "date 2026-11-24"),
            ("uebermorgen nach 15 Uhr", "date 2026-11-24; time 15:00"),
            ("in zwei Wochen", "date 2026-12-06"),
            ("in einer Woche", "date 2026-11-29"),
            ("in 14 Tagen", "date 2026-12-06"),
            ("in einem Monat", "date 2026-12-22"),
            ("am Freitag", "date 2026-11-27"),
            ("diesen Freitag um halb fünf", "date 2026-11-27; time 16:30"),
            ("nächste Woche am Mittwoch", "date 2026-11-25"),
            ("am Wochenende", "date 2026-11-28"),
            ("am 15. Dezember", "date 2026-12-15"),
            ("15.12.", "date 2026-12-15"),
            ("am 15.12.2026 um 17:30", "date 2026-12-15; time 17:30"),
            ("am 3. März 2027", "date 2027-03-03"),
            ("am fünfzehnten Dezember", "date 2026-12-15"),
            ("um fünf", "time 17:00"),
            ("17 Uhr 30", "time 17:30"),
            ("17.30 Uhr", "time 17:30"),
            ("Viertel nach vier", "time 16:15"),
            ("Viertel vor fünf", "time 16:45"),
            ("um 9 Uhr morgens", "time 09:00"),
            ("heute Abend", "date 2026-11-22"),
            ("nächste Woche", ""),
            ("31. Februar", ""),
            ("nach 3 Monaten", ""),
            ("zwischen 2 und 3 Wochen", ""),
            ("halb eins", "time 12:30"),
            ("um die Ecke", ""),
        ],
    );
}

#[test]
fn a_whole_german_enquiry_is_read() {
    check(
        De,
        &[(
            "Hallo, mein Name ist Julia Weber. Wir haben eine Dreizimmerwohnung mit 75 qm in Danzig und ein Budget von \
         150.000 Zloty. Bitte rufen Sie am Dienstag um 10 Uhr an: +49 171 1234567, julia@example.de",
            "area_m2 75.0; budget_pln 150000; city Gdańsk; property_type flat; rooms 3; name Julia Weber; \
         email julia@example.de; phone +491711234567; date 2026-11-24; time 10:00",
        )],
    );
}
