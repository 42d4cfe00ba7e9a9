//! On what ground a message may be sent to somebody.

use super::Name;
use crate::rodo::Purpose;

/// What must hold when a message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Nothing: it was asked for, belongs to what was agreed, or goes to the team.
    Service,
    /// Whoever gets it did not say that they want none of its kind.
    NotRefused,
    /// Whoever gets it agreed to be written to for this purpose, and did not withdraw that.
    Consent(Purpose),
}

impl Name {
    /// On what ground it is sent. There is no rule for the rest: a new message has to choose.
    pub fn ground(self) -> Ground {
        match self {
            Self::LeadConfirmation
            | Self::LeadTeam
            | Self::BookingConfirmation
            | Self::BookingReminder
            | Self::BookingChanged
            | Self::BookingCancelled
            | Self::BookingTeam
            | Self::OneTimeCode
            | Self::Alarm
            | Self::Invitation
            | Self::PasswordReset
            | Self::AgentAnswer
            | Self::BookingReminderSms
            | Self::BookingChangedSms
            | Self::BookingCancelledSms
            | Self::OneTimeCodeSms => Ground::Service,
            Self::WeeklyReport => Ground::NotRefused,
            // Asking how satisfied somebody was counts as marketing.
            Self::FollowUp => Ground::Consent(Purpose::EmailMarketing),
        }
    }
}
