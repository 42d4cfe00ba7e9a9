//! Bookings: when a visit can take place, who may change it until when, its reminders and its calendar files.
//!
//! The rules here are pure: time, zone and what is booked are arguments. [`Availability`] is the one judge of a visit's
//! beginning, so that what is listed and what is booked cannot differ.

mod error;
mod holidays;
mod ics;
mod limits;
mod model;
mod slots;
mod wall;

pub use error::BookingError;
pub use holidays::{HOLIDAY_YEARS, Holiday, holiday_on, holidays};
pub use ics::{Detail, Party, Visit, feed, invitation};
pub use limits::{
    Change, ChangeRefusal, DueReminder, Pickup, QuietHours, change_until_ms, client_may, on_pickup,
    reminders_of,
};
pub use model::{
    BookingStatus, Channel, DAY_MIN, DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, Demand,
    HoursEntry, Interval, LocationKind, ReminderRule, Service, StaffMember, TimeOff, TravelTimes,
    UnknownWord, WallSpan, WeeklyHours,
};
pub use slots::{Availability, Booked, Calendar, Member, Period, Refusal, Slot};
