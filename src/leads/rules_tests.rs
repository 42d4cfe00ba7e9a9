use proptest::prelude::*;

use super::cleaning::cleaned;
use super::model::{ConsentGiven, Lead, NewLead, Source, Status, Touch};
use super::rules::{Tie, choose, first, join, joins_since_ms};
use super::{Email, LeadError, Phone};
use crate::nlu::Lang;
use crate::platform::http::TextError;

const NOW_MS: i64 = 1_795_360_044_120;

fn anna() -> NewLead {
    NewLead {
        email: Email::parse("anna@example.com").ok(),
        ..NewLead::new("Anna", Source::Form)
    }
}

fn consent(text: &str) -> ConsentGiven {
    ConsentGiven {
        purpose: "contact".into(),
        text_version: "1".into(),
        text: text.into(),
        lang: Lang::Pl,
    }
}

fn stored(new: NewLead, id: i64) -> Lead {
    Lead {
        id,
        ..first(cleaned(new).unwrap(), NOW_MS)
    }
}

#[test]
fn a_lead_needs_a_name_and_a_way_to_be_reached() {
    assert!(matches!(
        cleaned(NewLead::new("Anna", Source::Form)),
        Err(LeadError::NoContact)
    ));
    let nameless = NewLead {
        name: " \n ".into(),
        ..anna()
    };
    assert!(matches!(
        cleaned(nameless),
        Err(LeadError::Text("name", TextError::Empty))
    ));
}

#[test]
fn texts_are_bounded_and_blank_ones_count_as_unsaid() {
    let blank = NewLead {
        location: Some("  ".into()),
        message: Some(" Dzień dobry ".into()),
        ..anna()
    };
    let blank = cleaned(blank).unwrap();
    assert_eq!(
        (blank.location, blank.message.as_deref()),
        (None, Some("Dzień dobry"))
    );
    let long = NewLead {
        message: Some("x".repeat(2_001)),
        ..anna()
    };
    assert!(matches!(
        cleaned(long),
        Err(LeadError::Text("message", TextError::TooLong(2_000)))
    ));
    for property_size in [0.0, -1.0, f64::NAN, f64::INFINITY, 100_001.0] {
        let odd = NewLead {
            property_size: Some(property_size),
            ..anna()
        };
        assert!(matches!(
            cleaned(odd),
            Err(LeadError::Field("property_size", _))
        ));
    }
}

#[test]
fn a_lead_of_the_quiz_begins_qualified_and_all_others_new() {
    assert_eq!(first(anna(), NOW_MS).status, Status::New);
    let quiz = NewLead {
        source: Source::Quiz,
        ..anna()
    };
    assert_eq!(first(quiz, NOW_MS).status, Status::Qualified);
}

#[test]
fn the_score_is_the_sum_of_its_reasons_and_everything_known_makes_100() {
    let full = NewLead {
        phone: Phone::parse("600100200").ok(),
        interested_package: Some("premium".into()),
        property_size: Some(60.0),
        property_type: Some("flat".into()),
        location: Some("Gdynia".into()),
        budget: Some(1),
        message: Some("Proszę o kontakt".into()),
        ..anna()
    };
    let lead = first(full, NOW_MS);
    assert_eq!(lead.score, 100);
    assert_eq!(
        lead.score_reasons.iter().map(|r| r.points).sum::<i64>(),
        100
    );
    let lead = first(anna(), NOW_MS);
    assert_eq!(
        (lead.score, lead.score_reasons[0].reason.as_str()),
        (10, "email")
    );
}

#[test]
fn who_comes_back_fills_what_was_empty_and_loses_nothing() {
    let mut lead = stored(
        NewLead {
            location: Some("Gdynia".into()),
            message: Some("Pierwsza".into()),
            ..anna()
        },
        1,
    );
    let again = NewLead {
        name: "Anna Nowak".into(),
        phone: Phone::parse("600100200").ok(),
        location: Some("Sopot".into()),
        budget: Some(90_000),
        message: Some("Druga".into()),
        ..anna()
    };
    join(&mut lead, again, Tie::Contact, NOW_MS + 1);
    assert_eq!((lead.name.as_str(), lead.budget), ("Anna", Some(90_000)));
    assert_eq!(lead.location.as_deref(), Some("Gdynia"));
    assert_eq!(lead.message.as_deref(), Some("Pierwsza\nDruga"));
    let kept = lead.additional_info.unwrap();
    assert!(kept.contains("name: Anna Nowak"), "{kept}");
    assert!(kept.contains("2026-11-22 location: Sopot"), "{kept}");
    assert_eq!(lead.phone.unwrap().e164(), "+48600100200");
    assert!(lead.is_shared);
    assert_eq!(lead.updated_at_ms, NOW_MS + 1);
}

#[test]
fn a_visitor_of_the_same_session_may_correct_what_they_said() {
    let mut lead = stored(anna(), 1);
    let corrected = NewLead {
        email: Email::parse("ania@example.com").ok(),
        ..anna()
    };
    join(&mut lead, corrected, Tie::Session, NOW_MS);
    assert_eq!(lead.email.unwrap().as_str(), "ania@example.com");
    assert!(lead.additional_info.unwrap().contains("anna@example.com"));
    assert!(!lead.is_shared);
}

#[test]
fn the_first_touch_stays_and_the_last_one_follows() {
    let touch = |page: &str| {
        Some(Touch {
            page_url: Some(page.into()),
            ..Touch::default()
        })
    };
    let from = |page: &str| NewLead {
        touch: touch(page),
        ..anna()
    };
    let mut lead = stored(from("/a"), 1);
    join(&mut lead, from("/b"), Tie::Contact, NOW_MS);
    join(&mut lead, anna(), Tie::Contact, NOW_MS);
    let first = lead.first_touch.unwrap();
    assert_eq!(first.path, first.page_url, "its path is kept apart");
    assert_eq!(first.page_url.as_deref(), Some("/a"));
    assert_eq!(lead.last_touch, touch("/b"));
}

#[test]
fn a_consent_is_recorded_with_its_text_and_time_and_only_once() {
    let agreed = |text: &str| NewLead {
        consent: Some(consent(text)),
        ..anna()
    };
    let mut lead = stored(agreed("Zgadzam się."), 1);
    join(&mut lead, agreed("Zgadzam się."), Tie::Contact, NOW_MS + 1);
    assert_eq!(lead.consents.len(), 1);
    assert_eq!(
        (lead.consents[0].text.as_str(), lead.consents[0].at_ms),
        ("Zgadzam się.", NOW_MS)
    );
    join(
        &mut lead,
        agreed("Zgadzam się, jak wyżej."),
        Tie::Contact,
        NOW_MS + 2,
    );
    assert_eq!(lead.consents.len(), 2);
}

#[test]
fn a_weak_session_joins_nothing() {
    let in_session = |is_weak_session| NewLead {
        session_id: Some("s".into()),
        is_weak_session,
        ..anna()
    };
    let tie = |lead: NewLead, new: NewLead| choose(vec![stored(lead, 1)], &new).unwrap().1;
    assert_eq!(tie(in_session(false), in_session(false)), Tie::Session);
    assert_eq!(tie(in_session(true), in_session(true)), Tie::Contact);
    assert_eq!(tie(in_session(true), in_session(false)), Tie::Contact);
}

#[test]
fn the_visitors_own_lead_goes_before_a_newer_one_with_the_same_address() {
    let own = NewLead {
        session_id: Some("s".into()),
        ..anna()
    };
    let (lead, tie) = choose(vec![stored(anna(), 2), stored(own.clone(), 1)], &own).unwrap();
    assert_eq!((lead.id, tie), (1, Tie::Session));
}

#[test]
fn a_lead_that_was_filled_by_strangers_takes_up_no_more() {
    let mut lead = stored(anna(), 1);
    for n in 0..11 {
        let more = NewLead {
            message: Some(format!("{n}{}", "x".repeat(1_999))),
            ..anna()
        };
        join(&mut lead, more, Tie::Contact, NOW_MS);
    }
    assert!(choose(vec![lead], &anna()).is_none());
}

#[test]
fn thirty_days_back_is_where_joining_ends() {
    assert_eq!(NOW_MS - joins_since_ms(NOW_MS), 2_592_000_000);
}

proptest! {
    #[test]
    fn nothing_said_is_ever_lost(
        places in prop::collection::vec("[A-Za-z]{1,12}", 1..6),
        by_session in any::<bool>(),
    ) {
        let said = |place: &String| NewLead {
            location: Some(place.clone()),
            ..anna()
        };
        let tie = if by_session { Tie::Session } else { Tie::Contact };
        let mut lead = stored(said(&places[0]), 1);
        for place in &places[1..] {
            join(&mut lead, said(place), tie, NOW_MS);
        }
        let all = format!(
            "{} {}",
            lead.location.unwrap_or_default(),
            lead.additional_info.unwrap_or_default()
        );
        for place in &places {
            prop_assert!(all.contains(place.as_str()), "{place} is gone from {all}");
        }
    }
}
