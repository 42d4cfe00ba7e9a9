//! What the pages without scripts do: services and free times, booking, and what a client does to a booking of theirs.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::calendar::Period;
use super::desk::{self, Ask, Desk};
use super::model::Service;
use super::record::{Booking, Client};
use super::service::{Bookings, Start, Wanted};
use super::settings::BookingSettings;
use super::slots::Slot;
use super::{BookingError, store};
use crate::leads::ConsentGiven;
use crate::nlu::Lang;
use crate::platform::http::IdempotencyKey;

/// Whose free times somebody looks at.
#[derive(Debug, Clone, Default)]
pub struct Looking {
    /// What is booked.
    pub service_id: i64,
    /// Where the client is, for visits on site.
    pub area: Option<String>,
    /// A booking that is to be moved, whose own time counts as free.
    pub moving: Option<i64>,
}

impl Looking {
    fn ask(self) -> Ask {
        Ask {
            service_id: self.service_id,
            area: self.area,
            moving: self.moving,
            ..Ask::default()
        }
    }
}

/// A visit somebody asks for on a page.
#[derive(Debug, Clone)]
pub struct PageVisit {
    /// What is booked.
    pub service_id: i64,
    /// When it begins, on the company's clock.
    pub start: DateTime,
    /// Who comes.
    pub client: Client,
    /// Where the client is, for visits on site.
    pub area: Option<String>,
    /// In the client's words.
    pub notes: Option<String>,
    /// What the client is written in.
    pub lang: Lang,
    /// What the client agreed to beside it.
    pub consent: Option<ConsentGiven>,
}

impl Bookings {
    /// The services clients can book.
    pub async fn offered_services(&self) -> Result<Vec<Service>, BookingError> {
        let offers = self.store.read(|tx| store::setup::services(tx)).await?;
        Ok(offers
            .into_iter()
            .filter(|offer| offer.is_active)
            .map(|offer| offer.service)
            .collect())
    }

    /// The zone the company counts days in.
    pub fn zone(&self) -> Result<TimeZone, BookingError> {
        Ok(self.company().zone()?)
    }

    /// Free times from one day of the company's calendar to another, 60 days apart at most.
    ///
    /// Errors: no such service, or days too far away.
    pub async fn free_between(
        &self,
        looking: Looking,
        from: Date,
        to: Date,
        now_ms: i64,
    ) -> Result<Vec<Slot>, BookingError> {
        let period = Period::new(from, to)?;
        let company = self.company();
        self.store
            .read(move |tx| {
                let desk = Desk::load(tx, &company, &looking.ask(), |_| period, now_ms)?;
                Ok(desk.availability().list(period))
            })
            .await
    }

    /// Whether a visit can begin then, on the company's clock.
    ///
    /// Errors: why it cannot ([`BookingError::is_about_time`]), or no such service.
    pub async fn is_free(
        &self,
        looking: Looking,
        start: DateTime,
        now_ms: i64,
    ) -> Result<Slot, BookingError> {
        let company = self.company();
        self.store
            .read(move |tx| {
                let calendar = BookingSettings::load(tx)?.calendar(&company)?;
                let start_ms = Start::Wall(start).moment(&calendar)?;
                let desk = Desk::load_at(tx, &company, &looking.ask(), start_ms, now_ms)?;
                Ok(desk.availability().is_free(start_ms)?)
            })
            .await
    }

    /// Up to 5 free times near one that cannot be had, in order.
    pub async fn nearest(
        &self,
        looking: Looking,
        start: DateTime,
        now_ms: i64,
    ) -> Result<Vec<Slot>, BookingError> {
        let company = self.company();
        self.store
            .read(move |tx| {
                let zone = BookingSettings::load(tx)?.calendar(&company)?.zone;
                // Also of a time that the clock skips.
                let start = zone.to_timestamp(start).unwrap_or(jiff::Timestamp::MIN);
                let start_ms = start.as_millisecond().max(now_ms);
                let (_, mut slots) = desk::nearest(tx, &company, &looking.ask(), start_ms, now_ms)?;
                slots.sort_unstable();
                Ok(slots)
            })
            .await
    }

    /// Books, once a key; answers the path of the client's page.
    ///
    /// Errors: a time that cannot be had ([`BookingError::is_about_time`]), a key that was used for something else.
    pub async fn book_on_page(
        &self,
        visit: PageVisit,
        key: IdempotencyKey,
        now_ms: i64,
    ) -> Result<String, BookingError> {
        let said = [
            Some(visit.service_id.to_string()),
            Some(visit.start.to_string()),
            Some(visit.client.name.clone()),
            Some(visit.client.email.to_string()),
            Some(visit.client.phone.to_string()),
            visit.area.clone(),
            visit.notes.clone(),
            (visit.consent.as_ref()).map(|consent| consent.text_version.clone()),
        ];
        let wanted = Wanted {
            ask: Ask {
                service_id: visit.service_id,
                area: visit.area,
                ..Ask::default()
            },
            start: Start::Wall(visit.start),
            client: visit.client,
            lang: visit.lang,
            notes: visit.notes,
            session: None,
            consent: visit.consent,
            by: None,
        };
        let booking = self.book_once(wanted, key, said, now_ms).await?;
        Ok(self.links.page(booking.id))
    }

    /// Moves the booking a link opens to a time on the company's clock. At that time already, it stays as it is.
    ///
    /// Errors: it is too late, or the time cannot be had ([`BookingError::is_about_time`]).
    pub async fn move_on_page(
        &self,
        booking: &Booking,
        start: DateTime,
        now_ms: i64,
    ) -> Result<(), BookingError> {
        let same = start.strftime("%Y-%m-%dT%H:%M").to_string() == booking.wall_time;
        if same && start.second() == 0 {
            return Ok(());
        }
        let moved = self
            .move_once(booking.id, Start::Wall(start), None, now_ms)
            .await?;
        self.announce("booking_updated", &moved).await;
        Ok(())
    }

    /// Where people meet; `None` when that is not known or nowhere.
    pub fn place(&self, booking: &Booking) -> Option<String> {
        self.letterhead().place(booking)
    }

    /// The path of a booking's calendar file.
    pub fn calendar_path(&self, id: i64) -> String {
        self.links.calendar(id)
    }
}
