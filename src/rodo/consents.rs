//! What a person agreed to, wherever they did.

use serde_json::{Value, json};

use super::{Identifier, Person, Purpose, Rodo, RodoError, person};
use crate::accounts::audit;
use crate::chat;
use crate::leads;
use crate::notify::outbox::{self, Refusal, Refused};
use crate::platform::clock::{now_ms, to_rfc3339};
use crate::platform::db::Tx;
use crate::platform::secrets::Secrets;

/// In place of a text's version: a withdrawal by an address stands alone.
const WITHDRAWN: &str = "withdrawn";

/// The newest word of a person on each purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // one a purpose
pub(super) struct Consents {
    /// To be written to for marketing, by e-mail.
    pub(super) email_marketing: bool,
    /// By text message.
    pub(super) sms_marketing: bool,
    /// To be called.
    pub(super) phone: bool,
    /// To the service itself.
    pub(super) data_processing: bool,
    /// When the newest was given or withdrawn, and to which text.
    pub(super) newest: Option<(i64, String)>,
}

impl Consents {
    fn is_given(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Service => self.data_processing,
            Purpose::EmailMarketing => self.email_marketing,
            Purpose::SmsMarketing => self.sms_marketing,
            Purpose::Phone => self.phone,
        }
    }
}

/// One consent or withdrawal.
#[derive(Debug, Clone)]
struct Said {
    purpose: String,
    is_given: bool,
    text_version: String,
    at_ms: i64,
}

impl Rodo {
    /// What a person agreed to; nothing when nothing is kept about them.
    ///
    /// * `actor`: who asks, as in the audit log.
    pub(super) async fn consents(
        &self,
        identifier: Identifier,
        actor: String,
    ) -> Result<Consents, RodoError> {
        let secrets = self.0.secrets.clone();
        let write = self.0.store.write(move |tx| {
            let details = json!({"subject": identifier.pseudonym(&secrets)});
            audit::record(tx, &actor, "consents_checked", None, &details, now_ms())?;
            match person::find(tx, &identifier, &secrets) {
                Err(RodoError::NotFound) => Ok(Consents::default()),
                found => Ok(standing(said_by(tx, &found?)?)),
            }
        });
        write.await
    }

    /// Withdraws the consents to be written to or called of whoever is reached by this. It needs no proof, since giving one
    /// takes none either, and undoes nothing but unasked-for messages; also for an address nobody knows, so that the
    /// answer tells nothing.
    pub(crate) async fn withdraw(&self, reachable: &Identifier) -> Result<(), RodoError> {
        let purposes: &[Purpose] = match reachable {
            Identifier::Email(_) => &[Purpose::EmailMarketing],
            Identifier::Phone(_) => &[Purpose::SmsMarketing, Purpose::Phone],
            Identifier::Session(_) | Identifier::Lead(_) | Identifier::Booking(_) => {
                return Err(RodoError::NotReachable);
            }
        };
        let address = reachable.key();
        let refusals = purposes.iter();
        let refusals = refusals.map(|purpose| Refusal::new(Refused::Purpose(*purpose), &address));
        let refusals: Vec<Refusal> = refusals.collect();
        let write = self.0.store.write(move |tx| {
            for refusal in &refusals {
                outbox::refuse(tx, refusal, now_ms())?;
            }
            Ok::<_, RodoError>(())
        });
        write.await
    }

    /// What the link of a letter refuses; `None` when it is none of ours.
    pub(crate) fn refusal(&self, token: &str) -> Option<Refusal> {
        Refusal::read(token, &self.0.secrets)
    }

    /// Refuses what the link of a letter says.
    pub(crate) async fn refuse(&self, refusal: Refusal) -> Result<(), RodoError> {
        let write = (self.0.store).write(move |tx| outbox::refuse(tx, &refusal, now_ms()));
        Ok(write.await?)
    }
}

/// Whether whoever is reached by an e-mail address or number agreed to a purpose and did not withdraw that. Of several
/// people who share a number nobody knows who agreed, so none did.
pub fn has_consent(
    tx: &mut dyn Tx,
    purpose: Purpose,
    address: &str,
    secrets: &Secrets,
) -> Result<bool, RodoError> {
    let Ok(identifier) = Identifier::parse_reachable(address, secrets) else {
        return Ok(false);
    };
    let person = match person::find(tx, &identifier, secrets) {
        Err(RodoError::NotFound | RodoError::SeveralPeople(_)) => return Ok(false),
        found => found?,
    };
    Ok(standing(said_by(tx, &person)?).is_given(purpose))
}

/// Everything a person said about consents, wherever they did.
fn said_by(tx: &mut dyn Tx, person: &Person) -> Result<Vec<Said>, RodoError> {
    let mut said = Vec::new();
    for session in &person.sessions {
        said.extend(of_session(tx, session)?);
    }
    for id in &person.leads {
        said.extend(of_lead(tx, *id)?);
    }
    // Last, so that of two words of one moment the withdrawal counts.
    for address in person.emails.iter().chain(&person.phones) {
        said.extend(of_address(tx, address)?);
    }
    Ok(said)
}

fn of_address(tx: &mut dyn Tx, address: &str) -> Result<Vec<Said>, RodoError> {
    let mut said = Vec::new();
    for purpose in Purpose::ALL {
        let since = outbox::refused_since(tx, Refused::Purpose(purpose), address)?;
        said.extend(since.map(|at_ms| Said {
            purpose: purpose.as_str().to_owned(),
            is_given: false,
            text_version: WITHDRAWN.to_owned(),
            at_ms,
        }));
    }
    Ok(said)
}

/// The withdrawals of a person's addresses, as they are handed out.
pub(super) fn withdrawals(tx: &mut dyn Tx, person: &Person) -> Result<Vec<Value>, RodoError> {
    let mut told = Vec::new();
    for address in person.emails.iter().chain(&person.phones) {
        let said = of_address(tx, address)?.into_iter();
        told.extend(said.map(|said| {
            json!({
                "purpose": said.purpose,
                "consent_given": said.is_given,
                "address": address,
                "timestamp": to_rfc3339(said.at_ms),
            })
        }));
    }
    Ok(told)
}

fn of_session(tx: &mut dyn Tx, session_id: &str) -> Result<Vec<Said>, RodoError> {
    let given = chat::person::consents_of(tx, session_id)?;
    let said = |consent: chat::person::GivenConsent| Said {
        purpose: consent.purpose,
        is_given: consent.is_given,
        text_version: consent.text_version,
        at_ms: consent.created_at_ms,
    };
    Ok(given.into_iter().map(said).collect())
}

fn of_lead(tx: &mut dyn Tx, id: i64) -> Result<Vec<Said>, RodoError> {
    let lead = leads::find(tx, id)?;
    let consents = lead.map(|lead| lead.consents).unwrap_or_default();
    let said = |consent: leads::Consent| Said {
        purpose: consent.purpose,
        is_given: consent.is_given,
        text_version: consent.text_version,
        at_ms: consent.at_ms,
    };
    Ok(consents.into_iter().map(said).collect())
}

/// The newest word on each purpose counts.
fn standing(mut said: Vec<Said>) -> Consents {
    said.sort_by_key(|said| said.at_ms);
    let mut consents = Consents::default();
    for said in said {
        match Purpose::named(&said.purpose) {
            Some(Purpose::EmailMarketing) => consents.email_marketing = said.is_given,
            Some(Purpose::SmsMarketing) => consents.sms_marketing = said.is_given,
            Some(Purpose::Phone) => consents.phone = said.is_given,
            // Forms name what they ask for in their own words, e.g. `contact`.
            Some(Purpose::Service) | None => consents.data_processing = said.is_given,
        }
        consents.newest = Some((said.at_ms, said.text_version));
    }
    consents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(purpose: &str, is_given: bool, at_ms: i64) -> Said {
        Said {
            purpose: purpose.into(),
            is_given,
            text_version: format!("v{at_ms}"),
            at_ms,
        }
    }

    #[test]
    fn the_newest_word_on_a_purpose_counts_whatever_order_they_come_in() {
        let consents = standing(vec![
            said("marketing", false, 3),
            said("service", true, 1),
            said("email_marketing", true, 2),
            said("sms_marketing", true, 1),
        ]);
        assert!(!consents.email_marketing && consents.sms_marketing);
        assert!(consents.data_processing && !consents.phone);
        assert_eq!(consents.newest, Some((3, "v3".into())));
        assert_eq!(standing(Vec::new()), Consents::default());
    }
}
