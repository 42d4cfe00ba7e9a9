use super::check;
use crate::nlu::Lang::En;

#[test]
fn english_areas_and_budgets_are_read() {
    check(
        En,
        &[
            ("sixty square metres", "area_m2 60.0"),
            ("my flat is 62.5 sqm", "area_m2 62.5; property_type flat"),
            ("a hundred and twenty square meters", "area_m2 120.0"),
            ("about 75 m2", "area_m2 75.0"),
            ("between 50 and 60 sq m", "area_m2 55.0"),
            ("700 sq ft", "area_m2 65.03"),
            ("the area is 80", "area_m2 80.0"),
            (
                "1,250 sqm office",
                "area_m2 1250.0; property_type commercial",
            ),
            ("sixty-five metres", "area_m2 65.0"),
            ("200 metres from the beach", ""),
            ("a 12 sqm kitchen", "area_m2 12.0"),
            ("budget 150k", "budget_pln 150000"),
            ("150,000 PLN", "budget_pln 150000"),
            ("a hundred thousand zloty", "budget_pln 100000"),
            ("one hundred and fifty thousand", "budget_pln 150000"),
            ("half a million", "budget_pln 500000"),
            ("between 100 and 150k", "budget_pln 150000"),
            ("1.2 million zloty", "budget_pln 1200000"),
            ("my budget is about 120", "budget_pln 120000"),
            ("we can spend up to 200 thousand", "budget_pln 200000"),
            ("PLN 2,000 per m2", ""),
            ("is 1500 PLN per square metre a lot?", ""),
            ("1990 zł/m²", ""),
            ("30k euros", ""),
            ("do you have 2 thousand customers", ""),
            ("several thousand", ""),
        ],
    );
}

#[test]
fn english_homes_places_and_packages_are_read() {
    check(
        En,
        &[
            ("a flat in Warsaw", "city Warszawa; property_type flat"),
            ("our house near Gdansk", "city Gdańsk; property_type house"),
            ("in Wrocław", "city Wrocław"),
            (
                "I live in Warsaw but the flat is in Sopot",
                "city Sopot; property_type flat",
            ),
            ("12 Warsaw Street", ""),
            ("the police came", ""),
            ("three rooms", "rooms 3"),
            ("3-room apartment", "property_type flat; rooms 3"),
            ("two-bedroom flat", "property_type flat; rooms 2"),
            (
                "office space of 200 sqm",
                "area_m2 200.0; property_type commercial",
            ),
            ("a studio", "property_type studio"),
            ("where is your office?", ""),
            ("I love Nova House", ""),
            ("the premium package please", "package premium"),
            ("luxury", "package luxury"),
            ("is that the standard way of doing it", ""),
            ("premium package or luxury?", ""),
            ("may I ask a question", ""),
        ],
    );
}

#[test]
fn english_contacts_and_names_are_read() {
    check(
        En,
        &[
            ("My name is John Smith", "name John Smith"),
            (
                "my name is john smith and I need a quote",
                "name John Smith",
            ),
            ("I'm Sarah", "name Sarah"),
            ("I am Mary Jones from Sopot", "city Sopot; name Mary Jones"),
            ("This is Peter Parker speaking", "name Peter Parker"),
            ("I'm interested", ""),
            ("I am German", ""),
            ("I'm looking for a team", ""),
            ("my name is on the list", ""),
            ("Best regards,\nEmily Clark", "name Emily Clark"),
            (
                "john.smith+reno@mail.example.co.uk",
                "email john.smith+reno@mail.example.co.uk",
            ),
            ("call me on +44 20 7946 0958", "phone +442079460958"),
            ("call 601-234-567", "phone +48601234567"),
            ("+1 (555) 123-4567", "phone +15551234567"),
            (
                "my phone is 601 234 567, call after 5pm",
                "phone +48601234567; time 17:00",
            ),
            ("order 601234567", ""),
            ("@home", ""),
            ("a@b", ""),
        ],
    );
}

#[test]
fn english_dates_and_times_are_read() {
    check(
        En,
        &[
            ("tomorrow at 5", "date 2026-11-23; time 17:00"),
            ("tomorrow at 5pm", "date 2026-11-23; time 17:00"),
            ("next Tuesday at ten", "date 2026-11-24; time 10:00"),
            ("in two weeks", "date 2026-12-06"),
            ("two weeks from now", "date 2026-12-06"),
            ("in a fortnight", "date 2026-12-06"),
            ("in a month", "date 2026-12-22"),
            ("the day after tomorrow", "date 2026-11-24"),
            ("this Friday", "date 2026-11-27"),
            ("on Friday after 3", "date 2026-11-27; time 15:00"),
            ("at the weekend", "date 2026-11-28"),
            ("December 15", "date 2026-12-15"),
            ("Dec. 15th, 2027", "date 2027-12-15"),
            (
                "the 15th of December at 9:30",
                "date 2026-12-15; time 09:30",
            ),
            ("on the 3rd", "date 2026-12-03"),
            ("12/31/2026", "date 2026-12-31"),
            ("31/12/2026", "date 2026-12-31"),
            ("2026-12-15 at 17:30", "date 2026-12-15; time 17:30"),
            ("half past four", "time 16:30"),
            ("quarter to five", "time 16:45"),
            ("10:30am", "time 10:30"),
            ("9 a.m.", "time 09:00"),
            ("12pm", "time 12:00"),
            ("at noon", "time 12:00"),
            ("at eleven o'clock", "time 11:00"),
            ("at 05:00", "time 05:00"),
            ("tonight", "date 2026-11-22"),
            ("February 31", ""),
            ("in two rooms", "rooms 2"),
            ("before noon-ish next week", "time 12:00"),
            ("we sat in the sun", ""),
        ],
    );
}
