use ical::PropertyParser;
use ical::property::Property as Read;
use proptest::prelude::*;

use super::*;

const HOST: &str = "nova.example";

fn visit() -> Visit {
    Visit {
        booking_id: 17,
        sequence: 2,
        changed_at_ms: 1_795_000_000_000,
        start_ms: 1_795_426_200_000,
        end_ms: 1_795_429_800_000,
        is_cancelled: false,
        summary: "Konsultacja".into(),
        location: Some("ul. Długa 5, Gdańsk".into()),
        description: Some("Pierwsza linia\nDruga linia".into()),
    }
}

fn party(name: &str) -> Party {
    Party {
        name: name.into(),
        email: "anna@example.com".into(),
    }
}

fn invited(visit: &Visit) -> String {
    invitation(HOST, visit, &party("NovaHouse"), &party("Anna Nowak"))
}

/// The properties of a file, as another program reads them. It is unfolded before, since that program drops spaces at
/// folds. Lines should have 75 bytes at most (RFC 5545 3.1); the last one of a folded line may have one more.
fn read(file: &str) -> Vec<Read> {
    for line in file.split_terminator("\r\n") {
        assert!(line.len() <= 76, "{line:?}");
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
    let unfolded = file.replace("\r\n ", "");
    PropertyParser::from_reader(unfolded.as_bytes())
        .map(Result::unwrap)
        .collect()
}

/// The values of every property of that name.
fn all<'a>(properties: &'a [Read], name: &str) -> Vec<&'a str> {
    properties
        .iter()
        .filter(|property| property.name == name)
        .map(|property| property.value.as_deref().unwrap_or_default())
        .collect()
}

fn one<'a>(properties: &'a [Read], name: &str) -> &'a str {
    let values = all(properties, name);
    assert_eq!(values.len(), 1, "{name}");
    values[0]
}

/// RFC 5545 3.3.11.
fn text(value: &str) -> String {
    let mut read = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next().unwrap() {
                'n' | 'N' => read.push('\n'),
                escaped => {
                    assert!(matches!(escaped, '\\' | ',' | ';'), "{value:?}");
                    read.push(escaped);
                }
            },
            ',' | ';' => panic!("{c:?} stands unescaped in {value:?}"),
            _ => read.push(c),
        }
    }
    read
}

/// The name of a party, by RFC 6868.
fn common_name(properties: &[Read], name: &str) -> String {
    let property = properties.iter().find(|read| read.name == name).unwrap();
    let (_, values) = (property.params.iter().flatten())
        .find(|(key, _)| key == "CN")
        .unwrap();
    assert_eq!(values.len(), 1, "{values:?}");
    let mut read = String::new();
    let mut chars = values[0].chars();
    while let Some(c) = chars.next() {
        match c {
            '^' => read.push(match chars.next() {
                Some('n') => '\n',
                Some('\'') => '"',
                Some('^') => '^',
                other => panic!("^{other:?}"),
            }),
            _ => read.push(c),
        }
    }
    read
}

#[test]
fn an_invitation_holds_what_calendars_need() {
    let file = read(&invited(&visit()));
    let expected = [
        ("VERSION", "2.0"),
        ("METHOD", "REQUEST"),
        ("UID", "booking-17@nova.example"),
        ("SEQUENCE", "2"),
        ("DTSTAMP", "20261118T110640Z"),
        ("DTSTART", "20261123T093000Z"),
        ("DTEND", "20261123T103000Z"),
        ("STATUS", "CONFIRMED"),
        ("SUMMARY", "Konsultacja"),
        ("ORGANIZER", "mailto:anna@example.com"),
        ("ATTENDEE", "mailto:anna@example.com"),
    ];
    for (name, value) in expected {
        assert_eq!(one(&file, name), value, "{name}");
    }
    assert_eq!(text(one(&file, "LOCATION")), "ul. Długa 5, Gdańsk");
    assert_eq!(
        text(one(&file, "DESCRIPTION")),
        "Pierwsza linia\nDruga linia"
    );
    assert_eq!(all(&file, "BEGIN"), ["VCALENDAR", "VEVENT"], "no alarm");
    assert_eq!(all(&file, "END"), ["VEVENT", "VCALENDAR"]);
}

#[test]
fn a_cancellation_is_the_same_event_called_off() {
    let file = read(&invited(&Visit {
        is_cancelled: true,
        sequence: 3,
        ..visit()
    }));
    assert_eq!(one(&file, "METHOD"), "CANCEL");
    assert_eq!(one(&file, "STATUS"), "CANCELLED");
    assert_eq!(one(&file, "UID"), "booking-17@nova.example");
    assert_eq!(one(&file, "SEQUENCE"), "3");
}

#[test]
fn a_visit_without_place_or_description_names_none() {
    let file = read(&invited(&Visit {
        location: None,
        description: None,
        ..visit()
    }));
    assert!(all(&file, "LOCATION").is_empty());
    assert!(all(&file, "DESCRIPTION").is_empty());
}

#[test]
fn names_with_everything_in_them_come_back_as_they_were() {
    for name in [
        "Nowak, Anna; \"Ania\"",
        "Zażółć 🛁👨‍👩‍👧",
        "C:\\new\\\\",
        "\"quoted\"",
        "a^nb ^' ^^",
        "two\nlines",
        "BEGIN:VALARM",
    ] {
        let visit = Visit {
            summary: name.into(),
            location: Some(name.into()),
            ..visit()
        };
        let file = read(&invitation(HOST, &visit, &party(name), &party(name)));
        assert_eq!(text(one(&file, "SUMMARY")), name);
        assert_eq!(text(one(&file, "LOCATION")), name);
        assert_eq!(common_name(&file, "ORGANIZER"), name);
        assert_eq!(common_name(&file, "ATTENDEE"), name);
    }
}

#[test]
fn no_text_adds_a_line_of_its_own() {
    let evil = "x\r\nATTENDEE:mailto:evil@example.com\rBEGIN:VALARM\u{85}\0\u{b}\nEND:VCALENDAR";
    let visit = Visit {
        summary: evil.into(),
        location: Some(evil.into()),
        description: Some(evil.into()),
        ..visit()
    };
    let evil_party = Party {
        name: evil.into(),
        email: evil.into(),
    };
    let file = read(&invitation(HOST, &visit, &evil_party, &evil_party));
    assert_eq!(all(&file, "ATTENDEE").len(), 1);
    assert_eq!(all(&file, "BEGIN").len(), 2);
    let file = read(&feed(HOST, evil, &[visit], Detail::Full));
    assert!(all(&file, "ATTENDEE").is_empty());
    assert_eq!(all(&file, "BEGIN").len(), 2);
}

#[test]
fn a_feed_holds_every_visit_but_those_called_off() {
    let visits: Vec<Visit> = (1..=5)
        .map(|booking_id| Visit {
            booking_id,
            is_cancelled: booking_id == 3,
            ..visit()
        })
        .collect();
    let file = read(&feed(HOST, "Anna, wizyty", &visits, Detail::Full));
    assert_eq!(text(one(&file, "X-WR-CALNAME")), "Anna, wizyty");
    assert_eq!(one(&file, "REFRESH-INTERVAL"), "PT15M");
    assert!(all(&file, "METHOD").is_empty());
    assert!(all(&file, "ATTENDEE").is_empty());
    let uids: Vec<String> = [1, 2, 4, 5]
        .map(|id| format!("booking-{id}@nova.example"))
        .to_vec();
    assert_eq!(all(&file, "UID"), uids);
    assert_eq!(all(&file, "SUMMARY"), ["Konsultacja"; 4]);
}

#[test]
fn a_busy_feed_tells_when_and_nothing_else() {
    for (lang, word) in [
        (Lang::Pl, "Zajęte"),
        (Lang::En, "Busy"),
        (Lang::De, "Belegt"),
    ] {
        let file = feed(HOST, "Anna", &[visit()], Detail::BusyOnly(lang));
        assert!(!file.contains("Konsultacja") && !file.contains("uga 5"));
        let file = read(&file);
        assert_eq!(one(&file, "SUMMARY"), word);
        assert_eq!(one(&file, "CLASS"), "PRIVATE");
        assert_eq!(one(&file, "DTSTART"), "20261123T093000Z");
        assert!(all(&file, "DESCRIPTION").is_empty());
    }
}

#[test]
fn an_empty_feed_is_a_calendar_too() {
    let file = read(&feed(HOST, "Anna", &[], Detail::Full));
    assert_eq!(all(&file, "BEGIN"), ["VCALENDAR"]);
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was(
        // No colons at the beginning and no white space at the end: the reading program drops them there.
        summary in "\\pL([^\\pC]|\n){0,200}[^\\pC\\s]",
        name in "\\pL([^\\pC]|\n){0,80}[^\\pC\\s]",
    ) {
        let visit = Visit { summary, ..visit() };
        let file = read(&invitation(HOST, &visit, &party("NovaHouse"), &party(&name)));
        prop_assert_eq!(text(one(&file, "SUMMARY")), visit.summary);
        prop_assert_eq!(common_name(&file, "ATTENDEE"), name);
    }
}
