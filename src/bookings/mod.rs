//! Bookings: when a visit can take place, who may change it until when, its reminders and its calendar files.
//!
//! Owns the tables `booking_…` and `bookings`. The rules are pure: time, zone and what is booked are arguments.
//! [`Availability`] is the one judge of a visit's beginning, so that what is listed and what is booked cannot differ; it
//! judges inside the transaction that books, and `booking_times` holds every 5 minutes of a member once, whatever the
//! judge says.
//!
//! Other slices call [`of_session`] and [`erase_session`] for a visitor's rights over their data.

mod calendar;
mod changes;
mod demand;
mod desk;
mod diary;
mod error;
mod feedback;
mod holidays;
mod hooks;
mod hours;
mod http;
mod ics;
mod in_chat;
mod letterhead;
mod letters;
mod limits;
mod links;
mod model;
mod on_pages;
mod past;
pub mod person;
mod record;
mod reminders;
#[cfg(test)]
mod reminders_tests;
mod service;
mod settings;
mod setup;
mod setup_bodies;
mod setup_http;
mod slots;
mod store;
mod team_http;
mod views;
mod wall;

pub use calendar::{Calendar, Period};
pub use demand::{Demand, TravelTimes};
pub use diary::{Booked, Member};
pub use error::{BookingError, FieldError};
pub use feedback::may_be_rated;
pub use holidays::{HOLIDAY_YEARS, Holiday, holiday_on, holidays};
pub use hours::{HoursEntry, WallSpan, WeeklyHours};
pub use http::{AREA_MAX_CHARS, BookingApi, NAME_MAX_CHARS, NOTES_MAX_CHARS};
pub use ics::{Detail, Party, Visit, feed, invitation};
pub use in_chat::{BookedInChat, ChatVisit};
pub use limits::{
    Change, ChangeRefusal, DueReminder, Pickup, QuietHours, change_until_ms, client_may, on_pickup,
    reminders_of,
};
pub use model::{
    BookingStatus, Channel, DAY_MIN, DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, GRAIN_MIN,
    Interval, LocationKind, ReminderRule, Service, StaffMember, TimeOff, UnknownWord,
};
pub use on_pages::{Looking, PageVisit};
pub use past::{Fate, KeptVisit, PastVisit, keep_past};
pub use record::{Booking, Client, Feedback, Followed, Reminder, ReminderState};
pub use service::{Bookings, erase_session, of_lead, of_session, relink};
pub use settings::{BookingSettings, TravelTime};
pub use setup::set_up;
pub use setup_http::BookingSetupApi;
pub use slots::{Availability, Refusal, Slot};
pub use team_http::{RemindersApi, TeamBookingApi};
pub use views::{BookingRecord, ExportedBooking};

/// Sections of the API's documentation.
#[derive(poem_openapi::Tags)]
enum Section {
    /// Visits: what can be booked and when, booking, changing, calendars.
    Booking,
    /// What clients are reminded by.
    Reminders,
}
