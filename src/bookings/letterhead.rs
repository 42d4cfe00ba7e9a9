//! What the company's letters and calendar files about visits say.

use std::sync::Arc;

use super::ics::{self, Detail, Party};
use super::links::{self, Links};
use super::model::LocationKind;
use super::record::Booking;
use crate::knowledge::Company;
use crate::leads::greeted;
use crate::nlu::Lang;

/// The company as it writes, and where its links lead.
#[derive(Clone)]
pub(super) struct Letterhead {
    pub(super) company: Company,
    pub(super) links: Arc<Links>,
    /// The language of what the team reads.
    pub(super) team_lang: Lang,
}

impl Letterhead {
    /// The client's calendar file: an invitation, or the message that the visit was called off.
    pub(super) fn invitation(&self, booking: &Booking) -> String {
        let client = Party {
            name: greeted(&booking.client.name).unwrap_or_default(),
            email: booking.client.email.as_str().to_owned(),
        };
        let visit = ics::Visit {
            summary: format!(
                "{} – {}",
                booking.service_names.get(booking.lang),
                self.company.name
            ),
            // A path alone leads nowhere from a calendar.
            description: (self.links.host()).map(|_| self.links.manage_url(booking.id)),
            ..self.visit(booking)
        };
        self.invite(&visit, &client)
    }

    /// The same for whoever of the staff takes the visit.
    pub(super) fn staff_invitation(&self, booking: &Booking, email: &str) -> String {
        let member = Party {
            name: booking.staff_name.clone(),
            email: email.to_owned(),
        };
        self.invite(&self.staff_visit(booking), &member)
    }

    /// A member's calendar to subscribe to.
    pub(super) fn feed(&self, name: &str, bookings: &[Booking], detail: Detail) -> String {
        let visits: Vec<_> = (bookings.iter())
            .map(|booking| self.staff_visit(booking))
            .collect();
        ics::feed(self.host(), name, &visits, detail)
    }

    /// Where people meet, as `location_kind` says.
    pub(super) fn place(&self, booking: &Booking) -> Option<String> {
        match booking.location_kind {
            LocationKind::Office => Some(self.company.address.clone()).filter(|at| !at.is_empty()),
            LocationKind::OnSite => booking.area.clone(),
            LocationKind::Phone => Some(booking.client.phone.to_string()),
            LocationKind::Video => None,
        }
    }

    fn invite(&self, visit: &ics::Visit, guest: &Party) -> String {
        let organizer = Party {
            name: self.company.name.clone(),
            email: self.company.email.clone(),
        };
        ics::invitation(self.host(), visit, &organizer, guest)
    }

    fn staff_visit(&self, booking: &Booking) -> ics::Visit {
        let mut about = vec![
            booking.client.phone.to_string(),
            booking.client.email.to_string(),
        ];
        about.extend(booking.notes.clone());
        ics::Visit {
            summary: format!(
                "{}: {}",
                booking.service_names.get(self.team_lang),
                booking.client.name
            ),
            description: Some(about.join("\n")),
            ..self.visit(booking)
        }
    }

    /// What every calendar shows of a visit.
    fn visit(&self, booking: &Booking) -> ics::Visit {
        ics::Visit {
            booking_id: booking.id,
            sequence: booking.sequence,
            changed_at_ms: booking.updated_at_ms,
            start_ms: booking.start_ms,
            end_ms: booking.end_ms,
            is_cancelled: !booking.status.holds_time(),
            summary: String::new(),
            location: self.place(booking),
            description: None,
        }
    }

    fn host(&self) -> &str {
        let host = self.links.host();
        let host = host.or_else(|| links::host_of(&self.company.website));
        host.unwrap_or("novahouse")
    }
}
