//! Where news of leads, bookings and faults go.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::SettingsError;
use crate::accounts::email_address;

const EMAILS_MAX: usize = 10;

/// Where notices go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(deny_unknown_fields)]
pub struct Notifications {
    /// E-mail addresses, 10 at most; none: the configured `admin_email`.
    pub emails: Vec<String>,
    /// Number for SMS in E.164, e.g. `+48585004663`.
    pub phone: Option<String>,
}

impl Notifications {
    /// Brings the addresses and the number to one form; an address that stands there twice is kept once.
    ///
    /// Errors: an address or the number is none, or there are too many.
    pub fn checked(self) -> Result<Self, SettingsError> {
        let mut emails: Vec<String> = Vec::new();
        for text in &self.emails {
            let address = email_address(text).ok_or_else(|| SettingsError::Invalid {
                field: "notifications.emails",
                why: "must be addresses like anna@example.com".into(),
            })?;
            if !emails.contains(&address) {
                emails.push(address);
            }
        }
        if emails.len() > EMAILS_MAX {
            return Err(SettingsError::Invalid {
                field: "notifications.emails",
                why: format!("must be at most {EMAILS_MAX}"),
            });
        }
        let phone = self.phone.as_deref().map(e164).transpose()?;
        Ok(Self { emails, phone })
    }
}

/// The number without what people write between digits (E.164: a plus and 8 to 15 digits, no zero first).
fn e164(text: &str) -> Result<String, SettingsError> {
    let number: String = text.chars().filter(|c| !" -()".contains(*c)).collect();
    let is_number = number.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    });
    if is_number {
        return Ok(number);
    }
    Err(SettingsError::Invalid {
        field: "notifications.phone",
        why: "must be a number with its country code, like +48585004663".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(emails: &[&str], phone: Option<&str>) -> Result<Notifications, SettingsError> {
        let emails = emails.iter().map(|email| (*email).to_owned()).collect();
        let phone = phone.map(str::to_owned);
        Notifications { emails, phone }.checked()
    }

    #[test]
    fn addresses_and_the_number_come_out_in_one_form() {
        let notifications = checked(
            &[" Anna@Example.com", "anna@example.com"],
            Some("+48 (58) 500-46-63"),
        );
        let notifications = notifications.unwrap();
        assert_eq!(notifications.emails, ["anna@example.com"]);
        assert_eq!(notifications.phone.as_deref(), Some("+48585004663"));
    }

    #[test]
    fn what_is_no_address_or_number_is_refused() {
        for email in [
            "",
            "anna",
            "anna@localhost",
            "a b@example.com",
            "a@b.com\r\nBcc: c@d.com",
        ] {
            assert!(checked(&[email], None).is_err(), "{email:?}");
        }
        for phone in [
            "",
            "585004663",
            "+0585004663",
            "+48",
            "+4858500466312345",
            "+48abc004663",
        ] {
            assert!(checked(&[], Some(phone)).is_err(), "{phone:?}");
        }
    }
}
