//! E-mail addresses and phone numbers: as written, and in the one form by which people are recognised.

use email_address::{EmailAddress, Options};
use phonenumber::Mode;
use phonenumber::country::Id;

use super::LeadError;

/// RFC 5321: longest address that can be delivered to.
const EMAIL_MAX_BYTES: usize = 254;
/// 15 digits with room for separators, a prefix and an extension.
const PHONE_MAX_BYTES: usize = 40;
/// Numbers without a country code are numbers of the company's country.
const HOME_COUNTRY: Id = Id::PL;

/// An e-mail address.
#[derive(Debug, Clone)]
pub struct Email {
    written: String,
    key: String,
}

impl Email {
    /// Reads one address, without a name or brackets around it.
    ///
    /// Errors: no address, longer than 254 bytes, a quoted local part, or a domain without a dot.
    pub fn parse(text: &str) -> Result<Self, LeadError> {
        let written = text.trim();
        let options = Options::default()
            .with_required_tld()
            .without_domain_literal()
            .without_display_text();
        let is_address = written.len() <= EMAIL_MAX_BYTES
            && !written.contains('"')
            && EmailAddress::parse_with_options(written, options).is_ok();
        if !is_address {
            return Err(LeadError::InvalidEmail);
        }
        Ok(Self::stored(written.to_owned(), written.to_lowercase()))
    }

    /// One that was parsed before.
    pub fn stored(written: String, key: String) -> Self {
        Self { written, key }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// In lower case, to recognise the person by.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A phone number that can exist in its country.
#[derive(Debug, Clone)]
pub struct Phone {
    written: String,
    e164: String,
}

impl Phone {
    /// Reads a number as people write it: `600 100 200`, `(22) 123-45-67`, `+49 30 901820`, `0048…`.
    ///
    /// Without a country code it is a Polish number. Errors: no number that can exist.
    pub fn parse(text: &str) -> Result<Self, LeadError> {
        let written = text.trim();
        let looks_right = written.len() <= PHONE_MAX_BYTES
            && written.chars().all(|c| {
                c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '/' | '(' | ')')
            });
        if !looks_right {
            return Err(LeadError::InvalidPhone);
        }
        let number = phonenumber::parse(Some(HOME_COUNTRY), written)
            .ok()
            .filter(phonenumber::is_valid)
            .ok_or(LeadError::InvalidPhone)?;
        let e164 = number.format().mode(Mode::E164).to_string();
        Ok(Self::stored(written.to_owned(), e164))
    }

    /// One that was parsed before.
    pub fn stored(written: String, e164: String) -> Self {
        Self { written, e164 }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// `+48600100200`, to recognise the person by.
    pub fn e164(&self) -> &str {
        &self.e164
    }
}

macro_rules! recognised_by {
    ($type:ident, $field:ident) => {
        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.$field == other.$field
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.written)
            }
        }
    };
}

recognised_by!(Email, key);
recognised_by!(Phone, e164);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_recognised_in_any_case() {
        let one = Email::parse(" Anna.Nowak+dom@Example.COM ").unwrap();
        assert_eq!(one.as_str(), "Anna.Nowak+dom@Example.COM");
        assert_eq!(one, Email::parse("anna.nowak+dom@example.com").unwrap());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "anna",
            "anna@",
            "@example.com",
            "anna@localhost",
            "anna@[127.0.0.1]",
            "Anna <anna@example.com>",
            "\"a b\"@example.com",
            "a@example.com\nBcc: b@example.com",
            "a@example.com,b@example.com",
            &format!("{}@example.com", "a".repeat(250)),
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_polish_number_is_one_number_however_it_is_written() {
        for text in [
            "600100200",
            "600 100 200",
            "600-100-200",
            "+48 600 100 200",
            "0048600100200",
            "(+48) 600.100.200",
            "48600100200",
        ] {
            assert_eq!(Phone::parse(text).unwrap().e164(), "+48600100200", "{text}");
        }
        assert_eq!(Phone::parse("22 123 45 67").unwrap().e164(), "+48221234567");
    }

    #[test]
    fn a_foreign_number_keeps_its_country() {
        let german = Phone::parse("+49 30 901820").unwrap();
        assert_eq!(german.e164(), "+4930901820");
        assert_eq!(german.as_str(), "+49 30 901820");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "12",
            "000000000",
            "+48",
            "60010020",
            "600 100 200 300 400",
            "call me",
            "+999 600 100 200",
            "600100200;ext=1",
        ] {
            assert!(Phone::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in "\\PC{0,60}") {
            let _ = (Email::parse(&text), Phone::parse(&text));
        }

        #[test]
        fn digits_and_separators_never_make_parsing_panic(text in "[0-9+() ./-]{0,41}") {
            if let Ok(phone) = Phone::parse(&text) {
                let again = Phone::parse(phone.e164());
                prop_assert_eq!(again.ok(), Some(phone));
            }
        }
    }
}
