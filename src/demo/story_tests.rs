use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::phrasebook::Phrasebook;
use super::story::{Story, World, of_day};
use crate::analytics::Event;
use crate::chat::Sender;
use crate::knowledge::{Pack, snapshot_at};
use crate::leads::{Source, Status};
use crate::nlu::{Lang, Phrase};

/// 2026-06-01T12:00Z
const NOW_MS: i64 = 1_780_315_200_000;

fn world(per_day: f64, now_ms: i64) -> World {
    let pack = Pack::built_in().unwrap();
    let phrases = Lang::ALL.into_iter().flat_map(|lang| {
        let of_lang = pack.phrases.get(lang).clone().into_iter();
        of_lang.flat_map(move |(intent, texts)| {
            texts
                .into_iter()
                .map(move |text| Phrase::from((lang, intent.clone(), text)))
        })
    });
    let snapshot = Arc::new(snapshot_at(Path::new("/nowhere")).unwrap());
    let zone = snapshot.zone();
    World {
        book: Phrasebook::new(snapshot, phrases.collect()),
        zone,
        per_day,
        now_ms,
    }
}

fn past(world: &World, days: i64, seed: u64) -> Vec<Story> {
    let until: Date = date(2026, 6, 1);
    let first = until.checked_sub(days.days()).unwrap();
    (first.series(1.day()).take_while(|day| *day <= until))
        .flat_map(|day| of_day(world, day, seed).unwrap())
        .collect()
}

/// Four months of 40 conversations a day.
static STORIES: LazyLock<(World, Vec<Story>)> = LazyLock::new(|| {
    let world = world(40.0, NOW_MS);
    let stories = past(&world, 120, 1);
    (world, stories)
});

#[test]
fn the_same_seed_tells_the_same_stories_and_another_one_others() {
    let world = world(6.0, NOW_MS);
    let day = date(2026, 4, 14);
    let told = of_day(&world, day, 7).unwrap();
    assert!(!told.is_empty());
    assert_eq!(told, of_day(&world, day, 7).unwrap());
    assert_ne!(told, of_day(&world, day, 8).unwrap());
    assert_ne!(told, of_day(&world, date(2026, 4, 15), 7).unwrap());
}

#[test]
fn conversations_are_as_many_and_as_long_as_was_asked_for() {
    let (_, stories) = &*STORIES;
    let talks: Vec<_> = stories.iter().filter_map(|s| s.talk.as_ref()).collect();
    let a_day = talks.len() as f64 / 120.0;
    assert!((36.0..=46.0).contains(&a_day), "{a_day}");
    let messages: usize = talks.iter().map(|talk| talk.past.messages.len()).sum();
    let mean = messages as f64 / talks.len() as f64;
    assert!((9.0..=13.0).contains(&mean), "{mean}");
    let silent = stories.len() - talks.len();
    assert!(silent > talks.len());
}

#[test]
fn nothing_lies_ahead_of_now_and_everything_is_in_order() {
    let (_, stories) = &*STORIES;
    for story in stories {
        assert!(story.began_at_ms <= NOW_MS);
        if let Some(talk) = &story.talk {
            let times: Vec<i64> = talk.past.messages.iter().map(|m| m.at_ms).collect();
            assert!(times.is_sorted() && times[0] == story.began_at_ms);
            assert!(times.iter().all(|at_ms| *at_ms <= NOW_MS), "{times:?}");
            let events: Vec<i64> = talk.events.iter().map(|event| event.0).collect();
            assert!(events.is_sorted() && *events.last().unwrap() <= NOW_MS);
        }
        if let Some(lead) = &story.lead {
            let steps: Vec<i64> = lead.steps.iter().map(|step| step.at_ms).collect();
            assert!(lead.at_ms >= story.began_at_ms && lead.at_ms <= NOW_MS);
            assert!(steps.is_sorted() && steps.iter().all(|at_ms| *at_ms <= NOW_MS));
            assert!(steps.iter().all(|at_ms| *at_ms >= lead.at_ms));
        }
        if let Some(quote) = &story.quote {
            let accepted_at_ms = quote.accepted_at_ms.unwrap_or(quote.at_ms);
            assert!(quote.at_ms <= accepted_at_ms && accepted_at_ms <= NOW_MS);
        }
    }
}

#[test]
fn every_word_of_visitors_is_a_phrase_a_button_or_their_own_data() {
    let (world, stories) = &*STORIES;
    let knowledge = &world.book.snapshot;
    let mut phrases: Vec<String> = Vec::new();
    let pack = Pack::built_in().unwrap();
    for lang in Lang::ALL {
        phrases.extend(pack.phrases.get(lang).values().flatten().cloned());
        for intent in &pack.intents {
            phrases.push(
                knowledge
                    .intent(&intent.id)
                    .unwrap()
                    .titles
                    .get(lang)
                    .clone(),
            );
        }
        phrases.extend(
            crate::knowledge::SystemText::ALL
                .iter()
                .map(|text| knowledge.sentence(*text, lang).to_owned()),
        );
    }
    phrases.sort_unstable();
    let known = |text: &String| phrases.binary_search(text).is_ok();
    for story in stories {
        let Some(talk) = &story.talk else { continue };
        for message in &talk.past.messages {
            assert!(
                !message.body.is_empty() && !message.body.contains("{{"),
                "{message:?}"
            );
            if message.sender == Sender::User {
                let person = story.lead.as_ref().map(|lead| &lead.person);
                let is_theirs = person.is_some_and(|person| {
                    message.body == person.name || message.body == person.email.as_str()
                });
                let is_area = message.body.ends_with(" m²");
                assert!(known(&message.body) || is_theirs || is_area, "{message:?}");
            }
        }
    }
}

#[test]
fn all_three_languages_sources_of_leads_and_statuses_come_up() {
    let (_, stories) = &*STORIES;
    let mut langs: BTreeMap<&str, usize> = BTreeMap::new();
    for story in stories {
        *langs.entry(story.lang.code()).or_default() += 1;
    }
    let share = |lang: &str| langs[lang] as f64 / stories.len() as f64;
    assert!((share("pl") - 0.80).abs() < 0.02, "{langs:?}");
    assert!((share("en") - 0.12).abs() < 0.02, "{langs:?}");
    assert!((share("de") - 0.08).abs() < 0.02, "{langs:?}");
    let leads: Vec<_> = stories.iter().filter_map(|s| s.lead.as_ref()).collect();
    for source in [Source::Chat, Source::Form, Source::Quiz, Source::Booking] {
        assert!(leads.iter().any(|lead| lead.source == source), "{source:?}");
    }
    let last: Vec<Option<Status>> = (leads.iter())
        .map(|lead| lead.steps.last().map(|step| step.status))
        .collect();
    for status in [
        None,
        Some(Status::Contacted),
        Some(Status::ConsultationBooked),
        Some(Status::Converted),
        Some(Status::Lost),
    ] {
        assert!(last.contains(&status), "{status:?}");
    }
}

#[test]
fn whoever_asks_for_a_person_gets_one() {
    let (_, stories) = &*STORIES;
    let mut handed_off = 0;
    for talk in stories.iter().filter_map(|s| s.talk.as_ref()) {
        let asked = talk
            .events
            .iter()
            .filter(|e| e.1 == Event::HandedOff)
            .count();
        let waits: Vec<i64> = (talk.events.iter())
            .filter_map(|event| match event.1 {
                Event::PersonAnswered { waited_ms } => Some(waited_ms),
                _ => None,
            })
            .collect();
        assert_eq!(asked == 0, waits.is_empty());
        assert_eq!(asked == 0, talk.past.is_open);
        assert!(waits.iter().all(|waited_ms| *waited_ms > 0));
        handed_off += asked;
    }
    assert!(handed_off > 50, "{handed_off}");
}
