//! A letter. What ends up in a header has a type that cannot hold a line break.

use std::str::FromStr;

use lettre::Address;
use reqwest::Url;

/// Longest text in a header, in characters; people's names and subjects are far below.
const HEADER_MAX_CHARS: usize = 200;
/// RFC 5321: longest address that can be delivered to.
const ADDRESS_MAX_BYTES: usize = 254;

/// Text for a header: one line, no control characters, no invisible or direction-changing ones, 200 characters at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderText(String);

impl HeaderText {
    /// Makes any text one; what cannot be in it becomes a space or goes.
    pub fn clean(text: &str) -> Self {
        let visible = text.chars().filter(|c| !is_invisible(*c));
        let spaced: String = visible
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let cut: String = words.join(" ").chars().take(HEADER_MAX_CHARS).collect();
        Self(cut.trim_end().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, if there is any.
    pub(super) fn some(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.clone())
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Not an address mail can be sent to. Does not repeat it, so it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct AddressError;

/// Where a letter goes. A domain of other letters is kept in its ASCII form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailAddress(Address);

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '"' || is_invisible(c);
        if text.len() > ADDRESS_MAX_BYTES || text.contains(is_odd) {
            return Err(AddressError);
        }
        let address: Address = text.parse().map_err(|_| AddressError)?;
        if address.domain().is_ascii() {
            return Ok(Self(address));
        }
        let url = Url::parse(&format!("http://{}/", address.domain())).map_err(|_| AddressError)?;
        let domain = url.host_str().ok_or(AddressError)?;
        Address::new(address.user(), domain)
            .map(Self)
            .map_err(|_| AddressError)
    }
}

impl EmailAddress {
    /// The part behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(super) fn inner(&self) -> &Address {
        &self.0
    }
}

/// Somebody who writes or is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Where.
    pub address: EmailAddress,
    /// Their name; may be empty.
    pub name: HeaderText,
}

impl FromStr for Person {
    type Err = AddressError;

    /// Reads `Name <address>`, `"Name" <address>` or the bare address.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (name, address) = match text.trim().strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<').ok_or(AddressError)?,
            None => ("", text),
        };
        Ok(Self {
            address: address.parse()?,
            name: HeaderText::clean(name.trim().trim_matches('"')),
        })
    }
}

/// Where a mail program may unsubscribe with one click: it sends a POST there (RFC 8058).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribeUrl(Url);

impl UnsubscribeUrl {
    /// `None` when it is no address of the web.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        matches!(url.scheme(), "https" | "http").then_some(Self(url))
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A file that goes with a letter.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its name.
    pub name: HeaderText,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// An iCalendar object with a `METHOD` (RFC 5546), so that a mail program knows what to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    ics: String,
    method: &'static str,
}

impl Calendar {
    /// `None` when it says neither `METHOD:REQUEST` (put it in, or change it) nor `METHOD:CANCEL` (take it out).
    pub fn new(ics: String) -> Option<Self> {
        let method = ics.lines().find_map(|line| match line {
            "METHOD:REQUEST" => Some("REQUEST"),
            "METHOD:CANCEL" => Some("CANCEL"),
            _ => None,
        })?;
        Some(Self { ics, method })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.ics
    }

    /// What the header of the letter's part has to repeat.
    pub(super) fn method(&self) -> &'static str {
        self.method
    }
}

/// A letter.
#[derive(Debug, Clone)]
pub struct Mail {
    /// To whom.
    pub to: Person,
    /// Its subject.
    pub subject: HeaderText,
    /// The body as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Who gets the answer, when it is not the sender.
    pub reply_to: Option<Person>,
    /// For letters nobody has to get.
    pub list_unsubscribe: Option<UnsubscribeUrl>,
    /// The same for every try to send this letter: it has the same `Message-ID` then, and most mail programs show it once.
    pub key: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// An event: as an alternative body, which mail programs show with buttons, and as a file.
    pub calendar: Option<Calendar>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_break_cannot_come_into_a_header() {
        let text = "Hello\r\nBcc: name@example.com\u{0}\u{85}\u{2028}\u{202e}end ";
        assert_eq!(
            HeaderText::clean(text).as_str(),
            "Hello Bcc: name@example.com end"
        );
        assert_eq!(HeaderText::clean(&"x".repeat(10_000)).as_str().len(), 200);
        for wrong in [
            "name@example.com\r\nBcc: x@example.com",
            "na me@example.com",
            "\"a\r\nb\"@example.com",
            "name@exam\u{200b}ple.com",
            "name",
            "@example.com",
            "name@",
            "",
        ] {
            assert_eq!(
                wrong.parse::<EmailAddress>(),
                Err(AddressError),
                "{wrong:?}"
            );
        }
        assert!(
            format!("{}@example.com", "x".repeat(300))
                .parse::<EmailAddress>()
                .is_err()
        );
    }

    #[test]
    fn a_domain_of_other_letters_gets_its_ascii_form() {
        let address: EmailAddress = "kontakt@żółw.example".parse().unwrap();
        assert_eq!(address.as_str(), "kontakt@xn--w-uga1v8h.example");
    }

    #[test]
    fn a_person_is_read_with_and_without_a_name() {
        let named: Person = "\"Company, Ltd.\" <office@example.com>".parse().unwrap();
        assert_eq!(named.name.as_str(), "Company, Ltd.");
        assert_eq!(named.address.as_str(), "office@example.com");
        let bare: Person = " office@example.com ".parse().unwrap();
        assert_eq!(bare.name.as_str(), "");
        assert!("Company office@example.com>".parse::<Person>().is_err());
    }

    #[test]
    fn only_an_address_of_the_web_unsubscribes() {
        assert!(UnsubscribeUrl::parse("javascript:alert(1)").is_none());
        let url = UnsubscribeUrl::parse("https://example.com/u\r\nBcc:x?a=<b>").unwrap();
        assert!(!url.as_str().contains(['\r', '\n', '<', '>']));
    }

    proptest! {
        #[test]
        fn a_cleaned_text_stays_as_it_is(text in "\\PC*|(?s).{0,300}") {
            let once = HeaderText::clean(&text);
            prop_assert!(!once.as_str().contains(char::is_control));
            prop_assert_eq!(&HeaderText::clean(once.as_str()), &once);
        }
    }
}
