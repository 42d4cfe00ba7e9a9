//! Addresses that prove themselves: the client's of a booking, a member's of their calendar.

use crate::platform::link::{self, Claim};
use crate::platform::secrets::Secrets;

/// What the links of bookings are for, so that one made for something else opens none.
const BOOKING: &str = "booking";

/// Makes the addresses.
#[derive(Clone)]
pub(super) struct Links {
    secrets: Secrets,
    /// Where the server is reached from outside; empty: addresses are paths.
    base: String,
}

impl Links {
    pub(super) fn new(secrets: Secrets, public_url: Option<&str>) -> Self {
        Self {
            secrets,
            base: public_url.unwrap_or_default().to_owned(),
        }
    }

    /// The page on which the client sees, moves and cancels a booking.
    pub(super) fn manage_url(&self, id: i64) -> String {
        format!("{}{}", self.base, self.page(id))
    }

    /// Its path.
    pub(super) fn page(&self, id: i64) -> String {
        format!("/booking/{}", self.token(id))
    }

    /// The page on which the client says how a visit was.
    pub(super) fn rating_url(&self, id: i64) -> String {
        format!("{}?change=rate", self.manage_url(id))
    }

    /// The calendar file of a booking.
    pub(super) fn ics_url(&self, id: i64) -> String {
        format!("{}{}", self.base, self.calendar(id))
    }

    /// Its path.
    pub(super) fn calendar(&self, id: i64) -> String {
        format!("/api/booking/m/{}/invite.ics", self.token(id))
    }

    /// A member's calendar.
    pub(super) fn feed_url(&self, staff_id: i64, version: i64) -> String {
        let token = link::token(&feed(version), staff_id, &self.secrets);
        format!("{}/api/booking/feed/{token}.ics", self.base)
    }

    fn token(&self, id: i64) -> String {
        link::token(BOOKING, id, &self.secrets)
    }

    /// The booking a token opens.
    pub(super) fn booking_id(&self, token: &str) -> Option<i64> {
        link::id_of(BOOKING, token, &self.secrets)
    }

    /// Whether a token opens a member's calendar now.
    pub(super) fn opens_feed(&self, claim: &Claim, version: i64) -> bool {
        claim.is_ours(&feed(version), &self.secrets)
    }

    /// The host of our addresses; `None` without one of our own.
    pub(super) fn host(&self) -> Option<&str> {
        host_of(&self.base)
    }
}

/// The host of `https://host:port/path`.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', ':'])
        .next()
        .filter(|host| !host.is_empty())
}

fn feed(version: i64) -> String {
    format!("booking-feed-{version}")
}
