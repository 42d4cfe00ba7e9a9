//! Everything said about a lead, brought to NFC and within bounds. Pure.

use super::LeadError;
use super::model::{ConsentGiven, NewLead, Touch};
use crate::platform::http::clean_text;

/// Longest name.
pub(super) const NAME_MAX_CHARS: usize = 100;
/// Longest text of a line: a place, a kind of property, a reason.
pub(super) const SHORT_MAX_CHARS: usize = 100;
/// Longest text of several lines.
pub(super) const TEXT_MAX_CHARS: usize = 2_000;
const UTM_MAX: usize = 10;
const URL_MAX_CHARS: usize = 500;
const PROPERTY_SIZE_MAX_M2: f64 = 100_000.0;
const BUDGET_MAX: i64 = 1_000_000_000;
const TAGS_MAX: usize = 20;
const TAG_MAX_CHARS: usize = 50;

/// Brings everything said to NFC and within bounds; an empty text counts as unsaid.
///
/// Errors: no way to reach the person, a text too long or with control characters, a number out of bounds.
pub(super) fn cleaned(mut new: NewLead) -> Result<NewLead, LeadError> {
    if new.email.is_none() && new.phone.is_none() {
        return Err(LeadError::NoContact);
    }
    new.name = text("name", &new.name, NAME_MAX_CHARS)?;
    for (field, said, max_chars) in [
        (
            "interested_package",
            &mut new.interested_package,
            SHORT_MAX_CHARS,
        ),
        ("property_type", &mut new.property_type, SHORT_MAX_CHARS),
        ("location", &mut new.location, SHORT_MAX_CHARS),
        ("message", &mut new.message, TEXT_MAX_CHARS),
        ("additional_info", &mut new.additional_info, TEXT_MAX_CHARS),
    ] {
        *said = optional(field, said.as_deref(), max_chars)?;
    }
    new.property_size = new.property_size.map(property_size).transpose()?;
    new.budget = new.budget.map(budget).transpose()?;
    new.touch = new.touch.map(touch).transpose()?;
    new.consent = new.consent.as_ref().map(consent).transpose()?;
    Ok(new)
}

/// A text that must be there.
pub(super) fn text(field: &'static str, said: &str, max_chars: usize) -> Result<String, LeadError> {
    clean_text(said, max_chars).map_err(|why| LeadError::Text(field, why))
}

/// A text that may be missing; an empty one is.
pub(super) fn optional(
    field: &'static str,
    said: Option<&str>,
    max_chars: usize,
) -> Result<Option<String>, LeadError> {
    said.filter(|said| !said.trim().is_empty())
        .map(|said| text(field, said, max_chars))
        .transpose()
}

/// Square metres of a property.
pub(super) fn property_size(m2: f64) -> Result<f64, LeadError> {
    if m2 > 0.0 && m2 <= PROPERTY_SIZE_MAX_M2 {
        return Ok(m2);
    }
    let why = "must be square metres above 0, at most 100,000";
    Err(LeadError::Field("property_size", why.into()))
}

/// Whole units of the company's currency.
pub(super) fn budget(budget: i64) -> Result<i64, LeadError> {
    if (0..=BUDGET_MAX).contains(&budget) {
        return Ok(budget);
    }
    let why = "must be from 0 to 1,000,000,000";
    Err(LeadError::Field("budget", why.into()))
}

/// The team's words for a lead, each once. A comma parts them in files, so none holds one.
pub(super) fn tags(said: &[String]) -> Result<Vec<String>, LeadError> {
    let mut tags: Vec<String> = Vec::new();
    for said in said {
        let tag = text("tags", said, TAG_MAX_CHARS)?;
        if tag.contains([',', '\n']) {
            let why = "must hold no commas and no line breaks";
            return Err(LeadError::Field("tags", why.into()));
        }
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > TAGS_MAX {
        let why = format!("must be at most {TAGS_MAX}");
        return Err(LeadError::Field("tags", why));
    }
    Ok(tags)
}

fn touch(touch: Touch) -> Result<Touch, LeadError> {
    let page_url = optional("page_url", touch.page_url.as_deref(), URL_MAX_CHARS)?;
    let referrer = optional("referrer", touch.referrer.as_deref(), URL_MAX_CHARS)?;
    if touch.utm.len() > UTM_MAX {
        let why = format!("must hold at most {UTM_MAX}");
        return Err(LeadError::Field("utm", why));
    }
    let utm = touch.utm.into_iter().map(|(name, value)| {
        Ok((
            text("utm", &name, SHORT_MAX_CHARS)?,
            text("utm", &value, SHORT_MAX_CHARS)?,
        ))
    });
    Ok(Touch {
        utm: utm.collect::<Result<_, LeadError>>()?,
        path: page_url.as_deref().and_then(path).map(str::to_owned),
        referrer_host: referrer.as_deref().and_then(host),
        page_url,
        referrer,
    })
}

/// Host with everything after it, of an address with `http` or `https`.
fn after_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_web.then_some(rest)
}

/// The host of an address, in lower case, without user and port.
pub(crate) fn host(url: &str) -> Option<String> {
    let authority = after_scheme(url)?.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let is_host = !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || "-.".contains(c));
    is_host.then(|| host.to_lowercase())
}

/// The path of an address, or of what begins with one.
pub(crate) fn path(url: &str) -> Option<&str> {
    let rest = match after_scheme(url) {
        Some(rest) => match rest.find(['/', '?', '#']) {
            Some(at) => &rest[at..],
            None => "/",
        },
        None => url.starts_with('/').then_some(url)?,
    };
    let path = rest.split(['?', '#']).next()?;
    Some(if path.is_empty() { "/" } else { path })
}

fn consent(consent: &ConsentGiven) -> Result<ConsentGiven, LeadError> {
    Ok(ConsentGiven {
        purpose: text("purpose", &consent.purpose, SHORT_MAX_CHARS)?,
        text_version: text("text_version", &consent.text_version, SHORT_MAX_CHARS)?,
        text: text("text", &consent.text, TEXT_MAX_CHARS)?,
        lang: consent.lang,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn path_and_host_are_kept_apart_from_their_addresses() {
        for (url, expected) in [
            (
                "https://novahouse.pl/oferta?utm_source=x#a",
                Some("/oferta"),
            ),
            ("https://novahouse.pl?utm_source=x", Some("/")),
            ("https://novahouse.pl", Some("/")),
            ("/kontakt?x", Some("/kontakt")),
            ("kontakt", None),
            ("javascript://x/%0a", None),
        ] {
            assert_eq!(path(url), expected, "{url}");
        }
        for (url, expected) in [
            (
                "https://User@WWW.Google.com:443/search?q=x",
                Some("www.google.com"),
            ),
            ("http://żółw.pl", Some("żółw.pl")),
            ("android-app://com.example", None),
            ("https://", None),
            ("https://a b/", None),
            ("google.com", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn tags_are_kept_once_and_hold_no_commas() {
        let said = ["pilne".to_owned(), " pilne ".to_owned(), "VIP".to_owned()];
        assert_eq!(tags(&said).unwrap(), ["pilne", "VIP"]);
        for wrong in ["a,b", "", "a\nb", &"x".repeat(51)] {
            assert!(tags(&[wrong.to_owned()]).is_err(), "{wrong:?}");
        }
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        assert!(tags(&many).is_err());
    }

    proptest! {
        #[test]
        fn no_address_makes_reading_panic(url in "\\PC{0,60}") {
            let _ = (path(&url), host(&url));
            let _ = (path(&format!("https://{url}")), host(&format!("https://{url}")));
        }
    }
}
