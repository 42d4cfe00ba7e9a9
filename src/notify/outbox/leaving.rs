//! What a message becomes when it leaves: its addresses whole, its links proven, and who answers or wants no more.

use serde_json::Value;

use super::refusal;
use crate::accounts;
use crate::notify::mail::{HeaderText, Person, UnsubscribeUrl};
use crate::notify::messages::{FollowUp, Invitation, Message, PasswordReset};
use crate::platform::secrets::Secrets;

/// The message with its links proven and the addresses of this server whole.
///
/// * `address`: whom it goes to.
pub(super) fn as_it_leaves(
    message: &Message,
    address: &str,
    base_url: &str,
    secrets: &Secrets,
) -> Message {
    at_home(&with_proof(message, address, secrets), base_url)
}

/// Whom the answer to a letter goes to, when that is not the company: the team answers the person it reads about.
pub(super) fn answered_to(message: &Message) -> Option<Person> {
    let (name, email) = match message {
        Message::LeadTeam(lead) => (&lead.name, &lead.email),
        Message::BookingTeam(booking) => (&booking.visit.name, &booking.email),
        _ => return None,
    };
    Some(Person {
        address: email.as_deref()?.parse().ok()?,
        name: HeaderText::clean(name),
    })
}

/// Where whoever gets the message can say that they want none like it, if they can.
pub(super) fn unsubscribe_url(message: &Message) -> Option<UnsubscribeUrl> {
    match message {
        Message::FollowUp(FollowUp {
            unsubscribe_url, ..
        }) => UnsubscribeUrl::parse(unsubscribe_url.as_deref()?),
        _ => None,
    }
}

/// The message with the links that are proven only when they leave.
fn with_proof(message: &Message, address: &str, secrets: &Secrets) -> Message {
    let mut message = message.clone();
    let refusal_path = refusal::path(message.name(), address, secrets);
    match &mut message {
        Message::Invitation(Invitation { url, .. })
        | Message::PasswordReset(PasswordReset { url, .. }) => {
            *url = accounts::proven(url, secrets);
        }
        Message::FollowUp(FollowUp {
            unsubscribe_url, ..
        }) => *unsubscribe_url = refusal_path,
        _ => {}
    }
    message
}

/// The message with whole addresses in place of those of this server (`/admin`).
fn at_home(message: &Message, base_url: &str) -> Message {
    let whole = |mut json: Value| {
        for (name, value) in json.get_mut("values")?.as_object_mut()? {
            let is_address = name == "url" || name.ends_with("_url");
            if let (true, Some(path)) = (is_address, value.as_str())
                && path.starts_with('/')
            {
                *value = format!("{base_url}{path}").into();
            }
        }
        serde_json::from_value(json).ok()
    };
    let json = serde_json::to_value(message).ok();
    json.and_then(whole).unwrap_or_else(|| message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::messages::LeadConfirmation;

    #[test]
    fn addresses_of_this_server_become_whole_and_others_stay() {
        let book = |url: &str| {
            Message::LeadConfirmation(LeadConfirmation {
                name: Some("/not/an/address".into()),
                book_url: Some(url.into()),
            })
        };
        let whole = |url| at_home(&book(url), "https://example.com");
        assert_eq!(whole("/book"), book("https://example.com/book"));
        assert_eq!(
            whole("https://other.example/"),
            book("https://other.example/")
        );
    }
}
