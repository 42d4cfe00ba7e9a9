//! Letters and text messages a visit causes: to the client, to whoever of the staff takes it, and to the team.
//!
//! Each is written in the transaction of the change. Its key names the version of the visit (`booking:7:2:client`), so that
//! a change writes once.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::letterhead::Letterhead;
use super::model::{BookingStatus, Channel, LocationKind};
use super::record::{Booking, Reminder};
use super::wall::timestamp;
use super::{BookingError, store};
use crate::leads::greeted;
use crate::notify::mail::Calendar;
use crate::notify::messages::{
    CancelledVisit, Change, ClientVisit, FollowUp, Message, MovedVisit, TeamVisit, Visit, VisitKind,
};
use crate::notify::outbox::{self, About, NewDelivery, Recipient};
use crate::platform::db::{DbError, Tx};

/// A client whose visit we change this short before gets a text message besides the letter.
const SHORT_NOTICE_MS: i64 = 48 * 60 * 60 * 1000;
/// Where another time can be chosen.
const BOOK_PAGE: &str = "/book";
/// The team's pages.
const TEAM_PAGE: &str = "/admin";

/// What is written about a change of a visit; nothing when its time is past.
pub(super) struct Letters<'a> {
    head: &'a Letterhead,
    /// The visit as it is now.
    booking: Booking,
    now_ms: i64,
}

impl<'a> Letters<'a> {
    /// * `id`: the visit, which is already changed.
    pub(super) fn about(
        tx: &mut dyn Tx,
        head: &'a Letterhead,
        id: i64,
        now_ms: i64,
    ) -> Result<Self, BookingError> {
        Ok(Self {
            head,
            booking: store::booking(tx, id)?,
            now_ms,
        })
    }

    /// It is booked.
    pub(super) fn booked(&self, tx: &mut dyn Tx) -> Result<(), BookingError> {
        self.confirm(tx)?;
        self.to_staff(tx, &self.booking, Change::New, None)
    }

    /// It is booked, and the client reads letters at another address now.
    pub(super) fn confirm(&self, tx: &mut dyn Tx) -> Result<(), BookingError> {
        if self.is_past() {
            return Ok(());
        }
        Ok(self.to_client(tx, &Message::BookingConfirmation(self.client_visit()))?)
    }

    /// It has another time, place or member; answers false, and writes nothing, when it has none of them.
    pub(super) fn moved(
        &self,
        tx: &mut dyn Tx,
        before: &Booking,
        by_client: bool,
    ) -> Result<bool, BookingError> {
        let of = |booking: &Booking| {
            (
                booking.start_ms,
                booking.end_ms,
                booking.staff_id,
                booking.area.clone(),
            )
        };
        if self.is_past() || of(before) == of(&self.booking) {
            return Ok(false);
        }
        let previous_start = start(before);
        let moved = MovedVisit {
            visit: self.visit(),
            previous_start: previous_start.clone(),
            manage_url: self.manage_url(),
        };
        if !by_client && self.is_near(before.start_ms.min(self.booking.start_ms)) {
            self.to_phone(tx, &Message::BookingChangedSms(moved.clone()))?;
        }
        self.to_client(tx, &Message::BookingChanged(moved))?;
        if before.staff_id == self.booking.staff_id {
            self.to_staff(tx, &self.booking, Change::Changed, Some(previous_start))?;
            return Ok(true);
        }
        let given_up = Booking {
            status: BookingStatus::Cancelled,
            sequence: self.booking.sequence,
            ..before.clone()
        };
        self.to_staff(tx, &given_up, Change::Cancelled, None)?;
        self.to_staff(tx, &self.booking, Change::New, None)?;
        Ok(true)
    }

    /// It does not take place.
    ///
    /// * `reason`: the client's, which the team reads.
    pub(super) fn cancelled(
        &self,
        tx: &mut dyn Tx,
        by_client: bool,
        reason: Option<&str>,
    ) -> Result<(), BookingError> {
        if self.is_past() {
            return Ok(());
        }
        let off = CancelledVisit {
            visit: self.visit(),
            is_by_client: by_client,
            reason: None,
            book_url: Some(BOOK_PAGE.to_owned()),
        };
        if !by_client && self.is_near(self.booking.start_ms) {
            self.to_phone(tx, &Message::BookingCancelledSms(off.clone()))?;
        }
        self.to_client(tx, &Message::BookingCancelled(off))?;
        let mut booking = self.booking.clone();
        booking.notes = reason.map(str::to_owned).or(booking.notes);
        self.to_staff(tx, &booking, Change::Cancelled, None)
    }

    fn is_past(&self) -> bool {
        self.booking.start_ms <= self.now_ms
    }

    fn is_near(&self, start_ms: i64) -> bool {
        start_ms - self.now_ms <= SHORT_NOTICE_MS
    }

    fn client_visit(&self) -> ClientVisit {
        ClientVisit {
            visit: self.visit(),
            manage_url: self.manage_url(),
        }
    }

    fn visit(&self) -> Visit {
        clients_visit(self.head, &self.booking)
    }

    fn manage_url(&self) -> String {
        self.head.links.manage_url(self.booking.id)
    }

    fn to_client(&self, tx: &mut dyn Tx, letter: &Message) -> Result<(), DbError> {
        let client = &self.booking.client;
        let delivery = NewDelivery {
            key: self.key("client"),
            message: letter,
            lang: Some(self.booking.lang),
            to: Recipient::Person {
                address: client.email.as_str().to_owned(),
                name: greeted(&client.name).unwrap_or_default(),
            },
            about: Some(self.of_visit()),
            calendar: Calendar::new(self.head.invitation(&self.booking)),
        };
        outbox::queue(tx, &delivery, self.now_ms)
    }

    fn to_phone(&self, tx: &mut dyn Tx, message: &Message) -> Result<(), DbError> {
        let text = to_phone(&self.booking, message, self.key("sms"));
        outbox::queue(tx, &text, self.now_ms)
    }

    /// To whoever takes the visit, with an invitation of their own, and to the team.
    fn to_staff(
        &self,
        tx: &mut dyn Tx,
        booking: &Booking,
        change: Change,
        previous_start: Option<Zoned>,
    ) -> Result<(), BookingError> {
        let member = store::setup::member(tx, booking.staff_id)?;
        let client = &booking.client;
        let service = booking.service_names.get(self.head.team_lang);
        let letter = Message::BookingTeam(TeamVisit {
            visit: visit(self.head, booking, service),
            change,
            previous_start,
            email: Some(client.email.as_str().to_owned()),
            phone: Some(client.phone.e164().to_owned()),
            notes: booking.notes.clone(),
            url: TEAM_PAGE.to_owned(),
        });
        let to_staff = NewDelivery {
            key: self.key(&format!("staff:{}", member.id)),
            message: &letter,
            lang: None,
            to: Recipient::Person {
                address: member.email.clone(),
                name: member.name,
            },
            about: Some(self.of_visit()),
            calendar: Calendar::new(self.head.staff_invitation(booking, &member.email)),
        };
        outbox::queue(tx, &to_staff, self.now_ms)?;
        let to_team = NewDelivery {
            key: self.key(&format!("team:{}", member.id)),
            to: Recipient::Team,
            calendar: None,
            ..to_staff
        };
        Ok(outbox::queue(tx, &to_team, self.now_ms)?)
    }

    fn key(&self, to: &str) -> String {
        format!("booking:{}:{}:{to}", self.booking.id, self.booking.sequence)
    }

    fn of_visit(&self) -> About {
        About::Booking(self.booking.id)
    }
}

/// The cause of a reminder's message.
pub(super) fn reminder_key(reminder_id: i64) -> String {
    format!("reminder:{reminder_id}")
}

/// Reminds the client of a visit.
pub(super) fn remind(
    tx: &mut dyn Tx,
    head: &Letterhead,
    booking: &Booking,
    reminder: &Reminder,
    now_ms: i64,
) -> Result<(), DbError> {
    let client = &booking.client;
    let visit = ClientVisit {
        visit: clients_visit(head, booking),
        manage_url: head.links.manage_url(booking.id),
    };
    let key = reminder_key(reminder.id);
    match reminder.channel {
        Channel::Sms => {
            let message = Message::BookingReminderSms(visit);
            outbox::queue(tx, &to_phone(booking, &message, key), now_ms)
        }
        Channel::Email => {
            let letter = NewDelivery {
                key,
                message: &Message::BookingReminder(visit),
                lang: Some(booking.lang),
                to: Recipient::Person {
                    address: client.email.as_str().to_owned(),
                    name: greeted(&client.name).unwrap_or_default(),
                },
                about: Some(About::Booking(booking.id)),
                calendar: None,
            };
            outbox::queue(tx, &letter, now_ms)
        }
    }
}

/// Asks the client how a visit was.
pub(super) fn follow_up(
    tx: &mut dyn Tx,
    head: &Letterhead,
    booking: &Booking,
    now_ms: i64,
) -> Result<(), DbError> {
    let client = &booking.client;
    let name = greeted(&client.name);
    let letter = Message::FollowUp(FollowUp {
        name: name.clone(),
        service: booking.service_names.get(booking.lang).to_owned(),
        start: start(booking),
        rating_url: head.links.rating_url(booking.id),
        // Written when it leaves.
        unsubscribe_url: None,
    });
    let delivery = NewDelivery {
        key: format!("booking:{}:follow-up", booking.id),
        message: &letter,
        lang: Some(booking.lang),
        to: Recipient::Person {
            address: client.email.as_str().to_owned(),
            name: name.unwrap_or_default(),
        },
        about: Some(About::Booking(booking.id)),
        calendar: None,
    };
    outbox::queue(tx, &delivery, now_ms)
}

fn to_phone<'m>(booking: &Booking, message: &'m Message, key: String) -> NewDelivery<'m> {
    NewDelivery {
        key,
        message,
        lang: Some(booking.lang),
        to: Recipient::Person {
            address: booking.client.phone.e164().to_owned(),
            name: booking.client.name.clone(),
        },
        about: Some(About::Booking(booking.id)),
        calendar: None,
    }
}

/// As the client reads it, whose address may be somebody else's (see [`greeted`]).
fn clients_visit(head: &Letterhead, booking: &Booking) -> Visit {
    Visit {
        name: greeted(&booking.client.name).unwrap_or_default(),
        ..visit(head, booking, booking.service_names.get(booking.lang))
    }
}

fn visit(head: &Letterhead, booking: &Booking, service: &str) -> Visit {
    Visit {
        name: booking.client.name.clone(),
        service: service.to_owned(),
        start: start(booking),
        duration_min: u32::try_from((booking.end_ms - booking.start_ms) / 60_000).unwrap_or(0),
        kind: match booking.location_kind {
            LocationKind::Office => VisitKind::Office,
            LocationKind::OnSite => VisitKind::OnSite,
            LocationKind::Phone => VisitKind::Phone,
            LocationKind::Video => VisitKind::Video,
        },
        place: head.place(booking),
        staff: (booking.staff_name != head.company.name).then(|| booking.staff_name.clone()),
    }
}

/// When a visit begins, on the clock on which it was agreed.
fn start(booking: &Booking) -> Zoned {
    let zone = TimeZone::get(&booking.time_zone).unwrap_or(TimeZone::UTC);
    timestamp(booking.start_ms).to_zoned(zone)
}
