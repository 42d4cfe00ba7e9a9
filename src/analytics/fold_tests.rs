use super::*;
use crate::analytics::days::QUARTER_MS;
use crate::analytics::model::LeadSource;

const NOON: i64 = 1_795_348_800_000; // 2026-11-22T12:00:00Z
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn session() -> Session {
    let first = Origin {
        source: "google.com".into(),
        campaign: "wiosna".into(),
        path: "/oferta".into(),
    };
    Session {
        id: 1,
        lang: "pl".into(),
        device: "phone".into(),
        browser: "chrome".into(),
        so_far: SoFar::nothing(&first, NOON),
        first,
        started_at_ms: NOON,
    }
}

fn says(intent: &str) -> Event {
    Event::Turn {
        intent: Some(intent.into()),
        confidence: Some(0.5),
        outcome: Outcome::Answered,
        sentiment: None,
        answer_ms: Some(4),
    }
}

fn lead(package: Option<&str>) -> Event {
    Event::LeadLeft {
        lead_id: 1,
        source: LeadSource::Chat,
        package: package.map(str::to_owned),
        property_type: None,
    }
}

/// Folds events at times after noon.
fn folded(zone: &TimeZone, events: &[(i64, Event)]) -> (BTreeMap<Key, Count>, Session) {
    let (mut fold, mut session) = (Fold::new(zone), session());
    for (after_ms, event) in events {
        fold.event(NOON + after_ms, Some(&mut session), event);
    }
    (fold.deltas, session)
}

/// The sum of a metric by label, without what cancels out.
fn sums(deltas: &BTreeMap<Key, Count>, metric: Metric) -> Vec<(String, i64, f64)> {
    let mut sums: BTreeMap<String, Count> = BTreeMap::new();
    for ((_, _, label), count) in deltas.iter().filter(|((of, ..), _)| *of == metric) {
        let sum = sums.entry(label.clone()).or_default();
        sum.count += count.count;
        sum.total += count.total;
    }
    sums.retain(|_, sum| *sum != Count::default());
    (sums.into_iter())
        .map(|(label, sum)| (label, sum.count, sum.total))
        .collect()
}

fn counts(deltas: &BTreeMap<Key, Count>, metric: Metric) -> Vec<(String, i64)> {
    let sums = sums(deltas, metric).into_iter();
    sums.map(|(label, count, _)| (label, count)).collect()
}

fn one(label: &str) -> Vec<(String, i64)> {
    vec![(label.to_owned(), 1)]
}

#[test]
fn a_session_stands_at_the_furthest_stage_it_came_to() {
    let zone = TimeZone::UTC;
    let mut events = vec![(0, Event::SessionStarted)];
    let stage = |events: &[(i64, Event)]| counts(&folded(&zone, events).0, Metric::Stages);
    assert_eq!(stage(&events), one("1"));
    events.extend([(1, says("greeting")), (2, says("team"))]);
    assert_eq!(stage(&events), one("1"));
    events.push((3, says("team")));
    assert_eq!(stage(&events), one("2"));
    events.push((4, says("price")));
    assert_eq!(stage(&events), one("3"));
    events.push((5, lead(Some("premium"))));
    assert_eq!(stage(&events), one("4"));
    events.push((6, says("team")));
    assert_eq!(stage(&events), one("4"));
    let status = |from: &str, to: &str| Event::LeadStatus {
        lead_id: 1,
        from: from.into(),
        to: to.into(),
        value: Some(1_000.5),
    };
    events.push((7, status("new", "converted")));
    assert_eq!(stage(&events), one("5"));
    let (deltas, _) = folded(&zone, &events);
    let worth = sums(&deltas, Metric::ConvertedBySource);
    assert_eq!(worth, [("google.com".to_owned(), 1, 1_000.5)]);
    events.push((8, status("converted", "lost")));
    let (deltas, _) = folded(&zone, &events);
    assert_eq!(sums(&deltas, Metric::ConvertedBySource), []);
    assert_eq!(stage(&events), one("5"), "who came so far was there");
}

#[test]
fn a_question_that_was_not_understood_shows_no_interest() {
    let missed = Event::Turn {
        intent: Some("price".into()),
        confidence: Some(0.2),
        outcome: Outcome::Unsure,
        sentiment: Some(-0.5),
        answer_ms: Some(1),
    };
    let (deltas, session) = folded(&TimeZone::UTC, &[(0, Event::SessionStarted), (1, missed)]);
    assert_eq!(session.so_far.stage, VISIT);
    assert_eq!(counts(&deltas, Metric::IntentsMissed), one("price"));
    assert_eq!(counts(&deltas, Metric::Sentiments), one("negative"));
}

#[test]
fn pauses_and_clocks_that_jump_add_no_active_time() {
    let turns = [
        0,
        MINUTE_MS,                // a minute
        MINUTE_MS + PAUSE_MS,     // a pause
        2 * MINUTE_MS + PAUSE_MS, // another minute
        MINUTE_MS,                // the clock is put back
        MINUTE_MS + 30_000,       // half a minute
        90 * 365 * DAY_MS,        // far ahead
        2 * MINUTE_MS,            // and back
        2 * MINUTE_MS + 1,        // a millisecond
    ];
    let mut events = vec![(0, Event::SessionStarted)];
    events.extend(turns.map(|at| (at, says("team"))));
    let (deltas, session) = folded(&TimeZone::UTC, &events);
    assert_eq!(session.so_far.active_ms, 150_001);
    assert_eq!(
        sums(&deltas, Metric::ActiveTime),
        [(String::new(), 1, 150_001.0)]
    );
    assert_eq!(session.so_far.messages, 9);
}

#[test]
fn cohorts_count_each_day_week_and_month_once() {
    // 2026-11-22 is a Sunday; Warsaw is an hour ahead.
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let late = 10 * 60 * MINUTE_MS;
    let events = [
        (0, Event::SessionStarted),
        (0, says("team")),
        (late, says("team")),                  // 22:00 UTC is 23:00 there
        (late + 60 * MINUTE_MS, says("team")), // midnight there: Monday
        (late + 61 * MINUTE_MS, says("team")),
        (0, says("team")),           // a clock put back
        (10 * DAY_MS, says("team")), // 2026-12-02
    ];
    let (deltas, session) = folded(&zone, &events);
    let labels = |labels: &[&str]| -> Vec<(String, i64)> {
        labels
            .iter()
            .map(|label| ((*label).to_owned(), 1))
            .collect()
    };
    assert_eq!(
        counts(&deltas, Metric::CohortDays),
        labels(&["0", "1", "10"])
    );
    assert_eq!(
        counts(&deltas, Metric::CohortWeeks),
        labels(&["0", "1", "2"])
    );
    assert_eq!(counts(&deltas, Metric::CohortMonths), labels(&["0", "1"]));
    let first = session.so_far.first_active_day.unwrap();
    let at_first = |((metric, start, _), _): &(&Key, &Count)| {
        *metric != Metric::CohortDays || day_of(*start, &zone) == first
    };
    assert!(deltas.iter().all(|entry| at_first(&entry)));
}

#[test]
fn what_is_done_after_another_touch_counts_for_both() {
    let touched = Event::Touched {
        source: "facebook".into(),
        campaign: String::new(),
        path: "/".into(),
    };
    let events = [
        (0, Event::SessionStarted),
        (QUARTER_MS, lead(None)),
        (2 * QUARTER_MS, touched),
        (
            3 * QUARTER_MS,
            Event::Booked {
                booking_id: 1,
                service_id: 7,
            },
        ),
    ];
    let (deltas, _) = folded(&TimeZone::UTC, &events);
    let label = |metric| counts(&deltas, metric);
    assert_eq!(label(Metric::SessionsBySource), one("google.com"));
    assert_eq!(label(Metric::SessionsByLastSource), one("facebook"));
    assert_eq!(label(Metric::LeadsByLastSource), one("google.com"));
    assert_eq!(label(Metric::BookingsBySource), one("google.com"));
    assert_eq!(label(Metric::BookingsByLastSource), one("facebook"));
    assert_eq!(label(Metric::BookingsByLastPage), one("/"));
    assert_eq!(label(Metric::Bookings), one("7"));
    assert_eq!(label(Metric::LeadsByPackage), one("unknown"));
}

#[test]
fn what_nobody_s_session_did_has_no_known_source() {
    let zone = TimeZone::UTC;
    let mut fold = Fold::new(&zone);
    fold.event(NOON, None, &lead(None));
    assert_eq!(counts(&fold.deltas, Metric::LeadsBySource), one("unknown"));
    assert_eq!(counts(&fold.deltas, Metric::Leads), one("chat"));
}

#[test]
fn a_late_answer_of_a_model_takes_the_miss_back() {
    let missed = Event::Turn {
        intent: Some("out_of_scope".into()),
        confidence: None,
        outcome: Outcome::Fallback,
        sentiment: None,
        answer_ms: None,
    };
    let late = |by_model| Event::AnsweredLate {
        turn_at_ms: NOON + 1,
        intent: Some("out_of_scope".into()),
        missed: Outcome::Fallback,
        by_model,
        answer_ms: 2_000,
    };
    let zone = TimeZone::UTC;
    let (deltas, _) = folded(&zone, &[(1, missed.clone()), (2_001, late(true))]);
    assert_eq!(counts(&deltas, Metric::Outcomes), one("answered"));
    assert_eq!(counts(&deltas, Metric::IntentsMissed), []);
    let both = [("bot".to_owned(), 1), ("user".to_owned(), 1)];
    assert_eq!(counts(&deltas, Metric::Messages), both);
    let (deltas, _) = folded(&zone, &[(1, missed), (2_001, late(false))]);
    assert_eq!(counts(&deltas, Metric::Outcomes), one("fallback"));
}

#[test]
fn a_rating_replaces_the_one_before() {
    let rated = |rating, before| Event::ConversationRated { rating, before };
    let events = [(0, rated(2, None)), (1, rated(5, Some(2)))];
    let (deltas, _) = folded(&TimeZone::UTC, &events);
    let found = sums(&deltas, Metric::ConversationRatings);
    assert_eq!(found, [("5".to_owned(), 1, 5.0)]);
}
