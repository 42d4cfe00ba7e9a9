//! Everything the rules need to judge visits of one service, read in one transaction.

use super::BookingError;
use super::calendar::{Calendar, Period};
use super::diary::{Booked, Member};
use super::hours::WeeklyHours;
use super::model::{Service, TimeOff};
use super::record::Placed;
use super::settings::BookingSettings;
use super::slots::{Availability, Refusal, Slot};
use super::store;
use crate::knowledge::Company;
use crate::platform::db::Tx;

/// Whose visits are judged, and for whom.
#[derive(Debug, Clone, Default)]
pub(super) struct Ask {
    pub(super) service_id: i64,
    /// Only this member; `None`: whoever can.
    pub(super) staff_id: Option<i64>,
    /// Where the client is.
    pub(super) area: Option<String>,
    /// A booking that is to be moved, and counts no more.
    pub(super) moving: Option<i64>,
    /// The team may book at short notice, and services that are no longer offered.
    pub(super) is_team: bool,
}

/// What the rules need.
pub(super) struct Desk {
    pub(super) calendar: Calendar,
    pub(super) service: Service,
    travel_min: u32,
    crew: Vec<Crew>,
    now_ms: i64,
}

struct Crew {
    id: i64,
    hours: WeeklyHours,
    time_off: Vec<TimeOff>,
    booked: Vec<Booked>,
}

impl Desk {
    /// Reads what is known about those days.
    ///
    /// Errors: no such service, or nobody like that does it.
    pub(super) fn load(
        tx: &mut dyn Tx,
        company: &Company,
        ask: &Ask,
        days: impl FnOnce(&Calendar) -> Period,
        now_ms: i64,
    ) -> Result<Self, BookingError> {
        let settings = BookingSettings::load(tx)?;
        let calendar = settings.calendar(company)?;
        let offer = store::setup::service(tx, ask.service_id)?;
        if !offer.is_active && !ask.is_team {
            return Err(BookingError::NotFound("service"));
        }
        let mut service = offer.service;
        if ask.is_team {
            service.min_notice_min = 0;
        }
        let within = days(&calendar).touched_by(&calendar);
        let staff = store::setup::staff_of(tx, service.id, ask.staff_id)?;
        if staff.is_empty() && ask.staff_id.is_some() {
            return Err(BookingError::NotFound("member of staff for this service"));
        }
        let mut crew = Vec::with_capacity(staff.len());
        for member in staff {
            let time_off = store::setup::away(tx, member.id, within)?
                .into_iter()
                .map(|away| TimeOff::new(away.time.from_ms, away.time.to_ms))
                .collect::<Result<_, _>>()?;
            crew.push(Crew {
                booked: store::booked(tx, member.id, within, ask.moving)?,
                id: member.id,
                hours: member.hours,
                time_off,
            });
        }
        Ok(Self {
            travel_min: settings.travel_times()?.minutes_to(ask.area.as_deref()),
            calendar,
            service,
            crew,
            now_ms,
        })
    }

    /// What is known about one day; enough to judge a beginning on it.
    pub(super) fn load_at(
        tx: &mut dyn Tx,
        company: &Company,
        ask: &Ask,
        start_ms: i64,
        now_ms: i64,
    ) -> Result<Self, BookingError> {
        Self::load(
            tx,
            company,
            ask,
            |calendar| Period::day(calendar.date_at(start_ms)),
            now_ms,
        )
    }

    pub(super) fn availability(&self) -> Availability<'_> {
        let members: Vec<Member<'_>> = self
            .crew
            .iter()
            .map(|crew| Member {
                id: crew.id,
                hours: &crew.hours,
                time_off: &crew.time_off,
                booked: &crew.booked,
            })
            .collect();
        Availability::new(
            &self.calendar,
            &self.service,
            self.travel_min,
            &members,
            self.now_ms,
        )
    }

    /// The place a visit gets that begins then.
    pub(super) fn place_at(&self, start_ms: i64) -> Result<Placed, Refusal> {
        let availability = self.availability();
        let slot = availability.is_free(start_ms)?;
        Ok(Placed {
            staff_id: slot.member_id,
            start_ms: slot.start_ms,
            end_ms: slot.end_ms,
            busy: availability.demand().busy(slot.start_ms),
            wall_time: self.calendar.wall_text(slot.start_ms),
            time_zone: self
                .calendar
                .zone
                .iana_name()
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

/// The free beginnings nearest to one that was refused.
pub(super) fn nearest(
    tx: &mut dyn Tx,
    company: &Company,
    ask: &Ask,
    start_ms: i64,
    now_ms: i64,
) -> Result<(Desk, Vec<Slot>), BookingError> {
    let days = |calendar: &Calendar| Period::around(calendar.date_at(start_ms));
    let desk = Desk::load(tx, company, ask, days, now_ms)?;
    let slots = desk.availability().nearest(start_ms, NEAREST_MAX);
    Ok((desk, slots))
}

/// How many other times somebody is offered whose time is taken.
const NEAREST_MAX: usize = 5;
