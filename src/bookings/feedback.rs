//! What clients are asked after a visit, and what they say.

use super::letters;
use super::model::BookingStatus;
use super::record::Booking;
use super::service::Bookings;
use super::settings::BookingSettings;
use super::{BookingError, FieldError, hooks, store};
use crate::analytics::Event;
use crate::notify::messages::Name;
use crate::notify::outbox;

/// Visits one look takes at most, so that nobody else's write waits for all of them.
const ASKED_MAX: i64 = 200;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Who could not be asked for so long, since the server was off, is not asked any more.
const LATE_MAX_MS: i64 = 7 * 24 * HOUR_MS;

impl Bookings {
    /// Asks the clients of visits that are over how it was, outside of quiet hours and each once; answers whether there
    /// were any. Nobody is asked unless the company says after how many hours.
    pub async fn follow_up(&self, now_ms: i64) -> Result<bool, BookingError> {
        let zone = self.company().zone()?;
        let read = self.store.read(move |tx| {
            let settings = BookingSettings::load(tx)?;
            let Some(hours) = settings.follow_up_after_h else {
                return Ok(Vec::new());
            };
            if settings.quiet_hours()?.covers(&zone, now_ms) {
                return Ok(Vec::new());
            }
            let until_ms = now_ms - i64::from(hours) * HOUR_MS;
            let from_ms = until_ms - LATE_MAX_MS;
            Ok::<_, BookingError>(store::feedback::to_be_asked(
                tx, from_ms, until_ms, ASKED_MAX,
            )?)
        });
        let ids = read.await?;
        if ids.is_empty() {
            return Ok(false);
        }
        let head = self.letterhead();
        let write = self.store.write(move |tx| {
            for id in ids {
                let booking = store::booking(tx, id)?;
                store::feedback::note_asked(tx, id, now_ms)?;
                letters::follow_up(tx, &head, &booking, now_ms)?;
            }
            Ok::<_, BookingError>(())
        });
        write.await?;
        Ok(true)
    }

    /// Keeps what a client says of the visit a link opens, in place of what they said before, and tells the team.
    ///
    /// * `rating`: 1 to 5.
    /// * Errors: another rating; the visit has not begun, or did not take place.
    pub(crate) async fn rate(
        &self,
        token: &str,
        rating: i64,
        comment: Option<String>,
        now_ms: i64,
    ) -> Result<(), BookingError> {
        if !(1..=5).contains(&rating) {
            return Err(FieldError::invalid("rating", "must be from 1 to 5").into());
        }
        let id = self.id_of(token)?;
        let write = self.store.write(move |tx| {
            let booking = store::booking(tx, id)?;
            may_be_rated(&booking, now_ms)?;
            let before = store::feedback::of(tx, id)?.map(|feedback| feedback.rating);
            store::feedback::rate(tx, id, rating, comment.as_deref(), now_ms)?;
            hooks::count(tx, &booking, &Event::VisitRated { rating, before }, now_ms)?;
            Ok::<_, BookingError>(booking)
        });
        let booking = write.await?;
        self.announce("booking_updated", &booking).await;
        Ok(())
    }

    /// Asks the client of the visit a link opens never again.
    pub(crate) async fn ask_no_more(&self, token: &str, now_ms: i64) -> Result<(), BookingError> {
        let (booking, _) = self.by_token(token).await?;
        let write = self.store.write(move |tx| {
            let address = booking.client.email.as_str();
            outbox::refuse(tx, Name::FollowUp, address, now_ms)
        });
        Ok(write.await?)
    }
}

/// Whether a client can say how a visit was.
///
/// Errors: it has not begun, or did not take place.
pub fn may_be_rated(booking: &Booking, now_ms: i64) -> Result<(), BookingError> {
    match booking.status {
        BookingStatus::Booked | BookingStatus::Done if booking.start_ms <= now_ms => Ok(()),
        BookingStatus::Booked | BookingStatus::Done => Err(BookingError::NotBegun),
        BookingStatus::Cancelled | BookingStatus::NoShow => {
            Err(BookingError::Status(booking.status.as_str()))
        }
    }
}
