use super::*;
use crate::notify::sms::{Encoding, Prepared};

fn company() -> Company {
    Company {
        name: "Company & <Sons>".into(),
        website: "https://example.com".into(),
        email: "office@example.com".into(),
        phone: "+48 000 000 000".into(),
        brand: "#1d4a42".into(),
        on_brand: "#ffffff".into(),
    }
}

fn plain(message: &Message, lang: Lang) -> Rendered {
    render(message, lang, &company(), &OwnWords::default()).unwrap()
}

fn letter(message: &Message, lang: Lang) -> Letter {
    match plain(message, lang) {
        Rendered::Letter(letter) => letter,
        Rendered::Sms(text) => panic!("{text}"),
    }
}

fn every() -> impl Iterator<Item = (Name, Lang, bool)> {
    let names = Name::ALL.iter().copied();
    let with_langs = names.flat_map(|name| Lang::ALL.map(|lang| (name, lang)));
    with_langs.flat_map(|(name, lang)| [(name, lang, true), (name, lang, false)])
}

/// All texts in a JSON value become `hostile`.
fn spoil(value: &mut serde_json::Value, hostile: &str) {
    match value {
        serde_json::Value::String(text) if text.starts_with('«') => hostile.clone_into(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, hostile)),
        serde_json::Value::Object(fields) => {
            fields.values_mut().for_each(|field| spoil(field, hostile));
        }
        _ => {}
    }
}

#[test]
fn every_message_renders_in_every_language_with_all_values_and_with_the_fewest() {
    for (name, lang, is_full) in every() {
        let case = format!("{name} {lang} {is_full}");
        let rendered = plain(&sample(name, lang, is_full), lang);
        let (subject, text) = match &rendered {
            Rendered::Letter(letter) => (letter.subject.as_str(), &letter.text),
            Rendered::Sms(text) => ("-", text),
        };
        assert_eq!(
            matches!(rendered, Rendered::Sms(_)),
            name.is_sms(),
            "{case}"
        );
        assert!(!subject.is_empty() && !text.is_empty(), "{case}");
        for wrong in [
            "{{",
            "{%",
            "none",
            "None",
            "undefined",
            "**",
            "](",
            "\\",
            "<p",
            "\n\n\n",
            " ,",
            "  ",
        ] {
            assert!(!subject.contains(wrong), "{case}: {wrong:?} in {subject}");
            assert!(!text.contains(wrong), "{case}: {wrong:?} in {text}");
        }
        if let Rendered::Letter(letter) = &rendered {
            assert!(letter.html.contains("Company &amp; &lt;Sons&gt;"), "{case}");
            assert!(
                !letter.html.contains("{{") && !letter.html.contains("**"),
                "{case}"
            );
            assert!(letter.html.contains(&format!("<html lang=\"{lang}\"")));
        }
    }
}

#[test]
fn whatever_people_write_is_text_in_both_forms() {
    let mut shown = 0;
    let hostile = "<script>alert(1)</script>\n# [x](https://evil.example) **b** {{ code }} & \"'";
    for (name, lang, is_full) in every() {
        let message = sample(name, lang, is_full);
        let mut json = serde_json::to_value(&message).unwrap();
        spoil(&mut json, hostile);
        let message: Message = serde_json::from_value(json.clone()).unwrap();
        match plain(&message, lang) {
            Rendered::Letter(letter) => {
                assert!(!letter.html.contains("<script"), "{name}");
                assert!(!letter.html.contains("href=\"https://evil"), "{name}");
                assert!(!letter.subject.contains('\n'));
                // In Polish nobody is called by name: it would have to be inflected.
                if letter.text.contains("alert") {
                    shown += 1;
                    assert!(
                        letter
                            .html
                            .contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
                        "{name}"
                    );
                    assert!(letter.text.contains("<script>alert(1)</script>"), "{name}");
                    assert!(
                        letter
                            .text
                            .contains("[x](https://evil.example) **b** {{ code }} & \"'")
                    );
                }
            }
            Rendered::Sms(text) => assert!(!text.is_empty()),
        }
    }
    assert!(shown > 50, "{shown}");
}

#[test]
fn a_text_message_is_one_part_with_usual_values() {
    for (name, lang, is_full) in every().filter(|(name, _, _)| name.is_sms()) {
        let mut json = serde_json::to_value(sample(name, lang, is_full)).unwrap();
        spoil(&mut json, "ul. Długa 12, Gdańsk");
        for link in ["manage_url", "book_url"] {
            if json["values"][link].is_string() {
                json["values"][link] = "https://novahouse.pl/m/abcdefghijklmnopqrstuv".into();
            }
        }
        let company = Company {
            name: "NovaHouse".into(),
            ..company()
        };
        let message = serde_json::from_value(json).unwrap();
        let rendered = render(&message, lang, &company, &OwnWords::default()).unwrap();
        let Rendered::Sms(text) = rendered else {
            panic!("{name}");
        };
        let prepared = Prepared::new(&text).unwrap();
        assert_eq!(prepared.encoding(), Encoding::Gsm7, "{text}");
        assert_eq!(prepared.parts(), 1, "{}: {text}", prepared.units());
    }
}

#[test]
fn a_message_comes_back_from_its_row_and_a_name_from_its_text() {
    for (name, lang, is_full) in every() {
        let message = sample(name, lang, is_full);
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), message);
        assert_eq!(message.name(), name);
        assert_eq!(name.as_str().parse(), Ok(name));
        assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
    }
    assert_eq!("x".parse::<Name>(), Err(MessageError::UnknownName));
}

#[test]
fn the_owners_words_take_the_place_of_the_built_in_ones() {
    let own = OwnWords {
        subject: Some("Bis bald, {{ name }}".into()),
        body: Some(
            "Es geht um {{ service }}, {{ start|short }}.{{ staff }}\n\n[Ändern]({{ manage_url }})"
                .into(),
        ),
    };
    let name = Name::BookingReminder;
    check(name, Lang::De, &company(), &own).unwrap();
    let message = sample(name, Lang::De, false);
    let rendered = render(&message, Lang::De, &company(), &own).unwrap();
    let Rendered::Letter(letter) = rendered else {
        panic!("{rendered:?}");
    };
    assert_eq!(letter.subject, "Bis bald, «Name»");
    assert_eq!(
        letter.text,
        "Es geht um «Leistung», Di. 24.11., 10:00 Uhr.\n\nÄndern:\nhttps://example.com/m/1\n"
    );
    assert!(values_of(name).contains(&"manage_url".to_owned()));
}

#[test]
fn the_built_in_words_pass_as_the_owners() {
    for (name, lang, is_full) in every() {
        let own = built_in(name, lang);
        check(name, lang, &company(), &own).unwrap();
        let message = sample(name, lang, is_full);
        let rendered = render(&message, lang, &company(), &own).unwrap();
        assert_eq!(rendered, plain(&message, lang));
    }
}

#[test]
fn own_words_that_would_not_render_are_refused() {
    let refused = |name, subject: Option<&str>, body: Option<&str>| {
        let own = OwnWords {
            subject: subject.map(str::to_owned),
            body: body.map(str::to_owned),
        };
        check(name, Lang::Pl, &company(), &own).unwrap_err()
    };
    let name = Name::BookingReminder;
    for words in [
        "{{ nmae }}",
        "{% if nmae %}x{% endif %}",
        "{% if false %}{{ nmae }}{% endif %}",
    ] {
        match refused(name, None, Some(words)) {
            MessageError::UnknownValue { part, name, known } => {
                assert_eq!((part, name.as_str()), ("body", "nmae"));
                assert!(known.contains("manage_url"));
            }
            other => panic!("{words}: {other:?}"),
        }
    }
    for words in [
        "{{ name",
        "{% if name %}x",
        "{{ company.nmae }}",
        "{{ name|nofilter }}",
        "{{ name|date }}",
        "{% include \"other.md\" %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
    ] {
        let error = refused(name, Some(words), None);
        assert!(
            matches!(
                error,
                MessageError::Template {
                    part: "subject",
                    ..
                }
            ),
            "{words}: {error:?}"
        );
    }
    let long = "x".repeat(30_000);
    for words in ["", " \n", "{% if false %}x{% endif %}", &long] {
        let error = refused(name, None, Some(words));
        assert!(
            matches!(error, MessageError::Length { part: "body", .. }),
            "{error:?}"
        );
    }
    assert_eq!(
        refused(Name::OneTimeCodeSms, Some("x"), None),
        MessageError::SmsSubject
    );
}

#[test]
fn a_reminder_in_each_language_reads_as_it_should() {
    let texts = Lang::ALL.map(|lang| letter(&sample(Name::BookingReminder, lang, true), lang).text);
    assert_eq!(
        texts[0],
        "Dzień dobry,\n\nprzypominamy o umówionym terminie:\n\n- Usługa: «usługa»\n\
         - Termin: wtorek, 24 listopada 2026, 10:00 (60 min)\n- Przyjedziemy pod adres: «adres»\n\
         - Z naszej strony: «osoba z zespołu»\n\nJeśli termin przestał pasować, prosimy dać znać już teraz:\n\n\
         Zmień lub odwołaj termin:\nhttps://example.com/m/1\n\nPozdrawiamy\nZespół Company & <Sons>\n"
    );
    assert!(texts[1].starts_with("Hello «name»,\n\nThis is a reminder"));
    assert!(texts[2].contains("- Termin: Dienstag, 24. November 2026, 10:00 Uhr (60 Min.)\n"));
}
