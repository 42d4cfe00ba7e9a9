//! What is offered and by whom: services, staff, time off, statuses. What comes from outside is checked here once.

use std::ops::RangeInclusive;
use std::str::FromStr;

use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

use super::FieldError;
use super::hours::WeeklyHours;
use crate::knowledge::PerLang;
use crate::nlu::Lang;
use crate::platform::http::clean_text;

/// What every length and every beginning is a multiple of, in minutes: the grain in which a member's time is held.
pub const GRAIN_MIN: u32 = 5;
/// Midnight at a day's end, in minutes.
pub const DAY_MIN: u32 = 24 * 60;
pub(super) const NAME_MAX_CHARS: usize = 200;
const MAX_REMINDERS: usize = 10;
/// Two years: longer than any leave.
const TIME_OFF_MAX_MS: i64 = 731 * 86_400_000;
/// 2000-01-01 to 2100-12-31 UTC: what a calendar is asked about.
pub(super) const TIMES_MS: RangeInclusive<i64> = 946_684_800_000..=4_133_980_799_999;

/// An enum whose variants are words in the database and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Enum)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] #[oai(rename = $word)] $variant),*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word programs use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            /// Reads exactly the word.
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(UnknownWord),
                }
            }
        }
    };
}

/// A word that names none of what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown word")]
pub struct UnknownWord;

words! {
    /// Where a visit takes place.
    LocationKind {
        /// In the company's office.
        Office = "office",
        /// At the client's; travel comes on top of the buffers.
        OnSite = "on_site",
        /// By phone.
        Phone = "phone",
        /// By video call.
        Video = "video",
    }
}

words! {
    /// How a reminder is sent.
    Channel {
        /// By e-mail.
        Email = "email",
        /// By SMS.
        Sms = "sms",
    }
}

words! {
    /// How far a booking is.
    BookingStatus {
        /// Will take place.
        Booked = "booked",
        /// Was called off; its time is free again.
        Cancelled = "cancelled",
        /// Took place.
        Done = "done",
        /// The client did not come.
        NoShow = "no_show",
    }
}

impl BookingStatus {
    /// Whether the visit's time is taken.
    pub fn holds_time(self) -> bool {
        self != Self::Cancelled
    }

    /// Whether a booking of this status may get the other: an open one any, and what is past may be put right. A
    /// cancelled one stays cancelled, since its time may belong to somebody else.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Booked => next != Self::Booked,
            Self::Done => next == Self::NoShow,
            Self::NoShow => next == Self::Done,
            Self::Cancelled => false,
        }
    }
}

/// A reminder every booking of a service gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Object)]
pub struct ReminderRule {
    /// How long before the visit, 30 minutes to 30 days.
    pub offset_min: u32,
    /// How it is sent.
    pub channel: Channel,
}

/// What every booking is reminded of unless its service says otherwise: an e-mail a day before, an SMS 3 hours before.
pub const DEFAULT_REMINDERS: [ReminderRule; 2] = [
    ReminderRule {
        offset_min: DAY_MIN,
        channel: Channel::Email,
    },
    ReminderRule {
        offset_min: 180,
        channel: Channel::Sms,
    },
];
/// How long before a visit clients may cancel or move it, unless its service says otherwise.
pub const DEFAULT_CHANGE_NOTICE_MIN: u32 = 12 * 60;

/// Something clients can book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Number of the service.
    pub id: i64,
    /// Names clients see, 1 to 200 characters each.
    pub names: PerLang<String>,
    /// Length of the visit, 5 minutes to 24 hours; like all lengths of minutes up to `slot_step_min` a multiple of 5.
    pub duration_min: u32,
    /// Time kept free before it, 8 hours at most.
    pub buffer_before_min: u32,
    /// Time kept free after it, 8 hours at most.
    pub buffer_after_min: u32,
    /// From one possible beginning to the next, 5 minutes to 24 hours.
    pub slot_step_min: u32,
    /// How long before its beginning a visit can be booked at the latest, 60 days at most.
    pub min_notice_min: u32,
    /// How many days after today can be booked, 1 to 730.
    pub horizon_days: u32,
    /// Bookings of this service a member takes on one day, 1 to 500; `None`: as many as fit.
    pub daily_cap: Option<u32>,
    /// Where it takes place.
    pub location_kind: LocationKind,
    /// How long before its beginning a client may cancel at the latest, 30 days at most.
    pub cancel_notice_min: u32,
    /// How long before its beginning a client may move it at the latest, 30 days at most.
    pub reschedule_notice_min: u32,
    /// Reminders of every booking, 10 at most.
    pub reminders: Vec<ReminderRule>,
}

impl Service {
    /// Checks every bound named at the fields. Errors: the first field that breaks one.
    pub fn validate(&self) -> Result<(), FieldError> {
        for lang in Lang::ALL {
            clean_text(self.names.get(lang), NAME_MAX_CHARS)
                .map_err(|why| FieldError::Text("name", why))?;
        }
        let cap = self.daily_cap.unwrap_or(1);
        let bounds = [
            ("duration_min", self.duration_min, 5..=DAY_MIN),
            ("buffer_before_min", self.buffer_before_min, 0..=480),
            ("buffer_after_min", self.buffer_after_min, 0..=480),
            ("slot_step_min", self.slot_step_min, 5..=DAY_MIN),
            ("min_notice_min", self.min_notice_min, 0..=60 * DAY_MIN),
            ("horizon_days", self.horizon_days, 1..=730),
            ("daily_cap", cap, 1..=500),
            (
                "cancel_notice_min",
                self.cancel_notice_min,
                0..=30 * DAY_MIN,
            ),
            (
                "reschedule_notice_min",
                self.reschedule_notice_min,
                0..=30 * DAY_MIN,
            ),
        ];
        for (field, value, range) in bounds {
            within(field, value, range)?;
        }
        for (field, value) in [
            ("duration_min", self.duration_min),
            ("buffer_before_min", self.buffer_before_min),
            ("buffer_after_min", self.buffer_after_min),
            ("slot_step_min", self.slot_step_min),
        ] {
            on_grain(field, value)?;
        }
        if self.reminders.len() > MAX_REMINDERS {
            return Err(FieldError::invalid(
                "reminders",
                format!("must be {MAX_REMINDERS} at most"),
            ));
        }
        for (index, rule) in self.reminders.iter().enumerate() {
            within("reminders", rule.offset_min, 30..=30 * DAY_MIN)?;
            if self.reminders[..index].contains(rule) {
                return Err(FieldError::invalid("reminders", "must not hold one twice"));
            }
        }
        Ok(())
    }
}

pub(super) fn on_grain(field: &'static str, minutes: u32) -> Result<(), FieldError> {
    if minutes.is_multiple_of(GRAIN_MIN) {
        return Ok(());
    }
    Err(FieldError::invalid(field, "must be whole 5 minutes"))
}

pub(super) fn within(
    field: &'static str,
    value: u32,
    range: RangeInclusive<u32>,
) -> Result<(), FieldError> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err(FieldError::invalid(
        field,
        format!("must be {least} to {most}"),
    ))
}

/// Somebody who can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    /// Number of the member.
    pub id: i64,
    /// Name clients see, 1 to 200 characters.
    pub name: String,
    /// Where invitations go.
    pub email: String,
    /// Ids of the services they do.
    pub service_ids: Vec<i64>,
    /// When they work.
    pub hours: WeeklyHours,
    /// False: takes no new bookings.
    pub is_active: bool,
    /// Part of what the calendar's address proves.
    pub feed_version: i64,
    /// The account of this member.
    pub user_id: Option<i64>,
}

/// A span of time in milliseconds UTC; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Its beginning.
    pub from_ms: i64,
    /// Its end.
    pub to_ms: i64,
}

impl Interval {
    /// Whether both have time in common.
    pub fn overlaps(self, other: Self) -> bool {
        self.from_ms < other.to_ms && other.from_ms < self.to_ms
    }
}

/// A time in which a member takes no visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOff(Interval);

impl TimeOff {
    /// From one time to another, in milliseconds UTC.
    ///
    /// Errors: an end that is not after the beginning, more than two years, or a time before 2000 or after 2100.
    pub fn new(from_ms: i64, to_ms: i64) -> Result<Self, FieldError> {
        for (field, time_ms) in [("from", from_ms), ("to", to_ms)] {
            if !TIMES_MS.contains(&time_ms) {
                return Err(FieldError::invalid(field, "is too far away"));
            }
        }
        if from_ms >= to_ms {
            return Err(FieldError::invalid("to", "must be after the beginning"));
        }
        if to_ms - from_ms > TIME_OFF_MAX_MS {
            return Err(FieldError::invalid("to", "must be within two years"));
        }
        Ok(Self(Interval { from_ms, to_ms }))
    }

    /// The time itself.
    pub fn interval(self) -> Interval {
        self.0
    }
}

/// Minutes as milliseconds.
pub(super) fn minutes_ms(minutes: u32) -> i64 {
    i64::from(minutes) * 60_000
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
