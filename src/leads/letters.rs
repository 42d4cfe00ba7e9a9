//! Letters a lead causes: to the team, and to the person who left it.

use super::model::{Lead, Saved};
use crate::notify::messages::{LeadConfirmation, LeadTeam, Message};
use crate::notify::outbox::{self, About, NewDelivery, Recipient};
use crate::platform::db::{DbError, Tx};
use crate::quotes;

/// Longest name a letter greets.
const NAME_MAX_CHARS: usize = 60;
/// Whoever comes back is news once an hour: a conversation adds to its lead several times.
const NEWS_EVERY_MS: i64 = 60 * 60 * 1000;
/// Where a time can be chosen.
const BOOK_PAGE: &str = "/book";
/// The team's pages.
const TEAM_PAGE: &str = "/admin";

/// Writes the letters; part of the transaction that saves the lead. What lies in the spam folder causes none.
pub(super) fn queue(tx: &mut dyn Tx, saved: &Saved, now_ms: i64) -> Result<(), DbError> {
    if saved.lead.spam.is_some() {
        return Ok(());
    }
    // The language of the newest consent is the person's, as far as that is known.
    let lang = saved.lead.consents.last().map(|consent| consent.lang);
    let id = saved.lead.id;
    let news = Message::LeadTeam(news(tx, saved)?);
    let key = if saved.joined {
        format!("lead:{id}:again:{}", now_ms / NEWS_EVERY_MS)
    } else {
        format!("lead:{id}:team")
    };
    let about = Some(About::Lead(id));
    let to_team = NewDelivery {
        key,
        message: &news,
        lang: None,
        to: Recipient::Team,
        about,
        calendar: None,
    };
    outbox::queue(tx, &to_team, now_ms)?;
    let Some(email) = saved.lead.email.as_ref().filter(|_| !saved.joined) else {
        return Ok(());
    };
    let name = greeted(&saved.lead.name);
    let confirmation = Message::LeadConfirmation(LeadConfirmation {
        name: name.clone(),
        book_url: Some(BOOK_PAGE.to_owned()),
    });
    let to_person = NewDelivery {
        key: format!("lead:{id}:confirmation"),
        message: &confirmation,
        lang,
        to: Recipient::Person {
            address: email.as_str().to_owned(),
            name: name.unwrap_or_default(),
        },
        about,
        calendar: None,
    };
    outbox::queue(tx, &to_person, now_ms)
}

fn news(tx: &mut dyn Tx, saved: &Saved) -> Result<LeadTeam, DbError> {
    let Saved { lead, joined } = saved;
    let budget = match lead.budget {
        None => None,
        Some(budget) => {
            let currency = quotes::price_list(tx)?.map(|list| list.prices.currency);
            Some(format!("{budget} {}", currency.unwrap_or_default()))
        }
    };
    Ok(LeadTeam {
        name: lead.name.clone(),
        email: lead.email.as_ref().map(|email| email.as_str().to_owned()),
        phone: phone(lead),
        package: lead.interested_package.clone(),
        property_type: lead.property_type.clone(),
        property_size: lead.property_size.map(|m2| m2.to_string()),
        location: lead.location.clone(),
        budget,
        message: lead.message.clone(),
        source: Some(lead.source.as_str().to_owned()),
        score: u8::try_from(lead.score).ok(),
        is_known: *joined,
        url: TEAM_PAGE.to_owned(),
    })
}

fn phone(lead: &Lead) -> Option<String> {
    lead.phone.as_ref().map(|phone| phone.e164().to_owned())
}

/// The name as a letter greets it. Whatever else than a name stands there is left out: the address may be somebody
/// else's, and a letter of ours must not bring them a stranger's words.
pub(crate) fn greeted(name: &str) -> Option<String> {
    let is_of_names = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    let is_name = name.chars().all(is_of_names) && name.chars().count() <= NAME_MAX_CHARS;
    (is_name && !name.trim().is_empty()).then(|| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_name_is_greeted() {
        for name in ["Łucja", "Anna-Maria O’Neil", "van der Berg"] {
            assert_eq!(greeted(name).as_deref(), Some(name));
        }
        for no_name in ["", " ", "Win at www.example.com", "a@b", "+48 500", "a/b"] {
            assert_eq!(greeted(no_name), None, "{no_name}");
        }
        assert_eq!(greeted(&"a".repeat(61)), None);
    }
}
