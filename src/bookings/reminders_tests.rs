//! Reminders that are due, and the guard of a member's time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::model::{Channel, Interval};
use super::record::{Client, NewBooking, Placed, ReminderState};
use super::reminders::pick_up;
use super::{BookingError, setup, store};
use crate::knowledge::Pack;
use crate::leads::{self, Email, NewLead, Phone, Source};
use crate::nlu::Lang;
use crate::platform::db::{Tx, in_memory};

const HOUR_MS: i64 = 3_600_000;

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

/// A visit of an hour on Tuesday at 12:00 in Warsaw: its number and beginning.
fn visit(tx: &mut dyn Tx) -> (i64, i64) {
    setup::first(tx, &Pack::built_in().unwrap().company).unwrap();
    let start_ms = ms("2026-11-24T11:00:00Z");
    let lead = NewLead {
        phone: Phone::parse("600100200").ok(),
        ..NewLead::new("Anna", Source::Form)
    };
    let lead_id = leads::upsert(tx, &lead, 0).unwrap().lead.id;
    (insert(tx, start_ms, lead_id).unwrap(), start_ms)
}

/// Stores a visit of an hour without asking whether the time is free.
fn insert(tx: &mut dyn Tx, start_ms: i64, lead_id: i64) -> Result<i64, BookingError> {
    let client = Client {
        name: "Anna".into(),
        email: Email::parse("anna@example.com").unwrap(),
        phone: Phone::parse("600100200").unwrap(),
    };
    let new = NewBooking {
        service_id: 1,
        placed: &Placed {
            staff_id: 1,
            start_ms,
            end_ms: start_ms + HOUR_MS,
            busy: Interval {
                from_ms: start_ms,
                to_ms: start_ms + HOUR_MS,
            },
            wall_time: "2026-11-24T12:00".into(),
            time_zone: "Europe/Warsaw".into(),
        },
        client: &client,
        lang: Lang::Pl,
        notes: None,
        area: None,
        session_id: None,
        lead_id,
        created_by: None,
    };
    store::insert(tx, &new, 0)
}

fn look(tx: &mut dyn Tx, now_ms: i64) -> Vec<i64> {
    let mut handed_over = Vec::new();
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    pick_up(tx, &zone, now_ms, |_, _, reminder| {
        handed_over.push(reminder.id);
        Ok(())
    })
    .unwrap();
    handed_over
}

#[test]
fn a_due_reminder_is_handed_over_once_and_one_that_came_too_late_is_missed() {
    in_memory::<_, BookingError>(|tx| {
        let (booking, start_ms) = visit(tx);
        let add = |tx: &mut dyn Tx, due_ms| {
            store::reminders::insert(tx, booking, Channel::Email, None, due_ms, 0)
        };
        let missed = add(tx, start_ms - 24 * HOUR_MS)?;
        let due = add(tx, start_ms - 2 * HOUR_MS)?;
        let later = add(tx, start_ms - HOUR_MS)?;
        let now_ms = start_ms - 2 * HOUR_MS;
        assert_eq!(look(tx, now_ms), [due]);
        assert_eq!(look(tx, now_ms), [0; 0]);
        let state = |tx: &mut dyn Tx, id| store::reminders::reminder(tx, id).unwrap().state;
        assert_eq!(state(tx, missed), ReminderState::Missed);
        assert_eq!(state(tx, due), ReminderState::Sent);
        assert_eq!(state(tx, later), ReminderState::Pending);
        Ok(())
    })
    .unwrap();
}

#[test]
fn in_quiet_hours_a_reminder_waits_for_their_end_unless_somebody_wants_it_now() {
    in_memory::<_, BookingError>(|tx| {
        let (booking, _) = visit(tx);
        let night_ms = ms("2026-11-23T22:00:00Z");
        let add = |tx: &mut dyn Tx, channel| {
            store::reminders::insert(tx, booking, channel, None, night_ms, 0)
        };
        let (waits, urgent) = (add(tx, Channel::Email)?, add(tx, Channel::Sms)?);
        store::reminders::set_due(tx, urgent, night_ms, true)?;
        assert_eq!(look(tx, night_ms), [urgent]);
        let due_at_ms = store::reminders::reminder(tx, waits)?.due_at_ms;
        assert_eq!(due_at_ms, ms("2026-11-24T07:00:00Z"));
        Ok(())
    })
    .unwrap();
}

#[test]
fn the_guard_refuses_a_time_that_is_held_even_when_nobody_checked() {
    for (early_by_min, is_held) in [
        (0, true),
        (5, true),
        (55, true),
        (60, false),
        (-5, true),
        (-55, true),
        (-60, false),
    ] {
        in_memory::<_, BookingError>(|tx| {
            let (_, start_ms) = visit(tx);
            let other = insert(tx, start_ms - early_by_min * 60_000, 1);
            match other {
                Ok(_) => assert!(!is_held, "{early_by_min}"),
                Err(error) => assert!(is_held && error.is_taken(), "{early_by_min}: {error}"),
            }
            Ok(())
        })
        .unwrap();
    }
}
