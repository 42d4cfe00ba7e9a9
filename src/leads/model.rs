//! What a lead is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Email, Phone};
use crate::chat::SessionId;
use crate::nlu::Lang;
use crate::text_column;

/// Where a lead came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "LeadSource")]
pub enum Source {
    /// The conversation with the assistant.
    Chat,
    /// The contact form, or another program through the API.
    Form,
    /// The quiz.
    Quiz,
    /// A visit that was booked.
    Booking,
    /// A file the team brought.
    Import,
}

/// Why a lead lies in the spam folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "LeadSpamReason")]
pub enum SpamReason {
    /// A field was filled that people do not see.
    Honeypot,
    /// The form was sent sooner than anybody fills it.
    TooFast,
    /// The client had sent much before, and brought no proof of work.
    NoProofOfWork,
    /// Somebody of the team put it there.
    Marked,
}

text_column!(SpamReason {
    Honeypot = "honeypot",
    TooFast = "too_fast",
    NoProofOfWork = "no_proof_of_work",
    Marked = "marked"
});

/// How far the team has come with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "LeadStatus")]
pub enum Status {
    /// Nobody has answered yet.
    New,
    /// Somebody has been in touch.
    Contacted,
    /// What they want is known; a lead of the quiz begins here.
    Qualified,
    /// A meeting is arranged.
    ConsultationBooked,
    /// Became a client.
    Converted,
    /// Will not become one.
    Lost,
}

text_column!(Source { Chat = "chat", Form = "form", Quiz = "quiz", Booking = "booking", Import = "import" });
text_column!(Status {
    New = "new",
    Contacted = "contacted",
    Qualified = "qualified",
    ConsultationBooked = "consultation_booked",
    Converted = "converted",
    Lost = "lost"
});

/// How a person came to the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct Touch {
    /// The page they were on.
    pub page_url: Option<String>,
    /// Its path, without host and parameters.
    #[serde(default)]
    pub path: Option<String>,
    /// The page that led there.
    pub referrer: Option<String>,
    /// Its host, in lower case.
    #[serde(default)]
    pub referrer_host: Option<String>,
    /// Campaign parameters of the page's address.
    #[serde(default)]
    #[oai(default)]
    pub utm: BTreeMap<String, String>,
}

/// A consent as it was just given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentGiven {
    /// What for, e.g. `contact`.
    pub purpose: String,
    /// Which text was shown.
    pub text_version: String,
    /// That text, word for word.
    pub text: String,
    /// Its language.
    pub lang: Lang,
}

/// A consent on record; rows are only added, the newest of a purpose counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What for.
    pub purpose: String,
    /// False: withdrawn.
    pub is_given: bool,
    /// Which text was shown.
    pub text_version: String,
    /// That text, word for word.
    pub text: String,
    /// Its language.
    pub lang: Lang,
    /// Where it was given.
    pub source: Source,
    /// Milliseconds UTC.
    pub at_ms: i64,
}

/// What somebody left. Texts are cleaned and bounded when it is saved.
#[derive(Debug, Clone)]
pub struct NewLead {
    /// The conversation or visit it came from.
    pub session_id: Option<String>,
    /// The client chose that id: it proves nothing.
    pub is_weak_session: bool,
    /// At most 100 characters.
    pub name: String,
    /// One of e-mail and phone is needed.
    pub email: Option<Email>,
    /// One of e-mail and phone is needed.
    pub phone: Option<Phone>,
    /// `standard`, `premium`, `luxury` or in the person's words.
    pub interested_package: Option<String>,
    /// Square metres.
    pub property_size: Option<f64>,
    /// `flat`, `house` … or in the person's words.
    pub property_type: Option<String>,
    /// City or address.
    pub location: Option<String>,
    /// Whole units of the company's currency.
    pub budget: Option<i64>,
    /// In the person's words, 2,000 characters at most.
    pub message: Option<String>,
    /// Anything else that was said, 2,000 characters at most.
    pub additional_info: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// How the person came to the page.
    pub touch: Option<Touch>,
    /// The consent given with it.
    pub consent: Option<ConsentGiven>,
    /// Why it goes to the spam folder, if it does.
    pub spam: Option<SpamReason>,
}

impl NewLead {
    /// A lead with no more than a name.
    pub fn new(name: &str, source: Source) -> Self {
        Self {
            session_id: None,
            is_weak_session: false,
            name: name.to_owned(),
            email: None,
            phone: None,
            interested_package: None,
            property_size: None,
            property_type: None,
            location: None,
            budget: None,
            message: None,
            additional_info: None,
            source,
            touch: None,
            consent: None,
            spam: None,
        }
    }

    /// The same, left in a session.
    #[must_use]
    pub fn in_session(mut self, session: Option<&SessionId>) -> Self {
        self.session_id = session.map(SessionId::to_string);
        self.is_weak_session = session.is_some_and(SessionId::is_weak);
        self
    }
}

/// A part of a lead's score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
pub struct ScoreReason {
    /// What is known, as the field is called.
    pub reason: String,
    /// Points for it.
    pub points: i64,
}

/// A lead as it is on disk; fields as in [`NewLead`] and schema.sql.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Lead {
    pub id: i64,
    pub session_id: Option<String>,
    pub is_weak_session: bool,
    /// It also holds what came from outside its session, so the session's holder may not read it.
    pub is_shared: bool,
    pub name: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub interested_package: Option<String>,
    pub property_size: Option<f64>,
    pub property_type: Option<String>,
    pub location: Option<String>,
    pub budget: Option<i64>,
    pub message: Option<String>,
    pub additional_info: Option<String>,
    pub source: Source,
    pub first_touch: Option<Touch>,
    pub last_touch: Option<Touch>,
    pub status: Status,
    pub lost_reason: Option<String>,
    /// 0 to 100, the sum of its reasons.
    pub score: i64,
    pub score_reasons: Vec<ScoreReason>,
    pub assigned_to: Option<i64>,
    pub notes: Option<String>,
    pub tags: Vec<String>,
    pub consents: Vec<Consent>,
    pub monday_item_id: Option<String>,
    /// Why it lies in the spam folder; `None`: it does not.
    pub spam: Option<SpamReason>,
    pub created_at_ms: i64,
    pub updated_at_ms: i64,
}

/// What came of saving a lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// As it now stands.
    pub lead: Lead,
    /// The person was known: the open lead took it up.
    pub joined: bool,
}
