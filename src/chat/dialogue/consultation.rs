//! The goal of a visit: a time among those that are free, a name, e-mail and telephone, and consent. Only the transaction
//! knows what is free: it puts the times under the question ([`offer_times`]) and books ([`book`]).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::memory::{GoalKind, Memory};
use super::question::Question;
use super::step::{Next, Said, finish, say_text};
use super::tap::Tap;
use super::{Heard, Outcome, Scene, Wish, lead};
use crate::bookings::{BookingError, Bookings, ChatVisit, Slot};
use crate::chat::model::NewMessage;
use crate::chat::{ChatError, SessionId};
use crate::knowledge::{SystemText, fill};
use crate::leads::{Email, Phone};
use crate::nlu::Lang;
use crate::notify::messages::{date_time, short};
use crate::platform::db::Tx;

/// Times offered at once.
const OFFERED_MAX: usize = 4;
/// What begins from then on is a visit in the afternoon.
const AFTERNOON: Time = Time::constant(13, 0, 0, 0);
/// A time so near to the one that was named is worth offering.
const NEAR_MIN: i64 = 120;

/// The visit a conversation is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::chat) struct VisitPlan {
    /// What is booked, once it was chosen or there is only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_id: Option<i64>,
    /// When it begins, milliseconds UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_ms: Option<i64>,
    /// From which day on times are offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    /// Which time of day suits.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
}

impl VisitPlan {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Asks for a time, a name, ways to reach the visitor, and consent.
pub(super) fn next(memory: &mut Memory, scene: &Scene<'_>) -> Next {
    if memory.skipped.contains(&Question::Time) {
        // Whoever does not know yet when is called about it.
        memory.pursue(GoalKind::Lead);
        return lead::next(memory, scene);
    }
    let known = &memory.known;
    if memory.visit.start_ms.is_none() {
        return Next::Ask(Question::Time);
    }
    Next::Ask(if known.name.is_none() {
        Question::Name
    } else if known.email.is_none() {
        Question::Email
    } else if known.phone.is_none() {
        Question::Phone
    } else {
        Question::Consent
    })
}

/// Reads a reply to "when": a tapped time, or a day or time of day that narrows what is offered.
pub(super) fn read_time(heard: &Heard<'_>, memory: &mut Memory) -> bool {
    let plan = &mut memory.visit;
    match heard.tap() {
        Some(Tap::Time(start_ms)) => plan.start_ms = Some(*start_ms),
        Some(Tap::TimesFrom(day)) => (plan.from, plan.at) = (Some(*day), None),
        Some(Tap::Service(id)) => plan.service_id = Some(*id),
        Some(_) => return false,
        None => {
            let (day, at) = (heard.found.date, heard.found.time);
            if day.is_none() && at.is_none() {
                return false;
            }
            plan.from = day.or(plan.from);
            plan.at = at;
        }
    }
    true
}

/// The visitor agreed: the visit is booked.
pub(super) fn consented(mut memory: Memory, scene: &Scene<'_>) -> Outcome {
    let known = &memory.known;
    let email = known
        .email
        .as_deref()
        .and_then(|text| Email::parse(text).ok());
    let phone = known
        .phone
        .as_deref()
        .and_then(|text| Phone::parse(text).ok());
    let plan = memory.visit;
    let (Some(email), Some(phone), Some(service_id), Some(start_ms)) =
        (email, phone, plan.service_id, plan.start_ms)
    else {
        // What was read as an address or a number once is one; a rule that became stricter since asks again.
        memory.known.forget_contact();
        return say_text(memory, SystemText::AskContactAgain, Vec::new(), scene);
    };
    let visit = ChatVisit {
        service_id,
        start_ms,
        name: known.name.clone().unwrap_or_default(),
        email,
        phone,
        area: known.city.clone(),
        lang: scene.lang(),
        consent: lead::consent(scene),
    };
    // What the conversation goes on with when others were quicker: the consent is asked again with the new time.
    let mut otherwise = memory.clone();
    otherwise.visit.start_ms = None;
    otherwise.visit.from = Some(day_of(start_ms, scene));
    otherwise.asking = Some(Question::Time);
    memory.drop_goal();
    memory.visit = VisitPlan::default();
    memory.known.forget_contact();
    let said = Said {
        wish: Some(Wish::Book(Box::new(visit), Box::new(otherwise))),
        ..Said::default()
    };
    finish(said, memory, scene)
}

fn day_of(start_ms: i64, scene: &Scene<'_>) -> Date {
    let at = Timestamp::from_millisecond(start_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(scene.knowledge.zone()).date()
}

/// Books what was agreed on, or says that others were quicker, with what is free.
pub(in crate::chat) fn book(
    tx: &mut dyn Tx,
    bookings: &Bookings,
    visit: ChatVisit,
    session: &SessionId,
    scene: &Scene<'_>,
    reply: &mut NewMessage,
) -> Result<Option<crate::bookings::BookedInChat>, ChatError> {
    match bookings.book_in(tx, visit, session, scene.situation.now_ms) {
        Ok(booked) => {
            let start = Timestamp::from_millisecond(booked.booking.start_ms);
            let start = start.unwrap_or(Timestamp::UNIX_EPOCH);
            let when = date_time(&start.to_zoned(scene.knowledge.zone()), scene.lang());
            let values = [
                ("when", when.as_str()),
                ("link", booked.manage_url.as_str()),
            ];
            reply.body = fill(scene.sentence(SystemText::VisitBooked), &values);
            Ok(Some(booked))
        }
        Err(error) if error.is_gone() => {
            scene
                .sentence(SystemText::TimeTaken)
                .clone_into(&mut reply.body);
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Puts the free times under a message that asks for one, or first what can be booked, when that is open. When there is
/// none, it says so.
pub(in crate::chat) fn offer_times(
    tx: &mut dyn Tx,
    bookings: &Bookings,
    memory: &mut Memory,
    scene: &Scene<'_>,
    reply: &mut NewMessage,
) -> Result<(), ChatError> {
    let offered = bookings.offered(tx)?;
    let chosen = memory.visit.service_id;
    let service = match &offered[..] {
        [(id, _)] => Some(*id),
        several => (several.iter().map(|(id, _)| *id)).find(|id| Some(*id) == chosen),
    };
    let Some(service_id) = service.filter(|_| !offered.is_empty()) else {
        if offered.is_empty() {
            no_times(memory, scene, reply);
            return Ok(());
        }
        say_instead(SystemText::AskService, scene, reply);
        reply.extras.quick_replies = (offered.iter().take(OFFERED_MAX + 1))
            .map(|(id, names)| Tap::Service(*id).titled(names.get(scene.lang())))
            .collect();
        return Ok(());
    };
    memory.visit.service_id = Some(service_id);
    let today = day_of(scene.situation.now_ms, scene);
    let from = memory.visit.from.unwrap_or(today).max(today);
    let now_ms = scene.situation.now_ms;
    let area = memory.known.city.as_deref();
    let free = match bookings.free_from(tx, service_id, area, from, now_ms) {
        Ok(free) => free,
        // A day beyond what calendars hold.
        Err(BookingError::Field(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let zone = scene.knowledge.zone();
    let offered = pick(&free, memory.visit.at, &zone);
    let Some(last) = offered.last() else {
        no_times(memory, scene, reply);
        return Ok(());
    };
    let mut buttons: Vec<_> = (offered.iter())
        .map(|slot| Tap::Time(slot.start_ms).titled(&button(slot, &zone, scene.lang())))
        .collect();
    let more_from = day_of(last.start_ms, scene).saturating_add(1.day());
    if free
        .last()
        .is_some_and(|slot| day_of(slot.start_ms, scene) >= more_from)
    {
        buttons.push(Tap::TimesFrom(more_from).button(scene));
    }
    reply.extras.quick_replies = buttons;
    Ok(())
}

fn no_times(memory: &mut Memory, scene: &Scene<'_>, reply: &mut NewMessage) {
    memory.drop_goal();
    memory.visit = VisitPlan::default();
    say_instead(SystemText::NoFreeTimes, scene, reply);
    reply.extras.quick_replies = vec![Tap::Goal(GoalKind::Lead).button(scene)];
}

/// Puts other words in place of the question for a time; what stands before it stays: who answers, or what was asked in
/// between.
fn say_instead(text: SystemText, scene: &Scene<'_>, reply: &mut NewMessage) {
    let questions = [
        SystemText::AskTime,
        SystemText::AskTimeAgain,
        SystemText::AskTimeBack,
        SystemText::TimeTaken,
    ];
    let before = (questions.into_iter())
        .find_map(|question| reply.body.strip_suffix(scene.sentence(question)));
    let kept_bytes = before.map_or(0, str::len);
    reply.body.truncate(kept_bytes);
    reply.body.push_str(scene.sentence(text));
}

/// Few times that differ: of each day the nearest to the time that was named, else the first and the first of the
/// afternoon.
fn pick<'s>(free: &'s [Slot], at: Option<Time>, zone: &TimeZone) -> Vec<&'s Slot> {
    let mut picked: Vec<&Slot> = Vec::new();
    let days = free.chunk_by(|one, next| wall(one, zone).date() == wall(next, zone).date());
    for day in days {
        let far_min = |slot: &Slot, at: Time| {
            let minutes = |time: Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
            (minutes(wall(slot, zone).time()) - minutes(at)).abs()
        };
        if let Some(at) = at {
            let nearest = day.iter().min_by_key(|slot| far_min(slot, at));
            picked.extend(nearest.filter(|slot| far_min(slot, at) <= NEAR_MIN));
        } else {
            picked.extend(day.first());
            let is_late = |slot: &&Slot| wall(slot, zone).time() >= AFTERNOON;
            picked.extend(day[1..].iter().find(is_late));
        }
        if picked.len() >= OFFERED_MAX {
            break;
        }
    }
    picked.truncate(OFFERED_MAX);
    picked
}

fn wall(slot: &Slot, zone: &TimeZone) -> DateTime {
    let start = Timestamp::from_millisecond(slot.start_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(start)
}

fn button(slot: &Slot, zone: &TimeZone, lang: Lang) -> String {
    let start = Timestamp::from_millisecond(slot.start_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    short(&start.to_zoned(zone.clone()), lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(text: &str) -> Slot {
        let start_ms = text.parse::<Timestamp>().unwrap().as_millisecond();
        Slot {
            start_ms,
            end_ms: start_ms + 3_600_000,
            offset_s: 3_600,
            member_id: 1,
        }
    }

    fn picked(free: &[Slot], at: Option<Time>) -> Vec<String> {
        let zone = TimeZone::get("Europe/Warsaw").unwrap();
        let picked = pick(free, at, &zone);
        picked
            .iter()
            .map(|slot| wall(slot, &zone).to_string())
            .collect()
    }

    #[test]
    fn few_times_are_offered_that_differ() {
        let free: Vec<Slot> = ["24", "25", "26"]
            .iter()
            .flat_map(|day| {
                (8..16).map(move |hour| slot(&format!("2026-11-{day}T{hour:02}:00:00Z")))
            })
            .collect();
        assert_eq!(
            picked(&free, None),
            [
                "2026-11-24T09:00:00",
                "2026-11-24T13:00:00",
                "2026-11-25T09:00:00",
                "2026-11-25T13:00:00"
            ]
        );
        assert_eq!(
            picked(&free, Some(Time::constant(15, 20, 0, 0))),
            [
                "2026-11-24T15:00:00",
                "2026-11-25T15:00:00",
                "2026-11-26T15:00:00"
            ]
        );
        assert!(picked(&free, Some(Time::constant(22, 0, 0, 0))).is_empty());
        assert_eq!(picked(&free[..1], None), ["2026-11-24T09:00:00"]);
        assert!(picked(&[], None).is_empty());
    }
}
