//! Bookings: when a visit can take place, who may change it until when, its reminders and its calendar files.
//!
//! The rules here are pure: time, zone and what is booked are arguments. [`Availability`] is the one judge of a visit's
//! beginning, so that what is listed and what is booked cannot differ.

mod calendar;
mod demand;
mod diary;
mod error;
mod holidays;
mod hours;
mod ics;
mod limits;
mod model;
mod slots;
mod wall;

pub use calendar::{Calendar, Period};
pub use demand::{Demand, TravelTimes};
pub use diary::{Booked, Member};
pub use error::FieldError;
pub use holidays::{HOLIDAY_YEARS, Holiday, holiday_on, holidays};
pub use hours::{HoursEntry, WallSpan, WeeklyHours};
pub use ics::{Detail, Party, Visit, feed, invitation};
pub use limits::{
    Change, ChangeRefusal, DueReminder, Pickup, QuietHours, change_until_ms, client_may, on_pickup,
    reminders_of,
};
pub use model::{
    BookingStatus, Channel, DAY_MIN, DEFAULT_CHANGE_NOTICE_MIN, DEFAULT_REMINDERS, Interval,
    LocationKind, ReminderRule, Service, StaffMember, TimeOff, UnknownWord,
};
pub use slots::{Availability, Refusal, Slot};
