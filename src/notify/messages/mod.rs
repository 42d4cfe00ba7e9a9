//! What the company writes by itself: letters and text messages in three languages.
//!
//! A text is a template in `assets/templates/{pl,en,de}`. A letter (`.md`) has its subject in the first line and then a
//! body in light markup, from which both HTML and plain text are made; a text message (`.txt`) is text alone. The owner
//! may put own words in place of either.

mod ground;
mod layout;
mod markup;
mod render;
mod samples;
mod values;
mod words;

pub use ground::Ground;
pub use layout::Company;
pub use render::{Letter, MessageError, OwnWords, Rendered, built_in, check, render, values_of};
pub use samples::sample;
pub use values::*;
pub use words::{date, date_time, short};

use std::fmt;
use std::str::FromStr;

use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use crate::nlu::Lang;

macro_rules! messages {
    ($($(#[$doc:meta])* $variant:ident($values:ty) = $name:literal . $ending:ident;)*) => {
        /// A message with what it needs; as JSON `{"message": "lead_team", "values": {…}}`.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "message", content = "values", rename_all = "snake_case")]
        pub enum Message {
            $($(#[$doc])* $variant($values),)*
        }

        /// The name of a message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Name {
            $($(#[$doc])* $variant,)*
        }

        impl Name {
            /// Every message, letters first.
            pub const ALL: &[Name] = &[$(Name::$variant),*];

            /// As it is written in files and on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Name::$variant => $name,)* }
            }

            /// It is a text message, not a letter.
            pub fn is_sms(self) -> bool {
                let ending = match self { $(Name::$variant => stringify!($ending),)* };
                ending == "txt"
            }

            /// The built-in template.
            fn source(self, lang: Lang) -> &'static str {
                match (self, lang) { $(
                    (Name::$variant, Lang::Pl) => template!("pl/", $name, $ending),
                    (Name::$variant, Lang::En) => template!("en/", $name, $ending),
                    (Name::$variant, Lang::De) => template!("de/", $name, $ending),
                )* }
            }
        }

        impl Message {
            /// Which it is.
            pub fn name(&self) -> Name {
                match self { $(Message::$variant(_) => Name::$variant,)* }
            }

            /// What the template may use.
            fn values(&self) -> minijinja::Value {
                match self {
                    $(Message::$variant(values) => Serde(values).into(),)*
                }
            }
        }
    };
}

macro_rules! template {
    ($folder:literal, $name:literal, $ending:ident) => {
        include_str!(concat!(
            "../../../assets/templates/",
            $folder,
            $name,
            ".",
            stringify!($ending)
        ))
    };
}

messages! {
    /// To somebody who left a way to reach them.
    LeadConfirmation(LeadConfirmation) = "lead_confirmation".md;
    /// To the team: somebody left a way to reach them.
    LeadTeam(LeadTeam) = "lead_team".md;
    /// To the client: a visit is booked. The invitation goes with it.
    BookingConfirmation(ClientVisit) = "booking_confirmation".md;
    /// To the client: a visit is near.
    BookingReminder(ClientVisit) = "booking_reminder".md;
    /// To the client: a visit has another time.
    BookingChanged(MovedVisit) = "booking_changed".md;
    /// To the client: a visit does not take place.
    BookingCancelled(CancelledVisit) = "booking_cancelled".md;
    /// To staff: a visit is new, changed or cancelled.
    BookingTeam(TeamVisit) = "booking_team".md;
    /// To the client, after a visit.
    FollowUp(FollowUp) = "follow_up".md;
    /// To the owner, each week.
    WeeklyReport(WeeklyReport) = "weekly_report".md;
    /// To somebody who has to prove an address.
    OneTimeCode(OneTimeCode) = "one_time_code".md;
    /// To the owner: something is wrong.
    Alarm(Alarm) = "alarm".md;
    /// To a new member of the team.
    Invitation(Invitation) = "invitation".md;
    /// To a member of the team who forgot the password.
    PasswordReset(PasswordReset) = "password_reset".md;
    /// To a visitor who left before an agent answered.
    AgentAnswer(AgentAnswer) = "agent_answer".md;
    /// To the client's phone: a visit is near.
    BookingReminderSms(ClientVisit) = "booking_reminder_sms".txt;
    /// To the client's phone: a visit has another time.
    BookingChangedSms(MovedVisit) = "booking_changed_sms".txt;
    /// To the client's phone: a visit does not take place.
    BookingCancelledSms(CancelledVisit) = "booking_cancelled_sms".txt;
    /// To the phone of somebody who has to prove it.
    OneTimeCodeSms(OneTimeCode) = "one_time_code_sms".txt;
}

/// Parts that several letters share.
fn shared(name: &str, lang: Lang) -> Option<&'static str> {
    Some(match (name, lang) {
        ("greeting.md", Lang::Pl) => template!("pl/", "greeting", md),
        ("greeting.md", Lang::En) => template!("en/", "greeting", md),
        ("greeting.md", Lang::De) => template!("de/", "greeting", md),
        ("regards.md", Lang::Pl) => template!("pl/", "regards", md),
        ("regards.md", Lang::En) => template!("en/", "regards", md),
        ("regards.md", Lang::De) => template!("de/", "regards", md),
        ("visit.md", Lang::Pl) => template!("pl/", "visit", md),
        ("visit.md", Lang::En) => template!("en/", "visit", md),
        ("visit.md", Lang::De) => template!("de/", "visit", md),
        _ => return None,
    })
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Name {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        let mut all = Self::ALL.iter().copied();
        all.find(|name| name.as_str() == text)
            .ok_or(MessageError::UnknownName)
    }
}

#[cfg(test)]
mod tests;
