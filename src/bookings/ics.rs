//! Calendar files (iCalendar, RFC 5545): the invitation to one visit, and a member's calendar to subscribe to.

use std::borrow::Cow;

use icalendar::{
    Calendar, Class, Component, Event, EventLike, EventStatus, Parameter, PartStat, Property, Role,
};

use super::wall::timestamp;
use crate::nlu::Lang;

/// Name of the program that wrote the file, as RFC 5545 3.7.3 wants it.
const PRODUCT: &str = "-//NovaHouse//NovaHouse//EN";
/// How often a subscribed calendar is worth asking for again.
const REFRESH: &str = "PT15M";

/// Somebody who takes part in a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// As people know them.
    pub name: String,
    /// Where mail reaches them.
    pub email: String,
}

/// A visit as calendars see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Number of the booking; the event keeps one UID through every change.
    pub booking_id: i64,
    /// How often it was changed; calendars take the highest.
    pub sequence: u32,
    /// When this version was made, in milliseconds UTC.
    pub changed_at_ms: i64,
    /// Its beginning, in milliseconds UTC.
    pub start_ms: i64,
    /// Its end.
    pub end_ms: i64,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// What it is, in a line.
    pub summary: String,
    /// Where it is.
    pub location: Option<String>,
    /// More about it, over several lines.
    pub description: Option<String>,
}

/// How much a feed tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Full,
    /// Only that the member is busy, in this language.
    BusyOnly(Lang),
}

/// The invitation to a visit, or the message that it was called off: `text/calendar; method=REQUEST` or `CANCEL`.
///
/// * `host`: the site's name, the second half of the UID.
/// * `client`: who is invited; they need not answer, since booking was their answer.
pub fn invitation(host: &str, visit: &Visit, organizer: &Party, client: &Party) -> String {
    let (method, status) = if visit.is_cancelled {
        ("CANCEL", EventStatus::Cancelled)
    } else {
        ("REQUEST", EventStatus::Confirmed)
    };
    let mut event = event(host, visit);
    tell(&mut event, visit);
    event.status(status);
    event.append_property(address("ORGANIZER", organizer));
    event.append_multi_property(
        address("ATTENDEE", client)
            .append_parameter(Role::ReqParticipant)
            .append_parameter(PartStat::Accepted)
            .add_parameter("RSVP", "FALSE")
            .done(),
    );
    let mut calendar = calendar();
    calendar.append_property(("METHOD", method));
    calendar.push(event);
    calendar.to_string()
}

/// A member's visits to subscribe to; those called off are left out, so that they vanish there.
///
/// * `name`: what the calendar is called.
pub fn feed(host: &str, name: &str, visits: &[Visit], detail: Detail) -> String {
    let mut calendar = calendar();
    calendar.append_property(("X-WR-CALNAME", plain(name).as_ref()));
    calendar.append_property(
        Property::new("REFRESH-INTERVAL", REFRESH)
            .add_parameter("VALUE", "DURATION")
            .done(),
    );
    calendar.append_property(("X-PUBLISHED-TTL", REFRESH));
    for visit in visits.iter().filter(|visit| !visit.is_cancelled) {
        let mut event = event(host, visit);
        event.status(EventStatus::Confirmed);
        match detail {
            Detail::Full => tell(&mut event, visit),
            Detail::BusyOnly(lang) => {
                event.class(Class::Private).summary(match lang {
                    Lang::Pl => "Zajęte",
                    Lang::En => "Busy",
                    Lang::De => "Belegt",
                });
            }
        }
        calendar.push(event);
    }
    calendar.to_string()
}

fn calendar() -> Calendar {
    let mut calendar = Calendar::empty();
    for property in [
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
    ] {
        calendar.append_property(property);
    }
    calendar
}

/// What every event has, whatever it tells.
fn event(host: &str, visit: &Visit) -> Event {
    let mut event = Event::with_uid(&format!("booking-{}@{host}", visit.booking_id));
    event
        .sequence(visit.sequence)
        .add_property("DTSTAMP", utc(visit.changed_at_ms))
        .add_property("DTSTART", utc(visit.start_ms))
        .add_property("DTEND", utc(visit.end_ms))
        .add_property("TRANSP", "OPAQUE");
    event
}

fn tell(event: &mut Event, visit: &Visit) {
    event.summary(&plain(&visit.summary));
    if let Some(location) = &visit.location {
        event.location(&plain(location));
    }
    if let Some(description) = &visit.description {
        event.description(&plain(description));
    }
}

/// `20261123T083000Z`.
fn utc(time_ms: i64) -> String {
    timestamp(time_ms).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A person's address with their name. The crate quotes commas, colons and semicolons; quotes and line ends, which a
/// parameter cannot hold, are written as RFC 6868 says.
fn address(key: &str, party: &Party) -> Property {
    let mut name = String::with_capacity(party.name.len());
    for c in plain(&party.name).chars() {
        match c {
            '^' => name.push_str("^^"),
            '"' => name.push_str("^'"),
            '\n' => name.push_str("^n"),
            _ => name.push(c),
        }
    }
    Property::new(
        key,
        format!("mailto:{}", plain(&party.email).replace('\n', "")),
    )
    .append_parameter(Parameter::new("CN", &name))
    .done()
}

/// The text without control characters other than newline and tab, which no line of the file could hold.
fn plain(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_control() || c == '\n' || c == '\t';
    if text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|&c| is_plain(c)).collect())
    }
}

#[cfg(test)]
#[path = "ics_tests.rs"]
mod tests;
