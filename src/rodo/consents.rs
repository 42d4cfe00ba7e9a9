//! What a person agreed to, wherever they did.

use super::{Identifier, Rodo, RodoError, person};
use crate::chat;
use crate::leads;
use crate::platform::db::Tx;

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
    pub(super) async fn consents(&self, identifier: Identifier) -> Result<Consents, RodoError> {
        let secrets = self.0.secrets.clone();
        let read = self.0.store.read(move |tx| {
            let person = match person::find(tx, &identifier, &secrets) {
                Err(RodoError::NotFound) => return Ok(Consents::default()),
                found => found?,
            };
            let mut said = Vec::new();
            for session in &person.sessions {
                said.extend(of_session(tx, session)?);
            }
            for id in &person.leads {
                said.extend(of_lead(tx, *id)?);
            }
            Ok(standing(said))
        });
        read.await
    }
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

/// The newest word on each purpose counts. `marketing`, as v2.3 called it, is by e-mail.
fn standing(mut said: Vec<Said>) -> Consents {
    said.sort_by_key(|said| said.at_ms);
    let mut consents = Consents::default();
    for said in said {
        match said.purpose.as_str() {
            "marketing" | "email_marketing" => consents.email_marketing = said.is_given,
            "sms_marketing" => consents.sms_marketing = said.is_given,
            "phone" => consents.phone = said.is_given,
            _ => consents.data_processing = said.is_given,
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
