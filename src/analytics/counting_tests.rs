use std::collections::BTreeMap;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::analytics::days::Step;
use crate::analytics::events::{Visit, begin as begin_session, record};
use crate::analytics::model::{Event, LeadSource, Metric, Outcome};
use crate::analytics::origin::Origin;
use crate::nlu::Lang;
use crate::params;
use crate::platform::db::in_memory;

const WARSAW: &str = "Europe/Warsaw";
/// Before the clock is put forward in Warsaw, 2026-03-29.
const START_MS: i64 = 1_774_600_000_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn visit(source: &str) -> Visit {
    Visit {
        origin: Origin {
            source: source.to_owned(),
            ..Origin::direct()
        },
        ..Visit::unknown(Lang::De)
    }
}

fn event() -> impl Strategy<Value = Event> {
    let outcome = prop_oneof![
        Just(Outcome::Answered),
        Just(Outcome::Fallback),
        Just(Outcome::WithPerson)
    ];
    let turn = (
        prop::option::of("price|team|out_of_scope"),
        0.0..1.0_f64,
        outcome,
        -1.0..1.0_f64,
        prop::option::of(0..5_000_i64),
    );
    let turn = turn.prop_map(
        |(intent, confidence, outcome, mood, answer_ms)| Event::Turn {
            intent,
            confidence: Some(confidence),
            outcome,
            sentiment: Some(mood),
            answer_ms,
        },
    );
    prop_oneof![
        6 => turn,
        1 => "[a-c]".prop_map(|source| Event::Touched {
            source,
            campaign: String::new(),
            path: "/".into(),
        }),
        1 => Just(Event::HandedOff),
        1 => (0..100_000_i64).prop_map(|waited_ms| Event::PersonAnswered { waited_ms }),
        1 => Just(Event::LeadLeft {
            lead_id: 1,
            source: LeadSource::Form,
            package: Some("premium".into()),
            property_type: None,
        }),
        1 => ("new|converted", "lost|converted", 0.0..9_999.0_f64).prop_map(|(from, to, value)| {
            Event::LeadStatus { lead_id: 1, from, to, value: Some(value) }
        }),
        1 => Just(Event::Booked { booking_id: 1, service_id: 3 }),
        1 => (1..6_i64, prop::option::of(1..6_i64))
            .prop_map(|(rating, before)| Event::ConversationRated { rating, before }),
    ]
}

/// What happens: in which of a few sessions (the first is nobody's), how long after the last, and what.
type History = Vec<(usize, i64, Event)>;

fn history(length: Range<usize>) -> impl Strategy<Value = History> {
    // The clock is put back now and then, and jumps.
    let gap = prop_oneof![
        8 => 0..3_600_000_i64,
        2 => 0..3 * DAY_MS,
        1 => -3_600_000..0_i64,
    ];
    prop::collection::vec((0..5_usize, gap, event()), length)
}

/// Writes part of a history; sessions begin when they are first seen.
fn write(tx: &mut dyn Tx, now_ms: &mut i64, part: &[(usize, i64, Event)]) {
    for (session, gap_ms, event) in part {
        *now_ms += gap_ms;
        let id = (*session > 0).then(|| {
            let source = ["a", "b"][session % 2];
            begin_session(tx, &format!("s{session}"), &visit(source), *now_ms).unwrap()
        });
        record(tx, id, event, *now_ms).unwrap();
    }
}

fn count_all(tx: &mut dyn Tx, zone: &str) {
    loop {
        match next(tx, zone).unwrap() {
            Next::Nothing => return,
            Next::Begin => begin(tx, zone).unwrap(),
            Next::Add(batch) => commit(tx, &batch).unwrap(),
        }
    }
}

type Rows = Vec<(String, i64, String, i64, f64)>;

fn rows(tx: &mut dyn Tx, sql: &'static str) -> Rows {
    let rows = tx.query(sql, params![]).unwrap().into_iter();
    rows.map(|mut row| {
        (
            row.take(0).unwrap(),
            row.take(1).unwrap(),
            row.take(2).unwrap(),
            row.take(3).unwrap(),
            row.take(4).unwrap(),
        )
    })
    .collect()
}

fn quarters(tx: &mut dyn Tx) -> Rows {
    rows(
        tx,
        "SELECT metric, start_ms, label, count, total FROM analytics_quarters WHERE count <> 0 OR total <> 0.0 \
         ORDER BY metric, start_ms, label",
    )
}

fn days(tx: &mut dyn Tx) -> Rows {
    rows(
        tx,
        "SELECT metric, day, label, count, total FROM analytics_days WHERE count <> 0 OR total <> 0.0 \
         ORDER BY metric, day, label",
    )
}

fn months(tx: &mut dyn Tx) -> Rows {
    rows(
        tx,
        "SELECT metric, month, label, count, total FROM analytics_months WHERE count <> 0 OR total <> 0.0 \
         ORDER BY metric, month, label",
    )
}

/// What the months of these days are.
fn months_of(days: &Rows) -> Rows {
    let mut sums: BTreeMap<(String, i64, String), (i64, f64)> = BTreeMap::new();
    for (metric, day, label, count, total) in days.clone() {
        let sum = sums
            .entry((metric, Step::Month.of(day), label))
            .or_default();
        sum.0 += count;
        sum.1 += total;
    }
    let rows = sums.into_iter();
    rows.map(|((metric, month, label), (count, total))| (metric, month, label, count, total))
        .filter(|row| row.3 != 0 || row.4 != 0.0)
        .collect()
}

fn sessions(tx: &mut dyn Tx) -> Vec<Session> {
    store::sessions_after(tx, 0, 100).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn counting_in_any_portions_is_counting_all_at_once(
        history in history(1..60),
        cuts in prop::collection::vec(0..60_usize, 0..6),
    ) {
        in_memory::<_, DbError>(|tx| {
            let (mut now_ms, mut written) = (START_MS, 0);
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(history.len())).collect();
            cuts.sort_unstable();
            for cut in cuts.into_iter().chain([history.len()]) {
                write(tx, &mut now_ms, &history[written..cut.max(written)]);
                written = cut.max(written);
                count_all(tx, WARSAW);
            }
            let counted = (quarters(tx), days(tx), months(tx), sessions(tx));
            assert_eq!(counted.2, months_of(&counted.1));
            begin(tx, WARSAW)?;
            count_all(tx, WARSAW);
            assert_eq!(counted, (quarters(tx), days(tx), months(tx), sessions(tx)));
            Ok(())
        }).unwrap();
    }

    #[test]
    fn the_counts_are_what_a_look_at_the_events_finds(history in history(1..60)) {
        in_memory::<_, DbError>(|tx| {
            write(tx, &mut { START_MS }, &history);
            count_all(tx, WARSAW);
            let mut sum = |metric: Metric, label: &str| -> i64 {
                let rows = quarters(tx).into_iter();
                rows.filter(|row| row.0 == metric.as_str() && (label == "*" || row.2 == label))
                    .map(|row| row.3)
                    .sum()
            };
            let is = |check: fn(&Event) -> bool| -> i64 {
                history.iter().filter(|(_, _, event)| check(event)).count() as i64
            };
            assert_eq!(sum(Metric::Messages, "user"), is(|event| matches!(event, Event::Turn { .. })));
            assert_eq!(
                sum(Metric::Messages, "bot"),
                is(|event| matches!(event, Event::Turn { answer_ms: Some(_), .. }))
            );
            assert_eq!(sum(Metric::Leads, "form"), is(|event| matches!(event, Event::LeadLeft { .. })));
            assert_eq!(sum(Metric::HandOffs, "*"), is(|event| matches!(event, Event::HandedOff)));
            let seen: std::collections::BTreeSet<usize> =
                history.iter().map(|(session, ..)| *session).filter(|id| *id > 0).collect();
            let seen = seen.len() as i64;
            assert_eq!(sum(Metric::Sessions, "*"), seen);
            assert_eq!(sum(Metric::Stages, "*"), seen, "a session stands at one stage");
            assert_eq!(sum(Metric::SessionsByLastSource, "*"), seen);
            let talked: std::collections::BTreeSet<usize> = history
                .iter()
                .filter(|(session, _, event)| *session > 0 && matches!(event, Event::Turn { .. }))
                .map(|(session, ..)| *session)
                .collect();
            assert_eq!(sum(Metric::Conversations, "*"), talked.len() as i64);
            assert_eq!(sum(Metric::CohortDays, "0"), talked.len() as i64);
            Ok(())
        }).unwrap();
    }

    #[test]
    fn who_is_erased_stays_in_the_counts_also_when_they_are_made_again(
        history in history(1..60),
        erased in 1..5_usize,
        later in history(0..20),
    ) {
        in_memory::<_, DbError>(|tx| {
            let mut now_ms = START_MS;
            write(tx, &mut now_ms, &history);
            count_all(tx, WARSAW);
            let before = (quarters(tx), days(tx));
            forget_session(tx, &format!("s{erased}"))?;
            assert_eq!(before, (quarters(tx), days(tx)));
            assert_eq!(export_session(tx, &format!("s{erased}"))?, None);
            write(tx, &mut now_ms, &later);
            count_all(tx, WARSAW);
            let counted = (quarters(tx), days(tx));
            begin(tx, WARSAW)?;
            count_all(tx, WARSAW);
            assert_eq!(counted, (quarters(tx), days(tx)));
            Ok(())
        }).unwrap();
    }

    #[test]
    fn in_another_zone_only_the_days_differ(history in history(1..40)) {
        in_memory::<_, DbError>(|tx| {
            write(tx, &mut { START_MS }, &history);
            count_all(tx, WARSAW);
            let is_cohort = |row: &(String, i64, String, i64, f64)| row.0.starts_with("cohort");
            let plain = |rows: Rows| -> Rows { rows.into_iter().filter(|row| !is_cohort(row)).collect() };
            let (before, days_before) = (plain(quarters(tx)), days(tx));
            count_all(tx, "Asia/Kathmandu");
            assert_eq!(before, plain(quarters(tx)));
            count_all(tx, WARSAW);
            assert_eq!(days_before, days(tx));
            Ok(())
        }).unwrap();
    }
}

#[test]
fn what_is_old_goes_and_its_counts_stay() {
    in_memory::<_, DbError>(|tx| {
        let now_ms = START_MS + 500 * DAY_MS;
        let old = begin_session(tx, "old", &visit("a"), START_MS)?;
        record(tx, Some(old), &Event::HandedOff, START_MS)?;
        record(tx, None, &Event::HandedOff, START_MS)?;
        // Nobody ever said anything in it.
        begin_session(tx, "empty", &visit("a"), now_ms - 100 * DAY_MS)?;
        begin_session(tx, "young", &visit("a"), now_ms - 10 * DAY_MS)?;
        let before_ms = now_ms - 400 * DAY_MS;
        count_all(tx, WARSAW);
        assert_eq!(older_than(tx, before_ms)?, 2);
        let counted = (quarters(tx), days(tx));
        let mut gone = 0;
        loop {
            match forget_older(tx, before_ms, now_ms, 1)? {
                0 => break,
                some => gone += some,
            }
        }
        assert_eq!(gone, 3);
        assert!(session_of(tx, "old")?.is_none() && session_of(tx, "empty")?.is_none());
        assert!(session_of(tx, "young")?.is_some());
        begin(tx, WARSAW)?;
        count_all(tx, WARSAW);
        assert_eq!(counted, (quarters(tx), days(tx)));
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_two_count_at_a_time_is_added_once() {
    in_memory::<_, DbError>(|tx| {
        begin(tx, WARSAW)?;
        begin_session(tx, "s1", &visit("a"), START_MS)?;
        let (Next::Add(first), Next::Add(second)) = (next(tx, WARSAW)?, next(tx, WARSAW)?) else {
            panic!("there is something to count");
        };
        commit(tx, &first)?;
        let counted = quarters(tx);
        commit(tx, &second)?;
        assert_eq!(counted, quarters(tx));
        Ok(())
    })
    .unwrap();
}
