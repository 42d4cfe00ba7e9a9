//! The shape in which leads leave the server.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::model::{Consent, Lead, ScoreReason, Source, SpamReason, Status, Touch};
use super::{Email, Phone};
use crate::platform::clock::to_rfc3339;

/// A lead.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[allow(missing_docs)]
pub struct LeadView {
    pub id: i64,
    /// The conversation or visit it came from.
    pub session_id: Option<String>,
    pub name: String,
    /// As it was written.
    pub email: Option<String>,
    /// As it was written.
    pub phone: Option<String>,
    /// `standard`, `premium`, `luxury` or in the person's words.
    pub interested_package: Option<String>,
    /// Square metres.
    pub property_size: Option<f64>,
    /// `flat`, `house` … or in the person's words.
    pub property_type: Option<String>,
    pub location: Option<String>,
    /// Whole units of the company's currency.
    pub budget: Option<i64>,
    pub message: Option<String>,
    /// What else was said, also answers that differ from those above.
    pub additional_info: Option<String>,
    pub source: Source,
    /// How the person came the first time.
    pub first_touch: Option<Touch>,
    /// How the person came the last time.
    pub last_touch: Option<Touch>,
    pub status: Status,
    pub lost_reason: Option<String>,
    /// 0 to 100, the sum of its reasons.
    pub score: i64,
    pub score_reasons: Vec<ScoreReason>,
    /// Id of the member of the team who cares for it.
    pub assigned_to: Option<i64>,
    /// The team's own.
    pub notes: Option<String>,
    pub tags: Vec<String>,
    /// In the order they were given.
    pub consents: Vec<LeadConsentView>,
    pub monday_item_id: Option<String>,
    /// It lies in the spam folder.
    pub is_spam: bool,
    /// Why it lies there.
    pub spam_reason: Option<SpamReason>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// A consent on record.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct LeadConsentView {
    /// What for.
    pub purpose: String,
    /// False: withdrawn.
    pub given: bool,
    /// Which text was shown.
    pub text_version: String,
    /// That text, word for word.
    pub text: String,
    /// `pl`, `en` or `de`.
    pub language: String,
    /// Where it was given.
    pub source: Source,
    /// RFC 3339, UTC.
    pub given_at: String,
}

impl From<&Consent> for LeadConsentView {
    fn from(consent: &Consent) -> Self {
        Self {
            purpose: consent.purpose.clone(),
            given: consent.is_given,
            text_version: consent.text_version.clone(),
            text: consent.text.clone(),
            language: consent.lang.code().into(),
            source: consent.source,
            given_at: to_rfc3339(consent.at_ms),
        }
    }
}

impl From<&Lead> for LeadView {
    fn from(lead: &Lead) -> Self {
        Self {
            id: lead.id,
            session_id: lead.session_id.clone(),
            name: lead.name.clone(),
            email: lead.email.as_ref().map(Email::to_string),
            phone: lead.phone.as_ref().map(Phone::to_string),
            interested_package: lead.interested_package.clone(),
            property_size: lead.property_size,
            property_type: lead.property_type.clone(),
            location: lead.location.clone(),
            budget: lead.budget,
            message: lead.message.clone(),
            additional_info: lead.additional_info.clone(),
            source: lead.source,
            first_touch: lead.first_touch.clone(),
            last_touch: lead.last_touch.clone(),
            status: lead.status,
            lost_reason: lead.lost_reason.clone(),
            score: lead.score,
            score_reasons: lead.score_reasons.clone(),
            assigned_to: lead.assigned_to,
            notes: lead.notes.clone(),
            tags: lead.tags.clone(),
            consents: lead.consents.iter().map(LeadConsentView::from).collect(),
            monday_item_id: lead.monday_item_id.clone(),
            is_spam: lead.spam.is_some(),
            spam_reason: lead.spam,
            created_at: to_rfc3339(lead.created_at_ms),
            updated_at: to_rfc3339(lead.updated_at_ms),
        }
    }
}
