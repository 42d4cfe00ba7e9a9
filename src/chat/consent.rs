//! Consents of visitors: rows are only added, the newest of a purpose counts.

use super::ChatError;
use super::service::Chat;
use super::session::VisitorSession;
use super::store::{self, ConsentRow};
use crate::nlu::Lang;
use crate::platform::clock::now_ms;
use crate::platform::http::{ClientAddress, clean_text};
use crate::rodo::Purpose;

const TEXT_VERSION_MAX_CHARS: usize = 50;

/// A consent as a visitor gives or withdraws it, checked.
pub(super) struct GiveConsent {
    purpose: String,
    is_given: bool,
    text_version: String,
    lang: Lang,
}

impl GiveConsent {
    /// Errors: an unknown purpose, or a text version that is too long.
    pub(super) fn parse(
        purpose: &str,
        is_given: bool,
        text_version: &str,
        lang: Lang,
    ) -> Result<Self, ChatError> {
        if Purpose::named(purpose).is_none() {
            let known = Purpose::ALL.map(Purpose::as_str).join(", ");
            return Err(ChatError::Field(
                "purpose",
                format!("must be one of {known}"),
            ));
        }
        Ok(Self {
            purpose: purpose.to_owned(),
            is_given,
            text_version: clean_text(text_version, TEXT_VERSION_MAX_CHARS)
                .map_err(|why| ChatError::Text("text_version", why))?,
            lang,
        })
    }
}

impl Chat {
    /// Adds a consent or its withdrawal.
    pub(super) async fn give_consent(
        &self,
        visitor: &VisitorSession,
        consent: GiveConsent,
        address: ClientAddress,
    ) -> Result<(), ChatError> {
        let row = ConsentRow {
            session_id: visitor.as_str().to_owned(),
            purpose: consent.purpose,
            is_given: consent.is_given,
            text_version: consent.text_version,
            lang: consent.lang,
            address_truncated: address.truncated(),
            created_at_ms: now_ms(),
        };
        Ok(self
            .store
            .write(move |tx| store::insert_consent(tx, &row))
            .await?)
    }

    /// The consents of a session, the newest first.
    pub(super) async fn consents(&self, session_id: String) -> Result<Vec<ConsentRow>, ChatError> {
        Ok(self
            .store
            .read(move |tx| store::consents(tx, &session_id))
            .await?)
    }

    /// A page of all consents, and how many there are.
    pub(super) async fn all_consents(
        &self,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<ConsentRow>, i64), ChatError> {
        Ok(self
            .store
            .read(move |tx| store::all_consents(tx, limit, offset))
            .await?)
    }
}
