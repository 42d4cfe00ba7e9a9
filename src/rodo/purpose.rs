//! What a consent can be for.

use crate::text_column;

/// What a consent can be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To handle what was given, for the service itself.
    Service,
    /// To be written to by e-mail without having asked for it.
    EmailMarketing,
    /// To be written to by text message without having asked for it.
    SmsMarketing,
    /// To be called.
    Phone,
}

text_column!(Purpose {
    Service = "service",
    EmailMarketing = "email_marketing",
    SmsMarketing = "sms_marketing",
    Phone = "phone"
});

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [
        Self::Service,
        Self::EmailMarketing,
        Self::SmsMarketing,
        Self::Phone,
    ];

    /// As a client names it; `marketing`, as v2.3 called it, is by e-mail.
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "marketing" => Some(Self::EmailMarketing),
            other => other.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_is_read_back_and_the_old_name_is_by_e_mail() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::named(purpose.as_str()), Some(purpose));
        }
        assert_eq!(Purpose::named("marketing"), Some(Purpose::EmailMarketing));
        assert_eq!(Purpose::named("selling"), None);
    }
}
