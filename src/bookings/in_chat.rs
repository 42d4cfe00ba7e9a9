//! Visits agreed on in a conversation: what is offered, and booking within the conversation's own transaction.

use jiff::ToSpan;
use jiff::civil::Date;

use super::calendar::Period;
use super::desk::{Ask, Desk};
use super::record::{Booking, Client};
use super::service::{self, Bookings, Start, Wanted};
use super::slots::Slot;
use super::{BookingError, store};
use crate::chat::SessionId;
use crate::knowledge::PerLang;
use crate::leads::{ConsentGiven, Email, Phone, Saved};
use crate::nlu::Lang;
use crate::platform::db::{DbError, Tx};

/// Days a conversation looks ahead for free times.
const LOOK_AHEAD_DAYS: i64 = 21;

/// A visit a visitor agreed to.
#[derive(Debug, Clone)]
pub struct ChatVisit {
    /// What is booked.
    pub service_id: i64,
    /// When it begins, milliseconds UTC.
    pub start_ms: i64,
    /// The visitor's name.
    pub name: String,
    /// Where the confirmation goes.
    pub email: Email,
    /// Where they are called.
    pub phone: Phone,
    /// Where they live, as far as it is known.
    pub area: Option<String>,
    /// Language of the conversation.
    pub lang: Lang,
    /// The consent given with it.
    pub consent: ConsentGiven,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct BookedInChat {
    /// The booking.
    pub booking: Booking,
    /// The visitor among the leads.
    pub lead: Saved,
    /// Where the visitor changes and cancels it.
    pub manage_url: String,
}

impl Bookings {
    /// What visitors can book: numbers and names.
    pub fn offered(&self, tx: &mut dyn Tx) -> Result<Vec<(i64, PerLang<String>)>, DbError> {
        let offers = store::setup::services(tx)?;
        Ok(offers
            .into_iter()
            .filter(|offer| offer.is_active)
            .map(|offer| (offer.service.id, offer.service.names))
            .collect())
    }

    /// Free times from a day on, three weeks far.
    pub fn free_from(
        &self,
        tx: &mut dyn Tx,
        service_id: i64,
        area: Option<&str>,
        from: Date,
        now_ms: i64,
    ) -> Result<Vec<Slot>, BookingError> {
        let ask = Ask {
            service_id,
            area: area.map(str::to_owned),
            ..Ask::default()
        };
        let to = from.saturating_add((LOOK_AHEAD_DAYS - 1).days());
        let period = Period::new(from, to)?;
        let desk = Desk::load(tx, &self.company(), &ask, |_| period, now_ms)?;
        Ok(desk.availability().list(period))
    }

    /// Books; part of the conversation's transaction. [`Bookings::announce_new`] follows after the commit.
    ///
    /// Errors: the time cannot be had any more ([`BookingError::is_gone`]).
    pub fn book_in(
        &self,
        tx: &mut dyn Tx,
        visit: ChatVisit,
        session: &SessionId,
        now_ms: i64,
    ) -> Result<BookedInChat, BookingError> {
        let wanted = Wanted {
            ask: Ask {
                service_id: visit.service_id,
                area: visit.area,
                ..Ask::default()
            },
            start: Start::At(visit.start_ms),
            client: Client {
                name: visit.name,
                email: visit.email,
                phone: visit.phone,
            },
            lang: visit.lang,
            notes: None,
            session: Some(session.clone()),
            consent: Some(visit.consent),
            by: None,
        };
        let (id, lead) = service::book(tx, &self.letterhead(), &wanted, now_ms)?;
        Ok(BookedInChat {
            booking: store::booking(tx, id)?,
            lead,
            manage_url: self.links.manage_url(id),
        })
    }

    /// Tells the team that listens of a new booking.
    pub async fn announce_new(&self, booking: &Booking) {
        self.announce("new_booking", booking).await;
    }
}
